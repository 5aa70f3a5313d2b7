package load

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
)

// errNoJSON is what is no stratum.
var errNoJSON = errors.New("the server sent no JSON")

// plain says what an error of a connection to addr means, and what to do about it.
func plain(err error, addr string) string {
	var dns *net.DNSError
	var record tls.RecordHeaderError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return addr + " refuses connections: nothing listens there (is the pool running, is the port right?)"
	case errors.Is(err, syscall.EMFILE):
		return "this program is out of file descriptors: raise the limit (ulimit -n, or LimitNOFILE= of a service)"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "this machine is out of local ports to " + addr + ": fewer connections, or several addresses"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "there is no route to " + addr
	case errors.As(err, &dns):
		return fmt.Sprintf("no such host: %s", dns.Name)
	case errors.As(err, &record):
		return addr + " does not speak TLS (leave --tls away)"
	case errors.As(err, &authority):
		return "the certificate of " + addr + " is signed by nobody known (--insecure accepts it)"
	case errors.As(err, &name):
		return "the certificate of " + addr + " is for another name (--insecure accepts it)"
	case errors.Is(err, errNoJSON):
		return addr + " is no stratum port: it sent no JSON"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return stage(err) + "the server broke the connection"
	case errors.Is(err, io.EOF):
		return stage(err) + "the server closed the connection"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return stage(err) + "the server does not answer in time"
	}
	return err.Error()
}

// stage is the step of the login in which an error came, if it is one of those.
func stage(err error) string {
	for _, step := range []string{"subscribe: ", "authorize: ", "wait for a job: ", "TLS: "} {
		if strings.HasPrefix(err.Error(), step) {
			return step
		}
	}
	return ""
}
