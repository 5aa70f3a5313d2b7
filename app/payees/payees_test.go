package payees_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/payees"
	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

func keyOf(t *testing.T, n byte) (wallet.Key, string) {
	t.Helper()
	key, err := wallet.KeyFromBytes(bytes.Repeat([]byte{n}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return key, key.PubKeyHash().String()
}

// at is a coin's entry with the address of a key that nobody has.
func at(t *testing.T, id string, n byte) poolapi.Payee {
	t.Helper()
	network := cointest.Network(t, id, "main")
	return poolapi.Payee{Coin: id, Network: "main", Address: network.PayoutAddress(coin.PubKeyHash{n}).String()}
}

func listed(t *testing.T, s *payees.Store, account string) poolapi.PayeeList {
	t.Helper()
	signed, list, err := s.Load(account)
	if err != nil {
		t.Fatal(err)
	}
	if list.Number == 0 {
		return list
	}
	if again, err := signed.Open(account); err != nil || again.Number != list.Number {
		t.Errorf("the list is not the signed one: %v", err)
	}
	return list
}

func TestChangesAreMadeToTheListThatIsKept(t *testing.T) {
	s := &payees.Store{Dir: t.TempDir()}
	key, account := keyOf(t, 1)
	if list := listed(t, s, account); list.Number != 0 || list.Payees != nil {
		t.Errorf("without a file: %+v", list)
	}
	litecoin, dogecoin := at(t, "litecoin", 3), at(t, "dogecoin", 3)
	change := func(changes ...poolapi.Payee) poolapi.PayeeList {
		t.Helper()
		before := listed(t, s, account)
		if err := s.Change(key, account, changes...); err != nil {
			t.Fatal(err)
		}
		after := listed(t, s, account)
		if after.Number <= before.Number {
			t.Errorf("number %d follows %d", after.Number, before.Number)
		}
		return after
	}
	change(litecoin)
	if list := change(dogecoin, at(t, "litecoin", 4)); len(list.Payees) != 2 {
		t.Errorf("got %+v, want two", list)
	}
	if p, _ := listed(t, s, account).For("litecoin", "main"); p != at(t, "litecoin", 4) {
		t.Errorf("litecoin is paid to %+v", p)
	}
	list := change(poolapi.Payee{Coin: "litecoin", Network: "main"}, poolapi.Payee{Coin: "bitcoin", Network: "main"})
	if len(list.Payees) != 1 || list.Payees[0] != dogecoin {
		t.Errorf("got %+v, want dogecoin alone", list)
	}
	_, other := keyOf(t, 2)
	if list := listed(t, s, other); list.Number != 0 {
		t.Errorf("another key has %+v", list)
	}
}

func TestAWrongAddressChangesNothing(t *testing.T) {
	s := &payees.Store{Dir: t.TempDir()}
	key, account := keyOf(t, 1)
	if err := s.Change(key, account, at(t, "litecoin", 3)); err != nil {
		t.Fatal(err)
	}
	before := listed(t, s, account)
	wrong := at(t, "dogecoin", 3)
	wrong.Coin = "litecoin"
	if err := s.Change(key, account, at(t, "bitcoin", 3), wrong); err == nil || !strings.Contains(err.Error(), "Dogecoin main") {
		t.Errorf("got %v, want Dogecoin named", err)
	}
	if after := listed(t, s, account); after.Number != before.Number || len(after.Payees) != 1 {
		t.Errorf("it changed: %+v", after)
	}
}

func TestOnlyANewerListOfTheKeyIsTakenOver(t *testing.T) {
	s := &payees.Store{Dir: t.TempDir()}
	key, account := keyOf(t, 1)
	stranger, _ := keyOf(t, 2)
	signed := func(k wallet.Key, number int64) poolapi.SignedPayees {
		t.Helper()
		l, err := poolapi.SignPayees(k, account, poolapi.PayeeList{Number: number})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	if err := s.Keep(account, signed(key, 10)); err != nil {
		t.Fatal(err)
	}
	if err := s.Keep(account, signed(key, 9)); err != nil {
		t.Error(err)
	}
	if err := s.Keep(account, signed(stranger, 11)); !errors.Is(err, poolapi.ErrSignature) {
		t.Errorf("a stranger's list: %v, want ErrSignature", err)
	}
	if list := listed(t, s, account); list.Number != 10 {
		t.Errorf("number %d is kept, want 10", list.Number)
	}
}

func TestAClockThatWentWrongStopsNobody(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		key, account := keyOf(t, 1)
		now := time.Now()
		for _, tt := range []struct {
			last time.Time
			want int64
		}{
			{now.Add(-time.Hour), now.UnixMilli()},
			{now, now.UnixMilli() + 1},                                   // two in a moment
			{now.Add(time.Minute), now.Add(time.Minute).UnixMilli() + 1}, // set back a little: pools may have it
			{now.Add(365 * 24 * time.Hour), now.UnixMilli()},             // no pool has taken it
		} {
			s := &payees.Store{Dir: t.TempDir()}
			signed, err := poolapi.SignPayees(key, account, poolapi.PayeeList{Number: tt.last.UnixMilli()})
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(s.Keep(account, signed), s.Change(key, account, at(t, "litecoin", 3))); err != nil {
				t.Fatal(err)
			}
			if list := listed(t, s, account); list.Number != tt.want {
				t.Errorf("after %v at %v the number is %d, want %d", tt.last, now, list.Number, tt.want)
			}
		}
	})
}

func TestADamagedFileIsKeptUntilThePoolMendsIt(t *testing.T) {
	s := &payees.Store{Dir: t.TempDir()}
	key, account := keyOf(t, 1)
	if err := s.Change(key, account, at(t, "litecoin", 3)); err != nil {
		t.Fatal(err)
	}
	good, list, err := s.Load(account)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(s.Path(account))
	if err != nil {
		t.Fatal(err)
	}
	for name, damaged := range map[string]string{
		"cut": string(text[:len(text)/2]), "changed": strings.Replace(string(text), "litecoin", "bitcoin", 1), "empty": "", "zeros": strings.Repeat("\x00", len(text)),
	} {
		if err := os.WriteFile(s.Path(account), []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.Change(key, account, at(t, "dogecoin", 3)); !errors.Is(err, payees.ErrDamaged) {
			t.Errorf("%s: got %v, want ErrDamaged", name, err)
		}
		if now, err := os.ReadFile(s.Path(account)); err != nil || string(now) != damaged {
			t.Errorf("%s: the file was touched", name)
		}
		if err := s.Keep(account, good); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := listed(t, s, account); got.Number != list.Number {
			t.Errorf("%s: got %+v after the pool's list", name, got)
		}
	}
}
