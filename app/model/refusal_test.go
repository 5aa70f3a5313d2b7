package model_test

import (
	"testing"

	"github.com/adit-mining/adit/app/model"
)

// The reasons are from recordings of programs, and those of pools that are known.
func TestReasonsOfPoolsAreUnderstood(t *testing.T) {
	for want, reasons := range map[model.Refusal][]string{
		model.Stale: {"stale", "Stale", "stale share", "stale-work", "job not found", "Job not found", "Job not found (=stale)", "Job not found (=", "Block expired",
			"invalid or stale", "unknown-work", "Invalid job id", "21: Stale job", "this job has had its number of shares, take the next one"},
		model.Duplicate: {"duplicate share", "duplicate share.", "Duplicate", "Share already submitted"},
		model.LowDifficulty: {"low difficulty share", "Low difficulty share", "low difficulty share of 7.605096806103971e-8", "low difficulty share (3.9037666449957556E-10)",
			"Low difficulty", "Share above target", "high-hash", "jackpot condition not satisfied: hash does not meet difficulty target", "Invalid share: low difficulty"},
		model.Unauthorized: {"unauthorized worker", "Unauthorized", "authorize first", "not subscribed", "Invalid worker", "24: Unauthorized worker"},
		model.Invalid: {"Invalid share", "invalid block chain index", "bad share", "Provided PoW solution is invalid!", "Invalid PoW Solution", "Invalid time rolling",
			"ntime out of range", "version bits outside the mask", "extranonce2: want 8 hex digits", "ntime: not hex", "incorrect size of nonce", "bad-txnmrklroot"},
		model.PoolTrouble: {"internal error", "the pool could not record this share", "the block is too large to be listed", "no work"},
		"":                {"", "other", "rejected", "I do not like you"},
	} {
		for _, reason := range reasons {
			if got := model.RefusalOf(reason); got != want {
				t.Errorf("%q means %q, want %q", reason, got, want)
			}
		}
	}
	for _, r := range model.Refusals() {
		if got := model.RefusalOf(string(r)); r != model.PoolTrouble && got != r {
			t.Errorf("%q means %q", r, got)
		}
	}
}

func TestTheMainRefusalCountsWordsForTheSameTogether(t *testing.T) {
	for name, tt := range map[string]struct {
		reasons map[string]int64
		why     model.Refusal
		said    string
	}{
		"none":           {nil, "", ""},
		"one":            {map[string]int64{"stale": 1}, model.Stale, ""},
		"together":       {map[string]int64{"stale": 2, "Job not found": 2, "duplicate share": 3}, model.Stale, ""},
		"of each number": {map[string]int64{"low difficulty share of 1": 1, "low difficulty share of 2": 1, "duplicate": 1}, model.LowDifficulty, ""},
		"unheard of":     {map[string]int64{"I do not like you": 5, "stale": 4}, "", "I do not like you"},
		"as many":        {map[string]int64{"stale": 4, "duplicate": 4}, model.Duplicate, ""},
	} {
		for range 5 { // maps have no order
			if why, said := (model.Totals{Reasons: tt.reasons}).MainRefusal(); why != tt.why || said != tt.said {
				t.Errorf("%s: %q %q, want %q %q", name, why, said, tt.why, tt.said)
			}
		}
	}
}
