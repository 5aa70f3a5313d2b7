//go:build unix

package sharelog_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/adit-mining/adit/pool-server/sharelog"
)

// cpuSeconds is what this process has used of the processors so far.
func cpuSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return seconds(u.Utime) + seconds(u.Stime)
}

// BenchmarkAppend measures durable shares: each waits for its answer before the
// next one is sent by the same miner, with one consumer reading along.
func BenchmarkAppend(b *testing.B) {
	for _, durability := range []sharelog.Durability{sharelog.Fsync, sharelog.Async} {
		for _, miners := range []int{1, 100, 1000, 10_000} {
			b.Run(fmt.Sprintf("%s/miners=%d", durability, miners), func(b *testing.B) {
				benchmarkAppend(b, durability, miners)
			})
		}
	}
}

func benchmarkAppend(b *testing.B, durability sharelog.Durability, miners int) {
	l := open(b, sharelog.Options{Dir: b.TempDir(), Durability: durability})
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	go func() {
		_ = l.Consume(ctx, 0, func(context.Context, uint64, uint64, []sharelog.Record) error { return nil })
	}()
	var sent atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	before := cpuSeconds()
	for m := range miners {
		r := share(m)
		wg.Go(func() {
			answer := make(chan error, 1)
			for sent.Add(1) <= int64(b.N) {
				l.Append(r, func(err error) { answer <- err })
				if err := <-answer; err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	cpu := cpuSeconds() - before
	s := l.Status()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "shares/s")
	b.ReportMetric(float64(s.Records)/float64(s.Batches), "shares/batch")
	b.ReportMetric(cpu*1e6/float64(b.N), "cpu-µs/share")
}
