package wallet

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// firstBlock is the time of Bitcoin's: no coin is older, so a key of unknown age
// can have no coin from before.
var firstBlock = time.Date(2009, time.January, 3, 0, 0, 0, 0, time.UTC)

// Import makes k the key that OpenOrCreate gives for dir, which must have none yet,
// or this one. Otherwise the error is ErrOtherKey and nothing changes. born is the
// key's birthday (KeyFileOptions.Created); zero means that nobody knows.
//
// A crash leaves the folder without a key, or with k.
func Import(dir string, k Key, born time.Time) error {
	if err := importKey(osDisk{}, dir, k, born); err != nil {
		return fmt.Errorf("import the key: %w", err)
	}
	return nil
}

// Replace makes k the key that OpenOrCreate gives for dir, whatever was there. A key
// that was there is kept in another file beside it, whose path is kept; unlock.key
// opens both. A key file that does not open (it is damaged, its unlock.key is lost)
// is kept as it is, with its unlock.key where a new one has to take its place.
//
// A crash at any point leaves the old key in use, or k with the old one beside it;
// Replace can then be repeated. There is no moment without key.age in which another
// start would make a third key.
func Replace(dir string, k Key, born time.Time) (kept string, err error) {
	kept, err = replaceKey(osDisk{}, dir, k, born)
	if err != nil {
		return "", fmt.Errorf("replace the key: %w", err)
	}
	return kept, nil
}

func importKey(d disk, dir string, k Key, born time.Time) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	there, err := hasKey(dir)
	if err != nil {
		return err
	}
	if there {
		old, err := openIn(dir)
		switch {
		case err != nil:
			return fmt.Errorf("%w: %w", ErrOtherKey, err)
		case old != k:
			return ErrOtherKey
		}
		return nil
	}
	passphrase, err := createUnlock(d, filepath.Join(dir, UnlockFileName))
	if err != nil {
		return err
	}
	// A crash here leaves unlock.key alone, which opens nothing; whoever comes uses it.
	return saveKeyFile(d, filepath.Join(dir, KeyFileName), k, ownOptions(passphrase, born))
}

func replaceKey(d disk, dir string, k Key, born time.Time) (kept string, err error) {
	there, err := hasKey(dir)
	if err != nil {
		return "", err
	}
	if !there {
		return "", importKey(d, dir, k, born)
	}
	old, err := openIn(dir)
	switch {
	case err == nil && old == k:
		return "", nil
	case err == nil:
		kept, err = keepKey(d, dir, old)
	case closed(err):
		kept, err = keepClosed(d, dir)
	}
	if err != nil {
		return "", err
	}
	// A crash here leaves the old key in use, with a second file of it.
	passphrase, err := readUnlock(filepath.Join(dir, UnlockFileName))
	if err != nil {
		return "", err
	}
	// This is one rename: before it the old key is in use, after it k.
	return kept, putKey(d, filepath.Join(dir, KeyFileName), k, ownOptions(passphrase, born), true)
}

func hasKey(dir string) (bool, error) {
	_, err := os.Lstat(filepath.Join(dir, KeyFileName))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// ownOptions are those of key.age.
func ownOptions(passphrase string, born time.Time) KeyFileOptions {
	if born.IsZero() {
		born = firstBlock
	}
	return KeyFileOptions{Passphrase: passphrase, WorkFactor: randomWorkFactor, Created: born}
}

// closed reports whether err says that a key file is there and cannot be opened,
// now or ever. Other errors (no permission, a bad disk) may pass.
func closed(err error) bool {
	return errors.Is(err, ErrDamaged) || errors.Is(err, ErrPassphrase) || errors.Is(err, ErrNewer) || errors.Is(err, ErrNoUnlock)
}

// keepKey writes the key in use into a file named by it and returns its path. The
// same key is kept once, however often a crash makes us come here.
func keepKey(d disk, dir string, old Key) (string, error) {
	passphrase, err := readUnlock(filepath.Join(dir, UnlockFileName))
	if err != nil {
		return "", err
	}
	born, err := Born(dir)
	if err != nil {
		return "", err
	}
	name := "key-" + old.PubKeyHash().String()[:8]
	for n := 1; n < 100; n++ { // an older file may hold this key under another passphrase
		path := filepath.Join(dir, name+".age")
		if n > 1 {
			path = filepath.Join(dir, fmt.Sprintf("%s-%d.age", name, n))
		}
		err = saveKeyFile(d, path, old, ownOptions(passphrase, born))
		if !errors.Is(err, ErrOtherKey) {
			return path, err
		}
	}
	return "", err
}

// keepClosed copies a key file that does not open, and makes sure that there is an
// unlock.key that a new key can be locked by.
func keepClosed(d disk, dir string) (kept string, err error) {
	kept, err = keepBytes(d, filepath.Join(dir, KeyFileName), "key-unopened-", ".age")
	if err != nil {
		return "", err
	}
	unlock := filepath.Join(dir, UnlockFileName)
	_, err = readUnlock(unlock)
	switch {
	case err == nil:
		return kept, nil
	case errors.Is(err, fs.ErrNotExist):
		err = writeUnlock(d, unlock, false)
	case errors.Is(err, ErrDamaged):
		if _, err = keepBytes(d, unlock, "unlock-unopened-", ".key"); err == nil {
			err = writeUnlock(d, unlock, true)
		}
	}
	// A crash here leaves a key file that opens as little as before.
	return kept, err
}

// keepBytes copies a file to one beside it that is named by its content.
func keepBytes(d disk, path, prefix, suffix string) (kept string, err error) {
	data, err := readFile(path)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	kept = filepath.Join(filepath.Dir(path), prefix+hex.EncodeToString(sum[:4])+suffix)
	err = writeFile(d, kept, data, false, func([]byte) error { return nil })
	if errors.Is(err, fs.ErrExist) {
		var there []byte
		if there, err = readFile(kept); err == nil && !bytes.Equal(there, data) {
			err = fmt.Errorf("%s: %w", kept, fs.ErrExist)
		}
	}
	return kept, err
}
