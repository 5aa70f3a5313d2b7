package minerd_test

import (
	"bufio"
	"fmt"
	"os"
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/minerd"
	"github.com/adit-mining/adit/miners/pow"
)

// replay gives a recorded log of minerd to a parser.
func replay(t *testing.T, path string) (events []miners.Event) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p := minerd.Driver{}.NewParser()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		events = append(events, p.Parse(lines.Text())...)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return events
}

// TestARealRunHasASteadyHashrate replays minerd 2.5.1 with two threads at a pool
// whose shares take a tenth of a second, on a busy computer: 102 million hashes in
// 23.5 s, while its lines say anything from 100 kH/s to 4.9 MH/s a thread.
func TestARealRunHasASteadyHashrate(t *testing.T) {
	const average = 4.33e6
	var rates []pow.Hashrate
	var accepted, rejected, jobs int64
	for _, ev := range replay(t, "testdata/sha256d-low-difficulty.log") {
		switch ev := ev.(type) {
		case miners.Hashrate:
			if ev.Device == miners.Whole {
				rates = append(rates, ev.Hashrate)
			}
		case miners.Accepted:
			accepted += ev.N
		case miners.Job:
			jobs++
		case miners.Rejected:
			rejected += ev.N
		case miners.Disconnected:
			t.Errorf("%#v, but nothing was wrong", ev)
		}
	}
	if accepted != 101 || rejected != 1 || jobs != 46 || len(rates) < 100 {
		t.Fatalf("%d accepted, %d rejected, %d jobs, %d rates", accepted, rejected, jobs, len(rates))
	}
	for i, rate := range rates[10:] {
		if rate < average*0.75 || rate > average*1.35 {
			t.Errorf("rate %d is %v, far from the average of %v", i+10, rate, pow.Hashrate(average))
		}
		if last := rates[i+9]; rate < last*0.85 || rate > last*1.15 {
			t.Errorf("rate %d jumps from %v to %v", i+10, last, rate)
		}
	}
}

func TestARealChangeOfSpeedShowsWithinSeconds(t *testing.T) {
	p := minerd.Driver{}.NewParser()
	p.Parse(stamp + "1 miner threads started, using 'sha256d' algorithm.")
	shown := func(khash float64, seconds int) (rate pow.Hashrate) {
		for range seconds { // one scan a second
			for _, ev := range p.Parse(fmt.Sprintf("%sthread 0: %.0f hashes, %.0f khash/s", stamp, khash*1000, khash)) {
				if h, ok := ev.(miners.Hashrate); ok && h.Device == miners.Whole {
					rate = h.Hashrate
				}
			}
		}
		return rate
	}
	if rate := shown(8000, 60); rate < 7.99e6 || rate > 8.01e6 {
		t.Errorf("steady 8 MH/s are shown as %v", rate)
	}
	if rate := shown(2000, 5); rate > 6e6 {
		t.Errorf("5 s after a drop to 2 MH/s: %v", rate)
	}
	if rate := shown(2000, 25); rate > 2.5e6 {
		t.Errorf("30 s after a drop to 2 MH/s: %v", rate)
	}
}
