package presence_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"github.com/adit-mining/adit/hwdetect/presence"
	"github.com/adit-mining/adit/packaging/needs"
)

func TestFullScreenOfARealDisplay(t *testing.T) {
	display, _ := newScreen(t)
	w := presence.Open(presence.Options{PID: os.Getpid()})
	defer w.Close()
	presence.UseDisplay(w, display, false)
	if p := w.Look(t.Context()); value(p.FullScreen) != "" {
		t.Fatalf("an empty screen: %v %q", value(p.FullScreen), p.Notes)
	}
	game := openWindow(t, display, "Quake", 1)
	eventually(t, "a window that does not fill the screen", func() bool { return value(w.Look(t.Context()).FullScreen) == "" && game.active() })
	game.fill(true)
	eventually(t, "the game", func() bool { return value(w.Look(t.Context()).FullScreen) == "Quake" })
	game.fill(false)
	eventually(t, "no game any more", func() bool { return value(w.Look(t.Context()).FullScreen) == "" })
	game.fill(true)
	eventually(t, "the game again", func() bool { return value(w.Look(t.Context()).FullScreen) == "Quake" })
	game.conn.Close()
	eventually(t, "the game's end", func() bool { return value(w.Look(t.Context()).FullScreen) == "" })

	own := openWindow(t, display, "Adit", os.Getpid())
	own.fill(true)
	eventually(t, "our own window", own.active)
	if p := w.Look(t.Context()); value(p.FullScreen) != "" {
		t.Errorf("our own window counts: %v", *p.FullScreen)
	}
}

func TestIdleTimeOfARealDisplay(t *testing.T) {
	display, _ := newScreen(t)
	w := presence.Open(presence.Options{})
	defer w.Close()
	presence.UseDisplay(w, display, false)
	first := w.Look(t.Context())
	if first.Idle == nil {
		t.Fatalf("no idle time: %q", first.Notes)
	}
	eventually(t, "time to pass", func() bool { return *w.Look(t.Context()).Idle > *first.Idle+300*time.Millisecond })
	cmd := exec.CommandContext(t.Context(), "xdotool", "mousemove", "10", "10", "mousemove", "20", "20")
	cmd.Env = append(os.Environ(), "DISPLAY="+display)
	before := *w.Look(t.Context()).Idle
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the mouse to count", func() bool { return *w.Look(t.Context()).Idle < before })

	presence.UseDisplay(w, display, true)
	if p := w.Look(t.Context()); p.Idle != nil || p.FullScreen != nil {
		t.Errorf("under Wayland the X server's idle time %v and %v are none", value(p.Idle), value(p.FullScreen))
	}
}

// TestADisplayThatHangsOrGoesHoldsNobody stops the server and then ends it.
func TestADisplayThatHangsOrGoesHoldsNobody(t *testing.T) {
	display, server := newScreen(t)
	w := presence.Open(presence.Options{})
	defer w.Close()
	presence.UseDisplay(w, display, false)
	if p := w.Look(t.Context()); p.Idle == nil {
		t.Fatalf("no idle time: %q", p.Notes)
	}
	if err := server.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if p := w.Look(ctx); p.Idle != nil || p.FullScreen != nil {
		t.Errorf("a stopped server told %v and %v", value(p.Idle), value(p.FullScreen))
	}
	if err := server.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the server again", func() bool { return w.Look(t.Context()).Idle != nil })
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "nothing", func() bool { p := w.Look(t.Context()); return p.Idle == nil && p.FullScreen == nil })
}

func BenchmarkLookAtADisplay(b *testing.B) {
	display, _ := newScreen(b)
	w := presence.Open(presence.Options{})
	defer w.Close()
	presence.UseDisplay(w, display, false)
	w.Look(b.Context())
	for b.Loop() {
		w.Look(b.Context())
	}
}

// newScreen starts an X server with a window manager.
func newScreen(t testing.TB) (display string, server *os.Process) {
	t.Helper()
	for _, tool := range []string{"Xvfb", "openbox", "xdotool", "xprop"} {
		needs.Program(t, tool)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	x := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "640x480x24", "-nolisten", "tcp", "-noreset")
	x.ExtraFiles = []*os.File{w}
	start(t, x)
	w.Close()
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb: %v", err)
	}
	display = ":" + strings.TrimSpace(number)
	manager := exec.Command("openbox")
	manager.Env = append(os.Environ(), "DISPLAY="+display)
	start(t, manager)
	eventually(t, "the window manager", func() bool {
		ask := exec.Command("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")
		ask.Env = append(os.Environ(), "DISPLAY="+display)
		out, err := ask.Output()
		return err == nil && strings.Contains(string(out), "window id")
	})
	return display, x.Process
}

// start runs a program until the test ends.
func start(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGCONT)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

func eventually(t testing.TB, what string, seen func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for !seen() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("never saw %s", what)
		}
	}
}

// window is one of a program that the test plays.
type window struct {
	t    *testing.T
	conn *xgb.Conn
	root xproto.Window
	id   xproto.Window
}

func openWindow(t *testing.T, display, class string, pid int) window {
	t.Helper()
	conn, err := xgb.NewConnDisplay(display)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	screen := xproto.Setup(conn).DefaultScreen(conn)
	id, err := xproto.NewWindowId(conn)
	if err != nil {
		t.Fatal(err)
	}
	w := window{t, conn, screen.Root, id}
	number := make([]byte, 4)
	xgb.Put32(number, uint32(pid))
	name := []byte(strings.ToLower(class) + "\x00" + class + "\x00")
	err = errors.Join(
		xproto.CreateWindowChecked(conn, screen.RootDepth, id, screen.Root, 50, 50, 200, 100, 0, xproto.WindowClassInputOutput, screen.RootVisual, 0, nil).Check(),
		xproto.ChangePropertyChecked(conn, xproto.PropModeReplace, id, xproto.AtomWmClass, xproto.AtomString, 8, uint32(len(name)), name).Check(),
		xproto.ChangePropertyChecked(conn, xproto.PropModeReplace, id, w.atom("_NET_WM_PID"), xproto.AtomCardinal, 32, 1, number).Check(),
		xproto.MapWindowChecked(conn, id).Check(),
	)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w window) atom(name string) xproto.Atom {
	w.t.Helper()
	r, err := xproto.InternAtom(w.conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		w.t.Fatal(err)
	}
	return r.Atom
}

// fill asks the window manager to make the window fill the screen, or not.
func (w window) fill(yes bool) {
	w.t.Helper()
	add := uint32(0)
	if yes {
		add = 1
	}
	w.ask("_NET_WM_STATE", add, uint32(w.atom("_NET_WM_STATE_FULLSCREEN")), 0, 1)
}

// ask sends the window manager a message about the window.
func (w window) ask(message string, data ...uint32) {
	w.t.Helper()
	data = append(data, make([]uint32, 5-len(data))...)
	event := xproto.ClientMessageEvent{Format: 32, Window: w.id, Type: w.atom(message), Data: xproto.ClientMessageDataUnionData32New(data)}
	mask := uint32(xproto.EventMaskSubstructureNotify | xproto.EventMaskSubstructureRedirect)
	if err := xproto.SendEventChecked(w.conn, false, w.root, mask, string(event.Bytes())).Check(); err != nil {
		w.t.Fatal(fmt.Errorf("ask for %s: %w", message, err))
	}
}

// active reports whether the window manager has made the window the active one, and
// asks for it, as a task bar does.
func (w window) active() bool {
	w.ask("_NET_ACTIVE_WINDOW", 2)
	r, err := xproto.GetProperty(w.conn, false, w.root, w.atom("_NET_ACTIVE_WINDOW"), xproto.GetPropertyTypeAny, 0, 1).Reply()
	return err == nil && len(r.Value) == 4 && xproto.Window(xgb.Get32(r.Value)) == w.id
}
