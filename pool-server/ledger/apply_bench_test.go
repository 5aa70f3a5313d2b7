package ledger_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
)

// BenchmarkApply applies batches of 1,000 shares, as the share log delivers
// them, of so many workers. ns/op is a share's.
func BenchmarkApply(b *testing.B) {
	const batch = 1000
	for _, c := range []struct {
		workers int
		terms   *ledger.Terms
	}{
		{1, nil}, {100, nil}, {1000, nil}, {100_000, nil},
		{1000, &ledger.Terms{Scheme: ledger.PPLNS, Window: 2, NetworkDifficulty: 1e9}},
		{1000, &ledger.Terms{Scheme: ledger.PPS, ReserveLimit: 1e15}},
	} {
		workers, scheme := c.workers, ledger.PROP
		if c.terms != nil {
			scheme = c.terms.Scheme
		}
		b.Run(fmt.Sprintf("%s/workers=%d", scheme, workers), func(b *testing.B) {
			l, err := ledger.Open(b.Context(), filepath.Join(b.TempDir(), "ledger.db"))
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			shares := make([]ledger.Share, batch)
			start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
			n := 0
			position := uint64(0)
			b.ReportAllocs()
			for done := 0; done < b.N; done += batch {
				for i := range shares {
					n++
					shares[i] = ledger.Share{Pool: "litecoin", Account: fmt.Sprintf("%040x", n%workers), Worker: "rig1",
						Difficulty: 1024, Time: start.Add(time.Duration(n) * time.Millisecond), Height: 7, Price: 0.125, Terms: c.terms}
				}
				position++
				if _, err := l.Apply(b.Context(), position, position, shares); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "shares/s")
		})
	}
}
