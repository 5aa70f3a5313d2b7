package e2e_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkSignIn is what it costs the server to let a miner in.
func BenchmarkSignIn(b *testing.B) {
	const connections = 2000
	for _, kind := range []string{"plain", "TLS"} {
		b.Run(kind, func(b *testing.B) {
			dial := net.Dial
			if kind == "TLS" {
				dial = dialTLS
			}
			pool, _ := securePool(b)
			time.Sleep(2 * time.Second)
			before := cpuTime(b, pool.cmd.Process.Pid)
			for i := range connections {
				conn, err := dial("tcp", pool.Stratum)
				if err != nil {
					b.Fatal(err)
				}
				defer conn.Close()
				signInOn(b, conn, fmt.Sprint(goodAccount, ".", i))
			}
			b.ReportMetric(float64((cpuTime(b, pool.cmd.Process.Pid)-before).Microseconds())/connections, "cpu-µs/sign-in")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// dialTLS does not check the certificate: it is made by the test.
func dialTLS(network, address string) (net.Conn, error) {
	return tls.Dial(network, address, &tls.Config{InsecureSkipVerify: true})
}

func overTLS(conn net.Conn) *tls.Conn {
	return tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
}

// signInOn signs in and waits for work.
func signInOn(b testing.TB, conn net.Conn, user string) {
	b.Helper()
	fmt.Fprintf(conn, "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}\n{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"%s\",\"x\"]}\n", user)
	in := bufio.NewReader(conn)
	for range 4 { // two answers, difficulty, job
		if _, err := in.ReadString('\n'); err != nil {
			b.Fatal(err)
		}
	}
}

// securePool is a pool on the embedded coin with a certificate.
func securePool(b testing.TB) (pool *poolProcess, dir string) {
	b.Helper()
	rpc, address := embeddedCoin(b)
	dir = b.TempDir()
	initPool(b, dir, "bitcoin", rpc, address, "--difficulty", "1e-9", "--vardiff=off")
	writeCertificate(b, dir)
	setServer(b, dir, `"certificate": ""`, `"certificate": "fullchain.pem"`)
	setServer(b, dir, `"key": ""`, `"key": "privkey.pem"`)
	return startPool(b, "serve", "--dir", dir), dir
}

// setServer changes a line of server.json.
func setServer(b testing.TB, dir, old, now string) {
	b.Helper()
	name := filepath.Join(dir, "server.json")
	text, err := os.ReadFile(name)
	if err != nil || !strings.Contains(string(text), old) {
		b.Fatalf("%s has no %s: %v", name, old, err)
	}
	if err := os.WriteFile(name, []byte(strings.Replace(string(text), old, now, 1)), 0o644); err != nil {
		b.Fatal(err)
	}
}

// writeCertificate writes fullchain.pem and privkey.pem, as certbot names them.
func writeCertificate(b testing.TB, dir string) {
	b.Helper()
	writeCertificateUntil(b, dir, time.Now().Add(60*24*time.Hour))
}

func writeCertificateUntil(b testing.TB, dir string, until time.Time) {
	b.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), DNSNames: []string{"pool.example"},
		NotBefore: until.Add(-90 * 24 * time.Hour), NotAfter: until,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		b.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		b.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"fullchain.pem": {Type: "CERTIFICATE", Bytes: der}, "privkey.pem": {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			b.Fatal(err)
		}
	}
}
