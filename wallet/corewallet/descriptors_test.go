package corewallet_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/wallet/coin/cointest"
	"github.com/adit-mining/adit/wallet/corewallet"
	"github.com/adit-mining/adit/wallet/program"
)

// imports runs the program and imports key 7.
func imports(t *testing.T, p corewallet.Program, birthday time.Time) (done program.Imported, b program.Balance, err error) {
	t.Helper()
	err = p.Run(t.Context(), func(ctx context.Context, w *corewallet.Wallet) (err error) {
		if done, err = w.Import(ctx, key(t, 7), birthday, nil); err != nil {
			return err
		}
		b, err = w.Balance(ctx)
		return err
	})
	if err != nil && strings.Contains(err.Error(), key(t, 7).WIF(p.Network)) {
		t.Errorf("the error has the private key: %v", err)
	}
	return done, b, err
}

func TestDescriptorsAreImportedWithThePrivateFormsChecksum(t *testing.T) {
	t.Parallel()
	p, calls := fake(t, modern())
	birthday := time.Unix(1790000000, 0)
	done, b, err := imports(t, p, birthday)
	if err != nil || done.How != "importdescriptors" || len(done.Addresses) != 3 || done.Received != amount(t, "300") || b.Spendable != amount(t, "300") {
		t.Fatalf("Import = %+v, %+v, %v", done, b, err)
	}
	all := calls()
	if len(of(all, "importprivkey")) > 0 || len(of(all, "importmulti")) > 0 {
		t.Error("it tried calls that the daemon has not")
	}
	if made := of(all, "createwallet"); len(made) != 1 || len(made[0].Params) != 1 || string(made[0].Params[0]) != `"adit"` {
		t.Errorf("createwallet %s, want the name alone: not blank, of the daemon's own kind", made)
	}
	asked := of(all, "importdescriptors")
	if len(asked) != 1 || asked[0].Path != "/wallet/adit" {
		t.Fatalf("importdescriptors: %+v, want one for the wallet", asked)
	}
	var requests []map[string]any
	if err := json.Unmarshal(asked[0].Params[0], &requests); err != nil {
		t.Fatal(err)
	}
	wif := key(t, 7).WIF(p.Network)
	for i, form := range []string{"pkh(" + wif + ")#megjgla5", "wpkh(" + wif + ")#megjgla5", "sh(wpkh(" + wif + "))#megjgla5"} {
		want := map[string]any{"desc": form, "timestamp": float64(1790000000 - 7200), "label": "mining key"}
		if fmt.Sprint(requests[i]) != fmt.Sprint(want) { // and neither active nor internal
			t.Errorf("request %d is %v", i, requests[i])
		}
	}
}

// The rows of research/wallet.md, section 3, that are errors.
func TestWhatDescriptorWalletsAnswer(t *testing.T) {
	t.Parallel()
	wif := key(t, 7).WIF(cointest.Network(t, "namecoin", "regtest"))
	for _, c := range []struct {
		name    string
		answers answers
		want    error
		text    string
	}{
		{"no checksum", answers{"importdescriptors": failed(-5, "Missing checksum")}, corewallet.ErrRefused, "Missing checksum"},
		{"the public form's checksum", answers{"importdescriptors": failed(-5, "Provided checksum 'mxzy8qp6' does not match computed checksum 'megjgla5'")},
			corewallet.ErrRefused, "does not match"},
		{"a public descriptor", answers{"importdescriptors": failed(-4, "Cannot import descriptor without private keys to a wallet with private keys enabled")},
			nil, "without private keys"},
		{"a wallet without private keys", answers{"importdescriptors": failed(-4, "Cannot import private keys to a wallet with private keys disabled")},
			corewallet.ErrCannot, "private keys disabled"},
		{"a key of another network", answers{"importdescriptors": failed(-5, "pkh(): key '"+wif+"' is not valid")}, corewallet.ErrRefused, "key '(secret)' is not valid"},
		{"a key of another network, asked for its checksum", answers{"getdescriptorinfo": {fault(-5, "pkh(): key '"+wif+"' is not valid")}},
			corewallet.ErrRefused, "key '(secret)' is not valid"},
		{"locked, and nobody to ask", answers{"getwalletinfo": result(map[string]any{"descriptors": true, "unlocked_until": 0})}, corewallet.ErrLocked, ""},
		{"locked all at once", answers{"importdescriptors": {fault(-13, "Error: Please enter the wallet passphrase with walletpassphrase first.")}}, corewallet.ErrLocked, ""},
		{"pruned", answers{"importdescriptors": failed(-1, "Rescan failed for descriptor with timestamp 0. There was an error reading a block from time 1, which is after or within 7200 seconds of key creation, and could contain transactions pertaining to the desc. As a result, transactions and coins using this desc may not appear in the wallet. This error could be caused by pruning or data corruption")},
			corewallet.ErrPruned, ""},
		{"pruned, known before", answers{
			"getblockchaininfo": result(map[string]any{"chain": "regtest", "blocks": 2000, "headers": 2000, "pruned": true, "pruneheight": 1000}),
			"getblockhash":      result("00aa"), "getblockheader": result(map[string]any{"time": 1795000000}),
		}, corewallet.ErrPruned, ""},
		{"success of nothing", answers{"importdescriptors": result([]any{})}, program.ErrNonsense, ""},
		{"a failure without a reason", answers{"importdescriptors": result([]any{map[string]any{"success": false}})}, program.ErrNonsense, ""},
		{"one of three fails", answers{"importdescriptors": result([]any{map[string]any{"success": true}, map[string]any{"success": false, "error": map[string]any{"code": -5, "message": "wpkh is not for this chain"}}})},
			corewallet.ErrRefused, "wpkh"},
		{"it took it and does not know it", answers{"getaddressinfo": result(map[string]any{"ismine": false, "solvable": false})}, corewallet.ErrRefused, ""},
		{"it has it and cannot sign", answers{"getaddressinfo": result(map[string]any{"ismine": true, "solvable": false})}, corewallet.ErrRefused, ""},
		{"another chain", answers{"getblockchaininfo": result(map[string]any{"chain": "main"})}, corewallet.ErrWrongChain, ""},
		{"a chain of lies", answers{"getblockchaininfo": result(map[string]any{"chain": 5})}, program.ErrNonsense, ""},
		{"another coin", answers{"validateaddress": result(map[string]any{"isvalid": false})}, corewallet.ErrWrongChain, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, calls := fake(t, modern().with(c.answers))
			_, _, err := imports(t, p, time.Unix(1790000000, 0))
			if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("Import = %v, want %v %q", err, c.want, c.text)
			}
			if c.want == corewallet.ErrWrongChain && len(of(calls(), "importdescriptors")) > 0 {
				t.Error("it got the key all the same")
			}
		})
	}
}

func TestADescriptorWalletIsUnlocked(t *testing.T) {
	t.Parallel()
	open := answer{Result: map[string]any{"descriptors": true, "unlocked_until": 1795000000}}
	locked := answer{Result: map[string]any{"descriptors": true, "unlocked_until": 0}}
	p, calls := fake(t, modern().with(answers{
		"getwalletinfo":    {locked, locked, open},
		"walletpassphrase": {fault(-14, "Error: The wallet passphrase entered was incorrect."), {Result: nil}},
	}))
	said := []string{"wrong one", "right one"}
	p.Passphrase = func(_ context.Context, again bool) (string, error) {
		if again != (len(said) == 1) {
			t.Error("it does not say that the last one was wrong")
		}
		one := said[0]
		said = said[1:]
		return one, nil
	}
	if done, _, err := imports(t, p, time.Time{}); err != nil || done.Received != amount(t, "300") {
		t.Errorf("Import = %+v, %v", done, err)
	}
	all := calls()
	if len(of(all, "walletpassphrase")) != 2 || len(of(all, "walletlock")) != 1 {
		t.Error("want two passphrases and a lock")
	}
}

func TestALateTimestampShowsNothingAndARescanFindsIt(t *testing.T) {
	t.Parallel()
	nothing := answer{Result: json.Number("0.00000000")}
	p, calls := fake(t, modern().with(answers{
		"getreceivedbyaddress": {nothing, nothing, nothing, {Result: json.Number("50.00000000")}},
		"listunspent":          result([]any{}),
		"rescanblockchain":     result(map[string]any{"start_height": 90, "stop_height": 111}),
		"getblockhash":         result("00aa"), "getblockheader": result(map[string]any{"time": 1789000000}),
	}))
	err := p.Run(t.Context(), func(ctx context.Context, w *corewallet.Wallet) error {
		done, err := w.Import(ctx, key(t, 7), time.Unix(1795000000, 0), nil)
		if err != nil || done.Received != 0 {
			t.Fatalf("Import = %+v, %v, want success and nothing", done, err)
		}
		done, err = w.Rescan(ctx, key(t, 7), time.Time{}, nil)
		if err != nil || done.Received != amount(t, "150") {
			t.Errorf("Rescan = %+v, %v, want 150", done, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if asked := of(calls(), "rescanblockchain"); len(asked) != 1 || string(asked[0].Params[0]) != "0" {
		t.Errorf("rescanblockchain %s, want from block 0", asked)
	}
}

func TestALongScanTellsHowFarItIs(t *testing.T) {
	t.Parallel()
	busy := result(map[string]any{"descriptors": true, "scanning": map[string]any{"duration": 12, "progress": 0.25}})
	slow := modern()["importdescriptors"]
	slow[0].After = 300 * time.Millisecond
	p, _ := fake(t, modern().with(answers{"getwalletinfo": busy, "importdescriptors": slow}))
	err := p.Run(t.Context(), func(ctx context.Context, w *corewallet.Wallet) error {
		var last program.Scan
		_, err := w.Import(ctx, key(t, 7), time.Time{}, func(s program.Scan) { last = s })
		if last.Fraction != 0.25 || last.Since != 12*time.Second {
			t.Errorf("the scan was told as %+v", last)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestAnEndedImportIsBrokenOff(t *testing.T) {
	t.Parallel()
	slow := modern()["importdescriptors"]
	slow[0].After = time.Minute
	p, calls := fake(t, modern().with(answers{"importdescriptors": slow}))
	ctx, cancel := context.WithTimeoutCause(t.Context(), 2*time.Second, errors.New("enough"))
	defer cancel()
	err := p.Run(ctx, func(ctx context.Context, w *corewallet.Wallet) error {
		_, err := w.Import(ctx, key(t, 7), time.Time{}, nil)
		return err
	})
	if err == nil || len(of(calls(), "abortrescan")) != 1 {
		t.Errorf("Run = %v, and %d times broken off", err, len(of(calls(), "abortrescan")))
	}
}

// old is a daemon of Bitcoin Core 0.14's time, as Dogecoin's is: one wallet, no createwallet,
// and only importprivkey.
func old() answers {
	return modern().with(answers{
		"getnetworkinfo":    result(map[string]any{"subversion": "/Shibetoshi:1.14.9/"}),
		"getblockchaininfo": result(map[string]any{"chain": "regtest", "blocks": 111, "headers": 111, "verificationprogress": 1}),
		"help":              result(unknown), "help importprivkey": result("importprivkey \"privkey\" ( \"label\" rescan )\n"),
		"createwallet": nil, "listwallets": nil, "getaddressinfo": nil, "getbalances": nil, "importdescriptors": nil, "getdescriptorinfo": nil,
		"importprivkey":   result(nil),
		"validateaddress": result(map[string]any{"isvalid": true, "ismine": true}),
		"getpeerinfo":     result([]any{map[string]any{"startingheight": 111}}),
		"getwalletinfo":   result(map[string]any{"balance": json.Number("2.5"), "unconfirmed_balance": json.Number("0.5"), "immature_balance": json.Number("1")}),
		"getnewaddress":   {fault(-12, "Error: Keypool ran out, please call keypoolrefill first"), {Result: "DNewAddress"}},
		"keypoolrefill":   result(nil),
	})
}

func TestAnOldDaemonTakesTheKeyItsOwnWay(t *testing.T) {
	t.Parallel()
	p, calls := fake(t, old())
	p.Network = cointest.Network(t, "dogecoin", "regtest")
	k := key(t, 7)
	err := p.Run(t.Context(), func(ctx context.Context, w *corewallet.Wallet) error {
		if err := w.Sync(ctx, nil); err != nil {
			return err
		}
		done, err := w.Import(ctx, k, time.Unix(1790000000, 0), nil)
		if err != nil || done.How != "importprivkey" || len(done.Addresses) != 1 {
			t.Errorf("Import = %+v, %v", done, err)
		}
		if b, err := w.Balance(ctx); err != nil || b.Total() != amount(t, "4") {
			t.Errorf("Balance = %+v, %v, want 4", b, err)
		}
		if _, err := w.NewAddress(ctx); !errors.Is(err, corewallet.ErrWrongChain) { // the recorded address is none
			t.Errorf("NewAddress = %v, want ErrWrongChain", err)
		}
		if _, err := w.Rescan(ctx, k, time.Time{}, nil); !errors.Is(err, corewallet.ErrCannot) {
			t.Errorf("Rescan = %v, want ErrCannot", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	all := calls()
	asked := of(all, "importprivkey")
	if len(asked) != 1 || asked[0].Path != "/" || string(asked[0].Params[0]) != `"`+k.WIF(p.Network)+`"` || string(asked[0].Params[2]) != "true" {
		t.Errorf("importprivkey %+v", asked)
	}
	if len(of(all, "keypoolrefill")) != 1 {
		t.Error("the empty key pool was not filled")
	}
}

func TestADaemonThatStopsAnsweringIsEnded(t *testing.T) {
	t.Parallel()
	chain := modern()["getblockchaininfo"]
	behind := answer{Result: map[string]any{"chain": "regtest", "blocks": 5, "headers": 9, "verificationprogress": 1, "initialblockdownload": true}}
	p, _ := fake(t, modern().with(answers{
		"getblockchaininfo": {chain[0], behind, fault(-28, "Rewinding blocks...")},
		"getpeerinfo":       result([]any{map[string]any{"synced_headers": 9}}),
	}))
	p.Patience = 300 * time.Millisecond
	var seen []program.Sync
	err := p.Run(t.Context(), func(ctx context.Context, w *corewallet.Wallet) error {
		return w.Sync(ctx, func(s program.Sync) { seen = append(seen, s) })
	})
	if !errors.Is(err, corewallet.ErrHangs) {
		t.Errorf("Run = %v, want ErrHangs", err)
	}
	if len(seen) != 1 || seen[0].Fraction >= 1 || seen[0].Synced {
		t.Errorf("Sync told %+v, want one that is not done, whatever the daemon's estimate", seen)
	}
}

// What daemons say just after a start, when they know of nothing newer than they have.
func TestSyncWaitsUntilPeersHaveTold(t *testing.T) {
	t.Parallel()
	here := answer{Result: map[string]any{"chain": "regtest", "blocks": 100, "headers": 100, "verificationprogress": 1, "initialblockdownload": false}}
	there := answer{Result: map[string]any{"chain": "regtest", "blocks": 111, "headers": 111, "verificationprogress": 1, "initialblockdownload": false}}
	p, _ := fake(t, modern().with(answers{
		"getblockchaininfo": {here, here, here, here, here, there}, // the first is asked before
		"getpeerinfo": {
			{Result: []any{}},
			{Result: []any{map[string]any{"startingheight": -1, "synced_headers": -1}}},
			{Result: []any{map[string]any{"startingheight": 111, "synced_headers": -1}, map[string]any{"startingheight": 1000000000, "synced_headers": -1}}},
			{Result: []any{map[string]any{"startingheight": 111, "synced_headers": 100}, map[string]any{"startingheight": 1000000000, "synced_headers": -1}}},
			{Result: []any{map[string]any{"startingheight": 111, "synced_headers": 111}}},
		},
	}))
	var seen []program.Sync
	err := p.Run(t.Context(), func(ctx context.Context, w *corewallet.Wallet) error {
		return w.Sync(ctx, func(s program.Sync) { seen = append(seen, s) })
	})
	if err != nil || len(seen) < 3 {
		t.Fatalf("Run = %v, told %+v", err, seen)
	}
	for i, s := range seen {
		if end := i == len(seen)-1; s.Synced != end || end && s.Blocks != 111 || s.Headers > 111 {
			t.Errorf("%d: told %+v", i, s)
		}
	}
}
