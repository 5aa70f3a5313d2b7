package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const recording = `[2026-03-04 12:00:00] Starting Stratum on stratum+tcp://127.0.0.1:3333
[2026-03-04 12:00:01] 2 miner threads started, using 'scrypt' algorithm.
[2026-03-04 12:00:09] accepted: 1/1 (100.00%), 4.25 khash/s (yay!!!)
[2026-03-04 12:00:19] accepted: 1/2 (50.00%), 4.50 khash/s (booooo)
`

func TestParseTellsWhatAProgramPrinted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "minerd.log")
	if err := os.WriteFile(file, []byte(recording), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"--program", "minerd"}, {"--program", "cpuminer", "-"}, {"--program=MinerD", file},
	} {
		r := adit(t, recording, append([]string{"parse"}, args...)...)
		if r.code != 0 || r.stderr != "" || strings.Count(r.stdout, "\n") != 1 {
			t.Errorf("%v: exit %d, %q, %q", args, r.code, r.stdout, r.stderr)
		}
		var got struct {
			Miner    string
			Accepted *int64
			Rejected *int64
			Rate     *float64 `json:"last_hashrate_hs"`
			Devices  []any
			Errors   []string
		}
		if err := json.Unmarshal([]byte(r.stdout), &got); err != nil {
			t.Fatalf("%v: %v in %q", args, err, r.stdout)
		}
		if got.Miner != "minerd" || got.Accepted == nil || *got.Accepted != 1 || got.Rejected == nil || *got.Rejected != 1 || got.Rate == nil || *got.Rate != 4500 || got.Devices == nil || got.Errors == nil {
			t.Errorf("%v: %s", args, r.stdout)
		}
	}
}

func TestParseOfNothingIsNull(t *testing.T) {
	for _, name := range []string{"minerd", "cpuminer-multi", "CPUMiner_opt", "cpumineropt", "xmrig", "cgminer", "bfgminer", "sgminer", "nsgminer"} {
		r := adit(t, "", "parse", "--program", name)
		if r.code != 0 || !strings.HasSuffix(r.stdout, `"accepted":null,"rejected":null,"last_hashrate_hs":null,"devices":[],"errors":[]}`+"\n") {
			t.Errorf("%s: exit %d, %q, %q", name, r.code, r.stdout, r.stderr)
		}
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	for _, row := range []struct {
		args []string
		code int
		want string
	}{
		{nil, 2, "cpuminer-multi, cpuminer-opt"},
		{[]string{"--program", "xmr-stak"}, 2, "cpuminer-multi, cpuminer-opt"},
		{[]string{"--program", "minerd", "a", "b"}, 2, `"b"`},
		{[]string{"--program", "minerd", "/no/such/file"}, 1, "/no/such/file"},
	} {
		r := adit(t, "", append([]string{"parse"}, row.args...)...)
		if r.code != row.code || !strings.Contains(r.stderr, row.want) || r.stdout != "" {
			t.Errorf("%v: exit %d, %q, %q", row.args, r.code, r.stdout, r.stderr)
		}
	}
}
