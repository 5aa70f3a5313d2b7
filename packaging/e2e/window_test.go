//go:build linux

package e2e_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/windowtest"
	"github.com/adit-mining/adit/pool-server/poolapi"
)

// screens are the window's, in the order of their keys, Ctrl and 1 to 8.
var screens = []string{"home", "devices", "coins", "wallet", "history", "pool", "settings", "help"}

// inCorner is a point of the button that starts and stops, in the window's corner.
var inCorner = image.Pt(917, 55)

// TestFromTheZipToMiningByOneClick is a newcomer's first minutes with what a pool
// hands out: a zip of the app and the pool's address. Pictures of every screen are
// kept in ADIT_ARTIFACTS.
func TestFromTheZipToMiningByOneClick(t *testing.T) {
	t.Parallel()
	pool, data := startDemo(t), t.TempDir()
	path := unzipped(t, branded(t, pool.Site))
	w := windowtest.NewScreen(t).Open(t, path, "FYNE_THEME=dark", "--data", data)
	w.WaitFor("the question whether to join", amber)
	w.Keep("e2e-0-first")
	button, _ := windowtest.Amber(w.Look())
	clicked := time.Now()
	w.Click(button)
	account := accountOf(t, data)
	eventually(t, time.Minute, "the pool has shares", func() bool { return sharesAt(t, pool.Site, account) > 0 })
	t.Logf("from the only click to shares in the pool's document: %v", time.Since(clicked).Round(100*time.Millisecond))
	time.Sleep(4 * time.Second) // for the pictures: numbers on every screen
	for i, screen := range screens {
		w.Xdotool("key", fmt.Sprintf("ctrl+%d", i+1))
		time.Sleep(700 * time.Millisecond)
		w.Keep(fmt.Sprintf("e2e-%d-%s", i+1, screen))
	}
	w.Xdotool("key", "ctrl+1")
	time.Sleep(700 * time.Millisecond)

	all := children(t, w.Cmd.Process.Pid)
	if len(all) == 0 {
		t.Fatal("it mines without a mining program")
	}
	w.Click(inCorner)
	awaitGone(t, all)
	w.WaitFor("the button to start", amber)
	w.Keep("e2e-9-stopped")
	w.Click(inCorner)
	before := sharesAt(t, pool.Site, account)
	eventually(t, time.Minute, "it mines again", func() bool { return sharesAt(t, pool.Site, account) > before })
	w.Close()

	again := windowtest.NewScreen(t).Open(t, path, "FYNE_THEME=light", "--data", data)
	before = sharesAt(t, pool.Site, account)
	eventually(t, time.Minute, "it goes on at the next start", func() bool { return sharesAt(t, pool.Site, account) > before })
	again.Keep("e2e-light")
	all = children(t, again.Cmd.Process.Pid)
	_ = again.Cmd.Process.Signal(syscall.SIGKILL)
	<-again.Ended
	awaitGone(t, all)
	if said := again.Said.String(); strings.Contains(said, windowtest.ThreadFault) {
		t.Errorf("it printed: %s", said)
	}
}

// Adit holds its loop while nobody is there to see it, in the tray and behind a user
// who has left; it still answers, and it still ends.
func TestFromTheTrayAndBackAfterAWhile(t *testing.T) {
	t.Parallel()
	pool := startDemo(t)
	data := mined(t, pool)
	w := windowtest.NewScreen(t).WithTray(t).Start(t, program(t, "adit"), "FYNE_THEME=dark", "--hidden", "--data", data)
	account := accountOf(t, data)
	eventually(t, time.Minute, "it mines in the tray", func() bool { return sharesAt(t, pool.Site, account) > 0 })
	if err := w.Beside("--data", data); err != nil {
		t.Errorf("the second start ended with %v", err)
	}
	w.WaitOpen()
	w.Keep("e2e-from-the-tray")
	time.Sleep(longIdle)
	all := children(t, w.Cmd.Process.Pid)
	w.Close()
	awaitGone(t, all)
}

// longIdle is long enough for nobody to be there.
const longIdle = 15 * time.Second

func amber(img image.Image) bool { _, found := windowtest.Amber(img); return found }

// branded makes the zip that a pool hands out.
func branded(t testing.TB, site string) []byte {
	t.Helper()
	app, err := os.ReadFile(program(t, "adit"))
	if err != nil {
		t.Fatal(err)
	}
	hint, err := json.Marshal(map[string]string{"pool": site})
	if err != nil {
		t.Fatal(err)
	}
	return zipped(t, map[string][]byte{"adit/adit": app, "adit/pool.json": hint})
}

// unzipped unpacks a zip and returns the path of the app in it.
func unzipped(t testing.TB, archive []byte) string {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, member := range r.File {
		from, err := member.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(from)
		path := filepath.Join(dir, member.Name)
		if err != nil || os.MkdirAll(filepath.Dir(path), 0o755) != nil || os.WriteFile(path, content, member.Mode()) != nil {
			t.Fatalf("unpack %s: %v", member.Name, err)
		}
	}
	return filepath.Join(dir, "adit", "adit")
}

// accountOf returns the account of the key in an app's folder.
func accountOf(t testing.TB, data string) string {
	t.Helper()
	var key struct{ Account string }
	if err := json.Unmarshal([]byte(must(t, "adit", "key", "show", "--json", "--data", data)), &key); err != nil || key.Account == "" {
		t.Fatalf("no account: %v", err)
	}
	return key.Account
}

// sharesAt returns the shares of an account at a pool of one coin, 0 while the pool
// has none.
func sharesAt(t testing.TB, site, account string) int64 {
	t.Helper()
	var m poolapi.MinerStats
	getJSON(t, site+poolapi.MinersPath+account, &m)
	at := slices.IndexFunc(m.Coins, func(c poolapi.CoinMiner) bool { return c.Accepted > 0 })
	if at < 0 {
		return 0
	}
	return m.Coins[at].Accepted
}
