package node

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/adit-mining/adit/wallet/coin"
)

// lock keeps the wallet from using coins for something else.
func (c *Client) lock(ctx context.Context, coins []walletCoin) error {
	return c.walletCall(ctx, "lockunspent", []any{false, outpoints(coins)}, nil)
}

// giveBack unlocks coins for which nothing was signed that anybody has seen. The
// caller's context may be what ended: it takes time of its own.
func (c *Client) giveBack(ctx context.Context, coins []walletCoin) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.config.Timeout)
	defer cancel()
	ours := make(map[outpoint]bool, len(coins))
	for _, w := range coins {
		ours[w.at] = true
	}
	return c.unlock(ctx, func(o outpoint) bool { return ours[o] })
}

func outpoints(coins []walletCoin) []outpoint {
	all := make([]outpoint, len(coins))
	for i, w := range coins {
		all[i] = w.at
	}
	return all
}

// signPlan builds and signs what is planned. If that weighs more than was expected,
// which spending an unusual script may, the fee is worked out again, once.
func (c *Client) signPlan(ctx context.Context, p *plan) (SignedTx, error) {
	tx, err := c.signOnce(ctx, p)
	if err != nil {
		return SignedTx{}, err
	}
	if tx.Weight > p.weight {
		if tx.Weight > p.maxWeight {
			return SignedTx{}, p.fewer(tx.Weight)
		}
		if err := p.price(tx.Weight - p.weight); err != nil {
			return SignedTx{}, err
		}
		if tx, err = c.signOnce(ctx, p); err != nil {
			return SignedTx{}, err
		}
		if tx.Weight > p.weight+len(p.inputs) { // a signature may be a byte longer this time
			return SignedTx{}, fmt.Errorf("%w: it weighs %d instead of %d", ErrBuilt, tx.Weight, p.weight)
		}
	}
	return tx, c.wouldBeTaken(ctx, tx.Raw, p)
}

// signOnce has the wallet sign the planned transaction and makes sure that this and
// nothing else is what it signed.
func (c *Client) signOnce(ctx context.Context, p *plan) (SignedTx, error) {
	pay := make([]Output, 0, len(p.payees)+1)
	for _, r := range p.payees {
		pay = append(pay, Output{r.address, r.net})
	}
	net := pay[:len(pay):len(pay)]
	if p.change > 0 {
		pay = append(pay, Output{p.back.address, p.change})
	}
	raw, err := c.create(ctx, p.inputs, pay)
	if err != nil {
		return SignedTx{}, err
	}
	var signed struct {
		Hex      string `json:"hex"`
		Complete bool   `json:"complete"`
	}
	err = c.ask(ctx, "sign", &signed,
		way{wallet: true, method: "signrawtransactionwithwallet", params: []any{raw}},
		way{wallet: true, method: "signrawtransaction", params: []any{raw}}) // before Core 0.17, and btcwallet
	if err != nil {
		return SignedTx{}, err
	}
	if !signed.Complete {
		return SignedTx{}, fmt.Errorf("%w: it cannot sign all inputs; are some keys watch-only?", ErrBuilt)
	}
	decoded, err := c.decode(ctx, signed.Hex)
	if err != nil {
		return SignedTx{}, err
	}
	if err := c.compare(p, decoded); err != nil {
		return SignedTx{}, err
	}
	return SignedTx{
		Raw: signed.Hex, TxID: decoded.TxID, Outputs: net, Fee: p.borne, Dropped: p.dropped,
		Weight: weighRaw(signed.Hex), Inputs: len(p.inputs),
	}, nil
}

// compare checks that tx is what was planned: these inputs, these outputs, and final.
func (c *Client) compare(p *plan, tx decodedTx) error {
	if len(tx.Inputs) != len(p.inputs) || tx.LockTime != 0 {
		return fmt.Errorf("%w: %d inputs instead of %d, lock time %d", ErrBuilt, len(tx.Inputs), len(p.inputs), tx.LockTime)
	}
	unspent := make(map[outpoint]bool, len(p.inputs))
	for _, w := range p.inputs {
		unspent[w.at] = true
	}
	for _, in := range tx.Inputs {
		at := outpoint{in.TxID, in.Vout}
		if !unspent[at] || in.Sequence != nil && *in.Sequence != finalSequence {
			return fmt.Errorf("%w: input %s:%d was not asked for, or is not final", ErrBuilt, in.TxID, in.Vout)
		}
		delete(unspent, at)
	}
	want := make(map[string]coin.Amount, len(p.payees)+1)
	for _, r := range p.payees {
		want[hex.EncodeToString(r.script)] = r.net
	}
	if p.change > 0 {
		want[hex.EncodeToString(p.back.script)] = p.change
	}
	if len(tx.Outputs) != len(want) {
		return fmt.Errorf("%w: %d outputs instead of %d", ErrBuilt, len(tx.Outputs), len(want))
	}
	for i, out := range tx.Outputs {
		amount, err := c.amount(out.Value)
		if err != nil {
			return err
		}
		if asked, there := want[out.Script.Hex]; !there || amount != asked {
			return fmt.Errorf("%w: output %d pays %v to %s, which was not asked for", ErrBuilt, i, amount, out.Script.Hex)
		}
		delete(want, out.Script.Hex)
	}
	return nil
}

// wouldBeTaken asks the daemon, if it has testmempoolaccept, whether it would pass the
// transaction on. What it would not is better known now than when the payment is
// written down.
func (c *Client) wouldBeTaken(ctx context.Context, raw string, p *plan) error {
	var verdicts []struct {
		Allowed bool   `json:"allowed"`
		Reason  string `json:"reject-reason"`
	}
	try := []string{raw}
	err := c.ask(ctx, "try", &verdicts,
		way{method: "testmempoolaccept", params: []any{try, 0}}, // as with sendrawtransaction
		way{method: "testmempoolaccept", params: []any{try, true}},
		way{method: "testmempoolaccept", params: []any{try}})
	switch {
	case foreign(err) || err == nil && len(verdicts) != 1:
		return nil
	case err != nil:
		return err
	case verdicts[0].Allowed:
		return nil
	case verdicts[0].Reason == "dust": // the network's limit is higher than the daemon tells
		return p.smallest()
	}
	return fmt.Errorf("%w: the daemon would not pass it on: %s", errRefused, verdicts[0].Reason)
}

// errRefused: nothing is wrong with the payment but what the reason says, which may
// pass.
var errRefused = errors.New("transaction is not taken")
