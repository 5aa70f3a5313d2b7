package main_test

import (
	"bytes"
	"image"
	_ "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/packaging/needs"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/paper"
)

// TestTheSheetRestoresTheKey writes the sheet of each kind, renders it, reads its
// codes from the picture, and makes the key of what they say.
func TestTheSheetRestoresTheKey(t *testing.T) {
	if bubble.RaceDetector {
		t.Skip("a passphrase takes half a minute under the race detector; `make alone` runs this")
	}
	render := needs.Program(t, "pdftoppm")
	dir, out := t.TempDir(), t.TempDir()
	ring, _, err := wallet.OpenOrCreate(dir)
	if err != nil {
		t.Fatal(err)
	}
	const passphrase = "correct horse"
	for _, kind := range []string{"by-hand", "everything", "encrypted"} {
		file := filepath.Join(out, kind+".pdf")
		args := []string{"key", "paper", "--kind", kind, "--size", "letter", "--coin", "litecoin", "--language", "de", "--data", dir, "--out", file}
		r := adit(t, passphrase+"\n", args...)
		if r.code != 0 {
			t.Fatalf("%s: %+v", kind, r)
		}
		if words := strings.Join(ring.Secret.Words(), " "); strings.Contains(r.stdout+r.stderr, words) || strings.Contains(r.stdout+r.stderr, passphrase) {
			t.Errorf("%s: a secret is shown", kind)
		}
		if info, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", kind, info, err)
		}
		if r := adit(t, passphrase+"\n", args...); r.code != 1 {
			t.Errorf("%s: it is written over another: %+v", kind, r)
		}
		picture := strings.TrimSuffix(file, ".pdf")
		if said, err := exec.CommandContext(t.Context(), render, "-r", "150", "-png", "-singlefile", file, picture).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		data, err := os.ReadFile(picture + ".png")
		if err != nil {
			t.Fatal(err)
		}
		if config, _, err := image.DecodeConfig(bytes.NewReader(data)); err != nil || config.Width != 1275 || config.Height != 1650 {
			t.Errorf("%s: the page has %d by %d pixels of 150 dpi, %v", kind, config.Width, config.Height, err)
		}
		texts, err := paper.ReadQR(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		restored := slices.ContainsFunc(texts, func(text string) bool {
			reading, err := wallet.Read(text, passphrase)
			return err == nil && reading.Keyring.Key() == ring.Key()
		})
		if want := kind != "by-hand"; restored != want {
			t.Errorf("%s: the key came out of %d codes: %v, want %v", kind, len(texts), restored, want)
		}
	}
}

func TestASheetIsRefusedWithTheReason(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "sheet.pdf")
	for want, args := range map[string][]string{
		"--out":    {},
		"by-hand":  {"--out", file, "--kind", "x"},
		"letter":   {"--out", file, "--size", "a5"},
		"xx":       {"--out", file, "--language", "xx"},
		"nocoin":   {"--out", file, "--coin", "nocoin"},
		"8 charac": {"--out", file, "--kind", "encrypted"},
	} {
		r := adit(t, "short\n", append([]string{"key", "paper", "--data", dir}, args...)...)
		if r.code == 0 || !strings.Contains(r.stderr, want) {
			t.Errorf("%q: %+v", args, r)
		}
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("there is a sheet all the same")
	}
}
