package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/adit-mining/adit/wallet"
)

// errOtherKey refuses to put a key in another one's place unasked.
var errOtherKey = errors.New("this computer has another mining key already; --replace puts the new one in its place and keeps the old file")

// installKey makes key the one of the data folder. A key that was there stays in
// a file beside it, which the same unlock.key opens; kept is its path.
//
// A crash before the last step leaves the folder without key.age but with the old
// key's file, whose name says what it is; the import can then be repeated.
func installKey(dir string, key wallet.Key, replace bool) (kept string, err error) {
	path := filepath.Join(dir, wallet.KeyFileName)
	_, err = os.Lstat(path)
	fresh := errors.Is(err, fs.ErrNotExist)
	// Whatever is there is opened first, so that unlock.key exists and fits.
	old, _, err := wallet.OpenOrCreate(dir)
	switch {
	case err != nil:
		return "", err
	case old == key:
		return "", nil
	case !fresh && !replace:
		return "", errOtherKey
	}
	unlock, err := os.ReadFile(filepath.Join(dir, wallet.UnlockFileName))
	if err != nil {
		return "", fmt.Errorf("import the key: %w", err)
	}
	if fresh {
		// Made a moment ago by OpenOrCreate; nobody has ever seen it.
		err = os.Remove(path)
	} else {
		kept = filepath.Join(dir, "key-"+old.PubKeyHash().String()[:8]+"-"+time.Now().UTC().Format("20060102T150405")+".age")
		err = os.Rename(path, kept)
	}
	if err != nil {
		return "", fmt.Errorf("import the key: %w", err)
	}
	return kept, wallet.SaveKeyFile(path, key, wallet.KeyFileOptions{Passphrase: strings.TrimSpace(string(unlock)), WorkFactor: randomPassphraseWork})
}

// randomPassphraseWork is enough for a passphrase of 256 random bits, which no
// amount of scrypt makes harder to guess.
const randomPassphraseWork = 10
