package wallet

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Names of the files that OpenOrCreate keeps in its folder.
const (
	KeyFileName    = "key.age"
	UnlockFileName = "unlock.key"
)

// ErrNoUnlock is in the error of OpenOrCreate when the folder has a key file but not
// the passphrase that opens it.
var ErrNoUnlock = errors.New(UnlockFileName + " is missing")

// randomWorkFactor is enough for a passphrase that nobody can guess: scrypt makes
// guessing slow, and 256 random bits need no help.
const randomWorkFactor = 10

// OpenOrCreate returns the key of a program that starts without asking anybody: it
// reads dir's key.age, or makes a key and the files if dir has none yet, and then
// created is true.
//
// The passphrase is 32 random bytes in unlock.key beside it. That protects a copied
// key.age. It does not protect a copied folder, nor against whoever can read the
// owner's files; a backup for elsewhere is SaveKeyFile with a passphrase of the owner.
//
// A key.age that cannot be opened is an error, and is never replaced by a new key.
// Two processes that start at once get the same key.
func OpenOrCreate(dir string) (k Key, created bool, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Key{}, false, fmt.Errorf("open the key's folder: %w", err)
	}
	keyPath := filepath.Join(dir, KeyFileName)
	_, err = os.Lstat(keyPath)
	switch {
	case err == nil:
		k, err := openIn(dir)
		return k, false, err
	case !errors.Is(err, fs.ErrNotExist):
		return Key{}, false, fmt.Errorf("look for the key: %w", err)
	}
	passphrase, err := createUnlock(osDisk{}, filepath.Join(dir, UnlockFileName))
	if err != nil {
		return Key{}, false, err
	}
	// A crash here leaves unlock.key alone, which opens nothing; the next start uses it.
	if k, err = NewKey(nil); err != nil {
		return Key{}, false, err
	}
	err = SaveKeyFile(keyPath, k, KeyFileOptions{Passphrase: passphrase, WorkFactor: randomWorkFactor})
	if errors.Is(err, ErrOtherKey) { // another process was faster
		k, err := openIn(dir)
		return k, false, err
	}
	return k, err == nil, err
}

// Born returns the birthday of the key that OpenOrCreate gives for dir, for a backup
// of it: before that no wallet has to look for coins.
func Born(dir string) (time.Time, error) {
	passphrase, err := readUnlock(filepath.Join(dir, UnlockFileName))
	if err != nil {
		return time.Time{}, err
	}
	_, info, err := LoadKeyFile(filepath.Join(dir, KeyFileName), passphrase)
	return info.Created, err
}

// openIn opens dir's key file with dir's passphrase.
func openIn(dir string) (Key, error) {
	keyPath := filepath.Join(dir, KeyFileName)
	passphrase, err := readUnlock(filepath.Join(dir, UnlockFileName))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Key{}, fmt.Errorf("%w in %s: without it %s cannot be opened; put it back, or put %s elsewhere to begin with a new key",
			ErrNoUnlock, dir, KeyFileName, KeyFileName)
	case err != nil:
		return Key{}, err
	}
	k, _, err := LoadKeyFile(keyPath, passphrase)
	if errors.Is(err, ErrPassphrase) {
		return Key{}, fmt.Errorf("%w (%s belongs to another key, or one of the files is damaged)", err, UnlockFileName)
	}
	return k, err
}

// createUnlock makes the passphrase's file, or reads the one that is there.
func createUnlock(d disk, path string) (string, error) {
	err := writeUnlock(d, path, false)
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrExist): // of an earlier start that was cut off, or of another process now
	default:
		return "", fmt.Errorf("write %s: %w", path, err)
	}
	return readUnlock(path)
}

// writeUnlock makes a passphrase and its file, over one that is there only if
// replace is true; the error is fs.ErrExist otherwise.
func writeUnlock(d disk, path string, replace bool) error {
	var b [32]byte
	if _, err := rand.Read(b[:]); err != nil {
		return fmt.Errorf("read random bytes: %w", err)
	}
	return writeFile(d, path, []byte(hex.EncodeToString(b[:])+"\n"), replace, func([]byte) error { return nil })
}

// readUnlock returns the passphrase in the file at path.
func readUnlock(path string) (string, error) {
	data, err := readFile(path)
	if err != nil {
		return "", fmt.Errorf("read the key's passphrase: %w", err)
	}
	text := strings.TrimSpace(string(data))
	if b, err := hex.DecodeString(text); err != nil || len(b) != 32 {
		return "", fmt.Errorf("%s: %w: it does not hold 64 hex digits", path, ErrDamaged)
	}
	return text, nil
}
