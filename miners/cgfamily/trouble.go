package cgfamily

import (
	"regexp"
	"strings"

	"github.com/adit-mining/adit/miners"
)

// trouble reads the lines that tell of some.
func (p *parser) trouble(text string) []miners.Event {
	if code := lost(text); code != "" {
		return p.lost(code, text)
	}
	code := kind(text)
	switch {
	case code == "", p.refused && absent.MatchString(text):
		return nil
	case code == miners.CodeAuthFailed:
		// What the pool answered follows, on lines of its own or behind a colon.
		p.refused = true
		text = strings.TrimSuffix(strings.TrimSuffix(text, "["), ": ")
	}
	return []miners.Event{miners.Problem{Code: code, Detail: text}}
}

// lost notes the end of a connection.
func (p *parser) lost(code miners.Code, text string) []miners.Event {
	if p.refused {
		return nil
	}
	was := p.connected
	p.connected = false
	if was {
		return []miners.Event{miners.Disconnected{Code: code, Reason: text}}
	}
	return []miners.Event{miners.Problem{Code: code, Detail: text}}
}

// absent is what the program says of a pool that refused us as if it were not there.
var absent = regexp.MustCompile(`slow/down or URL or credentials invalid|not responding!`)

// lost returns why text says that the connection to a pool is gone, or nothing.
func lost(text string) miners.Code {
	switch {
	case strings.HasPrefix(text, "Stratum connection to ") && strings.HasSuffix(text, " interrupted"):
		return miners.CodeDisconnected
	case strings.HasSuffix(text, " not responding!"):
		return miners.CodeTimeout
	}
	return ""
}

// openCL is the number of an OpenCL error and the call that failed.
var openCL = regexp.MustCompile(`^Error:? ?(-?\d+)?(?::| in) .*\(?(cl[A-Z]\w+)`)

// attempt is how nsgminer tells that it asked each pool first whether it speaks HTTP,
// and libcurl knows no such scheme as Stratum's; and bfgminer that it tried TLS first.
var attempt = regexp.MustCompile(`^HTTP request failed: (?:Protocol "?stratum|Unsupported protocol: stratum)|^Stratum connect failed with TLS `)

// kind returns the kind of trouble that text tells of, or nothing.
func kind(text string) miners.Code {
	if attempt.MatchString(text) {
		return ""
	}
	for _, prefix := range []string{"Stratum connect failed", "HTTP request failed"} {
		if reason, found := strings.CutPrefix(text, prefix); found {
			return miners.CurlCode(reason)
		}
	}
	for _, known := range symptoms {
		if strings.HasPrefix(text, known.begins) && strings.Contains(text[len(known.begins):], known.words) {
			return known.code
		}
	}
	if m := openCL.FindStringSubmatch(text); m != nil {
		return clCode(m[1], m[2])
	}
	return ""
}

// clCode returns what the failure of an OpenCL call means: -4, -5, -6 and -61 are
// of memory, and what fails once the kernel runs is the device's fault.
func clCode(number, call string) miners.Code {
	switch number {
	case "-4", "-5", "-6", "-61":
		return miners.CodeOutOfMemory
	}
	switch {
	case call == "clCreateBuffer":
		return miners.CodeOutOfMemory
	case strings.HasPrefix(call, "clEnqueue"):
		return miners.CodeDeviceFailed
	}
	return miners.CodeDriverProblem
}

// symptoms are the lines of trouble by how they begin and what comes later.
var symptoms = []struct {
	begins, words string
	code          miners.Code
}{
	{"", "JSON stratum auth failed", miners.CodeAuthFailed},
	{"No login credentials supplied", "", miners.CodeAuthFailed},
	{"Failed to resolve ", "", miners.CodeDNSFailed},
	{"Failed to getaddrinfo for ", "", miners.CodeDNSFailed},
	{"Failed to connect to stratum on ", "", miners.CodeConnectFailed},
	{"Timed out waiting for response in initiate_stratum", "", miners.CodeTimeout},
	{"", "slow/down or URL or credentials invalid", miners.CodeConnectFailed},
	{"", "communication failure, ", miners.CodeDisconnected},
	{"", "stratum share submission failure", miners.CodeDisconnected},
	{"Lost ", "due to stratum disconnect", miners.CodeDisconnected},
	{"Lost ", "due to no stratum share response", miners.CodeTimeout},
	{"", "sequential shares, disabling!", miners.CodeShareRejected},
	{"", "is sending mismatched block contents", miners.CodeProtocolError},
	{"Pool ", "misbehaving (", miners.CodeProtocolError},
	{"", "inappropriately long nonce2", miners.CodeProtocolError},
	{"", "JSON inval", miners.CodeProtocolError},
	{"", "failed to decode GBT", miners.CodeProtocolError},
	{"JSON Failed to decode result", "", miners.CodeProtocolError},
	{"JSON key '", "", miners.CodeProtocolError},
	{"JSON decode failed", "", miners.CodeProtocolError},
	{"Failed to convert ", "", miners.CodeProtocolError},
	{"No Stratum, GBT or Solo support", "", miners.CodeProtocolError},
	{"No servers were found", "", miners.CodeNoPool},
	{"Need to specify at least one pool server", "", miners.CodeNoPool},
	{"Waiting for work to be available from pools", "", miners.CodeNoPool},
	{"No servers could be used! Exiting", "", miners.CodeFatal},
	{"Pool setup failed", "", miners.CodeFatal},
	{"CURL initialisation failed", "", miners.CodeFatal},
	{"", "thread create failed", miners.CodeFatal},
	{"thread ", " create failed", miners.CodeFatal},
	{"Fatal JSON error in configuration file", "", miners.CodeFatal},
	{"No URI supplied", "", miners.CodeBadURL},

	{"No devices detected!", "", miners.CodeNoDevice},
	{"All devices disabled, cannot mine!", "", miners.CodeNoDevice},
	{"clDevicesNum returned error, no GPUs usable", "", miners.CodeNoDevice},
	{"No GPUs Initialized", "", miners.CodeNoDevice},
	{"Command line options set a device that doesn't exist", "", miners.CodeNoDevice},
	{"Error -1: Getting Device IDs", "", miners.CodeNoDevice},
	{"Error ", ": Getting ", miners.CodeDriverProblem},
	{"Specified platform that does not exist", "", miners.CodeDriverProblem},
	{"clGetPlatformsIDs returned no platforms", "", miners.CodeDriverProblem},
	{"Failed to load OpenCL", "", miners.CodeDriverProblem},
	{"", "due to driver corruption", miners.CodeDriverProblem},
	{"You need to install a WinUSB driver", "", miners.CodeDriverProblem},
	{"USB init, open device failed, err -3", "", miners.CodePermissionDenied},
	{"USB init, open device failed", "", miners.CodeDriverProblem},
	{"Maximum buffer memory device ", "", miners.CodeOutOfMemory},

	{"", "failure, disabling!", miners.CodeDeviceFailed},
	{"", "failure, attempting to reinitialize", miners.CodeDeviceFailed},
	{"", "Work prepare failed, disabling!", miners.CodeDeviceFailed},
	{"work prepare failed, exiting", "", miners.CodeDeviceFailed},
	{"GPUs did not become initialized", "", miners.CodeDeviceFailed},
	{"Failed to init GPU thread", "", miners.CodeDeviceFailed},
	{"Failed to reinit GPU thread", "", miners.CodeDeviceFailed},
	{"thread_prepare failed", "", miners.CodeDeviceFailed},
	{"", "suggesting a hard hang", miners.CodeDeviceFailed},
	{"", "declaring DEAD!", miners.CodeDeviceFailed},
	{"", "declaring SICK!", miners.CodeDeviceIdle},
	{"Hit thermal cutoff limit", "disabling!", miners.CodeDeviceFailed},
	{"", "hit thermal cutoff limit", miners.CodeDeviceFailed},
	{"", "hit thermal throttle limit", miners.CodeDeviceIdle},
	{"Attempting to restart ", "", miners.CodeRestarted},
	{"", ": Attempting to restart", miners.CodeRestarted},
	{"", "HW error", miners.CodeHardwareError},

	{"API bind to port ", "", miners.CodeAPIFailed},
	{"API not running", "", miners.CodeAPIFailed},
	{"API failed ", "", miners.CodeAPIFailed},
	{"API", " initialisation failed", miners.CodeAPIFailed},
	{"", ": unrecognized option", miners.CodeUnsupported},
	{"", ": option requires an argument", miners.CodeUnsupported},
	{"Unexpected extra commandline arguments", "", miners.CodeUnsupported},
}
