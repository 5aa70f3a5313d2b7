package spend_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/spend"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
	"github.com/adit-mining/adit/wallet/corewallet"
)

const litecoindPath = "/usr/lib/litecoin/litecoind"

// peerMover moves coins that another node has, as if they were the key's: what it signs
// it writes to a file, and sends that.
type peerMover struct {
	peer pooltest.RPC
	file string
}

func (m peerMover) Sweep(_ context.Context, _ wallet.Key, n *coin.Network, to string, on func(spend.Sending) error) ([]string, coin.Amount, coin.Amount, error) {
	var raw string
	var funded, signed struct {
		Hex string  `json:"hex"`
		Fee float64 `json:"fee"`
	}
	var decoded struct {
		TxID string `json:"txid"`
	}
	err := m.peer.Call(&raw, "createrawtransaction", []any{}, []any{map[string]any{to: "12.5"}})
	if err == nil {
		err = m.peer.Call(&funded, "fundrawtransaction", raw)
	}
	if err == nil {
		err = m.peer.Call(&signed, "signrawtransactionwithwallet", funded.Hex)
	}
	if err == nil {
		err = m.peer.Call(&decoded, "decoderawtransaction", signed.Hex)
	}
	if err != nil {
		return nil, 0, 0, err
	}
	amount, fee := coin.Amount(1250000000), coin.Amount(funded.Fee*1e8)
	if err := on(spend.Sending{To: to, TxIDs: []string{decoded.TxID}, Amount: amount, Fee: fee}); err != nil {
		return nil, 0, 0, err
	}
	if err := os.WriteFile(m.file, []byte(signed.Hex), 0o600); err != nil {
		return nil, 0, 0, err
	}
	return []string{decoded.TxID}, amount, fee, m.send(signed.Hex)
}

func (m peerMover) send(raw string) error {
	err := m.peer.Call(nil, "sendrawtransaction", raw)
	var answer *pooltest.RPCError
	if errors.As(err, &answer) && answer.Code == -27 { // it is in the chain
		return nil
	}
	return err
}

func (m peerMover) Resume(_ context.Context, _ [33]byte, _ *coin.Network, _ []string) error {
	raw, err := os.ReadFile(m.file)
	if errors.Is(err, fs.ErrNotExist) {
		return spend.ErrNotTaken
	}
	if err != nil {
		return err
	}
	return m.send(string(raw))
}

// real is a world with litecoind in the archive, and a peer with the chain.
func real(t testing.TB) (*world, *pooltest.Litecoind) {
	t.Helper()
	peer := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{NoPeer: true, Args: []string{"-fallbackfee=0.0002"}})
	peer.Generate(110)
	daemon, err := os.ReadFile(litecoindPath)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, map[string][]byte{"bin/litecoind": daemon})
	w.config.Args = []string{"-vbparams=mweb:-2:0", "-dbcache=8", "-connect=" + peer.PeerAddress()}
	w.config.Settle, w.config.Grace, w.config.Poll = 90*time.Second, 30*time.Second, 50*time.Millisecond
	w.config.Mover = func(spend.Wallet) (spend.Mover, error) {
		return peerMover{peer.RPC, filepath.Join(w.dir, "raw")}, nil
	}
	return w, peer
}

// processes are those whose command line names the world's folder.
func (w *world) processes(t testing.TB) (found []string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		return nil
	}
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range lines {
		line, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(line), w.dir) && !strings.Contains(string(line), ".test\x00") {
			found = append(found, strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return found
}

func TestLitecoinIsMovedToItsOwnWallet(t *testing.T) {
	t.Parallel()
	w, peer := real(t)
	secrets := make(chan []string, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	asked := false
	w.config.Ask.Confirm = func(_ context.Context, s spend.Sending) (bool, error) {
		asked = s.Amount == 1250000000 && strings.HasPrefix(s.To, "rltc1")
		secrets <- w.processes(t)
		return true, nil
	}
	began := time.Now()
	if err := w.run(ctx); err != nil {
		t.Fatal(err)
	}
	t.Logf("the whole way took %v", time.Since(began).Round(time.Millisecond))
	end := w.last()
	if !asked || end.Balance.Total() != 1250000000 || end.Sync.Blocks != 110 {
		t.Errorf("the end is %+v", end)
	}
	wif := key(t, 7).WIF(w.order.Network)
	for _, line := range <-secrets {
		if strings.Contains(line, wif) || strings.Contains(line, "rpcpassword") {
			t.Errorf("a secret is in %q", line)
		}
	}
	if left := w.processes(t); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
	peer.Generate(1)
	if err := w.run(ctx); err != nil { // once more, with the chain a block further
		t.Fatal(err)
	}
	if end := w.last(); end.Balance.Total() != 2500000000 || end.Sync.Blocks != 111 || w.downloads != 1 {
		t.Errorf("the second end is %+v after %d downloads", end, w.downloads)
	}
}

func TestAKeyIsUsedInLitecoinsOwnWallet(t *testing.T) {
	t.Parallel()
	w, peer := real(t)
	w.order.Way, w.order.Expect = spend.Import, 3e8
	peer.Send(w.order.Network.PayoutAddress(key(t, 7).PubKeyHash()).String(), 3)
	peer.Generate(1)
	if err := w.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if end := w.last(); end.Balance.Spendable != 3e8 || end.Missing != 0 || end.Imported.How != "importmulti" || end.Copy != "" {
		t.Errorf("the end is %+v", end)
	}
	// The key is nowhere but in the wallet.
	wif := key(t, 7).WIF(w.order.Network)
	_ = filepath.WalkDir(w.dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() && !strings.Contains(path, "/wallets/") && !strings.HasSuffix(path, "litecoind") {
			if text, err := os.ReadFile(path); err == nil && strings.Contains(string(text), wif) {
				t.Errorf("%s has the private key", path)
			}
		}
		return nil
	})
}

// An encrypted wallet with coins of the person's is copied before it gets the key, and
// its passphrase is asked for until it is right.
func TestAWalletWithAPassphraseIsCopiedAndAskedFor(t *testing.T) {
	t.Parallel()
	const passphrase = "open sesame, please"
	w, peer := real(t)
	mover := w.config.Mover
	w.config.Mover = func(own spend.Wallet) (spend.Mover, error) {
		m, err := mover(own)
		return m, errors.Join(err, own.(*corewallet.Wallet).Call(t.Context(), "encryptwallet", []any{passphrase}, nil))
	}
	if err := w.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	peer.Send(w.order.Network.PayoutAddress(key(t, 7).PubKeyHash()).String(), 3)
	peer.Generate(1)
	w.order.Way, w.config.Mover = spend.Import, mover
	if err := w.run(t.Context()); code(err) != spend.Locked {
		t.Errorf("with nobody to ask: %v, want locked", err)
	}
	var asked []bool
	w.config.Ask.Passphrase = func(_ context.Context, again bool) (string, error) {
		asked = append(asked, again)
		if !again {
			return "guess", nil
		}
		return passphrase, nil
	}
	if err := w.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	end := w.last()
	if !slices.Equal(asked, []bool{false, true}) || end.Balance.Total() != 15.5e8 {
		t.Errorf("asked %v; the end is %+v", asked, end)
	}
	// The copy is beside the wallet, and a wallet that another daemon opens.
	if !strings.HasPrefix(end.Copy, w.config.Dir) {
		t.Fatalf("the copy is %q", end.Copy)
	}
	dat, err := os.ReadFile(end.Copy)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "wallet.dat"), dat, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := peer.RPC.Call(nil, "loadwallet", dir); err != nil {
		t.Errorf("the copy does not open: %v", err)
	}
	if err := peer.RPC.Call(nil, "unloadwallet", dir); err != nil {
		t.Errorf("the copy was not open: %v", err)
	}
	_ = filepath.WalkDir(w.dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() && !strings.HasSuffix(path, "litecoind") {
			if text, err := os.ReadFile(path); err == nil && strings.Contains(string(text), passphrase) {
				t.Errorf("%s has the passphrase", path)
			}
		}
		return nil
	})
}

func TestCancellingLeavesNoDaemon(t *testing.T) {
	t.Parallel()
	w, _ := real(t)
	for _, step := range []spend.Step{spend.Fetching, spend.Installing, spend.Starting, spend.Syncing, spend.Moving} {
		ctx, cancel := context.WithCancel(t.Context())
		err := spend.Run(ctx, w.config, w.order, func(p spend.Progress) {
			if p.Step == step {
				cancel()
			}
		})
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: Run = %v, want canceled", step, err)
		}
		if left := w.processes(t); len(left) > 0 {
			t.Errorf("%s: %v is left", step, left)
		}
	}
}

func TestAProgramThatLiesAboutItsChainStopsIt(t *testing.T) {
	t.Parallel()
	w, _ := real(t)
	w.order.Network = cointest.Network(t, "litecoin", "test")
	w.config.Args = append(w.config.Args, "-testnet=0", "-regtest=1")
	err := w.run(t.Context())
	if code(err) != spend.WrongChain {
		t.Fatalf("Run = %v, want wrong-chain", err)
	}
	clear(t, err)
	if left := w.processes(t); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

func TestAProgramThatHangsStopsIt(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("it is a shell script")
	}
	w := newWorld(t, map[string][]byte{"bin/litecoind": []byte("#!/bin/sh\ntrap '' INT TERM\nwhile :; do sleep 1; done # $@\n")})
	w.config.Patience, w.config.Grace = 500*time.Millisecond, time.Second
	err := w.run(t.Context())
	if code(err) != spend.Hangs {
		t.Fatalf("Run = %v, want hangs", err)
	}
	clear(t, err)
	if left := w.processes(t); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
	w = newWorld(t, map[string][]byte{"bin/litecoind": []byte("#!/bin/sh\necho 'Error: the disk smells of smoke' >&2\nexit 1\n")})
	err = w.run(t.Context())
	if code(err) != spend.Ended || !strings.Contains(err.Error(), "smells of smoke") {
		t.Fatalf("Run = %v, want ended, with the program's words", err)
	}
}
