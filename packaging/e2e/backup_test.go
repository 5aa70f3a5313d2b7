//go:build linux

package e2e_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/app/view"
	"github.com/adit-mining/adit/app/windowtest"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
)

// Points of a window of 1000 by 720 in which the demo's coin is mined.
var (
	reminderButton = image.Pt(905, 400) // on the first screen
	proveButton    = image.Pt(287, 602) // on the help screen
)

// printer is a program in lp's place that keeps what it is given.
func printer(t *testing.T) (kept string) {
	t.Helper()
	dir := t.TempDir()
	kept = filepath.Join(dir, "printed.pdf")
	if err := os.WriteFile(filepath.Join(dir, "lp"), []byte("#!/bin/sh\ncat > "+kept+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return kept
}

// loudButton finds the amber button that is lowest in the window.
func loudButton(img image.Image) (center image.Point, found bool) {
	var area image.Rectangle
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		from, n := amberRun(img, y)
		if n < 40 {
			continue
		}
		if y > area.Max.Y+1 {
			if area.Dy() >= 18 {
				center, found = area.Min.Add(area.Size().Div(2)), true
			}
			area = image.Rect(from, y, from+n, y+1)
			continue
		}
		area = area.Union(image.Rect(from, y, from+n, y+1))
	}
	if area.Dy() >= 18 {
		center, found = area.Min.Add(area.Size().Div(2)), true
	}
	return center, found
}

// amberRun is the widest part of a row that is amber but for letters on it.
func amberRun(img image.Image, y int) (from, most int) {
	start, last, n := 0, -100, 0
	for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
		r, g, b, _ := img.At(x, y).RGBA()
		if r>>8 <= 0xe0 || g>>8 <= 0x90 || g>>8 >= 0xc8 || b>>8 >= 0x60 {
			continue
		}
		if x-last > 24 {
			start, n = x, 0
		}
		last, n = x, x-start+1
		if n > most {
			from, most = start, n
		}
	}
	return from, most
}

func isLoud(img image.Image) bool { _, found := loudButton(img); return found }

// user sits before the window and is counted.
type user struct {
	*windowtest.Window
	t      *testing.T
	clicks int
	words  int
}

func (u *user) click(at image.Point) {
	u.clicks++
	u.Click(at)
	time.Sleep(900 * time.Millisecond)
}

// clickLoud presses the button that a sheet asks for.
func (u *user) clickLoud(what string) {
	u.t.Helper()
	u.WaitFor(what, isLoud)
	time.Sleep(300 * time.Millisecond)
	at, _ := loudButton(u.Look())
	u.click(at)
}

func (u *user) word(word string) {
	u.words++
	u.Xdotool("type", "--delay", "40", word)
	u.Xdotool("key", "Return")
	time.Sleep(500 * time.Millisecond)
}

func backupOf(t testing.TB, data string) settings.Backup {
	t.Helper()
	s, err := settings.Load(data)
	if err != nil {
		t.Fatal(err)
	}
	return s.Backup
}

// TestABackupByHandInTheWindow starts, mines, is asked for the backup, makes it by hand
// with the quiz, tests it, and starts again. Afterwards the words are nowhere but on
// paper.
func TestABackupByHandInTheWindow(t *testing.T) {
	printed := printer(t)
	pool, data := startDemo(t), t.TempDir()
	path := unzipped(t, branded(t, pool.Site))
	w := &user{Window: windowtest.NewScreen(t).Open(t, path, "FYNE_THEME=dark", "--data", data), t: t}
	w.WaitFor("the question whether to join", amber)
	join, _ := windowtest.Amber(w.Look())
	if backupOf(t, data).Due {
		t.Error("the backup is asked for before there is anything to lose")
	}
	w.Click(join)
	eventually(t, time.Minute, "there is something to lose", func() bool { return backupOf(t, data).Due })
	time.Sleep(2 * time.Second)
	w.Keep("backup-0-reminder")

	ring, err := wallet.Unlock(data, "")
	if err != nil {
		t.Fatal(err)
	}
	words, account := ring.Secret.Words(), ring.Key().PubKeyHash().String()
	w.clicks = 0
	w.click(reminderButton)
	w.Keep("backup-1-choose")
	w.clickLoud("print the sheet")
	w.Keep("backup-2-before")
	w.clickLoud("show the words")
	w.Keep("backup-3-words")
	if b := backupOf(t, data); b.Stage != settings.WordsShown || b.Safe() {
		t.Errorf("after the words were shown: %+v", b)
	}
	w.clickLoud("written down")
	for _, n := range view.QuizNumbers(account, len(words), 0) {
		w.word(words[n-1])
	}
	w.Keep("backup-4-done")
	w.clickLoud("close")
	if w.clicks > 5 || w.words != 3 {
		t.Errorf("%d clicks and %d words", w.clicks, w.words)
	}
	t.Logf("a backup by hand took %d clicks and %d words", w.clicks, w.words)
	if b := backupOf(t, data); b.Stage != settings.BackupDone || b.Way != settings.ByHand {
		t.Fatalf("%+v", b)
	}
	if sheet, err := os.ReadFile(printed); err != nil || !bytes.HasPrefix(sheet, []byte("%PDF")) {
		t.Errorf("nothing was printed: %v", err)
	}
	w.Keep("backup-5-home")

	w.Xdotool("key", "ctrl+8")
	time.Sleep(time.Second)
	w.Keep("backup-6-help")
	w.click(proveButton)
	w.Keep("backup-7-prove")
	w.Xdotool("type", "--delay", "30", strings.Join(words, " "))
	time.Sleep(500 * time.Millisecond)
	w.clickLoud("compare")
	eventually(t, 10*time.Second, "the backup is proved", func() bool { return backupOf(t, data).Stage == settings.BackupProved })
	w.Keep("backup-8-proved")
	w.clickLoud("close")
	nowhere(t, words, ring, pool, data)
	w.Close()
	if said := w.Said.String(); hasWords(words, []byte(said)) {
		t.Error("the words are in what it printed")
	}

	again := windowtest.NewScreen(t).Open(t, path, "FYNE_THEME=dark", "--data", data)
	time.Sleep(5 * time.Second)
	again.Keep("backup-9-again")
	if img := again.Look(); reminded(img) {
		t.Error("the reminder is still there")
	}
	again.Close()
	nowhere(t, words, ring, pool, data)
}

// reminded looks for the reminder's colour.
func reminded(img image.Image) bool {
	n := 0
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			if r, g, b, _ := img.At(x, y).RGBA(); r>>8 == 0x30 && g>>8 == 0x29 && b>>8 == 0x1a {
				n++
			}
		}
	}
	return n > 5000
}

// hasWords looks for two of the words behind each other, whatever stands between them.
func hasWords(words []string, text []byte) bool {
	for i := range len(words) - 1 {
		if regexp.MustCompile(`(?i)` + words[i] + `[^a-z]{1,12}` + words[i+1]).Match(text) {
			return true
		}
	}
	return false
}

// nowhere looks for the secret in all files of the app and the pool, and in what the
// system tells of every process.
func nowhere(t *testing.T, words []string, ring wallet.Keyring, pool *poolProcess, data string) {
	t.Helper()
	secret := ring.Key().Bytes()
	needles := [][]byte{secret[:], []byte(hex.EncodeToString(secret[:]))}
	for _, c := range coin.All() {
		if n, err := c.Network("main"); err == nil {
			needles = append(needles, []byte(ring.Key().WIF(n)))
		}
	}
	look := func(name string, text []byte) {
		if hasWords(words, text) {
			t.Errorf("the words are in %s", name)
		}
		for _, needle := range needles {
			if bytes.Contains(bytes.ToLower(text), bytes.ToLower(needle)) {
				t.Errorf("the key is in %s", name)
			}
		}
	}
	if !hasWords(words, []byte(strings.Join(words, " "))) {
		t.Fatal("the search finds nothing")
	}
	files := 0
	dirs := []string{data}
	for i, arg := range pool.cmd.Args {
		if arg == "--dir" {
			dirs = append(dirs, pool.cmd.Args[i+1])
		}
	}
	for _, dir := range dirs {
		_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return nil
			}
			if text, err := os.ReadFile(path); err == nil {
				files++
				look(path, text)
			}
			return nil
		})
	}
	if files < 5 {
		t.Errorf("only %d files were looked at", files)
	}
	look("the pool's output", []byte(pool.log.String()))
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, p := range processes {
		for _, name := range []string{"cmdline", "environ"} {
			if text, err := os.ReadFile(filepath.Join(p, name)); err == nil {
				look(filepath.Join(p, name), text)
			}
		}
	}
	var miner json.RawMessage
	getJSON(t, pool.Site+"/api/v1/miners/"+ring.Key().PubKeyHash().String(), &miner)
	look("what the pool tells of the miner", miner)
	if len(miner) == 0 {
		t.Error(fmt.Errorf("the pool tells nothing of the miner"))
	}
}
