package payouts_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

func litecoin(t *testing.T) *coin.Network { return cointest.Network(t, "litecoin", "main") }

// signedList is a list of key's as the ledger keeps it.
func signedList(t *testing.T, key wallet.Key, number int64, payees ...poolapi.Payee) ledger.PayeeList {
	t.Helper()
	s, err := poolapi.SignPayees(key, key.PubKeyHash().String(), poolapi.PayeeList{Number: number, Payees: payees})
	if err != nil {
		t.Fatal(err)
	}
	return ledger.PayeeList{Number: number, Key: s.Key, Signature: s.Signature, Body: s.Body}
}

func toLitecoin(address string) poolapi.Payee {
	return poolapi.Payee{Coin: "litecoin", Network: "main", Address: address}
}

func newKey(t *testing.T) wallet.Key {
	t.Helper()
	key, err := wallet.NewKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestPayToFollowsTheKeysListAndNothingElse(t *testing.T) {
	n, key, other := litecoin(t), newKey(t), newKey(t)
	account, own := key.PubKeyHash().String(), n.PayoutAddress(key.PubKeyHash()).String()
	exchange := n.P2PKH(coin.PubKeyHash{7}).String()
	good := signedList(t, key, 1, toLitecoin(exchange))
	forged := signedList(t, other, 1, toLitecoin(exchange))
	changed := good
	changed.Body = signedList(t, key, 1, toLitecoin(n.P2PKH(coin.PubKeyHash{8}).String())).Body
	for _, tt := range []struct {
		name    string
		account string
		list    ledger.PayeeList
		address string // "" cannot be paid
		chosen  bool
	}{
		{"no list", account, ledger.PayeeList{}, own, false},
		{"an empty list", account, signedList(t, key, 1), own, false},
		{"a list of other coins", account, signedList(t, key, 1, poolapi.Payee{Coin: "dogecoin", Network: "main", Address: "x"}), own, false},
		{"a list of another network", account, signedList(t, key, 1, poolapi.Payee{Coin: "litecoin", Network: "test", Address: "x"}), own, false},
		{"a list", account, good, exchange, true},
		{"another key's list", account, forged, "", false},
		{"a list that was changed", account, changed, "", false},
		{"another coin's address", account, signedList(t, key, 1, toLitecoin(cointest.Network(t, "bitcoin", "main").P2PKH(coin.PubKeyHash{7}).String())), "", true},
		{"no address", account, signedList(t, key, 1, toLitecoin("")), "", true},
		{"an account that is an address", exchange, ledger.PayeeList{}, exchange, false},
	} {
		address, chosen, err := payouts.PayTo(n, tt.account, tt.list)
		if address != tt.address || chosen != tt.chosen || (err == nil) != (tt.address != "") {
			t.Errorf("%s: got %q, %v, %v, want %q, %v", tt.name, address, chosen, err, tt.address, tt.chosen)
		}
	}
}

// noLists is a book that cannot be read.
type noLists struct{}

func (noLists) PayeeLists(context.Context, []string) (map[string]ledger.PayeeList, error) {
	return nil, errors.New("disk I/O error")
}

func TestAListThatCannotBeReadSaysNothing(t *testing.T) {
	key := newKey(t)
	p := payouts.Payees{Network: litecoin(t), Lists: noLists{}}
	if address, err := p.AddressOf(t.Context(), []string{key.PubKeyHash().String()}); address != nil || err == nil {
		t.Errorf("got %q, %v, want ErrNotNow", address, err)
	}
}

// owners is a world of three mining keys to whom the same is owed, and their book's
// lists.
func owners(t *testing.T) (w *world, keys [3]wallet.Key, names [3]string, put func(i int, number int64, payees ...poolapi.Payee)) {
	for i := range keys {
		keys[i] = newKey(t)
		names[i] = keys[i].PubKeyHash().String()
	}
	w = due(t, names[:]...)
	w.c.AddressOf = func(ctx context.Context, accounts []string) ([]payouts.Place, error) {
		return payouts.Payees{Network: litecoin(t), Lists: w.book}.AddressOf(ctx, accounts)
	}
	w.restart()
	return w, keys, names, func(i int, number int64, payees ...poolapi.Payee) {
		t.Helper()
		w.ok(w.book.PutPayeeList(t.Context(), names[i], signedList(t, keys[i], number, payees...)))
	}
}

// reached is what the chain has paid to an address, and by how many transactions.
func (w *world) reached(address string) (sum coin.Amount, transactions int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, tx := range w.txs {
		for _, o := range tx.outputs {
			if o.Address == address && (tx.mined > 0 || tx.pooled) {
				sum += o.Amount
				transactions++
			}
		}
	}
	return sum, transactions
}

func TestOneWrongAddressHoldsItsOwnerAloneUntilItIsMended(t *testing.T) {
	in(t, func(t *testing.T) {
		n := litecoin(t)
		w, keys, names, put := owners(t)
		exchange, bitcoin := n.P2PKH(coin.PubKeyHash{7}).String(), cointest.Network(t, "bitcoin", "main").P2PKH(coin.PubKeyHash{7}).String()
		put(0, 1, toLitecoin(exchange))
		put(1, 1, toLitecoin(bitcoin)) // as if the coin's data had changed since
		owed := w.account(names[0]).Balance
		for range 4 {
			w.ok(w.pass())
			w.mine(1)
		}
		var own [3]string
		for i, key := range keys {
			own[i] = n.PayoutAddress(key.PubKeyHash()).String()
		}
		want := func(address string, times int) {
			t.Helper()
			sum, n := w.reached(address)
			if n != times || sum != coin.Amount(times)*(owed-networkFee) {
				t.Errorf("%s got %d in %d transactions, want %d", address, sum, n, times)
			}
		}
		want(exchange, 1)
		want(own[0], 0)
		want(own[1], 0)
		want(bitcoin, 0)
		want(own[2], 1)
		if s := w.account(names[1]); s.Balance != owed || s.Hold == "" {
			t.Errorf("got %+v, want its balance kept and a reason", s)
		}
		time.Sleep(time.Minute)
		put(1, 2, toLitecoin(exchange))
		time.Sleep(payoutPeriod)
		for range 4 {
			w.ok(w.pass())
			w.mine(1)
		}
		want(exchange, 2)
		want(own[1], 0)
		if s := w.account(names[1]); s.Balance != 0 || s.Hold != "" {
			t.Errorf("got %+v, want it paid", s)
		}
	})
}

// The address is chosen with the intent. Whatever happens to the process after that, and
// whatever list comes meanwhile, a payout goes there, once.
func TestAListThatChangesUnderAPayoutCountsForTheNext(t *testing.T) {
	steps := []string{"book intent", "release", "sign", "book signed", "broadcast", "book sent"}
	for _, at := range steps {
		for _, f := range []fault{crashUndone, crashDone, errorUndone, errorDone} {
			t.Run(fmt.Sprint(at, " ", f), func(t *testing.T) {
				t.Parallel()
				in(t, func(t *testing.T) {
					n := litecoin(t)
					w, _, names, put := owners(t)
					before, after := n.P2PKH(coin.PubKeyHash{7}).String(), n.P2PKH(coin.PubKeyHash{8}).String()
					put(0, 1, toLitecoin(before))
					time.Sleep(time.Minute) // no list follows another faster
					owed := w.account(names[0]).Balance
					w.faults = func(_ int, name string) fault {
						if name == at {
							return f
						}
						return none
					}
					if err := w.pass(); err == nil {
						t.Fatalf("nothing went wrong at %s", at)
					}
					w.faults = func(int, string) fault { return none }
					w.restart()
					open, err := w.book.OpenPayouts(t.Context(), pool)
					w.ok(err)
					put(0, 2, toLitecoin(after))
					for range 5 {
						w.ok(w.pass())
						w.mine(1)
					}
					first, n1 := w.reached(before)
					second, n2 := w.reached(after)
					if n1+n2 != 1 || first+second != owed-networkFee {
						t.Errorf("%d in %d transactions before, %d in %d after, owed was %d once", first, n1, second, n2, owed)
					}
					if intended := len(open) > 0; intended != (n1 == 1) {
						t.Errorf("there was an intent: %v, and %d were paid to its address", intended, first)
					}
					w.notHalted()
				})
			})
		}
	}
}

// A payout that waits so long that it is planned anew takes the newest list.
func TestAPayoutThatIsPlannedAnewTakesTheNewestList(t *testing.T) {
	in(t, func(t *testing.T) {
		n := litecoin(t)
		w, _, _, put := owners(t)
		before, after := n.P2PKH(coin.PubKeyHash{7}).String(), n.P2PKH(coin.PubKeyHash{8}).String()
		put(0, 1, toLitecoin(before))
		w.refuse["sign"] = node.ErrFunds
		if err := w.pass(); !errors.Is(err, node.ErrFunds) {
			t.Fatal(err)
		}
		time.Sleep(2 * payoutPeriod)
		put(0, 2, toLitecoin(after))
		delete(w.refuse, "sign")
		for range 4 {
			w.ok(w.pass())
			w.mine(1)
		}
		if _, times := w.reached(before); times != 0 {
			t.Error("the old address was paid")
		}
		if _, times := w.reached(after); times != 1 {
			t.Errorf("the new address was paid %d times", times)
		}
	})
}

// A key that may be uncompressed, as NOMP's are, is never paid to a witness output, which
// it could not spend; what its owner has signed counts all the same.
func TestAWholeKeyIsPaidInTheOldForm(t *testing.T) {
	n := cointest.Network(t, "litecoin", "regtest")
	const key = "22851477d63a085dbc2398c8430af1c09e7343f6"
	usual, _, err := payouts.PayTo(n, key, ledger.PayeeList{})
	if err != nil || !strings.HasPrefix(usual, "rltc1") {
		t.Fatalf("a key is paid at %s, %v, want a witness output", usual, err)
	}
	whole, chosen, err := payouts.PayTo(n, key, ledger.PayeeList{WholeKey: true})
	if err != nil || chosen {
		t.Fatal(chosen, err)
	}
	if a, err := n.ParseAddress(whole); err != nil || a.Kind() != coin.KindP2PKH {
		t.Errorf("a whole key is paid at %s, %v, want P2PKH", whole, err)
	}
	address := n.P2PKH(coin.PubKeyHash{9}).String()
	if got, _, err := payouts.PayTo(n, address, ledger.PayeeList{WholeKey: true}); err != nil || got != address {
		t.Errorf("an address is paid at %s, %v", got, err)
	}
}
