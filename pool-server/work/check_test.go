package work_test

import (
	"errors"
	"fmt"
	"maps"
	"sync"
	"testing"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/work"
)

// codeOf is a reject's code, 0 for none, -1 for an error that a miner must not
// see.
func codeOf(err error) int {
	var r *work.Reject
	switch {
	case err == nil:
		return 0
	case errors.As(err, &r):
		return r.Code
	}
	return -1
}

const mask = 0x1fffe000

func TestCheckJudgesAShare(t *testing.T) {
	j := job(t, template(t, "btcd.json", nil), params(pow.SHA256d))
	hardest := pow.TargetFromDifficulty(pow.SHA256d, 1e60)
	tests := []struct {
		name  string
		s     work.Submission
		share pow.Target
		mask  uint32
		want  int
	}{
		{"good", work.Submission{NTime: j.CurTime}, easiest, 0, 0},
		{"at the earliest time", work.Submission{NTime: j.MinTime}, easiest, 0, 0},
		{"before it", work.Submission{NTime: j.MinTime - 1}, easiest, 0, work.CodeOther},
		{"at the latest time", work.Submission{NTime: j.MaxTime}, easiest, 0, 0},
		{"after it", work.Submission{NTime: j.MaxTime + 1}, easiest, 0, work.CodeOther},
		{"above the share's target", work.Submission{NTime: j.CurTime}, hardest, 0, work.CodeLowDifficulty},
		{"rolled version", work.Submission{NTime: j.CurTime, HasVersion: true, Version: 0x00002000}, easiest, mask, 0},
		{"unrolled version", work.Submission{NTime: j.CurTime, HasVersion: true}, easiest, mask, 0},
		{"bits outside the mask", work.Submission{NTime: j.CurTime, HasVersion: true, Version: 0x20000000}, easiest, mask, work.CodeOther},
		{"bits outside the session's mask", work.Submission{NTime: j.CurTime, HasVersion: true, Version: 0x00004000}, easiest, 0x2000, work.CodeOther},
		{"rolled without agreement", work.Submission{NTime: j.CurTime, HasVersion: true, Version: 0x2000}, easiest, 0, work.CodeOther},
		{"session's mask above the pool's", work.Submission{NTime: j.CurTime, HasVersion: true, Version: 1}, easiest, 0xffffffff, work.CodeOther},
		{"short extranonce2", work.Submission{NTime: j.CurTime, Extranonce2: make([]byte, 3)}, easiest, 0, work.CodeOther},
		{"long extranonce2", work.Submission{NTime: j.CurTime, Extranonce2: make([]byte, 5)}, easiest, 0, work.CodeOther},
	}
	for _, tt := range tests {
		if tt.s.Extranonce2 == nil {
			tt.s.Extranonce2 = make([]byte, 4)
		}
		if _, err := j.Check(hasher(t, pow.SHA256d), extranonce1, tt.s, tt.share, tt.mask); codeOf(err) != tt.want {
			t.Errorf("%s: %v, want code %d", tt.name, err, tt.want)
		}
	}
}

func TestRolledVersionIsHashed(t *testing.T) {
	tmpl := template(t, "btcd.json", map[string]any{"version": 0x3fffe004})
	j := job(t, tmpl, params(pow.SHA256d))
	s := work.Submission{Extranonce2: make([]byte, 4), NTime: j.CurTime, HasVersion: true, Version: 0x00a0e000}
	r, err := j.Check(hasher(t, pow.SHA256d), extranonce1, s, easiest, mask)
	if err != nil {
		t.Fatal(err)
	}
	// The rolled bits replace those of the job under the mask (BIP 310).
	if got, want := fmt.Sprintf("%x", r.Header[:4]), "04e0a020"; got != want {
		t.Errorf("version = %s, want %s", got, want)
	}
}

func TestTimeStaysWithinTheDaemonsLimits(t *testing.T) {
	j := job(t, template(t, "litecoin-plain.json", nil), params(pow.Scrypt))
	if ahead := j.MaxTime - j.CurTime; ahead > 7200-120 || ahead < 7200-600 {
		t.Errorf("a share may be %d s ahead, want a few minutes less than the chain's two hours", ahead)
	}
	near := template(t, "btcd.json", nil)
	near.MaxTime = near.CurTime + 10
	if j := job(t, near, params(pow.SHA256d)); j.MaxTime != near.MaxTime {
		t.Errorf("latest time = %d, want the daemon's %d", j.MaxTime, near.MaxTime)
	}
}

func TestABlockIsBuiltWhateverElseIsWrong(t *testing.T) {
	j := job(t, template(t, "btcd.json", nil), params(pow.SHA256d))
	impossible := pow.TargetFromDifficulty(pow.SHA256d, 1e60)
	h := hasher(t, pow.SHA256d)
	wrong := map[string]work.Submission{
		"low difficulty": {NTime: j.CurTime},
		"time":           {NTime: j.MaxTime + 1},
		"version bits":   {NTime: j.CurTime, HasVersion: true, Version: 1},
	}
	for name, s := range wrong {
		s.Extranonce2 = make([]byte, 4)
		found := false
		for ; s.Nonce < 1000 && !found; s.Nonce++ {
			r, err := j.Check(h, extranonce1, s, impossible, 0)
			if err == nil {
				t.Fatalf("%s: accepted", name)
			}
			if found = r.Candidate != nil; found != j.Target.MetBy(r.Hash) {
				t.Fatalf("%s: candidate %v for hash %v", name, r.Candidate, r.Hash)
			}
		}
		if !found {
			t.Errorf("%s: no candidate", name)
		}
	}
}

func TestSubmissionsAreReadStrictly(t *testing.T) {
	j := job(t, template(t, "btcd.json", nil), params(pow.SHA256d))
	good := [4]string{"00ffAB01", "6500ABcd", "deadBEEF", "1fffE000"}
	s, err := j.ParseSubmission(good[0], good[1], good[2], good[3])
	if err != nil || s.NTime != 0x6500abcd || s.Nonce != 0xdeadbeef || s.Version != 0x1fffe000 || !s.HasVersion {
		t.Fatalf("submission = %+v, %v", s, err)
	}
	if s, err := j.ParseSubmission(good[0], good[1], good[2], ""); err != nil || s.HasVersion {
		t.Errorf("without version bits = %+v, %v", s, err)
	}
	bad := []string{"", "0", "00ffAB0", "00ffAB012", "00ffABzz", "00ffAB 1", "0x00ffAB", "+0ffAB01", "-0ffAB01", "0_ffAB01", "00ffAB\x00\x00", "00ffAé1", "00ffAB01 ", " 0ffAB01", "00ffAB01\n"}
	for field := range good {
		for _, text := range bad {
			if field == 3 && text == "" {
				continue
			}
			in := good
			in[field] = text
			if _, err := j.ParseSubmission(in[0], in[1], in[2], in[3]); codeOf(err) != work.CodeOther {
				t.Errorf("field %d = %q: %v, want a reject", field, text, err)
			}
		}
	}
}

// TestEverySpellingOfAShareHasOneHash: package stratum tells duplicates by the hash.
func TestEverySpellingOfAShareHasOneHash(t *testing.T) {
	j := job(t, template(t, "btcd.json", nil), params(pow.SHA256d))
	seen := map[pow.Hash]bool{}
	ntime := fmt.Sprintf("%08x", j.CurTime)
	for _, extranonce2 := range []string{"abcdef00", "ABCDEF00", "aBcDeF00", "abcdefzz", "abcdefgh", "abcdef0"} {
		for _, nonce := range []string{"0000abcd", "0000ABCD", "0000aBcD", "zz00abcd", "abcd"} {
			// Zero version bits make the same header as none, for a job with none set.
			for _, bits := range []string{"", "00000000"} {
				s, err := j.ParseSubmission(extranonce2, ntime, nonce, bits)
				if err != nil {
					continue
				}
				r, err := j.Check(hasher(t, pow.SHA256d), extranonce1, s, easiest, mask)
				if err != nil {
					t.Fatal(err)
				}
				seen[r.Hash] = true
			}
		}
	}
	if len(seen) != 1 {
		t.Errorf("one share has %d hashes in its spellings", len(seen))
	}
}

func TestManyCheckOneJobAtOnce(t *testing.T) {
	j := job(t, withTransactions(t, 10), params(pow.SHA256d))
	var hashes [8]map[pow.Hash]bool
	var wg sync.WaitGroup
	for worker := range hashes {
		h := hasher(t, pow.SHA256d)
		hashes[worker] = map[pow.Hash]bool{}
		wg.Go(func() {
			for nonce := range uint32(500) {
				s := work.Submission{Extranonce2: make([]byte, 4), NTime: j.CurTime, Nonce: nonce}
				if r, err := j.Check(h, extranonce1, s, easiest, 0); err == nil {
					hashes[worker][r.Hash] = true
				}
			}
		})
	}
	wg.Wait()
	for worker := range hashes {
		if len(hashes[worker]) != 500 || !maps.Equal(hashes[worker], hashes[0]) {
			t.Errorf("goroutine %d found %d hashes, want the same 500 as all others", worker, len(hashes[worker]))
		}
	}
}

// hard is a job of a network whose target no share meets.
func hard(t testing.TB, transactions int) *work.Job {
	tmpl := withTransactions(t, transactions)
	tmpl.Target = pow.TargetFromDifficulty(pow.SHA256d, 1e60)
	return job(t, tmpl, params(pow.SHA256d))
}

func TestCheckDoesNotAllocate(t *testing.T) {
	j, h := hard(t, 300), hasher(t, pow.SHA256d)
	s := work.Submission{Extranonce2: make([]byte, 4), NTime: j.CurTime}
	n := testing.AllocsPerRun(1000, func() {
		s.Nonce++
		if _, err := j.Check(h, extranonce1, s, easiest, 0); err != nil {
			t.Fatal(err)
		}
	})
	if n >= 1 && !raceEnabled {
		t.Errorf("%v allocations for a share, want none", n)
	}
}

func BenchmarkCheck(b *testing.B) {
	for _, transactions := range []int{0, 300, 3000} {
		b.Run(fmt.Sprintf("transactions=%d", transactions), func(b *testing.B) {
			j, h := hard(b, transactions), hasher(b, pow.SHA256d)
			s := work.Submission{Extranonce2: make([]byte, 4), NTime: j.CurTime}
			b.ReportAllocs()
			for b.Loop() {
				s.Nonce++
				if _, err := j.Check(h, extranonce1, s, easiest, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkShare(b *testing.B) {
	j, h := hard(b, 300), hasher(b, pow.SHA256d)
	ntime := fmt.Sprintf("%08x", j.CurTime)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		s, err := j.ParseSubmission(fmt.Sprintf("%08x", n), ntime, "00000000", "00000000")
		if err != nil {
			b.Fatal(err)
		}
		if _, err := j.Check(h, extranonce1, s, easiest, mask); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewJob(b *testing.B) {
	tmpl := withTransactions(b, 3000)
	for b.Loop() {
		job(b, tmpl, params(pow.SHA256d))
	}
}
