package sharelog_test

import (
	"testing"

	"github.com/adit-mining/adit/pool-server/sharelog"
)

func TestBatchesAreMeasured(t *testing.T) {
	l := open(t, sharelog.Options{Dir: t.TempDir(), MaxBatch: 1})
	l.mustAppend(t, shares(7)...)
	weightless := share(8)
	weightless.Difficulty = 0
	l.append(weightless) // was never the log's
	got := l.Measures()
	if got.Commit.Count != 7 || got.Commit.Sum <= 0 || got.Size.Count != 7 || got.Size.Sum != 7 || got.Lost != 0 {
		t.Errorf("got %+v after seven batches of one record", got)
	}
}
