package zmq

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"sync"
	"time"
)

const (
	queueSize    = 64 // messages that may wait for a subscriber; more are lost, as with any publisher
	writeWithin  = 10 * time.Second
	subscriptMax = 256 // bytes of a subscriber's message
)

// Publisher hands messages to whoever subscribes. The zero value is ready; it must
// not be copied.
type Publisher struct {
	mu    sync.Mutex // guards what follows
	peers map[*peer]bool
	count map[string]uint32 // messages published, by topic
}

// peer is a subscriber. topics is guarded by the publisher's mutex.
type peer struct {
	queue  chan []byte
	topics [][]byte
}

// Publish sends a message to those who want its topic. It waits for nobody.
func (p *Publisher) Publish(topic string, body []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.count == nil {
		p.count = make(map[string]uint32)
	}
	frames := appendFrame(nil, flagMore, []byte(topic))
	frames = appendFrame(frames, flagMore, body)
	frames = appendFrame(frames, 0, binary.LittleEndian.AppendUint32(nil, p.count[topic]))
	p.count[topic]++
	for one := range p.peers {
		if !one.wants(topic) {
			continue
		}
		select {
		case one.queue <- frames:
		default:
		}
	}
}

func (p *peer) wants(topic string) bool {
	for _, prefix := range p.topics {
		if bytes.HasPrefix([]byte(topic), prefix) {
			return true
		}
	}
	return false
}

// Serve lets subscribers in until ctx ends, which is no error. It owns the listener.
func (p *Publisher) Serve(ctx context.Context, listener net.Listener) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer listener.Close()
	defer context.AfterFunc(ctx, func() { listener.Close() })()
	for {
		conn, err := listener.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("accept a subscriber: %w", err)
		}
		wg.Go(func() { p.serve(ctx, conn) })
	}
}

// serve talks to one subscriber until one of the two goes.
func (p *Publisher) serve(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	r := &reader{in: bufio.NewReader(conn), keep: subscriptMax}
	conn.SetDeadline(time.Now().Add(handshakeWithin))
	if _, err := conn.Write(append(greeting(), ready("PUB")...)); err != nil {
		return
	}
	if readGreeting(r.in) != nil || r.readReady() != nil {
		return
	}
	conn.SetDeadline(time.Time{})
	one := &peer{queue: make(chan []byte, queueSize)}
	p.add(one)
	gone := make(chan struct{})
	defer func() { <-gone }()
	defer conn.Close()
	go func() {
		defer close(gone)
		defer p.remove(one)
		for {
			parts, _, err := r.message(func() error { return nil })
			if err != nil {
				conn.Close()
				return
			}
			p.subscribe(one, parts[0])
		}
	}()
	for {
		select {
		case <-gone:
			return
		case frames := <-one.queue:
			conn.SetWriteDeadline(time.Now().Add(writeWithin))
			if _, err := conn.Write(frames); err != nil {
				return
			}
		}
	}
}

func (p *Publisher) add(one *peer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.peers == nil {
		p.peers = make(map[*peer]bool)
	}
	p.peers[one] = true
}

func (p *Publisher) remove(one *peer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.peers, one)
}

// subscribe heeds a subscriber's message: 1 and a topic's prefix. Leaving a topic
// (0) is not offered.
func (p *Publisher) subscribe(one *peer, message []byte) {
	if len(message) == 0 || message[0] != 1 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(one.topics) < maxTopics {
		one.topics = append(one.topics, message[1:])
	}
}
