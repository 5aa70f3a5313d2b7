package payouts_test

import (
	"context"
	"fmt"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/wallet/coin"
)

// fakeChain is the coin's daemons as the Keeper sees them.
type fakeChain struct{ w *world }

func (c fakeChain) BlockStatus(_ context.Context, hash pow.Hash) (s node.BlockStatus, err error) {
	err = c.w.step("block status", func() error {
		c.w.mu.Lock()
		defer c.w.mu.Unlock()
		b := c.w.blocks[hash]
		s = node.BlockStatus{Known: b.known, Confirmations: -1, Height: b.height}
		if b.known && b.main {
			s.Confirmations = c.w.tip - b.height + 1
		}
		return nil
	})
	return s, err
}

func (c fakeChain) SubmitBlock(_ context.Context, raw []byte, hash pow.Hash) (v node.Verdict, err error) {
	err = c.w.step("submit block", func() error {
		c.w.mu.Lock()
		defer c.w.mu.Unlock()
		b := c.w.blocks[hash]
		if string(raw) != hash.String() {
			return fmt.Errorf("these are not the block's bytes: %q", raw)
		}
		if b.bad {
			v = node.Verdict{PerNode: []node.NodeVerdict{{Node: "daemon", Reason: "bad-txnmrklroot"}}}
			return nil
		}
		b.known, b.main = true, true
		c.w.tip = max(c.w.tip, b.height)
		v = node.Verdict{Accepted: true}
		return nil
	})
	return v, err
}

func (c fakeChain) BlockReward(_ context.Context, hash pow.Hash, _ []byte) (reward coin.Amount, err error) {
	err = c.w.step("block reward", func() error {
		c.w.mu.Lock()
		defer c.w.mu.Unlock()
		reward = c.w.blocks[hash].reward
		if reward == 0 {
			reward = blockReward
		}
		return nil
	})
	return reward, err
}

// fakeWallet signs each payment with other coins, so that two transactions for
// the same debt would both be mined.
type fakeWallet struct{ w *world }

func (f fakeWallet) ValidateAddress(_ context.Context, address string) (info node.AddressInfo, err error) {
	err = f.w.step("validate address", func() error {
		info = node.AddressInfo{Valid: address != "addr-typo", MWEB: address == "addr-mweb"}
		return nil
	})
	return info, err
}

func (f fakeWallet) BuildAndSign(_ context.Context, outputs []node.Output, o node.SignOptions) (signed node.SignedTx, err error) {
	err = f.w.step("sign", func() error {
		f.w.mu.Lock()
		defer f.w.mu.Unlock()
		tx := &walletTx{coin: -1, txid: fmt.Sprintf("tx%d", len(f.w.txs)+1)}
		for c := range walletCoins + len(f.w.spent) {
			if f.w.spent[c] == "" && !f.w.locked[c] {
				tx.coin = c
				break
			}
		}
		if tx.coin < 0 {
			return node.ErrFunds
		}
		at := map[string]int{}
		for _, out := range outputs {
			i, ok := at[out.Address]
			if !ok {
				i = len(tx.outputs)
				at[out.Address] = i
				tx.outputs = append(tx.outputs, node.Output{Address: out.Address, Amount: -networkFee})
			}
			tx.outputs[i].Amount += out.Amount
		}
		for _, out := range tx.outputs {
			if out.Amount < f.w.least {
				return fmt.Errorf("%w: %v", node.ErrTooSmall, out.Amount)
			}
		}
		if f.w.mostOutputs > 0 && len(tx.outputs) > f.w.mostOutputs {
			return &node.TooLargeError{Receivers: f.w.mostOutputs, Amount: total(outputs[:f.w.mostOutputs])}
		}
		if f.w.silentAbove > 0 && len(tx.outputs) > f.w.silentAbove {
			return node.ErrTooLarge
		}
		if can := f.w.most; can > 0 && total(outputs) > can {
			return tooLarge(outputs, can)
		}
		fee := networkFee * coin.Amount(len(tx.outputs))
		if fee > o.MaxFee {
			return fmt.Errorf("%w: fee %v is above the limit of %v", node.ErrBuilt, fee, o.MaxFee)
		}
		f.w.locked[tx.coin] = true
		tx.raw = fmt.Sprintf("%s spends %d for %v", tx.txid, tx.coin, tx.outputs)
		f.w.txs[tx.raw] = tx
		signed = node.SignedTx{Raw: tx.raw, TxID: tx.txid, Outputs: tx.outputs, Fee: fee}
		return nil
	})
	return signed, err
}

// tooLarge says how many of the outputs, from the first on, come to no more than can.
func tooLarge(outputs []node.Output, can coin.Amount) *node.TooLargeError {
	e := &node.TooLargeError{}
	for e.Receivers < len(outputs) && e.Amount+outputs[e.Receivers].Amount <= can {
		e.Amount += outputs[e.Receivers].Amount
		e.Receivers++
	}
	if e.Receivers == 0 {
		e.Amount = can
	}
	return e
}

func total(outputs []node.Output) (sum coin.Amount) {
	for _, o := range outputs {
		sum += o.Amount
	}
	return sum
}

func (f fakeWallet) FeeRates(context.Context) (estimate, relay coin.Amount, err error) {
	err = f.w.step("fee rates", func() error { return nil })
	return 1000, 100, err
}

func (f fakeWallet) BestBlock(context.Context) (hash pow.Hash, err error) {
	err = f.w.step("best block", func() (err error) {
		f.w.mu.Lock()
		defer f.w.mu.Unlock()
		hash, err = pow.ParseHash(fmt.Sprintf("%064x", f.w.tip))
		return err
	})
	return hash, err
}

func (f fakeWallet) ChainInfo(context.Context) (info node.ChainInfo, err error) {
	err = f.w.step("chain info", func() error {
		f.w.mu.Lock()
		defer f.w.mu.Unlock()
		info = node.ChainInfo{Blocks: f.w.tip, Headers: f.w.tip}
		return nil
	})
	return info, err
}

// Sends lists what was ever sent, as a wallet does, whatever became of it.
func (f fakeWallet) Sends(_ context.Context, since string) (all []node.Send, err error) {
	err = f.w.step("sends", func() error {
		f.w.mu.Lock()
		defer f.w.mu.Unlock()
		var height int64
		if since != "" {
			fmt.Sscanf(since, "%x", &height)
		}
		for _, tx := range f.w.txs {
			if tx.sent.IsZero() || tx.mined > 0 && tx.mined <= height {
				continue
			}
			s := node.Send{TxID: tx.txid, Time: tx.sent, Outputs: tx.outputs, Fee: networkFee * coin.Amount(len(tx.outputs))}
			switch {
			case tx.mined > 0:
				s.Confirmations = f.w.tip - tx.mined + 1
			case tx.mined < 0:
				s.Confirmations = tx.mined
			}
			all = append(all, s)
		}
		return nil
	})
	return all, err
}

func (f fakeWallet) Holdings(context.Context) (h node.Holdings, err error) {
	err = f.w.step("holdings", func() error {
		h = f.w.holdings
		return nil
	})
	return h, err
}

func (f fakeWallet) InputsGone(_ context.Context, raw string) (gone bool, err error) {
	err = f.w.step("inputs gone", func() error {
		f.w.mu.Lock()
		defer f.w.mu.Unlock()
		by := f.w.spent[f.w.txs[raw].coin]
		gone = by != "" && by != raw
		return nil
	})
	return gone, err
}

func (f fakeWallet) Broadcast(_ context.Context, raw string) error {
	return f.w.step("broadcast", func() error {
		f.w.mu.Lock()
		defer f.w.mu.Unlock()
		tx := f.w.txs[raw]
		switch {
		case tx == nil:
			return fmt.Errorf("nobody ever signed %q", raw)
		case tx.pooled || tx.mined > 0:
			return node.ErrKnown
		case f.w.spent[tx.coin] != "" && f.w.spent[tx.coin] != raw:
			return fmt.Errorf("%w: bad-txns-inputs-missingorspent", node.ErrConflict)
		}
		tx.pooled = true
		if tx.sent.IsZero() {
			tx.sent = time.Now()
		}
		f.w.spent[tx.coin] = raw
		return nil
	})
}

func (f fakeWallet) TxStatus(_ context.Context, txid string) (s node.TxStatus, err error) {
	err = f.w.step("tx status", func() error {
		f.w.mu.Lock()
		defer f.w.mu.Unlock()
		for _, tx := range f.w.txs {
			if tx.txid != txid {
				continue
			}
			s.Known = tx.pooled || tx.mined != 0
			switch {
			case tx.mined > 0:
				s.Confirmations = f.w.tip - tx.mined + 1
			case tx.mined < 0: // a conflicting one was
				s.Confirmations = tx.mined
			}
		}
		return nil
	})
	return s, err
}

func (f fakeWallet) ReleaseExcept(_ context.Context, keep []string) error {
	return f.w.step("release", func() error {
		f.w.mu.Lock()
		defer f.w.mu.Unlock()
		clear(f.w.locked)
		for _, raw := range keep {
			f.w.locked[f.w.txs[raw].coin] = true
		}
		return nil
	})
}

func (f fakeWallet) Lock(context.Context) error { return f.w.step("lock", func() error { return nil }) }

func (f fakeWallet) Unlock(_ context.Context, passphrase node.Secret, _ int) error {
	return f.w.step("unlock", func() error {
		f.w.mu.Lock()
		defer f.w.mu.Unlock()
		if passphrase != "open sesame" {
			return fmt.Errorf("wrong passphrase")
		}
		f.w.unlocked++
		delete(f.w.refuse, "sign")
		return nil
	})
}

// faultyBook is a real ledger whose writes are steps of the world.
type faultyBook struct {
	*ledger.Ledger
	w *world
}

func (b faultyBook) SetBlockAccepted(ctx context.Context, id int64, a ledger.Acceptance) error {
	return b.w.step("book accepted", func() error { return b.Ledger.SetBlockAccepted(ctx, id, a) })
}

func (b faultyBook) SetBlockConfirmations(ctx context.Context, confirmations map[int64]int64) error {
	return b.w.step("book confirmations", func() error { return b.Ledger.SetBlockConfirmations(ctx, confirmations) })
}

func (b faultyBook) MatureBlock(ctx context.Context, id int64) error {
	return b.w.step("book matured", func() error { return b.Ledger.MatureBlock(ctx, id) })
}

func (b faultyBook) OrphanBlock(ctx context.Context, id int64, reason string) error {
	return b.w.step("book orphaned", func() error { return b.Ledger.OrphanBlock(ctx, id, reason) })
}

func (b faultyBook) RestoreBlock(ctx context.Context, id int64) error {
	return b.w.step("book restored", func() error { return b.Ledger.RestoreBlock(ctx, id) })
}

func (b faultyBook) SettleBlock(ctx context.Context, id int64) error {
	return b.w.step("book settled", func() error { return b.Ledger.SettleBlock(ctx, id) })
}

func (b faultyBook) BeginPayout(ctx context.Context, pool string, outputs []ledger.PayoutOutput) (p ledger.Payout, err error) {
	err = b.w.step("book intent", func() error {
		p, err = b.Ledger.BeginPayout(ctx, pool, outputs)
		return err
	})
	return p, err
}

func (b faultyBook) NoteUnpayable(ctx context.Context, pool string, reasons map[string]string) error {
	if len(reasons) == 0 {
		return nil
	}
	return b.w.step("book unpayable", func() error { return b.Ledger.NoteUnpayable(ctx, pool, reasons) })
}

func (b faultyBook) SetMark(ctx context.Context, pool, name string, m ledger.Mark) error {
	return b.w.step("book mark", func() error { return b.Ledger.SetMark(ctx, pool, name, m) })
}

func (b faultyBook) NoteSend(ctx context.Context, pool string, s ledger.OtherSend) error {
	return b.w.step("book other send", func() error { return b.Ledger.NoteSend(ctx, pool, s) })
}

func (b faultyBook) SetSigned(ctx context.Context, id int64, raw, txid string, nets map[string]coin.Amount, fee coin.Amount) error {
	return b.w.step("book signed", func() error { return b.Ledger.SetSigned(ctx, id, raw, txid, nets, fee) })
}

func (b faultyBook) SetSent(ctx context.Context, id int64) error {
	return b.w.step("book sent", func() error { return b.Ledger.SetSent(ctx, id) })
}

func (b faultyBook) SetConfirmed(ctx context.Context, id int64) error {
	return b.w.step("book confirmed", func() error { return b.Ledger.SetConfirmed(ctx, id) })
}

func (b faultyBook) CancelUnsigned(ctx context.Context, id int64, reason string) error {
	return b.w.step("book cancelled", func() error { return b.Ledger.CancelUnsigned(ctx, id, reason) })
}

func (b faultyBook) Halt(ctx context.Context, pool, reason string) error {
	return b.w.step("book halt", func() error { return b.Ledger.Halt(ctx, pool, reason) })
}
