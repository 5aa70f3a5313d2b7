// Package sharelog is the pool's durable, ordered log of accepted shares and
// block candidates. Everything else the pool knows of shares is a projection of
// it: the ledger and the statistics consume it and can be rebuilt from it.
//
// The log is a JetStream stream, by default in a NATS server that runs inside
// this process without a listener and keeps its files in one folder; with a
// nats:// URL the same code uses a NATS cluster. Records are written in batches,
// one message a batch, and a share is acknowledged only after its batch is on
// disk (group commit: while one batch is being synced the next one collects).
// The position of a batch is its stream sequence: positions count up by one from
// 1, never repeat, and go on after Trim and after a restart.
//
// A log has one writer. Each batch is published on the condition that the log
// still ends where the writer thinks it ends, so that neither a retry nor a
// second writer can put a batch in twice or out of order.
//
// What is left to others: judging shares (pool-server/work), crediting them
// (pool-server/ledger), and deciding how far the log may be trimmed.
//
// Goroutines: Run writes what is appended and is called once by the owner of the
// Log; Write may write on its caller's goroutine. Done callbacks run on whichever
// of them wrote, or, if the disk hangs, on a timer's. Consume runs on its caller's goroutine; there may be several. The embedded server's own goroutines live between Open and Close.
//
// Failure: when a batch cannot be made durable (disk full, cluster away), each of
// its shares gets an error, Status tells the cause, and the log is opened again
// about every second until it works. A batch that fails may still turn out to be
// in the log: a share that was answered with an error may count, a share that was
// acknowledged always does. Missing or damaged batches are never skipped: Consume
// returns a *DamageError that names the position and the folder.
//
// Known weaknesses: a single record must fit one message, so blocks above
// MaxBlockBytes are refused here (they are still submitted by the caller). When a
// block file of the store is damaged in the middle, JetStream cuts it there on an
// unclean start; the loss is reported, but the batches behind the damage in that
// file cannot be read any more.
package sharelog

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
)

// Record is one accepted share.
type Record struct {
	Pool       string    // the pool's name in the configuration
	Account    string    // who is paid, as coin.Account's String
	Worker     string    // the worker's name below the account, may be empty
	Difficulty float64   // what the share weighs: the difficulty its job was sent with
	Time       time.Time // when it was accepted; kept in milliseconds
	Height     int64     // of the block that was worked on
	Solo       bool      // the worker mines for itself: see the ledger's SOLO
	Price      float64   // what a pool that buys shares gives for one of difficulty 1, in units; 0: it buys none
	Block      *Block    // set if the share is a block candidate
}

// Block is a block candidate, whole, so that it can be submitted again after a crash.
type Block struct {
	Hash   string      // block id, as explorers print it
	Height int64       // height of the block
	Reward coin.Amount // what its coinbase pays
	Raw    []byte      // the serialised block
}

// Limits of a record. Longer texts are refused by Append.
const (
	MaxText       = 255      // bytes of Pool, Account, Worker or Block.Hash
	MaxBlockBytes = 24 << 20 // bytes of Block.Raw
)

// Errors that callers branch on.
var (
	ErrClosed = errors.New("the share log is closed")
	ErrRecord = errors.New("not a valid share record")
)

// DamageError says that the log lacks what it once acknowledged. Nothing behind
// Position was applied; a person has to decide what to do.
type DamageError struct {
	Position uint64 // the first position that cannot be read
	Where    string // the folder, or the URL and stream
	Reason   string
}

func (e *DamageError) Error() string {
	return fmt.Sprintf("share log %s: position %d: %s", e.Where, e.Position, e.Reason)
}

// Status is the log's condition at one moment.
type Status struct {
	FirstPosition uint64     // oldest batch kept; LastPosition+1 when there is none
	LastPosition  uint64     // newest durable batch, 0 before the first
	Bytes         uint64     // size of the stored batches
	Pending       int        // records that wait to be written
	Records       uint64     // records made durable since Open
	Batches       uint64     // batches made durable since Open
	Durability    Durability // what an acknowledgement means
	Err           error      // why shares can't be made durable now; nil when all is well
}

// A Log is an open share log. Its methods are safe for concurrent use.
type Log struct {
	o       Options
	log     *slog.Logger
	id      uint64 // of this writer
	lock    *dirLock
	mark    *watermark
	queue   chan entry
	waiting chan struct{} // holds something when the queue does
	stop    chan struct{} // closed when Run ends: blocked Appends give up

	stopOnce sync.Once

	writing sync.Mutex // held by who writes a batch, over these four
	retried time.Time  // last attempt to mend the store
	records []Record   // room for a batch's
	alone   [1]entry   // room for a batch of one
	flight  flight     // the batch that is being written

	appending sync.RWMutex // read-held by Append, so that Run can wait until none is between check and send
	closed    bool         // under appending: nothing more enters the queue

	mu      sync.Mutex
	store   store // nil while the store is broken
	err     error // why it is broken
	first   uint64
	last    uint64
	bytes   uint64
	written uint64 // records since Open
	batches uint64
	grown   chan struct{} // closed and replaced when last grows
	block   uint64        // position of the newest block candidate since Open
	hurry   chan struct{} // closed and replaced when block grows

	recent     recent
	applyEvery time.Duration // applyEvery, but in tests

	measures measures
}

// entry is a record that waits to be written, and whom to tell.
type entry struct {
	record Record
	done   func(error)
}

// Open opens the log, creating it if there is none. In a folder it takes a lock,
// so that two processes cannot write the same log. It starts no writing: see Run.
func Open(o Options) (*Log, error) {
	o = o.withDefaults()
	if err := o.validate(); err != nil {
		return nil, err
	}
	l := &Log{
		o: o, log: o.Log, id: rand.Uint64(), queue: make(chan entry, o.Queue), waiting: make(chan struct{}, 1),
		stop: make(chan struct{}), grown: make(chan struct{}), hurry: make(chan struct{}), applyEvery: applyEvery, measures: newMeasures(),
	}
	l.flight = flight{log: o.Log, queue: l.queue, lost: &l.measures.lost}
	if o.URL == "" {
		l.flight.limit = o.AckTimeout
	}
	if err := l.open(); err != nil {
		l.release()
		return nil, fmt.Errorf("open share log %s: %w", o.where(), err)
	}
	return l, nil
}

// open takes the lock, opens the store and checks that the log still holds what
// it acknowledged in an earlier life.
func (l *Log) open() (err error) {
	if l.o.URL == "" {
		if l.lock, err = lockDir(l.o.Dir); err != nil {
			return err
		}
		if l.mark, err = openWatermark(l.o.Dir); err != nil {
			return err
		}
	}
	return l.connect()
}

// connect opens the store, and checks that it holds what was acknowledged.
func (l *Log) connect() error {
	st, err := openStore(l.o)
	if err != nil {
		return err
	}
	if err := l.adopt(st); err != nil {
		return err
	}
	return l.checkWatermark()
}

// checkWatermark compares the log's end with what was acknowledged before.
func (l *Log) checkWatermark() error {
	if l.mark == nil || l.mark.position <= l.last {
		return nil
	}
	lost := &DamageError{
		Position: l.last + 1, Where: l.o.where(),
		Reason: fmt.Sprintf("the log ends at %d, but shares up to position %d were acknowledged", l.last, l.mark.position),
	}
	switch {
	case l.o.AcceptLost:
		l.log.Warn("share log lost its end", "err", lost)
		l.mark.set(l.last)
		return nil
	case l.o.Durability == Async:
		// The operator accepted that a power cut costs the last moments.
		l.log.Warn("share log lost its end", "err", lost)
		return nil
	}
	return lost
}

// Close closes the store. Run and Consume must have returned.
func (l *Log) Close() error {
	l.refuse()
	l.release()
	return nil
}

func (l *Log) release() {
	l.mu.Lock()
	st := l.store
	l.store, l.err = nil, ErrClosed
	l.mu.Unlock()
	if st != nil {
		st.close()
	}
	l.mark.close()
	l.lock.release()
}

// Append hands r to the writer; done is called exactly once, after r is durable
// or with the reason why it is not, mostly on the goroutine of Run, so it must be
// quick. When the queue is full Append waits: that is the pool's back-pressure on
// its miners.
func (l *Log) Append(r Record, done func(error)) {
	if err := r.validate(); err != nil {
		done(err)
		return
	}
	if !l.enqueue(entry{r, done}) {
		done(ErrClosed)
	}
}

// Write is Append for a caller that may wait for the disk: if no other record is on
// its way it is written at once, on the caller's goroutine, which saves handing it
// over, and done is called before Write returns.
func (l *Log) Write(r Record, done func(error)) {
	if err := r.validate(); err != nil {
		done(err)
		return
	}
	if e := (entry{r, done}); !l.writeAlone(e) && !l.enqueue(e) {
		done(ErrClosed)
	}
}

func (l *Log) enqueue(e entry) bool {
	l.appending.RLock()
	defer l.appending.RUnlock()
	if l.closed {
		return false
	}
	select {
	case l.queue <- e:
	case <-l.stop:
		return false
	}
	select {
	case l.waiting <- struct{}{}:
	default:
	}
	return true
}

// validate reports what the log could not give back as it was.
func (r *Record) validate() error {
	if max(len(r.Pool), len(r.Account), len(r.Worker)) > MaxText {
		return fmt.Errorf("%w: a name is longer than %d bytes", ErrRecord, MaxText)
	}
	if !(r.Difficulty > 0) || math.IsInf(r.Difficulty, 0) {
		return fmt.Errorf("%w: difficulty %v", ErrRecord, r.Difficulty)
	}
	if !(r.Price >= 0) || math.IsInf(r.Price, 0) {
		return fmt.Errorf("%w: price %v", ErrRecord, r.Price)
	}
	if b := r.Block; b != nil && (len(b.Hash) > MaxText || len(b.Raw) > MaxBlockBytes) {
		return fmt.Errorf("%w: block of %d bytes, want at most %d", ErrRecord, len(b.Raw), MaxBlockBytes)
	}
	return nil
}

// Status tells the log's condition. It asks only a store elsewhere: the embedded one
// does not answer while its disk hangs, which is when somebody wants to know.
func (l *Log) Status() Status {
	if st, _ := l.current(); st != nil && l.o.URL != "" {
		l.refresh(st)
	}
	hanging := l.flight.hanging()
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.err
	if err == nil {
		err = hanging
	}
	return Status{
		FirstPosition: l.first, LastPosition: l.last, Bytes: l.bytes, Pending: len(l.queue),
		Records: l.written, Batches: l.batches, Durability: l.o.Durability, Err: err,
	}
}
