package cpufamily_test

import (
	"reflect"
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/cpufamily"
)

// stamp is what the programs put before each line.
const stamp = "[2026-05-04 03:02:01] "

func parse(lines ...string) (events []miners.Event) {
	var l cpufamily.Log
	for _, line := range lines {
		events = append(events, cpufamily.Each(stamp+line, parser(&l))...)
	}
	return events
}

// parser is a program's parser that has no lines of its own.
func parser(l *cpufamily.Log) func(line string) []miners.Event {
	return func(line string) []miners.Event {
		events, _ := l.Parse(line)
		return events
	}
}

func TestALineThatWasBrokenOffIsRead(t *testing.T) {
	got := parse("accepted: 3/4 (75.0", "accepted: 4/", "accepted: 4/5 (80.00%), 4.5"+stamp+"accepted: 1/1 (100.00%), 4.50 khash/s (yay!!!)")
	want := []miners.Event{
		miners.Connected{}, miners.Accepted{N: 3}, miners.Rejected{N: 1},
		miners.Accepted{N: 1}, // and then another run
		miners.Accepted{N: 1}, miners.Hashrate{Hashrate: 4500, Device: miners.Whole},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf(" got %#v\nwant %#v", got, want)
	}
}

func TestEachLineMeansWhatItSays(t *testing.T) {
	connected := miners.Connected{}
	whole := func(rate miners.Hashrate) miners.Hashrate { rate.Device = miners.Whole; return rate }
	for _, row := range []struct {
		line string
		want []miners.Event
	}{
		{"accepted: 18/20 (diff 0.000), 0.79 kH/s (yes!)", []miners.Event{connected, miners.Accepted{N: 18}, miners.Rejected{N: 2}, whole(miners.Hashrate{Hashrate: 790})}},
		{"accepted: 12/13 (diff 0.512), 35.20 MH/s yes!", []miners.Event{connected, miners.Accepted{N: 12}, miners.Rejected{N: 1}, whole(miners.Hashrate{Hashrate: 35.2e6})}},
		{"accepted: 1/1 (100.00%), 30.16 H/s at diff 5000 (yay!!!)", []miners.Event{connected, miners.Accepted{N: 1}, whole(miners.Hashrate{Hashrate: 30.16})}},
		{"accepted: 3/3 (100.00%), n/a khash/s (yay!!!)", []miners.Event{connected, miners.Accepted{N: 3}}},
		{"[S/A/T]: 0/42/43, diff: 108.443, 686.95MH/s yes!", []miners.Event{connected, miners.Accepted{N: 42}, miners.Rejected{N: 1}, whole(miners.Hashrate{Hashrate: 686.95e6})}},
		{"CPU #5: 6 H, 39.31 H/s", []miners.Event{miners.Hashrate{Hashrate: 39.31, Device: 5}}},
		{"accepted: 5/3 (100.00%), 1 khash/s (yay!!!)", nil},
		{"PROOF OF WORK RESULT: true (yay!!!)", []miners.Event{connected, miners.Accepted{N: 1}}},
		{"PROOF OF WORK RESULT: false (booooo)", []miners.Event{connected, miners.Rejected{N: 1}}},
		{"HashMeter(1): 16777216 hashes, 1354.39 khash/sec", []miners.Event{miners.Hashrate{Hashrate: 1354390, Device: 1}}},
		{"CPU #1: 0.51 kH/s", []miners.Event{miners.Hashrate{Hashrate: 510, Device: 1}}},
		{"thread 0: 36 hashes, 7.07 H/s", []miners.Event{miners.Hashrate{Hashrate: 7.07, Device: 0}}},
		{"CPU T2: Verus Hashing. (null), 314.54 kH/s", []miners.Event{miners.Hashrate{Hashrate: 314540, Device: 2}}},
		{"CPU #99999999999: 0.51 kH/s", nil},
		{"Total: 3.58 kH/s", []miners.Event{whole(miners.Hashrate{Hashrate: 3580})}},
		{"Benchmark: 35.20 MH/s", []miners.Event{whole(miners.Hashrate{Hashrate: 35.2e6})}},
		{"reject reason: low difficulty share", []miners.Event{miners.Problem{Code: miners.CodeShareRejected, Detail: "low difficulty share"}}},
		{"Reject reason:", nil},
		{"Stratum difficulty set to 5e-05 (0.00390)", []miners.Event{connected, miners.Difficulty{Difficulty: 5e-05}}},
		{"x11 block 840001, diff 32767.750", []miners.Event{connected, miners.Job{Height: 840001}}},
		{"pool.example:3333 x11 block 840001", []miners.Event{connected, miners.Job{Height: 840001}}},
	} {
		if got := parse(row.line); !reflect.DeepEqual(got, row.want) {
			t.Errorf("%q\n got %#v\nwant %#v", row.line, got, row.want)
		}
	}
}

func TestTroubleHasItsCode(t *testing.T) {
	for line, code := range map[string]miners.Code{
		"Stratum connection failed: Failed to connect to 127.0.0.1 port 1: Connection refused": miners.CodeConnectFailed,
		"Stratum connection failed: Could not resolve host: pool.invalid":                      miners.CodeDNSFailed,
		"Stratum connection failed: URL using bad/illegal format or missing URL":               miners.CodeBadURL,
		"HTTP request failed: The requested URL returned error: 401 Unauthorized":              miners.CodeAuthFailed,
		"HTTP request failed: Empty reply from server":                                         miners.CodeConnectFailed,
		`JSON-RPC call failed: { "code": -9, "message": "Bitcoin is not connected!" }`:         miners.CodePoolDown,
		"HTTP request failed: The requested URL returned error: 503":                           miners.CodePoolDown,
		"thread 3 create failed":                                                            miners.CodeFatal,
		"work retrieval failed, exiting mining thread 0":                                    miners.CodeFatal,
		"JSON decode failed(1): '[' or '{' expected near '<'":                               miners.CodeProtocolError,
		"Stratum authentication failed (unauthorized)":                                      miners.CodeAuthFailed,
		"You are not authorized, check your login and password.":                            miners.CodeAuthFailed,
		"stratum_subscribe timed out":                                                       miners.CodeTimeout,
		"...terminating workio thread":                                                      miners.CodeNoPool,
		"workio thread dead, exiting.":                                                      miners.CodeFatal,
		"Unknown algo parameter 'nosuch'":                                                   miners.CodeUnsupported,
		"minerd: unknown algorithm -- 'nosuch'":                                             miners.CodeUnsupported,
		"./minerd: unrecognized option '--nosuch'":                                          miners.CodeUnsupported,
		"./minerd: no URL supplied":                                                         miners.CodeBadURL,
		"scrypt buffer allocation failed":                                                   miners.CodeOutOfMemory,
		"API bind to port 4048 failed (Address already in use) - API will not be available": miners.CodeAPIFailed,
		"temperature too high (77C), waiting...":                                            miners.CodeDeviceIdle,
	} {
		want := []miners.Event{miners.Problem{Code: code, Detail: line}}
		if got := parse(line); !reflect.DeepEqual(got, want) {
			t.Errorf("%q gives %#v, want %s", line, got, code)
		}
	}
}

func TestTheAnswerToAFailedCallIsReadOverItsLines(t *testing.T) {
	for _, row := range []struct {
		lines  []string
		code   miners.Code
		detail string
	}{
		{[]string{"JSON-RPC call failed: [", "   20,", `   "Not supported.",`, "   null", "]"}, miners.CodeProtocolError, "JSON-RPC call failed: Not supported."},
		{[]string{"JSON-RPC call failed: {", `   "code": -9,`, `   "message": "Not connected!"`, "}"}, miners.CodePoolDown, "JSON-RPC call failed: Not connected!"},
		{[]string{"JSON-RPC call failed: [", "   20,", "   null", "]"}, miners.CodeProtocolError, "JSON-RPC call failed"},
	} {
		want := []miners.Event{miners.Problem{Code: row.code, Detail: row.detail}}
		if got := parse(row.lines...); !reflect.DeepEqual(got, want) {
			t.Errorf("%q gives %#v, want %#v", row.lines, got, want)
		}
	}
	got := parse("JSON-RPC call failed: [", "MESSAGE FROM SERVER: later")
	want := []miners.Event{miners.Problem{Code: miners.CodeProtocolError, Detail: "JSON-RPC call failed"}, miners.Message{Text: "later"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("a line after an answer that was cut gives %#v, want %#v", got, want)
	}
}

func TestALostConnectionIsToldOnce(t *testing.T) {
	got := parse(
		"Stratum requested work restart", "stratum_recv_line failed", "Stratum connection interrupted",
		"...retry after 5 seconds", "stratum_recv_line failed", // while it introduces itself
		"Stratum requested work restart", "Stratum connection timeout", "Stratum connection reset",
	)
	lost := func(code miners.Code, line string) miners.Event {
		return miners.Disconnected{Code: code, Reason: line}
	}
	want := []miners.Event{
		miners.Connected{}, miners.Job{Clean: true}, lost(miners.CodeDisconnected, "stratum_recv_line failed"),
		lost(miners.CodeDisconnected, "stratum_recv_line failed"),
		miners.Connected{}, miners.Job{Clean: true}, lost(miners.CodeTimeout, "Stratum connection timeout"),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
}

func TestThreadsAreAddedUpOnceAllAreKnown(t *testing.T) {
	got := parse("2 miner threads started, using 'x11' algorithm.", "CPU #0: 1.00 kH/s", "CPU #1: 0.50 kH/s", "CPU #0: 2.00 kH/s")
	want := []miners.Event{
		miners.Hashrate{Hashrate: 1000, Device: 0},
		miners.Hashrate{Hashrate: 500, Device: 1}, miners.Hashrate{Hashrate: 1500, Device: miners.Whole},
		miners.Hashrate{Hashrate: 2000, Device: 0}, miners.Hashrate{Hashrate: 2500, Device: miners.Whole},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
}

func FuzzLog(f *testing.F) {
	for _, line := range []string{
		"accepted: 18/20 (diff 0.000), 0.79 kH/s (yes!)", "CPU #1: 0.51 kH/s", "2 of 4 miner threads started using 'x' algorithm",
		"Stratum difficulty set to 1e999", "JSON-RPC call failed: {", `"message": "x"`,
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		l := cpufamily.Log{}
		for range 2 {
			events, known := l.Parse(line)
			if !known && events != nil {
				t.Errorf("%q is unknown and gives %#v", line, events)
			}
			for _, e := range events {
				switch e := e.(type) {
				case miners.Accepted:
					if e.N <= 0 {
						t.Errorf("%q gives %d accepted", line, e.N)
					}
				case miners.Hashrate:
					if !(e.Hashrate >= 0) || e.Device < miners.Whole {
						t.Errorf("%q gives %#v", line, e)
					}
				}
			}
		}
	})
}
