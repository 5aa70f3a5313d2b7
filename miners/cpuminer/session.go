package cpuminer

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
)

const (
	maxInFlight = 16               // shares that wait for the pool's answer
	loginTime   = 20 * time.Second // from the connection to being let in
	answerTime  = time.Minute      // for a share to be answered
	silence     = 10 * time.Minute // without a word from the pool: the connection is dead
	writeTime   = 10 * time.Second
	userAgent   = "adit/1"
)

// The ids of the requests that begin a session; those of shares follow.
const (
	subscribeID = 1 + iota
	authorizeID
	extranonceID
	firstShareID
)

// A session is one connection to a pool. All but reading belongs to the
// goroutine of run.
type session struct {
	*client
	conn net.Conn
	at   address

	extranonce1 []byte
	size        int // of extranonce2; -1 before the pool has told
	difficulty  pow.Difficulty
	authorized  bool
	accepted    bool // a share was
	began       time.Time
	heard       time.Time           // when the pool last said anything
	nextID      int64               // of the next share
	inFlight    map[int64]time.Time // shares by id, and when they went out
	pace        *pace
	held        bool // the log was told that shares are held back
}

func newSession(c *client, conn net.Conn, at address) *session {
	now := time.Now()
	return &session{
		client: c, conn: conn, at: at, size: -1, difficulty: 1, began: now, heard: now,
		nextID: firstShareID, inFlight: map[int64]time.Time{}, pace: newPace(c.options.MaxShares),
	}
}

// run speaks with the pool until the connection ends or ctx is done. It always
// returns an error.
func (s *session) run(ctx context.Context) error {
	messages, broken, quit := make(chan message), make(chan error, 1), make(chan struct{})
	var reader sync.WaitGroup
	defer reader.Wait()
	defer s.conn.Close()
	defer close(quit)
	reader.Go(func() { broken <- read(s.conn, messages, quit) })

	if err := s.send(subscribeID, "mining.subscribe", userAgent); err != nil {
		return err
	}
	clock := time.NewTicker(time.Second)
	defer clock.Stop()
	for {
		var err error
		shares, wait := s.gate(time.Now())
		select {
		case m := <-messages:
			s.heard = time.Now()
			err = s.handle(&m)
		case share := <-shares:
			err = s.submit(share)
		case <-wait: // shares may go again
		case now := <-clock.C:
			err = s.check(now)
		case err = <-broken:
		case <-ctx.Done():
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
	}
}

// gate returns the channel of found shares if one may go out now, and otherwise
// when to ask again, if no message does.
func (s *session) gate(now time.Time) (<-chan share, <-chan time.Time) {
	if !s.authorized || len(s.inFlight) >= maxInFlight {
		return nil, nil
	}
	wait := s.pace.wait(now)
	if wait <= 0 {
		return s.shares, nil
	}
	if !s.held {
		s.held = true
		s.say.log.Warn("difficulty is so low that shares are held back", "per second", s.options.MaxShares)
	}
	return nil, time.After(wait)
}

// check finds out what the pool leaves undone.
func (s *session) check(now time.Time) error {
	switch {
	case !s.authorized && now.Sub(s.began) > loginTime:
		return &trouble{miners.CodeTimeout, "the pool did not answer our login"}
	case now.Sub(s.heard) > silence:
		return &trouble{miners.CodeTimeout, "the pool is silent"}
	}
	for _, sent := range s.inFlight {
		if now.Sub(sent) > answerTime {
			return &trouble{miners.CodeTimeout, "the pool did not answer a share"}
		}
	}
	return nil
}

// handle acts on one message.
func (s *session) handle(m *message) error {
	if m.Method != "" {
		return s.request(m)
	}
	switch id := m.number(); id {
	case subscribeID:
		return s.subscribed(m)
	case authorizeID:
		return s.letIn(m)
	case 0, extranonceID: // which many pools do not know
		return nil
	default:
		s.answered(id, m)
		return nil
	}
}

// subscribed acts on the answer to mining.subscribe.
func (s *session) subscribed(m *message) error {
	if _, reason, failed := m.failed(); failed {
		return &trouble{miners.CodePoolDown, "subscribe: " + reason}
	}
	extranonce1, size, err := parseSubscription(m.Result)
	if err != nil {
		return nonsense("subscription", err)
	}
	s.extranonce1, s.size = extranonce1, size
	if err := s.send(authorizeID, "mining.authorize", s.options.User, s.options.Password); err != nil {
		return err
	}
	return s.send(extranonceID, "mining.extranonce.subscribe")
}

// letIn acts on the answer to mining.authorize.
func (s *session) letIn(m *message) error {
	if _, reason, failed := m.failed(); failed {
		return &trouble{miners.CodeAuthFailed, reason}
	}
	if !s.authorized {
		s.authorized = true
		s.say.connected(s.at.String())
	}
	return nil
}

// answered acts on the answer to a share.
func (s *session) answered(id int64, m *message) {
	if _, known := s.inFlight[id]; !known {
		return
	}
	delete(s.inFlight, id)
	if code, reason, failed := m.failed(); failed {
		s.say.shareRejected(code, reason)
		return
	}
	s.accepted = true
	s.say.shareAccepted()
}

// submit sends a share, unless the pool has sent a clean job since it was found.
func (s *session) submit(sh share) error {
	if sh.work.generation < s.fresh {
		s.say.log.Info("stale share left out", "job", sh.work.job.id)
		return nil
	}
	now := time.Now()
	id := s.nextID
	s.nextID++
	s.inFlight[id] = now
	s.pace.step(now)
	return s.send(id, "mining.submit", s.options.User, sh.work.job.id, hex.EncodeToString(sh.extranonce2),
		fmt.Sprintf("%08x", sh.time), fmt.Sprintf("%08x", sh.nonce))
}

// send writes a request.
func (s *session) send(id int64, method string, params ...string) error {
	if params == nil {
		params = []string{}
	}
	return s.write(struct {
		ID     int64    `json:"id"`
		Method string   `json:"method"`
		Params []string `json:"params"`
	}{id, method, params})
}

// write writes one line. A pool that does not read loses the connection.
func (s *session) write(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if err := s.conn.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return err
	}
	_, err = s.conn.Write(append(line, '\n'))
	return err
}

// read reads messages from r until it ends or quit is closed.
func read(r io.Reader, messages chan<- message, quit <-chan struct{}) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), maxMessage)
	for lines.Scan() {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		m, err := parseMessage(line)
		if err != nil {
			return nonsense("line", err)
		}
		select {
		case messages <- m:
		case <-quit:
			return nil
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nonsense("line", err)
	case err != nil:
		return err
	}
	return &trouble{miners.CodeDisconnected, "the pool hung up"}
}

// nonsense is that the pool sent what cannot be understood.
func nonsense(what string, err error) error {
	return &trouble{miners.CodeProtocolError, what + ": " + err.Error()}
}
