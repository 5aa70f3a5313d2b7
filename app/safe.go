package main

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
)

// safe is the folder that the key is in. While a password of the owner's opens it, it
// keeps that password: changing the key's files takes it.
type safe struct {
	dir string

	mu       sync.Mutex
	password string
}

func (s *safe) folder() wallet.Folder {
	s.mu.Lock()
	defer s.mu.Unlock()
	return wallet.Folder{Dir: s.dir, Password: s.password}
}

func (s *safe) keep(password string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.password = password
}

// open opens the key, or makes one. Of a locked one it tells the public half.
func (s *safe) open() (model.Opened, error) {
	r, created, err := s.folder().OpenOrCreate()
	if errors.Is(err, wallet.ErrLocked) {
		public, err := wallet.PublicKey(s.dir)
		return model.Opened{Public: hex.EncodeToString(public[:]), Hash: coin.HashPubKey(public[:]), Protected: true, Locked: true}, err
	}
	if err != nil {
		return model.Opened{}, err
	}
	protected, err := wallet.Protected(s.dir)
	return model.Opened{Ring: r, Public: r.Key().MiningKey(), Hash: r.Key().PubKeyHash(), Created: created, Protected: protected}, err
}

func (s *safe) unlock(password string) (wallet.Keyring, error) {
	r, err := wallet.Unlock(s.dir, password)
	if err == nil {
		s.keep(password)
	}
	return r, err
}

func (s *safe) lock() { s.keep("") }

func (s *safe) protect(password string) error {
	err := s.folder().Protect(password)
	if err == nil {
		s.keep(password)
	}
	return err
}

func (s *safe) replace(r wallet.Keyring) (kept string, err error) { return s.folder().Replace(r) }

func (s *safe) rotate() (kept string, err error) {
	_, kept, err = s.folder().Rotate()
	return kept, err
}

// backup writes the key into a file of its own in a folder. It is read back and
// compared before it counts.
func (*safe) backup(r wallet.Keyring, folder, password string) (path string, err error) {
	path = filepath.Join(folder, "adit-key-"+r.Key().PubKeyHash().String()[:8]+".age")
	if err := wallet.SaveKeyFile(path, r, wallet.KeyFileOptions{Passphrase: password}); err != nil {
		return "", err
	}
	back, err := wallet.LoadKeyFile(path, password)
	if err == nil && (back.Secret != r.Secret || back.Index != r.Index) {
		err = wallet.ErrOtherKey
	}
	if err != nil {
		return "", fmt.Errorf("read the backup back: %w", err)
	}
	return path, nil
}

// largestPicture is more than a phone's photograph takes, in bytes.
const largestPicture = 40 << 20

// keyTexts returns what may be a key in a file: its text, or what the codes in a
// picture say.
func keyTexts(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the key: %w", err)
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, largestPicture))
	if err != nil {
		return nil, fmt.Errorf("read the key: %w", err)
	}
	if !isPicture(content) {
		return []string{strings.TrimSpace(string(content))}, nil
	}
	return codesIn(bytes.NewReader(content))
}

// isPicture tells PNG, JPEG and GIF by their first bytes.
func isPicture(content []byte) bool {
	for _, start := range []string{"\x89PNG", "\xff\xd8\xff", "GIF8"} {
		if bytes.HasPrefix(content, []byte(start)) {
			return true
		}
	}
	return false
}
