package console

import (
	"strings"

	"github.com/adit-mining/adit/miners"
)

// Troubles are phrases, in lower case, by which kinds of trouble are recognised. A
// star in one stands for anything. The first that fits counts.
type Troubles []struct {
	Phrase string
	Code   miners.Code
}

// of returns the kind of trouble that lower, a line in lower case, tells of.
func (t Troubles) of(lower string) (code miners.Code, known bool) {
	for _, trouble := range t {
		if holds(lower, trouble.Phrase) {
			return trouble.Code, true
		}
	}
	return "", false
}

// holds reports whether lower holds phrase.
func holds(lower, phrase string) bool {
	for part := range strings.SplitSeq(phrase, "*") {
		at := strings.Index(lower, part)
		if at < 0 {
			return false
		}
		lower = lower[at+len(part):]
	}
	return true
}

// CodeOf returns the kind of trouble that line tells of, by the program's own
// phrases first, then by those of all; nothing for a line that tells of none. A
// program's phrase with an empty code is harmless.
func CodeOf(line string, own Troubles) miners.Code {
	line = strings.ToLower(line)
	if code, known := own.of(line); known {
		return code
	}
	code, _ := common.of(line)
	return code
}

// Problems returns what CodeOf says of line as an event, or none.
func Problems(line string, own Troubles) []miners.Event {
	if code := CodeOf(line, own); code != "" {
		return []miners.Event{miners.Problem{Code: code, Detail: line}}
	}
	return nil
}

// Story is Problems for a program whose sentences alone tell that the connection has
// ended: *connected, if it was true, is then false.
func Story(line string, own Troubles, connected *bool) []miners.Event {
	code := CodeOf(line, own)
	if *connected && (code == miners.CodeDisconnected || code == miners.CodeTimeout) {
		*connected = false
		return []miners.Event{miners.Disconnected{Code: code, Reason: line}}
	}
	if code == "" {
		return nil
	}
	return []miners.Event{miners.Problem{Code: code, Detail: line}}
}

// Hearsay are phrases that programs of Claymore's time are said to print, and that no
// recording shows. They come after a program's own.
var Hearsay = Troubles{
	{"connection*closed", miners.CodeDisconnected},
	{"connection*lost", miners.CodeDisconnected},
	{"lost connection", miners.CodeDisconnected},
	{"connection*reset", miners.CodeDisconnected},
	{"connection*interrupted", miners.CodeDisconnected},
	{"overheat", miners.CodeDeviceIdle},
	{"temperature*limit*reached", miners.CodeDeviceIdle},
	{"bad allocation", miners.CodeOutOfMemory},
	{"memory object allocation failure", miners.CodeOutOfMemory},
}

// common lists phrases that drivers, libraries and most programs share.
var common = Troubles{
	{"out of memory", miners.CodeOutOfMemory},
	{"out_of_memory", miners.CodeOutOfMemory},
	{"not enough*memory", miners.CodeOutOfMemory},
	{"insufficient*memory", miners.CodeOutOfMemory},
	{"not enough vram", miners.CodeOutOfMemory},
	{"memory allocation fail", miners.CodeOutOfMemory},
	{"failed to allocate", miners.CodeOutOfMemory},
	{"cl_mem_object_allocation_failure", miners.CodeOutOfMemory},
	{"cl_out_of_host_memory", miners.CodeOutOfMemory},

	{"msr*failed", miners.CodeMSRFailed},
	{"failed*msr", miners.CodeMSRFailed},
	{"permission denied", miners.CodePermissionDenied},
	{"nopermission", miners.CodePermissionDenied},
	{"access denied", miners.CodePermissionDenied},
	{"access is denied", miners.CodePermissionDenied},
	{"insufficient permission", miners.CodePermissionDenied},
	{"operation not permitted", miners.CodePermissionDenied},

	{"no device", miners.CodeNoDevice},
	{"no gpu", miners.CodeNoDevice},
	{"no cuda", miners.CodeNoDevice},
	{"no usable*device", miners.CodeNoDevice},
	{"no supported*device", miners.CodeNoDevice},
	{"no compatible*device", miners.CodeNoDevice},
	{"cl_device_not_found", miners.CodeNoDevice},
	{"no opencl platform", miners.CodeDriverProblem},
	{"cl_platform_not_found", miners.CodeDriverProblem},
	{"clgetplatformids", miners.CodeDriverProblem},
	{"failed to load cuda", miners.CodeDriverProblem},
	{"failed*nvml", miners.CodeDriverProblem},
	{"nvml*failed", miners.CodeDriverProblem},
	{"driver*insufficient", miners.CodeDriverProblem},
	{"driver*too old", miners.CodeDriverProblem},
	{"driver error", miners.CodeDriverProblem},
	{"driver*not found", miners.CodeDriverProblem},
	{"cl_invalid_program", miners.CodeDriverProblem},
	{"cl_build_program_failure", miners.CodeDriverProblem},
	{"cl_invalid_kernel", miners.CodeDriverProblem},

	{"failed*authori", miners.CodeAuthFailed},
	{"authori*failed", miners.CodeAuthFailed},
	{"authentication failed", miners.CodeAuthFailed},
	{"not authorized", miners.CodeAuthFailed},
	{"unauthorized", miners.CodeAuthFailed},
	{"login failed", miners.CodeAuthFailed},
	{"failed to log", miners.CodeAuthFailed},
	{"login error", miners.CodeAuthFailed},
	{"invalid wallet", miners.CodeAuthFailed},
	{"wrong wallet", miners.CodeAuthFailed},
	{"invalid*address", miners.CodeAuthFailed},
	{"invalid user", miners.CodeAuthFailed},
	{"invalid login", miners.CodeAuthFailed},
	{"invalid worker", miners.CodeAuthFailed},
	{"wrong password", miners.CodeAuthFailed},

	{"invalid url", miners.CodeBadURL},
	{"invalid pool url", miners.CodeBadURL},
	{"malformed url", miners.CodeBadURL},
	{"unknown algo", miners.CodeUnsupported},
	{"unsupported algo", miners.CodeUnsupported},
	{"invalid algo", miners.CodeUnsupported},
	{"algo*not supported", miners.CodeUnsupported},
	{"unknown option", miners.CodeUnsupported},
	{"unrecognized option", miners.CodeUnsupported},
	{"unknown argument", miners.CodeUnsupported},
	{"unknown parameter", miners.CodeUnsupported},

	{"pools are unavailable", miners.CodeNoPool},
	{"no pools", miners.CodeNoPool},
	{"no active pools", miners.CodeNoPool},
	{"pool is down", miners.CodePoolDown},
	{"maintenance", miners.CodePoolDown},

	{"api*failed", miners.CodeAPIFailed},
	{"failed*api", miners.CodeAPIFailed},
	{"address already in use", miners.CodeAPIFailed},

	{"illegal memory access", miners.CodeDeviceFailed},
	{"illegal address", miners.CodeDeviceFailed},
	{"illegal_address", miners.CodeDeviceFailed},
	{"launch failure", miners.CodeDeviceFailed},
	{"launch_failed", miners.CodeDeviceFailed},
	{"cl_out_of_resources", miners.CodeDeviceFailed},
	{"detected dead", miners.CodeDeviceFailed},
	{"hung gpu", miners.CodeDeviceFailed},
	{"gpu* hang", miners.CodeDeviceFailed},
	{"gpu* hung", miners.CodeDeviceFailed},
	{"gpu*crashed", miners.CodeDeviceFailed},
	{"gpu*not responding", miners.CodeDeviceFailed},
	{"gpu is lost", miners.CodeDeviceFailed},
	{"cuda error", miners.CodeDeviceFailed},
	{"cuda_error", miners.CodeDeviceFailed},

	{"error cl_*when calling", miners.CodeDeviceFailed},

	{"segmentation fault", miners.CodeFatal},
	{"core dumped", miners.CodeFatal},
	{"terminate called after throwing", miners.CodeFatal},
	{"fatal error", miners.CodeFatal},
	{"will restart", miners.CodeRestarted},
	{"restart miner", miners.CodeRestarted},
	{"restarting miner", miners.CodeRestarted},
	{"miner restart", miners.CodeRestarted},

	{"connection refused", miners.CodeConnectFailed},
	{"failed*resolve", miners.CodeDNSFailed},
	{"not resolve", miners.CodeDNSFailed},
	{"can't resolve", miners.CodeDNSFailed},
	{"cannot resolve", miners.CodeDNSFailed},
	{"host not found", miners.CodeDNSFailed},
	{"no such host", miners.CodeDNSFailed},
	{"name or service not known", miners.CodeDNSFailed},
	{"unable to resolve", miners.CodeDNSFailed},
	{"connect*timed out", miners.CodeTimeout},
	{"connect*timed-out", miners.CodeTimeout},
	{"failed*connect", miners.CodeConnectFailed},
	{"unable to connect", miners.CodeConnectFailed},
	{"not connect to", miners.CodeConnectFailed},
	{"could not connect", miners.CodeConnectFailed},
	{"can't connect", miners.CodeConnectFailed},
	{"cannot connect", miners.CodeConnectFailed},
	{"unable to establish", miners.CodeConnectFailed},
	{"failed*establish", miners.CodeConnectFailed},
	{"connection failed", miners.CodeConnectFailed},
	{"protocol may be wrong", miners.CodeProtocolError},
	{"failed*parse", miners.CodeProtocolError},
	{"parse error", miners.CodeProtocolError},

	{"connection*lost", miners.CodeDisconnected},
	{"lost connection", miners.CodeDisconnected},
	{"connection*closed", miners.CodeDisconnected},
}
