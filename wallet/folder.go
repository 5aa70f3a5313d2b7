package wallet

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Names of the files in a key's folder. key.age holds the key and is locked with a
// passphrase of 32 random bytes. That lies in unlock.key, which protects a copied
// key.age, but neither a copied folder nor from whoever can read the owner's files.
// With a password of the owner's it lies in unlock.age instead, locked with the
// password, and key.pub says whom to mine for while nobody has typed it. Keys of
// before are in key-*.age, locked as key.age is.
const (
	KeyFileName      = "key.age"
	UnlockFileName   = "unlock.key"
	passwordFileName = "unlock.age"
	publicFileName   = "key.pub"
)

// Errors about a key's folder, for callers that branch.
var (
	// ErrNoUnlock says that the folder has a key file but not the passphrase that opens it.
	ErrNoUnlock = errors.New(UnlockFileName + " is missing")
	// ErrLocked says that the key opens with its owner's password only. Whom to mine for
	// PublicKey tells without.
	ErrLocked = errors.New("the key is locked with its owner's password")
)

// randomWorkFactor is enough for a passphrase that nobody can guess: scrypt makes
// guessing slow, and 256 random bits need no help.
const randomWorkFactor = 10

// A Folder is where a key lies, with the password that its owner has typed, if there
// is one. The functions of the package that take a dir are its methods without a
// password. It prints without the password.
type Folder struct{ Dir, Password string }

// Format writes the folder's name.
func (f Folder) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, f.Dir) }

// on returns how the folder's files are changed.
func (f Folder) on(d disk) folder {
	return folder{disk: d, dir: f.Dir, password: f.Password, factor: defaultWorkFactor, ownFactor: randomWorkFactor}
}

// OpenOrCreate returns the key of a program that starts without asking anybody: it
// reads dir's key.age, or makes 12 words and the files if dir has none yet, and then
// created is true.
//
// A key.age that cannot be opened is an error, and is never replaced by a new key.
// The error is ErrLocked if it needs its owner's password. Two processes that start
// at once get the same key.
func OpenOrCreate(dir string) (r Keyring, created bool, err error) {
	return Folder{Dir: dir}.OpenOrCreate()
}

// OpenOrCreate does what the function of that name does, with the password.
func (f Folder) OpenOrCreate() (r Keyring, created bool, err error) {
	return f.on(osDisk{}).openOrCreate()
}

// Unlock opens the key with its owner's password; one that has none opens with any.
// It never makes a key: the error has fs.ErrNotExist if there is none.
func Unlock(dir, password string) (Keyring, error) {
	r, _, err := Folder{dir, password}.on(osDisk{}).open()
	return r, err
}

// A folder is a Folder on a disk.
type folder struct {
	disk          disk
	dir, password string
	factor        int // work factor for the password
	ownFactor     int // and for our own passphrase
}

func (f folder) path(name string) string { return filepath.Join(f.dir, name) }

// has reports whether there is a file of that name.
func (f folder) has(name string) (bool, error) {
	_, err := os.Lstat(f.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (f folder) openOrCreate() (r Keyring, created bool, err error) {
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return Keyring{}, false, fmt.Errorf("open the key's folder: %w", err)
	}
	there, err := f.has(KeyFileName)
	switch {
	case err != nil:
		return Keyring{}, false, fmt.Errorf("look for the key: %w", err)
	case there:
		r, _, err = f.open()
		return r, false, err
	}
	passphrase, err := f.firstPassphrase()
	if err != nil {
		return Keyring{}, false, err
	}
	// A crash here leaves unlock.key alone, which opens nothing; the next start uses it.
	s, err := NewSecret(nil)
	if err != nil {
		return Keyring{}, false, err
	}
	r = Keyring{Secret: s, Created: time.Now().UTC().Truncate(time.Second)}
	err = f.put(r, passphrase, false)
	if errors.Is(err, fs.ErrExist) { // another process was faster
		r, _, err = f.open()
		return r, false, err
	}
	if err != nil {
		return Keyring{}, false, fmt.Errorf("save the new key: %w", err)
	}
	return r, true, nil
}

// open opens the key and returns the passphrase that did it.
func (f folder) open() (r Keyring, passphrase string, err error) {
	passphrase, err = f.unlockKey()
	if err == nil {
		if r, err = f.openWith(passphrase); err == nil {
			return r, passphrase, nil
		}
	}
	// Where unlock.key is missing, or is that of another key because replacing a locked
	// one was cut off, there may be a password.
	locked, lockedErr := f.has(passwordFileName)
	if lockedErr != nil || !locked || !errors.Is(err, ErrNoUnlock) && !errors.Is(err, ErrPassphrase) {
		return Keyring{}, "", errors.Join(err, lockedErr)
	}
	if there, err := f.has(KeyFileName); err != nil || !there {
		return Keyring{}, "", fmt.Errorf("open the key: %w", errors.Join(err, fs.ErrNotExist))
	}
	if passphrase, err = f.passwordKey(); err != nil {
		return Keyring{}, "", err
	}
	if r, err = f.openWith(passphrase); err != nil {
		return Keyring{}, "", err
	}
	_ = f.healPublic(r) // what it is for can wait until the disk can be written
	return r, passphrase, nil
}

// openWith opens key.age.
func (f folder) openWith(passphrase string) (Keyring, error) {
	r, err := LoadKeyFile(f.path(KeyFileName), passphrase)
	if errors.Is(err, ErrPassphrase) {
		return Keyring{}, fmt.Errorf("%w (%s belongs to another key, or one of the files is damaged)", err, UnlockFileName)
	}
	return r, err
}

// unlockKey returns the passphrase in unlock.key; the error has ErrNoUnlock if there
// is no such file.
func (f folder) unlockKey() (string, error) {
	passphrase, err := readUnlock(f.path(UnlockFileName))
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w in %s: without it %s cannot be opened; put it back, or put %s elsewhere to begin with a new key",
			ErrNoUnlock, f.dir, KeyFileName, KeyFileName)
	}
	return passphrase, err
}

// passwordKey returns the passphrase in unlock.age.
func (f folder) passwordKey() (string, error) {
	if f.password == "" {
		return "", ErrLocked
	}
	sealed, err := readFile(f.path(passwordFileName))
	if err != nil {
		return "", fmt.Errorf("read the key's passphrase: %w", err)
	}
	text, err := decrypt(sealed, f.password)
	if err != nil {
		return "", fmt.Errorf("open %s: %w", f.path(passwordFileName), err)
	}
	return parseUnlock(f.path(passwordFileName), text)
}

// firstPassphrase returns what the first key of the folder is to be locked with. It
// makes unlock.key, or takes what is left of an earlier start or another key.
func (f folder) firstPassphrase() (string, error) {
	locked, err := f.isLocked()
	switch {
	case err != nil:
		return "", err
	case locked:
		return f.passwordKey()
	}
	return createUnlock(f.disk, f.path(UnlockFileName))
}

// isLocked reports whether there is a password and nothing that makes it needless.
func (f folder) isLocked() (bool, error) {
	open, err := f.has(UnlockFileName)
	if open || err != nil {
		return false, err
	}
	return f.has(passwordFileName)
}

// put writes r as the folder's key.age, over one that is there only if replace is
// true; the error is fs.ErrExist otherwise. While there is a password, key.pub knows
// the new key before it is in use, and the old one until it is not.
func (f folder) put(r Keyring, passphrase string, replace bool) error {
	sealed, err := seal(r, KeyFileOptions{Passphrase: passphrase, WorkFactor: f.ownFactor})
	if err != nil {
		return err
	}
	password, err := f.has(passwordFileName)
	if err != nil {
		return err
	}
	if password {
		if err := f.addPublic(sealed, r.Key().PublicKey()); err != nil {
			return err
		}
	}
	return putKey(f.disk, f.path(KeyFileName), sealed, r, passphrase, replace)
}

// createUnlock makes the passphrase's file, or reads the one that is there.
func createUnlock(d disk, path string) (string, error) {
	err := newUnlock(d, path, false)
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrExist): // of an earlier start that was cut off, or of another process now
	default:
		return "", fmt.Errorf("write %s: %w", path, err)
	}
	return readUnlock(path)
}

// newUnlock makes a passphrase and its file, over one that is there only if replace
// is true; the error is fs.ErrExist otherwise.
func newUnlock(d disk, path string, replace bool) error {
	var b [32]byte
	if _, err := rand.Read(b[:]); err != nil {
		return fmt.Errorf("read random bytes: %w", err)
	}
	return writeUnlock(d, path, hex.EncodeToString(b[:]), replace)
}

func writeUnlock(d disk, path, passphrase string, replace bool) error {
	return writeFile(d, path, []byte(passphrase+"\n"), replace, func([]byte) error { return nil })
}

// readUnlock returns the passphrase in the file at path.
func readUnlock(path string) (string, error) {
	data, err := readFile(path)
	if err != nil {
		return "", fmt.Errorf("read the key's passphrase: %w", err)
	}
	return parseUnlock(path, data)
}

func parseUnlock(path string, data []byte) (string, error) {
	text := strings.TrimSpace(string(data))
	if b, err := hex.DecodeString(text); err != nil || len(b) != 32 {
		return "", fmt.Errorf("%s: %w: it does not hold 64 hex digits", path, ErrDamaged)
	}
	return text, nil
}

// sumOf names the content of a key.age in key.pub.
func sumOf(sealed []byte) string {
	sum := sha256.Sum256(sealed)
	return hex.EncodeToString(sum[:])
}
