package load_test

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/sharelog"
	"github.com/adit-mining/adit/pool-server/stratum/load"
)

// A pool's day: a job each thirty seconds, a block each ten minutes, and all miners
// come back after their daily disconnect and a few more times.
const (
	dayJobs   = 24 * 60 * 2
	dayBlocks = 24 * 6
	dayMiners = 50
	dayChurn  = 6000 // reconnects
)

// soakTime is how long the day lasts: two seconds with a thirtieth of a day, or the
// minutes that SOAK_MINUTES says with the whole of it.
func soakTime(t *testing.T) (span time.Duration, part int) {
	t.Helper()
	text := os.Getenv("SOAK_MINUTES")
	if text == "" {
		return 2 * time.Second, 30
	}
	minutes, err := strconv.Atoi(text)
	if err != nil || minutes < 1 {
		t.Fatalf("SOAK_MINUTES: want a number of minutes, have %q", text)
	}
	return time.Duration(minutes) * time.Minute, 1
}

// TestADayDoesNotFattenTheServer runs a day's jobs, blocks and reconnects in short, with
// some who misbehave, after a tenth of the same as a warm-up.
func TestADayDoesNotFattenTheServer(t *testing.T) {
	span, part := soakTime(t)
	pool := startLogged(t, sharelog.Async)
	live := func(span time.Duration, part int) load.Report {
		stop := make(chan struct{})
		var jobs sync.WaitGroup
		jobs.Go(func() { pool.daysJobs(t, span*time.Duration(part)/dayJobs, stop) })
		r, err := load.Run(t.Context(), load.Options{
			Addr: pool.addr, Connections: dayMiners, Rate: 1000, Duration: span,
			Churn: dayChurn / span.Seconds() / float64(part), Mix: load.Bad(20), Reconnect: 20 * time.Millisecond,
		})
		close(stop)
		jobs.Wait()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	live(span/10, part*10)
	warm := footprint(t, pool)
	r := live(span, part)
	warm.isBack(t, pool)
	if r.Rejected != r.Overtaken || r.Lost != 0 || r.WronglyAccepted() != 0 {
		t.Errorf("in a day: %+v", r)
	}
	if r.Returned < int64(dayChurn/part)/2 || r.Jobs < dayJobs/part/2 {
		t.Errorf("%d reconnects, %d jobs: that was no day", r.Returned, r.Jobs)
	}
	t.Logf("%d shares, %d jobs, %d reconnects in %v", r.Accepted, r.Jobs, r.Returned, span)
}

// daysJobs sends jobs out, now and then for a new block.
func (p *logged) daysJobs(t *testing.T, every time.Duration, stop <-chan struct{}) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		case at := <-tick.C:
			p.server.SetJob(newJob(t, fmt.Sprintf("%x", at.UnixNano()), pow.SHA256d), n%(dayJobs/dayBlocks) == 0)
		}
	}
}
