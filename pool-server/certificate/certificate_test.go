package certificate_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/certificate"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

// issue makes a certificate with that serial number and its key, in PEM.
func issue(t testing.TB, serial int64, until time.Time) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "pool.example"}, DNSNames: []string{"pool.example"},
		NotBefore: until.Add(-48 * time.Hour), NotAfter: until,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}

func write(t testing.TB, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsWrongWithTheFilesIsSaid(t *testing.T) {
	dir := t.TempDir()
	files := certificate.Files{Certificate: filepath.Join(dir, "fullchain.pem"), Key: filepath.Join(dir, "privkey.pem")}
	cert, key := issue(t, 1, time.Now().Add(time.Hour))
	_, otherKey := issue(t, 2, time.Now().Add(time.Hour))
	oldCert, oldKey := issue(t, 3, time.Now().Add(-time.Hour))
	for _, tt := range []struct {
		name      string
		cert, key []byte
		want      string
	}{
		{"no certificate", nil, key, "read the certificate: "},
		{"no key", cert, nil, "read the certificate's key: "},
		{"a key that does not fit", cert, otherKey, "private key does not match public key"},
		{"the files in each other's place", key, cert, "PEM inputs may have been switched"},
		{"no PEM", []byte("x"), key, "failed to find any PEM data in certificate"},
		{"out of date", oldCert, oldKey, "out of date since"},
		{"all well", cert, key, ""},
	} {
		os.Remove(files.Certificate)
		os.Remove(files.Key)
		if tt.cert != nil {
			write(t, files.Certificate, tt.cert)
		}
		if tt.key != nil {
			write(t, files.Key, tt.key)
		}
		_, err := files.Read()
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
		_, err = certificate.Open(files, slog.New(slog.DiscardHandler))
		if usable := tt.want == "" || tt.name == "out of date"; usable != (err == nil) {
			t.Errorf("%s: Open = %v", tt.name, err)
		}
	}
}

func TestExpiredIsToldApart(t *testing.T) {
	dir := t.TempDir()
	files := certificate.Files{Certificate: filepath.Join(dir, "c"), Key: filepath.Join(dir, "k")}
	cert, key := issue(t, 1, time.Now().Add(-time.Hour))
	write(t, files.Certificate, cert)
	write(t, files.Key, key)
	_, err := files.Read()
	var expired *certificate.Expired
	if !errors.As(err, &expired) || time.Since(expired.At) < 59*time.Minute {
		t.Errorf("got %v", err)
	}
}

// TestRenewedFilesAreTakenOverAndBrokenOnesAreNot renews as certbot does, by links
// that are moved to new files.
func TestRenewedFilesAreTakenOverAndBrokenOnesAreNot(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		files := certificate.Files{Certificate: filepath.Join(dir, "fullchain.pem"), Key: filepath.Join(dir, "privkey.pem")}
		archive := func(name string, content []byte) {
			write(t, filepath.Join(dir, name), content)
		}
		link := func(name, to string) {
			t.Helper()
			if err := os.Symlink(to, filepath.Join(dir, "new")); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(filepath.Join(dir, "new"), name); err != nil {
				t.Fatal(err)
			}
		}
		soon := time.Now().Add(24 * time.Hour)
		cert1, key1 := issue(t, 1, soon)
		cert2, key2 := issue(t, 2, soon.Add(time.Hour))
		past, pastKey := issue(t, 3, time.Now().Add(-time.Hour))
		for name, content := range map[string][]byte{"c1": cert1, "k1": key1, "c2": cert2, "k2": key2, "c3": past, "k3": pastKey} {
			archive(name, content)
		}
		link(files.Certificate, "c1")
		link(files.Key, "k1")
		log := &pooltest.Log{}
		c, err := certificate.Open(files, slog.New(slog.NewTextHandler(log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- c.Run(ctx) }()

		time.Sleep(5 * time.Second) // from here on there is one look in each 10 s
		serves := func(serial int64) {
			t.Helper()
			time.Sleep(10 * time.Second)
			handed, err := c.Config().GetCertificate(nil)
			if err != nil || handed.Leaf.SerialNumber.Int64() != serial {
				t.Errorf("serves certificate %v, %v, want %d", handed.Leaf.SerialNumber, err, serial)
			}
		}
		serves(1)
		link(files.Certificate, "c2") // the key follows a moment later
		serves(1)
		if strings.Count(log.String(), "of no use") != 0 {
			t.Error("a renewal under way was told as a fault")
		}
		link(files.Key, "k2")
		serves(2)
		archive("c2", []byte("half of a cert"))
		for range 20 {
			serves(2)
		}
		if got := strings.Count(log.String(), "of no use"); got != 1 {
			t.Errorf("a broken file was told %d times, want once", got)
		}
		archive("c2", cert2)
		serves(2)
		link(files.Certificate, "c3")
		link(files.Key, "k3")
		for range 3 {
			serves(2)
		}
		if got := strings.Count(log.String(), "out of date"); got != 1 {
			t.Errorf("a certificate that is out of date was told %d times, want once", got)
		}
		link(files.Certificate, "c1")
		link(files.Key, "k1")
		serves(1)
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
}

// TestHandshakes holds that the key works for each kind of client although it stands
// behind a queue.
func TestHandshakes(t *testing.T) {
	dir := t.TempDir()
	files := certificate.Files{Certificate: filepath.Join(dir, "c"), Key: filepath.Join(dir, "k")}
	for _, kind := range []string{"ECDSA", "RSA"} {
		cert, key := issue(t, 1, time.Now().Add(time.Hour))
		if kind == "RSA" {
			cert, key = issueRSA(t)
		}
		write(t, files.Certificate, cert)
		write(t, files.Key, key)
		c, err := certificate.Open(files, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			if err := handshake(t, c.Config(), version); err != nil {
				t.Errorf("%s, version %x: %v", kind, version, err)
			}
		}
		if err := handshake(t, c.Config(), tls.VersionTLS11); err == nil {
			t.Error("TLS 1.1 was spoken")
		}
	}
}

func issueRSA(t testing.TB) (cert, key []byte) {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"pool.example"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(private)})
}

// handshake is one over a pipe.
func handshake(t testing.TB, c *tls.Config, version uint16) error {
	t.Helper()
	ours, theirs := net.Pipe()
	server := tls.Server(theirs, c)
	done := make(chan error, 1)
	go func() {
		_, err := io.WriteString(server, "hello")
		done <- err
		server.Close()
	}()
	client := tls.Client(ours, &tls.Config{InsecureSkipVerify: true, MinVersion: version, MaxVersion: version})
	said, err := io.ReadAll(io.LimitReader(client, 5))
	ours.Close()
	if serverErr := <-done; err == nil && string(said) == "hello" {
		return serverErr
	}
	return err
}

// BenchmarkHandshake is both sides' work for one connection.
func BenchmarkHandshake(b *testing.B) {
	dir := b.TempDir()
	files := certificate.Files{Certificate: filepath.Join(dir, "c"), Key: filepath.Join(dir, "k")}
	for _, kind := range []string{"ECDSA", "RSA"} {
		cert, key := issue(b, 1, time.Now().Add(time.Hour))
		if kind == "RSA" {
			cert, key = issueRSA(b)
		}
		write(b, files.Certificate, cert)
		write(b, files.Key, key)
		c, err := certificate.Open(files, slog.New(slog.DiscardHandler))
		if err != nil {
			b.Fatal(err)
		}
		server := c.Config()
		b.Run(kind, func(b *testing.B) {
			for b.Loop() {
				if err := handshake(b, server, tls.VersionTLS13); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
