package xmrig_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/parsetest"
	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/miners/xmrig"
)

// stamp is what xmrig puts before each line.
const stamp = "[2026-05-04 03:02:01.123]  "

func parse(lines ...string) (events []miners.Event) {
	p := xmrig.Driver{}.NewParser()
	for _, line := range lines {
		events = append(events, p.Parse(stamp+line)...)
	}
	return events
}

func problem(code miners.Code, detail string) []miners.Event {
	return []miners.Event{miners.Problem{Code: code, Detail: detail}}
}

func TestEachLineMeansWhatItSays(t *testing.T) {
	connected := miners.Connected{Pool: "127.0.0.1:3333"}
	for _, row := range []struct {
		line string
		want []miners.Event
	}{
		{"net      new job from 127.0.0.1:3333 diff 40 algo rx/0 height 3140001 (7 tx)",
			[]miners.Event{connected, miners.Difficulty{Difficulty: 40}, miners.Job{Height: 3140001}}},
		{"net      new job from 127.0.0.1:3333 diff 120M algo rx/0",
			[]miners.Event{connected, miners.Difficulty{Difficulty: 120e6}, miners.Job{}}},
		{"net      new job from 127.0.0.1:3333 diff 4G algo kawpow height 9",
			[]miners.Event{connected, miners.Difficulty{Difficulty: 4e9}, miners.Job{Height: 9}}},
		{"net      use pool 127.0.0.1:3333 TLSv1.3 127.0.0.1", []miners.Event{connected}},
		{"cpu      accepted (10/1) diff 40 (28 ms)", []miners.Event{miners.Accepted{N: 10}, miners.Rejected{N: 1}}},
		{`cpu      rejected (5/1) diff 40 "low difficulty share" (16 ms)`,
			[]miners.Event{miners.Accepted{N: 5}, miners.Rejected{N: 1, Reason: "low difficulty share"}}},
		{"cpu      accepted (10/1) diff 40 (2", []miners.Event{miners.Accepted{N: 10}, miners.Rejected{N: 1}}},
		{`cpu      rejected (5/1) diff 40 "low diff`, []miners.Event{miners.Accepted{N: 5}, miners.Rejected{N: 1, Reason: "low diff"}}},
		{"cpu      accepted (10/1) diff 4[2026-05-04 03:02:03.123]  cpu      accepted (11/1) diff 40 (28 ms)",
			[]miners.Event{miners.Accepted{N: 10}, miners.Rejected{N: 1}, miners.Accepted{N: 1}}},
		{"opencl   accepted (1/0) diff 40 (28 ms)", []miners.Event{miners.Accepted{N: 1}}},
		{"miner    speed 10s/60s/15m 4.71 4.42 n/a H/s max 6.07 H/s", []miners.Event{miners.Hashrate{Hashrate: 4.71, Device: miners.Whole}}},
		{"miner    speed 10s/60s/15m n/a 1,204.5 n/a kH/s max 1300.0 kH/s", []miners.Event{miners.Hashrate{Hashrate: 1204500, Device: miners.Whole}}},
		{"miner    speed 10s/60s/15m n/a n/a n/a H/s max n/a H/s", nil},
		{`net      127.0.0.1:1 127.0.0.1 connect error: "connection refused"`, problem(miners.CodeConnectFailed, "connection refused")},
		{`net      pool.invalid:3333 DNS error: "unknown node or service"`, problem(miners.CodeDNSFailed, "unknown node or service")},
		{`net      127.0.0.1:1 127.0.0.1 read error: "end of file"`, problem(miners.CodeDisconnected, "end of file")},
		{"net      no active pools, stop mining", problem(miners.CodeNoPool, "net no active pools, stop mining")},
		{`net      127.0.0.1:3333 error: "Invalid payment address provided", code: -1`, problem(miners.CodeAuthFailed, "Invalid payment address provided")},
		{"msr      FAILED TO APPLY MSR MOD, HASHRATE WILL BE LOW", problem(miners.CodeMSRFailed, "msr FAILED TO APPLY MSR MOD, HASHRATE WILL BE LOW")},
		{"randomx  failed to allocate RandomX dataset, switching to slow mode (1 ms)",
			problem(miners.CodeOutOfMemory, "randomx failed to allocate RandomX dataset, switching to slow mode (1 ms)")},
		{"cpu      thread #1 self-test failed", problem(miners.CodeHardwareError, "cpu thread #1 self-test failed")},
		{"cpu      disabled (no suitable configuration found)", problem(miners.CodeNoDevice, "cpu disabled (no suitable configuration found)")},
		{"no valid configuration found, try https://xmrig.com/wizard", problem(miners.CodeFatal, "no valid configuration found, try https://xmrig.com/wizard")},
		{"cpu      READY threads 2/2 (2) huge pages 100% 2/2 memory 4096 KB", nil},
		{"randomx  failed to allocate RandomX dataset using 1GB pages", nil},
		{"msr      register values for \"intel\" preset have been set successfully (1 ms)", nil},
		{"msr      cannot set MSR 0xc0011020 to 0x0004480000000000", problem(miners.CodeMSRFailed, "msr cannot set MSR 0xc0011020 to 0x0004480000000000")},
		{"net      HTTP API server failed to start.", problem(miners.CodeAPIFailed, "net HTTP API server failed to start.")},
		{"opencl   GPU #1 COMPUTE ERROR", problem(miners.CodeHardwareError, "opencl GPU #1 COMPUTE ERROR")},
		{"nvidia   thread #0 failed with error <x>:120 \"out of memory\"", problem(miners.CodeOutOfMemory, "nvidia thread #0 failed with error <x>:120 \"out of memory\"")},
		{"nvidia   thread #0 failed with error <x>:120 \"an illegal memory access was encountered\"", problem(miners.CodeDeviceFailed, "nvidia thread #0 failed with error <x>:120 \"an illegal memory access was encountered\"")},
		{"opencl   error CL_INVALID_BUFFER_SIZE when calling clCreateBuffer with buffer size 4294967296",
			problem(miners.CodeOutOfMemory, "opencl error CL_INVALID_BUFFER_SIZE when calling clCreateBuffer with buffer size 4294967296")},
		{"opencl   error CL_BUILD_PROGRAM_FAILURE when calling clBuildProgram", problem(miners.CodeDriverProblem, "opencl error CL_BUILD_PROGRAM_FAILURE when calling clBuildProgram")},
		{`net      127.0.0.1:3333 error: "Pool is in maintenance", code: -1`, problem(miners.CodePoolDown, "Pool is in maintenance")},
		{`[127.0.0.1:3333] connect error: "connection refused"`, problem(miners.CodeConnectFailed, "connection refused")},
		{`net      127.0.0.1:3333 write error: "broken pipe"`, problem(miners.CodeDisconnected, "broken pipe")},
		{"|        0 |       -1 |    295.4 |      n/a |      n/a | #1 26:00.0 GeForce GTX 1060 6GB", []miners.Event{miners.DeviceReport{Index: 1, Name: "GeForce GTX 1060 6GB"}}},
		{"|  0 |   1 |  01:00.0 |       1000 |      8 |    2000 | Radeon RX 580 Series (Ellesmere)", []miners.Event{miners.DeviceReport{Index: 1, Name: "Radeon RX 580 Series (Ellesmere)"}}},
		{"|        - |        - |    295.4 |      n/a |      n/a |", nil},
		{"#1, GPU #1 Radeon RX 580 Series, intensity: 864 (8/256), unroll: 8, cu: 36", []miners.Event{miners.DeviceReport{Index: 1, Name: "Radeon RX 580 Series"}}},
		{"accepted (3/0) diff 100 (284 ms)", []miners.Event{miners.Accepted{N: 3}}},
		{"speed 2.5s/60s/15m 122.0 120.3 84.7 H/s max: 150.8 H/s", []miners.Event{miners.Hashrate{Hashrate: 122, Device: miners.Whole}}},
		{"bench    benchmark finished in 51.234 seconds (19517.5 h/s) hash sum = 0123456789ABCDEF", []miners.Event{miners.Hashrate{Hashrate: 19517.5, Device: miners.Whole}}},
		{"cpu      accepted (99999999999999999999/1) diff 40 (28 ms)", nil},
		{"", nil},
	} {
		if got := parse(row.line); !slices.Equal(got, row.want) {
			t.Errorf("%q\n got %#v\nwant %#v", row.line, got, row.want)
		}
	}
}

func TestARunIsToldInOrder(t *testing.T) {
	got := parse(
		"net      use pool 127.0.0.1:3333  127.0.0.1",
		"net      new job from 127.0.0.1:3333 diff 40 algo rx/0 height 5 (7 tx)",
		"cpu      accepted (1/0) diff 40 (28 ms)",
		"net      new job from 127.0.0.1:3333 diff 40 algo rx/0 height 6 (7 tx)",
		`cpu      rejected (1/1) diff 40 "stale" (16 ms)`,
		"cpu      accepted (2/1) diff 40 (28 ms)",
		`net      127.0.0.1:3333 127.0.0.1 read error: "end of file"`,
		"net      no active pools, stop mining",
		`net      127.0.0.1:3333 127.0.0.1 connect error: "connection refused"`,
		`net      127.0.0.1:3333 unsupported algorithm "nosuch/1" detected, reconnect`,
		"net      127.0.0.1:3333 login error code: 6",
		"net      use pool 127.0.0.1:3333  127.0.0.1",
	)
	want := []miners.Event{
		miners.Connected{Pool: "127.0.0.1:3333"}, miners.Difficulty{Difficulty: 40}, miners.Job{Height: 5},
		miners.Accepted{N: 1}, miners.Job{Height: 6}, miners.Rejected{N: 1, Reason: "stale"}, miners.Accepted{N: 1},
		miners.Disconnected{Code: miners.CodeDisconnected, Reason: "end of file"},
		miners.Problem{Code: miners.CodeNoPool, Detail: "net no active pools, stop mining"},
		miners.Problem{Code: miners.CodeConnectFailed, Detail: "connection refused"},
		miners.Problem{Code: miners.CodeUnsupported, Detail: `net 127.0.0.1:3333 unsupported algorithm "nosuch/1" detected, reconnect`},
		miners.Connected{Pool: "127.0.0.1:3333"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
}

func TestCommandLine(t *testing.T) {
	plan := miners.Plan{Algorithm: "randomx", URL: "stratum+ssl://127.0.0.1:3333", User: "KEY.rig1", Password: "x", Threads: 2}
	const always = "-o 127.0.0.1:3333 -u KEY.rig1 -p x -a rx/0 --no-color --print-time=10 --health-print-time=30 --tls"
	cards := []miners.Device{
		{Vendor: miners.AMD, Index: 0, All: 0}, {Vendor: miners.NVIDIA, Index: 0, All: 1},
		{Vendor: miners.AMD, Index: 2, All: 2}, {Vendor: miners.Intel, Index: 0, All: 3},
	}
	for _, row := range []struct {
		change func(*miners.Plan)
		want   string
	}{
		{func(*miners.Plan) {}, always + " --cpu-priority=1 -t 2"},
		{func(p *miners.Plan) { p.API, p.Token = 4711, "secret" },
			always + " --http-host=127.0.0.1 --http-port=4711 --http-access-token=secret --cpu-priority=1 -t 2"},
		{func(p *miners.Plan) { p.Devices = cards },
			always + " --no-cpu --cuda --cuda-devices=0 --opencl --opencl-platform=AMD --opencl-devices=0,2"},
	} {
		p := plan
		row.change(&p)
		if got := strings.Join(xmrig.Driver{}.Args(p), " "); got != row.want {
			t.Errorf("got  %s\nwant %s", got, row.want)
		}
	}
}

func TestAlgorithmsAreInAditsSpelling(t *testing.T) {
	list := xmrig.Driver{}.Algorithms()
	if slices.Contains(list, pow.Scrypt) || slices.Contains(list, pow.SHA256d) || !slices.Contains(list, "randomx") {
		t.Errorf("Algorithms = %v", list)
	}
	for _, a := range list {
		if pow.Canonical(string(a)) != a {
			t.Errorf("%s is not how Adit spells it", a)
		}
	}
}

func TestRecordings(t *testing.T) { parsetest.Run(t, xmrig.Driver{}, "testdata") }

func FuzzParse(f *testing.F) {
	for _, line := range []string{
		`cpu      rejected (5/1) diff 40 "low difficulty share" (16 ms)`,
		"miner    speed 10s/60s/15m 4.71 4.42 n/a H/s max 6.07 H/s",
		"net      new job from 127.0.0.1:3333 diff 40K algo rx/0 height 3140001 (7 tx)",
		`net      127.0.0.1:1 127.0.0.1 connect error: "connection refused"`,
		`net      127.0.0.1:3333 error: "x", code: -1`,
	} {
		f.Add(stamp + line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		p := xmrig.Driver{}.NewParser()
		for range 2 {
			for _, e := range p.Parse(line) {
				switch e := e.(type) {
				case miners.Accepted:
					if e.N <= 0 {
						t.Errorf("%q gives %d accepted", line, e.N)
					}
				case miners.Hashrate:
					if !(e.Hashrate >= 0) {
						t.Errorf("%q gives a hashrate of %v", line, e.Hashrate)
					}
				}
			}
		}
	})
}
