//go:build linux

package windowtest

import (
	"bufio"
	"bytes"
	"image"
	_ "image/png" // what import prints
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/adit-mining/adit/packaging/needs"
)

// ThreadFault is what Fyne prints when a window is touched from a goroutine that
// is not its own.
const ThreadFault = "*** Error in Fyne call thread"

// Screen is an X server with a window manager.
type Screen struct {
	Display string
	bus     string // address of the session's bus with a tray, if there is one
}

// NewScreen starts an X server of the test's own, of 1200 by 900 pixels.
func NewScreen(t testing.TB) Screen {
	t.Helper()
	for _, tool := range []string{"Xvfb", "openbox", "xdotool", "xprop", "import"} {
		needs.Program(t, tool)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1200x900x24", "-nolisten", "tcp", "-noreset") // a reset when a first, short client leaves would take the window manager along
	server.ExtraFiles = []*os.File{w}
	start(t, server)
	w.Close()
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb: %v", err)
	}
	s := Screen{Display: ":" + strings.TrimSpace(number)}
	manager := exec.Command("openbox")
	manager.Env = append(os.Environ(), "DISPLAY="+s.Display)
	start(t, manager)
	await(t, 30*time.Second, "the window manager is up", func() bool {
		ask := exec.Command("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")
		ask.Env = append(os.Environ(), "DISPLAY="+s.Display)
		out, err := ask.Output()
		return err == nil && strings.Contains(string(out), "window id")
	})
	return s
}

// start runs a program until the test ends.
func start(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

// Window is a running adit with its window.
type Window struct {
	Cmd   *exec.Cmd
	Said  *bytes.Buffer // to be read once it has ended
	Ended chan error    // gives how it ended, once

	t      testing.TB
	screen Screen
	id     string
}

// Open starts adit at path until the test ends, and waits for its window, which has
// the keyboard then. look is an environment variable, as FYNE_THEME=dark.
func (s Screen) Open(t testing.TB, path, look string, args ...string) *Window {
	t.Helper()
	w := s.Start(t, path, look, args...)
	w.WaitOpen()
	return w
}

// Start is Open without waiting for a window, which may be in the tray.
func (s Screen) Start(t testing.TB, path, look string, args ...string) *Window {
	t.Helper()
	home := t.TempDir()
	w := &Window{Cmd: exec.Command(path, args...), Said: &bytes.Buffer{}, Ended: make(chan error, 1), t: t, screen: s}
	w.Cmd.Env = append(os.Environ(), "DISPLAY="+s.Display, "WAYLAND_DISPLAY=", "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_RUNTIME_DIR="+home,
		"LC_ALL=", "LANGUAGE=", "LANG=en_US.UTF-8", "DBUS_SESSION_BUS_ADDRESS="+s.bus, look)
	w.Cmd.Stdout, w.Cmd.Stderr = w.Said, w.Said
	if err := w.Cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { w.Ended <- w.Cmd.Wait() }() // received by close, or dies with the process in the cleanup
	t.Cleanup(func() {
		if t.Failed() && w.Cmd.Process.Signal(syscall.SIGQUIT) == nil { // it tells where each goroutine is
			<-w.Ended
			t.Logf("adit %s: %s", strings.Join(args, " "), w.Said)
		}
		_ = w.Cmd.Process.Kill()
	})
	return w
}

// WaitOpen waits until the window is there, and gives it the keyboard.
func (w *Window) WaitOpen() {
	w.t.Helper()
	await(w.t, 30*time.Second, "the window is open", func() bool {
		out, err := w.tool("search", "--onlyvisible", "--name", "^Adit$")
		found := strings.Fields(string(out))
		if err != nil || len(found) == 0 {
			return false
		}
		w.id = found[len(found)-1]
		_, _ = w.tool("windowactivate", w.id)
		active, _ := w.tool("getactivewindow")
		return strings.TrimSpace(string(active)) == w.id
	})
}

// Beside starts the program again on the same screen and returns how that ended.
func (w *Window) Beside(args ...string) error {
	w.t.Helper()
	cmd := exec.Command(w.Cmd.Path, args...)
	cmd.Env = w.Cmd.Env
	return cmd.Run()
}

func (w *Window) tool(args ...string) ([]byte, error) {
	cmd := exec.Command("xdotool", args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+w.screen.Display)
	return cmd.Output()
}

// Xdotool has the user do something: see xdotool(1).
func (w *Window) Xdotool(args ...string) {
	w.t.Helper()
	if _, err := w.tool(args...); err != nil {
		w.t.Fatalf("xdotool %s: %v", strings.Join(args, " "), err)
	}
}

// Click presses the left button at a point of the window.
func (w *Window) Click(at image.Point) {
	w.t.Helper()
	w.Xdotool("mousemove", "--window", w.id, strconv.Itoa(at.X), strconv.Itoa(at.Y))
	time.Sleep(200 * time.Millisecond)
	w.Xdotool("click", "1")
}

// Look returns what the window shows.
func (w *Window) Look() image.Image {
	w.t.Helper()
	cmd := exec.Command("import", "-window", w.id, "png:-")
	cmd.Env = append(os.Environ(), "DISPLAY="+w.screen.Display)
	out, err := cmd.Output()
	if err != nil {
		w.t.Fatalf("import: %v", err)
	}
	img, _, err := image.Decode(bytes.NewReader(out))
	if err != nil {
		w.t.Fatal(err)
	}
	return img
}

// Keep saves a picture of the window.
func (w *Window) Keep(name string) {
	w.t.Helper()
	dir := os.Getenv("ADIT_ARTIFACTS")
	if dir == "" {
		dir = w.t.TempDir()
	}
	cmd := exec.Command("import", "-window", w.id, filepath.Join(dir, name+".png"))
	cmd.Env = append(os.Environ(), "DISPLAY="+w.screen.Display)
	if out, err := cmd.CombinedOutput(); err != nil {
		w.t.Errorf("keep a picture: %v %s", err, out)
	}
}

// Minimise puts the window away, as its user does.
func (w *Window) Minimise() {
	w.t.Helper()
	w.Xdotool("windowminimize", "--sync", w.id)
}

// WaitFor waits until the window shows something.
func (w *Window) WaitFor(what string, seen func(image.Image) bool) {
	w.t.Helper()
	await(w.t, 20*time.Second, what, func() bool { return seen(w.Look()) })
}

// Close ends the app as its user does and judges what it printed.
func (w *Window) Close() {
	w.t.Helper()
	if err := w.PressClose(); err != nil {
		w.t.Errorf("adit ended with %v: %s", err, w.Said)
	}
	if said := w.Said.String(); strings.Contains(said, ThreadFault) || strings.Contains(said, "panic") {
		w.t.Errorf("adit printed: %s", said)
	}
}

// PressClose closes the window by its key and returns how adit ended. It presses
// again now and then: a window manager that is busy with a click swallows keys.
func (w *Window) PressClose() error {
	w.t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		_, _ = w.tool("windowactivate", w.id) // it may be minimised
		_, _ = w.tool("key", "alt+F4")        // it may be gone before the key comes up again, which xdotool takes for an error
		select {
		case err := <-w.Ended:
			return err
		case <-time.After(3 * time.Second):
		case <-deadline:
			w.t.Fatal("closing the window does not end adit")
		}
	}
}

// Amber finds the big button in the colour of a miner's lamp: rows of at least
// 120 such pixels, of which there are at least 30. What is amber elsewhere in a row,
// as the icon, is left out.
func Amber(img image.Image) (center image.Point, found bool) {
	var area image.Rectangle
	rows := 0
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		if left, right, n := amberRow(img, y); n >= 120 {
			area = area.Union(image.Rect(left, y, right, y+1))
			rows++
		}
	}
	return area.Min.Add(area.Size().Div(2)), rows >= 30
}

// wordGap is wider than any gap that a button's words leave in a row.
const wordGap = 60

// amberRow returns the group of amber pixels of row y that has the most.
func amberRow(img image.Image, y int) (left, right, most int) {
	from, last, n := 0, 0, 0
	for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
		r, g, b, _ := img.At(x, y).RGBA()
		if r>>8 <= 0xe0 || g>>8 <= 0x90 || g>>8 >= 0xc8 || b>>8 >= 0x60 {
			continue
		}
		if n == 0 || x-last > wordGap {
			from, n = x, 0
		}
		last, n = x, n+1
		if n > most {
			left, right, most = from, x+1, n
		}
	}
	return left, right, most
}

// await waits for something that another process does.
func await(t testing.TB, limit time.Duration, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("after %v still not: %s", limit, what)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
