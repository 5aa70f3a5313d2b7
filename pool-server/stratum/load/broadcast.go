package load

import (
	"sync"
	"time"
)

// arrival is when connections got a job.
type arrival struct {
	clean       bool
	first, last time.Time
	count       int
	expected    int // connections that were waiting for it
	left        int // broadcasts.left then
}

// broadcasts are the jobs that went out while the connections were there. It is safe
// for concurrent use.
type broadcasts struct {
	mu       sync.Mutex
	byJob    map[string]*arrival
	inOrder  []*arrival
	blocks   []time.Time
	listener int // connections that are logged in
	left     int // connections that went away, from the first on
}

// joined and parted count who waits for jobs.
func (b *broadcasts) joined() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.listener++
}

func (b *broadcasts) parted() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.listener--
	b.left++
}

// seen notes a job that a connection got in logging in: what goes out later with the
// same id has not its first arrival then.
func (b *broadcasts) seen(job string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.byJob[job] == nil {
		b.byJob[job] = &arrival{}
	}
}

// arrived notes a job that came to a connection that waited.
func (b *broadcasts) arrived(job string, clean bool, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.byJob[job]
	if a == nil || a.first.IsZero() {
		a = &arrival{clean: clean, first: at, expected: b.listener, left: b.left}
		b.byJob[job] = a
		b.inOrder = append(b.inOrder, a)
	}
	if at.Before(a.first) {
		a.first = at
	}
	if at.After(a.last) {
		a.last = at
	}
	a.count++
}

func (b *broadcasts) block(at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.blocks = append(b.blocks, at)
}

// jobs is how many jobs were seen at all.
func (b *broadcasts) jobs() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.byJob)
}

// spread returns from first to last arrival, of all jobs and of the clean ones. Jobs
// that did not come to all who waited and stayed are left out.
func (b *broadcasts) spread() (all, clean Latency) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var every, cleanOnly histogram
	for _, a := range b.inOrder {
		if !b.toAll(a) {
			continue
		}
		every.add(a.last.Sub(a.first))
		if a.clean {
			cleanOnly.add(a.last.Sub(a.first))
		}
	}
	return latency(merge(&every)), latency(merge(&cleanOnly))
}

func (b *broadcasts) toAll(a *arrival) bool {
	return a.count > 1 && a.count >= a.expected-(b.left-a.left)
}

// fromBlocks returns from each block to the first and to the last arrival of the clean
// job that came of it: the first one after the block and before the next block.
func (b *broadcasts) fromBlocks() (first, last Latency) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var firsts, lasts histogram
	for i, block := range b.blocks {
		for _, a := range b.inOrder {
			if !a.clean || a.first.Before(block) || !b.toAll(a) {
				continue
			}
			if i+1 < len(b.blocks) && a.first.After(b.blocks[i+1]) {
				break
			}
			firsts.add(a.first.Sub(block))
			lasts.add(a.last.Sub(block))
			break
		}
	}
	return latency(merge(&firsts)), latency(merge(&lasts))
}
