//go:build linux

package main_test

import (
	"bufio"
	"bytes"
	"errors"
	"image"
	_ "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// threadFault is what Fyne prints when a window is touched from a goroutine that
// is not its own.
const threadFault = "*** Error in Fyne call thread"

// TestWindowMinesWithOneClick starts the real window on a screen of its own and
// clicks. Pictures are kept in ADIT_ARTIFACTS.
func TestWindowMinesWithOneClick(t *testing.T) {
	for _, look := range []string{"dark", "light"} {
		t.Run(look, func(t *testing.T) {
			pool := newFakePool(t)
			w := openWindow(t, newScreen(t), "FYNE_THEME="+look, "--data", t.TempDir(), "--pool", pool.URL)
			w.waitFor("the big amber button", func(img image.Image) bool { _, found := amber(img); return found })
			w.keep("window-" + look + "-ready")
			button, _ := amber(w.look())
			w.click(button)
			eventually(t, 60*time.Second, "shares arrive at the pool", func() bool { _, n := pool.counts(); return n > 2 })
			w.waitFor("the button to say stop", func(img image.Image) bool { _, found := amber(img); return !found })
			time.Sleep(2 * time.Second) // for the picture: the first hashrate
			w.keep("window-" + look + "-mining")

			w.click(button)
			eventually(t, 15*time.Second, "the miner has left the pool", func() bool { n, _ := pool.counts(); return n == 0 })
			w.waitFor("the big amber button again", func(img image.Image) bool { _, found := amber(img); return found })
			w.click(button)
			eventually(t, 60*time.Second, "it mines again", func() bool { n, _ := pool.counts(); return n == 1 })
			w.close()
			eventually(t, 15*time.Second, "closing the window stopped mining", func() bool { n, _ := pool.counts(); return n == 0 })
		})
	}
}

func TestFirstStartAsksForThePool(t *testing.T) {
	pool := newFakePool(t)
	w := openWindow(t, newScreen(t), "FYNE_THEME=dark", "--data", t.TempDir())
	time.Sleep(2 * time.Second) // the entry is there, with the keyboard, as soon as the key is made
	w.keep("window-first-start")
	w.xdotool("type", "--delay", "20", pool.URL)
	w.xdotool("key", "Return")
	eventually(t, 60*time.Second, "it mines without another click", func() bool { _, n := pool.counts(); return n > 0 })
	w.keep("window-joined")
	w.close()
}

// TestASecondWindowSaysSo opens two windows on one data folder, and a third after a
// crash of the first.
func TestASecondWindowSaysSo(t *testing.T) {
	pool, dir := newFakePool(t), t.TempDir()
	args := []string{"--data", dir, "--pool", pool.URL, "--start"}
	first := openWindow(t, newScreen(t), "FYNE_THEME=dark", args...)
	eventually(t, 20*time.Second, "the first one mines", func() bool { n, _ := pool.counts(); return n == 1 })
	second := openWindow(t, newScreen(t), "FYNE_THEME=dark", args...)
	time.Sleep(time.Second) // for the picture
	second.keep("window-second")
	var exit *exec.ExitError
	if err := second.pressClose(); !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(second.said.String(), "another Adit") {
		t.Errorf("the second one ended with %v: %s", err, second.said)
	}
	if n, _ := pool.counts(); n != 1 {
		t.Errorf("%d miners at the pool, want 1", n)
	}
	_ = first.cmd.Process.Kill()
	<-first.ended
	eventually(t, 10*time.Second, "its miner is gone", func() bool { n, _ := pool.counts(); return n == 0 })
	third := openWindow(t, newScreen(t), "FYNE_THEME=dark", args...)
	eventually(t, 20*time.Second, "the third one mines", func() bool { n, _ := pool.counts(); return n == 1 })
	third.close()
}

// TestPoolBesideTheProgramIsJoinedByOneClick starts a copy of the program with a
// pool.json beside it.
func TestPoolBesideTheProgramIsJoinedByOneClick(t *testing.T) {
	pool, dir, data := newFakePool(t), t.TempDir(), t.TempDir()
	program, err := os.ReadFile(windowed(t))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "adit"+exe())
	if err := os.WriteFile(path, program, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "pool.json"), []byte(`{"pool":"`+pool.URL+`"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	w := openProgram(t, path, newScreen(t), "FYNE_THEME=dark", "--data", data)
	w.waitFor("the pool's big button", func(img image.Image) bool { _, found := amber(img); return found })
	w.keep("window-hint")
	if text, err := os.ReadFile(filepath.Join(data, "settings.json")); err == nil {
		t.Errorf("joined unasked: %s", text)
	}
	button, _ := amber(w.look())
	w.click(button)
	eventually(t, 60*time.Second, "the pool is joined", func() bool {
		text, err := os.ReadFile(filepath.Join(data, "settings.json"))
		return err == nil && strings.Contains(string(text), pool.URL)
	})
	eventually(t, 60*time.Second, "it mines without another click", func() bool { _, n := pool.counts(); return n > 0 })
	w.close()
}

// screen is an X server with a window manager.
type screen struct{ display string }

func newScreen(t *testing.T) screen {
	t.Helper()
	for _, tool := range []string{"Xvfb", "openbox", "xdotool", "xprop", "import"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("ADIT_REQUIRE_DAEMONS") != "" {
				t.Fatal(err)
			}
			t.Skip(err)
		}
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
	s := screen{":" + strings.TrimSpace(number)}
	manager := exec.Command("openbox")
	manager.Env = append(os.Environ(), "DISPLAY="+s.display)
	start(t, manager)
	eventually(t, 30*time.Second, "the window manager is up", func() bool {
		ask := exec.Command("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")
		ask.Env = append(os.Environ(), "DISPLAY="+s.display)
		out, err := ask.Output()
		return err == nil && strings.Contains(string(out), "window id")
	})
	return s
}

// start runs a program until the test ends.
func start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

// appWindow is a running adit.
type appWindow struct {
	t      *testing.T
	screen screen
	cmd    *exec.Cmd
	said   *bytes.Buffer
	ended  chan error
	id     string
}

func openWindow(t *testing.T, s screen, look string, args ...string) *appWindow {
	t.Helper()
	return openProgram(t, windowed(t), s, look, args...)
}

// openProgram opens the window of a copy of the program.
func openProgram(t *testing.T, path string, s screen, look string, args ...string) *appWindow {
	t.Helper()
	home := t.TempDir()
	w := &appWindow{t: t, screen: s, cmd: exec.Command(path, args...), said: &bytes.Buffer{}, ended: make(chan error, 1)}
	w.cmd.Env = append(os.Environ(), "DISPLAY="+s.display, "WAYLAND_DISPLAY=", "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_RUNTIME_DIR="+home,
		"LC_ALL=", "LANGUAGE=", "LANG=en_US.UTF-8", look)
	w.cmd.Stdout, w.cmd.Stderr = w.said, w.said
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { w.ended <- w.cmd.Wait() }() // received by close, or dies with the process in the cleanup
	t.Cleanup(func() {
		if t.Failed() && w.cmd.Process.Signal(syscall.SIGQUIT) == nil { // it tells where each goroutine is
			<-w.ended
			t.Logf("adit %s: %s", strings.Join(args, " "), w.said)
		}
		_ = w.cmd.Process.Kill()
	})
	eventually(t, 30*time.Second, "the window is open", func() bool {
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
	return w
}

func (w *appWindow) tool(args ...string) ([]byte, error) {
	cmd := exec.Command("xdotool", args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+w.screen.display)
	return cmd.Output()
}

func (w *appWindow) xdotool(args ...string) {
	w.t.Helper()
	if _, err := w.tool(args...); err != nil {
		w.t.Fatalf("xdotool %s: %v", strings.Join(args, " "), err)
	}
}

// click presses the left button at a point of the window.
func (w *appWindow) click(at image.Point) {
	w.t.Helper()
	w.xdotool("mousemove", "--window", w.id, strconv.Itoa(at.X), strconv.Itoa(at.Y))
	time.Sleep(200 * time.Millisecond)
	w.xdotool("click", "1")
}

// look returns what the window shows.
func (w *appWindow) look() image.Image {
	w.t.Helper()
	cmd := exec.Command("import", "-window", w.id, "png:-")
	cmd.Env = append(os.Environ(), "DISPLAY="+w.screen.display)
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

// keep saves a picture of the window.
func (w *appWindow) keep(name string) {
	w.t.Helper()
	dir := os.Getenv("ADIT_ARTIFACTS")
	if dir == "" {
		dir = w.t.TempDir()
	}
	cmd := exec.Command("import", "-window", w.id, filepath.Join(dir, name+".png"))
	cmd.Env = append(os.Environ(), "DISPLAY="+w.screen.display)
	if out, err := cmd.CombinedOutput(); err != nil {
		w.t.Errorf("keep a picture: %v %s", err, out)
	}
}

func (w *appWindow) waitFor(what string, seen func(image.Image) bool) {
	w.t.Helper()
	eventually(w.t, 20*time.Second, what, func() bool { return seen(w.look()) })
}

// close ends the app as its user does and judges what it printed.
func (w *appWindow) close() {
	w.t.Helper()
	if err := w.pressClose(); err != nil {
		w.t.Errorf("adit ended with %v: %s", err, w.said)
	}
	if said := w.said.String(); strings.Contains(said, threadFault) || strings.Contains(said, "panic") {
		w.t.Errorf("adit printed: %s", said)
	}
}

// pressClose closes the window by its key and returns how adit ended. It presses
// again now and then: a window manager that is busy with a click swallows keys.
func (w *appWindow) pressClose() error {
	w.t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		_, _ = w.tool("key", "alt+F4") // it may be gone before the key comes up again, which xdotool takes for an error
		select {
		case err := <-w.ended:
			return err
		case <-time.After(3 * time.Second):
		case <-deadline:
			w.t.Fatal("closing the window does not end adit")
		}
	}
}

// amber finds the big button in the colour of a miner's lamp: rows of at least
// 120 such pixels, of which there are at least 30.
func amber(img image.Image) (center image.Point, found bool) {
	var area image.Rectangle
	rows := 0
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		left, right, n := 0, 0, 0
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			r, g, b, _ := img.At(x, y).RGBA()
			if r>>8 > 0xe0 && g>>8 > 0x90 && g>>8 < 0xc8 && b>>8 < 0x60 {
				if n == 0 {
					left = x
				}
				right = x
				n++
			}
		}
		if n >= 120 {
			area = area.Union(image.Rect(left, y, right, y+1))
			rows++
		}
	}
	return area.Min.Add(area.Size().Div(2)), rows >= 30
}
