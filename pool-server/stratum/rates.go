package stratum

import (
	"bufio"
	"container/list"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"sync"
	"time"

	"github.com/adit-mining/adit/miners/pow"
)

// What Rates keeps.
const (
	maxRates   = 50_000             // workers; those that have been away longest are forgotten
	rateLasts  = 7 * 24 * time.Hour // without a word from the worker
	rateSettle = time.Minute        // after its begin a session's difficulty is worth remembering
)

// Rates remembers how fast workers last were, in difficulty per second. It is safe
// for concurrent use. It is a help and no more: without it vardiff takes half a
// minute to find out.
type Rates struct {
	mu       sync.Mutex
	limit    int
	byWorker map[workerKey]*list.Element
	order    list.List // of workerRate, the longest away first
}

type workerKey struct{ Account, Worker string }

// workerRate is one worker's, and a line of the file.
type workerRate struct {
	workerKey
	Rate float64   // difficulty per second
	At   time.Time // when it was true
}

// NewRates returns an empty memory of at most limit workers, 0 for the default.
func NewRates(limit int) *Rates {
	if limit <= 0 {
		limit = maxRates
	}
	return &Rates{limit: limit, byWorker: map[workerKey]*list.Element{}}
}

// Read adds what WriteTo wrote, line by line. Lines that make no sense are an error
// once all others have been read.
func (r *Rates) Read(from io.Reader) error {
	var bad error
	lines := bufio.NewScanner(from)
	for n := 1; lines.Scan(); n++ {
		var x workerRate
		err := json.Unmarshal(lines.Bytes(), &x)
		if err == nil && !(x.Rate > 0 && x.Rate <= math.MaxFloat64) {
			err = fmt.Errorf("rate %v", x.Rate)
		}
		if err != nil {
			bad = fmt.Errorf("line %d: %w", n, err)
			continue
		}
		r.set(x)
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return bad
}

// WriteTo writes everything down, a line a worker.
func (r *Rates) WriteTo(to io.Writer) (written int64, err error) {
	for _, x := range r.all() {
		line, err := json.Marshal(x)
		if err != nil {
			return written, err
		}
		n, err := to.Write(append(line, '\n'))
		written += int64(n)
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

func (r *Rates) all() []workerRate {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]workerRate, 0, r.order.Len())
	for e := r.order.Front(); e != nil; e = e.Next() {
		all = append(all, e.Value.(workerRate))
	}
	return all
}

func (r *Rates) set(x workerRate) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.byWorker[x.workerKey]; e != nil {
		e.Value = x
		r.order.MoveToBack(e)
	} else {
		r.byWorker[x.workerKey] = r.order.PushBack(x)
	}
	for e := r.order.Front(); e != nil; e = r.order.Front() {
		old := e.Value.(workerRate)
		if r.order.Len() <= r.limit && x.At.Sub(old.At) <= rateLasts {
			return
		}
		r.order.Remove(e)
		delete(r.byWorker, old.workerKey)
	}
}

// of returns a worker's rate, 0 if it is not known, or not any more.
func (r *Rates) of(id Identity, now time.Time) float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.byWorker[workerKey{id.Account, id.Worker}]
	if e == nil || now.Sub(e.Value.(workerRate).At) > rateLasts {
		return 0
	}
	return e.Value.(workerRate).Rate
}

// remembered is the difficulty at which a worker should begin after what is known of
// it, 0 if nothing is.
func (s *session) remembered(id Identity) pow.Difficulty {
	c := &s.server.cfg
	return round(pow.Difficulty(c.Rates.of(id, time.Now()) * c.VarDiff.ShareEvery.Seconds()))
}

// NoteRates puts how fast the workers of all sessions are now into Config.Rates. A
// session that ends does so by itself.
func (s *Server) NoteRates() {
	s.mu.Lock()
	all := s.all()
	s.mu.Unlock()
	for _, session := range all {
		session.mu.Lock()
		session.noteRate()
		session.mu.Unlock()
	}
}

// noteRate remembers the session's rate as that of its first worker: that is the one
// by which a proxy or a rig comes back. A difficulty at which it has had no share is
// no rate: anybody can ask for one. The caller holds s.mu.
func (s *session) noteRate() {
	v := s.server.cfg.VarDiff
	if v == nil || s.told == nil || s.vardiff.count < 1 || len(s.workers) == 0 {
		return
	}
	first, now := s.workers[0], time.Now()
	if now.Sub(first.since) < rateSettle {
		return
	}
	s.server.cfg.Rates.set(workerRate{
		workerKey: workerKey{first.Account, first.Worker}, At: now,
		Rate: float64(s.told.difficulty) / v.ShareEvery.Seconds(),
	})
}
