package load_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/stratum"
	"github.com/adit-mining/adit/pool-server/stratum/load"
)

func TestReportReadsWellInBothForms(t *testing.T) {
	t.Parallel()
	addr, _ := serve(t, pow.SHA256d, 1e-9, func(_ stratum.Share, done func(error)) { done(nil) })
	r, err := load.Run(t.Context(), load.Options{Addr: addr, Connections: 3, Rate: 400, Duration: 200 * time.Millisecond, Mix: load.Mix{load.Honest: 2, load.Garbage: 1}})
	if err != nil {
		t.Fatal(err)
	}
	r.Accepted, r.Rejects, r.Latency.P50 = 990, map[string]int64{"21 job not found": 10}, 0.123
	var b strings.Builder
	if err := r.WriteTable(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"990", "0.123", "10  21 job not found", "p99.9", "garbage", "█", "≤ ", "login"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		t.Fatal(err)
	}
	// Scripts read these: a key may come, none may go or be called otherwise.
	for _, key := range []string{
		"addr", "algorithm", "tls", "connections", "failed", "lost", "connectsPerSecond", "churned", "returned", "resumed", "seconds",
		"sent", "accepted", "rejected", "overtaken", "unanswered", "skipped", "late", "hashes", "sharesPerSecond", "bytesIn", "bytesOut",
		"cpuSeconds", "cpuMicrosecondsPerShare", "latencyMs", "serviceMs", "loginMs", "jobs", "spreadMs", "cleanSpreadMs",
		"blockToFirstMs", "blockToLastMs", "rejects", "errors", "bad", "notes",
	} {
		if _, ok := object[key]; !ok {
			t.Errorf("no %q in %s", key, text)
		}
	}
	var keys []string
	for key := range object["latencyMs"].(map[string]any) {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	if got := strings.Join(keys, " "); got != "count max mean min p50 p90 p99 p999" {
		t.Errorf("latencyMs has %s", got)
	}
}

func TestMixIsReadAndSharedOut(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"honest=90,duplicate=10": "",
		" stale=1 , floods=0 ":   "",
		"5%":                     "",
		"100%":                   "",
		"honest":                 "want a weight",
		"honest=x":               "want a weight",
		"honest=-1":              "want a weight",
		"nice=1":                 "no role",
		"":                       "no role",
		"101%":                   "want 0%",
		"x%":                     "want 0%",
	} {
		_, err := load.ParseMix(text)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	for _, test := range []struct {
		mix         load.Mix
		connections int
		honest, bad int
	}{
		{nil, 7, 7, 0},
		{load.Mix{load.Honest: 90, load.Duplicate: 10}, 100, 90, 10},
		{load.Mix{load.Honest: 1000, load.Garbage: 1}, 10, 9, 1}, // at least one
		{load.Mix{load.Slow: 1}, 5, 0, 5},
		{load.Bad(10), 1000, 900, 100},
		{load.Bad(10), 3, 0, 3},
	} {
		counts, bad := test.mix.Share(test.connections), 0
		for role, n := range counts {
			if role != load.Honest {
				bad += n
			}
		}
		if counts[load.Honest] != test.honest || bad != test.bad {
			t.Errorf("%v of %d: got %v, want %d honest, %d bad", test.mix, test.connections, counts, test.honest, test.bad)
		}
	}
}

func TestLatenciesCountFromWhenAShareWasDue(t *testing.T) {
	t.Parallel()
	const stall = 300 * time.Millisecond
	stalled := make(chan struct{}, 1)
	stalled <- struct{}{}
	addr, _ := serve(t, pow.SHA256d, 1e-9, func(_ stratum.Share, done func(error)) {
		select {
		case <-stalled: // one session's reader waits, and so do all shares behind
			time.Sleep(stall)
		default:
		}
		done(nil)
	})
	r, err := load.Run(t.Context(), load.Options{Addr: addr, Connections: 1, Rate: 500, Pipeline: 4, Duration: 800 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if r.Rejected+r.Lost+r.Failed != 0 || r.Accepted < 100 {
		t.Fatalf("got %+v", r)
	}
	// With four shares under way only four are slow from when they were sent; from when
	// they were due, all those of the stall.
	slowest := milliseconds(stall)
	if r.Latency.Max < slowest || r.Latency.P90 < slowest/4 || r.Service.P90 > r.Latency.P90 {
		t.Errorf("from due: %+v; from sent: %+v", r.Latency, r.Service)
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / 1e6 }

func TestErrorsAreInPlainWords(t *testing.T) {
	t.Parallel()
	tcp := func(t *testing.T, answer string) string {
		return answering(t, func() string { return answer })
	}
	for name, test := range map[string]struct {
		addr func(t *testing.T) string
		o    load.Options
		want string
	}{
		"nobody listens":  {closedPort, load.Options{}, "nothing listens there"},
		"a web server":    {func(t *testing.T) string { return tcp(t, "HTTP/1.1 400 Bad Request\r\n\r\n") }, load.Options{}, "no stratum port"},
		"hangs up":        {func(t *testing.T) string { return tcp(t, "") }, load.Options{}, "subscribe: the server"},
		"TLS on plain":    {func(t *testing.T) string { return tcp(t, "no TLS here\n") }, load.Options{TLS: anyCertificate()}, "does not speak TLS"},
		"no such host":    {func(*testing.T) string { return "no-such-host.invalid:1" }, load.Options{}, "no such host"},
		"no port":         {func(*testing.T) string { return "localhost" }, load.Options{}, "want host:port"},
		"too many at all": {closedPort, load.Options{Connections: 1 << 30}, "ulimit -n"},
	} {
		t.Run(name, func(t *testing.T) {
			o := test.o
			o.Addr, o.Duration, o.Grace = test.addr(t), time.Second, 2*time.Second
			if o.Connections == 0 {
				o.Connections = 1
			}
			_, err := load.Run(t.Context(), o)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
		})
	}
}

func TestNotesSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	accept := func(_ stratum.Share, done func(error)) { done(nil) }
	t.Run("another algorithm", func(t *testing.T) {
		addr := scripted(t, map[string]string{"mining.submit": `null,"error":[23,"low difficulty share",null]`})
		r, err := load.Run(t.Context(), load.Options{Addr: addr, Connections: 1, Rate: 100, Duration: 100 * time.Millisecond})
		if err != nil || r.Rejected == 0 || !noted(r, "another algorithm") {
			t.Errorf("got %d rejected, %v, %v", r.Rejected, r.Notes, err)
		}
	})
	t.Run("too difficult", func(t *testing.T) {
		addr, _ := serve(t, pow.SHA256d, 1e6, accept)
		r, err := load.Run(t.Context(), load.Options{Addr: addr, Connections: 1, Duration: 50 * time.Millisecond})
		if err != nil || !noted(r, "takes 429") {
			t.Errorf("got %v, %v", r.Notes, err)
		}
	})
	t.Run("shares that cannot be sent", func(t *testing.T) {
		addr := scripted(t, map[string]string{"mining.submit": silence})
		r, err := load.Run(t.Context(), load.Options{Addr: addr, Connections: 1, Rate: 1000, Pipeline: 2, Duration: 50 * time.Millisecond, Grace: time.Second})
		if err != nil || r.Unanswered != 2 || r.Skipped == 0 || !noted(r, "never sent") {
			t.Errorf("got %d unanswered, %d skipped, %v, %v", r.Unanswered, r.Skipped, r.Notes, err)
		}
	})
}

func noted(r load.Report, words string) bool {
	return slices.ContainsFunc(r.Notes, func(note string) bool { return strings.Contains(note, words) })
}
