package cpufamily

import (
	"regexp"
	"strings"

	"github.com/adit-mining/adit/miners"
)

// lost returns why line says that the connection to the pool is gone, or nothing.
func lost(line string) miners.Code {
	switch line {
	case "Stratum connection interrupted", "Stratum connection reset", "stratum_recv_line failed":
		return miners.CodeDisconnected
	case "Stratum connection timed out", "Stratum connection timeout":
		return miners.CodeTimeout
	}
	return ""
}

// trouble returns the kind of trouble that line tells of, or nothing.
func trouble(line string) miners.Code {
	for _, prefix := range []string{"Stratum connection failed", "HTTP request failed"} {
		if reason, found := strings.CutPrefix(line, prefix); found {
			return miners.CurlCode(reason)
		}
	}
	if reason, found := strings.CutPrefix(line, callFailed+": "); found {
		return refused(strings.ToLower(reason))
	}
	if threadMissing.MatchString(line) {
		return miners.CodeFatal
	}
	for _, known := range beginnings {
		if strings.HasPrefix(line, known.words) {
			return known.code
		}
	}
	for _, known := range pieces {
		if strings.Contains(line, known.words) {
			return known.code
		}
	}
	return ""
}

// callFailed is how a line begins that tells of an error that the pool answered, in
// JSON and mostly over several lines.
const callFailed = "JSON-RPC call failed"

var (
	answerText = regexp.MustCompile(`^(?:"message": )?"(.*)",?$`)
	answerPart = regexp.MustCompile(`^(?:"\w+": )?(?:-?\d+|null|true|false),?$`)
)

// refusal reads the lines after callFailed until there is a text.
func (l *Log) refusal(line string) (events []miners.Event, known bool) {
	if answerPart.MatchString(line) {
		return nil, true
	}
	l.refusing = false
	if m := answerText.FindStringSubmatch(line); m != nil {
		return []miners.Event{miners.Problem{Code: refused(strings.ToLower(m[1])), Detail: callFailed + ": " + m[1]}}, true
	}
	events, _ = l.Parse(line)
	return append([]miners.Event{miners.Problem{Code: miners.CodeProtocolError, Detail: callFailed}}, events...), true
}

// refused reads the error that the pool, or a coin's daemon, answered, in lower case.
func refused(reason string) miners.Code {
	switch {
	case strings.Contains(reason, "not connected"), strings.Contains(reason, "downloading"), strings.Contains(reason, "maintenance"):
		return miners.CodePoolDown
	case strings.Contains(reason, "authoriz"), strings.Contains(reason, "password"):
		return miners.CodeAuthFailed
	}
	return miners.CodeProtocolError
}

// threadMissing is the end of a program that could not start a thread to mine with.
var threadMissing = regexp.MustCompile(`^(?:Miner )?thread \d+ create failed$`)

type symptom struct {
	words string
	code  miners.Code
}

// beginnings are how lines of trouble begin.
var beginnings = []symptom{
	{"Stratum authentication failed", miners.CodeAuthFailed},
	{"You are not authorized", miners.CodeAuthFailed},
	{"stratum_subscribe timed out", miners.CodeTimeout},
	{"stratum_recv_line timed out", miners.CodeTimeout},
	{"stratum_recv_line failed to parse", miners.CodeProtocolError},
	{"submit_upstream_work stratum_send_line failed", miners.CodeDisconnected},
	{"stratum_subscribe send failed", miners.CodeDisconnected},
	{"...terminating workio thread", miners.CodeNoPool},
	{"json_rpc_call failed, terminating workio thread", miners.CodeNoPool},
	{"workio thread dead, exiting", miners.CodeFatal},
	{"CURL init", miners.CodeFatal},
	{"JSON decode failed", miners.CodeProtocolError},
	{"JSON inval", miners.CodeProtocolError},
	{"JSON key '", miners.CodeProtocolError},
	{"json_rpc2.0 error: ", miners.CodeProtocolError},
	{"Empty data received in json_rpc_call", miners.CodeProtocolError},
	{"Stratum notify: invalid", miners.CodeProtocolError},
	{"Failed to get extranonce", miners.CodeProtocolError},
	{"Invalid value of extranonce2_size", miners.CodeProtocolError},
	{"No usable protocol", miners.CodeProtocolError},
	{"Unrecognized block version", miners.CodeProtocolError},
	{"Unknown algo", miners.CodeUnsupported},
	{"unknown algorithm", miners.CodeUnsupported},
	{"unknown protocol -- ", miners.CodeBadURL},
	{"invalid URL -- ", miners.CodeBadURL},
	{"API bind to port", miners.CodeAPIFailed},
	{"API initialisation", miners.CodeAPIFailed},
	{"API not running", miners.CodeAPIFailed},
	{"API failed", miners.CodeAPIFailed},
	{"temperature too high", miners.CodeDeviceIdle},
}

// pieces are words of lines that begin with the program's own name or a number.
var pieces = []symptom{
	{": unknown algorithm -- ", miners.CodeUnsupported},
	{": unknown protocol -- ", miners.CodeBadURL},
	{": invalid URL -- ", miners.CodeBadURL},
	{": no URL supplied", miners.CodeBadURL},
	{": No algo parameter specified", miners.CodeUnsupported},
	{": unrecognized option ", miners.CodeUnsupported},
	{": invalid option -- ", miners.CodeUnsupported},
	{": invalid argument for option ", miners.CodeUnsupported},
	{": unsupported non-option argument -- ", miners.CodeUnsupported},
	{"buffer allocation failed", miners.CodeOutOfMemory},
	{"thread create failed", miners.CodeFatal},
	{"work retrieval failed, exiting", miners.CodeFatal},
}
