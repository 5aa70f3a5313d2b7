package zmq_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/zmq"
)

// start runs a subscriber until the test ends; its messages come by the channel.
func start(t *testing.T, s zmq.Subscriber) <-chan zmq.Message {
	messages := make(chan zmq.Message, 1000)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx, func(m zmq.Message) { messages <- m })
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return messages
}

func receive(t *testing.T, from <-chan zmq.Message) zmq.Message {
	t.Helper()
	select {
	case m := <-from:
		return m
	case <-time.After(time.Minute):
		t.Fatal("no message within a minute")
		panic("unreachable")
	}
}

// publish opens a publisher until the returned function is called.
func publish(t *testing.T) (p *zmq.Publisher, at string, stop func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p = &zmq.Publisher{}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- p.Serve(ctx, listener) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve = %v", err)
		}
	})
	t.Cleanup(stop)
	return p, listener.Addr().String(), stop
}

// until publishes again and again: what is sent before a subscription is lost.
func until(t *testing.T, p *zmq.Publisher, topic string, body []byte, from <-chan zmq.Message) zmq.Message {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range 10_000 {
		p.Publish(topic, body)
		select {
		case m := <-from:
			return m
		case <-tick.C:
		}
	}
	t.Fatal("nothing arrived")
	panic("unreachable")
}

func TestSubscriberHearsWhatItAskedFor(t *testing.T) {
	p, at, _ := publish(t)
	messages := start(t, zmq.Subscriber{Address: "tcp://" + at, Topics: []string{"rawblock"}})
	until(t, p, "rawblock", []byte("first"), messages)
	block := bytes.Repeat([]byte("block"), 100_000)
	p.Publish("hashblock", []byte("unwanted"))
	p.Publish("rawblock", block)
	for {
		m := receive(t, messages)
		if m.Topic != "rawblock" {
			t.Fatalf("heard %q, which nobody asked for", m.Topic)
		}
		if m.Size == int64(len(block)) {
			if !bytes.Equal(m.Body, block[:256]) || !m.HasSequence {
				t.Errorf("message = %+v, want the block's first 256 bytes and a number", m)
			}
			return
		}
	}
}

func TestSubscriberComesBackAfterTheDaemon(t *testing.T) {
	p, at, stop := publish(t)
	var now atomic.Value // where the daemon is: its old port may be somebody else's by then
	now.Store(at)
	messages := start(t, zmq.Subscriber{Address: "tcp://127.0.0.1:1", Dial: func(ctx context.Context, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", now.Load().(string))
	}})
	until(t, p, "hashblock", []byte("before"), messages)
	stop()
	p, at, _ = publish(t)
	now.Store(at)
	for {
		if m := until(t, p, "hashblock", []byte("after"), messages); string(m.Body) == "after" {
			return
		}
	}
}

// recorded is what libzmq 4.3.4's publisher sent: greeting, handshake, and the
// messages of two topics.
func recorded(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/libzmq.hex")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// helloSize is the length of recorded's greeting and READY.
const helloSize = 64 + 27

// script is a connection on which all that comes is known; hungUp is called when the
// subscriber has had enough.
type script struct {
	net.Conn
	io.Reader
	hungUp func()
}

func (s script) Read(b []byte) (int, error) { return s.Reader.Read(b) }
func (script) Write(b []byte) (int, error)  { return len(b), nil }
func (script) SetDeadline(time.Time) error  { return nil }
func (s script) Close() error {
	s.hungUp()
	return nil
}

// hear returns what a subscriber makes of a publisher's bytes.
func hear(t testing.TB, raw []byte) (heard []zmq.Message) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := zmq.Subscriber{Address: "tcp://127.0.0.1:1", Dial: func(context.Context, string) (net.Conn, error) {
		return script{Reader: bytes.NewReader(raw), hungUp: cancel}, nil
	}}
	s.Run(ctx, func(m zmq.Message) { heard = append(heard, m) })
	return heard
}

func TestLibzmqIsUnderstood(t *testing.T) {
	heard := hear(t, recorded(t))
	if len(heard) != 2 || heard[0].Topic != "hashblock" || heard[1].Topic != "rawblock" {
		t.Fatalf("heard %+v", heard)
	}
	if h := heard[0]; len(h.Body) != 32 || h.Body[31] != 31 || h.Sequence != 7 || !h.HasSequence {
		t.Errorf("hashblock = %+v", h)
	}
	if b := heard[1]; b.Size != 300 || len(b.Body) != 256 || b.Body[255] != 255%251 || b.Sequence != 0 {
		t.Errorf("rawblock = %+v", b)
	}
}

// TestEvilPublishersCostOnlyTheConnection: each of these ended or fattened some
// program once.
func TestEvilPublishersCostOnlyTheConnection(t *testing.T) {
	good := recorded(t)
	hello := good[:helloSize] // greeting and READY
	long := func(flags byte, n uint64) []byte {
		return binary.BigEndian.AppendUint64(append(bytes.Clone(hello), flags), n)
	}
	tests := map[string][]byte{
		"hangs up at once":                  nil,
		"a web server":                      []byte("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n            "),
		"ZMTP 2":                            append([]byte{0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 1, 2, 0, 0}, make([]byte, 64)...),
		"another mechanism":                 bytes.Replace(good, []byte("NULL\x00"), []byte("CURVE"), 1),
		"a frame of 2^63-1 bytes":           long(2, 1<<63-1),
		"a frame of 2^64-1 bytes":           long(3, 1<<64-1),
		"a frame of a gigabyte":             long(2, 1<<30),
		"a long command":                    long(6, 1<<20),
		"flags that nobody knows":           append(bytes.Clone(hello), 0x80, 0),
		"a message without end":             append(bytes.Clone(hello), bytes.Repeat([]byte{1, 1, 'a'}, 1000)...),
		"a message of one part":             append(bytes.Clone(hello), 0, 1, 'a'),
		"a command instead of READY":        append(bytes.Clone(good[:64]), 4, 6, 5, 'E', 'R', 'R', 'O', 'R'),
		"a command that goes on":            append(bytes.Clone(hello), 5, 0),
		"a frame that is cut off":           append(bytes.Clone(hello), 0, 200, 'a'),
		"a greeting that is cut off":        good[:20],
		"nothing behind the greeting":       good[:64],
		"messages where READY should stand": append(bytes.Clone(good[:64]), good[len(hello):]...),
	}
	for name, raw := range tests {
		t.Run(name, func(t *testing.T) {
			if heard := hear(t, raw); len(heard) != 0 {
				t.Errorf("heard %+v", heard)
			}
		})
	}
}

// TestSilentPublisherIsGivenUp: one that takes the connection and says nothing must
// not keep the subscriber for ever.
func TestSilentPublisherIsGivenUp(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		var dialled int
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		s := zmq.Subscriber{Address: "tcp://127.0.0.1:1", Dial: func(ctx context.Context, _ string) (net.Conn, error) {
			dialled++
			ours, theirs := net.Pipe()
			go io.Copy(io.Discard, theirs)
			return ours, nil
		}}
		go func() {
			defer close(done)
			s.Run(ctx, func(zmq.Message) { t.Error("a message out of nothing") })
		}()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		cancel()
		<-done
		if dialled < 20 || dialled > 60 {
			t.Errorf("dialled %d times in ten minutes, want one in about 20 seconds", dialled)
		}
	})
}

// TestFloodIsSlowedDown: a publisher that sends without end gets no more of our time
// than a hundred messages a second.
func TestFloodIsSlowedDown(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		hello := recorded(t)[:helloSize]
		ctx, cancel := context.WithCancel(t.Context())
		s := zmq.Subscriber{Address: "tcp://127.0.0.1:1", Dial: func(context.Context, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go io.Copy(io.Discard, theirs)
			go func() {
				_, err := theirs.Write(hello)
				for err == nil {
					_, err = theirs.Write([]byte{1, 1, 'a', 0, 1, 'b'})
				}
			}()
			return ours, nil
		}}
		heard := 0
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.Run(ctx, func(zmq.Message) { heard++ })
		}()
		time.Sleep(time.Minute)
		cancel()
		<-done
		if heard < 1000 || heard > 8000 {
			t.Errorf("took %d messages in a minute, want 1000 and 100 a second", heard)
		}
	})
}

// TestSlowSubscriberIsNotWaitedFor: the embedded coin must not stand still for one.
func TestSlowSubscriberIsNotWaitedFor(t *testing.T) {
	p, at, _ := publish(t)
	conn, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	hello := append(bytes.Clone(recorded(t)[:helloSize]), 0, 1, 1)
	if _, err := conn.Write(hello); err != nil {
		t.Fatal(err)
	}
	// It reads until it hears something, and then no more.
	for heard := []byte(nil); !bytes.Contains(heard, []byte("here")); {
		p.Publish("here", nil)
		chunk := make([]byte, 100)
		conn.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
		n, err := conn.Read(chunk)
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal(err)
		}
		heard = append(heard, chunk[:n]...)
	}
	block := make([]byte, 1<<18)
	for range 1000 {
		p.Publish("rawblock", block)
	}
}

func TestAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"tcp://127.0.0.1:28332": "127.0.0.1:28332", "tcp://[::1]:5": "[::1]:5", "tcp://node.example:1": "node.example:1",
		"": "", "127.0.0.1:28332": "", "ipc://socket": "", "tcp://127.0.0.1": "", "tcp://*:28332": "", "tcp://:28332": "", "tcp://a:": "",
	} {
		got, err := zmq.HostPort(address)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("HostPort(%q) = %q, %v, want %q", address, got, err, want)
		}
	}
}

func TestServeSaysWhatIsWrong(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	if err := new(zmq.Publisher).Serve(t.Context(), listener); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve = %v, want %v", err, net.ErrClosed)
	}
}

// FuzzPublisher: whatever a publisher sends, each message has a topic and no more of
// its body than was asked for.
func FuzzPublisher(f *testing.F) {
	good := recorded(f)
	f.Add(good[64:])
	f.Add(good[helloSize:])
	f.Add([]byte{2, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Add([]byte{1, 1, 'a', 0, 0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, head := range [][]byte{good[:64], good[:helloSize]} {
			for _, m := range hear(t, append(bytes.Clone(head), raw...)) {
				if len(m.Body) > 256 || int64(len(m.Body)) > m.Size {
					t.Errorf("message = %+v", m)
				}
			}
		}
	})
}
