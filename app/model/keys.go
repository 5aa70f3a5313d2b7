package model

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
)

// The secret half of the key never enters a State or an Event: states are shown,
// compared, logged and saved. It is in the engine, and whoever needs it at a moment
// asks by one of the methods of this file. They block, may be called from any
// goroutine, and give ErrLocked while a password of the owner's is missing.

// ErrLocked is that the key has a password of its owner's, who has not typed it yet.
var ErrLocked = wallet.ErrLocked

// Opened is the key as it is found at a start.
type Opened struct {
	Ring      wallet.Keyring // zero while Locked
	Public    string         // compressed public key, 66 hex digits
	Hash      coin.PubKeyHash
	Created   bool // just now
	Protected bool // by a password of the owner's
	Locked    bool // and that is missing
}

// SheetDo is what is done with a sheet.
type SheetDo string

// What can be done.
const (
	PrintSheet SheetDo = "print"
	OpenSheet  SheetDo = "open" // in the program for PDF files, which can print and save it
)

// Sheet is a paper that is asked for.
type Sheet struct {
	Way      settings.BackupWay
	Do       SheetDo
	Password string // that locks the key on it, for Encrypted
	Language string // of its texts, as in settings; empty: the system's
	Letter   bool   // paper of North America
	// Of the pool, to be printed on it.
	Pool  string
	Coins []string // by id and network, as "litecoin/main"
}

// Letter reports whether paper is that of North America here, and not A4.
func (s State) Letter() bool {
	switch s.Region {
	case "USD", "CAD", "MXN":
		return true
	}
	return false
}

// Recovered is what a text that somebody has holds. What is exported is public; the
// secret half stays inside.
type Recovered struct {
	Kind      string // "words", "wif", "hex", "bip38" or "keyfile"
	MiningKey string // compressed public key
	Account   string
	Old       string // the account in which NOMP knew the key, of the uncompressed public key; only for hex
	Index     uint32
	Same      bool // it is the key that is mined for
	ring      wallet.Keyring
}

// Numbered returns another key of the same words. A raw key has only its own.
func (r Recovered) Numbered(index uint32) Recovered {
	key, err := r.ring.Secret.Key(index)
	if err != nil {
		return r
	}
	r.ring.Index, r.Index = index, index
	r.MiningKey, r.Account = key.MiningKey(), key.PubKeyHash().String()
	return r
}

// keyring returns the key, or ErrLocked.
func (e *Engine) keyring() (wallet.Keyring, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.open {
		return wallet.Keyring{}, ErrLocked
	}
	return e.ring, nil
}

// hold keeps the key until forget.
func (e *Engine) hold(r wallet.Keyring) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ring, e.open = r, true
}

// forget drops the key.
func (e *Engine) forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ring, e.open = wallet.Keyring{}, false
	e.config.LockKey()
}

// Unlock opens a locked key for some minutes.
func (e *Engine) Unlock(ctx context.Context, password string) error {
	r, err := e.config.UnlockKey(password)
	if err != nil {
		return err
	}
	e.hold(r)
	e.Do(ctx, KeyUnlocked{})
	return nil
}

// Words returns what has to be written down; none where the key has no words.
func (e *Engine) Words() ([]string, error) {
	r, err := e.keyring()
	if err != nil {
		return nil, err
	}
	return r.Secret.Words(), nil
}

// Paper makes a sheet and says where it is; the path is empty for one that was
// printed.
func (e *Engine) Paper(ctx context.Context, s Sheet) (path string, err error) {
	r, err := e.keyring()
	if err != nil {
		return "", err
	}
	return e.config.Sheet(ctx, r, s)
}

// SaveFile writes a backup of the key into a file in folder and reads it back.
func (e *Engine) SaveFile(ctx context.Context, folder, password string) (path string, err error) {
	r, err := e.keyring()
	if err != nil {
		return "", err
	}
	if path, err = e.config.SaveBackup(r, folder, password); err == nil {
		e.Do(ctx, BackupReached{settings.BackupDone, settings.ToFile})
	}
	return path, err
}

// Look reads what somebody has: words, a private key in any of its forms, the text of
// a key file. Nothing comes of it but what it returns.
func (e *Engine) Look(text, passphrase string) (Recovered, error) {
	r, err := wallet.Read(text, passphrase)
	if err != nil {
		return Recovered{}, err
	}
	return e.found(r), nil
}

// LookIn is Look for a file: a key file, a text, or the picture of a code.
func (e *Engine) LookIn(path, passphrase string) (f Recovered, err error) {
	texts, err := e.config.ReadKeyText(path)
	if err != nil {
		return Recovered{}, err
	}
	for _, text := range texts {
		if f, err = e.Look(text, passphrase); err == nil || errors.Is(err, wallet.ErrPassphraseNeeded) || errors.Is(err, wallet.ErrPassphrase) {
			return f, err
		}
	}
	return Recovered{}, err
}

func (e *Engine) found(r wallet.Reading) Recovered {
	key := r.Keyring.Key()
	f := Recovered{Kind: r.Kind, MiningKey: key.MiningKey(), Account: key.PubKeyHash().String(), Index: r.Keyring.Index, ring: r.Keyring}
	if r.Kind == wallet.ReadHex || !r.Compressed {
		f.Old = key.UncompressedPubKeyHash().String()
	}
	e.mu.Lock()
	mine := e.public
	e.mu.Unlock()
	f.Same = strings.EqualFold(mine, f.MiningKey)
	// The same words hold a later key as well, after a key was spent from.
	for i := uint32(0); i < laterKeys && !f.Same; i++ {
		later, err := r.Keyring.Secret.Key(i)
		if err != nil {
			break
		}
		if strings.EqualFold(mine, later.MiningKey()) {
			f.MiningKey, f.Account, f.Index, f.Same = later.MiningKey(), later.PubKeyHash().String(), i, true
			f.ring.Index = i
		}
	}
	return f
}

// laterKeys is up to which of the words' keys is looked for.
const laterKeys = 20

// Prove says whether a backup gives back the key that is mined for, and remembers it
// if it does. Nothing else changes.
func (e *Engine) Prove(ctx context.Context, f Recovered) {
	if f.Same {
		e.Do(ctx, BackupReached{Stage: settings.BackupProved})
	}
}

// Restore makes a key that was found the one that is mined for. The one before it is
// kept in a file, whose path is returned.
func (e *Engine) Restore(ctx context.Context, f Recovered) (kept string, err error) {
	kept, err = e.config.ReplaceKey(f.ring)
	if err == nil {
		e.Do(ctx, KeyReplaced{By: KeyRestored})
	}
	return kept, err
}

// Renew makes a new key after one was spent from; the old one is kept.
func (e *Engine) Renew(ctx context.Context) (kept string, err error) {
	if _, err = e.keyring(); err != nil {
		return "", err
	}
	kept, err = e.config.RotateKey()
	if err == nil {
		e.Do(ctx, KeyReplaced{By: KeyRenewed})
	}
	return kept, err
}

// RenewWords makes a new key of new words: who knows the words of before does not have
// it. The key of before is kept, as with Renew.
func (e *Engine) RenewWords(ctx context.Context) (kept string, err error) {
	if _, err = e.keyring(); err != nil {
		return "", err
	}
	secret, err := wallet.NewSecret(nil)
	if err != nil {
		return "", err
	}
	kept, err = e.config.ReplaceKey(wallet.Keyring{Secret: secret, Created: time.Now().UTC().Truncate(time.Second)})
	if err == nil {
		e.Do(ctx, KeyReplaced{By: KeyRenewed})
	}
	return kept, err
}

// Protect locks the key by a password of the owner's; an empty one takes it away.
func (e *Engine) Protect(ctx context.Context, password string) error {
	if _, err := e.keyring(); err != nil {
		return err
	}
	if err := e.config.ProtectKey(password); err != nil {
		return err
	}
	e.Do(ctx, KeyProtected{password != ""})
	return nil
}

// What comes of it, as events. None holds anything secret.
type (
	// BackupReached says how far a backup of the key in use got.
	BackupReached struct {
		Stage settings.BackupStage
		Way   settings.BackupWay // empty: as before
	}
	// KeyReplaced says that another key is in use now.
	KeyReplaced struct{ By Happening }
	// KeyProtected says whether the owner's password locks the key.
	KeyProtected struct{ On bool }
	// KeyUnlocked says that the password was given.
	KeyUnlocked struct{}
	// LockKey asks to lock the key again, now.
	LockKey struct{}
)

func (BackupReached) event() {}
func (KeyReplaced) event()   {}
func (KeyProtected) event()  {}
func (KeyUnlocked) event()   {}
func (LockKey) event()       {}

// afterKey returns the state after something that has to do with the key.
func (s State) afterKey(ev Event) (next State, done bool) {
	switch ev := ev.(type) {
	case BackupReached:
		return s.backupReached(ev), true
	case KeyReplaced:
		s = s.note(ev.By, nil)
		s.Key, s.Balances, s.Payouts, s.Page, s.Payees = Key{}, nil, nil, Page{}, Payees{}
		s.Troubles[fromKey] = Problem{}
	case KeyProtected:
		s.Key.Protected, s.Key.Locked, s.Key.OpenSince = ev.On, false, s.Now
	case KeyUnlocked:
		s.Key.Locked, s.Key.OpenSince = false, s.Now
	case LockKey:
		s.Key.Locked = s.Key.Protected
	default:
		return s, false
	}
	return s, true
}

func (s State) backupReached(ev BackupReached) State {
	before := s.Settings.Backup
	b := before.Reached(ev.Stage, ev.Way, s.Now)
	b.Of = s.Key.of()
	s.Settings.Backup = b
	switch {
	case b.Stage == before.Stage:
	case ev.Stage == settings.BackupProved:
		return s.note(BackupTried, nil)
	case ev.Stage == settings.BackupDone:
		return s.note(BackedUp, nil)
	}
	return s
}

// of names the key in the settings: enough to know it again.
func (k Key) of() string { return k.Account[:min(8, len(k.Account))] }

// owed begins the record of a key's backup anew when another key is in use, and notes
// when there is something to lose for the first time.
func (s State) owed() State {
	if !s.Key.Ready {
		return s
	}
	if s.Settings.Backup.Of != s.Key.of() {
		s.Settings.Backup = settings.Backup{Of: s.Key.of()}
	}
	if !s.Settings.Backup.Due && s.worthSaving() {
		s.Settings.Backup.Due = true
	}
	return s
}

// worthSaving reports whether the key has something: the pool accepted work for it, or
// owes or paid it coins.
func (s State) worthSaving() bool {
	if s.Totals().Accepted > 0 {
		return true
	}
	for _, b := range s.Balances {
		if b.Accepted > 0 || b.OnItsWay() > 0 || b.Paid > 0 {
			return true
		}
	}
	return false
}

// WantsBackup reports whether the user shall be asked for a backup of the key.
func (s State) WantsBackup() bool {
	b := s.Settings.Backup
	return s.Key.Ready && b.Of == s.Key.of() && b.Due && !b.Safe()
}

// WantsNewKey reports whether the user shall be asked to take a new key: coins were
// sent with the one in use.
func (s State) WantsNewKey() bool {
	b := s.Settings.Backup
	return s.Key.Ready && b.Of == s.Key.of() && b.Spent
}

// BackedUp reports whether the key survives this computer.
func (s State) BackedUp() bool {
	return s.Key.Ready && s.Settings.Backup.Of == s.Key.of() && s.Settings.Backup.Safe()
}

// lock locks the key when its time is over.
func (s State) lock() State {
	after := time.Duration(s.Settings.LockMinutes) * time.Minute
	if s.Key.Protected && !s.Key.Locked && after > 0 && s.Now.Sub(s.Key.OpenSince) >= after {
		s.Key.Locked = true
	}
	return s
}
