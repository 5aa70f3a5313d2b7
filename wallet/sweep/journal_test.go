package sweep_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin/cointest"
	"github.com/adit-mining/adit/wallet/sweep"
)

// prepared is a plan of two transactions of a fake's coins.
func prepared(t testing.TB, k wallet.Key) (*fake, sweep.Plan) {
	t.Helper()
	n := cointest.Network(t, "litecoin", "main")
	scripts := scriptsOf(t, n, k.PublicKey())
	f := newFake(t, scripts)
	f.pay(scripts[0], 10, 1_500_000, 2_000_000)
	p, err := sweep.Prepare(t.Context(), k.PublicKey(), n, someAddress(t, n), f, sweep.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return f, p
}

// TestACrashBetweenSigningAndSendingLosesNothing ends the program, by a panic, before
// the network gets the transaction, and after.
func TestACrashBetweenSigningAndSendingLosesNothing(t *testing.T) {
	for _, done := range []bool{false, true} {
		k, dir := newKey(t), t.TempDir()
		f, p := prepared(t, k)
		f.onSend = func(raw []byte) (string, error) {
			if done {
				f.network[idOf(raw)] = raw
			}
			panic("crash")
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no crash")
				}
			}()
			_, _ = sweep.Move(t.Context(), dir, f, p, k)
		}()
		f.onSend = nil
		pending, err := sweep.Pending(dir, p.Network, k.PublicKey())
		if err != nil || len(pending) != 1 {
			t.Fatalf("after the restart: %d pending, %v", len(pending), err)
		}
		sent, err := sweep.Resume(t.Context(), dir, f, p.Network, k.PublicKey())
		if err != nil || len(f.network) != 1 || f.network[sent[0].TxID] == nil {
			t.Errorf("done=%v: the network has %d transactions, %v", done, len(f.network), err)
		}
		if again, err := sweep.Resume(t.Context(), dir, f, p.Network, k.PublicKey()); err != nil || len(again) != 0 {
			t.Errorf("resumed twice: %v, %v", again, err)
		}
	}
}

func TestWhatTheNetworkRefusesIsNotSentForEver(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		k, dir := newKey(t), t.TempDir()
		f, p := prepared(t, k)
		f.onSend = func([]byte) (string, error) {
			return "", errors.Join(sweep.ErrRefused, errors.New("txn-mempool-conflict"))
		}
		if _, err := sweep.Move(t.Context(), dir, f, p, k); !errors.Is(err, sweep.ErrRefused) || f.sends != 1 {
			t.Errorf("%d sends, %v", f.sends, err)
		}
		if pending, err := sweep.Pending(dir, p.Network, k.PublicKey()); err != nil || len(pending) != 0 {
			t.Errorf("pending %v, %v", pending, err)
		}
		// A refusal by a source that cannot say whether the transaction is there already
		// decides nothing.
		f.blind = true
		if _, err := sweep.Move(t.Context(), dir, f, p, k); !errors.Is(err, sweep.ErrUnknown) {
			t.Errorf("refused by a blind source: %v", err)
		}
		// Nor does one that speaks of another transaction.
		f.blind, f.onSend = false, func([]byte) (string, error) { return strings.Repeat("00", 32), nil }
		if _, err := sweep.Move(t.Context(), dir, f, p, k); !errors.Is(err, sweep.ErrUnknown) {
			t.Errorf("another transaction's id: %v", err)
		}
		counts, err := sweep.Records(dir)
		if err != nil || counts["signed"] != 1 {
			t.Errorf("records %v, %v", counts, err)
		}
	})
}

func TestNothingIsSentThatCannotBeWrittenDown(t *testing.T) {
	k, dir := newKey(t), t.TempDir()
	f, p := prepared(t, k)
	if err := os.WriteFile(filepath.Join(dir, sweep.FolderName), nil, 0o600); err != nil { // a file where the folder is to be
		t.Fatal(err)
	}
	if _, err := sweep.Move(t.Context(), dir, f, p, k); err == nil || f.sends != 0 {
		t.Errorf("%d sends, %v", f.sends, err)
	}
}

func TestADamagedRecordStopsTheNextSweep(t *testing.T) {
	k, dir := newKey(t), t.TempDir()
	f, p := prepared(t, k)
	if _, err := sweep.Move(t.Context(), dir, f, p, k); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, sweep.FolderName, "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	secret := k.Bytes()
	for _, hidden := range []string{k.WIF(p.Network), hexOf(secret[:])} {
		if strings.Contains(string(text), hidden) {
			t.Error("the record holds the private key")
		}
	}
	if err := os.WriteFile(files[0], text[:len(text)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sweep.Pending(dir, p.Network, k.PublicKey()); err == nil || !strings.Contains(err.Error(), files[0]) {
		t.Errorf("pending: %v", err)
	}
}

func TestASweepCanBeCancelled(t *testing.T) {
	k, dir := newKey(t), t.TempDir()
	f, p := prepared(t, k)
	ctx, cancel := context.WithCancel(t.Context())
	f.onSend = func([]byte) (string, error) { cancel(); return "", errors.New("no answer") }
	f.blind = true
	if _, err := sweep.Move(ctx, dir, f, p, k); !errors.Is(err, sweep.ErrUnknown) || f.sends != 1 {
		t.Errorf("%d sends, %v", f.sends, err)
	}
}
