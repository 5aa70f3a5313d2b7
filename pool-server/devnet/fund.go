package devnet

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/mempool"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

const (
	fallbackFeeRate = 20_000     // base units per 1000 virtual bytes, Core's on regtest
	maxTransaction  = 10_000_000 // base units: the largest fee the wallet pays
)

// funding says how fund completes a transaction.
type funding struct {
	feeRate  int64 // base units per 1000 virtual bytes
	change   []byte
	position int   // of the change output, -1 for the end
	subtract []int // outputs that pay the fee; none: the inputs pay
	lock     bool  // lock the inputs that it chose
	sequence uint32
}

// fundDraft is a transaction while its inputs are being chosen. Amounts in base units.
type fundDraft struct {
	tx    *wire.MsgTx
	spent map[wire.OutPoint]*wire.TxOut
	in    int64
	out   int64
}

func insufficient() error { return &RPCError{codeWallet, "Insufficient funds"} }

// fund adds inputs and, where it is worth one, a change output to tx. It returns the
// fee and the change output's place, -1 without one.
func (c *Chain) fund(tx *wire.MsgTx, f funding) (fee int64, position int, err error) {
	d, err := c.newFundDraft(tx)
	if err != nil {
		return 0, -1, err
	}
	candidates := c.candidates(d)
	for {
		fee, change, err := c.balanceFees(d, f)
		if err != nil {
			return 0, -1, err
		}
		if len(d.tx.TxIn) > 0 && d.in >= d.out+owed(fee, f) {
			return c.finish(d, f, fee, change)
		}
		if len(candidates) == 0 {
			return 0, -1, insufficient()
		}
		next := candidates[0]
		candidates = candidates[1:]
		d.add(next, f.sequence)
	}
}

// newFundDraft wants every input that tx already has to be an output of ours.
func (c *Chain) newFundDraft(tx *wire.MsgTx) (*fundDraft, error) {
	if len(tx.TxOut) == 0 {
		return nil, &RPCError{codeParameter, "TX must have at least one output"}
	}
	d := &fundDraft{tx: tx, spent: map[wire.OutPoint]*wire.TxOut{}}
	for _, out := range tx.TxOut {
		d.out += out.Value
	}
	for _, in := range tx.TxIn {
		out, err := c.output(in.PreviousOutPoint)
		if err != nil {
			return nil, err
		}
		if out == nil || !c.wallet.mine(out) {
			return nil, &RPCError{codeWallet, "Not found pre-selected input " + in.PreviousOutPoint.String()}
		}
		d.spent[in.PreviousOutPoint] = out
		d.in += out.Value
	}
	return d, nil
}

// candidates are the outputs to pay with: confirmed before not, large before small.
func (c *Chain) candidates(d *fundDraft) []spendable {
	var list []spendable
	for _, s := range c.spendables() {
		if s.available() && d.spent[s.at] == nil {
			list = append(list, s)
		}
	}
	slices.SortStableFunc(list, func(a, b spendable) int {
		return cmp.Or(cmp.Compare(min(b.confirmations, 1), min(a.confirmations, 1)), cmp.Compare(b.out.Value, a.out.Value))
	})
	return list
}

func (d *fundDraft) add(s spendable, sequence uint32) {
	in := wire.NewTxIn(&s.at, nil, nil)
	in.Sequence = sequence
	d.tx.AddTxIn(in)
	d.spent[s.at] = s.out
	d.in += s.out.Value
}

// owed is what the inputs must bring beyond the outputs.
func owed(fee int64, f funding) int64 {
	if len(f.subtract) > 0 {
		return 0
	}
	return fee
}

// balanceFees returns the fee for the inputs so far, and the change, 0 when an output
// for it would be dust: then it goes to the miners, or to those who pay the fee.
func (c *Chain) balanceFees(d *fundDraft, f funding) (fee, change int64, err error) {
	if len(d.tx.TxIn) == 0 {
		return 0, 0, nil // nothing to sign yet
	}
	fee, err = c.estimateFee(d, f, nil)
	if err != nil {
		return 0, 0, err
	}
	out := wire.NewTxOut(0, f.change)
	feeWithChange, err := c.estimateFee(d, f, out)
	if err != nil {
		return 0, 0, err
	}
	change = d.in - d.out - owed(feeWithChange, f)
	if change > 0 && change >= mempool.GetDustThreshold(out) {
		return feeWithChange, change, nil
	}
	return fee, 0, nil
}

// estimateFee is the fee of d as it will be signed, with one more output if given.
func (c *Chain) estimateFee(d *fundDraft, f funding, extra *wire.TxOut) (int64, error) {
	tx := d.tx.Copy()
	if extra != nil {
		tx.AddTxOut(extra)
	}
	for _, in := range tx.TxIn {
		if err := c.wallet.imitateSignature(in, d.spent[in.PreviousOutPoint]); err != nil {
			return 0, err
		}
	}
	size := mempool.GetTxVirtualSize(btcutil.NewTx(tx))
	return (size*f.feeRate + 999) / 1000, nil
}

// imitateSignature gives an input the size that it has when signed, at most.
func (w *wallet) imitateSignature(in *wire.TxIn, out *wire.TxOut) error {
	s, ours := w.scripts[string(out.PkScript)]
	if !ours {
		return fmt.Errorf("output %v is not ours", in.PreviousOutPoint)
	}
	signature, public := make([]byte, 72), s.key.public()
	if txscript.IsPayToPubKeyHash(out.PkScript) {
		in.SignatureScript = make([]byte, 1+len(signature)+1+len(public))
		return nil
	}
	if s.redeem != nil {
		in.SignatureScript = make([]byte, 1+len(s.redeem))
	}
	in.Witness = wire.TxWitness{signature, public}
	return nil
}

// finish writes change and fee into the transaction.
func (c *Chain) finish(d *fundDraft, f funding, fee, change int64) (int64, int, error) {
	if err := d.subtractFee(f, fee, change); err != nil {
		return 0, -1, err
	}
	position := -1
	if change > 0 {
		position = f.position
		if position < 0 {
			position = len(d.tx.TxOut)
		}
		if position > len(d.tx.TxOut) {
			return 0, -1, &RPCError{codeParameter, "changePosition out of bounds"}
		}
		d.tx.TxOut = slices.Insert(d.tx.TxOut, position, wire.NewTxOut(change, f.change))
	}
	paid := d.in
	for _, out := range d.tx.TxOut {
		paid -= out.Value
	}
	if paid > maxTransaction {
		return 0, -1, &RPCError{codeWallet, "Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)"}
	}
	for at := range d.spent {
		if f.lock {
			c.wallet.locked[at] = true
		}
	}
	return paid, position, nil
}

// subtractFee takes the fee from the outputs that pay it, in equal parts; the first
// pays the rest of the division. What the inputs bring in excess pays first.
func (d *fundDraft) subtractFee(f funding, fee, change int64) error {
	if len(f.subtract) == 0 {
		return nil
	}
	fee -= d.in - d.out - change
	if fee <= 0 {
		return nil
	}
	part, rest := fee/int64(len(f.subtract)), fee%int64(len(f.subtract))
	for i, n := range f.subtract {
		out := d.tx.TxOut[n]
		out.Value -= part
		if i == 0 {
			out.Value -= rest
		}
		if out.Value < 0 {
			return &RPCError{codeWallet, "The transaction amount is too small to pay the fee"}
		}
		if out.Value < mempool.GetDustThreshold(out) {
			return &RPCError{codeWallet, "The transaction amount is too small to send after the fee has been deducted"}
		}
	}
	return nil
}
