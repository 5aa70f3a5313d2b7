package stats

import (
	"cmp"
	"slices"
	"time"
)

// Worker is what is known of one worker at a moment.
type Worker struct {
	Name      string
	Online    bool
	Rate      Rate      // zero when offline
	LastShare time.Time // last accepted share; zero if none
	Counts
}

// Account is what is known of one account at a moment.
type Account struct {
	Rate    Rate
	Online  int // workers
	Workers []Worker
	Counts
}

// Pool is what is known of one pool at a moment.
type Pool struct {
	Rate    Rate
	Miners  int // accounts with a worker online
	Workers int // workers online
	Counts
}

// Account returns an account's statistics; of one that is not known they are zero.
func (s *Stats) Account(pool, account string, now time.Time) (a Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var total flow
	for _, w := range s.of(pool, account) {
		f, view := s.view(w, now)
		total = total.plus(f)
		a.Counts.add(w.counts)
		if view.Online {
			a.Online++
		}
		a.Workers = append(a.Workers, view)
	}
	a.Rate = total.rate()
	slices.SortFunc(a.Workers, func(x, y Worker) int { return cmp.Compare(x.Name, y.Name) })
	return a
}

// of returns an account's workers.
func (s *Stats) of(pool, account string) map[string]*worker {
	p := s.pools[pool]
	if p == nil {
		return nil
	}
	return p.accounts[account]
}

func (s *Stats) view(w *worker, now time.Time) (flow, Worker) {
	view := Worker{Name: w.worker, LastShare: w.window.last, Counts: w.counts.clone()}
	if !w.window.online(now, s.o.OfflineAfter) {
		return flow{}, view
	}
	f := w.window.live(now)
	view.Online, view.Rate = true, f.rate()
	return f, view
}

// Hashrate returns the hashrate of a worker, or with an empty account that of the
// pool. The worker with the empty name is one like others; Account has the sum.
func (s *Stats) Hashrate(pool, account, worker string, now time.Time) Rate {
	if account == "" {
		return s.Pool(pool, now).Rate
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.of(pool, account)[worker]
	if w == nil || !w.window.online(now, s.o.OfflineAfter) {
		return Rate{}
	}
	return w.window.live(now).rate()
}

// Pool returns a pool's statistics. It looks at every worker.
func (s *Stats) Pool(pool string, now time.Time) Pool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.poolView(s.pools[pool], now)
}

func (s *Stats) poolView(p *pool, now time.Time) (view Pool) {
	if p == nil {
		return view
	}
	var total flow
	for _, workers := range p.accounts {
		online := 0
		for _, w := range workers {
			if w.window.online(now, s.o.OfflineAfter) {
				online++
				total = total.plus(w.window.live(now))
			}
		}
		view.Workers += online
		if online > 0 {
			view.Miners++
		}
	}
	view.Rate, view.Counts = total.rate(), p.counts.clone()
	return view
}
