package xmrig

import (
	"regexp"
	"strings"

	"github.com/adit-mining/adit/miners"
)

// refusal returns what kind of trouble a pool's error is. Pools choose the words;
// mostly they do not like the user.
func refusal(message string) miners.Code {
	message = strings.ToLower(message)
	for _, known := range []struct {
		words string
		code  miners.Code
	}{
		{"maintenance", miners.CodePoolDown},
		{"unavailable", miners.CodePoolDown},
		{"overload", miners.CodePoolDown},
		{"busy", miners.CodePoolDown},
		{"offline", miners.CodePoolDown},
		{"not synchronized", miners.CodePoolDown},
		{"algo", miners.CodeUnsupported},
		{"timeout", miners.CodeTimeout},
		{"timed out", miners.CodeTimeout},
	} {
		if strings.Contains(message, known.words) {
			return known.code
		}
	}
	return miners.CodeAuthFailed
}

// symptoms are the lines of trouble by how they begin and what comes later.
var symptoms = []struct {
	begins, words string
	code          miners.Code
}{
	{"net ", "HTTP API server failed to start", miners.CodeAPIFailed},
	{"", "no active pools", miners.CodeNoPool},
	{"", "unsupported algorithm", miners.CodeUnsupported},
	{"", "unknown algorithm, make sure", miners.CodeUnsupported},
	{"", "incompatible/disabled algorithm", miners.CodeUnsupported},
	{"", "login error code", miners.CodeProtocolError},
	{"", "JSON decode failed", miners.CodeProtocolError},
	{"", "duplicate job received", miners.CodeProtocolError},
	{"", "invalid mining.", miners.CodeProtocolError},
	{"", "invalid client.reconnect", miners.CodeProtocolError},
	{"", "max send buffer size exceeded", miners.CodeDisconnected},
	{"", "Failed to verify server certificate", miners.CodeConnectFailed},
	{"", "Failed to get server certificate", miners.CodeConnectFailed},

	{"msr ", "FAILED TO APPLY MSR MOD", miners.CodeMSRFailed},
	{"msr ", "kernel module is not available", miners.CodeMSRFailed},
	{"msr ", "Administrator privileges required", miners.CodeMSRFailed},
	{"msr ", "cannot ", miners.CodeMSRFailed},
	{"msr ", "WinRing0 driver", miners.CodeMSRFailed},
	{"msr ", "service control manager", miners.CodeMSRFailed},
	{"randomx ", "failed to allocate RandomX dataset using 1GB pages", ""}, // smaller pages do
	{"randomx ", "failed to allocate RandomX dataset", miners.CodeOutOfMemory},
	{"randomx ", "not enough memory", miners.CodeOutOfMemory},

	{"", "self-test failed", miners.CodeHardwareError},
	{"", "COMPUTE ERROR", miners.CodeHardwareError},
	{"", "disabled (no suitable configuration found)", miners.CodeNoDevice},
	{"* OPENCL ", "disabled (no devices)", miners.CodeNoDevice},
	{"* CUDA ", "disabled (no devices)", miners.CodeNoDevice},
	{"* OPENCL ", "disabled (", miners.CodeDriverProblem},
	{"* CUDA ", "disabled (", miners.CodeDriverProblem},
	{"", "No OpenCL platform found", miners.CodeDriverProblem},
	{"", "OpenCL context unavailable", miners.CodeDriverProblem},
	{"", "CUDA plugin is outdated", miners.CodeDriverProblem},
	{"cpu ", "disabled (failed to start threads)", miners.CodeDeviceFailed},
	{"opencl ", "disabled (failed", miners.CodeDriverProblem},
	{"nvidia ", "disabled (failed", miners.CodeDriverProblem},

	{"no valid configuration found", "", miners.CodeFatal},
	{"", "unsupported non-option argument", miners.CodeUnsupported},
	{"", "unrecognized option", miners.CodeUnsupported},
}

// A card's thread or a call of its driver failed.
var (
	threadFailed = regexp.MustCompile(`thread #\d+ failed with error (.*)`)
	callFailed   = regexp.MustCompile(`(?i)error (\S+) when calling (cl\w+)`)
	dagFailed    = regexp.MustCompile(`failed to initialize DAG: (.*)`)
)

// trouble returns the kind of trouble that line tells of, or nothing.
func trouble(line string) miners.Code {
	for _, known := range symptoms {
		if strings.HasPrefix(line, known.begins) && strings.Contains(line[len(known.begins):], known.words) {
			return known.code
		}
	}
	for _, failed := range []*regexp.Regexp{threadFailed, dagFailed} {
		if m := failed.FindStringSubmatch(line); m != nil {
			return deviceCode(m[1], "")
		}
	}
	if m := callFailed.FindStringSubmatch(line); m != nil {
		return deviceCode(m[1], m[2])
	}
	return ""
}

// deviceCode returns what the error of a card means, at a call of OpenCL or at work.
func deviceCode(reason, call string) miners.Code {
	reason = strings.ToLower(reason)
	switch {
	case strings.Contains(reason, "illegal memory"):
		return miners.CodeDeviceFailed
	case strings.Contains(reason, "memory"), strings.Contains(reason, "mem_object_allocation"),
		strings.Contains(reason, "out_of_resources"), strings.Contains(reason, "buffer_size"), call == "clCreateBuffer":
		return miners.CodeOutOfMemory
	case strings.Contains(reason, "insufficient"), strings.Contains(reason, "no kernel image"),
		call != "" && !strings.HasPrefix(call, "clEnqueue"):
		return miners.CodeDriverProblem
	}
	return miners.CodeDeviceFailed
}
