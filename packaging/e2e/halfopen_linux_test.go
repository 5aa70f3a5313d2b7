package e2e_test

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

// BenchmarkHalfOpen takes all places of the pool, as many as this system has files for,
// with connections that say nothing, and again those that become free. It measures the
// server's memory meanwhile, and how long a miner with manners needs to get in and to have
// a share accepted, if it tries four times a second.
func BenchmarkHalfOpen(b *testing.B) {
	rpc, address := embeddedCoin(b)
	dir := b.TempDir()
	initPool(b, dir, "bitcoin", rpc, address, "--difficulty", "1e-9", "--vardiff=off")
	const places = 50_000 // fewer where the system allows fewer files
	setServer(b, dir, `"connections": 100000`, fmt.Sprint(`"connections": `, places))
	pool := startPool(b, "serve", "--dir", dir)
	before := resident(b, pool.cmd.Process.Pid)
	stop := make(chan struct{})
	var attack sync.WaitGroup
	var open atomic.Int64
	attackers := min(places, maxFiles(b)-300)
	for range attackers {
		attack.Go(func() {
			attackUntil(stop, pool.Stratum, func(conn net.Conn, _ <-chan struct{}) {
				open.Add(1)
				defer open.Add(-1)
				conn.Read(make([]byte, 1))
				time.Sleep(time.Second / 2) // all at once would be a test of this system's queue
			})
		})
	}
	for wait := 0; open.Load() < int64(attackers*95/100) && wait < 60; wait++ {
		time.Sleep(time.Second)
	}
	var longest time.Duration
	for i := range 10 {
		began := time.Now()
		for {
			m, err := honest(pool.Stratum, i)
			if err == nil {
				longest = max(longest, time.Since(began))
				m.Close()
				break
			}
			if time.Since(began) > time.Minute {
				b.Fatalf("an honest miner did not get in: %v", err)
			}
			time.Sleep(time.Second / 4)
		}
	}
	b.ReportMetric(float64(open.Load()), "half-open")
	b.ReportMetric(float64(resident(b, pool.cmd.Process.Pid)-before)/(1<<20), "MB")
	b.ReportMetric(longest.Seconds(), "honest-s")
	b.ReportMetric(0, "ns/op")
	close(stop)
	attack.Wait()
}

// honest signs in and has a share accepted.
func honest(address string, i int) (*pooltest.Miner, error) {
	m, err := pooltest.DialMiner(address, fmt.Sprint(goodAccount, ".", i), pow.SHA256d)
	if err != nil {
		return nil, err
	}
	if ok, err := m.Mine(); err != nil || !ok {
		m.Close()
		return nil, errors.Join(errShare, err)
	}
	return m, nil
}

// maxFiles is how many files this process may have open.
func maxFiles(b *testing.B) int {
	b.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		b.Fatal(err)
	}
	return int(min(limit.Cur, 1<<20))
}
