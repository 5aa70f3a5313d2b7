package wallet

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Import makes r the key that OpenOrCreate gives for dir, which must have none yet,
// or this one. Otherwise the error is ErrOtherKey and nothing changes. Words take the
// place of the raw key that they give; the other way nothing changes.
//
// A crash leaves the folder without a key, or with r.
func Import(dir string, r Keyring) error { return Folder{Dir: dir}.Import(r) }

// Import does what the function of that name does, with the password.
func (f Folder) Import(r Keyring) error {
	if err := f.on(osDisk{}).importKey(r); err != nil {
		return fmt.Errorf("import the key: %w", err)
	}
	return nil
}

// Replace makes r the key that OpenOrCreate gives for dir, whatever was there. A key
// that was there is kept in another file beside it, whose path is kept; what opens
// key.age opens both. A key file that does not open (it is damaged, its unlock.key is
// lost, its password forgotten) is kept as it is, with what was to open it where that
// has to make room; the new key then has no password.
//
// A crash at any point leaves the old key in use, or r with the old one beside it;
// Replace can then be repeated. There is no moment without key.age in which another
// start would make a third key.
func Replace(dir string, r Keyring) (kept string, err error) { return Folder{Dir: dir}.Replace(r) }

// Replace does what the function of that name does, with the password. A password
// that is wrong is an error, not a forgotten one.
func (f Folder) Replace(r Keyring) (kept string, err error) {
	kept, err = f.on(osDisk{}).replace(r)
	if err != nil {
		return "", fmt.Errorf("replace the key: %w", err)
	}
	return kept, nil
}

// Rotate puts a new key in the place of dir's, as Replace does: the next one of the
// same words, or new words after a raw key.
func Rotate(dir string) (r Keyring, kept string, err error) { return Folder{Dir: dir}.Rotate() }

// Rotate does what the function of that name does, with the password.
func (f Folder) Rotate() (r Keyring, kept string, err error) {
	r, kept, err = f.on(osDisk{}).rotate()
	if err != nil {
		return Keyring{}, "", fmt.Errorf("make the next key: %w", err)
	}
	return r, kept, nil
}

// Kept returns the keys of before, newest first: those whose files what opens key.age
// opens, too. The key in use is not among them.
func Kept(dir string) ([]Keyring, error) { return Folder{Dir: dir}.Kept() }

// Kept does what the function of that name does, with the password.
func (f Folder) Kept() ([]Keyring, error) {
	all, err := f.on(osDisk{}).kept()
	if err != nil {
		return nil, fmt.Errorf("look for keys of before: %w", err)
	}
	return all, nil
}

func (f folder) importKey(r Keyring) error {
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return err
	}
	there, err := f.has(KeyFileName)
	if err != nil {
		return err
	}
	if there {
		old, passphrase, err := f.open()
		switch {
		case err != nil:
			return fmt.Errorf("%w: %w", ErrOtherKey, err)
		case old.Key() != r.Key():
			return ErrOtherKey
		}
		return f.enrich(old, r, passphrase)
	}
	passphrase, err := f.firstPassphrase()
	if err != nil {
		return err
	}
	// A crash here leaves unlock.key alone, which opens nothing; whoever comes uses it.
	err = f.put(r, passphrase, false)
	if errors.Is(err, fs.ErrExist) { // another process was faster
		return ErrOtherKey
	}
	return err
}

// enrich writes r over old, which is the same key, if r has the words that old lacks.
func (f folder) enrich(old, r Keyring, passphrase string) error {
	if old.Secret == r.Secret || !r.covers(old) {
		return nil
	}
	if r.Created.IsZero() {
		r.Created = old.Created
	}
	return f.put(r, passphrase, true)
}

func (f folder) replace(r Keyring) (kept string, err error) {
	there, err := f.has(KeyFileName)
	if err != nil {
		return "", err
	}
	if !there {
		return "", f.replaceNone(r)
	}
	old, passphrase, err := f.open()
	switch {
	case err == nil && old.Key() == r.Key():
		return "", f.enrich(old, r, passphrase)
	case err == nil:
		kept, err = f.keep(old, passphrase)
	case closed(err) && f.password == "":
		kept, passphrase, err = f.keepClosed(errors.Is(err, ErrLocked))
	}
	if err != nil {
		return "", err
	}
	// A crash here leaves the old key in use, with a second file of it. What comes is one
	// rename: before it the old key is in use, after it r.
	if err := f.put(r, passphrase, true); err != nil {
		return "", err
	}
	if old.Secret.IsZero() { // and what is left of a password opens nothing now
		return kept, errors.Join(f.remove(passwordFileName), f.remove(publicFileName))
	}
	return kept, nil
}

// replaceNone is replace where there is no key, but perhaps a forgotten password.
func (f folder) replaceNone(r Keyring) error {
	locked, err := f.isLocked()
	if err != nil {
		return err
	}
	if !locked || f.password != "" {
		return f.importKey(r)
	}
	if _, err := f.keepBytes(passwordFileName, unopenedUnlock, ".age"); err != nil {
		return err
	}
	if _, err := createUnlock(f.disk, f.path(UnlockFileName)); err != nil {
		return err
	}
	return errors.Join(f.importKey(r), f.remove(passwordFileName), f.remove(publicFileName))
}

func (f folder) rotate() (r Keyring, kept string, err error) {
	old, _, err := f.open()
	if err != nil {
		return Keyring{}, "", err
	}
	r = Keyring{Secret: old.Secret, Created: time.Now().UTC().Truncate(time.Second)}
	if old.Secret.Kind() == KindWords {
		r.Index = old.Index + 1
		before, err := f.kept()
		if err != nil {
			return Keyring{}, "", err
		}
		for _, b := range before { // words that were restored begin again at 0
			if b.Secret == old.Secret {
				r.Index = max(r.Index, b.Index+1)
			}
		}
	} else if r.Secret, err = NewSecret(nil); err != nil {
		return Keyring{}, "", err
	}
	kept, err = f.replace(r)
	return r, kept, err
}

// keptPattern is of the names of files with keys of before.
const keptPattern = "key-*.age"

func (f folder) kept() ([]Keyring, error) {
	there, err := f.has(KeyFileName)
	if err != nil || !there {
		return nil, err
	}
	used, passphrase, err := f.open()
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return nil, err
	}
	type entry struct {
		Keyring
		kept time.Time
	}
	var found []entry
	seen := map[Key]bool{used.Key(): true}
	for _, e := range entries {
		if ours, _ := filepath.Match(keptPattern, e.Name()); !ours || strings.HasPrefix(e.Name(), unopenedKey) {
			continue
		}
		r, kept, err := loadKeyFile(f.path(e.Name()), passphrase)
		switch {
		case closed(err) || err == nil && seen[r.Key()]:
			continue
		case err != nil:
			return nil, err
		}
		if kept.IsZero() { // of a version that did not write it down
			if info, err := e.Info(); err == nil {
				kept = info.ModTime()
			}
		}
		seen[r.Key()] = true
		found = append(found, entry{r, kept})
	}
	slices.SortStableFunc(found, func(a, b entry) int {
		return cmp.Or(b.kept.Compare(a.kept), cmp.Compare(b.Index, a.Index))
	})
	all := make([]Keyring, len(found))
	for i, e := range found {
		all[i] = e.Keyring
	}
	return all, nil
}

// closed reports whether err says that a key file is there and cannot be opened,
// now or ever. Other errors (no permission, a bad disk) may pass.
func closed(err error) bool {
	return errors.Is(err, ErrDamaged) || errors.Is(err, ErrPassphrase) || errors.Is(err, ErrNewer) ||
		errors.Is(err, ErrNoUnlock) || errors.Is(err, ErrLocked)
}

// keep writes the key in use into a file named by it and returns its path. The same
// key is kept once, however often a crash makes us come here.
func (f folder) keep(old Keyring, passphrase string) (string, error) {
	name := "key-" + old.Key().PubKeyHash().String()[:8]
	o := KeyFileOptions{Passphrase: passphrase, WorkFactor: f.ownFactor, kept: time.Now()}
	var err error
	for n := 1; n < 100; n++ { // an older file may hold this key under another passphrase
		path := f.path(name + ".age")
		if n > 1 {
			path = f.path(fmt.Sprintf("%s-%d.age", name, n))
		}
		err = saveKeyFile(f.disk, path, old, o)
		if !errors.Is(err, ErrOtherKey) {
			return path, err
		}
	}
	return "", err
}

// Beginnings of the names of files that did not open.
const (
	unopenedKey    = "key-unopened-"
	unopenedUnlock = "unlock-unopened-"
)

// keepClosed copies a key file that does not open, and makes sure that there is an
// unlock.key that a new key can be locked by, whose passphrase it returns.
func (f folder) keepClosed(locked bool) (kept, passphrase string, err error) {
	kept, err = f.keepBytes(KeyFileName, unopenedKey, ".age")
	if err != nil {
		return "", "", err
	}
	if locked {
		if _, err := f.keepBytes(passwordFileName, unopenedUnlock, ".age"); err != nil {
			return "", "", err
		}
	}
	path := f.path(UnlockFileName)
	_, err = readUnlock(path)
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist):
		err = newUnlock(f.disk, path, false)
	case errors.Is(err, ErrDamaged):
		if _, err = f.keepBytes(UnlockFileName, unopenedUnlock, ".key"); err == nil {
			err = newUnlock(f.disk, path, true)
		}
	}
	if err != nil {
		return "", "", err
	}
	// A crash here leaves a key file that opens as little as before, or with the password
	// as before.
	passphrase, err = readUnlock(path)
	return kept, passphrase, err
}

// keepBytes copies a file to one beside it that is named by its content.
func (f folder) keepBytes(name, prefix, suffix string) (kept string, err error) {
	data, err := readFile(f.path(name))
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	kept = f.path(prefix + hex.EncodeToString(sum[:4]) + suffix)
	err = writeFile(f.disk, kept, data, false, func([]byte) error { return nil })
	if errors.Is(err, fs.ErrExist) {
		var there []byte
		if there, err = readFile(kept); err == nil && !bytes.Equal(there, data) {
			err = fmt.Errorf("%s: %w", kept, fs.ErrExist)
		}
	}
	return kept, err
}
