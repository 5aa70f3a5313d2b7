package clamd_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/adit-mining/adit/wallet/clamd"
)

// FuzzAnswer looks for an answer that counts as clean and is not clamd's OK.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{"stream: OK\x00", "OK", "stream: Eicar FOUND", "INSTREAM size limit exceeded. ERROR", "", "NOT OK", "stream: stream: OK"} {
		f.Add(seed, int64(1000))
	}
	f.Add("stream: OK", int64(1)<<40)
	f.Fuzz(func(t *testing.T, answer string, sent int64) {
		got := clamd.Judge(answer, sent)
		last := strings.LastIndexFunc(answer, unicode.IsLetter)
		if got.Verdict == clamd.OK && (last < 0 || answer[last] != 'K' || strings.Contains(answer, "NOT") || sent > 100<<20) {
			t.Errorf("%q of %d bytes counts as clean", answer, sent)
		}
		if got.Verdict == clamd.Found && got.Name == "" || got.Verdict == clamd.NotScanned && got.Why == "" {
			t.Errorf("%q: %+v says too little", answer, got)
		}
	})
}
