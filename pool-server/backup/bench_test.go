package backup_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/backup"
	"github.com/adit-mining/adit/pool-server/ledger"
)

// BenchmarkBackup writes and restores a ledger of many accounts, ADIT_ACCOUNTS of them,
// with three rows of shares each.
func BenchmarkBackup(b *testing.B) {
	accounts := 50_000
	if n, err := strconv.Atoi(os.Getenv("ADIT_ACCOUNTS")); err == nil {
		accounts = n
	}
	c := newPool(b)
	l := openLedger(b, c)
	position := uint64(3)
	for slice := range 3 {
		for from := 0; from < accounts; from += 10_000 {
			shares := make([]ledger.Share, 0, 10_000)
			for i := from; i < min(from+10_000, accounts); i++ {
				shares = append(shares, ledger.Share{Pool: poolID, Account: fmt.Sprintf("%040x", i), Worker: "rig",
					Difficulty: 1.1, Time: time.Unix(int64(slice)*600+1_700_000_000, 0), Height: 7})
			}
			position++
			if _, err := l.Apply(b.Context(), position, position, shares); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for i := range b.N {
		stop := peak()
		began := time.Now()
		file := filepath.Join(b.TempDir(), fmt.Sprint("b", i))
		m, err := backup.WriteFile(b.Context(), backup.Source{Config: c}, file, false)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(began).Seconds(), "s/backup")
		b.ReportMetric(stop(), "MB-backup")
		b.ReportMetric(float64(m.Rows()), "rows")
		if info, err := os.Stat(file); err == nil {
			b.ReportMetric(float64(info.Size())/1e6, "MB-file")
		}
		stop, began = peak(), time.Now()
		if _, err := backup.Restore(b.Context(), file, backup.Target{Dir: filepath.Join(b.TempDir(), fmt.Sprint("r", i))}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(began).Seconds(), "s/restore")
		b.ReportMetric(stop(), "MB-restore")
	}
}

// peak watches Go's heap until it is asked for its greatest size, in megabytes.
func peak() func() float64 {
	var most uint64
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
			select {
			case <-tick.C:
			case <-done:
				return
			}
		}
	})
	return func() float64 {
		close(done)
		watching.Wait()
		return float64(most) / 1e6
	}
}
