package cgfamily_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/cgfamily"
	"github.com/adit-mining/adit/miners/pow"
)

// stamp is what cgminer puts before each line.
const stamp = " [2026-05-04 03:02:01.123] "

func parse(lines ...string) (events []miners.Event) {
	p := cgfamily.NewParser()
	for _, line := range lines {
		events = append(events, p.Parse(line)...)
	}
	return events
}

func problem(code miners.Code, detail string) []miners.Event {
	return []miners.Event{miners.Problem{Code: code, Detail: detail}}
}

func ptr[T any](v T) *T { return &v }

func TestEachLineMeansWhatItSays(t *testing.T) {
	connected := miners.Connected{}
	whole := func(rate float64) []miners.Event {
		return []miners.Event{miners.Hashrate{Hashrate: pow.Hashrate(rate), Device: miners.Whole}}
	}
	for _, row := range []struct {
		line string
		want []miners.Event
	}{
		{"Accepted 00883AE4 Diff 481/128 BA1 0 pool 0 ", []miners.Event{connected, miners.Accepted{N: 1}}},
		{"Accepted 1f2e3d4c.9a8b7c6d GPU 0 thread 1 pool 0", []miners.Event{connected, miners.Accepted{N: 1}}},
		{"Accepted untracked stratum share from pool 0", []miners.Event{connected, miners.Accepted{N: 1}}},
		{"Rejected 0d41 Diff 1/0 CPU 0  (low difficulty share) ", []miners.Event{connected, miners.Rejected{N: 1, Reason: "low difficulty share"}}},
		{"Rejected 0d41aabb Diff 1/0 GPU 0 pool 1 (this reason is longer than th", []miners.Event{connected, miners.Rejected{N: 1, Reason: "this reason is longer than th"}}},
		{"Rejected 0d41aabb Diff 1/0 CPU 1  (Job not found (=stale))", []miners.Event{connected, miners.Rejected{N: 1, Reason: "Job not found (=stale)"}}},
		{"Rejected 0d41aabb Diff 1/0 CPU 1  (Job not found (=", []miners.Event{connected, miners.Rejected{N: 1, Reason: "Job not found (="}}},
		{"Rejected 0d41aabb Diff 1/0 GPU 0  (unknown-work) (resubmit)", []miners.Event{connected, miners.Rejected{N: 1, Reason: "unknown-work"}}},
		{"Rejected 0d41aabb Diff 1/0 GPU 0 (resubmit)", []miners.Event{connected, miners.Rejected{N: 1}}},
		{"Accepted difficulty shares: 512", nil},
		{"Accepted diff1 shares: 512", nil},
		{"Accepted shares: 4", []miners.Event{miners.Accepted{N: 4}}},
		{"Rejected shares: 1 + 2 stale (50.00%)", []miners.Event{miners.Rejected{N: 1}}},
		{"Pool 0 difficulty changed to 128", []miners.Event{connected, miners.Difficulty{Difficulty: 128}}},
		{"pool.example difficulty changed to 0.031", []miners.Event{connected, miners.Difficulty{Difficulty: 0.031}}},
		{"Pool 0 difficulty changed to 4.29G", []miners.Event{connected, miners.Difficulty{Difficulty: 4.29e9}}},
		{"Network difficulty changed to 32.8k (234.6G)", nil},
		{"Stratum from pool 0 detected new block at height 840001", []miners.Event{connected, miners.Job{Height: 840001, Clean: true}}},
		{"Stratum from pool 0 requested work restart", []miners.Event{connected, miners.Job{Clean: true}}},
		{"Pool 0 stratum+tcp://127.0.0.1:3333 alive", []miners.Event{miners.Connected{Pool: "127.0.0.1:3333"}}},
		{"Pool 0 message: Accepted 00883AE4 Diff 481/128 BA1 0", []miners.Event{miners.Message{Text: "Accepted 00883AE4 Diff 481/128 BA1 0"}}},
		{"(5s):1.500T (avg):961.1Gh/s | A:4016  R:0  HW:4  WU:109.1/m", whole(1.5e12)},
		{"(5s):961.1G (avg):1.002Th/s | A:4016  R:0  HW:4  WU:109.1/m", whole(961.1e9)},
		{"(5s):612.3 (avg):590.1 Mh/s | Q:12  A:3  R:1  HW:0  E:25%  U:4.1/m", append(whole(612.3e6), miners.Accepted{N: 3}, miners.Rejected{N: 1})},
		{"(5s):612.3K (avg):590.1Kh/s | A:3  R:1  HW:0  U:4.1/m  WU:4.0/m", append(whole(612300), miners.Accepted{N: 3}, miners.Rejected{N: 1})},
		{"20s: 1.27 avg: 1.46 u: 1.07 Gh/s | A:0 R:0+0(none) HW:0/none", whole(1.27e9)},
		{"(5s):96.54 (avg):80.10h/s | A:0  R:0  HW:0  WU:0.0/m", whole(96.54)},
		{"ALL (5s):411.3K (avg):402.0Kh/s | A:7168  R:0  HW:0  WU:0.019/m", whole(411300)},
		{"10s:0.019 avg:0.024 u:0.079 KH/s | A:0 R:0 S:0 HW:0 WU:0.00/m", whole(19)},
		{"5s: 50.2 avg: 52.6 u:  0.0  h/s | A:0 R:0+0(none) HW:0/none", whole(50.2)},
		{`HTTP request failed: Protocol "stratum+tcp" not supported or disabled in libcurl`, nil},
		{"10s:-nan avg:-nan u:0.000 KH/s | A:0 R:0 S:0 HW:0 WU:0.00/m", nil},
		{"20s: 73.2 avg: 94.4 u:  0.0 Mh/s | A:3 R:1+0(none) HW:0/none", append(whole(73.2e6), miners.Accepted{N: 3}, miners.Rejected{N: 1})},
		{"GPU 0: 72.0C 2891RPM | (5s):411.3K (avg):402.0Kh/s | A:7 R:0 HW:0 WU:0.019/m",
			[]miners.Event{miners.DeviceReport{Index: 0, TemperatureC: ptr(72.0)}, miners.Hashrate{Hashrate: 411300, Device: 0}}},
		{"BA1 3 (5s):1.250T (avg):970.4Gh/s | A:512 R:128 HW:1 WU:109.1/m",
			[]miners.Event{miners.DeviceReport{Index: 3, Name: "BA1"}, miners.Hashrate{Hashrate: 1.25e12, Device: 3}}},
		{"OCL0a  0.0C | 20s: 45.0 avg: 45.7 u: 27.5 kh/s | A:1 R:0+0(none) HW:0/none",
			[]miners.Event{miners.DeviceReport{Index: 0}, miners.Hashrate{Hashrate: 45000, Device: 0}}},
		{"GPU  4:  61.0C  40%    |  411.3K/ 402.0Kh/s | R:  0.0% HW:0 WU:0.0/m I:13",
			[]miners.Event{miners.DeviceReport{Index: 4, TemperatureC: ptr(61.0), FanPercent: ptr(40.0)}, miners.Hashrate{Hashrate: 411300, Device: 4}}},
		{" GPU 1:  69.0C 2900RPM | 302.1/289.1Mh/s | A:1 R:1 HW:0 U: 1.40/m I: 9",
			[]miners.Event{miners.DeviceReport{Index: 1, TemperatureC: ptr(69.0)}, miners.Hashrate{Hashrate: 302.1e6, Device: 1}}},
		{" OCL 0: 74.0C | 131.5/ 82.7/ 66.3Mh/s | A:  1 R:  2+1( 75%) HW:   3/.01%",
			[]miners.Event{miners.DeviceReport{Index: 0, TemperatureC: ptr(74.0)}, miners.Hashrate{Hashrate: 131.5e6, Device: 0}}},
		{"OCL 0:  39.0C         | OFF     0.0   0.0 KH/s | A:0 R:0 HW:0 U:0.0/m", []miners.Event{miners.DeviceReport{Index: 0, TemperatureC: ptr(39.0)}}},
		{"Accepted 0d41aabb Diff 1/0 GPU[2026-05-04 03:02:07] Rejected 0d41aabc Diff 1/0 GPU 0 (stale)",
			[]miners.Event{connected, miners.Accepted{N: 1}, miners.Rejected{N: 1, Reason: "stale"}}},
		{"Stratum from pool 0 requested work update", []miners.Event{connected, miners.Job{}}},
		{"  1. GPU 1: Tahiti (driver: opencl)", []miners.Event{miners.DeviceReport{Index: 1, Name: "Tahiti"}}},
		{"", nil},
	} {
		if got := parse(stamp + row.line); !reflect.DeepEqual(got, row.want) {
			t.Errorf("%q\n got %#v\nwant %#v", row.line, got, row.want)
		}
	}
}

func TestTroubleHasItsCode(t *testing.T) {
	for line, code := range map[string]miners.Code{
		"Stratum connect failed to pool 0: Failed to connect to 127.0.0.1 port 1: Connection refused": miners.CodeConnectFailed,
		"Pool 0 slow/down or URL or credentials invalid":                                              miners.CodeConnectFailed,
		"Failed to resolve (?wrong URL) pool.invalid:3333":                                            miners.CodeDNSFailed,
		"Stratum connection to pool 0 interrupted":                                                    miners.CodeDisconnected,
		"Pool 0 stratum+tcp://127.0.0.1:3333 not responding!":                                         miners.CodeTimeout,
		"JSON stratum auth failed: (unknown reason)":                                                  miners.CodeAuthFailed,
		"Failed to getaddrinfo for pool.invalid:3333":                                                 miners.CodeDNSFailed,
		"Failed to connect to stratum on 127.0.0.1:1":                                                 miners.CodeConnectFailed,
		"thread 3 create failed":                                                                      miners.CodeFatal,
		"GPUs did not become initialized in 60 seconds...":                                            miners.CodeDeviceFailed,
		"No servers were found that could be used to get work from.":                                  miners.CodeNoPool,
		"No servers could be used! Exiting.":                                                          miners.CodeFatal,
		"No devices detected!":                                                                        miners.CodeNoDevice,
		"clDevicesNum returned error, no GPUs usable":                                                 miners.CodeNoDevice,
		"All devices disabled, cannot mine!":                                                          miners.CodeNoDevice,
		"clGetPlatformsIDs returned no platforms (no OpenCL SDK installed?)":                          miners.CodeDriverProblem,
		"Error -1001: Getting Platforms. (clGetPlatformsIDs)":                                         miners.CodeDriverProblem,
		"Error -11: Building Program (clBuildProgram)":                                                miners.CodeDriverProblem,
		"Error -4: Enqueueing kernel onto command queue. (clEnqueueNDRangeKernel)":                    miners.CodeOutOfMemory,
		"Error -36: Enqueueing kernel onto command queue. (clEnqueueNDRangeKernel)":                   miners.CodeDeviceFailed,
		"Error -61: clCreateBuffer (padbuffer8), decrease TC or increase LG":                          miners.CodeOutOfMemory,
		"Maximum buffer memory device 0 supports says 536870912":                                      miners.CodeOutOfMemory,
		"GPU 0 failure, disabling!":                                                                   miners.CodeDeviceFailed,
		"GPU 0: Idle for more than 60 seconds, declaring SICK!":                                       miners.CodeDeviceIdle,
		"GPU 0: Not responded for more than 10 minutes, declaring DEAD!":                              miners.CodeDeviceFailed,
		"GPU 0: Attempting to restart":                                                                miners.CodeRestarted,
		"Hit thermal cutoff limit on GPU 0, disabling!":                                               miners.CodeDeviceFailed,
		"BFL 0 hit thermal throttle limit at 75C, throttling":                                         miners.CodeDeviceIdle,
		"GPU0: invalid nonce - HW error":                                                              miners.CodeHardwareError,
		"API bind to port 4028 failed (Address already in use) - API will not be available":           miners.CodeAPIFailed,
		"Pool 0 misbehaving (coinbase check), disabling!":                                             miners.CodeProtocolError,
		"USB init, open device failed, err -3, ":                                                      miners.CodePermissionDenied,
		"cgminer: --nosuch: unrecognized option":                                                      miners.CodeUnsupported,
	} {
		if got := parse(stamp + line); !reflect.DeepEqual(got, problem(code, strings.TrimSpace(line))) {
			t.Errorf("%q gives %#v, want %s", line, got, code)
		}
	}
}

func TestHarmlessLinesGiveNothing(t *testing.T) {
	for _, line := range []string{
		"Probing for an alive pool", "Overheat detected on GPU 0, increasing fan to 100%", "Network diff set to 32.8k",
		"Pool: 0  URL: stratum+tcp://127.0.0.1:3333  User: KEY.rig1  Password: hush", "Hardware errors: 4",
		"Stratum connect failed with TLS to pool 0: SSL connect error",
		"ATI ADL's API is missing", "Pool 0 is hiding block contents from us", "Shutdown signal received.",
		"GPU0: Recovered, declaring WELL!", "New block: ...a1b2 diff 32.8k (234.6G)",
	} {
		if got := parse(stamp + line); got != nil {
			t.Errorf("%q gives %#v", line, got)
		}
	}
}

func TestAnEventThatIsPrintedTwiceCountsOnce(t *testing.T) {
	const share = "Accepted 00883AE4 Diff 481/128 BA1 0 "
	got := parse(
		stamp+share, stamp+share+"            ", // stderr and stdout
		" [2026-05-04 03:02:01.124] "+share, // the same hash again, in truth
		"(5s):1.500T (avg):961.1Gh/s | A:4016  R:0  HW:4  WU:109.1/m          "+stamp+"Rejected 00883AE5 Diff 481/128 BA1 0 ", // glued
	)
	want := []miners.Event{
		miners.Connected{}, miners.Accepted{N: 1}, miners.Accepted{N: 1},
		miners.Hashrate{Hashrate: 1.5e12, Device: miners.Whole}, miners.Rejected{N: 1},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
}

func TestOneStreamTellsAsMuchAsBoth(t *testing.T) {
	var errs, out []string
	for i := range 300 { // more than a pipe holds back
		text := fmt.Sprintf("%sAccepted %08x Diff 481/128 BA1 0 ", stamp, i)
		if i%3 == 0 {
			text = fmt.Sprintf("%sRejected %08x Diff 481/128 BA1 0 (stale)", stamp, i)
		}
		errs = append(errs, text)
		out = append(out, text+"                    ")
	}
	count := func(lines []string) (accepted, rejected int64) {
		for _, e := range parse(lines...) {
			switch e := e.(type) {
			case miners.Accepted:
				accepted += e.N
			case miners.Rejected:
				rejected += e.N
			}
		}
		return accepted, rejected
	}
	for name, lines := range map[string][]string{"stderr": errs, "stdout": out, "one behind the other": slices.Concat(errs, out)} {
		if accepted, rejected := count(lines); accepted != 200 || rejected != 100 {
			t.Errorf("%s: %d accepted, %d rejected", name, accepted, rejected)
		}
	}
}

func TestARefusedUserIsNoAbsentPool(t *testing.T) {
	got := parse(
		stamp+"JSON stratum auth failed: [", "   24,", `   "unauthorized",`, "   null", "]",
		stamp+"Pool 0 slow/down or URL or credentials invalid",
		stamp+"Pool 0 stratum+tcp://127.0.0.1:3333 not responding!",
	)
	if want := problem(miners.CodeAuthFailed, "JSON stratum auth failed"); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, line := range []string{
		stamp + "Rejected 0d41 Diff 1/0 CPU 0  (low difficulty share) ",
		"20s: 73.2 avg: 94.4 u:  0.0 Mh/s | A:3 R:1+0(none) HW:0/none",
		"GPU 0: 72.0C 2891RPM | (5s):411.3K (avg):402.0Kh/s | A:7 R:0   [13:12:39] Accepted 0d41",
		stamp + "Accepted shares: 99999999999999999999",
		stamp + "Error -61: clCreateBuffer (padbuffer8)",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		p := cgfamily.NewParser()
		for range 2 {
			for _, e := range p.Parse(line) {
				switch e := e.(type) {
				case miners.Accepted:
					if e.N <= 0 {
						t.Errorf("%q gives %d accepted", line, e.N)
					}
				case miners.Rejected:
					if e.N <= 0 {
						t.Errorf("%q gives %d rejected", line, e.N)
					}
				case miners.Hashrate:
					if !(e.Hashrate >= 0) || e.Device < miners.Whole || e.Device > 999 {
						t.Errorf("%q gives %#v", line, e)
					}
				case miners.Problem:
					if e.Code == "" {
						t.Errorf("%q gives %#v", line, e)
					}
				}
			}
		}
	})
}
