package presence

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/screensaver"
	"github.com/jezek/xgb/xproto"
)

// x11 asks an X server. It asks in a goroutine of its own, for a server that hangs
// must not make Look hang: the question then waits, and later looks wait for its
// answer. The goroutine ends with the answer or with the connection.
type x11 struct {
	display string
	own     int // process whose windows do not count
	backoff backoff
	session *xSession
	pending chan xAnswer
}

// xSession is a connection and what never changes about its server.
type xSession struct {
	conn                        *xgb.Conn
	root                        xproto.Window
	hasIdle                     bool
	active, state, full, pidKey xproto.Atom
}

// xAnswer is what a server says.
type xAnswer struct {
	session *xSession
	idle    *time.Duration
	full    string // name of the program, "" for none
	err     error
}

var (
	errNoDisplay  = errors.New("there is no X display")
	errServerGone = errors.New("the X server is gone")
)

func (x *x11) look(ctx context.Context) (xAnswer, error) {
	if x.display == "" {
		return xAnswer{}, errNoDisplay
	}
	if x.pending == nil {
		if x.session == nil && !x.backoff.due() {
			return xAnswer{}, errNoDisplay
		}
		answers := make(chan xAnswer, 1)
		x.pending = answers
		go func(s *xSession) { answers <- x.ask(s) }(x.session)
	}
	select {
	case a := <-x.pending:
		x.pending, x.session = nil, a.session
		if a.err != nil {
			x.backoff.failed()
		}
		return a, a.err
	case <-ctx.Done():
		return xAnswer{}, fmt.Errorf("the X server does not answer: %w", ctx.Err())
	}
}

func (x *x11) close() {
	if x.session != nil {
		x.session.conn.Close()
	}
}

// ask asks, over a new connection if there is none. With an error the connection is
// given up.
func (x *x11) ask(s *xSession) xAnswer {
	if s == nil {
		var err error
		if s, err = openX(x.display); err != nil {
			return xAnswer{err: err}
		}
	}
	a, err := s.ask(x.own)
	if err != nil {
		s.conn.Close()
		return xAnswer{err: err}
	}
	a.session = s
	return a
}

func openX(display string) (*xSession, error) {
	xgb.Logger.SetOutput(io.Discard) // else it writes to stderr
	conn, err := xgb.NewConnDisplay(display)
	if err != nil {
		return nil, fmt.Errorf("open X display %s: %w", display, err)
	}
	s := &xSession{conn: conn, root: xproto.Setup(conn).DefaultScreen(conn).Root}
	s.hasIdle = screensaver.Init(conn) == nil
	for name, atom := range map[string]*xproto.Atom{"_NET_ACTIVE_WINDOW": &s.active, "_NET_WM_STATE": &s.state, "_NET_WM_STATE_FULLSCREEN": &s.full, "_NET_WM_PID": &s.pidKey} {
		r, err := xproto.InternAtom(conn, false, uint16(len(name)), name).Reply()
		if err != nil || r == nil {
			conn.Close()
			return nil, fmt.Errorf("open X display %s: %w", display, errors.Join(errServerGone, err))
		}
		*atom = r.Atom
	}
	return s, nil
}

// ask asks how long there was no input and what the active window is.
func (s *xSession) ask(own int) (xAnswer, error) {
	s.drain()
	active := s.property(s.root, s.active, 1)
	var a xAnswer
	if s.hasIdle {
		r, err := screensaver.QueryInfo(s.conn, xproto.Drawable(s.root)).Reply()
		if err != nil || r == nil {
			return a, errors.Join(errServerGone, err)
		}
		idle := time.Duration(r.MsSinceUserInput) * time.Millisecond
		a.idle = &idle
	}
	value, err := active.Reply()
	switch {
	case err != nil || value == nil:
		return a, errors.Join(errServerGone, err)
	case len(value.Value) < 4:
		return a, nil // no window manager, or no window
	}
	if window := xproto.Window(xgb.Get32(value.Value)); window != 0 {
		a.full = s.fills(window, own)
	}
	return a, nil
}

// fills returns the name of the program whose window fills the screen. A window that
// is gone by now fills nothing.
func (s *xSession) fills(window xproto.Window, own int) string {
	states, pid, class := s.property(window, s.state, 32), s.property(window, s.pidKey, 1), s.property(window, xproto.AtomWmClass, 64)
	stateReply, err := states.Reply()
	pidReply, errPID := pid.Reply()
	classReply, errClass := class.Reply()
	if err != nil || stateReply == nil || !hasAtom(stateReply.Value, s.full) {
		return ""
	}
	number := 0
	if errPID == nil && pidReply != nil && len(pidReply.Value) >= 4 {
		number = int(xgb.Get32(pidReply.Value))
	}
	if number != 0 && number == own {
		return ""
	}
	name := ""
	if errClass == nil && classReply != nil {
		name = className(string(classReply.Value))
	}
	return programName(name, number)
}

// property asks for the first words of a window's property.
func (s *xSession) property(window xproto.Window, atom xproto.Atom, words uint32) xproto.GetPropertyCookie {
	return xproto.GetProperty(s.conn, false, window, atom, xproto.GetPropertyTypeAny, 0, words)
}

// drain throws away the events that every client gets; nobody else takes them.
func (s *xSession) drain() {
	for {
		if event, err := s.conn.PollForEvent(); event == nil && err == nil {
			return
		}
	}
}

func hasAtom(value []byte, atom xproto.Atom) bool {
	for ; len(value) >= 4; value = value[4:] {
		if xproto.Atom(xgb.Get32(value)) == atom {
			return true
		}
	}
	return false
}

// className returns the second of the two names in WM_CLASS, which is the program's.
func className(value string) string {
	parts := strings.Split(strings.TrimRight(value, "\x00"), "\x00")
	return parts[len(parts)-1]
}

// programName returns a name for a window's program, for the sentence that says why
// mining waits: never "", which means that there is none.
func programName(class string, pid int) string {
	if class != "" {
		return strings.ToValidUTF8(class, "?")
	}
	if comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); err == nil && pid > 0 {
		if name := strings.TrimSpace(string(comm)); name != "" {
			return name
		}
	}
	return "a program"
}
