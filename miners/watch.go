package miners

import (
	"fmt"
	"time"
)

// A watch notices what a program does not print, for silence is a state too:
// some wait for ever, without a word, for a pool that never answers.
type watch struct {
	limits *Supervisor
	start  time.Time // of the run

	last      time.Time // when anything came
	work      bool      // the pool gave work
	hashes    bool      // a hashrate was measured
	shares    bool      // a share was accepted
	troubled  bool      // the program itself told of a trouble
	toldWork  bool      // that there is no work
	toldStuck bool      // that there is no hashrate
}

// saw takes note of e.
func (w *watch) saw(e Event) {
	w.last = time.Now()
	switch e := e.(type) {
	case Job:
		w.work = true
	case Rejected:
		w.work = true
	case Accepted:
		w.work, w.shares = true, true
	case Hashrate:
		if e.Hashrate > 0 {
			w.work, w.hashes = true, true
		}
	case Problem, Disconnected:
		w.troubled = true
	}
}

// look returns what the program's silence tells, each thing once a run.
func (w *watch) look(now time.Time) (events []Event) {
	if !w.work && !w.troubled && !w.toldWork && now.Sub(w.start) > w.limits.NoWork {
		w.toldWork = true
		events = append(events, Problem{CodeTimeout, fmt.Sprintf("no work from the pool for %v", w.limits.NoWork)})
	}
	if w.work && !w.hashes && !w.toldStuck && now.Sub(w.start) > w.limits.NoHashrate {
		w.toldStuck = true
		events = append(events, Problem{CodeDeviceIdle, fmt.Sprintf("no hashrate for %v", w.limits.NoHashrate)})
	}
	return events
}

// hangs reports whether the program has been silent for too long.
func (w *watch) hangs(now time.Time) bool {
	since := w.last
	if since.IsZero() {
		since = w.start
	}
	return now.Sub(since) > w.limits.Silence
}
