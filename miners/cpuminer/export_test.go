package cpuminer

import (
	"bytes"
	"encoding/json"
	"sync/atomic"
	"time"
)

// What tests outside the package may see of the inside.

// Header returns the header that a mining.notify with these parameters gives.
func Header(params []json.RawMessage, extranonce1, extranonce2 []byte) (header [80]byte, height int64, err error) {
	j, err := parseJob(params)
	if err != nil {
		return header, 0, err
	}
	return j.header(extranonce1, extranonce2, j.time), j.height, nil
}

// Deal takes n units of work whose extranonce2 has size bytes, having dealt
// taken units before, and returns their headers and times as far as there are any.
func Deal(params []json.RawMessage, size, n int, taken uint64) (headers [][80]byte, times []uint32, err error) {
	j, err := parseJob(params)
	if err != nil {
		return nil, nil, err
	}
	counter := &atomic.Uint64{}
	counter.Store(taken)
	w := &work{job: j, extranonce1: []byte{1, 2, 3, 4}, size: size, taken: counter, first: taken}
	for range n {
		u, ok := w.take()
		if !ok {
			break
		}
		headers, times = append(headers, u.header), append(times, u.time)
	}
	return headers, times, nil
}

// ReadAll lets the inside look at whatever a pool may send.
func ReadAll(stream []byte) {
	messages, quit, done := make(chan message), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		read(bytes.NewReader(stream), messages, quit)
	}()
	for {
		select {
		case m := <-messages:
			m.number()
			m.failed()
			parseSubscription(m.Result)
			parseExtranonce(m.Params)
			parseDifficulty(m.Params)
			parseReconnect(m.Params)
			if j, err := parseJob(m.Params); err == nil {
				j.header([]byte{1}, []byte{2}, j.time)
			}
		case <-done:
			return
		}
	}
}

// Redirected returns where a pool at url may send us, and whether it may.
func Redirected(url, host, port string) (string, error) {
	a, err := parseAddress(url)
	if err != nil {
		return "", err
	}
	to, err := a.redirected(host, port)
	return to.String(), err
}

// Passed returns how many shares a pace lets pass in a time, asked once a millisecond.
func Passed(perSecond float64, d time.Duration) (n int) {
	p, start := newPace(perSecond), time.Unix(1e9, 0)
	for now := start; now.Sub(start) < d; now = now.Add(time.Millisecond) {
		for p.wait(now) <= 0 {
			p.step(now)
			n++
		}
	}
	return n
}
