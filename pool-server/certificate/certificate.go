// Package certificate keeps a TLS certificate that lies in two files, as certbot and
// other programs write and renew it, and takes over new ones while the server runs.
//
// Open reads the files once; Run, which the caller starts and ends, looks at them
// again and again and owns no other goroutine. Connections that are open go on with
// what they began with. Files that are of no use change nothing: the certificate that
// was read last stays, and the log says what is wrong.
package certificate

import (
	"bytes"
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"sync/atomic"
	"time"
)

// lookEvery is how often Run reads the files. It compares what is in them: times
// and names say too little where a renewal only moves a link.
const lookEvery = 10 * time.Second

// Files are the two files, in the form of PEM.
type Files struct {
	Certificate string // the certificate, and after it those that signed it
	Key         string // its private key, not encrypted
}

// Expired is why a certificate that fits is nevertheless of no use, or soon.
type Expired struct{ At time.Time }

func (e *Expired) Error() string {
	return "the certificate has been out of date since " + e.At.UTC().Format(time.DateTime) + " UTC: renew it"
}

// Read reads the files and says what is wrong with them. With an *Expired it returns
// the certificate, too.
func (f Files) Read() (*tls.Certificate, error) {
	pair, err := f.contents()
	if err != nil {
		return nil, err
	}
	return pair.parse()
}

// pair is what is in the files.
type pair struct{ certificate, key []byte }

func (f Files) contents() (p pair, err error) {
	if p.certificate, err = os.ReadFile(f.Certificate); err != nil {
		return p, fmt.Errorf("read the certificate: %w", err)
	}
	if p.key, err = os.ReadFile(f.Key); err != nil {
		return p, fmt.Errorf("read the certificate's key: %w", err)
	}
	return p, nil
}

func (p pair) equal(other pair) bool {
	return bytes.Equal(p.certificate, other.certificate) && bytes.Equal(p.key, other.key)
}

func (p pair) parse() (*tls.Certificate, error) {
	c, err := tls.X509KeyPair(p.certificate, p.key)
	if err != nil {
		return nil, fmt.Errorf("the certificate and its key: %w", err)
	}
	// Nobody but us has a look at the leaf once it is checked.
	if at := c.Leaf.NotAfter; time.Now().After(at) {
		return &c, &Expired{at}
	}
	return &c, nil
}

// Certificate is what the files held when they were last of use.
type Certificate struct {
	files   Files
	log     *slog.Logger
	seen    pair // read last; Run's
	current atomic.Pointer[tls.Certificate]
	turns   chan struct{} // see signer
}

// Open reads the files. A certificate that is out of date is told in the log only:
// most mining programs do not look at the date, and a pool that does not start
// serves nobody.
func Open(f Files, log *slog.Logger) (*Certificate, error) {
	p, err := f.contents()
	if err != nil {
		return nil, err
	}
	parsed, err := p.parse()
	var expired *Expired
	switch {
	case errors.As(err, &expired):
		log.Error("miners that check the pool's certificate will not connect", "err", err)
	case err != nil:
		return nil, err
	}
	c := &Certificate{files: f, log: log, seen: p, turns: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))}
	c.take(parsed)
	return c, nil
}

// take makes parsed the certificate of connections to come.
func (c *Certificate) take(parsed *tls.Certificate) {
	if key, ok := parsed.PrivateKey.(crypto.Signer); ok {
		parsed.PrivateKey = &signer{key, c.turns}
	}
	c.current.Store(parsed)
}

// Leaf is the certificate that is in use.
func (c *Certificate) Leaf() *x509.Certificate { return c.current.Load().Leaf }

// Config is for servers: it always hands out the newest certificate. Sessions can
// be resumed, which spares both sides most of a handshake.
func (c *Certificate) Config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current.Load(), nil },
		// Records as large as what is said in one go: a job is one record, not three.
		DynamicRecordSizingDisabled: true,
	}
}

// Run looks at the files until ctx ends.
func (c *Certificate) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	complaint := ""
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			complaint = c.look(complaint)
		}
	}
}

// look takes over files that have changed. It returns what is wrong with them, if
// that is to be told the next time: one of two files may be written a moment before
// the other.
func (c *Certificate) look(before string) (complaint string) {
	p, err := c.files.contents()
	if err == nil && p.equal(c.seen) {
		return ""
	}
	var parsed *tls.Certificate
	if err == nil {
		parsed, err = p.parse()
	}
	if err == nil {
		c.seen = p
		c.take(parsed)
		c.log.Info("a new certificate is in use", "until", parsed.Leaf.NotAfter)
		return ""
	}
	switch text := err.Error(); {
	case before == "":
		return text
	case before == text:
		c.log.Error("the new certificate is of no use; the old one stays", "err", err, "until", c.Leaf().NotAfter)
		return told + text
	case before == told+text:
		return before
	default:
		return text
	}
}

// told marks a complaint that the log has.
const told = "told: "

// signer keeps handshakes, of which the signature is nearly all of the work, to half
// of the processors: a thousand miners that come back at once must not hold up the
// shares of the others.
type signer struct {
	crypto.Signer
	turns chan struct{}
}

func (s *signer) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	s.turns <- struct{}{}
	defer func() { <-s.turns }()
	return s.Signer.Sign(rand, digest, opts)
}
