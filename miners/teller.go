package miners

import (
	"sync"
	"time"
)

// A teller puts into a mailbox what a program's output and its interface tell, each
// thing once.
type teller struct {
	box *mailbox

	mu     sync.Mutex
	counts counts
	rated  time.Time // when the interface last told a hashrate
}

// fresh is how long an interface's hashrate counts more than a printed one.
const fresh = 3 * pollEvery

func (t *teller) printed(e Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, rate := e.(Hashrate); rate && !t.rated.IsZero() && time.Since(t.rated) < fresh {
		return
	}
	if e = t.counts.printed(e); e != nil {
		t.box.put(e)
	}
}

func (t *teller) answered(s Status) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.Hashrate != nil {
		t.rated = time.Now()
	}
	for _, e := range t.counts.answered(s) {
		t.box.put(e)
	}
}

func (t *teller) silent(err error) { t.box.put(Problem{CodeAPIFailed, err.Error()}) }
