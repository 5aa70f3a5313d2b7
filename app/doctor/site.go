package doctor

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"github.com/adit-mining/adit/pool-server/poolapi"
)

// maxDocument is the most that is read of the pool's answer, in bytes.
const maxDocument = 4 << 20

// answer is what came back when the pool's website was asked.
type answer struct {
	asked    *url.URL
	err      error // nothing came back
	response *http.Response
	body     []byte
	at       time.Time // by our clock, in the middle of the question
	took     time.Duration
}

// ask asks for the pool's description. The certificate is not checked on the way
// but afterwards, so that the answer's date can tell a wrong certificate from a
// wrong clock; nothing secret is sent, and what comes is believed by nobody else.
func (c Config) ask(ctx context.Context, base *url.URL) answer {
	ctx, cancel := context.WithTimeout(ctx, c.Limit)
	defer cancel()
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: c.dialer().DialContext,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true,
	}
	a := answer{asked: base}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base.String()+poolapi.InfoPath, nil)
	if err != nil {
		a.err = err
		return a
	}
	begin := time.Now()
	a.response, a.err = (&http.Client{Transport: transport}).Do(request)
	a.took = time.Since(begin)
	a.at = begin.Add(a.took / 2)
	if a.err != nil {
		return a
	}
	defer a.response.Body.Close()
	a.body, a.err = io.ReadAll(io.LimitReader(a.response.Body, maxDocument))
	return a
}

// date is what the pool's clock showed, as far as the answer tells.
func (a answer) date() (time.Time, bool) {
	if a.response == nil {
		return time.Time{}, false
	}
	date, err := http.ParseTime(a.response.Header.Get("Date"))
	if err != nil {
		return time.Time{}, false
	}
	// A cache in between says how old the answer is.
	if age, err := strconv.Atoi(a.response.Header.Get("Age")); err == nil && age > 0 {
		date = date.Add(time.Duration(age) * time.Second)
	}
	return date, true
}

// soon is when the end of a certificate is worth a notice.
const soon = 7 * 24 * time.Hour

// certificate judges the certificate that the pool's website showed.
func (c Config) certificate(a answer) Finding {
	host := a.asked.Hostname()
	var broken tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case a.asked.Scheme == "http" && isNear(host):
		return finding(checkTLS, Good, "near", "host", host)
	case a.asked.Scheme == "http":
		return finding(checkTLS, Notice, "plain", "host", host)
	case errors.Is(a.err, http.ErrSchemeMismatch), errors.As(a.err, &broken), errors.As(a.err, &alert):
		return finding(checkTLS, Trouble, "broken", "host", host)
	case a.response == nil || a.response.TLS == nil:
		return finding(checkTLS, Unknown, "skipped")
	}
	return c.judgeChain(a.response.TLS.PeerCertificates, a.response.Request.URL.Hostname(), a)
}

func (c Config) judgeChain(chain []*x509.Certificate, host string, a answer) Finding {
	leaf := chain[0]
	now := time.Now()
	err := c.verify(chain, host, now)
	pools, dated := a.date()
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	until := leaf.NotAfter.UTC().Format(time.DateOnly)
	switch {
	case err == nil && leaf.NotAfter.Sub(now) < soon:
		return finding(checkTLS, Notice, "soon", "host", host, "until", until)
	case err == nil:
		return finding(checkTLS, Good, "ok", "host", host, "until", until)
	case dated && c.verify(chain, host, pools) == nil:
		return finding(checkTLS, Trouble, "clock", "host", host)
	case errors.As(err, &name):
		return finding(checkTLS, Trouble, "host", "host", host)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && now.Before(leaf.NotBefore):
		return finding(checkTLS, Trouble, "early", "host", host, "from", leaf.NotBefore.UTC().Format(time.DateOnly))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return finding(checkTLS, Trouble, "expired", "host", host, "until", until)
	case errors.As(err, &authority):
		return finding(checkTLS, Trouble, "authority", "host", host, "issuer", printable(leaf.Issuer.CommonName))
	}
	return finding(checkTLS, Trouble, "invalid", "host", host, "detail", printable(err.Error()))
}

// verify checks a chain as if it were now.
func (c Config) verify(chain []*x509.Certificate, host string, now time.Time) error {
	between := x509.NewCertPool()
	for _, one := range chain[1:] {
		between.AddCert(one)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{DNSName: host, Roots: c.Roots, Intermediates: between, CurrentTime: now})
	return err
}

// isNear tells whether host is an address of this computer or of the home's network.
func isNear(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && (a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast())
}

// document reads the pool's description. It is nil if it was not one.
func (a answer) document() (*poolapi.PoolInfo, Finding) {
	host := a.asked.Host
	if a.err != nil {
		return nil, finding(checkHTTP, Trouble, whyNot(a.err), "host", host, "detail", printable(a.err.Error()))
	}
	status := a.response.StatusCode
	at := printable(a.response.Request.URL.Host)
	switch {
	case status == http.StatusNetworkAuthenticationRequired, status == http.StatusOK && a.isPage():
		return nil, finding(checkHTTP, Trouble, "captive", "host", host, "at", at)
	case status == http.StatusProxyAuthRequired:
		return nil, finding(checkHTTP, Trouble, "proxy", "host", host)
	case status/100 == 5:
		return nil, finding(checkHTTP, Trouble, "server", "host", host, "status", strconv.Itoa(status))
	}
	var info poolapi.PoolInfo
	if err := json.Unmarshal(a.body, &info); status != http.StatusOK || err != nil || info.Version < 1 {
		return nil, finding(checkHTTP, Trouble, "not-pool", "host", host, "status", strconv.Itoa(status))
	}
	if info.Version > poolapi.Version {
		return nil, finding(checkHTTP, Trouble, "newer", "host", host)
	}
	return &info, finding(checkHTTP, Good, "ok", "host", host, "name", printable(info.Name), "ms", milliseconds(a.took))
}

// isPage tells whether a page for people came instead of a document.
func (a answer) isPage() bool {
	kind, _, _ := mime.ParseMediaType(a.response.Header.Get("Content-Type"))
	return kind == "text/html" || bytes.HasPrefix(bytes.TrimSpace(a.body), []byte("<"))
}

// How far the clocks may be apart.
const (
	clockNotice  = 90 * time.Second
	clockTrouble = 5 * time.Minute
	zoneStep     = 30 * time.Minute // the zones of the world differ by multiples of it
	zoneSlack    = 2 * time.Minute
)

// clock compares the computer's clock with the pool's.
func (a answer) clock() Finding {
	pools, known := a.date()
	if !known {
		return finding(checkClock, Unknown, "unknown")
	}
	zone := a.at.Format("UTC-07:00 (MST)")
	ahead := a.at.Sub(pools)
	args := []string{"difference", span(ahead.Abs()), "zone", zone}
	level := Notice
	if ahead.Abs() > clockTrouble {
		level = Trouble
	}
	switch steps := ahead.Abs().Round(zoneStep); {
	case ahead.Abs() <= clockNotice:
		return finding(checkClock, Good, "ok", "zone", zone)
	case steps > 0 && steps <= 14*time.Hour && (ahead.Abs()-steps).Abs() < zoneSlack:
		return finding(checkClock, level, "zone", args...)
	case ahead > 0:
		return finding(checkClock, level, "ahead", args...)
	}
	return finding(checkClock, level, "behind", args...)
}

// span writes a time in units that need no translation: "95 s", "12 min", "3 h".
func span(d time.Duration) string {
	switch {
	case d < 3*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 3*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d h", int(d.Hours()))
}
