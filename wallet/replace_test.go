package wallet_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/wallet"
)

func TestImportTakesOnlyAFolderWithoutAKey(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	k, other := newKey(t), newKey(t)
	for range 2 { // the same key again changes nothing
		if err := wallet.Import(dir, ring(k)); err != nil {
			t.Fatal(err)
		}
	}
	if err := wallet.Import(dir, ring(other)); !errors.Is(err, wallet.ErrOtherKey) {
		t.Errorf("another key: %v, want ErrOtherKey", err)
	}
	if got, created, err := wallet.OpenOrCreate(dir); err != nil || created || got.Key() != k {
		t.Errorf("the folder has another key, created %v, %v", created, err)
	}
}

func TestReplaceKeepsTheKeyThatWasThere(t *testing.T) {
	dir := t.TempDir()
	var keys []wallet.Key
	for range 3 {
		keys = append(keys, newKey(t))
	}
	keys = append(keys, keys[0]) // and back to the first
	for i, k := range keys {
		kept, err := wallet.Replace(dir, ring(k))
		if err != nil {
			t.Fatal(err)
		}
		if got, created, err := wallet.OpenOrCreate(dir); err != nil || created || got.Key() != k {
			t.Fatalf("replacement %d: another key is in use, created %v, %v", i, created, err)
		}
		if i > 0 && !holds(t, kept, dir, keys[i-1]) {
			t.Errorf("replacement %d: %q does not hold the key before", i, kept)
		}
	}
}

func TestABirthdayIsKept(t *testing.T) {
	dir := t.TempDir()
	born := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	if err := wallet.Import(dir, wallet.Keyring{Secret: wallet.SecretFromKey(newKey(t)), Created: born}); err != nil {
		t.Fatal(err)
	}
	if got, _, err := wallet.OpenOrCreate(dir); err != nil || !got.Created.Equal(born) {
		t.Errorf("created %v, %v, want %v", got.Created, err, born)
	}
	kept, err := wallet.Replace(dir, ring(newKey(t)))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]time.Time{
		kept: born, filepath.Join(dir, wallet.KeyFileName): time.Date(2009, 1, 3, 0, 0, 0, 0, time.UTC),
	} {
		if info, err := wallet.LoadKeyFile(path, unlockOf(t, dir)); err != nil || !info.Created.Equal(want) {
			t.Errorf("%s was born %v, %v, want %v", path, info.Created, err, want)
		}
	}
}

// TestReplaceHealsAFolderWhoseKeyDoesNotOpen loses or damages each file in turn.
func TestReplaceHealsAFolderWhoseKeyDoesNotOpen(t *testing.T) {
	for _, file := range []string{wallet.KeyFileName, wallet.UnlockFileName} {
		for name, content := range map[string][]byte{"lost": nil, "empty": {}, "junk": []byte("junk"), "of another key": []byte(strings.Repeat("ab", 32))} {
			t.Run(file+" "+name, func(t *testing.T) {
				dir := t.TempDir()
				if _, _, err := wallet.OpenOrCreate(dir); err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(dir, file)
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
				if content != nil {
					if err := os.WriteFile(path, content, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				before := contents(t, dir)
				k := newKey(t)
				if _, err := wallet.Replace(dir, ring(k)); err != nil {
					t.Fatal(err)
				}
				if got, created, err := wallet.OpenOrCreate(dir); err != nil || created || got.Key() != k {
					t.Errorf("another key is in use, created %v, %v", created, err)
				}
				after := contents(t, dir)
				for text, was := range before {
					if _, still := after[text]; !still {
						t.Errorf("what was in %s is gone", was)
					}
				}
			})
		}
	}
}

var errCrash = errors.New("crash")

// crashing is a disk whose computer dies at a step: before it, in the midst of it,
// or when it is done and nobody has heard of it. Nothing works afterwards.
type crashing struct {
	wallet.OSDisk
	failAt, step int
	how          string // undone, half or done
}

func (c *crashing) do(act, half func() error) error {
	c.step++
	switch {
	case c.step < c.failAt:
		return act()
	case c.step > c.failAt:
	case c.how == "done":
		_ = act()
	case c.how == "half":
		_ = half()
	}
	return errCrash
}

func nothing() error { return nil }

func (c *crashing) WriteTemp(dir, pattern string, data []byte) (path string, err error) {
	write := func(data []byte) func() error {
		return func() error { path, err = c.OSDisk.WriteTemp(dir, pattern, data); return err }
	}
	err = c.do(write(data), write(data[:len(data)/2]))
	return path, err
}

func (c *crashing) Link(old, name string) error {
	return c.do(func() error { return c.OSDisk.Link(old, name) }, nothing)
}

func (c *crashing) Rename(old, name string) error {
	return c.do(func() error { return c.OSDisk.Rename(old, name) }, nothing)
}

func (c *crashing) Remove(path string) error {
	return c.do(func() error { return c.OSDisk.Remove(path) }, nothing)
}

func (c *crashing) SyncDir(dir string) error {
	return c.do(func() error { return c.OSDisk.SyncDir(dir) }, nothing)
}

// TestACrashWhileReplacingLosesNoKey crashes at each step in each way, then starts
// the app, then replaces once more.
func TestACrashWhileReplacingLosesNoKey(t *testing.T) {
	counter := &crashing{failAt: 1 << 30}
	if _, err := wallet.ReplaceOn(counter, folderWith(t, newKey(t)), "", ring(newKey(t))); err != nil {
		t.Fatal(err)
	}
	if counter.step < 7 {
		t.Fatalf("replacing takes %d steps; the crashes are not where the work is", counter.step)
	}
	for failAt := 1; failAt <= counter.step; failAt++ {
		for _, how := range []string{"undone", "half", "done"} {
			t.Run(fmt.Sprintf("step %d %s", failAt, how), func(t *testing.T) {
				before, after := newKey(t), newKey(t)
				dir := folderWith(t, before)
				if _, err := wallet.ReplaceOn(&crashing{failAt: failAt, how: how}, dir, "", ring(after)); !errors.Is(err, errCrash) {
					t.Fatalf("Replace = %v, want a crash", err)
				}
				used, created, err := wallet.OpenOrCreate(dir)
				if err != nil || created || used.Key() != before && used.Key() != after {
					t.Fatalf("after the crash: a third key %v, %v", created, err)
				}
				if used.Key() == after && !keptIn(t, dir, before) {
					t.Error("the new key is in use and the old one is lost")
				}
				if _, err := wallet.Replace(dir, ring(after)); err != nil {
					t.Fatalf("once more: %v", err)
				}
				if used, _, err := wallet.OpenOrCreate(dir); err != nil || used.Key() != after || !keptIn(t, dir, before) {
					t.Errorf("once more: the new key is in use %v, the old one kept %v, %v", used.Key() == after, keptIn(t, dir, before), err)
				}
			})
		}
	}
}

// TestACrashWhileImportingLeavesNoneOrTheKey does the same in a folder without one.
func TestACrashWhileImportingLeavesNoneOrTheKey(t *testing.T) {
	counter := &crashing{failAt: 1 << 30}
	if err := wallet.ImportOn(counter, t.TempDir(), "", ring(newKey(t))); err != nil {
		t.Fatal(err)
	}
	for failAt := 1; failAt <= counter.step; failAt++ {
		for _, how := range []string{"undone", "half", "done"} {
			dir, k := t.TempDir(), newKey(t)
			if err := wallet.ImportOn(&crashing{failAt: failAt, how: how}, dir, "", ring(k)); err == nil {
				t.Fatalf("step %d %s: no crash", failAt, how)
			}
			if err := wallet.Import(dir, ring(k)); err != nil {
				t.Errorf("step %d %s: once more: %v", failAt, how, err)
			}
			if used, created, err := wallet.OpenOrCreate(dir); err != nil || created || used.Key() != k {
				t.Errorf("step %d %s: created %v, %v", failAt, how, created, err)
			}
		}
	}
}

func newKey(t *testing.T) wallet.Key {
	t.Helper()
	k, err := wallet.NewKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// ring is of a raw key of which nobody knows the age.
func ring(k wallet.Key) wallet.Keyring {
	return wallet.Keyring{Secret: wallet.SecretFromKey(k)}
}

func folderWith(t *testing.T, k wallet.Key) string {
	t.Helper()
	dir := t.TempDir()
	if err := wallet.ImportOn(wallet.OSDisk{}, dir, "", ring(k)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func unlockOf(t *testing.T, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, wallet.UnlockFileName))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// holds reports whether the file at path holds k and dir's unlock.key opens it.
func holds(t *testing.T, path, dir string, k wallet.Key) bool {
	t.Helper()
	got, err := wallet.LoadKeyFile(path, unlockOf(t, dir))
	return err == nil && got.Key() == k
}

// keptIn reports whether a file beside key.age holds k.
func keptIn(t *testing.T, dir string, k wallet.Key) bool {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "key-*.age"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if holds(t, path, dir, k) {
			return true
		}
	}
	return false
}

// contents returns what is in a folder, by content.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		found[string(text)] = e.Name()
	}
	return found
}
