package corewallet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/program"
)

// A Wallet is the one that Adit made in a daemon that runs.
type Wallet struct {
	program Program
	rpc     *program.RPC
	path    string // of the calls that concern the wallet
	is      Node
	fresh   bool // made by this Run: nothing in it can be lost
}

// Node returns what the daemon said of itself.
func (w *Wallet) Node() Node { return w.is }

// Call makes a call that concerns the daemon and no wallet, for who needs another one
// than this package makes: a source of coins for a sweep.
func (w *Wallet) Call(ctx context.Context, method string, params []any, result any) error {
	return w.rpc.Do(ctx, program.Call{Path: "/", Method: method, Params: params, Long: true}, result)
}

func (w *Wallet) node(ctx context.Context, method string, params []any, result any) error {
	return w.rpc.Do(ctx, program.Call{Path: "/", Method: method, Params: list(params)}, result)
}

func (w *Wallet) wallet(ctx context.Context, method string, params []any, result any) error {
	return w.rpc.Do(ctx, program.Call{Path: w.path, Method: method, Params: list(params)}, result)
}

func list(params []any) []any { return append([]any{}, params...) }

// open opens the wallet, and makes it the first time.
func (w *Wallet) open(ctx context.Context) error {
	if !w.is.Has("createwallet") {
		return nil // an old daemon has one wallet, in a folder that we made
	}
	w.path = "/wallet/" + WalletName
	var loaded []string
	if err := w.node(ctx, "listwallets", nil, &loaded); err != nil {
		return err
	}
	if !slices.Contains(loaded, WalletName) {
		if err := w.loadOrCreate(ctx); err != nil {
			return err
		}
	}
	var info struct {
		Descriptors bool `json:"descriptors"`
	}
	if err := w.wallet(ctx, "getwalletinfo", nil, &info); err != nil {
		return err
	}
	w.is.Descriptors = info.Descriptors
	return nil
}

// loadOrCreate loads the wallet if it is there. The folder is marked as ours, so what
// is in it was made here.
func (w *Wallet) loadOrCreate(ctx context.Context) error {
	// Old wallets are a folder with wallet.dat as new ones are, so one look is enough.
	_, err := os.Stat(filepath.Join(w.program.wallets(), WalletName))
	if err == nil {
		err := w.long(ctx, "loadwallet", WalletName)
		if err == nil || program.Code(err) == codeLoaded {
			return nil
		}
		if program.Code(err) != codeWalletMissing { // a crash before the wallet was in its folder
			return err
		}
	}
	w.fresh = true
	return w.long(ctx, "createwallet", WalletName)
}

// long is for calls of the node that may take minutes.
func (w *Wallet) long(ctx context.Context, method string, params ...any) error {
	return w.rpc.Do(ctx, program.Call{Path: "/", Method: method, Params: list(params), Long: true}, nil)
}

// checkAddresses asks the daemon about an address of the coin: one that reads addresses
// in another way is of another coin, whatever it calls its chain.
func (w *Wallet) checkAddresses(ctx context.Context) error {
	n := w.program.Network
	sample := n.P2PKH(coin.PubKeyHash{1, 2, 3}).String()
	var answer struct {
		Valid bool `json:"isvalid"`
	}
	if err := w.node(ctx, "validateaddress", []any{sample}, &answer); err != nil {
		return err
	}
	if !answer.Valid {
		return fmt.Errorf("%w: it does not know addresses of %s", ErrWrongChain, n)
	}
	return nil
}

// NewAddress returns a fresh address of the wallet, which the wallet's own backup
// covers and the mining key does not.
func (w *Wallet) NewAddress(ctx context.Context) (string, error) {
	var text string
	ask := func() error { return w.wallet(ctx, "getnewaddress", []any{"from Adit"}, &text) }
	err := ask()
	if code := program.Code(err); code == codeKeypoolEmpty || code == codeUnlockNeeded {
		err = w.unlocked(ctx, func() error {
			if err := w.wallet(ctx, "keypoolrefill", nil, nil); err != nil {
				return err
			}
			return ask()
		})
	}
	if err != nil {
		return "", err
	}
	if _, err := w.program.Network.ParseAddress(text); err != nil {
		return "", fmt.Errorf("%w: its new address: %w", ErrWrongChain, err)
	}
	mine, err := w.mine(ctx, text)
	if err == nil && !mine {
		err = fmt.Errorf("%w: it does not know its own new address", program.ErrNonsense)
	}
	return text, err
}

// mine reports whether the wallet can spend what the address gets.
func (w *Wallet) mine(ctx context.Context, address string) (bool, error) {
	call := "getaddressinfo"
	if !w.is.Has(call) {
		call = "validateaddress"
	}
	var info struct {
		Mine     bool  `json:"ismine"`
		Solvable *bool `json:"solvable"` // since Core 0.17
	}
	if err := w.wallet(ctx, call, []any{address}, &info); err != nil {
		return false, err
	}
	return info.Mine && (info.Solvable == nil || *info.Solvable), nil
}

// Balance returns what the wallet has.
func (w *Wallet) Balance(ctx context.Context) (program.Balance, error) {
	if w.is.Has("getbalances") {
		var answer struct {
			Mine struct {
				Trusted, Immature json.Number
				Pending           json.Number `json:"untrusted_pending"`
			} `json:"mine"`
		}
		if err := w.wallet(ctx, "getbalances", nil, &answer); err != nil {
			return program.Balance{}, err
		}
		return w.balance(answer.Mine.Trusted, answer.Mine.Pending, answer.Mine.Immature)
	}
	var answer struct {
		Balance     json.Number `json:"balance"`
		Unconfirmed json.Number `json:"unconfirmed_balance"`
		Immature    json.Number `json:"immature_balance"`
	}
	if err := w.wallet(ctx, "getwalletinfo", nil, &answer); err != nil {
		return program.Balance{}, err
	}
	return w.balance(answer.Balance, answer.Unconfirmed, answer.Immature)
}

func (w *Wallet) balance(spendable, pending, immature json.Number) (b program.Balance, err error) {
	var faults [3]error
	b.Spendable, faults[0] = w.amount(spendable)
	b.Pending, faults[1] = w.amount(pending)
	b.Immature, faults[2] = w.amount(immature)
	return b, errors.Join(faults[:]...)
}

// amount reads an amount in the coin's unit.
func (w *Wallet) amount(text json.Number) (coin.Amount, error) {
	if text == "" {
		return 0, nil
	}
	a, err := w.program.Network.Coin.ParseAmount(string(text))
	if err != nil {
		return 0, fmt.Errorf("%w: the amount %q", program.ErrNonsense, shown(string(text)))
	}
	return a, nil
}

// Backup has the daemon write a copy of the wallet into its folder and returns the path.
// A passphrase of the wallet's locks the copy, too. A wallet that this Run has made has
// nothing to lose yet: then the path is "".
func (w *Wallet) Backup(ctx context.Context) (path string, err error) {
	if w.fresh {
		return "", nil
	}
	path = filepath.Join(w.program.Dir, "copy-"+time.Now().UTC().Format("20060102-150405.000")+".dat")
	err = w.rpc.Do(ctx, program.Call{Path: w.path, Method: "backupwallet", Params: []any{path}, Long: true}, nil)
	if err != nil {
		return "", fmt.Errorf("copy the wallet: %w", err)
	}
	// Some daemons report success whatever the disk said.
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return "", errors.Join(fmt.Errorf("copy the wallet: %w: there is no copy", program.ErrNonsense), err)
	}
	return path, nil
}

// Relayed reports whether another node has asked for a transaction that was given to the
// daemon. One that has left the daemon's memory is in a block, or gone: there is nothing
// to wait for. Daemons before Core 0.21 do not tell, and are believed.
func (w *Wallet) Relayed(ctx context.Context, txid string) (bool, error) {
	var entry struct {
		Unbroadcast bool `json:"unbroadcast"`
	}
	err := w.node(ctx, "getmempoolentry", []any{txid}, &entry)
	if program.Code(err) == codeInvalid {
		return true, nil
	}
	return err == nil && !entry.Unbroadcast, err
}

// Encrypted reports whether the wallet has a passphrase, and whether it is locked now.
func (w *Wallet) Encrypted(ctx context.Context) (encrypted, locked bool, err error) {
	var info struct {
		Until *int64 `json:"unlocked_until"`
	}
	if err := w.wallet(ctx, "getwalletinfo", nil, &info); err != nil {
		return false, false, err
	}
	return info.Until != nil, info.Until != nil && *info.Until == 0, nil
}

// unlockTime is how long the wallet stays open for work that may be long; it is locked
// again when that is done, and when the daemon ends.
const unlockTime = 24 * 60 * 60 // seconds

// unlocked does something with the wallet open, asking for its passphrase until it is
// right, and locks it again.
func (w *Wallet) unlocked(ctx context.Context, do func() error) error {
	_, locked, err := w.Encrypted(ctx)
	if err != nil {
		return err
	}
	if !locked {
		return do()
	}
	for again := false; ; again = true {
		if w.program.Passphrase == nil {
			return ErrLocked
		}
		passphrase, err := w.program.Passphrase(ctx, again)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrLocked, err)
		}
		err = w.rpc.Do(ctx, program.Call{
			Path: w.path, Method: "walletpassphrase",
			Params: []any{passphrase, unlockTime}, Secrets: []string{passphrase},
		}, nil)
		if code := program.Code(err); code == codeWrongPass || passphrase == "" && err != nil && code != 0 {
			continue
		}
		if err != nil {
			return err
		}
		break
	}
	err = do()
	locking := context.WithoutCancel(ctx)
	return errors.Join(err, w.wallet(locking, "walletlock", nil, nil))
}

// words reports whether an error of the daemon has a word: what its codes do not tell.
func words(err error, word string) bool {
	var answer *program.RPCError
	return errors.As(err, &answer) && strings.Contains(strings.ToLower(answer.Message), word)
}

// Owns reports whether the wallet can spend what the address gets.
func (w *Wallet) Owns(ctx context.Context, address string) (bool, error) { return w.mine(ctx, address) }
