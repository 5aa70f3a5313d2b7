package doctor

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"github.com/adit-mining/adit/pool-server/poolapi"
)

// What is slow, in the way to the pool.
const (
	slowName    = 2 * time.Second
	slowConnect = 300 * time.Millisecond
)

// pool follows the way to the pool, step by step.
func (c Config) pool(ctx context.Context) []Finding {
	base, address := c.address()
	found := []Finding{address}
	if base == nil {
		for _, later := range []string{checkDNS, checkTLS, checkHTTP, checkClock, checkStratum} {
			found = append(found, finding(later, Unknown, "skipped"))
		}
		return found
	}
	found = append(found, c.name(ctx, base.Hostname()))
	a := c.ask(ctx, base)
	info, http := a.document()
	certificate := c.certificate(a)
	found = append(found, certificate, http, a.clock())
	if info == nil || certificate.Level == Trouble { // who knows who offers these ports
		return append(found, finding(checkStratum, Unknown, "skipped"))
	}
	return append(found, c.ports(ctx, *info)...)
}

func (c Config) address() (*url.URL, Finding) {
	if c.Pool == "" {
		return nil, finding(checkAddress, Notice, "none")
	}
	client, err := poolapi.NewClient(c.Pool)
	if err != nil {
		return nil, finding(checkAddress, Trouble, "bad", "address", c.Pool)
	}
	base, err := url.Parse(client.Base())
	if err != nil || base.Hostname() == "" {
		return nil, finding(checkAddress, Trouble, "bad", "address", c.Pool)
	}
	return base, finding(checkAddress, Good, "ok", "address", client.Base())
}

// name looks the pool's name up.
func (c Config) name(ctx context.Context, host string) Finding {
	if _, err := netip.ParseAddr(host); err == nil {
		return finding(checkDNS, Good, "literal", "host", host)
	}
	ctx, cancel := context.WithTimeout(ctx, c.Limit)
	defer cancel()
	begin := time.Now()
	found, err := c.Resolver.LookupNetIP(ctx, "ip", host)
	took := time.Since(begin)
	var fault *net.DNSError
	switch {
	case errors.As(err, &fault) && fault.IsNotFound:
		return finding(checkDNS, Trouble, "unknown-name", "host", host)
	case err != nil:
		return finding(checkDNS, Trouble, "failed", "host", host)
	case took > slowName:
		return finding(checkDNS, Notice, "slow", "host", host, "ms", milliseconds(took), "family", families(found))
	}
	return finding(checkDNS, Good, "ok", "host", host, "ms", milliseconds(took), "family", families(found))
}

// families tells which kinds of addresses a name has.
func families(found []netip.Addr) string {
	four, six := false, false
	for _, a := range found {
		four = four || a.Unmap().Is4()
		six = six || !a.Unmap().Is4()
	}
	switch {
	case four && six:
		return "IPv4, IPv6"
	case six:
		return "IPv6"
	}
	return "IPv4"
}

// Codes of the ways in which a server is not reached, the same for HTTP and stratum.
const (
	refused     = "refused"
	timedOut    = "timeout"
	unreachable = "unreachable"
	unknownName = "unknown-name"
	failed      = "failed"
)

// whyNot tells why a server was not reached.
func whyNot(err error) (code string) {
	var name *net.DNSError
	var slow net.Error
	switch {
	case errors.As(err, &name):
		return unknownName
	case errors.Is(err, errnoRefused):
		return refused
	case errors.Is(err, errnoHostUnreachable), errors.Is(err, errnoNetUnreachable):
		return unreachable
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &slow) && slow.Timeout():
		return timedOut
	}
	return failed
}

// dialer connects as the app does, but for the configured resolver.
func (c Config) dialer() *net.Dialer {
	return &net.Dialer{Timeout: c.Limit / 2, Resolver: c.Resolver}
}

func milliseconds(d time.Duration) string {
	return strconv.FormatInt(max(1, d.Round(time.Millisecond).Milliseconds()), 10)
}
