package e2e_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

// TestMinersSpeakTLSAndPlainOnOnePort mines through both, and renews the certificate
// meanwhile.
func TestMinersSpeakTLSAndPlainOnOnePort(t *testing.T) {
	t.Parallel()
	pool, dir := securePool(t)
	client, err := poolapi.NewClient(pool.Site)
	if err != nil {
		t.Fatal(err)
	}
	info, err := client.Info(t.Context())
	if err != nil || len(info.Coins) != 1 || len(info.Coins[0].Ports) != 2 ||
		info.Coins[0].Ports[0].URL != "stratum+tcp://"+pool.Stratum || info.Coins[0].Ports[1].URL != "stratum+ssl://"+pool.Stratum {
		t.Fatalf("got %+v, %v; want a plain and a TLS address", info, err)
	}
	plain := dialWhenReady(t, pool.Stratum, goodAccount+".plain", pow.SHA256d)
	conn, serial := dialSerial(t, pool.Stratum)
	sealed, err := pooltest.NewMiner(conn, goodAccount+".sealed", pow.SHA256d)
	if err != nil {
		t.Fatal(err)
	}
	defer sealed.Close()
	writeCertificate(t, dir)
	eventually(t, 40*time.Second, "the new certificate is in use", func() bool {
		conn, now := dialSerial(t, pool.Stratum)
		conn.Close()
		return now != serial
	})
	for name, m := range map[string]*pooltest.Miner{"plain": plain, "TLS": sealed} {
		for m.Acknowledged < 5 { // a block makes the work of its share stale
			if _, err := m.Mine(); err != nil {
				t.Fatalf("%s, after the certificate was renewed: %v", name, err)
			}
		}
	}
	pool.stop(t)
}

// dialSerial connects with TLS and tells the serial number of the certificate.
func dialSerial(t testing.TB, address string) (net.Conn, string) {
	t.Helper()
	conn, err := dialTLS("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return conn, conn.(*tls.Conn).ConnectionState().PeerCertificates[0].SerialNumber.String()
}

// TestCheckTellsWhatIsWrongWithTheCertificate has the files as operators get them wrong.
func TestCheckTellsWhatIsWrongWithTheCertificate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rpc, address := embeddedCoin(t)
	initPool(t, dir, "bitcoin", rpc, address)
	setServer(t, dir, `"certificate": ""`, `"certificate": "fullchain.pem"`)
	setServer(t, dir, `"key": ""`, `"key": "privkey.pem"`)
	other := t.TempDir()
	writeCertificate(t, other)
	for _, step := range []struct {
		want string
		do   func()
	}{
		{"server.json:", func() {}},
		{"no such file", func() {}},
		{"everybody can read", func() { writeCertificate(t, dir); os.Chmod(filepath.Join(dir, "privkey.pem"), 0o644) }},
		{"does not match", func() {
			text, err := os.ReadFile(filepath.Join(other, "privkey.pem"))
			if err != nil {
				t.Fatal(err)
			}
			os.WriteFile(filepath.Join(dir, "privkey.pem"), text, 0o600)
			os.Chmod(filepath.Join(dir, "privkey.pem"), 0o600)
		}},
		{"it ends on", func() { writeCertificateUntil(t, dir, time.Now().Add(time.Hour)) }},
		{"out of date since", func() { writeCertificateUntil(t, dir, time.Now().Add(-time.Minute)) }},
		{"", func() { writeCertificate(t, dir) }},
	} {
		step.do()
		_, stderr, err := command(t, "adit-pool", "check", "--offline", "--dir", dir)
		if (err == nil) != (step.want == "") || !strings.Contains(stderr, step.want) {
			t.Errorf("got %v, %q; want %q", err, stderr, step.want)
		}
	}
}

// TestTooFewOpenFilesAreTold gives the pool fewer files than connections.
func TestTooFewOpenFilesAreTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rpc, address := embeddedCoin(t)
	initPool(t, dir, "bitcoin", rpc, address)
	out, err := exec.Command("sh", "-c", `ulimit -n 1500 && exec "$0" check --offline --dir "$1"`, program(t, "adit-pool"), dir).CombinedOutput()
	if want := "this system allows 1500 open files"; err != nil || !strings.Contains(string(out), want) {
		t.Errorf("got %v, %s, want %q", err, out, want)
	}
}

// proxyAddress is where the proxy of these tests connects from.
const proxyAddress = "127.0.0.2"

// proxiedPool is a pool behind a proxy.
func proxiedPool(t testing.TB) *poolProcess {
	t.Helper()
	rpc, address := embeddedCoin(t)
	dir := t.TempDir()
	initPool(t, dir, "bitcoin", rpc, address, "--difficulty", "1e-9", "--vardiff=off")
	setServer(t, dir, `"proxies": []`, `"proxies": ["`+proxyAddress+`"]`)
	return startPool(t, "serve", "--dir", dir)
}

// dialBehind connects through the proxy as a miner from an address.
func dialBehind(address, from string) (net.Conn, error) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(proxyAddress)}, Timeout: 10 * time.Second}
	conn, err := dialer.Dial("tcp", address)
	if err == nil {
		_, err = fmt.Fprintf(conn, "PROXY TCP4 %s 192.0.2.1 4000 3333\r\n", from)
	}
	return conn, err
}

func TestMinersBehindAProxyAreKnownByTheirOwnAddress(t *testing.T) {
	t.Parallel()
	pool := proxiedPool(t)
	mine := func(from string) error {
		conn, err := dialBehind(pool.Stratum, from)
		if err != nil {
			return err
		}
		m, err := pooltest.NewMiner(conn, goodAccount, pow.SHA256d)
		if err != nil {
			return err
		}
		defer m.Close()
		_, err = m.Mine()
		return err
	}
	eventually(t, 30*time.Second, "a miner behind the proxy mines", func() bool { return mine("198.51.100.7") == nil })
	conn, err := dialBehind(pool.Stratum, "198.51.100.8")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, strings.Repeat("garbage\n", 20))
	eventually(t, 20*time.Second, "the log names who is banned", func() bool {
		return strings.Contains(pool.log.String(), "address=198.51.100.8:4000")
	})
	if err := mine("198.51.100.8"); err == nil {
		t.Error("a banned address mines")
	}
	if err := mine("198.51.100.9"); err != nil {
		t.Errorf("another miner behind the same proxy: %v", err)
	}
	pool.stop(t)
}

// BenchmarkReturn is the return of miners after a restart, 10,000 at once: 6,000 from
// as many addresses and a farm of 4,000 behind one. A program that is refused tries
// again a second later. It measures how long until all have a share accepted, and how
// many were refused meanwhile.
func BenchmarkReturn(b *testing.B) {
	const single, farm = 6000, 4000
	pool := proxiedPool(b)
	before := cpuTime(b, pool.cmd.Process.Pid)
	began := time.Now()
	var all sync.WaitGroup
	var mu sync.Mutex
	refused := 0
	for i := range single + farm {
		from := "203.0.113.1"
		if i < single {
			from = fmt.Sprintf("10.0.%d.%d", i/250, i%250+1)
		}
		all.Go(func() {
			for {
				conn, err := returned(pool.Stratum, from, i)
				if err == nil {
					b.Cleanup(func() { conn.Close() })
					return
				}
				mu.Lock()
				refused++
				mu.Unlock()
				if time.Since(began) > 3*time.Minute {
					b.Errorf("miner %d is not back: %v", i, err)
					return
				}
				time.Sleep(time.Second)
			}
		})
	}
	all.Wait()
	b.ReportMetric(time.Since(began).Seconds(), "all-back-s")
	b.ReportMetric(float64(refused), "refused")
	b.ReportMetric(float64((cpuTime(b, pool.cmd.Process.Pid)-before).Microseconds())/(single+farm), "cpu-µs/miner")
	b.ReportMetric(float64(strings.Count(pool.log.String(), "address banned")), "bans")
	b.ReportMetric(0, "ns/op")
}

var errShare = errors.New("share refused")

// returned signs in and has a share accepted.
func returned(address, from string, i int) (*pooltest.Miner, error) {
	conn, err := dialBehind(address, from)
	if err != nil {
		return nil, err
	}
	m, err := pooltest.NewMiner(conn, fmt.Sprint(goodAccount, ".", i), pow.SHA256d)
	if err != nil {
		return nil, err
	}
	if ok, err := m.Mine(); err != nil || !ok {
		m.Close()
		return nil, errors.Join(errShare, err)
	}
	return m, nil
}
