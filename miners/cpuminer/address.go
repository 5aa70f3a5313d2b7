package cpuminer

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// An address is where a pool listens.
type address struct {
	host string
	port string
	tls  bool
}

// parseAddress reads a pool's URL; without a scheme it is host:port.
func parseAddress(s string) (address, error) {
	if !strings.Contains(s, "://") {
		s = "stratum+tcp://" + s
	}
	u, err := url.Parse(s)
	if err != nil {
		return address{}, err
	}
	a := address{host: u.Hostname(), port: u.Port()}
	switch u.Scheme {
	case "stratum+tcp", "stratum", "tcp":
	case "stratum+ssl", "stratum+tls", "stratum+tcps", "ssl", "tls":
		a.tls = true
	default:
		return address{}, fmt.Errorf("want stratum+tcp:// or stratum+ssl://, have %s://", u.Scheme)
	}
	if a.host == "" {
		return address{}, errors.New("no host in it")
	}
	return a, a.checkPort()
}

func (a address) checkPort() error {
	if n, err := strconv.ParseUint(a.port, 10, 16); err != nil || n == 0 {
		return fmt.Errorf("port: want 1 to 65535, have %q", a.port)
	}
	return nil
}

// String returns host:port.
func (a address) String() string { return net.JoinHostPort(a.host, a.port) }

// redirected returns the address that a pool sends us to, if it may. It may name
// another port, or another host of its own domain: whoever breaks into a line
// must not be able to carry a person's work off to a pool of his own. An empty
// host or port stays as it is.
func (a address) redirected(host, port string) (address, error) {
	to := address{host: host, port: port, tls: a.tls}
	if to.host == "" {
		to.host = a.host
	}
	if to.port == "" {
		to.port = a.port
	}
	if !strings.EqualFold(to.host, a.host) && !sameDomain(to.host, a.host) {
		return address{}, fmt.Errorf("to %q, which is not of %q", to.host, a.host)
	}
	return to, to.checkPort()
}

// sameDomain reports whether a and b are names whose last two parts are equal.
// Under a public suffix of two parts that is too kind.
func sameDomain(a, b string) bool {
	if net.ParseIP(a) != nil || net.ParseIP(b) != nil {
		return false
	}
	domain := func(name string) string {
		parts := strings.Split(strings.ToLower(strings.TrimSuffix(name, ".")), ".")
		if len(parts) < 2 {
			return ""
		}
		return strings.Join(parts[len(parts)-2:], ".")
	}
	return domain(a) != "" && domain(a) == domain(b)
}
