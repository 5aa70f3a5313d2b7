package electrumwallet_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/packaging/needs"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
	"github.com/adit-mining/adit/wallet/electrumwallet"
)

// key is a key of the tests.
func key(t testing.TB, b byte) wallet.Key {
	t.Helper()
	k, err := wallet.KeyFromBytes([]byte(strings.Repeat(string(rune(b)), 32)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// electrum is Debian's Electrum on Bitcoin's regtest network.
func electrum(t testing.TB) electrumwallet.Program {
	t.Helper()
	path := needs.Program(t, "electrum")
	return electrumwallet.Program{
		Path: path, Dir: filepath.Join(t.TempDir(), "electrum"), Network: cointest.Network(t, "bitcoin", "regtest"),
		Poll: 100 * time.Millisecond, Grace: 20 * time.Second,
	}
}

func run(t *testing.T, p electrumwallet.Program, use func(ctx context.Context, w *electrumwallet.Wallet)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	err := p.Run(ctx, func(ctx context.Context, w *electrumwallet.Wallet) error {
		use(ctx, w)
		return nil
	})
	if err != nil {
		t.Fatalf("Run: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(p.Dir, "running.json")); len(left) > 0 {
		t.Error("a process is noted that is gone")
	}
}

func TestAKeyIsImportedWithAllItsAddresses(t *testing.T) {
	t.Parallel()
	p := electrum(t)
	p.Imported, p.Offline = true, true
	k := key(t, 7)
	var want []string
	for _, a := range p.Network.Addresses(k.PubKeyHash()) {
		want = append(want, a.String())
	}
	run(t, p, func(ctx context.Context, w *electrumwallet.Wallet) {
		for range 2 { // the second time does no harm
			done, err := w.Import(ctx, k, time.Time{}, nil)
			slices.Sort(done.Addresses)
			slices.Sort(want)
			if err != nil || !slices.Equal(done.Addresses, want) {
				t.Fatalf("Import = %+v, %v, want %v", done, err, want)
			}
		}
	})
	run(t, p, func(ctx context.Context, w *electrumwallet.Wallet) { // and in a second run, and beside another key
		if done, err := w.Import(ctx, k, time.Time{}, nil); err != nil || len(done.Addresses) != 3 {
			t.Errorf("Import after a start = %+v, %v", done, err)
		}
		if done, err := w.Import(ctx, key(t, 8), time.Time{}, nil); err != nil || len(done.Addresses) != 3 {
			t.Errorf("Import of another key = %+v, %v", done, err)
		}
	})
	noSecrets(t, p, k)
}

// noSecrets looks for the key where it has no business: everywhere but in the wallet.
func noSecrets(t *testing.T, p electrumwallet.Program, k wallet.Key) {
	t.Helper()
	wif := k.WIF(p.Network)
	err := filepath.Walk(p.Dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || !info.Mode().IsRegular() || strings.Contains(path, "wallets") {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(text), wif) {
			t.Errorf("%s has the private key", path)
		}
		if err == nil && strings.HasSuffix(path, "config") && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s, which has the login, is %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestAFreshWalletGivesAnAddressOfItsOwn(t *testing.T) {
	t.Parallel()
	p := electrum(t)
	p.Offline = true
	var first string
	run(t, p, func(ctx context.Context, w *electrumwallet.Wallet) {
		a, err := w.NewAddress(ctx)
		if err != nil || !strings.HasPrefix(a, "bcrt1q") {
			t.Fatalf("NewAddress = %q, %v", a, err)
		}
		first = a
		if _, err := w.Import(ctx, key(t, 7), time.Time{}, nil); !errors.Is(err, electrumwallet.ErrCannot) {
			t.Errorf("Import = %v, want ErrCannot", err)
		}
	})
	run(t, p, func(ctx context.Context, w *electrumwallet.Wallet) {
		if mine, err := w.Owns(ctx, first); err != nil || !mine {
			t.Errorf("after a start it owns its address: %v, %v", mine, err)
		}
		if mine, err := w.Owns(ctx, p.Network.PayoutAddress(key(t, 9).PubKeyHash()).String()); err != nil || mine {
			t.Errorf("it owns a stranger's address: %v, %v", mine, err)
		}
	})
}

func TestAnotherCoinsProgramAndABlockedVersionAreRefused(t *testing.T) {
	t.Parallel()
	p := electrum(t)
	p.Offline, p.Network = true, cointest.Network(t, "litecoin", "regtest")
	none := func(context.Context, *electrumwallet.Wallet) error { return nil }
	if err := p.Run(t.Context(), none); !errors.Is(err, electrumwallet.ErrWrongChain) {
		t.Errorf("Run = %v, want ErrWrongChain", err)
	}
	p = electrum(t)
	p.Offline = true
	p.Blocked = func(version string) (string, bool) { return "it is old", strings.HasPrefix(version, "4.") }
	if err := p.Run(t.Context(), none); !errors.Is(err, electrumwallet.ErrBlocked) {
		t.Errorf("Run = %v, want ErrBlocked", err)
	}
}

func TestAmounts(t *testing.T) {
	n := cointest.Network(t, "bitcoin", "main")
	for text, want := range map[string]coin.Amount{"0": 0, "1": 1e8, "0.0117": 1170000, "1E-8": 1, "-0.5": -5e7, "11700": 11700e8} {
		if got, err := electrumwallet.Amount(n.Coin, text); err != nil || got != want {
			t.Errorf("%s = %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "x", "1e999999999", "1E99", "0.000000001", "1/3", "0x10", "NaN", strings.Repeat("9", 30)} {
		if got, err := electrumwallet.Amount(n.Coin, text); err == nil {
			t.Errorf("%s = %v, want an error", text, got)
		}
	}
}

// FuzzAmount looks for a text that takes long or panics.
func FuzzAmount(f *testing.F) {
	for _, seed := range []string{"0.0117", "1E-8", "1e9", "-1", "1E99", "99999999999999999999"} {
		f.Add(seed)
	}
	n := cointest.Network(f, "bitcoin", "main")
	f.Fuzz(func(_ *testing.T, text string) { _, _ = electrumwallet.Amount(n.Coin, text) })
}
