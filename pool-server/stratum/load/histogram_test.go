package load_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/stratum/load"
)

func TestHistogramIsRightToThreePercent(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var ds []time.Duration
	for range 20_000 {
		ds = append(ds, time.Duration(random.ExpFloat64()*float64(uint64(1)<<random.IntN(50))))
	}
	parts := []float64{0, 0.1, 0.5, 0.9, 0.99, 0.999, 1}
	got := load.Quantiles(ds, parts...)
	slices.Sort(ds)
	for i, part := range parts {
		want := ds[min(int(part*float64(len(ds))), len(ds)-1)]
		if off := float64(got[i]-want) / float64(want+1); off < 0 || off > 1.0/32 {
			t.Errorf("quantile %v: got %v, want %v", part, got[i], want)
		}
	}
	if got := load.Quantiles(nil, 0.5); got[0] != 0 {
		t.Errorf("got %v from nothing", got)
	}
}
