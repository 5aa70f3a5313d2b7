package miners

import "sync"

const (
	maxPending = 512 // events that wait for their reader
	maxOutput  = 40  // lines of output among them
)

// A mailbox holds the events that wait for a reader. A program that floods, or
// a reader that is slow, makes it merge and leave out: counts of shares are added
// up and never lost, of measurements the newest stays, and of output the first
// lines. It never grows beyond a fixed size and never blocks who puts.
type mailbox struct {
	ready chan struct{} // holds a token while something waits

	mu      sync.Mutex
	pending []Event
	output  int // how many of pending are Output
}

func newMailbox() *mailbox { return &mailbox{ready: make(chan struct{}, 1)} }

// put adds events, and wakes the reader once for all of them.
func (m *mailbox) put(events ...Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	news := false
	for _, e := range events {
		news = m.merge(e) || m.add(e) || news
	}
	if !news {
		return
	}
	select {
	case m.ready <- struct{}{}:
	default:
	}
}

// take empties the mailbox.
func (m *mailbox) take() []Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	select {
	case <-m.ready:
	default:
	}
	taken := m.pending
	m.pending, m.output = nil, 0
	return taken
}

// add appends e unless the mailbox is full. Counts of shares are appended even
// then: their number is bounded because those of one reason are merged, and the
// reason is dropped.
func (m *mailbox) add(e Event) bool {
	full := len(m.pending) >= maxPending
	switch e := e.(type) {
	case Output:
		if full || m.output >= maxOutput {
			return false
		}
		m.output++
	case Accepted:
	case Rejected:
		if full && e.Reason != "" {
			e.Reason = ""
			return m.merge(e) || m.add(e)
		}
	default:
		if full {
			return false
		}
	}
	m.pending = append(m.pending, e)
	return true
}

// merge melts e into an event that waits already, if one of its kind does. It
// does not look beyond a change of the connection, so that the order of what
// matters stays, unless the mailbox is full.
func (m *mailbox) merge(e Event) bool {
	for i := len(m.pending) - 1; i >= 0; i-- {
		if melted, ok := melt(m.pending[i], e); ok {
			m.pending[i] = melted
			return true
		}
		switch m.pending[i].(type) {
		case Started, Ended, Connected, Disconnected:
			if len(m.pending) < maxPending {
				return false
			}
		}
	}
	return false
}

// melt makes one event of two, if that loses nothing that anybody needs.
func melt(old, new Event) (Event, bool) {
	switch new := new.(type) {
	case Accepted:
		old, ok := old.(Accepted)
		return Accepted{N: old.N + new.N}, ok
	case Rejected:
		old, ok := old.(Rejected)
		return Rejected{N: old.N + new.N, Reason: new.Reason}, ok && old.Reason == new.Reason
	case Hashrate:
		old, ok := old.(Hashrate)
		return new, ok && old.Device == new.Device
	case DeviceReport:
		old, ok := old.(DeviceReport)
		return old.with(new), ok && old.Index == new.Index
	case Difficulty:
		_, ok := old.(Difficulty)
		return new, ok
	case Job:
		old, ok := old.(Job)
		new.Clean = new.Clean || old.Clean
		return new, ok
	case Message:
		_, ok := old.(Message)
		return new, ok
	case Problem:
		old, ok := old.(Problem)
		return new, ok && old.Code == new.Code
	}
	return nil, false
}
