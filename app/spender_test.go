package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/programs"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
)

// TestTheFolderOfTheKeyKeepsItsPromises locks, unlocks, renews and restores a real key.
func TestTheFolderOfTheKeyKeepsItsPromises(t *testing.T) {
	if bubble.RaceDetector {
		t.Skip("a passphrase takes half a minute under the race detector; `make alone` runs this")
	}
	s := &safe{dir: t.TempDir()}
	first, err := s.open()
	if err != nil || !first.Created || first.Locked || len(first.Ring.Secret.Words()) != 12 {
		t.Fatalf("%+v, %v", first, err)
	}
	if err := s.protect("correct horse"); err != nil {
		t.Fatal(err)
	}
	s.lock()
	locked, err := s.open()
	if err != nil || !locked.Locked || locked.Public != first.Public || locked.Hash != first.Hash || !locked.Ring.Secret.IsZero() {
		t.Fatalf("a locked key is opened as %+v, %v", locked, err)
	}
	if _, err := s.rotate(); err == nil {
		t.Error("a locked key was renewed")
	}
	if _, err := s.unlock("wrong"); !errors.Is(err, wallet.ErrPassphrase) {
		t.Errorf("a wrong password: %v", err)
	}
	if _, err := s.unlock("correct horse"); err != nil {
		t.Fatal(err)
	}
	kept, err := s.rotate()
	if err != nil || kept == "" {
		t.Fatal(err)
	}
	next, err := s.open()
	if err != nil || next.Locked || !next.Protected || next.Public == first.Public || next.Ring.Index != 1 {
		t.Fatalf("after renewal %+v, %v", next, err)
	}
	if _, err := s.replace(first.Ring); err != nil {
		t.Fatal(err)
	}
	if back, err := s.open(); err != nil || back.Public != first.Public {
		t.Fatalf("after restoring %+v, %v", back, err)
	}
	if err := s.protect(""); err != nil {
		t.Fatal(err)
	}
	s.lock()
	if open, err := s.open(); err != nil || open.Locked || open.Protected {
		t.Errorf("without a password %+v, %v", open, err)
	}
}

func TestABackupFileIsReadBack(t *testing.T) {
	if bubble.RaceDetector {
		t.Skip("a passphrase takes half a minute under the race detector; `make alone` runs this")
	}
	s, folder := &safe{dir: t.TempDir()}, t.TempDir()
	o, err := s.open()
	if err != nil {
		t.Fatal(err)
	}
	path, err := s.backup(o.Ring, folder, "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	texts, err := keyTexts(path)
	if err != nil || len(texts) != 1 {
		t.Fatalf("%d texts, %v", len(texts), err)
	}
	r, err := wallet.Read(texts[0], "correct horse")
	if err != nil || r.Keyring.Key() != o.Ring.Key() {
		t.Errorf("it gives another key: %v", err)
	}
	if _, err := s.backup(o.Ring, folder+"/not/there", "correct horse"); err == nil {
		t.Error("a file in no folder counts as a backup")
	}
}

// TestSheetsOfAllWaysAreDrawn draws each sheet; by hand the words are not even asked for.
func TestSheetsOfAllWaysAreDrawn(t *testing.T) {
	if bubble.RaceDetector {
		t.Skip("a passphrase takes half a minute under the race detector; `make alone` runs this")
	}
	s := &safe{dir: t.TempDir()}
	o, err := s.open()
	if err != nil {
		t.Fatal(err)
	}
	for _, way := range []settings.BackupWay{settings.ByHand, settings.Everything, settings.Encrypted} {
		pdf, err := sheetPDF(o.Ring, model.Sheet{Way: way, Password: "correct horse", Language: "de", Pool: "https://pool.example", Coins: []string{"litecoin/main", "nonsense/main"}})
		if err != nil || len(pdf) < 2000 {
			t.Errorf("%s: %d bytes, %v", way, len(pdf), err)
		}
	}
	for _, w := range blanks(12) {
		if w != "word" {
			t.Errorf("a blank says %q", w)
		}
	}
}

func TestSpendingSaysWhyItCannot(t *testing.T) {
	s := spender{dir: t.TempDir(), stock: programs.New(t.TempDir(), "0")}
	if s.hasWallet("litecoin", "main") || s.hasWallet("nonsense", "main") {
		t.Error("there is a wallet program without a catalogue")
	}
	public := "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
	for name, tt := range map[string]struct {
		order model.SpendOrder
		want  model.SpendCode
	}{
		"nobody to ask":  {model.SpendOrder{Coin: "litecoin", Network: "main", To: "x"}, model.NoSource},
		"nobody answers": {model.SpendOrder{Coin: "litecoin", Network: "main", To: "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9", Pool: "http://127.0.0.1:1"}, model.NoAnswer},
	} {
		_, err := s.plan(t.Context(), public, tt.order)
		if err == nil || model.SpendFault(err).Code != model.Code(tt.want) {
			t.Errorf("%s: %v is told as %q, want %q", name, err, model.SpendFault(err).Code, tt.want)
		}
	}
	for to, want := range map[string]model.SpendCode{
		"hello": model.AddressWrong,
		"ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4nn":  model.AddressTyped,
		"tltc1qw508d6qejxtdg4y5r3zarvary0c5xw7klfsuq0": model.AddressNetwork,
		"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4":   model.AddressOther,
		"0x52908400098527886E0F7030069857D2E4169EE7":   model.AddressOther,
		strings.Repeat("ab", 32):                       model.AddressSecret,
		public:                                         model.AddressKey,
		"litecoin:x?amount=1":                          model.AddressLink,
		"ltcmweb1qq0xl6j8r9xhs0h4dgwelgtlgnl64uxcm4ah3uhpmlhdvejrsu0hfvq4uwcvr46fr8sspffgxgkf2fwxgtw0q8twkwhdhz9sjj7vdaq4qavd6hnwq": model.AddressForm,
	} {
		_, err := s.plan(t.Context(), public, model.SpendOrder{Coin: "litecoin", Network: "main", To: to, Pool: "http://127.0.0.1:1"})
		if err == nil || model.SpendFault(err).Code != model.Code(want) {
			t.Errorf("%.50s: %v is told as %q, want %q", to, err, model.SpendFault(err).Code, want)
		}
	}
	if _, err := s.send(t.Context(), wallet.Keyring{}, model.SpendPlan{}); err == nil {
		t.Error("what was not planned is sent")
	}
}

func TestAPayeeIsRefusedInTheWordsOfSpending(t *testing.T) {
	regtest, err := networkOf("litecoin", "regtest")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		address string
		code    model.SpendCode // "" it can be paid
	}{
		"another network": {regtest.PayoutAddress(coin.PubKeyHash{7}).String(), model.AddressNetwork},
		"another coin":    {"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", model.AddressOther},
		"mistyped":        {"LVuDpNCSSj6pQ7t9Pv6d6sUkLKoqDEVUnK", model.AddressTyped},
		"a mining key":    {strings.Repeat("ab", 20), model.AddressKey},
		"good":            {"LVuDpNCSSj6pQ7t9Pv6d6sUkLKoqDEVUnJ", ""},
	} {
		err := payeeFault("litecoin", "main", c.address)
		var told *model.SpendError
		switch {
		case c.code == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.code != "" && (!errors.As(err, &told) || told.Code != c.code):
			t.Errorf("%s: %v, want code %s", name, err, c.code)
		}
	}
}
