package stratum_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/stratum"
)

func TestManyMinersAtOnce(t *testing.T) {
	var p pool
	c := p.config()
	c.Accept = func(s stratum.Share, done func(error)) { go p.accept(s, done) }
	s := newServer(t, c)
	s.SetJob(newJob(t, "1", 1, hardBits), true)
	address := serve(t, s)
	const miners, shares = 50, 40
	var wg sync.WaitGroup
	var mu sync.Mutex
	extranonces := map[string]bool{}
	for i := range miners {
		m := dial(t, address)
		wg.Go(func() {
			user := fmt.Sprint("m", i)
			m.login(user)
			mu.Lock()
			extranonces[m.en1] = true
			mu.Unlock()
			for range shares {
				answer := m.submit(user, m.solve(true))
				for code(answer) == 21 { // on a busy machine eight jobs may go by meanwhile
					answer = m.submit(user, m.solve(true))
				}
				if answer["result"] != true {
					t.Errorf("got %v", answer)
				}
			}
		})
	}
	stop := make(chan struct{})
	var jobs sync.WaitGroup
	jobs.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				s.SetJob(newJob(t, fmt.Sprint("j", i), 1, hardBits), i%2 == 0)
				s.Sessions()
			}
		}
	})
	wg.Wait()
	close(stop)
	jobs.Wait()
	if got := len(extranonces); got != miners {
		t.Errorf("%d extranonces for %d sessions", got, miners)
	}
	if got, _ := p.count(); got != miners*shares {
		t.Errorf("%d shares, want %d", got, miners*shares)
	}
	stats := s.Stats()
	delete(stats.Rejected, 21)
	if stats.Accepted != miners*shares || len(stats.Rejected) > 0 {
		t.Errorf("got %+v", stats)
	}
}

func TestSeenForgetsNothingAndIsBounded(t *testing.T) {
	const limit = 10_000
	s := stratum.NewSeen(limit)
	random := rand.NewPCG(1, 2)
	hash := func() (h [32]byte) {
		binary.LittleEndian.PutUint64(h[24:], random.Uint64())
		return h
	}
	var taken [][32]byte
	for len(taken) < limit/2 {
		h := hash()
		if code := s.Add(h); code != 0 {
			t.Fatalf("share %d: got code %d", len(taken), code)
		}
		taken = append(taken, h)
	}
	full := 0
	for range 2 * limit {
		switch code := s.Add(hash()); code {
		case 0:
		case 21:
			full++
		default:
			t.Fatalf("got code %d", code)
		}
	}
	if full < limit {
		t.Errorf("%d of %d were refused, want at least %d", full, 2*limit, limit)
	}
	for i, h := range taken {
		if code := s.Add(h); code != 22 {
			t.Fatalf("share %d again: got code %d, want 22", i, code)
		}
	}
	if code := s.Add([32]byte{}); code == 22 {
		t.Error("the zero hash is taken for one that was there")
	}
}

// TestTheDuplicateCheckDoesNotSlowDownWithinAJob takes two million shares of one job.
// Lists that are searched through would take a thousand times longer at the end.
func TestTheDuplicateCheckDoesNotSlowDownWithinAJob(t *testing.T) {
	s := stratum.NewSeen(4 << 20)
	random := rand.NewPCG(3, 4)
	took := func(n int) time.Duration {
		start := time.Now()
		for range n {
			var h [32]byte
			binary.LittleEndian.PutUint64(h[24:], random.Uint64())
			s.Add(h)
		}
		return time.Since(start)
	}
	const chunk = 50_000
	first := took(chunk)
	took(2_000_000 - 2*chunk)
	if last := took(chunk); last > 20*first {
		t.Errorf("the last %d shares took %v, the first ones %v", chunk, last, first)
	}
}

func BenchmarkSeen(b *testing.B) {
	s := stratum.NewSeen(4 << 20)
	random := rand.NewPCG(1, 2)
	for range b.N {
		var h [32]byte
		binary.LittleEndian.PutUint64(h[24:], random.Uint64())
		s.Add(h)
	}
}
