package work_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/pool-server/work"
)

var record = flag.Bool("record", false, "write the daemons' templates to pooltest/testdata")

// easiest is a share target that every hash meets.
var easiest = pow.TargetFromDifficulty(pow.SHA256d, 0)

func params(a pow.Algorithm) work.Params {
	return work.Params{
		Algorithm: a, PayTo: pooltest.Somebody, Tag: "/Adit/", Extranonce2Size: 4,
		VersionMask: 0x1fffe000, Unique: []byte("test run"),
	}
}

// edited is a recorded template with some fields set, or deleted by nil.
func edited(t testing.TB, name string, edits map[string]any) json.RawMessage {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal(pooltest.Recorded(t, name), &fields); err != nil {
		t.Fatal(err)
	}
	for k, v := range edits {
		if fields[k] = v; v == nil {
			delete(fields, k)
		}
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// template parses a recorded template, changed by edits.
func template(t testing.TB, name string, edits map[string]any) *work.Template {
	t.Helper()
	parsed, err := work.ParseTemplate(edited(t, name, edits))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func job(t testing.TB, tmpl *work.Template, p work.Params) *work.Job {
	t.Helper()
	j, err := work.NewJob("1f", tmpl, p)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func hasher(t testing.TB, a pow.Algorithm) pow.Hasher {
	t.Helper()
	h, err := pow.NewHasher(a)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func mine(t testing.TB, j *work.Job) *work.Candidate {
	t.Helper()
	return pooltest.Mine(t, j)
}

// keep records what a daemon answered if the test runs with -record.
func keep(t testing.TB, name string, raw json.RawMessage) {
	t.Helper()
	if !*record {
		return
	}
	var fields any
	if err := json.Unmarshal(raw, &fields); err != nil {
		t.Fatal(err)
	}
	pretty, err := json.MarshalIndent(fields, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("../pooltest/testdata", name), append(pretty, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
