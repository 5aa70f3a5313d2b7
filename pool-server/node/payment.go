package node

import (
	"context"
	"errors"
	"fmt"

	"github.com/adit-mining/adit/wallet/coin"
)

// Output is an amount for an address.
type Output struct {
	Address string
	Amount  coin.Amount
}

// SignOptions bound what BuildAndSign may do.
type SignOptions struct {
	FeeRate       coin.Amount // per 1000 virtual bytes; 0 means the daemon's estimate
	MaxFee        coin.Amount // of the whole transaction; 0 means no limit
	ConfirmTarget int         // blocks within which it should be mined; 0 means 6
	// ChangeAddress is an address of the wallet. Empty means Config.WalletAddress, if
	// the wallet has its key, and otherwise that of the largest coin spent: never a
	// new one, which a backup of the wallet might lack.
	ChangeAddress string
	// MaxWeight bounds the transaction, in BIP 141's units, four for each byte without
	// witnesses; 0 means 390,000, a little less than daemons pass on.
	MaxWeight int
	// Dust is the least output that the coin's network passes on, where that is known
	// to be more than the daemon tells.
	Dust coin.Amount
}

// SignedTx is a transaction ready to be sent.
type SignedTx struct {
	Raw     string // hex
	TxID    string
	Outputs []Output    // net amounts, in the order asked for, one per different address
	Fee     coin.Amount // what the receivers bear: the sum asked for less the sum of Outputs
	// Dropped is change too small to be worth an output, which the network has on top
	// of Fee. The wallet loses it, and no receiver.
	Dropped coin.Amount
	Weight  int // in BIP 141's units
	Inputs  int // coins spent
}

// ErrBuilt is wrapped where the wallet built something other than was asked for.
var ErrBuilt = errors.New("wallet built an unexpected transaction")

// lockTries is how often coins are chosen anew because something else took one of
// them between listing and locking.
const lockTries = 3

// BuildAndSign makes and signs a transaction that pays outputs, whose receivers bear
// the fee in equal parts; of what cannot be divided the first ones bear a unit more.
// It never sends it. Outputs to one address are joined.
//
// The coins are chosen here and not by the wallet: confirmed ones only, what lies at
// the pool's address (rewards and change) first, and the largest first among those,
// so that few do. Coins of Litecoin's extension block are left alone. Change returns
// to the pool's address.
//
// The transaction cannot be replaced (its sequence numbers do not signal BIP 125's
// consent) and has no lock time: the same bytes can be sent at any time, and a
// payment that was announced stays what it is. A fee that turned out too low is
// waited out; the same bytes go out again meanwhile.
//
// The wallet keeps the spent coins locked so that nothing else uses them until the
// transaction is sent, Release is called, or the daemon restarts; if BuildAndSign
// fails they are released. ErrFunds, ErrTooLarge, ErrTooSmall, ErrFee and ErrAddress
// are refusals that the payer can do something about; they come as *FundsError,
// *TooLargeError and *TooSmallError, with the numbers.
//
// A crash in here leaves nothing but such locks, see ReleaseExcept.
func (c *Client) BuildAndSign(ctx context.Context, outputs []Output, o SignOptions) (SignedTx, error) {
	outputs, err := joinOutputs(outputs)
	if err != nil {
		return SignedTx{}, err
	}
	if err := c.refuseLocked(ctx); err != nil {
		return SignedTx{}, err
	}
	t, err := c.terms(ctx, o)
	if err != nil {
		return SignedTx{}, err
	}
	for range lockTries {
		p, planErr := c.plan(ctx, outputs, o.ChangeAddress, t)
		if planErr != nil {
			return SignedTx{}, planErr
		}
		if err = c.lock(ctx, p.inputs); codeOf(err) == codeInvalidParam {
			continue // one of them was just spent or locked by somebody else
		}
		if err != nil {
			return SignedTx{}, err
		}
		tx, err := c.signPlan(ctx, p)
		if err != nil {
			return SignedTx{}, errors.Join(err, c.giveBack(ctx, p.inputs))
		}
		return tx, nil
	}
	return SignedTx{}, fmt.Errorf("coins are taken while they are being chosen: %w", err)
}

func (c *Client) terms(ctx context.Context, o SignOptions) (t terms, err error) {
	target := o.ConfirmTarget
	if target <= 0 {
		target = defaultTarget
	}
	r, err := c.rates(ctx, target)
	if err != nil {
		return t, err
	}
	t = terms{maxFee: o.MaxFee, maxWeight: o.MaxWeight, dust: dustRule{r.relay, max(r.dust, o.Dust)}}
	if t.maxWeight <= 0 {
		t.maxWeight = defaultMaxWeight
	}
	t.rate, err = r.feeRate(o)
	return t, err
}

// refuseLocked returns ErrLocked if the wallet is encrypted and not open: nothing need
// be chosen, and no coin locked, before somebody opens it.
func (c *Client) refuseLocked(ctx context.Context) error {
	const method = "getwalletinfo"
	var info struct {
		UnlockedUntil *int64 `json:"unlocked_until"` // only of an encrypted wallet
	}
	err := c.walletCall(ctx, method, nil, &info)
	locked := info.UnlockedUntil != nil && *info.UnlockedUntil == 0
	if foreign(err) { // btcwallet
		err = c.walletCall(ctx, "walletislocked", nil, &locked)
	}
	switch {
	case foreign(err):
		return nil // signing will tell
	case err != nil:
		return err
	case locked:
		return &CallError{Node: c.name, Method: method, Kind: ErrLocked, Cause: errors.New("it is encrypted and not open"), Advice: adviceFor(ErrLocked)}
	}
	return nil
}

// joinOutputs adds up outputs to the same address, which daemons refuse.
func joinOutputs(outputs []Output) ([]Output, error) {
	if len(outputs) == 0 {
		return nil, errors.New("a transaction needs an output")
	}
	at := make(map[string]int, len(outputs))
	var joined []Output
	for _, o := range outputs {
		if o.Amount <= 0 {
			return nil, fmt.Errorf("output to %s: amount %v is not positive", o.Address, o.Amount)
		}
		if i, ok := at[o.Address]; ok {
			joined[i].Amount += o.Amount
			continue
		}
		at[o.Address] = len(joined)
		joined = append(joined, o)
	}
	return joined, nil
}
