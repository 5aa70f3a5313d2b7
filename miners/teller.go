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

// printed tells a line of output and what it means.
func (t *teller) printed(line string, events []Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	told := []Event{Output{Line: line}}
	for _, e := range events {
		if _, rate := e.(Hashrate); rate && !t.rated.IsZero() && time.Since(t.rated) < fresh {
			continue
		}
		if e = t.counts.printed(e); e != nil {
			told = append(told, e)
		}
	}
	t.box.put(told...)
}

func (t *teller) answered(s Status) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.Hashrate != nil {
		t.rated = time.Now()
	}
	t.box.put(t.counts.answered(s)...)
}

func (t *teller) silent(err error) { t.box.put(Problem{CodeAPIFailed, err.Error()}) }
