package view_test

import (
	"errors"
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/adit-mining/adit/app/view"
)

func TestAMinimumIsCheckedAndGivenToThePool(t *testing.T) {
	_, w, did := atWallet(t, states()["mining"], "Minimum")
	for _, want := range []string{"from 0.1 LTC on", "up to 100 LTC"} {
		if !shows(sheetOf(t, w), want) {
			t.Errorf("no %q in %q", want, texts(sheetOf(t, w)))
		}
	}
	for _, typing := range []string{"0.05", "100.1", "", "a lot"} {
		paste(t, w, typing)
		tap(t, w, "Save")
		if !shows(sheetOf(t, w), "Type an amount from 0.1 to 100 LTC") {
			t.Errorf("%q: it says %q", typing, texts(sheetOf(t, w)))
		}
	}
	if len(did.keys.paidFrom) != 0 {
		t.Fatalf("signed: %q", did.keys.paidFrom)
	}
	did.keys.fault = errors.New("this pool keeps a minimum from the key's first accepted share on")
	paste(t, w, "2,5")
	tap(t, w, "Save")
	if !shows(sheetOf(t, w), "first accepted share") {
		t.Errorf("it says %q", texts(sheetOf(t, w)))
	}
	did.keys.fault = nil
	tap(t, w, "Save")
	if want := []string{"litecoin/main=2.50000000", "litecoin/main=2.50000000"}; !slices.Equal(did.keys.paidFrom, want) {
		t.Errorf("signed %q, want %q", did.keys.paidFrom, want)
	}
	if w.Canvas().Overlays().Top() != nil {
		t.Error("the sheet stays open")
	}
}

func TestThePoolsOwnMinimumHoldsAgain(t *testing.T) {
	_, w, did := atWallet(t, states()["mining"], "Minimum")
	tap(t, w, "As the pool pays")
	if want := []string{"litecoin/main="}; !slices.Equal(did.keys.paidFrom, want) {
		t.Errorf("signed %q, want %q", did.keys.paidFrom, want)
	}
}

func TestTheWalletWithMinimumsFitsIntoANarrowWindow(t *testing.T) {
	speakAtLength(t)
	shell, w, _ := window(t)
	w.Resize(fyne.NewSize(360, 640))
	shell.Show(states()["mining"])
	shell.Open(view.AtWallet)
	settle(shell.Content())
	whole(t, "wallet", shell.Content(), 360)
}
