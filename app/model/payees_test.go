package model_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/payees"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// exchange is an address of the test's coin that is not its key's.
func exchange(t *testing.T, n byte) string {
	t.Helper()
	network := cointest.Network(t, "litecoin", "regtest")
	return network.P2WPKH(coin.PubKeyHash{n}).String()
}

func times(s model.State, what model.Happening) (n int) {
	for _, e := range s.History {
		if e.What == what {
			n++
		}
	}
	return n
}

func TestThePoolIsToldWhereToPayOnceItKnowsTheKey(t *testing.T) {
	w := &world{}
	w.with(t, w.config(t), func(ctx context.Context, e *model.Engine, state func() model.State) {
		state()
		if err := e.SetPayee(ctx, "litecoin", "regtest", exchange(t, 9)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		s := state()
		if to, chosen := s.Payee("litecoin", "regtest"); !chosen || to != exchange(t, 9) {
			t.Errorf("paid to %q, %v", to, chosen)
		}
		if w.puts != 0 || s.Payees.Told() {
			t.Errorf("%d lists were given to a pool that does not know the key", w.puts)
		}
		w.shares.Add(1)
		time.Sleep(2 * time.Minute)
		if s = state(); w.puts != 1 || !s.Payees.Told() || times(s, model.PayeesKept) != 1 {
			t.Errorf("%d lists were given, told %v", w.puts, s.Payees.Told())
		}
		if err := e.SetPayee(ctx, "litecoin", "regtest", ""); err != nil {
			t.Fatal(err)
		}
		s = state()
		list, err := w.list.Open(s.Key.Account)
		if err != nil || w.puts != 2 || len(list.Payees) != 0 {
			t.Errorf("after it was taken back the pool has %+v, %v", list, err)
		}
		if to, chosen := s.Payee("litecoin", "regtest"); chosen {
			t.Errorf("paid to %q, want the key's own address", to)
		}
	})
}

func TestAPoolThatRefusesTheListIsAskedEachMinute(t *testing.T) {
	w := &world{refusePayees: &poolapi.StatusError{Status: http.StatusTooManyRequests, Reason: "try again in a minute"}}
	w.shares.Add(1)
	w.with(t, w.config(t), func(ctx context.Context, e *model.Engine, state func() model.State) {
		state()
		if err := e.SetPayee(ctx, "litecoin", "regtest", exchange(t, 9)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5*time.Minute + 30*time.Second)
		s := state()
		if w.puts < 5 || w.puts > 7 {
			t.Errorf("%d tries in five minutes", w.puts)
		}
		if s.Payees.Refused != "try again in a minute" || s.Payees.Told() {
			t.Errorf("got %+v, want the pool's words", s.Payees)
		}
		w.mu.Lock()
		w.refusePayees = nil
		w.mu.Unlock()
		time.Sleep(2 * time.Minute)
		if s := state(); s.Payees.Refused != "" || !s.Payees.Told() {
			t.Errorf("got %+v, want it told", s.Payees)
		}
	})
}

// The same key on two computers: what one signs, the other takes over from the pool,
// and not the other way round.
func TestAListFromAnotherComputerIsTakenOver(t *testing.T) {
	for _, lie := range []bool{false, true} {
		w := &world{}
		w.shares.Add(1)
		c := w.config(t)
		key, err := wallet.KeyFromBytes(append(make([]byte, 31), 7))
		if err != nil {
			t.Fatal(err)
		}
		account := key.PubKeyHash().String()
		w.with(t, c, func(ctx context.Context, e *model.Engine, state func() model.State) {
			state()
			if err := e.SetPayee(ctx, "litecoin", "regtest", exchange(t, 1)); err != nil {
				t.Fatal(err)
			}
			own := state().Payees.List.Number
			signed, err := poolapi.SignPayees(key, account, poolapi.PayeeList{Number: own + 5, Payees: []poolapi.Payee{
				{Coin: "litecoin", Network: "regtest", Address: exchange(t, 2)}}})
			if err != nil {
				t.Fatal(err)
			}
			w.mu.Lock()
			w.listed = own + 5
			if !lie { // a pool that lies goes on to give our own list
				w.list = signed
			}
			w.mu.Unlock()
			time.Sleep(3 * time.Minute)
			s := state()
			want, found := exchange(t, 2), 1
			if lie {
				want, found = exchange(t, 1), 0
			}
			if to, _ := s.Payee("litecoin", "regtest"); to != want || times(s, model.PayeesFound) != found {
				t.Errorf("lie %v: paid to %q after %d lists were found, want %q after %d", lie, to, times(s, model.PayeesFound), want, found)
			}
		})
	}
}

func TestWhatIsNoAddressIsNotSigned(t *testing.T) {
	w := &world{}
	w.with(t, w.config(t), func(ctx context.Context, e *model.Engine, state func() model.State) {
		state()
		for _, address := range []string{"x", exchange(t, 9) + "q"} {
			if err := e.SetPayee(ctx, "litecoin", "regtest", address); err == nil {
				t.Errorf("%q was signed", address)
			}
			if err := model.CheckPayee("litecoin", "regtest", address); err == nil {
				t.Errorf("%q is called good", address)
			}
		}
		if err := model.CheckPayee("litecoin", "main", exchange(t, 9)); err == nil || !strings.Contains(err.Error(), "Litecoin regtest") {
			t.Errorf("another network's address: %v", err)
		}
		if s := state(); s.Payees.List.Number != 0 {
			t.Errorf("there is a list: %+v", s.Payees)
		}
	})
}

func TestALockedKeySignsNothingButItsListIsGivenAllTheSame(t *testing.T) {
	w := &world{}
	w.shares.Add(1)
	c := w.config(t)
	w.safe.password, w.safe.typed = "correct horse", false
	store := c.Payees.(*payees.Store)
	key, err := wallet.KeyFromBytes(append(make([]byte, 31), 7))
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Change(key, key.PubKeyHash().String(), poolapi.Payee{Coin: "litecoin", Network: "regtest", Address: exchange(t, 9)}); err != nil {
		t.Fatal(err)
	}
	w.with(t, c, func(ctx context.Context, e *model.Engine, state func() model.State) {
		state()
		if err := e.SetPayee(ctx, "litecoin", "regtest", exchange(t, 8)); !errors.Is(err, model.ErrLocked) {
			t.Errorf("got %v, want ErrLocked", err)
		}
		time.Sleep(10 * time.Second)
		if s := state(); w.puts != 1 || !s.Payees.Told() {
			t.Errorf("%d lists were given by a locked key", w.puts)
		}
	})
}

func TestADamagedListIsToldAndMendedByThePool(t *testing.T) {
	w := &world{}
	w.shares.Add(1)
	c := w.config(t)
	store := c.Payees.(*payees.Store)
	key, err := wallet.KeyFromBytes(append(make([]byte, 31), 7))
	if err != nil {
		t.Fatal(err)
	}
	account := key.PubKeyHash().String()
	if err := os.WriteFile(store.Path(account), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.with(t, c, func(ctx context.Context, e *model.Engine, state func() model.State) {
		if s := state(); s.Payees.Fault == "" {
			t.Error("nobody is told")
		}
		signed, err := poolapi.SignPayees(key, account, poolapi.PayeeList{Number: 5})
		if err != nil {
			t.Fatal(err)
		}
		w.mu.Lock()
		w.list, w.listed = signed, 5
		w.mu.Unlock()
		time.Sleep(time.Minute)
		if s := state(); s.Payees.Fault != "" || s.Payees.List.Number != 5 {
			t.Errorf("got %+v, want the pool's list", s.Payees)
		}
	})
}
