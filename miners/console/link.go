package console

import (
	"strings"

	"github.com/adit-mining/adit/miners"
)

// Link is what a parser knows of the way to the pool.
type Link struct {
	pool string
	up   bool
}

// To notes where the program is about to connect.
func (l *Link) To(pool string) { l.pool = pool }

// Up notes that the pool works with us, and tells it once; pool may be empty.
func (l *Link) Up(pool string) []miners.Event {
	if pool != "" {
		l.pool = pool
	}
	if l.up {
		return nil
	}
	l.up = true
	return []miners.Event{miners.Connected{Pool: l.pool}}
}

// Down notes the end of a connection, or that there is none to be had. otherwise is
// the kind of trouble when reason does not tell it. A reason that only a new
// connection can have tells that the old one is gone, of which nothing was said.
func (l *Link) Down(reason string, otherwise miners.Code) []miners.Event {
	code := NetworkCode(reason)
	anew := code == miners.CodeConnectFailed || code == miners.CodeDNSFailed
	if code == "" {
		code = otherwise
	}
	up := l.up
	l.up = false
	if !up || anew {
		return []miners.Event{miners.Problem{Code: code, Detail: reason}}
	}
	if code != miners.CodeTimeout {
		code = miners.CodeDisconnected
	}
	return []miners.Event{miners.Disconnected{Code: code, Reason: reason}}
}

// NetworkCode is the kind of trouble that a reason of the operating system's
// network names, in the words of its several libraries, or nothing.
func NetworkCode(reason string) miners.Code {
	code, _ := network.of(strings.ToLower(reason))
	return code
}

// network lists what the system says when a connection does not come about or
// breaks. The numbers are errno of Linux and of Windows.
var network = Troubles{
	{"resolve", miners.CodeDNSFailed},
	{"host not found", miners.CodeDNSFailed},
	{"no such host", miners.CodeDNSFailed},
	{"unknown host", miners.CodeDNSFailed},
	{"name or service", miners.CodeDNSFailed},
	{"nodename nor servname", miners.CodeDNSFailed},
	{"name resolution", miners.CodeDNSFailed},
	{"getaddrinfo", miners.CodeDNSFailed},
	{"dns ", miners.CodeDNSFailed},
	{"lookup failed", miners.CodeDNSFailed},
	{"refused", miners.CodeConnectFailed},
	{"unreachable", miners.CodeConnectFailed},
	{"no route to host", miners.CodeConnectFailed},
	{"certificate", miners.CodeConnectFailed},
	{"handshake fail", miners.CodeConnectFailed},
	{"timed out", miners.CodeTimeout},
	{"timed-out", miners.CodeTimeout},
	{"timeout", miners.CodeTimeout},
	{"time out", miners.CodeTimeout},
	{"did not properly respond", miners.CodeTimeout},
	{"forcibly closed", miners.CodeDisconnected},
	{"reset by", miners.CodeDisconnected},
	{"connection reset", miners.CodeDisconnected},
	{"connection was closed", miners.CodeDisconnected},
	{"connection closed", miners.CodeDisconnected},
	{"socket closed", miners.CodeDisconnected},
	{"hostnotfound", miners.CodeDNSFailed}, // as Qt spells it
	{"hostclosed", miners.CodeDisconnected},
	{"closed by", miners.CodeDisconnected},
	{"host closed", miners.CodeDisconnected},
	{"connection*lost", miners.CodeDisconnected},
	{"lost connection", miners.CodeDisconnected},
	{"broken pipe", miners.CodeDisconnected},
	{"aborted", miners.CodeDisconnected},
	{"eof", miners.CodeDisconnected},
	{"end of file", miners.CodeDisconnected},
	{"disconnected", miners.CodeDisconnected},
	{"error*: 11001", miners.CodeDNSFailed},
	{"error*: 10061", miners.CodeConnectFailed},
	{"error*: 111", miners.CodeConnectFailed},
	{"error*: 113", miners.CodeConnectFailed},
	{"error*: 10060", miners.CodeTimeout},
	{"error*: 110", miners.CodeTimeout},
	{"error*: 10054", miners.CodeDisconnected},
	{"error*: 104", miners.CodeDisconnected},
}
