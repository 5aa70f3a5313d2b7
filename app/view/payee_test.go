package view_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/view"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// exchange is an address of a network that is not the key's.
func exchange(t *testing.T, id, network string) string {
	t.Helper()
	n := cointest.Network(t, id, network)
	return n.PayoutAddress(coin.PubKeyHash{9, 9}).String()
}

// paidElsewhere is a state in which the coin is paid to an address.
func paidElsewhere(t *testing.T, s model.State) model.State {
	t.Helper()
	return s.After(model.PayeesRead{Account: s.Key.Account, List: poolapi.PayeeList{Number: 5,
		Payees: []poolapi.Payee{{Coin: "litecoin", Network: "main", Address: exchange(t, "litecoin", "main")}}}})
}

func TestTheWalletSaysWhereEachCoinIsPaid(t *testing.T) {
	s := states()["mining"]
	shell, w, _ := atWallet(t, s, "Change")
	tap(t, w, "Cancel")
	if !shows(shell.Content(), "Paid to your mining key") {
		t.Errorf("it says %q", texts(shell.Content()))
	}
	s = paidElsewhere(t, s)
	shell.Show(s)
	settle(shell.Content())
	for _, want := range []string{exchange(t, "litecoin", "main"), "once it has accepted a share"} {
		if !shows(shell.Content(), want) {
			t.Errorf("no %q in %q", want, texts(shell.Content()))
		}
	}
	if shows(shell.Content(), "which belongs to your key") {
		t.Error("it says that payouts go to the key's own address, too")
	}
	s.Payees.Refused = "the clock is 2h behind"
	shell.Show(s)
	if !shows(shell.Content(), "the clock is 2h behind") {
		t.Error("the pool's refusal is not told")
	}
	s.Payees.Refused, s.Payees.AtPool = "", 5
	shell.Show(s)
	if shows(shell.Content(), "once it has accepted a share") {
		t.Error("it still waits for the pool")
	}
}

// paste puts a text in the place of what is in the sheet's field.
func paste(t *testing.T, w fyne.Window, text string) {
	t.Helper()
	findIn(sheetOf(t, w), func(entry) bool { return true })[0].SetText(text)
}

func TestAnAddressIsCheckedAtOnceAndSignedWhenItIsGood(t *testing.T) {
	_, w, did := atWallet(t, states()["mining"], "Change")
	good := exchange(t, "litecoin", "main")
	if !shows(sheetOf(t, w), "An exchange can give up an address") {
		t.Errorf("no warning in %q", texts(sheetOf(t, w)))
	}
	for typing, want := range map[string]string{
		exchange(t, "litecoin", "test"): "Litecoin test", exchange(t, "bitcoin", "main"): "Bitcoin main", good[:len(good)-1]: "not a Litecoin main address",
	} {
		paste(t, w, typing)
		if !shows(sheetOf(t, w), want) {
			t.Errorf("%s: no %q in %q", typing, want, texts(sheetOf(t, w)))
		}
		tap(t, w, "Pay to this address")
	}
	if len(did.keys.paidTo) != 0 {
		t.Fatalf("signed: %q", did.keys.paidTo)
	}
	paste(t, w, " "+good+" ")
	if shows(sheetOf(t, w), "cannot be used") {
		t.Errorf("a good address is refused: %q", texts(sheetOf(t, w)))
	}
	tap(t, w, "Pay to this address")
	if want := []string{"litecoin/main=" + good}; !slices.Equal(did.keys.paidTo, want) {
		t.Errorf("signed %q, want %q", did.keys.paidTo, want)
	}
	if w.Canvas().Overlays().Top() != nil {
		t.Error("the sheet stays open")
	}
}

func TestACoinIsPaidToTheKeyAgain(t *testing.T) {
	_, w, did := atWallet(t, paidElsewhere(t, states()["mining"]), "Change")
	did.keys.fault = errors.New("the disk is full")
	tap(t, w, "Pay to my mining key")
	if !shows(sheetOf(t, w), "the disk is full") {
		t.Errorf("it says %q", texts(sheetOf(t, w)))
	}
	did.keys.fault = nil
	tap(t, w, "Pay to my mining key")
	if want := []string{"litecoin/main=", "litecoin/main="}; !slices.Equal(did.keys.paidTo, want) {
		t.Errorf("signed %q, want %q", did.keys.paidTo, want)
	}
}

func TestALockedKeySignsNoAddressBeforeItsPassword(t *testing.T) {
	s := states()["mining"]
	s.Key.Protected, s.Key.Locked = true, true
	shell, w, did := atWallet(t, s, "Change")
	did.keys.opened = func() { s.Key.Locked = false; shell.Show(s) }
	if shows(sheetOf(t, w), "Pay to this address") {
		t.Fatal("no password is asked for")
	}
	typed(t, w, "correct horse")
	enter(w)
	if !shows(sheetOf(t, w), "An exchange can give up an address") {
		t.Errorf("it says %q", texts(sheetOf(t, w)))
	}
}

func TestALongAddressFitsIntoANarrowWindow(t *testing.T) {
	speakAtLength(t)
	shell, w, _ := window(t)
	w.Resize(fyne.NewSize(360, 640))
	shell.Show(paidElsewhere(t, states()["mining"]))
	shell.Open(view.AtWallet)
	settle(shell.Content())
	whole(t, "wallet", shell.Content(), 360)
	if dir := os.Getenv("ADIT_ARTIFACTS"); dir != "" {
		picture(t, filepath.Join(dir, "wallet-paid-elsewhere-narrow"), w, 1)
	}
}
