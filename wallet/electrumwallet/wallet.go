package electrumwallet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/program"
)

// A Wallet is the one that a program which runs works on.
type Wallet struct {
	program Program
	rpc     *program.RPC
	version string
}

// Version is the program's own.
func (w *Wallet) Version() string { return w.version }

// names are the parameters of a call.
type names map[string]any

func (w *Wallet) call(ctx context.Context, method string, params names, result any, secrets ...string) error {
	if params == nil {
		params = names{}
	}
	return w.rpc.Do(ctx, program.Call{Path: "/", Method: method, Params: params, Secrets: secrets}, result)
}

// on adds which wallet a call concerns.
func (w *Wallet) on(params names) names {
	if params == nil {
		params = names{}
	}
	params["wallet"] = w.program.path()
	return params
}

// connect waits until the program answers, asks what it is, and opens the wallet.
func (w *Wallet) connect(ctx context.Context) error {
	began := time.Now()
	for {
		err := w.call(ctx, "version", nil, &w.version)
		if err == nil {
			break
		}
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case !errors.Is(err, program.ErrUnreachable):
			return err
		case time.Since(began) > w.program.Patience:
			return fmt.Errorf("%w: no answer within %v of its start", ErrHangs, w.program.Patience)
		}
		if err := program.Pause(ctx, min(w.program.Poll, 500*time.Millisecond)); err != nil {
			return err
		}
	}
	if w.program.Blocked != nil {
		if reason, blocked := w.program.Blocked(w.version); blocked {
			return fmt.Errorf("%w: %s: %s", ErrBlocked, w.version, reason)
		}
	}
	if err := w.checkAddresses(ctx); err != nil {
		return err
	}
	return w.open(ctx)
}

// checkAddresses asks the program about addresses of the coin: one that does not know
// them is of another coin or network.
func (w *Wallet) checkAddresses(ctx context.Context) error {
	n := w.program.Network
	for _, a := range n.Addresses(coin.PubKeyHash{1, 2, 3}) {
		var valid bool
		if err := w.call(ctx, "validateaddress", names{"address": a.String()}, &valid); err != nil {
			return err
		}
		if !valid {
			return fmt.Errorf("%w: it does not know addresses of %s", ErrWrongChain, n)
		}
	}
	return nil
}

// open opens the wallet's file, and makes the one with words the first time. The words
// are the program's to show, in its window; here they are dropped.
func (w *Wallet) open(ctx context.Context) error {
	_, err := os.Stat(w.program.path())
	switch {
	case err == nil:
		return w.load(ctx)
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("look for the wallet: %w", err)
	case w.program.Imported:
		return nil // Import makes it
	}
	if err := w.call(ctx, "create", names{"wallet_path": w.program.path(), "encrypt_file": false}, nil); err != nil {
		return err
	}
	return w.load(ctx)
}

// load opens the wallet's file, asking for its password until it is right.
func (w *Wallet) load(ctx context.Context) error {
	password, err := "", error(nil)
	for again := false; ; again = true {
		params := names{"wallet_path": w.program.path()}
		if password != "" {
			params["password"] = password
		}
		var opened bool
		err = w.call(ctx, "load_wallet", params, &opened, password)
		var answer *program.RPCError
		if err == nil && opened {
			return nil
		}
		// Without a password it says false of a locked file, and with a wrong one it fails.
		if err != nil && (!errors.As(err, &answer) || password == "") {
			return err
		}
		if w.program.Passphrase == nil {
			return ErrLocked
		}
		if password, err = w.program.Passphrase(ctx, again); err != nil {
			return fmt.Errorf("%w: %w", ErrLocked, err)
		}
	}
}

// Sync waits until the program knows what its server knows; on may be nil. Without a
// server it waits for one.
func (w *Wallet) Sync(ctx context.Context, on func(program.Sync)) error {
	var last program.Sync
	told := false
	answered := time.Now()
	for !w.program.Offline {
		now, err := w.synced(ctx)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err == nil:
			answered = time.Now()
			if on != nil && (now != last || !told) {
				told = true
				on(now)
			}
			if last = now; now.Synced {
				return nil
			}
		case !errors.Is(err, program.ErrUnreachable):
			return err
		case time.Since(answered) > w.program.Patience:
			return fmt.Errorf("%w: no answer for %v", ErrHangs, w.program.Patience)
		}
		if err := program.Pause(ctx, w.program.Poll); err != nil {
			return err
		}
	}
	return nil
}

func (w *Wallet) synced(ctx context.Context) (program.Sync, error) {
	var info struct {
		Network   string `json:"network"`
		Connected bool   `json:"connected"`
		Height    int64  `json:"blockchain_height"`
		Server    int64  `json:"server_height"`
		Nodes     int    `json:"spv_nodes"`
	}
	if err := w.call(ctx, "getinfo", nil, &info); err != nil {
		return program.Sync{}, err
	}
	s := program.Sync{Blocks: max(info.Height, 0), Headers: max(info.Server, info.Height, 0)}
	if info.Connected {
		s.Peers = max(1, info.Nodes)
	}
	if s.Headers > 0 {
		s.Fraction = min(float64(s.Blocks)/float64(s.Headers), 0.999)
	}
	if !info.Connected || s.Headers == 0 || s.Blocks < s.Headers {
		return s, nil
	}
	loaded, err := w.loaded(ctx)
	if err != nil {
		return s, err
	}
	s.Synced = true
	if loaded {
		err = w.call(ctx, "is_synchronized", w.on(nil), &s.Synced)
	}
	if s.Synced {
		s.Fraction = 1
	}
	return s, err
}

func (w *Wallet) loaded(ctx context.Context) (bool, error) {
	if _, err := os.Stat(w.program.path()); err != nil {
		return false, nil
	}
	return true, nil
}

// NewAddress returns an unused address of the wallet with words.
func (w *Wallet) NewAddress(ctx context.Context) (string, error) {
	if w.program.Imported {
		return "", fmt.Errorf("%w: a wallet of an imported key has no other addresses", ErrCannot)
	}
	var text *string
	if err := w.call(ctx, "getunusedaddress", w.on(nil), &text); err != nil {
		return "", err
	}
	if text == nil {
		if err := w.call(ctx, "createnewaddress", w.on(nil), &text); err != nil {
			return "", err
		}
	}
	if text == nil {
		return "", fmt.Errorf("%w: no address", program.ErrNonsense)
	}
	if _, err := w.program.Network.ParseAddress(*text); err != nil {
		return "", fmt.Errorf("%w: its new address: %w", ErrWrongChain, err)
	}
	return *text, nil
}

// Owns reports whether the wallet can spend what the address gets.
func (w *Wallet) Owns(ctx context.Context, address string) (mine bool, err error) {
	return mine, w.call(ctx, "ismine", w.on(names{"address": address}), &mine)
}

// Import makes the wallet of the key, with every form that the key's addresses take, or
// adds the key to it. Importing again does no harm. Servers know the whole chain, so
// birthday is of no use here; on, which may be nil, is never called.
func (w *Wallet) Import(ctx context.Context, k wallet.Key, _ time.Time, _ func(program.Scan)) (program.Imported, error) {
	if !w.program.Imported {
		return program.Imported{}, fmt.Errorf("%w: a wallet with words takes no key", ErrCannot)
	}
	if err := w.give(ctx, k); err != nil {
		return program.Imported{}, fmt.Errorf("import the key: %w", err)
	}
	if err := w.Sync(ctx, nil); err != nil {
		return program.Imported{}, err
	}
	done := program.Imported{How: "restore"}
	for _, a := range w.program.Network.Addresses(k.PubKeyHash()) {
		mine, err := w.Owns(ctx, a.String())
		if err != nil {
			return program.Imported{}, err
		}
		if mine {
			done.Addresses = append(done.Addresses, a.String())
		}
	}
	if len(done.Addresses) == 0 {
		return program.Imported{}, fmt.Errorf("%w: it took it, and does not know its addresses", ErrRefused)
	}
	b, err := w.Balance(ctx)
	done.Received = b.Total()
	return done, err
}

// Rescan counts again: servers leave nothing out.
func (w *Wallet) Rescan(ctx context.Context, k wallet.Key, from time.Time, on func(program.Scan)) (program.Imported, error) {
	return w.Import(ctx, k, from, on)
}

// forms are the key as the program reads it. A bare WIF would be its old addresses alone.
func (w *Wallet) forms(k wallet.Key) []string {
	wif := k.WIF(w.program.Network)
	if !w.program.Network.Segwit() {
		return []string{"p2pkh:" + wif}
	}
	return []string{"p2wpkh:" + wif, "p2pkh:" + wif, "p2wpkh-p2sh:" + wif}
}

// give makes the wallet of the key, or adds it.
func (w *Wallet) give(ctx context.Context, k wallet.Key) error {
	forms, wif := w.forms(k), k.WIF(w.program.Network)
	exists, err := w.loaded(ctx)
	if err != nil {
		return err
	}
	if !exists {
		params := names{"text": strings.Join(forms, " "), "wallet_path": w.program.path(), "encrypt_file": false}
		if err := w.call(ctx, "restore", params, nil, wif); err != nil {
			var answer *program.RPCError
			if errors.As(err, &answer) {
				return fmt.Errorf("%w: %w", ErrRefused, err)
			}
			return err
		}
		return w.load(ctx)
	}
	for i, a := range w.addresses(k) {
		mine, err := w.Owns(ctx, a)
		if err != nil || mine {
			if err != nil {
				return err
			}
			continue
		}
		if err := w.add(ctx, forms[i], wif); err != nil {
			return err
		}
	}
	return nil
}

// addresses are those of the forms.
func (w *Wallet) addresses(k wallet.Key) []string {
	n, h := w.program.Network, k.PubKeyHash()
	if !n.Segwit() {
		return []string{n.P2PKH(h).String()}
	}
	return []string{n.P2WPKH(h).String(), n.P2PKH(h).String(), n.P2SHP2WPKH(h).String()}
}

// add adds a key to a wallet that has one. The program reports its failures as success.
func (w *Wallet) add(ctx context.Context, form, wif string) error {
	params, secrets := names{"privkey": form}, []string{wif}
	for again := false; ; again = true {
		var said string
		if err := w.call(ctx, "importprivkey", w.on(params), &said, secrets...); err != nil {
			return err
		}
		locked := strings.Contains(strings.ToLower(said), "password")
		switch {
		case strings.HasPrefix(said, "Keypair imported"):
			return nil
		case !locked:
			return fmt.Errorf("%w: %s", ErrRefused, program.Redact(said, secrets...))
		case w.program.Passphrase == nil:
			return ErrLocked
		}
		password, err := w.program.Passphrase(ctx, again)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrLocked, err)
		}
		params["password"], secrets = password, []string{wif, password}
	}
}

// Balance returns what the wallet has.
func (w *Wallet) Balance(ctx context.Context) (b program.Balance, err error) {
	var answer struct {
		Confirmed   json.Number `json:"confirmed"`
		Unconfirmed json.Number `json:"unconfirmed"`
		Unmatured   json.Number `json:"unmatured"`
	}
	if err := w.call(ctx, "getbalance", w.on(nil), &answer); err != nil {
		return b, err
	}
	for _, part := range []struct {
		text json.Number
		into *coin.Amount
	}{{answer.Confirmed, &b.Spendable}, {answer.Unconfirmed, &b.Pending}, {answer.Unmatured, &b.Immature}} {
		if part.text == "" {
			continue
		}
		// Python's Decimal has exponents only below 10^-6, as in 1E-8.
		if *part.into, err = amount(w.program.Network.Coin, string(part.text)); err != nil {
			return b, err
		}
	}
	return b, nil
}
