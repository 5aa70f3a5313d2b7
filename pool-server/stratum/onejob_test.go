//go:build unix

package stratum_test

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/stratum"
	"github.com/adit-mining/adit/pool-server/stratum/load"
)

// mark is when a number of shares was reached.
type mark struct {
	at  time.Time
	cpu time.Duration // that the process had used
}

func now() mark {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return mark{time.Now(), time.Duration(u.Utime.Nano() + u.Stime.Nano())}
}

// BenchmarkSharesOfOneJob takes two million shares of a single job over real
// connections. It prints shares a second and processor time a share (the generator's
// included) by each quarter of a million, and what the memory of them takes. Pools that
// search a list for duplicates end at a crawl. On a busy machine only the processor
// time says something: last/first is that.
func BenchmarkSharesOfOneJob(b *testing.B) {
	const shares, step = 2_000_000, 250_000
	for b.Loop() {
		var taken atomic.Int64
		marks := make(chan mark, shares/step+1)
		ctx, stop := context.WithCancel(b.Context())
		var p pool
		c := p.config()
		c.Accept = func(_ stratum.Share, done func(error)) {
			if n := taken.Add(1); n%step == 0 && n <= shares {
				marks <- now()
				if n == shares {
					stop()
				}
			}
			done(nil)
		}
		s := newServer(b, c)
		s.SetJob(newJob(b, "1", 1, hardBits), true)
		address := serve(b, s)
		before, begun := heap(), now()
		r, err := load.Run(ctx, load.Options{Addr: address, Connections: 50, Pipeline: 64, Duration: 10 * time.Minute})
		stop()
		if err != nil || r.Rejected != 0 {
			b.Fatalf("got %+v, %v", r, err)
		}
		b.ReportMetric(float64(heap()-before)/float64(taken.Load()), "B/share")
		b.ReportMetric(float64(r.Accepted)/time.Since(begun.at).Seconds(), "shares/s")
		b.ReportMetric(printMarks(begun, marks, shares, step), "last/first")
		b.ReportMetric(0, "ns/op")
		runtime.KeepAlive(s)
	}
}

// printMarks returns the processor time of a share in the last step over that in the
// second one; the first is the warm-up.
func printMarks(from mark, marks <-chan mark, shares, step int) float64 {
	var second, last float64
	for n := step; n <= shares; n += step {
		m := <-marks
		last = float64((m.cpu - from.cpu).Nanoseconds()) / float64(step)
		if n == 2*step {
			second = last
		}
		fmt.Printf("%9d shares: %7.0f/s, %5.2f µs of processor a share\n", n, float64(step)/m.at.Sub(from.at).Seconds(), last/1000)
		from = m
	}
	return last / second
}

// heap is what lives.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
