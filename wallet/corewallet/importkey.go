package corewallet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/program"
)

// label is what the wallet calls the key's addresses.
const label = "mining key"

// clockSlack is how far a block's time may lie behind the time at which it came.
const clockSlack = 2 * time.Hour

// Import gives the key to the wallet, which looks through the chain for its coins from
// birthday on, and checks that the wallet can spend what they hold. The zero birthday
// stands for the chain's beginning. Importing again does no harm, and looks again.
//
// A birthday that is too late loses no coin, but hides it: every call of the daemon
// reports success, and the balance is 0. So compare Received with what should be there,
// and Rescan from earlier. on, which may be nil, is called from another goroutine, never
// after Import has returned.
//
// Whoever has the key imported and spends a part sends the rest to another key of the
// wallet: the paper does not cover it any more.
func (w *Wallet) Import(ctx context.Context, k wallet.Key, birthday time.Time, on func(program.Scan)) (program.Imported, error) {
	from := since(birthday)
	if err := w.checkPruned(ctx, from); err != nil {
		return program.Imported{}, err
	}
	how, give := w.way()
	wif := k.WIF(w.program.Network)
	err := w.unlocked(ctx, func() error {
		return w.scanning(ctx, on, func(ctx context.Context) error { return give(ctx, wif, from) })
	})
	if err != nil {
		return program.Imported{}, fmt.Errorf("import the key: %w", err)
	}
	return w.imported(ctx, k, how)
}

// since is the time to look from, in the seconds of a block's time.
func since(birthday time.Time) int64 {
	if birthday.IsZero() {
		return 0
	}
	return max(0, birthday.Add(-clockSlack).Unix())
}

// way chooses how a key is given to this daemon.
func (w *Wallet) way() (name string, give func(ctx context.Context, wif string, from int64) error) {
	switch {
	case w.is.Descriptors && w.is.Has("importdescriptors"):
		return "importdescriptors", w.importDescriptors
	case w.is.Has("importmulti") && w.is.Has("getdescriptorinfo"):
		return "importmulti", w.importMulti
	case w.is.Has("importprivkey"):
		return "importprivkey", w.importPrivKey
	}
	return "", func(context.Context, string, int64) error {
		return fmt.Errorf("%w: it has no call that imports a key", ErrCannot)
	}
}

// importDescriptors is for wallets of Core since 0.21: a descriptor for each form of
// the key, each with the checksum of its private text.
func (w *Wallet) importDescriptors(ctx context.Context, wif string, from int64) error {
	forms := []string{"pkh(" + wif + ")"}
	if w.program.Network.Segwit() {
		forms = append(forms, "wpkh("+wif+")", "sh(wpkh("+wif+"))")
	}
	var requests []any
	for _, form := range forms {
		text, err := w.withChecksum(ctx, form, wif)
		if err != nil {
			return err
		}
		requests = append(requests, map[string]any{"desc": text, "timestamp": from, "label": label})
	}
	_, err := w.importAll(ctx, "importdescriptors", []any{requests}, wif)
	return err
}

// importMulti is for wallets with keys. One that has the key already refuses it without
// a look at the chain, so that follows.
func (w *Wallet) importMulti(ctx context.Context, wif string, from int64) error {
	text, err := w.withChecksum(ctx, "combo("+wif+")", wif)
	if err != nil {
		return err
	}
	requests := []any{map[string]any{"desc": text, "timestamp": from, "label": label}}
	known, err := w.importAll(ctx, "importmulti", []any{requests, map[string]any{"rescan": true}}, wif)
	if err != nil || !known {
		return err
	}
	return w.rescanFrom(ctx, from)
}

// importPrivKey always looks through the whole chain.
func (w *Wallet) importPrivKey(ctx context.Context, wif string, _ int64) error {
	err := w.secret(ctx, "importprivkey", []any{wif, label, true}, wif, nil)
	return refused(err)
}

// withChecksum asks the daemon for the checksum of a descriptor with a private key. The
// one that stands in its "descriptor" belongs to the public form and fits nothing here.
func (w *Wallet) withChecksum(ctx context.Context, descriptor, wif string) (string, error) {
	var info struct {
		Checksum string `json:"checksum"`
	}
	if err := w.secret(ctx, "getdescriptorinfo", []any{descriptor}, wif, &info); err != nil {
		return "", refused(err)
	}
	if info.Checksum == "" {
		return "", fmt.Errorf("%w: it makes no checksums of descriptors", ErrCannot)
	}
	return descriptor + "#" + info.Checksum, nil
}

// importAll makes a call that imports several things and looks at what became of each:
// the call succeeds even where they all fail. known is that the wallet had them already.
func (w *Wallet) importAll(ctx context.Context, method string, params []any, wif string) (known bool, err error) {
	var outcomes []struct {
		Success bool              `json:"success"`
		Error   *program.RPCError `json:"error"`
	}
	if err := w.secret(ctx, method, params, wif, &outcomes); err != nil {
		return false, refused(err)
	}
	if len(outcomes) == 0 {
		return false, fmt.Errorf("%s: %w: it says nothing of what became of the key", method, program.ErrNonsense)
	}
	for _, o := range outcomes {
		switch {
		case o.Success:
		case o.Error == nil:
			return false, fmt.Errorf("%s: %w: it does not say why it failed", method, program.ErrNonsense)
		default:
			o.Error.Message = program.Redact(o.Error.Message, wif)
			if o.Error.Code == codeWallet && words(o.Error, "already") {
				known = true
				continue
			}
			return false, fmt.Errorf("%s: %w", method, refused(o.Error))
		}
	}
	return known, nil
}

// secret is for calls of the wallet with the key in them, which take as long as the
// look through the chain.
func (w *Wallet) secret(ctx context.Context, method string, params []any, wif string, result any) error {
	return w.rpc.Do(ctx, program.Call{Path: w.path, Method: method, Params: params, Long: true, Secrets: []string{wif}}, result)
}

// refused gives the daemon's refusals their names.
func refused(err error) error {
	switch code := program.Code(err); {
	case code == codeInvalid:
		return fmt.Errorf("%w: is it of another coin? %w", ErrRefused, err)
	case (code == codeMisc || code == codeWallet) && words(err, "prun"):
		return fmt.Errorf("%w: %w", ErrPruned, err)
	case code == codeWallet && words(err, "private keys disabled"):
		return fmt.Errorf("%w: %w", ErrCannot, err)
	case code == codeUnlockNeeded:
		return fmt.Errorf("%w: %w", ErrLocked, err)
	}
	return err
}

// imported checks that the wallet has the key, whatever its calls said.
func (w *Wallet) imported(ctx context.Context, k wallet.Key, how string) (program.Imported, error) {
	done := program.Imported{How: how}
	for _, a := range w.program.Network.Addresses(k.PubKeyHash()) {
		mine, err := w.mine(ctx, a.String())
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
	received, err := w.received(ctx, done.Addresses)
	done.Received = received
	return done, err
}

// received adds up what the addresses got, or at least what they have: the daemon leaves
// the rewards of blocks out of the one, and what was spent out of the other.
func (w *Wallet) received(ctx context.Context, addresses []string) (coin.Amount, error) {
	var got, have coin.Amount
	for _, a := range addresses {
		one, err := w.receivedBy(ctx, a)
		if err != nil {
			return 0, err
		}
		got += one
	}
	var unspent []unspent
	if err := w.wallet(ctx, "listunspent", []any{0, 9999999, addresses}, &unspent); err != nil {
		return 0, err
	}
	for _, u := range unspent {
		one, err := w.amount(u.Amount)
		if err != nil {
			return 0, err
		}
		have += one
	}
	return max(got, have), nil
}

// checkPruned says ahead that blocks are gone, which the daemon says after hours.
func (w *Wallet) checkPruned(ctx context.Context, from int64) error {
	if !w.is.Pruned {
		return nil
	}
	var chain blockchainInfo
	if err := w.node(ctx, "getblockchaininfo", nil, &chain); err != nil {
		return err
	}
	if chain.PruneHeight == 0 {
		return nil
	}
	first, err := w.timeAt(ctx, chain.PruneHeight)
	if err == nil && first > from {
		err = ErrPruned
	}
	return err
}

// A rescan that was cut off has to be asked for again; see scanning.
var errAborted = errors.New("the look through the chain was broken off")
