// Package sweep moves everything that a mining key owns to one address, without
// the coin's own wallet: it finds the key's coins, plans what to spend and at which
// fee, signs, checks what it signed with a script engine, sends it, and finds out
// whether it arrived. The private key never leaves the process; planning does not
// even see it.
//
// Where coins are, what a fee is and whether a transaction arrived is asked of a
// Source: a daemon's RPC, a pool, an Esplora server or an Electrum server. None of
// them is believed. What a coin is worth is read from the transaction that made it,
// whose hash must be right; a fee is refused above a cap; answers are bounded in
// size and time. What a source can still do is to keep quiet about coins, or not to
// pass a transaction on, and then another source helps.
//
// A plan is a value without secrets, to be shown and confirmed. The same plan is
// always signed to the same bytes, and what was signed is written down before it is
// sent: after a crash or a lost answer the same transaction goes out again, never a
// second one (Move and Resume).
//
// Nothing here starts a goroutine that outlives the call. Errors are in words for
// the person who sweeps; ErrRefused, ErrUnknown, ErrNothing, ErrFee, ErrSigning and
// *AddressError are for callers that branch.
package sweep

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/adit-mining/adit/wallet/coin"
)

// Errors that callers tell apart.
var (
	// ErrNothing says that there is nothing to be moved now.
	ErrNothing = errors.New("there is nothing to move")
	// ErrFee says that a fee is out of all proportion.
	ErrFee = errors.New("the fee is too high")
	// ErrSigning says that this coin's transactions cannot be signed here.
	ErrSigning = errors.New("this coin's transactions cannot be signed by Adit")
	// ErrRefused says that the network does not take the transaction.
	ErrRefused = errors.New("the network refused the transaction")
	// ErrUnknown says that nobody knows whether a transaction arrived.
	ErrUnknown = errors.New("it is not known whether the transaction arrived")
	// ErrNotFound says that a source does not have a transaction.
	ErrNotFound = errors.New("transaction not found")
	// ErrSource says that a source answered nonsense.
	ErrSource = errors.New("the answer makes no sense")
)

// Output is a coin: an output of a transaction that nobody has spent yet.
type Output struct {
	TxID     string // 64 hex digits, as explorers show it
	Index    uint32 // in the transaction
	Amount   coin.Amount
	Script   []byte // scriptPubKey
	Height   int64  // of its block; 0 while it is in none
	Coinbase bool   // a block's reward, which matures
}

// Rates are fees in the coin's smallest units per 1000 virtual bytes.
type Rates struct {
	Estimate coin.Amount // for a confirmation within some blocks; 0 if the source has none
	Floor    coin.Amount // below it nobody passes a transaction on; 0 if the source does not say
}

// Status is where a transaction stands.
type Status struct {
	Known         bool
	Confirmations int64 // 0 in the mempool
}

// A Source knows the chain. Its methods may be called from several goroutines.
type Source interface {
	// Name says who it is, for errors and the confirmation: "litecoind at 127.0.0.1:9332".
	Name() string
	// Unspent returns the unspent outputs with one of these scripts, and the height
	// of the chain's tip.
	Unspent(ctx context.Context, scripts []Script) (outputs []Output, tip int64, err error)
	// FeeRate returns what a transaction has to pay.
	FeeRate(ctx context.Context) (Rates, error)
	// Transaction returns the transaction that made o, serialised, or ErrNotFound.
	Transaction(ctx context.Context, o Output) (raw []byte, err error)
	// Send gives a transaction to the network. One that the network has already is no
	// error. ErrRefused says that it was not taken; after any other error nobody knows.
	Send(ctx context.Context, raw []byte) (txid string, err error)
	// Status looks for a transaction that was sent.
	Status(ctx context.Context, s Signed) (Status, error)
}

// byOutpoint is the order of inputs: the same coins always make the same bytes.
func byOutpoint(a, b Output) int {
	if a.TxID != b.TxID {
		if a.TxID < b.TxID {
			return -1
		}
		return 1
	}
	return int(int64(a.Index) - int64(b.Index))
}

// maxOutputs is how many coins of a key are looked at. A source that tells of more is
// wrong or hostile.
const maxOutputs = 100_000

// maxMoney is far above what any coin's chain holds in one key, and low enough for
// sums not to overflow.
const maxMoney = coin.Amount(1) << 58

// check refuses what no honest source says.
func check(outputs []Output, scripts []Script, tip int64) error {
	if len(outputs) > maxOutputs {
		return fmt.Errorf("%w: %d coins of one key", ErrSource, len(outputs))
	}
	seen := make(map[outpoint]bool, len(outputs))
	for _, o := range outputs {
		known := slices.ContainsFunc(scripts, func(s Script) bool { return string(s.Bytes) == string(o.Script) })
		switch {
		case !isTxID(o.TxID):
			return fmt.Errorf("%w: a transaction id that is none", ErrSource)
		case !known:
			return fmt.Errorf("%w: a coin that is not the key's", ErrSource)
		case o.Amount < 0 || o.Amount > maxMoney:
			return fmt.Errorf("%w: a coin of an impossible amount", ErrSource)
		case o.Height < 0 || o.Height > tip:
			return fmt.Errorf("%w: a coin in block %d of a chain of %d", ErrSource, o.Height, tip)
		case seen[o.outpoint()]:
			return fmt.Errorf("%w: the same coin twice", ErrSource)
		}
		seen[o.outpoint()] = true
	}
	return nil
}

type outpoint struct {
	txid  string
	index uint32
}

func (o Output) outpoint() outpoint { return outpoint{o.TxID, o.Index} }

// isTxID reports whether s is 64 lower-case hex digits.
func isTxID(s string) bool {
	if len(s) != 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
