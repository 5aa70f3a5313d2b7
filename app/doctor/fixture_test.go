package doctor_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/doctor"
	"github.com/adit-mining/adit/pool-server/poolapi"
)

// authority signs certificates.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{}
	a.key, a.cert = certificate(t, nil, &x509.Certificate{
		Subject: pkix.Name{CommonName: "Test authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Now().AddDate(-20, 0, 0), NotAfter: time.Now().AddDate(20, 0, 0),
	})
	return a
}

func (a *authority) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// sign makes a certificate for 127.0.0.1 or, with names, for those.
func (a *authority) sign(t *testing.T, from, until time.Time, names ...string) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{Subject: pkix.Name{CommonName: "pool"}, NotBefore: from, NotAfter: until, DNSNames: names}
	if len(names) == 0 {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	key, cert := certificate(t, a, template)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}

func certificate(t *testing.T, by *authority, template *x509.Certificate) (*ecdsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	parent, signer := template, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return key, cert
}

// serve starts a website, with TLS if it has a certificate.
func serve(t *testing.T, cert *tls.Certificate, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(handler)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	if cert == nil {
		s.Start()
	} else {
		s.TLS = &tls.Config{Certificates: []tls.Certificate{*cert}}
		s.StartTLS()
	}
	t.Cleanup(s.Close)
	return s
}

// describe answers with a pool's description, its clock off by skew.
func describe(info poolapi.PoolInfo, skew time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != poolapi.InfoPath {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Date", time.Now().Add(skew).UTC().Format(http.TimeFormat))
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(info)
	}
}

// pool is a description with ports of one coin each.
func pool(ports ...string) poolapi.PoolInfo {
	info := poolapi.PoolInfo{Version: poolapi.Version, Name: "Example pool"}
	for _, p := range ports {
		info.Coins = append(info.Coins, poolapi.CoinInfo{Name: "Litecoin", Ports: []poolapi.PortInfo{{URL: p}}})
	}
	return info
}

// stratum starts a port and returns its host and port. talk gets the first line of
// each connection that sends one, and the connection ends when it returns.
func stratum(t *testing.T, cert *tls.Certificate, talk func(line string, conn net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // the test is over
			}
			if cert != nil {
				conn = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{*cert}})
			}
			go func() {
				defer conn.Close()
				line, err := bufio.NewReader(conn).ReadString('\n')
				if err == nil {
					talk(line, conn)
				}
			}()
		}
	}()
	return listener.Addr().String()
}

// welcome answers as a pool does, with a job before the answer.
func welcome(_ string, conn net.Conn) {
	_, _ = io.WriteString(conn, `{"id":null,"method":"mining.set_difficulty","params":[1]}`+"\n"+
		`{"id":1,"result":[[["mining.notify","1"]],"00000001",4],"error":null}`+"\n")
}

// closedPort returns an address at which nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// of returns the findings of one check.
func of(findings []doctor.Finding, check string) (its []doctor.Finding) {
	for _, f := range findings {
		if f.Check == check {
			its = append(its, f)
		}
	}
	return its
}

// want checks that a check had one finding, with that level and code.
func want(t *testing.T, findings []doctor.Finding, check string, level doctor.Level, code string) {
	t.Helper()
	its := of(findings, check)
	if len(its) != 1 || its[0].Level != level || its[0].Code != code {
		t.Errorf("%s: got %+v, want %s %s", check, its, level, code)
	}
}
