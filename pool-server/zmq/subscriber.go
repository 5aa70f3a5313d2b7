package zmq

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	dialWithin      = 5 * time.Second
	handshakeWithin = 10 * time.Second
	firstPause      = 250 * time.Millisecond // before the first new try
	longestPause    = 10 * time.Second
	goodAfter       = 30 * time.Second // a connection that held so long was none of the broken ones
)

// No chain has so many blocks; whoever sends more is slowed down.
const (
	messagesPerSecond = 100
	messageBurst      = 1000
)

// defaultKeep is enough for a hash and for a block's header.
const defaultKeep = 256

// Message is what a daemon publishes: topic, body, and a number that counts the
// messages of the topic.
type Message struct {
	Topic       string
	Body        []byte // its first bytes, see Subscriber.Keep
	Size        int64  // its whole length
	Sequence    uint32
	HasSequence bool
}

// Subscriber listens to one publisher. Address must be set.
type Subscriber struct {
	Address string       // tcp://host:port
	Topics  []string     // prefixes of the topics wanted; none means all
	Keep    int          // bytes kept of a body; 0 means 256
	Log     *slog.Logger // nil means none
	// Dial opens the connection, for tests; nil means TCP.
	Dial func(ctx context.Context, hostPort string) (net.Conn, error)
}

// HostPort returns the host and port of an address such as tcp://127.0.0.1:28332.
func HostPort(address string) (string, error) {
	hostPort, ok := strings.CutPrefix(address, "tcp://")
	host, port, err := net.SplitHostPort(hostPort)
	if !ok || err != nil || host == "" || host == "*" || port == "" {
		return "", fmt.Errorf("want tcp://host:port, have %q", address)
	}
	return hostPort, nil
}

// Run connects, hands every message to on, one at a time, and connects again when
// the connection ends, until ctx ends. Messages between two connections are lost.
func (s *Subscriber) Run(ctx context.Context, on func(Message)) {
	log := s.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	log = log.With("zmq", s.Address)
	pause, told := firstPause, ""
	for ctx.Err() == nil {
		begun := time.Now()
		err := s.listen(ctx, log, on)
		if ctx.Err() != nil {
			return
		}
		if time.Since(begun) >= goodAfter {
			pause, told = firstPause, ""
		}
		if err.Error() != told { // once, not every few seconds
			told = err.Error()
			log.Warn("no news from the daemon's publisher; long polls and polls go on", "err", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, longestPause)
	}
}

// listen is one connection. It returns why it ended, never nil.
func (s *Subscriber) listen(ctx context.Context, log *slog.Logger, on func(Message)) error {
	hostPort, err := HostPort(s.Address)
	if err != nil {
		return err
	}
	conn, err := s.dial(ctx, hostPort)
	if err != nil {
		return err
	}
	var once sync.Once
	hangUp := func() { once.Do(func() { conn.Close() }) }
	defer hangUp()
	defer context.AfterFunc(ctx, hangUp)()
	keep := s.Keep
	if keep <= 0 {
		keep = defaultKeep
	}
	r := &reader{in: bufio.NewReader(conn), keep: keep}
	if err := s.greet(conn, r); err != nil {
		return err
	}
	log.Info("listening to the daemon's publisher")
	return s.receive(ctx, r, log, on)
}

func (s *Subscriber) dial(ctx context.Context, hostPort string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialWithin)
	defer cancel()
	if s.Dial != nil {
		return s.Dial(ctx, hostPort)
	}
	// A publisher may be silent for an hour. That its computer is gone shows by
	// keep-alives only.
	dialer := net.Dialer{KeepAlive: 15 * time.Second}
	return dialer.DialContext(ctx, "tcp", hostPort)
}

// greet does the handshake and subscribes.
func (s *Subscriber) greet(conn net.Conn, r *reader) error {
	conn.SetDeadline(time.Now().Add(handshakeWithin))
	defer conn.SetDeadline(time.Time{})
	if _, err := conn.Write(greeting()); err != nil {
		return err
	}
	if err := readGreeting(r.in); err != nil {
		return err
	}
	hello := ready("SUB")
	for _, topic := range s.Topics {
		hello = appendFrame(hello, 0, append([]byte{1}, topic...))
	}
	if len(s.Topics) == 0 {
		hello = appendFrame(hello, 0, []byte{1})
	}
	if _, err := conn.Write(hello); err != nil {
		return err
	}
	return r.readReady()
}

func (s *Subscriber) receive(ctx context.Context, r *reader, log *slog.Logger, on func(Message)) error {
	pace := rate.NewLimiter(messagesPerSecond, messageBurst)
	wait := func() error { return pace.Wait(ctx) }
	next := make(map[string]uint32)
	for {
		parts, sizes, err := r.message(wait)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		m, err := newMessage(parts, sizes)
		if err != nil {
			return err
		}
		if want, known := next[m.Topic]; known && m.HasSequence && m.Sequence != want {
			log.Debug("messages of the daemon's publisher were lost", "topic", m.Topic, "want", want, "got", m.Sequence)
		}
		if _, known := next[m.Topic]; known || len(next) < maxTopics {
			next[m.Topic] = m.Sequence + 1
		}
		on(m)
	}
}

// maxTopics bounds the topics whose messages are counted.
const maxTopics = 16

// newMessage reads topic, body, and the number in four bytes, least first. A
// publisher that does not number its messages is heard, too.
func newMessage(parts [][]byte, sizes []int64) (Message, error) {
	if len(parts) < 2 {
		return Message{}, errors.New("a message without a body")
	}
	m := Message{Topic: string(parts[0]), Body: parts[1], Size: sizes[1]}
	if len(parts) > 2 && sizes[2] == 4 && len(parts[2]) == 4 {
		m.Sequence, m.HasSequence = binary.LittleEndian.Uint32(parts[2]), true
	}
	return m, nil
}
