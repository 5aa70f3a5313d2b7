package metrics_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/adit-mining/adit/pool-server/histogram"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/metrics"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/pool-server/sharelog"
	"github.com/adit-mining/adit/pool-server/stats"
	"github.com/adit-mining/adit/pool-server/stratum"
)

func times(values ...time.Duration) histogram.Snapshot {
	h := histogram.Times()
	for _, v := range values {
		h.Observe(int64(v))
	}
	return h.Snapshot()
}

// busy is a server on which everything has happened.
func busy() metrics.Source {
	port := metrics.Port{
		Listen: "0.0.0.0:3333",
		Stats: stratum.Stats{Sessions: 3, Connections: 10, Refused: 2, Dropped: 1, Bans: 4, Garbage: 5, Accepted: 1000, Candidates: 6,
			Rejected: map[int]uint64{21: 7, 23: 8}},
		Measures: stratum.Measures{Authorized: 2, Refused: map[string]uint64{"banned": 2, "full": 0}, Received: 12345, Sent: 54321, SlowReaders: 1,
			JobsSent: 40, DifficultyChanges: 9, Submit: times(time.Millisecond, 3*time.Millisecond, time.Minute), FirstJob: times(time.Millisecond), Broadcast: times(2 * time.Millisecond)},
	}
	doge := metrics.Pool{
		ID: "dogecoin", Ports: []metrics.Port{port, {Listen: "0.0.0.0:3334", Stats: stratum.Stats{Rejected: map[int]uint64{}}}},
		Nodes: []metrics.Node{
			{Status: node.NodeStatus{Node: "127.0.0.1:22555", Height: 5, At: time.Now().Add(-time.Minute)}, Measures: node.Measures{Answered: times(time.Second), Failed: map[string]uint64{"busy": 3}}},
			{Status: node.NodeStatus{Node: "127.0.0.2:22555", Err: errors.New("away")}},
		},
		ByHeader: 2, ByTemplate: 1,
		Stats:   stats.Pool{Rate: stats.Rate{Hashrate: 5e9}, Miners: 2, Workers: 3},
		Payouts: payouts.Status{Halted: true, LastPass: time.Unix(1_700_000_000, 0)}, Fresh: true, Height: 5, NetworkDifficulty: 0.5,
	}
	return metrics.Source{
		Version: "1.2.3",
		Pools:   func() []metrics.Pool { return []metrics.Pool{doge, {ID: "litecoin"}} },
		ShareLog: func() (sharelog.Status, sharelog.Measures) {
			return sharelog.Status{FirstPosition: 3, LastPosition: 12, Bytes: 999, Pending: 2, Records: 500, Batches: 10, Durability: sharelog.Async, Err: errors.New("disk full")},
				sharelog.Measures{Lost: 1, Commit: times(4 * time.Millisecond), Size: histogram.New(1, 10, 100).Snapshot()}
		},
		Counting: func() bool { return true },
		Position: func(context.Context) (uint64, error) { return 9, nil },
		Blocks: func(_ context.Context, pool string) (metrics.Blocks, error) {
			if pool != "dogecoin" {
				return nil, nil
			}
			return metrics.Blocks{ledger.Matured: 4, ledger.Orphaned: 1}, nil
		},
	}
}

// scraped asks h as Prometheus does and reads the answer with Prometheus's own reader.
func scraped(t *testing.T, h http.Handler) (families map[string]*dto.MetricFamily, text string) {
	t.Helper()
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, metrics.Path, nil))
	if answer.Code != http.StatusOK || !strings.HasPrefix(answer.Header().Get("Content-Type"), "text/plain") {
		t.Fatalf("status %d, %s: %s", answer.Code, answer.Header().Get("Content-Type"), answer.Body)
	}
	text = answer.Body.String()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("the answer cannot be read: %v\n%s", err, text)
	}
	return families, text
}

func TestNumbersAreShownAsPrometheusReadsThem(t *testing.T) {
	families, text := scraped(t, metrics.New(busy()))
	for _, want := range []string{
		`adit_stratum_sessions{pool="dogecoin",port="0.0.0.0:3333"} 3`,
		`adit_stratum_shares_accepted_total{pool="dogecoin",port="0.0.0.0:3333"} 1000`,
		`adit_stratum_shares_rejected_total{pool="dogecoin",port="0.0.0.0:3333",reason="stale"} 7`,
		`adit_stratum_shares_rejected_total{pool="dogecoin",port="0.0.0.0:3333",reason="duplicate"} 0`,
		`adit_stratum_connections_refused_total{pool="dogecoin",port="0.0.0.0:3333",reason="banned"} 2`,
		`adit_stratum_submit_duration_seconds_bucket{pool="dogecoin",port="0.0.0.0:3333",le="0.001"} 1`,
		`adit_stratum_submit_duration_seconds_bucket{pool="dogecoin",port="0.0.0.0:3333",le="0.005"} 2`,
		`adit_stratum_submit_duration_seconds_bucket{pool="dogecoin",port="0.0.0.0:3333",le="+Inf"} 3`,
		`adit_stratum_submit_duration_seconds_sum{pool="dogecoin",port="0.0.0.0:3333"} 60.004`,
		`adit_node_up{node="127.0.0.1:22555",pool="dogecoin"} 1`,
		`adit_node_up{node="127.0.0.2:22555",pool="dogecoin"} 0`,
		`adit_node_call_failures_total{node="127.0.0.1:22555",pool="dogecoin",reason="busy"} 3`,
		`adit_pool_new_blocks_total{pool="dogecoin",source="header"} 2`,
		`adit_sharelog_up 0`,
		`adit_sharelog_info{durability="async"} 1`,
		`adit_ledger_lag_batches 3`,
		`adit_pool_blocks{pool="dogecoin",status="orphaned"} 1`,
		`adit_pool_blocks_found_total{pool="dogecoin"} 5`,
		`adit_pool_blocks_found_total{pool="litecoin"} 0`,
		`adit_pool_work_fresh{pool="litecoin"} 0`,
		`adit_pool_hashrate{pool="dogecoin"} 5e+09`,
		`adit_payouts_halted{pool="dogecoin"} 1`,
		`adit_build_info{version="1.2.3"} 1`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("missing %s", want)
		}
	}
	for _, name := range []string{"go_goroutines", "go_memstats_alloc_bytes", "process_cpu_seconds_total"} {
		if families[name] == nil {
			t.Errorf("no %s", name)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

func TestNamesFollowTheConventions(t *testing.T) {
	_, text := scraped(t, metrics.New(busy()))
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "adit_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}

// TestLabelsAreTheOperators says which labels there are: whoever adds one has to think
// of how many values strangers can give it.
func TestLabelsAreTheOperators(t *testing.T) {
	families, _ := scraped(t, metrics.New(busy()))
	seen := map[string]bool{}
	for name, f := range families {
		if !strings.HasPrefix(name, "adit_") {
			continue
		}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				seen[l.GetName()] = true
			}
		}
	}
	want := []string{"durability", "node", "pool", "port", "reason", "source", "status", "version"}
	if got := slices.Sorted(maps.Keys(seen)); !slices.Equal(got, want) {
		t.Errorf("got labels %v, want %v", got, want)
	}
}

func TestALedgerThatCannotBeReadIsANumber(t *testing.T) {
	s := busy()
	s.Position = func(context.Context) (uint64, error) { return 0, errors.New("locked") }
	_, text := scraped(t, metrics.New(s))
	if !strings.Contains(text, "adit_ledger_up 0\n") || strings.Contains(text, "adit_ledger_lag") || strings.Contains(text, "adit_pool_blocks") {
		t.Error(text)
	}
	if !strings.Contains(text, "adit_stratum_sessions{") {
		t.Error("the other numbers are missing")
	}
}

func TestATokenIsAskedFor(t *testing.T) {
	h := metrics.WithToken("correct horse", metrics.New(busy()))
	for header, want := range map[string]int{
		"":                       http.StatusUnauthorized,
		"Bearer wrong":           http.StatusUnauthorized,
		"Bearer correct hors":    http.StatusUnauthorized,
		"correct horse":          http.StatusUnauthorized,
		"Basic correct horse":    http.StatusUnauthorized,
		"Bearer correct horse":   http.StatusOK,
		"Bearer correct horse x": http.StatusUnauthorized,
	} {
		r := httptest.NewRequest(http.MethodGet, metrics.Path, nil)
		if header != "" {
			r.Header.Set("Authorization", header)
		}
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		if answer.Code != want {
			t.Errorf("%q: status %d, want %d", header, answer.Code, want)
		}
		if want != http.StatusOK && strings.Contains(answer.Body.String(), "adit_") {
			t.Errorf("%q: numbers are told without the token", header)
		}
	}
}

func TestRequestsBeyondAFewAreTurnedAway(t *testing.T) {
	s, entered, leave := busy(), make(chan struct{}, 100), make(chan struct{})
	s.Counting = func() bool { entered <- struct{}{}; <-leave; return true }
	h := metrics.New(s)
	ended := make(chan int, 4)
	for range 4 {
		go func() {
			answer := httptest.NewRecorder()
			h.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, metrics.Path, nil))
			ended <- answer.Code
		}()
		<-entered
	}
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, metrics.Path, nil))
	if answer.Code != http.StatusServiceUnavailable {
		t.Errorf("status %d, want 503", answer.Code)
	}
	close(leave)
	for range 4 {
		if code := <-ended; code != http.StatusOK {
			t.Errorf("status %d, want 200", code)
		}
	}
}
