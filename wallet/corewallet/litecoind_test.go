package corewallet_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/packaging/needs"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
	"github.com/adit-mining/adit/wallet/corewallet"
	"github.com/adit-mining/adit/wallet/program"
)

// litecoindPath is Debian's program itself, not the shell script in /usr/bin.
const litecoindPath = "/usr/lib/litecoin/litecoind"

// key is a key of the tests.
func key(t testing.TB, b byte) wallet.Key {
	t.Helper()
	var secret [32]byte
	for i := range secret {
		secret[i] = b
	}
	k, err := wallet.KeyFromBytes(secret[:])
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// chain is a litecoind with a regtest chain, of which 110 blocks paid to somebody.
func chain(t testing.TB) *pooltest.Litecoind {
	t.Helper()
	peer := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{NoPeer: true})
	peer.Generate(110)
	return peer
}

// litecoin is the program under test, connected to peer.
func litecoin(t testing.TB, peer *pooltest.Litecoind) corewallet.Program {
	t.Helper()
	p := corewallet.Program{
		Path: litecoindPath, Dir: filepath.Join(t.TempDir(), "litecoin"), Network: cointest.Network(t, "litecoin", "regtest"),
		Args: []string{"-vbparams=mweb:-2:0", "-fallbackfee=0.0002", "-dbcache=8"}, Poll: 50 * time.Millisecond, Grace: 20 * time.Second,
	}
	if peer != nil {
		p.Args = append(p.Args, "-connect="+peer.PeerAddress())
	}
	return p
}

func run(t *testing.T, p corewallet.Program, use func(ctx context.Context, w *corewallet.Wallet)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	err := p.Run(ctx, func(ctx context.Context, w *corewallet.Wallet) error {
		if err := w.Sync(ctx, nil); err != nil {
			return err
		}
		use(ctx, w)
		return nil
	})
	if err != nil {
		t.Fatalf("Run: %v", err)
	}
}

func amount(t testing.TB, text string) coin.Amount {
	t.Helper()
	a, err := coin.ParseAmount(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAKeyIsImportedAndItsCoinsAreSpent(t *testing.T) {
	t.Parallel()
	peer := chain(t)
	p := litecoin(t, peer)
	k := key(t, 7)
	for i, a := range p.Network.Addresses(k.PubKeyHash()) { // every form of the key
		peer.Send(a.String(), float64(i+1))
	}
	peer.Generate(1)
	run(t, p, func(ctx context.Context, w *corewallet.Wallet) {
		scans := 0
		done, err := w.Import(ctx, k, time.Now().Add(-24*time.Hour), func(program.Scan) { scans++ })
		if err != nil || done.How != "importmulti" || len(done.Addresses) != 3 || done.Received != amount(t, "6") {
			t.Fatalf("Import = %+v, %v, want 6 coins at 3 addresses by importmulti", done, err)
		}
		if b, err := w.Balance(ctx); err != nil || b.Spendable != amount(t, "6") || b.Total() != amount(t, "6") {
			t.Errorf("Balance = %+v, %v, want 6", b, err)
		}
		again, err := w.Import(ctx, k, time.Now().Add(-24*time.Hour), nil)
		if err != nil || again.Received != done.Received {
			t.Errorf("a second Import = %+v, %v", again, err)
		}
		spendAndSeeChangeLeave(ctx, t, p, w, peer, k)
	})
	if files, _ := filepath.Glob(filepath.Join(p.Dir, "running.json")); len(files) > 0 {
		t.Error("a process is noted that is gone")
	}
}

// spendAndSeeChangeLeave spends a part of what the key has: it arrives, and the rest goes
// to another key of the wallet, which the paper does not cover.
func spendAndSeeChangeLeave(ctx context.Context, t *testing.T, p corewallet.Program, w *corewallet.Wallet, peer *pooltest.Litecoind, k wallet.Key) {
	t.Helper()
	to := peer.NewAddress()
	var txid string
	if err := w.Call(ctx, "sendtoaddress", []any{to, "5.5"}, &txid); err != nil {
		t.Fatal(err)
	}
	var tx struct {
		Vout []struct {
			Script struct{ Addresses []string } `json:"scriptPubKey"`
		}
	}
	if err := w.Call(ctx, "getrawtransaction", []any{txid, true}, &tx); err != nil {
		t.Fatal(err)
	}
	if len(tx.Vout) != 2 {
		t.Fatalf("the payment has %d outputs, want it and the change", len(tx.Vout))
	}
	for _, out := range tx.Vout {
		for _, a := range p.Network.Addresses(k.PubKeyHash()) {
			if out.Script.Addresses[0] == a.String() {
				t.Error("the change went back to the key: what is explained of it is wrong")
			}
		}
	}
	for range 100 {
		var pool []string
		if err := peer.Call(&pool, "getrawmempool"); err != nil {
			t.Fatal(err)
		}
		if len(pool) > 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	peer.Generate(1)
	if got := pooltest.Must[float64](t, peer.RPC, "getreceivedbyaddress", to); got != 5.5 {
		t.Errorf("%v arrived, want 5.5", got)
	}
}

func TestALateBirthdayIsFoundOutAndRepaired(t *testing.T) {
	t.Parallel()
	peer := chain(t)
	p := litecoin(t, peer)
	k := key(t, 8)
	peer.Send(p.Network.PayoutAddress(k.PubKeyHash()).String(), 3)
	peer.Generate(1)
	// Blocks of three days later, so that the coins are older than the birthday.
	later := time.Now().Add(72 * time.Hour)
	pooltest.Must[any](t, peer.RPC, "setmocktime", later.Unix())
	peer.Generate(20)
	p.Args = append(p.Args, "-mocktime="+timestamp(later))
	run(t, p, func(ctx context.Context, w *corewallet.Wallet) {
		done, err := w.Import(ctx, k, later, nil)
		if err != nil || done.Received != 0 {
			t.Fatalf("Import with a late birthday = %+v, %v, want success and nothing received", done, err)
		}
		done, err = w.Rescan(ctx, k, later.Add(-4*24*time.Hour), nil)
		if err != nil || done.Received != amount(t, "3") {
			t.Errorf("Rescan = %+v, %v, want 3 coins", done, err)
		}
	})
}

func TestAnEncryptedWalletAsksForItsPassphrase(t *testing.T) {
	t.Parallel()
	peer := chain(t)
	p := litecoin(t, peer)
	k := key(t, 9)
	peer.Send(p.Network.PayoutAddress(k.PubKeyHash()).String(), 2)
	peer.Generate(1)
	const right = "correct horse battery"
	var asked []bool
	answers := []string{"wrong horse", "", right}
	p.Passphrase = func(_ context.Context, again bool) (string, error) {
		asked = append(asked, again)
		answer := answers[0]
		answers = answers[1:]
		return answer, nil
	}
	run(t, p, func(ctx context.Context, w *corewallet.Wallet) {
		if err := w.Call(ctx, "encryptwallet", []any{right}, nil); err != nil {
			t.Fatal(err)
		}
		done, err := w.Import(ctx, k, time.Now().Add(-time.Hour), nil)
		if err != nil || done.Received != amount(t, "2") {
			t.Fatalf("Import = %+v, %v", done, err)
		}
		if len(asked) != 3 || asked[0] || !asked[1] || !asked[2] {
			t.Errorf("it asked %v, want once anew and twice again", asked)
		}
		if encrypted, locked, err := w.Encrypted(ctx); err != nil || !encrypted || !locked {
			t.Errorf("Encrypted = %v, %v, %v, want it locked again", encrypted, locked, err)
		}
	})
	p.Passphrase = nil
	run(t, p, func(ctx context.Context, w *corewallet.Wallet) {
		if _, err := w.Import(ctx, key(t, 10), time.Now(), nil); !errors.Is(err, corewallet.ErrLocked) {
			t.Errorf("Import without a passphrase = %v, want ErrLocked", err)
		}
		if a, err := w.NewAddress(ctx); err != nil || !strings.HasPrefix(a, "rltc1") {
			t.Errorf("NewAddress = %q, %v, want one of the wallet's supply", a, err)
		}
	})
}

func TestAProgramOfAnotherCoinIsRefused(t *testing.T) {
	t.Parallel()
	needs.Program(t, litecoindPath)
	for _, other := range []*coin.Network{cointest.Network(t, "litecoin", "main"), cointest.Network(t, "dash", "regtest")} {
		p := litecoin(t, nil)
		p.Network = other
		p.Args = append(p.Args, "-regtest", "-connect=0")
		err := p.Run(t.Context(), func(context.Context, *corewallet.Wallet) error { return nil })
		if !errors.Is(err, corewallet.ErrWrongChain) {
			t.Errorf("%v: Run = %v, want ErrWrongChain", other, err)
		}
	}
}

func TestABlockedVersionIsRefused(t *testing.T) {
	t.Parallel()
	needs.Program(t, litecoindPath)
	p := litecoin(t, nil)
	p.Args = append(p.Args, "-connect=0")
	p.Blocked = func(version string) (string, bool) { return "it deletes wallets", strings.HasPrefix(version, "0.21.2") }
	err := p.Run(t.Context(), func(context.Context, *corewallet.Wallet) error { return nil })
	var blocked *corewallet.BlockedError
	if !errors.As(err, &blocked) || blocked.Reason != "it deletes wallets" {
		t.Errorf("Run = %v, want a BlockedError", err)
	}
}
