//go:build linux

package main_test

import (
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/app/windowtest"
)

// openWindow opens the real window on a screen of its own.
func openWindow(t *testing.T, look string, args ...string) *windowtest.Window {
	t.Helper()
	return windowtest.NewScreen(t).Open(t, windowed(t), look, args...)
}

// TestWindowMinesWithOneClick starts the real window at a pool that was joined before
// and clicks. Pictures are kept in ADIT_ARTIFACTS.
func TestWindowMinesWithOneClick(t *testing.T) {
	for _, look := range []string{"dark", "light"} {
		t.Run(look, func(t *testing.T) {
			pool, dir := newFakePool(t), t.TempDir()
			chosen := settings.Default()
			chosen.Pool = pool.URL
			if err := settings.Save(dir, chosen); err != nil {
				t.Fatal(err)
			}
			w := openWindow(t, "FYNE_THEME="+look, "--data", dir)
			w.WaitFor("the big amber button", func(img image.Image) bool { _, found := windowtest.Amber(img); return found })
			w.Keep("window-" + look + "-ready")
			button, _ := windowtest.Amber(w.Look())
			w.Click(button)
			eventually(t, 60*time.Second, "shares arrive at the pool", func() bool { _, n := pool.counts(); return n > 2 })
			w.WaitFor("the button to say stop", func(img image.Image) bool { _, found := windowtest.Amber(img); return !found })
			time.Sleep(2 * time.Second) // for the picture: the first hashrate
			w.Keep("window-" + look + "-mining")

			w.Click(button)
			eventually(t, 15*time.Second, "the miner has left the pool", func() bool { n, _ := pool.counts(); return n == 0 })
			w.WaitFor("the big amber button again", func(img image.Image) bool { _, found := windowtest.Amber(img); return found })
			w.Click(button)
			eventually(t, 60*time.Second, "it mines again", func() bool { n, _ := pool.counts(); return n == 1 })
			w.Close()
			eventually(t, 15*time.Second, "closing the window stopped mining", func() bool { n, _ := pool.counts(); return n == 0 })
		})
	}
}

func TestFirstStartAsksForThePool(t *testing.T) {
	pool := newFakePool(t)
	w := openWindow(t, "FYNE_THEME=dark", "--data", t.TempDir())
	time.Sleep(2 * time.Second) // the entry is there, with the keyboard, as soon as the key is made
	w.Keep("window-first-start")
	w.Xdotool("type", "--delay", "20", pool.URL)
	w.Xdotool("key", "Return")
	eventually(t, 60*time.Second, "it mines without another click", func() bool { _, n := pool.counts(); return n > 0 })
	w.Keep("window-joined")
	w.Close()
}

// TestASecondStartBringsTheWindowBack starts Adit again on the same data folder, and a
// third time after a crash of the first.
func TestASecondStartBringsTheWindowBack(t *testing.T) {
	pool, dir := newFakePool(t), t.TempDir()
	args := []string{"--data", dir, "--pool", pool.URL, "--start"}
	first := openWindow(t, "FYNE_THEME=dark", args...)
	eventually(t, 20*time.Second, "the first one mines", func() bool { n, _ := pool.counts(); return n == 1 })
	if err := first.Beside(args...); err != nil {
		t.Errorf("the second one ended with %v", err)
	}
	if n, _ := pool.counts(); n != 1 {
		t.Errorf("%d miners at the pool, want 1", n)
	}
	_ = first.Cmd.Process.Kill()
	<-first.Ended
	eventually(t, 10*time.Second, "its miner is gone", func() bool { n, _ := pool.counts(); return n == 0 })
	third := openWindow(t, "FYNE_THEME=dark", args...)
	eventually(t, 20*time.Second, "the third one mines", func() bool { n, _ := pool.counts(); return n == 1 })
	third.Close()
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
	w := windowtest.NewScreen(t).Open(t, path, "FYNE_THEME=dark", "--data", data)
	w.WaitFor("the pool's big button", func(img image.Image) bool { _, found := windowtest.Amber(img); return found })
	w.Keep("window-hint")
	if text, err := os.ReadFile(filepath.Join(data, "settings.json")); err == nil && strings.Contains(string(text), pool.URL) {
		t.Errorf("joined unasked: %s", text)
	}
	button, _ := windowtest.Amber(w.Look())
	w.Click(button)
	eventually(t, 60*time.Second, "the pool is joined", func() bool {
		text, err := os.ReadFile(filepath.Join(data, "settings.json"))
		return err == nil && strings.Contains(string(text), pool.URL)
	})
	eventually(t, 60*time.Second, "it mines without another click", func() bool { _, n := pool.counts(); return n > 0 })
	w.Close()
}
