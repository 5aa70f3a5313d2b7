// Package trouble tells kinds of trouble by the words of a program's line. It serves
// the drivers of programs whose exact wordings change from version to version, or
// are known by hearsay only; so nothing is counted with it. It does no I/O and
// cannot fail: a line without a known sign is of no kind.
package trouble

import (
	"strings"

	"github.com/adit-mining/adit/miners"
)

// A Sign is what a line of a kind of trouble contains: words in lower case and, when
// several must stand in the line in this order, a star between them. An empty Code
// marks a line that is harmless, though a later sign would fit it.
type Sign struct {
	Words string
	Code  miners.Code
}

// Signs are tried in order; the first that fits counts.
type Signs []Sign

// Of returns the kind of trouble that line tells of, or nothing.
func (s Signs) Of(line string) miners.Code {
	line = strings.ToLower(line)
	for _, sign := range s {
		if sign.in(line) {
			return sign.Code
		}
	}
	return ""
}

func (s Sign) in(line string) bool {
	for words := range strings.SplitSeq(s.Words, "*") {
		at := strings.Index(line, words)
		if at < 0 {
			return false
		}
		line = line[at+len(words):]
	}
	return true
}

// Common are the words for what can befall any program that mines in a pool with a
// graphics card.
var Common = Signs{
	{"out of memory", miners.CodeOutOfMemory},
	{"out_of_memory", miners.CodeOutOfMemory},
	{"out_of_host_memory", miners.CodeOutOfMemory},
	{"not enough*memory", miners.CodeOutOfMemory},
	{"not enough*vram", miners.CodeOutOfMemory},
	{"insufficient*memory", miners.CodeOutOfMemory},
	{"memory object allocation failure", miners.CodeOutOfMemory},
	{"bad allocation", miners.CodeOutOfMemory},
	{"bad_alloc", miners.CodeOutOfMemory},
	{"driver version is insufficient", miners.CodeDriverProblem},
	{"driver*not found", miners.CodeDriverProblem},
	{"driver*too old", miners.CodeDriverProblem},
	{"could not resolve", miners.CodeDNSFailed},
	{"cannot resolve", miners.CodeDNSFailed},
	{"can't resolve", miners.CodeDNSFailed},
	{"failed to resolve", miners.CodeDNSFailed},
	{"unable to resolve", miners.CodeDNSFailed},
	{"host not found", miners.CodeDNSFailed},
	{"no such host", miners.CodeDNSFailed},
	{"name or service not known", miners.CodeDNSFailed},
	{"not authorized", miners.CodeAuthFailed},
	{"unauthorized", miners.CodeAuthFailed},
	{"authoriz*fail", miners.CodeAuthFailed},
	{"fail*authoriz", miners.CodeAuthFailed},
	{"authentication fail", miners.CodeAuthFailed},
	{"authoriz*error", miners.CodeAuthFailed},
	{"login fail", miners.CodeAuthFailed},
	{"login*failed", miners.CodeAuthFailed},
	{"connection refused", miners.CodeConnectFailed},
	{"could not connect", miners.CodeConnectFailed},
	{"cannot connect", miners.CodeConnectFailed},
	{"can't connect", miners.CodeConnectFailed},
	{"unable to connect", miners.CodeConnectFailed},
	{"failed to connect", miners.CodeConnectFailed},
	{"connection*failed", miners.CodeConnectFailed},
	{"handshake*fail", miners.CodeConnectFailed},
	{"connection*timed out", miners.CodeTimeout},
	{"connection*timeout", miners.CodeTimeout},
	{"connection closed", miners.CodeDisconnected},
	{"connection was closed", miners.CodeDisconnected},
	{"connection lost", miners.CodeDisconnected},
	{"lost connection", miners.CodeDisconnected},
	{"connection*reset", miners.CodeDisconnected},
	{"connection*interrupted", miners.CodeDisconnected},
	{"unsupported algo", miners.CodeUnsupported},
	{"unknown algo", miners.CodeUnsupported},
	{"algorithm*not supported", miners.CodeUnsupported},
	{"invalid algo", miners.CodeUnsupported},
	{"permission denied", miners.CodePermissionDenied},
	{"overheat", miners.CodeDeviceIdle}, // a program pauses what is too hot
	{"temperature too high", miners.CodeDeviceIdle},
	{"temperature*limit*reached", miners.CodeDeviceIdle},
}
