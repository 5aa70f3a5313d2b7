package load

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/adit-mining/adit/miners/pow"
)

const (
	badEvery    = 100 * time.Millisecond // between two acts of a connection that misbehaves
	badPatience = 2 * time.Second        // for an answer that may never come
	badAgain    = time.Second            // until one that was thrown out comes back
	floodSize   = 64                     // shares in one piece
	hugeLine    = 64 << 10               // bytes
	slowSize    = 50                     // requests in one piece
)

// badMiner is one connection that misbehaves. It asks and waits for the answer, all
// on one goroutine.
type badMiner struct {
	*connection
	book *book
	id   int
}

// act is what a role does again and again on one connection. An error means that the
// connection is over.
var acts = map[Role]func(*badMiner) error{
	Duplicate:    (*badMiner).duplicate,
	StaleJob:     (*badMiner).staleJob,
	LowDiff:      func(b *badMiner) error { return b.low(1) },
	Unauthorised: (*badMiner).unauthorised,
	Garbage:      (*badMiner).garbage,
	Huge:         (*badMiner).huge,
	Slow:         (*badMiner).slow,
	HalfOpen:     (*badMiner).holdOn,
	Slowloris:    (*badMiner).drip,
	Floods:       func(b *badMiner) error { return b.low(floodSize) },
}

// misbehave starts the connections that are not honest.
func (r *run) misbehave(ctx context.Context, all *sync.WaitGroup) {
	n := r.roles[Honest]
	for role, count := range r.roles {
		if role == Honest {
			continue
		}
		for range count {
			b := &badMiner{r.newConnection(n), r.books[role], firstID}
			b.bad = true
			n++
			all.Go(func() { b.live(ctx, role) })
		}
	}
}

func (b *badMiner) live(ctx context.Context, role Role) {
	r := b.run
	for !r.over() {
		if err := b.open(ctx, role); err != nil {
			b.book.away.Add(1)
		} else if err := b.actUntilOver(role); err != nil && !errors.Is(err, errNoAnswer) && !r.over() {
			b.book.dropped.Add(1)
		}
		if b.conn != nil {
			b.conn.Close()
		}
		r.pause(badAgain)
	}
}

// open connects, and logs in if the role is one that does.
func (b *badMiner) open(ctx context.Context, role Role) (err error) {
	b.away = true
	if role != HalfOpen && role != Slowloris {
		return b.enter(ctx)
	}
	b.conn, err = b.run.dial(ctx, b.number)
	return err
}

// enter is login without the statistics of the honest.
func (b *badMiner) enter(ctx context.Context) error {
	conn, err := b.run.dial(ctx, b.number)
	if err != nil {
		return err
	}
	b.begin(conn)
	conn.SetDeadline(time.Now().Add(b.run.Grace))
	if err := b.subscribe(""); err != nil {
		return err
	}
	if _, err := b.call(2, "mining.authorize", b.user, b.run.Password); err != nil {
		return err
	}
	for b.job == nil {
		if _, err := b.next(); err != nil {
			return err
		}
	}
	b.away = false
	return nil
}

func (b *badMiner) actUntilOver(role Role) error {
	r := b.run
	for {
		b.conn.SetDeadline(time.Now().Add(badPatience))
		if err := acts[role](b); err != nil {
			return err
		}
		if role == Floods {
			if r.over() {
				return nil
			}
		} else if !r.pause(badEvery) {
			return nil
		}
	}
}

// tell sends lines that are wrong, and reads as many answers.
func (b *badMiner) tell(lines []byte, count int) error {
	b.book.sent.Add(int64(count))
	b.id += count
	if _, err := b.conn.Write(lines); err != nil {
		return err
	}
	for range count {
		ok, err := b.answer()
		switch {
		case errors.Is(err, errNoAnswer):
			b.book.unanswered.Add(1)
			return err
		case err != nil:
			return err
		case ok:
			b.book.wrong.Add(1)
		default:
			b.book.refused.Add(1)
		}
	}
	return nil
}

var errNoAnswer = errors.New("no answer in time")

// answer reads the next answer.
func (b *badMiner) answer() (ok bool, err error) {
	for {
		m, err := b.next()
		var timeout net.Error
		switch {
		case errors.As(err, &timeout) && timeout.Timeout():
			return false, errNoAnswer
		case err != nil:
			return false, err
		case m.Method == "":
			return string(m.Result) == "true" && isNull(m.Error), nil
		}
	}
}

// share returns the line of the share that is in b.job, for a user and a job.
func (b *badMiner) share(user, job string) []byte {
	return appendShare(nil, b.id, user, job, b.job.en2, b.job.ntime, b.job.nonce())
}

// find finds a good share, whose header is then in b.job.
func (b *badMiner) find() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.connection.find()
}

// used goes on to the next nonce.
func (b *badMiner) used() {
	b.job.setNonce(b.job.nonce() + 1)
	b.job.found = false
}

func (b *badMiner) duplicate() error {
	if !b.find() {
		return nil
	}
	line := b.share(b.user, b.job.id)
	b.used()
	b.id++
	if _, err := b.conn.Write(line); err != nil {
		return err
	}
	ok, err := b.answer()
	if err != nil || !ok {
		return err // a block came; then the second is stale as well
	}
	b.book.accepted.Add(1)
	return b.tell(line, 1)
}

func (b *badMiner) staleJob() error {
	if !b.find() {
		return nil
	}
	defer b.used()
	return b.tell(b.share(b.user, "f"+hex.EncodeToString([]byte(b.job.id))), 1)
}

func (b *badMiner) unauthorised() error {
	if !b.find() {
		return nil
	}
	defer b.used()
	return b.tell(b.share("stranger."+strconv.Itoa(b.number), b.job.id), 1)
}

// low sends shares below the target. Where every hash is a share, as it may be on a
// test chain, it has none to send.
func (b *badMiner) low(count int) error {
	if !b.find() { // for the merkle root
		return nil
	}
	hasher := b.run.hashers.Get().(pow.Hasher)
	defer b.run.hashers.Put(hasher)
	var lines []byte
	found := 0
	for tries := 0; found < count && tries < 100*count; tries++ {
		b.used()
		header := b.job.header
		if b.job.target.MetBy(hasher.Sum(&header)) {
			continue
		}
		lines = appendShare(lines, b.id+found, b.user, b.job.id, b.job.en2, b.job.ntime, b.job.nonce())
		found++
	}
	if found == 0 {
		b.run.pause(badEvery)
	}
	return b.tell(lines, found)
}

func (b *badMiner) garbage() error {
	return b.tell([]byte("\xff\x00{[[\"\\u0000\n"), 1)
}

func (b *badMiner) huge() error {
	return b.tell([]byte(strings.Repeat("x", hugeLine)+"\n"), 1)
}

// slow asks for long answers and reads none.
func (b *badMiner) slow() error {
	line, _ := json.Marshal(map[string]any{"id": b.id, "method": "mining.get_transactions", "params": []string{}}) // no failure possible
	n, err := b.conn.Write(bytes.Repeat(append(line, '\n'), slowSize))
	b.book.sent.Add(int64(n / (len(line) + 1)))
	if isTimeout(err) {
		return nil // the server does not read either, which is its right
	}
	return err
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// holdOn says nothing until it is thrown out.
func (b *badMiner) holdOn() error {
	b.conn.SetReadDeadline(time.Now().Add(badEvery))
	if _, err := io.ReadFull(b.conn, make([]byte, 1)); !isTimeout(err) {
		return io.EOF
	}
	return nil
}

// drip sends a byte a second of a line that does not end.
func (b *badMiner) drip() error {
	b.book.sent.Add(1)
	if _, err := b.conn.Write([]byte("{")); err != nil {
		return err
	}
	for range time.Second / badEvery {
		if err := b.holdOn(); err != nil || b.run.over() {
			return err
		}
	}
	return nil
}
