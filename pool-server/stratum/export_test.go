package stratum

import (
	"errors"
	"net/netip"
	"sync"
	"time"

	"github.com/adit-mining/adit/miners/pow"
)

// Parsed is what a reader of lines made of one.
type Parsed struct {
	OK     bool
	Method string
	ID     string
	Kinds  [maxParams]byte
	Params [maxParams]string
}

// ParsePlain and ParseAny are the two readers of a line.
func ParsePlain(line string) Parsed { var r request; return newParsed(&r, r.parsePlain(line)) }
func ParseAny(line string) Parsed   { var r request; return newParsed(&r, r.parseAny(line)) }

func newParsed(r *request, ok bool) Parsed {
	p := Parsed{OK: ok, Method: r.method, ID: r.id}
	for i, v := range r.params {
		p.Kinds[i], p.Params[i] = byte(v.kind), v.text
	}
	return p
}

// Estimator is an estimator for simulations.
type Estimator struct{ e estimator }

// Restart, Share and Next are the estimator's.
func (e *Estimator) Restart(now time.Duration)             { e.e.restart(now) }
func (e *Estimator) Share(now time.Duration, current bool) { e.e.share(now, current) }
func (e *Estimator) Next(v *VarDiff, d float64, now time.Duration) (float64, bool) {
	next, urgent := v.next(&e.e, pow.Difficulty(d), now)
	return float64(next), urgent
}

// Fill sets the defaults of v.
func (v *VarDiff) Fill() { v.fill() }

// Seen is a set of shares.
type Seen struct{ *seen }

// NewSeen makes one; Add answers a reject code or 0.
func NewSeen(limit int) Seen { return Seen{newSeen(limit)} }
func (s Seen) Add(h [32]byte) int {
	if r := s.add(h); r != nil {
		return r.Code
	}
	return 0
}

// Hashing is what hashes the headers of shares.
type Hashing struct{ *hashing }

// NewHashing makes one of so many batches.
func NewHashing(a pow.Algorithm, batches int) (Hashing, error) {
	h, err := newHashing(a, batches)
	return Hashing{h}, err
}

// NewBatches makes one of so many batches of so many lanes, whatever this machine's
// hasher likes best.
func NewBatches(a pow.Algorithm, batches, lanes int) (Hashing, error) {
	h, err := newHashing(a, 0)
	if err != nil {
		return Hashing{}, err
	}
	h.lanes = lanes
	for range batches {
		hasher, err := pow.NewHasher(a)
		if err != nil {
			return Hashing{}, err
		}
		h.free = append(h.free, newBatch(hasher, lanes))
	}
	return Hashing{h}, nil
}

// Hold keeps a batch from the others until finish is called, which hashes header and
// says how many were hashed with it.
func (h Hashing) Hold(header [80]byte) (finish func() int) {
	w := newWaiter().(*waiter)
	w.header = header
	b := h.enter(w)
	return func() int {
		b.of = append(b.of[:0], w)
		h.gather(b)
		others := len(b.of) - 1
		h.finish(b)
		return others
	}
}

// ProxyHeader reads a PROXY header.
func ProxyHeader(b []byte) (netip.AddrPort, int, error) { return proxyHeader(b) }

// SessionID reads a session's id and writes it again.
func SessionID(s string) (again string, ok bool) {
	t, ok := parseTicket(s)
	return t.String(), ok
}

// Configure answers the parameters of one mining.configure, a JSON list, for a new
// session.
func Configure(s *Server, params string) (result string, err error) {
	var r request
	if !r.parseLine(`{"id":1,"method":"mining.configure","params":` + params + `}`) {
		return "", errors.New("no request")
	}
	session := session{server: s, wanted: &s.start}
	return session.configure(&r)
}

// UseHasher lets a simulation decide what headers hash to.
func (s *Server) UseHasher(sum func(header *[pow.HeaderSize]byte) pow.Hash) {
	h, err := pow.NewHasher(s.cfg.Algorithm)
	if err != nil {
		panic(err)
	}
	s.hashing = &hashing{lanes: 1, hashers: sync.Pool{New: func() any { return simulated{h, sum} }}}
}

// simulated is a hasher whose Sum is another one.
type simulated struct {
	pow.Hasher
	sum func(header *[pow.HeaderSize]byte) pow.Hash
}

func (s simulated) Sum(header *[pow.HeaderSize]byte) pow.Hash { return s.sum(header) }
