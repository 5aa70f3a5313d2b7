package wallet

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Protect puts a password of the owner's in the place of unlock.key: from now on the
// key opens by Unlock only. It fails with ErrLocked if there is a password already;
// to change it, or to do without again, use the Folder's method. "" does nothing.
//
// A crash leaves the key as open as it was, or locked.
func Protect(dir, password string) error { return Folder{Dir: dir}.Protect(password) }

// Protect does what the function of that name does for a folder whose password, if it
// has one, is f's. "" puts unlock.key back.
func (f Folder) Protect(password string) error {
	if err := f.on(osDisk{}).protect(password); err != nil {
		return fmt.Errorf("protect the key: %w", err)
	}
	return nil
}

// Protected reports whether dir's key opens with its owner's password only.
func Protected(dir string) (bool, error) {
	_, _, err := Folder{Dir: dir}.on(osDisk{}).open()
	if errors.Is(err, ErrLocked) {
		return true, nil
	}
	return false, err
}

// PublicKey returns the public half of dir's key, the mining key, without any
// password. The error is ErrLocked if only the password can tell it, because key.age
// was put there by something else than Adit.
func PublicKey(dir string) (public [33]byte, err error) {
	return Folder{Dir: dir}.on(osDisk{}).publicKey()
}

// protect changes one file at a time, each at once: before unlock.key is gone, both
// open the key.
func (f folder) protect(password string) error {
	r, passphrase, err := f.open()
	if err != nil {
		return err
	}
	if password == "" {
		return f.unprotect(passphrase)
	}
	sealedKey, err := readFile(f.path(KeyFileName))
	if err != nil {
		return err
	}
	if err := f.addPublic(sealedKey, r.Key().PublicKey()); err != nil {
		return err
	}
	sealed, err := encrypt([]byte(passphrase+"\n"), password, f.factor)
	if err != nil {
		return err
	}
	err = writeFile(f.disk, f.path(passwordFileName), sealed, true, func(written []byte) error {
		back, err := decrypt(written, password)
		if err == nil && string(back) != passphrase+"\n" {
			err = errors.New("it holds something else")
		}
		if err != nil {
			return fmt.Errorf("read it back: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return f.remove(UnlockFileName)
}

func (f folder) unprotect(passphrase string) error {
	there, err := f.has(UnlockFileName)
	if err != nil {
		return err
	}
	if !there { // else it is what opened the key
		if err := writeUnlock(f.disk, f.path(UnlockFileName), passphrase, false); err != nil {
			return err
		}
	}
	if err := f.remove(passwordFileName); err != nil {
		return err
	}
	return f.remove(publicFileName)
}

// remove removes a file that may not be there.
func (f folder) remove(name string) error {
	err := f.disk.Remove(f.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return errors.Join(err, f.disk.SyncDir(f.dir))
}

// key.pub has lines of a mining key and the SHA-256 of the key.age that holds it, so
// that it is right at every moment of a change, whichever key.age is there.

func publicLine(sealed []byte, public [33]byte) string {
	return hex.EncodeToString(public[:]) + " " + sumOf(sealed) + "\n"
}

// addPublic writes key.pub with sealed, which is or will be key.age, beside what is
// key.age now.
func (f folder) addPublic(sealed []byte, public [33]byte) error {
	text := publicLine(sealed, public)
	now, err := readFile(f.path(KeyFileName))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case !bytes.Equal(now, sealed):
		if old, err := f.publicOf(now); err == nil {
			text += publicLine(now, old)
		}
	}
	return writeFile(f.disk, f.path(publicFileName), []byte(text), true, func([]byte) error { return nil })
}

// healPublic writes key.pub if it does not know r.
func (f folder) healPublic(r Keyring) error {
	sealed, err := readFile(f.path(KeyFileName))
	if err != nil {
		return err
	}
	if public, err := f.publicOf(sealed); err == nil && public == r.Key().PublicKey() {
		return nil
	}
	return writeFile(f.disk, f.path(publicFileName), []byte(publicLine(sealed, r.Key().PublicKey())), true,
		func([]byte) error { return nil })
}

// publicOf looks up a key.age in key.pub; the error is ErrLocked if it is not there.
func (f folder) publicOf(sealed []byte) (public [33]byte, err error) {
	text, err := readFile(f.path(publicFileName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return public, err
	}
	for line := range strings.Lines(string(text)) {
		name, sum, _ := strings.Cut(strings.TrimSpace(line), " ")
		if b, err := hex.DecodeString(name); err == nil && len(b) == len(public) && sum == sumOf(sealed) {
			return [33]byte(b), nil
		}
	}
	return public, ErrLocked
}

func (f folder) publicKey() (public [33]byte, err error) {
	r, _, err := f.open()
	switch {
	case err == nil:
		return r.Key().PublicKey(), nil
	case !errors.Is(err, ErrLocked):
		return public, err
	}
	sealed, err := readFile(f.path(KeyFileName))
	if err != nil {
		return public, err
	}
	return f.publicOf(sealed)
}
