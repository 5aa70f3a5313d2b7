package work_test

import (
	"encoding/json"
	"testing"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/pool-server/work"
)

// full is a template with that many transactions of 500 bytes, as a busy chain's
// daemon sends it.
func full(t testing.TB, transactions int) []byte {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal(pooltest.Recorded(t, "btcd.json"), &fields); err != nil {
		t.Fatal(err)
	}
	fields["transactions"] = pooltest.Transactions(transactions, 500)
	raw, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

var sink *work.Job

// BenchmarkTemplate is what a new template of 3,000 transactions costs before the
// first miner can hear of it, and BenchmarkBlock what a found block costs.
func BenchmarkTemplate(b *testing.B) {
	raw := full(b, 3000)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		tmpl, err := work.ParseTemplate(raw)
		if err != nil {
			b.Fatal(err)
		}
		sink = job(b, tmpl, params(pow.SHA256d))
	}
}

func BenchmarkBlock(b *testing.B) {
	tmpl, err := work.ParseTemplate(full(b, 3000))
	if err != nil {
		b.Fatal(err)
	}
	j := job(b, tmpl, params(pow.SHA256d))
	h := hasher(b, pow.SHA256d)
	s := work.Submission{Extranonce2: make([]byte, 4), NTime: j.CurTime}
	b.ReportAllocs()
	for found := 0; b.Loop(); {
		for before := found; found == before; s.Nonce++ {
			if r, _ := j.Check(h, extranonce1, s, easiest, 0); r.Candidate != nil {
				found++
			}
		}
	}
}
