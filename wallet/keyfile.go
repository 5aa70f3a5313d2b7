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
// it and the passphrase needs no program of ours: `age -d key.age` shows the words or
// the key.

// Errors about key files, for callers that branch. Damage to the few bytes of the
// header that hold the passphrase's lock cannot be told from a wrong passphrase, so
// ErrPassphrase may rarely mean that; everywhere else damage is told as such.
var (
	ErrPassphrase = errors.New("wrong passphrase")
	ErrDamaged    = errors.New("damaged key file")
	ErrOtherKey   = errors.New("the file that is there holds another key, or this passphrase does not open it")
	ErrNewer      = errors.New("key file of a newer version")
	// ErrForeign is in the error about a file that is whole and is something else. Such
	// an error is an ErrDamaged, too.
	ErrForeign = errors.New("not a key file of Adit")
)

// foreignError says what a file is that is no key file.
type foreignError string

func (e foreignError) Error() string { return ErrForeign.Error() + ": " + string(e) }

// Is makes it an ErrDamaged for callers to whom that is the same.
func (e foreignError) Is(target error) bool { return target == ErrForeign || target == ErrDamaged }

// KeyFileOptions say how SaveKeyFile writes.
type KeyFileOptions struct {
	// Passphrase opens the file again; it must not be empty. It is used as its bytes
	// are, so that other age programs take the same one.
	Passphrase string
	// WorkFactor is the base-2 logarithm of scrypt's cost, from 1 to 20; each step
	// doubles time and memory. 0 means 18: a second and 256 MiB.
	WorkFactor int

	kept time.Time // when another key took this one's place, or zero
}

const (
	documentVersion   = 2
	defaultWorkFactor = 18
	// maxWorkFactor bounds what a file from elsewhere can cost: 4 s and 1 GiB.
	maxWorkFactor = 20
	// maxKeyFile is many times a key file's size.
	maxKeyFile = 64 << 10
)

// keyDocument is the plain text inside a key file. Version 1 had no words.
type keyDocument struct {
	Version    int       `json:"version"`
	Created    time.Time `json:"created"`              // the key's birthday
	MiningKey  string    `json:"miningKey"`            // is compared with the key
	Words      string    `json:"words,omitempty"`      // or else
	PrivateKey string    `json:"privateKey,omitempty"` // 64 hex digits
	Path       string    `json:"path,omitempty"`       // of the mining key, from the words
	Index      uint32    `json:"index,omitempty"`      // its last number
	Kept       time.Time `json:"kept,omitzero"`        // when another key took its place
}

// SaveKeyFile writes r into an encrypted file at path, readable by its owner only.
// It is there completely and on the disk, or not at all: it is written beside path,
// synced, read back and compared, and only then put in place. A file that is there
// already is replaced only if it opens with the same passphrase and holds the same
// key, and no words that r lacks; otherwise SaveKeyFile returns ErrOtherKey and leaves
// it alone.
func SaveKeyFile(path string, r Keyring, o KeyFileOptions) error {
	if err := saveKeyFile(osDisk{}, path, r, o); err != nil {
		return fmt.Errorf("save key file %s: %w", path, err)
	}
	return nil
}

func saveKeyFile(d disk, path string, r Keyring, o KeyFileOptions) error {
	there, err := findSame(path, r, o.Passphrase)
	if err != nil {
		return err
	}
	if !there.Secret.IsZero() && r.Created.IsZero() {
		r.Created = there.Created
	}
	sealed, err := seal(r, o)
	if err != nil {
		return err
	}
	err = putKey(d, path, sealed, r, o.Passphrase, !there.Secret.IsZero())
	if errors.Is(err, fs.ErrExist) {
		return ErrOtherKey // it came while we worked, and we have not looked into it
	}
	return err
}

// putKey writes the file, and over one that is there only if replace is true; the
// error is fs.ErrExist otherwise.
func putKey(d disk, path string, sealed []byte, r Keyring, passphrase string, replace bool) error {
	return writeFile(d, path, sealed, replace, func(written []byte) error {
		back, _, err := open(written, passphrase)
		if err == nil && (back.Secret != r.Secret || back.Index != r.Index) {
			err = errors.New("it holds another key")
		}
		if err != nil {
			return fmt.Errorf("read it back: %w", err)
		}
		return nil
	})
}

// findSame returns what the file at path holds if r covers it, and a zero Keyring if
// there is no file. It fails if there is one that must not be replaced.
func findSame(path string, r Keyring, passphrase string) (Keyring, error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return Keyring{}, nil
	}
	there, err := LoadKeyFile(path, passphrase)
	switch {
	case err != nil:
		return Keyring{}, fmt.Errorf("%w: %w", ErrOtherKey, err)
	case !r.covers(there):
		return Keyring{}, ErrOtherKey
	}
	return there, nil
}

// LoadKeyFile reads a key file of this or an earlier version, in ASCII armour or not.
// Its errors are told apart by errors.Is: ErrPassphrase, ErrDamaged, ErrNewer, and
// those of the file system.
func LoadKeyFile(path, passphrase string) (Keyring, error) {
	r, _, err := loadKeyFile(path, passphrase)
	return r, err
}

func loadKeyFile(path, passphrase string) (r Keyring, kept time.Time, err error) {
	sealed, err := readFile(path)
	if err != nil {
		return Keyring{}, kept, fmt.Errorf("load key file: %w", err)
	}
	r, kept, err = open(sealed, passphrase)
	if err != nil {
		return Keyring{}, kept, fmt.Errorf("load key file %s: %w", path, err)
	}
	return r, kept, nil
}

// seal returns the file's content.
func seal(r Keyring, o KeyFileOptions) ([]byte, error) {
	k, err := r.Secret.Key(r.Index)
	if err != nil {
		return nil, err
	}
	d := keyDocument{
		Version:   documentVersion,
		Created:   r.birthday(),
		MiningKey: k.MiningKey(),
		Kept:      o.kept.UTC().Truncate(time.Second),
	}
	if words := r.Secret.Words(); words != nil {
		d.Words, d.Path, d.Index = strings.Join(words, " "), r.Path(), r.Index
	} else {
		secret := k.Bytes()
		d.PrivateKey = hex.EncodeToString(secret[:])
	}
	document, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	return encrypt(document, o.Passphrase, o.WorkFactor)
}

// encrypt returns an age file of the document.
func encrypt(document []byte, passphrase string, factor int) ([]byte, error) {
	if factor == 0 {
		factor = defaultWorkFactor
	}
	if factor < 1 || factor > maxWorkFactor {
		return nil, fmt.Errorf("work factor %d: want 1 to %d", factor, maxWorkFactor)
	}
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err // it is empty
	}
	recipient.SetWorkFactor(factor)
	var out bytes.Buffer
	armoured := armor.NewWriter(&out)
	w, err := age.Encrypt(armoured, recipient)
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

// decrypt returns the document of an age file.
func decrypt(sealed []byte, passphrase string) ([]byte, error) {
	if !isKeyFile(string(sealed)) && len(bytes.Trim(sealed, "\x00")) > 0 { // all zeros are what a crash may leave
		return nil, foreignError("it is not encrypted by age")
	}
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, fmt.Errorf("%w: it is empty", ErrPassphrase)
	}
	identity.SetMaxWorkFactor(maxWorkFactor)
	var in io.Reader = bytes.NewReader(sealed)
	if isArmoured(string(sealed)) {
		in = armor.NewReader(in)
	}
	plain, err := age.Decrypt(in, identity)
	var locked *age.NoIdentityMatchError
	switch {
	case errors.As(err, &locked) && !slices.Contains(locked.StanzaTypes, "scrypt"):
		return nil, foreignError("it is not locked with a passphrase")
	case errors.Is(err, age.ErrIncorrectIdentity):
		return nil, ErrPassphrase
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	document, err := io.ReadAll(plain)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return document, nil
}

func isArmoured(text string) bool {
	return strings.HasPrefix(strings.TrimSpace(text), armor.Header)
}

// open reads the content of a key file.
func open(sealed []byte, passphrase string) (r Keyring, kept time.Time, err error) {
	document, err := decrypt(sealed, passphrase)
	if err != nil {
		return Keyring{}, kept, err
	}
	return readDocument(document)
}

// readDocument reads the plain text. Its errors must not show parts of it, as those
// of package json would.
func readDocument(document []byte) (r Keyring, kept time.Time, err error) {
	var d keyDocument
	if err := json.Unmarshal(document, &d); err != nil || d.Version == 0 && d.MiningKey == "" {
		return Keyring{}, kept, foreignError("it holds something else than a key")
	}
	if d.Version > documentVersion {
		return Keyring{}, kept, fmt.Errorf("%w: %d, this program reads %d", ErrNewer, d.Version, documentVersion)
	}
	s, err := d.secret()
	if err != nil {
		return Keyring{}, kept, err
	}
	r = Keyring{Secret: s, Index: d.Index, Created: d.Created.UTC()}
	k, err := s.Key(r.Index)
	switch {
	case err != nil:
		return Keyring{}, kept, fmt.Errorf("%w: %w", ErrDamaged, err)
	case k.MiningKey() != d.MiningKey:
		return Keyring{}, kept, fmt.Errorf("%w: private and public key do not belong together", ErrDamaged)
	case d.Path != r.Path():
		return Keyring{}, kept, fmt.Errorf("%w: the path is not one of Adit", ErrDamaged)
	}
	return r, d.Kept, nil
}

// secret returns the document's words or else its key.
func (d *keyDocument) secret() (Secret, error) {
	if d.Version >= 2 && d.Words != "" && d.PrivateKey == "" {
		s, err := SecretFromWords(d.Words)
		if err != nil {
			return Secret{}, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		return s, nil
	}
	b, err := hex.DecodeString(d.PrivateKey)
	if err != nil || d.Version < 1 || d.Words != "" {
		return Secret{}, fmt.Errorf("%w: it holds something else than a key", ErrDamaged)
	}
	k, err := KeyFromBytes(b)
	if err != nil {
		return Secret{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return SecretFromKey(k), nil
}
