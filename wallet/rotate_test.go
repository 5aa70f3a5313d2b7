package wallet_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/wallet"
)

func TestANewKeyIsTwelveWords(t *testing.T) {
	before := time.Now().Truncate(time.Second)
	dir, r := created(t)
	if words := r.Secret.Words(); len(words) != 12 || r.Secret.Kind() != wallet.KindWords || r.Index != 0 || r.Path() != "m/84'/0'/0'/0/0" {
		t.Errorf("%d words, kind %s, path %s", len(words), r.Secret.Kind(), r.Path())
	}
	if r.Created.Before(before) || r.Created.After(time.Now()) || r.Created.Location() != time.UTC {
		t.Errorf("created %v", r.Created)
	}
	again, made, err := wallet.OpenOrCreate(dir)
	if err != nil || made || again != r {
		t.Errorf("read again: created %v, the same %v, %v", made, again == r, err)
	}
	if mustWords(t, strings.Join(r.Secret.Words(), " ")) != r.Secret {
		t.Error("the words give another secret")
	}
}

func TestRotationTakesTheNextKeyOfTheWords(t *testing.T) {
	dir, r := created(t)
	used := []wallet.Keyring{r}
	for i := uint32(1); i <= 3; i++ {
		next, kept, err := wallet.Rotate(dir)
		if err != nil || next.Secret != r.Secret || next.Index != i || next.Created.Before(r.Created) {
			t.Fatalf("rotation %d: index %d, %v", i, next.Index, err)
		}
		if !holds(t, kept, dir, used[0].Key()) {
			t.Errorf("rotation %d: %q does not hold the key before", i, kept)
		}
		if got, _, err := wallet.OpenOrCreate(dir); err != nil || got != next {
			t.Errorf("rotation %d: another key is in use, %v", i, err)
		}
		used = slices.Insert(used, 0, next)
	}
	kept, err := wallet.Kept(dir)
	if err != nil || !slices.Equal(kept, used[1:]) {
		t.Errorf("kept %d keys, %v, want 3, newest first", len(kept), err)
	}
	// Words that were restored begin at 0; the next key is one that nobody has seen.
	if _, err := wallet.Replace(dir, r); err != nil {
		t.Fatal(err)
	}
	next, _, err := wallet.Rotate(dir)
	if err != nil || next.Index != 4 {
		t.Errorf("after restoring: index %d, %v, want 4", next.Index, err)
	}
}

func TestRotationOfARawKeyMakesWords(t *testing.T) {
	k := newKey(t)
	dir := folderWith(t, k)
	next, kept, err := wallet.Rotate(dir)
	if err != nil || next.Secret.Kind() != wallet.KindWords || next.Index != 0 || !holds(t, kept, dir, k) {
		t.Fatalf("kind %s, %q, %v", next.Secret.Kind(), kept, err)
	}
	all, err := wallet.Kept(dir)
	if err != nil || len(all) != 1 || all[0].Key() != k {
		t.Errorf("kept %d, %v", len(all), err)
	}
}

func TestKeptLeavesOutWhatDoesNotOpen(t *testing.T) {
	if all, err := wallet.Kept(filepath.Join(t.TempDir(), "none")); err != nil || all != nil {
		t.Errorf("no folder: %v, %v", len(all), err)
	}
	dir, r := created(t)
	if all, err := wallet.Kept(dir); err != nil || len(all) != 0 {
		t.Errorf("nothing kept: %v, %v", len(all), err)
	}
	if _, _, err := wallet.Rotate(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "key-junk.age"), []byte("junk"), 0o600); err != nil {
		t.Fatal(err)
	}
	seal(t, filepath.Join(dir, "key-other.age"), "another passphrase", "{}")
	if all, err := wallet.Kept(dir); err != nil || len(all) != 1 || all[0] != r {
		t.Errorf("kept %d, %v, want 1", len(all), err)
	}
}

// TestWordsAreNeverLostToTheirRawKey: words know more than the key that they give.
func TestWordsAreNeverLostToTheirRawKey(t *testing.T) {
	withWords := wallet.Keyring{Secret: mustWords(t, words12)}
	raw := ring(withWords.Key())

	path := filepath.Join(t.TempDir(), "backup.age")
	for _, v := range []struct {
		r    wallet.Keyring
		want error
		kind string
	}{{raw, nil, wallet.KindKey}, {withWords, nil, wallet.KindWords}, {raw, wallet.ErrOtherKey, wallet.KindWords}} {
		if err := wallet.SaveKeyFile(path, v.r, cheap("x")); !errors.Is(err, v.want) {
			t.Errorf("saving a %s: %v, want %v", v.r.Secret.Kind(), err, v.want)
		}
		if got, err := wallet.LoadKeyFile(path, "x"); err != nil || got.Secret.Kind() != v.kind {
			t.Errorf("the file holds a %s, %v, want %s", got.Secret.Kind(), err, v.kind)
		}
	}
	for _, put := range []func(string, wallet.Keyring) error{
		wallet.Import, func(dir string, r wallet.Keyring) error { _, err := wallet.Replace(dir, r); return err },
	} {
		dir := folderWith(t, raw.Key())
		for range 2 {
			if err := put(dir, withWords); err != nil {
				t.Fatal(err)
			}
			if got, _, err := wallet.OpenOrCreate(dir); err != nil || got.Secret != withWords.Secret {
				t.Errorf("the folder holds a %s, %v", got.Secret.Kind(), err)
			}
			if err := put(dir, raw); err != nil { // changes nothing
				t.Fatal(err)
			}
		}
	}
}

// TestAFolderOfVersion1 was made by the first Adit and goes on as it is.
func TestAFolderOfVersion1(t *testing.T) {
	r, err := wallet.LoadKeyFile(fileVersion1, "correct horse")
	if err != nil || r.Secret != wallet.SecretFromKey(key(t, secretB)) || !r.Created.Equal(time.Date(2026, 11, 23, 7, 8, 9, 0, time.UTC)) {
		t.Fatalf("created %v, %v", r.Created, err)
	}
	dir, passphrase := t.TempDir(), strings.Repeat("ab", 32)
	if err := os.WriteFile(filepath.Join(dir, wallet.UnlockFileName), []byte(passphrase+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	seal(t, filepath.Join(dir, wallet.KeyFileName), passphrase,
		fmt.Sprintf(`{"version":1,"created":"2026-11-23T07:08:09Z","miningKey":%q,"privateKey":%q}`, r.Key().MiningKey(), secretB))
	got, made, err := wallet.OpenOrCreate(dir)
	if err != nil || made || got != r {
		t.Fatalf("created %v, %v", made, err)
	}
	if _, _, err := wallet.Rotate(dir); err != nil {
		t.Fatal(err)
	}
	if all, err := wallet.Kept(dir); err != nil || len(all) != 1 || all[0] != r {
		t.Errorf("kept %d, %v", len(all), err)
	}
}

// TestACrashWhileRotatingLosesNoKey crashes at each step in each way, with words and
// with a raw key, then starts the app, then rotates once more.
func TestACrashWhileRotatingLosesNoKey(t *testing.T) {
	for name, begin := range map[string]func() wallet.Keyring{
		"words": func() wallet.Keyring { return wallet.Keyring{Secret: mustWords(t, words12)} },
		"raw":   func() wallet.Keyring { return ring(newKey(t)) },
	} {
		folder := func(t *testing.T) (string, wallet.Keyring) {
			dir, r := t.TempDir(), begin()
			if err := wallet.ImportOn(wallet.OSDisk{}, dir, "", r); err != nil {
				t.Fatal(err)
			}
			return dir, r
		}
		counter := &crashing{failAt: 1 << 30}
		dir, _ := folder(t)
		if _, _, err := wallet.RotateOn(counter, dir, ""); err != nil {
			t.Fatal(err)
		}
		for failAt := 1; failAt <= counter.step; failAt++ {
			for _, how := range []string{"undone", "half", "done"} {
				t.Run(fmt.Sprintf("%s step %d %s", name, failAt, how), func(t *testing.T) {
					dir, before := folder(t)
					if _, _, err := wallet.RotateOn(&crashing{failAt: failAt, how: how}, dir, ""); !errors.Is(err, errCrash) {
						t.Fatalf("Rotate = %v, want a crash", err)
					}
					used, made, err := wallet.OpenOrCreate(dir)
					if err != nil || made {
						t.Fatalf("after the crash: created %v, %v", made, err)
					}
					if used.Key() != before.Key() && !keptIn(t, dir, before.Key()) {
						t.Error("a new key is in use and the old one is lost")
					}
					next, _, err := wallet.RotateOn(wallet.OSDisk{}, dir, "")
					if err != nil || next.Key() == used.Key() || !keptIn(t, dir, used.Key()) || used.Key() != before.Key() && !keptIn(t, dir, before.Key()) {
						t.Errorf("once more: %v", err)
					}
				})
			}
		}
	}
}

// TestACrashWhileTheFirstKeyIsMadeLeavesNoneOrOne does the same in a folder without
// one.
func TestACrashWhileTheFirstKeyIsMadeLeavesNoneOrOne(t *testing.T) {
	counter := &crashing{failAt: 1 << 30}
	if _, _, err := wallet.OpenOrCreateOn(counter, t.TempDir(), ""); err != nil {
		t.Fatal(err)
	}
	if counter.step < 8 {
		t.Fatalf("making a key takes %d steps; the crashes are not where the work is", counter.step)
	}
	for failAt := 1; failAt <= counter.step; failAt++ {
		for _, how := range []string{"undone", "half", "done"} {
			dir := t.TempDir()
			_, made, err := wallet.OpenOrCreateOn(&crashing{failAt: failAt, how: how}, dir, "")
			if !errors.Is(err, errCrash) && (err != nil || made) { // a file that is there after all looks like another process's
				t.Fatalf("step %d %s: created %v, %v, want a crash", failAt, how, made, err)
			}
			_, err = os.Stat(filepath.Join(dir, wallet.KeyFileName))
			wasThere := err == nil
			r, made, err := wallet.OpenOrCreate(dir)
			if err != nil || made == wasThere {
				t.Fatalf("step %d %s: the key was there %v, created %v, %v", failAt, how, wasThere, made, err)
			}
			if again, _, err := wallet.OpenOrCreate(dir); err != nil || again != r {
				t.Errorf("step %d %s: another key later, %v", failAt, how, err)
			}
		}
	}
}
