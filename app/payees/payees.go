// Package payees is the file of the signed list that says where the key's coins are
// paid: to addresses that its owner chose, where not to the key's own. Nothing in it is
// secret, but money follows it: a list is signed, written to the disk and read back
// before anybody is given it, and only a newer one takes its place.
//
// Each key has a file of its own, so that taking a new key, or an old one again, leaves
// the lists of others alone. A damaged file is an error and stays as it is: begun anew,
// the list would lack what is in it. The package has no goroutine.
package payees

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/adit-mining/adit/miners/durable"
	"github.com/adit-mining/adit/pool-server/poolapi"
)

// ErrDamaged says that the file is not what was written into it.
var ErrDamaged = errors.New("the list of payout addresses is damaged; put the file elsewhere to begin a new one")

// largest is more than a list takes with its signature, in bytes.
const largest = 2*poolapi.MaxPayeesBytes + 1024

// Store is the lists in a data folder. It is safe for concurrent use by one process.
type Store struct {
	Dir string

	mu sync.Mutex // held while a list takes the place of another
}

// Path is where the list of an account is.
func (s *Store) Path(account string) string {
	return filepath.Join(s.Dir, "payees-"+account+".json")
}

// Load returns the list of an account with its signature checked. Without a file both
// are zero.
func (s *Store) Load(account string) (signed poolapi.SignedPayees, list poolapi.PayeeList, err error) {
	f, err := os.Open(s.Path(account))
	if errors.Is(err, fs.ErrNotExist) {
		return signed, list, nil
	}
	if err != nil {
		return signed, list, fmt.Errorf("read the payout addresses: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, largest))
	if err != nil {
		return signed, list, fmt.Errorf("read the payout addresses: %w", err)
	}
	if err = json.Unmarshal(text, &signed); err == nil {
		list, err = signed.Open(account)
	}
	if err != nil {
		return poolapi.SignedPayees{}, poolapi.PayeeList{}, fmt.Errorf("%s: %w: %w", s.Path(account), ErrDamaged, err)
	}
	return signed, list, nil
}

// Change signs a list with changes made to the one that is kept, and keeps it. A change
// without an address takes the coin's entry away. Every fault of the addresses is told,
// and then nothing changes.
func (s *Store) Change(signer poolapi.Signer, account string, changes ...poolapi.Payee) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, list, err := s.Load(account)
	if err != nil {
		return err
	}
	for _, c := range changes {
		list.Payees = slices.DeleteFunc(list.Payees, func(p poolapi.Payee) bool { return p.Place() == c.Place() })
		if c.Address != "" {
			list.Payees = append(list.Payees, c)
		}
	}
	if err := list.Check(); err != nil {
		return err
	}
	list.Number = next(list.Number, time.Now())
	signed, err := poolapi.SignPayees(signer, account, list)
	if err != nil {
		return err
	}
	return s.write(account, signed)
}

// next is the number of the list after one with the number last. One of the future was
// signed by a clock that went wrong and that is mended now: pools have refused it, and
// would refuse what is numbered after it. Who has recorded it could give it to a pool
// when its time has come.
func next(last int64, now time.Time) int64 {
	if ms := now.UnixMilli(); ms > last || last > now.Add(clockTolerance).UnixMilli() {
		return ms
	}
	return last + 1
}

// clockTolerance is how far from the future pools take a list.
const clockTolerance = 5 * time.Minute

// Keep takes over a list that the account's key signed elsewhere, if it is newer than
// the one that is kept. It mends a damaged file.
func (s *Store) Keep(account string, signed poolapi.SignedPayees) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	list, err := signed.Open(account)
	if err != nil {
		return fmt.Errorf("keep the payout addresses: %w", err)
	}
	_, own, err := s.Load(account)
	if err != nil && !errors.Is(err, ErrDamaged) {
		return err
	}
	if list.Number <= own.Number {
		return nil
	}
	return s.write(account, signed)
}

// write puts a list to the disk and reads it back. A crash leaves the list before it, or
// this one.
func (s *Store) write(account string, signed poolapi.SignedPayees) error {
	text, err := json.MarshalIndent(signed, "", "  ")
	if err != nil {
		return fmt.Errorf("save the payout addresses: %w", err)
	}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return fmt.Errorf("save the payout addresses: %w", err)
	}
	if err := durable.Replace(s.Path(account), append(text, '\n')); err != nil {
		return fmt.Errorf("save the payout addresses: %w", err)
	}
	if back, _, err := s.Load(account); err != nil || back != signed {
		return fmt.Errorf("save the payout addresses: the disk gives back something else than was written: %w", errors.Join(err, ErrDamaged))
	}
	return nil
}
