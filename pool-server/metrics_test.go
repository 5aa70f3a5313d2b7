package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	dto "github.com/prometheus/client_model/go"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

// get asks for url, with a token unless it is empty.
func get(t *testing.T, url, token string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// scrape reads the metrics at url; a metric's value is the sum of its series.
func scrape(t *testing.T, url, token string) map[string]float64 {
	t.Helper()
	status, text := get(t, url, token)
	if status != http.StatusOK {
		t.Fatalf("status %d: %s", status, text)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]float64{}
	for name, f := range families {
		for _, m := range f.GetMetric() {
			switch f.GetType() {
			case dto.MetricType_COUNTER:
				sums[name] += m.GetCounter().GetValue()
			case dto.MetricType_GAUGE:
				sums[name] += m.GetGauge().GetValue()
			case dto.MetricType_HISTOGRAM:
				sums[name] += float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	return sums
}

// TestMetricsTellWhatHappened runs the server as it is served, with metrics on a
// listener of their own.
func TestMetricsTellWhatHappened(t *testing.T) {
	daemon := pooltest.NewDaemon(t, pooltest.Recorded(t, "litecoin-plain.json"))
	dir := newFolder(t, daemon, func(server string) string {
		return strings.Replace(server, `"listen": "", "tokenFile"`, `"listen": "127.0.0.1:0", "tokenFile"`, 1)
	})
	s := serve(t, dir)
	m := mining(t, s)
	for m.Acknowledged < 5 {
		if _, err := m.Mine(); err != nil {
			t.Fatal(err)
		}
	}
	rejected := m.Solve()
	rejected[1] = "nojob"
	m.Call("mining.submit", rejected...)
	refused := float64(m.Refused + 1) // a share that is a block makes the one behind it stale
	eventually(t, "the ledger has applied all shares", func() bool {
		n := scrape(t, s.told["metrics"], "")
		return n["adit_ledger_lag_batches"] == 0 && n["adit_ledger_applied_position"] > 0
	})
	n := scrape(t, s.told["metrics"], "")
	shares := n["adit_stratum_shares_accepted_total"]
	for name, want := range map[string]float64{
		"adit_stratum_sessions": 1, "adit_stratum_sessions_authorized": 1, "adit_stratum_connections_total": 1,
		"adit_stratum_shares_accepted_total": 5, "adit_stratum_shares_rejected_total": refused,
		"adit_stratum_submit_duration_seconds": shares, "adit_sharelog_records_total": shares, "adit_sharelog_batch_records": n["adit_sharelog_batches_total"],
		"adit_sharelog_up": 1, "adit_ledger_up": 1, "adit_ledger_counting": 1, "adit_node_up": 1, "adit_pool_work_fresh": 1,
		"adit_pool_workers_online": 1, "adit_payouts_halted": 0, "adit_build_info": 1,
	} {
		if n[name] != want {
			t.Errorf("%s is %v, want %v", name, n[name], want)
		}
	}
	for _, name := range []string{"adit_pool_new_blocks_total", "adit_pool_hashrate", "adit_node_template_height", "adit_node_call_duration_seconds", "adit_stratum_sent_bytes_total",
		"adit_pool_height", "adit_payouts_last_pass_timestamp_seconds", "process_cpu_seconds_total"} {
		if n[name] <= 0 {
			t.Errorf("%s is %v", name, n[name])
		}
	}
	if status, _ := get(t, s.told["website"]+"/metrics", ""); status != http.StatusNotFound {
		t.Errorf("the website answers %d for the metrics, want 404", status)
	}
	if status, _ := get(t, strings.TrimSuffix(s.told["metrics"], "metrics"), ""); status != http.StatusNotFound {
		t.Errorf("the metrics' listener answers %d for anything else, want 404", status)
	}
}

// TestTheShareLogKeepsWhatTheLedgerLacksAndNoMore follows the log's first position over
// a restart.
func TestTheShareLogKeepsWhatTheLedgerLacksAndNoMore(t *testing.T) {
	daemon := pooltest.NewDaemon(t, pooltest.Recorded(t, "litecoin-plain.json"))
	dir := newFolder(t, daemon, func(server string) string {
		return strings.Replace(server, `"listen": "", "tokenFile"`, `"listen": "127.0.0.1:0", "tokenFile"`, 1)
	})
	position := 0.0
	for range 2 {
		s := serve(t, dir)
		m := mining(t, s)
		for m.Acknowledged < 3 {
			if _, err := m.Mine(); err != nil {
				t.Fatal(err)
			}
		}
		eventually(t, "the log is trimmed", func() bool {
			n := scrape(t, s.told["metrics"], "")
			if n["adit_sharelog_first_position"] > n["adit_ledger_applied_position"]+1 {
				// The ledger is read before the log, so look again.
				if again := scrape(t, s.told["metrics"], ""); n["adit_sharelog_first_position"] > again["adit_ledger_applied_position"]+1 {
					t.Fatalf("the log begins at %v, the ledger has applied %v", n["adit_sharelog_first_position"], again["adit_ledger_applied_position"])
				}
			}
			return n["adit_sharelog_first_position"] > position+1
		})
		n := scrape(t, s.told["metrics"], "")
		if n["adit_sharelog_last_position"] <= position {
			t.Errorf("the log ends at %v, it ended at %v before", n["adit_sharelog_last_position"], position)
		}
		s.stop()
		book := openBook(t, dir)
		applied, err := book.Position(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		position = float64(applied)
	}
}

func TestMetricsAtTheWebsiteWantTheirToken(t *testing.T) {
	const token = "a-token-of-some-length"
	daemon := pooltest.NewDaemon(t, pooltest.Recorded(t, "litecoin-plain.json"))
	dir := newFolder(t, daemon, func(server string) string {
		return strings.Replace(server, `"tokenFile": ""`, `"tokenFile": "secrets/metrics"`, 1)
	})
	if err := os.WriteFile(filepath.Join(dir, "secrets", "metrics"), []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, dir)
	url := s.told["website"] + "/metrics"
	for _, wrong := range []string{"", "wrong", token + "x"} {
		if status, text := get(t, url, wrong); status != http.StatusUnauthorized || strings.Contains(text, "adit_") {
			t.Errorf("token %q: status %d, %s", wrong, status, text)
		}
	}
	if n := scrape(t, url, token); n["adit_sharelog_up"] != 1 {
		t.Errorf("got %v", n)
	}
	if status, text := get(t, s.told["website"]+"/", ""); status != http.StatusOK || !strings.Contains(text, "<html") {
		t.Errorf("the website answers %d", status)
	}
}

func TestCheckTellsFaultsOfMetrics(t *testing.T) {
	daemon := pooltest.NewDaemon(t, pooltest.Recorded(t, "litecoin-plain.json"))
	for _, tt := range []struct{ metrics, want string }{
		{`{"listen": "0.0.0.0:9100", "tokenFile": ""}`, `metrics.listen: want an address of this machine alone`},
		{`{"listen": "nowhere", "tokenFile": ""}`, `metrics.listen: want host:port`},
		{`{"listen": "", "tokenFile": "secrets/none"}`, `metrics.tokenFile: no such file`},
		{`{"listen": "", "tokenFile": "secrets/short"}`, `metrics.tokenFile: want a token of 16 bytes or more`},
		{`{"listen": "", "tokenFile": "server.json"}`, `metrics.tokenFile: others can read`},
		{`{"listen": "127.0.0.1:0", "port": 1}`, `metrics.port: unknown key; known here: listen, tokenFile`},
	} {
		dir := newFolder(t, daemon, func(server string) string {
			return strings.Replace(server, `{"listen": "", "tokenFile": ""}`, tt.metrics, 1)
		})
		if err := os.WriteFile(filepath.Join(dir, "secrets", "short"), []byte("short\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(dir, "server.json"), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := runCommand(t, "check", "--offline", "--dir", dir); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.metrics, err, tt.want)
		}
	}
}

// mining returns a miner of the server's first pool, as soon as there is work.
func mining(t *testing.T, s *running) (m *pooltest.Miner) {
	t.Helper()
	address := strings.TrimPrefix(s.told["stratum litecoin-regtest"], "stratum+tcp://")
	eventually(t, "a miner gets work", func() (ok bool) {
		var err error
		m, err = pooltest.DialMiner(address, testAccount+".rig", pow.Scrypt)
		return err == nil
	})
	t.Cleanup(func() { m.Close() })
	return m
}
