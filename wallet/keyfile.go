package wallet

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// A key file is an age file (age-encryption.org/v1) in ASCII armour, encrypted to a
// passphrase by scrypt and holding a small JSON document (keyDocument). Whoever has
// it and the passphrase needs no program of ours: `age -d key.age` shows the key.

// Errors about key files, for callers that branch. Damage to the few bytes of the
// header that hold the passphrase's lock cannot be told from a wrong passphrase, so
// ErrPassphrase may rarely mean that; everywhere else damage is told as such.
var (
	ErrPassphrase = errors.New("wrong passphrase")
	ErrDamaged    = errors.New("damaged key file")
	ErrOtherKey   = errors.New("the file that is there holds another key, or this passphrase does not open it")
	ErrNewer      = errors.New("key file of a newer version")
)

// KeyFileOptions say how SaveKeyFile writes.
type KeyFileOptions struct {
	// Passphrase opens the file again; it must not be empty. It is used as its bytes
	// are, so that other age programs take the same one.
	Passphrase string
	// WorkFactor is the base-2 logarithm of scrypt's cost, from 1 to 20; each step
	// doubles time and memory. 0 means 18: a second and 256 MiB.
	WorkFactor int
	// Created is the key's birthday, before which no wallet has to look for coins.
	// Zero means that of the file that is replaced, or else now.
	Created time.Time
}

// Info is what a key file says beside the key.
type Info struct {
	Version   int       // of the document, 1
	Created   time.Time // the key's birthday, in UTC and whole seconds
	MiningKey string    // Key.MiningKey, which has been compared with the key
}

const (
	documentVersion   = 1
	defaultWorkFactor = 18
	// maxWorkFactor bounds what a file from elsewhere can cost: 4 s and 1 GiB.
	maxWorkFactor = 20
	// maxKeyFile is many times a key file's size.
	maxKeyFile = 64 << 10
)

// keyDocument is the plain text inside a key file.
type keyDocument struct {
	Version    int       `json:"version"`
	Created    time.Time `json:"created"`
	MiningKey  string    `json:"miningKey"`
	PrivateKey string    `json:"privateKey"` // 64 hex digits
}

// SaveKeyFile writes k into an encrypted file at path, readable by its owner only.
// It is there completely and on the disk, or not at all: it is written beside path,
// synced, read back and compared, and only then put in place. A file that is there
// already is replaced only if it opens with the same passphrase and holds the same
// key; otherwise SaveKeyFile returns ErrOtherKey and leaves it alone.
func SaveKeyFile(path string, k Key, o KeyFileOptions) error {
	if err := saveKeyFile(osDisk{}, path, k, o); err != nil {
		return fmt.Errorf("save key file %s: %w", path, err)
	}
	return nil
}

func saveKeyFile(d disk, path string, k Key, o KeyFileOptions) error {
	there, err := findSame(path, k, o.Passphrase)
	if err != nil {
		return err
	}
	if there != nil && o.Created.IsZero() {
		o.Created = there.Created
	}
	err = putKey(d, path, k, o, there != nil)
	if errors.Is(err, fs.ErrExist) {
		return ErrOtherKey // it came while we worked, and we have not looked into it
	}
	return err
}

// putKey writes the file, and over one that is there only if replace is true; the
// error is fs.ErrExist otherwise.
func putKey(d disk, path string, k Key, o KeyFileOptions, replace bool) error {
	sealed, err := seal(k, o)
	if err != nil {
		return err
	}
	return writeFile(d, path, sealed, replace, func(written []byte) error {
		back, _, err := open(written, o.Passphrase)
		if err == nil && back != k {
			err = errors.New("it holds another key")
		}
		if err != nil {
			return fmt.Errorf("read it back: %w", err)
		}
		return nil
	})
}

// findSame returns what the file at path says if it holds k, and nil if there is no
// file. It fails if there is one that must not be replaced.
func findSame(path string, k Key, passphrase string) (*Info, error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	there, info, err := LoadKeyFile(path, passphrase)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrOtherKey, err)
	case there != k:
		return nil, ErrOtherKey
	}
	return &info, nil
}

// LoadKeyFile reads a key file, in ASCII armour or not. Its errors are told apart by
// errors.Is: ErrPassphrase, ErrDamaged, ErrNewer, and those of the file system.
func LoadKeyFile(path, passphrase string) (Key, Info, error) {
	sealed, err := readFile(path)
	if err != nil {
		return Key{}, Info{}, fmt.Errorf("load key file: %w", err)
	}
	k, info, err := open(sealed, passphrase)
	if err != nil {
		return Key{}, Info{}, fmt.Errorf("load key file %s: %w", path, err)
	}
	return k, info, nil
}

// seal returns the file's content.
func seal(k Key, o KeyFileOptions) ([]byte, error) {
	factor := o.WorkFactor
	if factor == 0 {
		factor = defaultWorkFactor
	}
	if factor < 1 || factor > maxWorkFactor {
		return nil, fmt.Errorf("work factor %d: want 1 to %d", factor, maxWorkFactor)
	}
	if k.IsZero() {
		return nil, errors.New("no key")
	}
	recipient, err := age.NewScryptRecipient(o.Passphrase)
	if err != nil {
		return nil, err // it is empty
	}
	recipient.SetWorkFactor(factor)
	created := o.Created
	if created.IsZero() {
		created = time.Now()
	}
	secret := k.Bytes()
	document, err := json.Marshal(keyDocument{
		Version:    documentVersion,
		Created:    created.UTC().Truncate(time.Second),
		MiningKey:  k.MiningKey(),
		PrivateKey: hex.EncodeToString(secret[:]),
	})
	if err != nil {
		return nil, err
	}
	return encrypt(document, recipient)
}

func encrypt(document []byte, to age.Recipient) ([]byte, error) {
	var out bytes.Buffer
	armoured := armor.NewWriter(&out)
	w, err := age.Encrypt(armoured, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(document); err != nil {
		return nil, err
	}
	if err := errors.Join(w.Close(), armoured.Close()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// open reads the file's content.
func open(sealed []byte, passphrase string) (Key, Info, error) {
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return Key{}, Info{}, fmt.Errorf("%w: it is empty", ErrPassphrase)
	}
	identity.SetMaxWorkFactor(maxWorkFactor)
	var in io.Reader = bytes.NewReader(sealed)
	if strings.HasPrefix(strings.TrimSpace(string(sealed)), armor.Header) {
		in = armor.NewReader(in)
	}
	plain, err := age.Decrypt(in, identity)
	var locked *age.NoIdentityMatchError
	switch {
	case errors.As(err, &locked) && !slices.Contains(locked.StanzaTypes, "scrypt"):
		return Key{}, Info{}, fmt.Errorf("%w: it is not locked with a passphrase", ErrDamaged)
	case errors.Is(err, age.ErrIncorrectIdentity):
		return Key{}, Info{}, ErrPassphrase
	case err != nil:
		return Key{}, Info{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	document, err := io.ReadAll(plain)
	if err != nil {
		return Key{}, Info{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return readDocument(document)
}

// readDocument reads the plain text. Its errors must not show parts of it, as those
// of package json would.
func readDocument(document []byte) (Key, Info, error) {
	var d keyDocument
	if err := json.Unmarshal(document, &d); err != nil {
		return Key{}, Info{}, fmt.Errorf("%w: it holds something else than a key", ErrDamaged)
	}
	if d.Version > documentVersion {
		return Key{}, Info{}, fmt.Errorf("%w: %d, this program reads %d", ErrNewer, d.Version, documentVersion)
	}
	secret, err := hex.DecodeString(d.PrivateKey)
	if err != nil || d.Version != documentVersion {
		return Key{}, Info{}, fmt.Errorf("%w: it holds something else than a key", ErrDamaged)
	}
	k, err := KeyFromBytes(secret)
	if err != nil {
		return Key{}, Info{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if k.MiningKey() != d.MiningKey {
		return Key{}, Info{}, fmt.Errorf("%w: private and public key do not belong together", ErrDamaged)
	}
	return k, Info{Version: d.Version, Created: d.Created, MiningKey: d.MiningKey}, nil
}
