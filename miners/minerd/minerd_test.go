package minerd_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/minerd"
	"github.com/adit-mining/adit/miners/parsetest"
	"github.com/adit-mining/adit/miners/pow"
)

// stamp is what minerd puts before each line.
const stamp = "[2026-05-04 03:02:01] "

func parse(lines ...string) (events []miners.Event) {
	p := minerd.Driver{}.NewParser()
	for _, line := range lines {
		events = append(events, p.Parse(stamp+line)...)
	}
	return events
}

func TestEachLineMeansWhatItSays(t *testing.T) {
	connected := miners.Connected{}
	for _, row := range []struct {
		line string
		want []miners.Event
	}{
		{"Starting Stratum on stratum+tcp://127.0.0.1:3333", nil},
		{"thread 0: 1380 hashes, 1.38 khash/s", []miners.Event{miners.Hashrate{Hashrate: 1380, Device: 0}}},
		{"thread 0: 96 hashes, 1.38 khash/s", nil}, // too little to tell
		{"Total: 3878 khash/s", []miners.Event{miners.Hashrate{Hashrate: 3878000, Device: miners.Whole}}},
		{"accepted: 27/31 (87.10%), 2.71 khash/s (yay!!!)", []miners.Event{connected,
			miners.Accepted{N: 27}, miners.Rejected{N: 4}, miners.Hashrate{Hashrate: 2710, Device: miners.Whole}}},
		{"accepted: 0/1 (0.00%), 0.00 khash/s (booooo)", []miners.Event{connected,
			miners.Rejected{N: 1}, miners.Hashrate{Device: miners.Whole}}},
		{"accepted: 3/2 (150%), 1 khash/s (yay!!!)", nil},
		{"accepted: 99999999999999999999/99999999999999999999 (-nan%), 1 khash/s (yay!!!)", nil},
		{"DEBUG: reject reason: low difficulty share", []miners.Event{miners.Problem{Code: miners.CodeShareRejected, Detail: "low difficulty share"}}},
		{"Stratum difficulty set to 0.002", []miners.Event{connected, miners.Difficulty{Difficulty: 0.002}}},
		{"Stratum difficulty set to nan", nil},
		{"Stratum requested work restart", []miners.Event{connected, miners.Job{Clean: true}}},
		{"DEBUG: job_id='2' extranonce2=00000000 ntime=5f5e1000", []miners.Event{connected, miners.Job{ID: "2"}}},
		{"Stratum connection failed: Failed to connect to 127.0.0.1 port 1: Connection refused",
			[]miners.Event{miners.Problem{Code: miners.CodeConnectFailed, Detail: "Stratum connection failed: Failed to connect to 127.0.0.1 port 1: Connection refused"}}},
		{"Stratum connection failed: Could not resolve host: pool.invalid",
			[]miners.Event{miners.Problem{Code: miners.CodeDNSFailed, Detail: "Stratum connection failed: Could not resolve host: pool.invalid"}}},
		{"...retry after 3 seconds", nil},
		{"Stratum authentication failed", []miners.Event{miners.Problem{Code: miners.CodeAuthFailed, Detail: "Stratum authentication failed"}}},
		{"stratum_recv_line failed", []miners.Event{miners.Disconnected{Code: miners.CodeDisconnected, Reason: "stratum_recv_line failed"}}},
		{"Stratum connection interrupted", []miners.Event{miners.Disconnected{Code: miners.CodeDisconnected, Reason: "Stratum connection interrupted"}}},
		{"Stratum connection timed out", []miners.Event{miners.Disconnected{Code: miners.CodeTimeout, Reason: "Stratum connection timed out"}}},
		{"...terminating workio thread", []miners.Event{miners.Problem{Code: miners.CodeNoPool, Detail: "...terminating workio thread"}}},
		{"workio thread dead, exiting.", []miners.Event{miners.Problem{Code: miners.CodeFatal, Detail: "workio thread dead, exiting."}}},
		{"MESSAGE FROM SERVER: accepted: 9/9 (100.00%), 1 khash/s (yay!!!)", []miners.Event{miners.Message{Text: "accepted: 9/9 (100.00%), 1 khash/s (yay!!!)"}}},
		{"", nil},
	} {
		if got := parse(row.line); !slices.Equal(got, row.want) {
			t.Errorf("%q\n got %#v\nwant %#v", row.line, got, row.want)
		}
	}
}

func TestARunIsToldInOrder(t *testing.T) {
	got := parse(
		"2 miner threads started, using 'scrypt' algorithm.",
		"Starting Stratum on stratum+tcp://127.0.0.1:3333",
		"Stratum difficulty set to 0.002",
		"DEBUG: job_id='1' extranonce2=00000000 ntime=5f5e1000",
		"DEBUG: job_id='1' extranonce2=01000000 ntime=5f5e1000",
		"thread 1: 1500 hashes, 1.50 khash/s",
		"thread 0: 1000 hashes, 1.00 khash/s",
		"accepted: 1/1 (100.00%), 2.50 khash/s (yay!!!)",
		"accepted: 1/2 (50.00%), 2.50 khash/s (booooo)",
		"DEBUG: reject reason: duplicate share",
		"accepted: 2/3 (66.67%), 2.50 khash/s (yay!!!)",
		"stratum_recv_line failed",
		"Stratum connection interrupted",
		"Stratum requested work restart",
	)
	whole := miners.Hashrate{Hashrate: 2500, Device: miners.Whole}
	want := []miners.Event{
		miners.Connected{}, miners.Difficulty{Difficulty: 0.002}, miners.Job{ID: "1"},
		miners.Hashrate{Hashrate: 1500, Device: 1}, miners.Hashrate{Hashrate: 1000, Device: 0}, whole,
		miners.Accepted{N: 1}, // its rate is the sum of the threads' last ones, which may be of ten hashes
		miners.Rejected{N: 1}, miners.Problem{Code: miners.CodeShareRejected, Detail: "duplicate share"},
		miners.Accepted{N: 1},
		miners.Disconnected{Code: miners.CodeDisconnected, Reason: "stratum_recv_line failed"},
		miners.Connected{}, miners.Job{Clean: true},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
}

func TestCountsBeginAnewWithTheProgram(t *testing.T) {
	var accepted, rejected int64
	for _, e := range parse(
		"2 miner threads started, using 'scrypt' algorithm.",
		"accepted: 5/6 (83.33%), 1 khash/s (yay!!!)",
		"2 miner threads started, using 'scrypt' algorithm.",
		"accepted: 1/1 (100.00%), 1 khash/s (yay!!!)",
		"accepted: 7/9 (77.78%), 1 khash/s (yay!!!)",
		"accepted: 0/1 (0.00%), 1 khash/s (booooo)", // began anew, and the line that says so was lost
	) {
		switch e := e.(type) {
		case miners.Accepted:
			accepted += e.N
		case miners.Rejected:
			rejected += e.N
		}
	}
	if accepted != 12 || rejected != 4 {
		t.Errorf("%d accepted and %d rejected, want 12 and 4", accepted, rejected)
	}
}

func TestRecordings(t *testing.T) { parsetest.Run(t, minerd.Driver{}, "testdata") }

func TestCommandLine(t *testing.T) {
	p := miners.Plan{Algorithm: pow.Scrypt, URL: "stratum+ssl://127.0.0.1:3333", User: "KEY.rig1", Password: "x", Threads: 2}
	want := "-a scrypt -o stratum+tcps://127.0.0.1:3333 -u KEY.rig1 -p x -R 5 -D -t 2"
	if got := strings.Join(minerd.Driver{}.Args(p), " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, line := range []string{
		stamp + "accepted: 27/31 (87.10%), 2.71 khash/s (yay!!!)",
		stamp + "thread 0: 96 hashes, 1.38 khash/s",
		stamp + "Total: n/a khash/s",
		stamp + "2 miner threads started, using 'scrypt' algorithm.",
		"Stratum difficulty set to 1e999",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		p := minerd.Driver{}.NewParser()
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
					if !(e.Hashrate >= 0) {
						t.Errorf("%q gives a hashrate of %v", line, e.Hashrate)
					}
				}
			}
		}
	})
}
