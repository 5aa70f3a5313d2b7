package main_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/poolapi"
)

// diagnosis is what adit doctor --json promises.
type diagnosis struct {
	Version  int
	OK       bool
	Findings []struct{ Check, Level, Code, What, Do string }
}

func TestDoctorTellsTroubleInJSONAndByItsExit(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == poolapi.InfoPath {
			_ = json.NewEncoder(w).Encode(poolapi.PoolInfo{Version: poolapi.Version, Name: "Example pool"})
		}
	}))
	defer site.Close()
	dir := t.TempDir()
	r := adit(t, "", "doctor", "--json", "--pool", site.URL, "--data", dir)
	var d diagnosis
	if err := json.Unmarshal([]byte(r.stdout), &d); err != nil {
		t.Fatalf("%v: %s%s", err, r.stdout, r.stderr)
	}
	codes := map[string]string{}
	for _, f := range d.Findings {
		codes[f.Check] = f.Code
		if f.What == "" || f.Level == "trouble" && f.Do == "" {
			t.Errorf("%s.%s: what %q, do %q", f.Check, f.Code, f.What, f.Do)
		}
	}
	// A pool without a port is trouble, all else on the way to it is well.
	if r.code != 1 || d.Version != 1 || d.OK || codes["http"] != "ok" || codes["clock"] != "ok" || codes["stratum"] != "none" {
		t.Errorf("exit %d, %+v", r.code, d)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("the doctor left %v, %v", left, err)
	}
}

func TestDoctorWithoutAPoolLooksAtTheComputer(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "adit")
	r := adit(t, "", "doctor", "--data", dir)
	if r.code != 0 || !strings.Contains(r.stdout, "No pool is chosen yet.") || !strings.Contains(r.stdout, "→ Choose a pool") || !strings.Contains(r.stdout, "can mine.") {
		t.Errorf("%d %s%s", r.code, r.stdout, r.stderr)
	}
}

func TestDoctorTakesThePoolFromTheSettings(t *testing.T) {
	dir := t.TempDir()
	const text = `{"pool": "http://127.0.0.1:1", "worker": "pc", "power": "balanced", "miner": "/nowhere/xmrig"}`
	if err := os.WriteFile(filepath.Join(dir, "settings.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r := adit(t, "", "doctor", "--data", dir)
	for _, part := range []string{"http://127.0.0.1:1", "refuses connections", "/nowhere/xmrig was installed and is gone"} {
		if !strings.Contains(r.stdout, part) {
			t.Errorf("without %q: %s", part, r.stdout)
		}
	}
	if r.code != 1 {
		t.Errorf("exit %d", r.code)
	}
}
