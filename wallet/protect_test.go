package wallet_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/adit-mining/adit/wallet"
)

const password = "correct horse"

// protect locks the folder's key, with a cheap work factor.
func protect(t *testing.T, dir, old, now string) {
	t.Helper()
	if err := wallet.ProtectOn(wallet.OSDisk{}, dir, old, now); err != nil {
		t.Fatal(err)
	}
}

// created makes a folder with a new key.
func created(t *testing.T) (dir string, r wallet.Keyring) {
	t.Helper()
	dir = t.TempDir()
	r, made, err := wallet.OpenOrCreateOn(wallet.OSDisk{}, dir, "")
	if err != nil || !made {
		t.Fatalf("created %v, %v", made, err)
	}
	return dir, r
}

func TestAPasswordLocksTheKeyAndNotTheMining(t *testing.T) {
	dir, r := created(t)
	if locked, err := wallet.Protected(dir); err != nil || locked {
		t.Errorf("before: protected %v, %v", locked, err)
	}
	protect(t, dir, "", password)
	if _, _, err := wallet.OpenOrCreate(dir); !errors.Is(err, wallet.ErrLocked) {
		t.Errorf("OpenOrCreate: %v, want ErrLocked", err)
	}
	if locked, err := wallet.Protected(dir); err != nil || !locked {
		t.Errorf("protected %v, %v", locked, err)
	}
	if public, err := wallet.PublicKey(dir); err != nil || public != r.Key().PublicKey() {
		t.Errorf("the public key is %x, %v", public, err)
	}
	if got, err := wallet.Unlock(dir, password); err != nil || got != r {
		t.Errorf("Unlock gives another key, %v", err)
	}
	for _, wrong := range []string{"Correct horse", "correct horse ", "x"} {
		if _, err := wallet.Unlock(dir, wrong); !errors.Is(err, wallet.ErrPassphrase) || errors.Is(err, wallet.ErrDamaged) {
			t.Errorf("password %q: %v, want ErrPassphrase", wrong, err)
		}
	}
	if _, err := wallet.Unlock(dir, ""); !errors.Is(err, wallet.ErrLocked) {
		t.Errorf("no password: %v, want ErrLocked", err)
	}
	if _, err := os.Stat(filepath.Join(dir, wallet.UnlockFileName)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("unlock.key is still there: %v", err)
	}
	for text, name := range contents(t, dir) {
		secret := r.Key().Bytes()
		if strings.Contains(text, strings.Join(r.Secret.Words()[:3], " ")) || strings.Contains(text, hex.EncodeToString(secret[:])) {
			t.Errorf("%s shows the secret", name)
		}
	}
	for name, err := range map[string]error{
		"Protect": wallet.Protect(dir, "another"), "Import": wallet.Import(dir, ring(newKey(t))),
		"Rotate": second(wallet.Rotate(dir)), "Kept": first(wallet.Kept(dir)),
	} {
		if !errors.Is(err, wallet.ErrLocked) {
			t.Errorf("%s without the password: %v, want ErrLocked", name, err)
		}
	}
}

func first[T any](_ T, err error) error        { return err }
func second[T, U any](_ T, _ U, e error) error { return e }

func TestAPasswordIsChangedAndTakenAway(t *testing.T) {
	dir, r := created(t)
	protect(t, dir, "", password)
	if err := wallet.ProtectOn(wallet.OSDisk{}, dir, "wrong", "another"); !errors.Is(err, wallet.ErrPassphrase) {
		t.Errorf("changed with a wrong password: %v", err)
	}
	protect(t, dir, password, "another")
	if _, err := wallet.Unlock(dir, password); !errors.Is(err, wallet.ErrPassphrase) {
		t.Errorf("the old password: %v", err)
	}
	if got, err := wallet.Unlock(dir, "another"); err != nil || got != r {
		t.Errorf("the new password: %v", err)
	}
	protect(t, dir, "another", "")
	got, made, err := wallet.OpenOrCreate(dir)
	if err != nil || made || got != r {
		t.Errorf("without: created %v, %v", made, err)
	}
	if found := contents(t, dir); len(found) != 2 {
		t.Errorf("left behind: %v", found)
	}
	protect(t, dir, "", "") // nothing to take away
	if got, _, err := wallet.OpenOrCreate(dir); err != nil || got != r {
		t.Errorf("without, twice: %v", err)
	}
}

func TestThePublicPartFollowsTheKey(t *testing.T) {
	dir, r := created(t)
	protect(t, dir, "", password)
	next, kept, err := wallet.RotateOn(wallet.OSDisk{}, dir, password)
	if err != nil || next.Secret != r.Secret || next.Index != 1 || kept == "" {
		t.Fatalf("rotated to %d, %q, %v", next.Index, kept, err)
	}
	if public, err := wallet.PublicKey(dir); err != nil || public != next.Key().PublicKey() {
		t.Errorf("after rotation: %x, %v", public, err)
	}
	all, err := wallet.Folder{Dir: dir, Password: password}.Kept()
	if err != nil || len(all) != 1 || all[0] != r {
		t.Errorf("kept: %v, %v", len(all), err)
	}
	// A key file that somebody put there is not what key.pub speaks of; unlocking heals.
	old, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, wallet.KeyFileName), old, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := wallet.PublicKey(dir); !errors.Is(err, wallet.ErrLocked) {
		t.Errorf("another key file: %v, want ErrLocked", err)
	}
	if got, err := wallet.Unlock(dir, password); err != nil || got.Key() != r.Key() {
		t.Errorf("another key file: %v", err)
	}
	if public, err := wallet.PublicKey(dir); err != nil || public != r.Key().PublicKey() {
		t.Errorf("healed: %x, %v", public, err)
	}
}

func TestAForgottenPasswordLeadsToRestoringFromPaper(t *testing.T) {
	dir, r := created(t)
	protect(t, dir, "", password)
	before := contents(t, dir)
	paper := wallet.Keyring{Secret: mustWords(t, strings.Join(r.Secret.Words(), " "))}
	if _, err := wallet.ReplaceOn(wallet.OSDisk{}, dir, "wrong", paper); !errors.Is(err, wallet.ErrPassphrase) {
		t.Errorf("a wrong password is taken for a forgotten one: %v", err)
	}
	if _, err := wallet.Replace(dir, paper); err != nil {
		t.Fatal(err)
	}
	got, made, err := wallet.OpenOrCreate(dir)
	if err != nil || made || got.Secret != r.Secret {
		t.Errorf("restored: created %v, %v", made, err)
	}
	if locked, err := wallet.Protected(dir); err != nil || locked {
		t.Errorf("protected %v, %v", locked, err)
	}
	after := contents(t, dir)
	for text, was := range before {
		if _, still := after[text]; !still && was != "key.pub" {
			t.Errorf("what was in %s is gone", was)
		}
	}
}

func TestALockWithoutAKeyIsNotMadeAnew(t *testing.T) {
	dir, r := created(t)
	protect(t, dir, "", password)
	if err := os.Rename(filepath.Join(dir, wallet.KeyFileName), filepath.Join(dir, "aside")); err != nil {
		t.Fatal(err)
	}
	if _, made, err := wallet.OpenOrCreate(dir); !errors.Is(err, wallet.ErrLocked) || made {
		t.Errorf("OpenOrCreate: created %v, %v, want ErrLocked", made, err)
	}
	if _, err := wallet.Unlock(dir, password); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Unlock: %v, want fs.ErrNotExist", err)
	}
	fresh, made, err := wallet.OpenOrCreateOn(wallet.OSDisk{}, dir, password)
	if err != nil || !made || fresh.Secret == r.Secret {
		t.Fatalf("with the password: created %v, %v", made, err)
	}
	if public, err := wallet.PublicKey(dir); err != nil || public != fresh.Key().PublicKey() {
		t.Errorf("the public key is %x, %v", public, err)
	}
	if err := os.Remove(filepath.Join(dir, wallet.KeyFileName)); err != nil {
		t.Fatal(err)
	}
	if _, err := wallet.Replace(dir, r); err != nil {
		t.Fatal(err)
	}
	if got, _, err := wallet.OpenOrCreate(dir); err != nil || got.Secret != r.Secret {
		t.Errorf("restored without a key file and the password: %v", err)
	}
}

func TestAFolderPrintsNoPassword(t *testing.T) {
	f := wallet.Folder{Dir: "/data", Password: password}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if got := fmt.Sprintf(verb, f) + fmt.Sprintf(verb, &f); strings.Contains(got, "horse") || strings.Contains(got, hex.EncodeToString([]byte("horse"))) {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}

// TestACrashWhileProtectingLocksNobodyOut crashes at each step of locking, changing
// the password, and taking it away, and then does it once more.
func TestACrashWhileProtectingLocksNobodyOut(t *testing.T) {
	for _, v := range []struct{ name, old, now string }{
		{"lock", "", password}, {"change", password, "another"}, {"unlock", password, ""},
	} {
		begin := func(t *testing.T) (string, wallet.Keyring) {
			dir, r := created(t)
			if v.old != "" {
				protect(t, dir, "", v.old)
			}
			return dir, r
		}
		dir, _ := begin(t)
		counter := &crashing{failAt: 1 << 30}
		if err := wallet.ProtectOn(counter, dir, v.old, v.now); err != nil {
			t.Fatal(err)
		}
		if counter.step < 4 {
			t.Fatalf("%s takes %d steps; the crashes are not where the work is", v.name, counter.step)
		}
		for failAt := 1; failAt <= counter.step; failAt++ {
			for _, how := range []string{"undone", "half", "done"} {
				t.Run(fmt.Sprintf("%s step %d %s", v.name, failAt, how), func(t *testing.T) {
					dir, r := begin(t)
					err := wallet.ProtectOn(&crashing{failAt: failAt, how: how}, dir, v.old, v.now)
					if !errors.Is(err, errCrash) {
						t.Fatalf("Protect = %v, want a crash", err)
					}
					passwords := []string{"", v.old, v.now}
					opens := slices.IndexFunc(passwords, func(p string) bool {
						got, err := wallet.Unlock(dir, p)
						return err == nil && got == r
					})
					if opens < 0 {
						t.Fatal("nothing opens the key")
					}
					if public, err := wallet.PublicKey(dir); err != nil || public != r.Key().PublicKey() {
						t.Errorf("the public key is %x, %v", public, err)
					}
					protect(t, dir, passwords[opens], v.now)
					if got, err := wallet.Unlock(dir, v.now); err != nil || got != r {
						t.Errorf("once more: %v", err)
					}
					if locked, err := wallet.Protected(dir); err != nil || locked != (v.now != "") {
						t.Errorf("once more: protected %v, %v", locked, err)
					}
				})
			}
		}
	}
}

// TestACrashWhileReplacingALockedKeyLosesNothing restores over a key whose password
// is known, and over one whose password is forgotten.
func TestACrashWhileReplacingALockedKeyLosesNothing(t *testing.T) {
	for name, known := range map[string]string{"known": password, "forgotten": ""} {
		dir, _ := created(t)
		protect(t, dir, "", password)
		counter := &crashing{failAt: 1 << 30}
		if _, err := wallet.ReplaceOn(counter, dir, known, ring(newKey(t))); err != nil {
			t.Fatal(err)
		}
		for failAt := 1; failAt <= counter.step; failAt++ {
			for _, how := range []string{"undone", "half", "done"} {
				t.Run(fmt.Sprintf("%s step %d %s", name, failAt, how), func(t *testing.T) {
					dir, before := created(t)
					protect(t, dir, "", password)
					after := ring(newKey(t))
					if _, err := wallet.ReplaceOn(&crashing{failAt: failAt, how: how}, dir, known, after); !errors.Is(err, errCrash) {
						t.Fatalf("Replace = %v, want a crash", err)
					}
					used, err := wallet.Unlock(dir, password)
					if err != nil || used.Key() != before.Key() && used.Key() != after.Key() {
						t.Fatalf("after the crash: a third key %v", err)
					}
					if public, err := wallet.PublicKey(dir); err == nil && public != used.Key().PublicKey() {
						t.Errorf("after the crash the public key is %x", public)
					}
					if _, err := wallet.ReplaceOn(wallet.OSDisk{}, dir, known, after); err != nil {
						t.Fatalf("once more: %v", err)
					}
					if used, err := wallet.Unlock(dir, known); err != nil || used.Key() != after.Key() {
						t.Errorf("once more: %v", err)
					}
					if public, err := wallet.PublicKey(dir); err != nil || public != after.Key().PublicKey() {
						t.Errorf("once more: the public key is %x, %v", public, err)
					}
				})
			}
		}
	}
}

func TestADamagedLockIsToldFromAWrongPassword(t *testing.T) {
	dir, r := created(t)
	protect(t, dir, "", password)
	path := filepath.Join(dir, "unlock.age")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other, _ := created(t)
	protect(t, other, "", password)
	foreign, err := os.ReadFile(filepath.Join(other, "unlock.age"))
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]struct {
		content []byte
		want    error
	}{
		"empty":          {nil, wallet.ErrDamaged},
		"half":           {good[:len(good)/2], wallet.ErrDamaged},
		"a letter":       {[]byte("a letter"), wallet.ErrForeign},
		"of another key": {foreign, wallet.ErrPassphrase},
	} {
		if err := os.WriteFile(path, v.content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := wallet.Unlock(dir, password); !errors.Is(err, v.want) {
			t.Errorf("%s: %v, want %v", name, err, v.want)
		}
		if public, err := wallet.PublicKey(dir); err != nil || public != r.Key().PublicKey() {
			t.Errorf("%s: the public key is %x, %v", name, public, err)
		}
	}
	if err := os.WriteFile(path, good, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := wallet.Unlock(dir, password); err != nil || got != r {
		t.Errorf("put back: %v", err)
	}
}
