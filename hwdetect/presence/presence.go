// Package presence tells what the person at the computer is doing and what the
// computer runs on: how long keyboard and mouse have been idle, whether a program
// fills the screen, whether the session is locked, battery or mains, whether the
// network costs money by the byte.
//
// It decides nothing. A probe that is not possible here (no display, no D-Bus,
// another system) says so by a nil field and a note; it never fails the others,
// never blocks for longer than its context, and never writes to stderr.
//
// A Watcher is asked every second or two while the app is up, so it keeps its
// connections open, and what cannot be reached is left alone for a while. Its
// goroutines are those of its connections (X11, D-Bus); they end with Close.
package presence

import (
	"context"
	"sync"
	"time"
)

// Presence is what could be told at one moment. Nil and zero fields are unknown.
type Presence struct {
	Idle       *time.Duration `json:"idle,omitempty"`        // since the last input of the person, game pads included where the system tells
	Locked     *bool          `json:"locked,omitempty"`      // the session shows its lock screen
	FullScreen *string        `json:"full_screen,omitempty"` // name of the program that fills a screen; "" for none
	OnBattery  *bool          `json:"on_battery,omitempty"`  // the computer, or its UPS, runs on a battery
	Battery    *int           `json:"battery,omitempty"`     // its charge in percent
	Metered    *bool          `json:"metered,omitempty"`     // the network is paid by the byte
	Online     *bool          `json:"online,omitempty"`      // there is a network at all
	Notes      []string       `json:"notes,omitempty"`       // why something is unknown
}

// Options are what a Watcher needs to know. The zero value watches this computer.
type Options struct {
	// PID is the process whose own window may fill the screen without being a game:
	// the app's.
	PID int
	// Root is the folder that a recorded machine's files are in; empty means this
	// machine. A recording is Linux's and has no session.
	Root string
}

// patience is how long one look may take at most, whatever its context says: the
// app asks again in a second.
const patience = 800 * time.Millisecond

// Watcher watches. It may be used by several goroutines; one looks at a time.
type Watcher struct {
	mu  sync.Mutex // guards sys
	sys *system
}

// Open returns a Watcher. Nothing is reached for yet.
func Open(o Options) *Watcher {
	return &Watcher{sys: newSystem(o)}
}

// Look tells what is the case now.
func (w *Watcher) Look(ctx context.Context) Presence {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	w.mu.Lock()
	defer w.mu.Unlock()
	var p Presence
	if w.sys != nil {
		w.sys.look(ctx, &p)
	}
	return p
}

// Close gives up all connections. Afterwards Look tells nothing.
func (w *Watcher) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sys != nil {
		w.sys.close()
		w.sys = nil
	}
}

// note adds a note, once.
func (p *Presence) note(text string) {
	for _, n := range p.Notes {
		if n == text {
			return
		}
	}
	p.Notes = append(p.Notes, text)
}

// active says that the person did something so long ago; the last of several inputs
// counts.
func (p *Presence) active(ago time.Duration) {
	if p.Idle == nil || ago < *p.Idle {
		p.Idle = &ago
	}
}

// backoff keeps what failed from being tried at every look.
type backoff struct{ until time.Time }

// wait is how long something that cannot be reached is left alone.
const wait = 30 * time.Second

func (b *backoff) due() bool { return !time.Now().Before(b.until) }

func (b *backoff) failed() { b.until = time.Now().Add(wait) }
