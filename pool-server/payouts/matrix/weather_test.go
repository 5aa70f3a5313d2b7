package matrix_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// A fault is how a step goes wrong.
type fault int

const (
	fine        fault = iota
	crashBefore       // the process is gone before the step
	crashAfter        // the process is gone after the step, before it has heard of it
	refused           // the step is not done: the database refuses the write, the daemon is away
	unheard           // it is done, but the answer is lost: the connection is cut after the daemon acted
	late              // it is done, and the answer takes its time
	slow              // it is done, but the answer comes after the caller's patience
	stopped           // it is done, but the process was asked to stop meanwhile
	olderBefore       // pool and daemon are gone before the step; the daemon starts with an older wallet
	olderAfter        // the same after the step
	fullDisk          // the disk of the ledger is full
)

func (f fault) String() string {
	return [...]string{"no fault", "crash before", "crash after", "refused", "answer lost", "answer late", "answer too slow", "asked to stop",
		"older wallet before", "older wallet after", "disk full"}[f]
}

// crash reports whether the process is gone by f.
func (f fault) crash() bool {
	switch f {
	case crashBefore, crashAfter, olderBefore, olderAfter:
		return true
	}
	return false
}

// lateness is how late an answer is that comes late.
const lateness = 300 * time.Millisecond

var (
	errCrash = errors.New("the process is gone")
	errFault = errors.New("something went wrong")
)

// A weather stands between a pool, its daemon and its disk.
type weather struct {
	mu    sync.Mutex // guards what follows
	next  func(step string) fault
	trace []string
	gone  fault                // by which the process is gone; fine: it lives
	stop  context.CancelFunc   // asks the process to stop
	full  func() (undo func()) // fills the disk

	noRoom int // writes that a full disk has refused
}

// step lets act happen, or not.
func (w *weather) step(ctx context.Context, name string, act func() error) error {
	w.mu.Lock()
	if w.gone != fine {
		w.mu.Unlock()
		return errCrash
	}
	f := w.next(name)
	w.trace = append(w.trace, name)
	if f != fine {
		w.trace[len(w.trace)-1] += ": " + f.String()
	}
	if f.crash() {
		w.gone = f
	}
	stop, full := w.stop, w.full
	w.mu.Unlock()
	switch f {
	case crashBefore, olderBefore:
		return errCrash
	case refused:
		return errFault
	case fullDisk:
		defer full()()
		err := act()
		w.mu.Lock()
		defer w.mu.Unlock()
		if err != nil {
			w.noRoom++
		}
		return err
	case crashAfter, olderAfter:
		_ = act()
		return errCrash
	case unheard:
		_ = act()
		return errFault
	case late:
		err := act()
		<-time.After(lateness)
		return err
	case slow:
		_ = act()
		<-ctx.Done()
		return ctx.Err()
	case stopped:
		stop()
		return act()
	}
	return act()
}

// over begins a new process: what was gone is there again.
func (w *weather) over(stop context.CancelFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gone, w.stop = fine, stop
}

func (w *weather) set(next func(step string) fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next = next
}

// went says by what the process is gone.
func (w *weather) went() fault {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.gone
}

// refused is how many writes a full disk has refused.
func (w *weather) refused() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.noRoom
}

func (w *weather) story() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.trace...)
}

// road is the way to the daemon through the weather.
type road struct {
	w    *weather
	http *http.Transport
}

// RoundTrip carries a call to the daemon. What was lost on the way back looks as it
// does over TCP.
func (r road) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	var call struct{ Method string }
	if err := json.Unmarshal(body, &call); err != nil {
		return nil, fmt.Errorf("a call that is no JSON: %w", err)
	}
	err = r.w.step(req.Context(), call.Method, func() error {
		// What is under way gets to the daemon, whatever becomes of who asked.
		there := req.Clone(context.WithoutCancel(req.Context()))
		there.Body = io.NopCloser(bytes.NewReader(body))
		resp, err = r.http.RoundTrip(there)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		answer, err := io.ReadAll(resp.Body)
		resp.Body = io.NopCloser(bytes.NewReader(answer))
		return err
	})
	if errors.Is(err, errCrash) || errors.Is(err, errFault) {
		err = io.ErrUnexpectedEOF
	}
	if err == nil {
		err = req.Context().Err()
	}
	if err != nil {
		return nil, err
	}
	return resp, nil
}
