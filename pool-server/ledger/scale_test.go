//go:build unix

package ledger_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
)

// logBatch is what the share log hands over at once when shares come fast.
const logBatch = 20_000

// cpu is the processor time that this process has used: what a bar "per core" means
// on a machine that others use as well.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peak is the most memory that this process has had, in MB.
func peak() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Maxrss) / 1024 // Linux counts in kB
}

// crowd makes the shares of workers that take turns: so many of them, from the one that
// is the first.
type crowd struct {
	workers, next int
	first         int
	now           time.Time
	every         time.Duration // between two shares of all together
	names         []string
	batch         []ledger.Share
}

func newCrowd(workers int, perSecond float64) *crowd {
	c := &crowd{workers: workers, now: start, every: time.Duration(float64(time.Second) / perSecond), batch: make([]ledger.Share, logBatch)}
	for i := range workers {
		c.names = append(c.names, fmt.Sprintf("%040x", uint64(i)*0x9e3779b97f4a7c15)) // as a hash of a key: in no order
	}
	return c
}

func (c *crowd) shares() []ledger.Share {
	for i := range c.batch {
		c.batch[i] = ledger.Share{Pool: pool, Account: c.names[(c.first+c.next)%len(c.names)], Worker: "rig1", Difficulty: 1024, Time: c.now, Height: 7}
		c.next = (c.next + 1) % c.workers
		c.now = c.now.Add(c.every)
	}
	return c.batch
}

// BenchmarkApplyBatches applies batches as the share log hands them over at 200,000
// shares a second, of so many workers, all of whom have come before. ns/op is a share's.
func BenchmarkApplyBatches(b *testing.B) {
	for _, workers := range []int{1, 100, 10_000, 100_000} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			l, err := ledger.Open(b.Context(), filepath.Join(b.TempDir(), "ledger.db"))
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			c := newCrowd(workers, 200_000)
			position := uint64(0)
			apply := func() {
				position++
				if _, err := l.Apply(b.Context(), position, position, c.shares()); err != nil {
					b.Fatal(err)
				}
			}
			for n := 0; n < workers; n += logBatch {
				apply()
			}
			b.ReportAllocs()
			b.ResetTimer()
			before, n := cpu(), 0
			for ; n < b.N; n += logBatch {
				apply()
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "shares/s")
			b.ReportMetric(float64(n)/(cpu()-before).Seconds(), "shares/cpu-s")
		})
	}
}

// TestScale is the book of a pool with a million accounts. ADIT_LEDGER_SCALE is how many
// millions of shares are applied; 100 take minutes. In the first five all accounts take
// turns, which is the worst that can be; afterwards five thousand do, others in each million.
func TestScale(t *testing.T) {
	millions, _ := strconv.Atoi(os.Getenv("ADIT_LEDGER_SCALE"))
	if millions == 0 {
		t.Skip("takes minutes: set ADIT_LEDGER_SCALE to millions of shares")
	}
	ofSQLite(t)
	const accounts = 1_000_000
	b := newBook(t)
	c := newCrowd(accounts, 200_000)
	stage := func(name string, shares int) func() {
		began, used := time.Now(), cpu()
		return func() {
			wall, core := time.Since(began), cpu()-used
			t.Logf("%s: %v, %v of processor time, %.0f shares/s, %.0f per core, peak %.0f MB", name, wall.Round(time.Millisecond), core.Round(time.Millisecond),
				float64(shares)/wall.Seconds(), float64(shares)/core.Seconds(), peak())
		}
	}
	done := stage("a million new accounts", accounts)
	for range accounts / logBatch {
		b.apply(c.shares()...)
	}
	done()
	for million := 1; million < millions; million++ {
		if million >= 5 {
			c.workers, c.first = 5_000, 5_000*million
			c.next %= c.workers
		}
		done := stage(fmt.Sprintf("million %d", million+1), 1_000_000)
		for range 1_000_000 / logBatch {
			b.apply(c.shares()...)
		}
		if million < 3 || million == 5 || million%10 == 9 {
			done()
		}
	}
	info, err := os.Stat(b.path)
	b.ok(err)
	t.Logf("the file has %d MB", info.Size()>>20)
}
