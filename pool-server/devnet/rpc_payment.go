package devnet

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/mempool"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// fundOptions are those of fundrawtransaction that mean something here.
type fundOptions struct {
	ChangeAddress   *string `json:"changeAddress"`
	ChangePosition  *int    `json:"changePosition"`
	ChangeType      string  `json:"change_type"`
	LockUnspents    bool    `json:"lockUnspents"`
	FeeRate         *coins  `json:"feeRate"`  // coins per 1000 virtual bytes
	FeeRateVB       *coins  `json:"fee_rate"` // base units per virtual byte
	SubtractFee     []int   `json:"subtractFeeFromOutputs"`
	Replaceable     bool    `json:"replaceable"`
	IncludeWatching bool    `json:"includeWatching"` // there are none
	IncludeUnsafe   bool    `json:"include_unsafe"`  // never done
	AddInputs       *bool   `json:"add_inputs"`      // always done
	ConfTarget      int     `json:"conf_target"`     // no estimates here
	EstimateMode    string  `json:"estimate_mode"`
}

func (c *Chain) fundRawTransaction(_ context.Context, a arguments) (any, error) {
	tx, err := a.transaction(0)
	if err != nil {
		return nil, err
	}
	var o fundOptions
	if a.has(1) {
		d := json.NewDecoder(bytes.NewReader(a[1]))
		d.DisallowUnknownFields()
		if err := d.Decode(&o); err != nil {
			return nil, &RPCError{codeType, err.Error()}
		}
	}
	f, err := c.readFunding(o, tx)
	if err != nil {
		return nil, err
	}
	fee, position, err := c.fund(tx, f)
	if err != nil {
		return nil, err
	}
	raw, err := encodeTransaction(tx)
	return map[string]any{"hex": raw, "fee": coins(fee), "changepos": position}, err
}

// readFunding checks the options against the transaction.
func (c *Chain) readFunding(o fundOptions, tx *wire.MsgTx) (funding, error) {
	f := funding{
		feeRate: fallbackFeeRate, position: -1, subtract: o.SubtractFee, lock: o.LockUnspents,
		sequence: sequenceFor(tx.LockTime, o.Replaceable),
	}
	if o.FeeRate != nil && o.FeeRateVB != nil {
		return f, &RPCError{codeParameter, "Cannot specify both fee_rate (sat/vB) and feeRate (BTC/kvB)"}
	}
	if o.FeeRate != nil {
		f.feeRate = int64(*o.FeeRate)
	}
	if o.FeeRateVB != nil { // read as coins, so 10^8 too large; per byte, so 10^3 too small
		f.feeRate = int64(*o.FeeRateVB) / 100_000
	}
	if f.feeRate < int64(minRelayFee) {
		return f, &RPCError{codeWallet, "Fee rate is lower than the minimum fee rate setting (0.00001000 BTC/kvB)"}
	}
	if o.ChangePosition != nil {
		f.position = *o.ChangePosition
		if f.position < 0 || f.position > len(tx.TxOut) {
			return f, &RPCError{codeParameter, "changePosition out of bounds"}
		}
	}
	seen := map[int]bool{}
	for _, n := range o.SubtractFee {
		if n < 0 || n >= len(tx.TxOut) || seen[n] {
			return f, &RPCError{codeParameter, "Invalid parameter, duplicated or out of bounds position in subtractFeeFromOutputs"}
		}
		seen[n] = true
	}
	var err error
	f.change, err = c.changeScript(o)
	return f, err
}

// changeScript is where change goes: the wallet's key for it, unless told otherwise.
func (c *Chain) changeScript(o fundOptions) ([]byte, error) {
	if o.ChangeAddress != nil {
		script, err := c.payTo(*o.ChangeAddress)
		if err != nil {
			return nil, &RPCError{codeAddressOrKey, "Change address must be a valid bitcoin address"}
		}
		return script, nil
	}
	kind := "bech32"
	if o.ChangeType != "" {
		kind = o.ChangeType
	}
	address, err := keyAddress(c.wallet.change, kind, c.params)
	if err != nil {
		return nil, err
	}
	return txscript.PayToAddrScript(address)
}

func sighashType(name string) (txscript.SigHashType, error) {
	switch name {
	case "", "ALL", "DEFAULT":
		return txscript.SigHashAll, nil
	case "NONE":
		return txscript.SigHashNone, nil
	case "SINGLE":
		return txscript.SigHashSingle, nil
	case "ALL|ANYONECANPAY":
		return txscript.SigHashAll | txscript.SigHashAnyOneCanPay, nil
	case "NONE|ANYONECANPAY":
		return txscript.SigHashNone | txscript.SigHashAnyOneCanPay, nil
	case "SINGLE|ANYONECANPAY":
		return txscript.SigHashSingle | txscript.SigHashAnyOneCanPay, nil
	}
	return 0, &RPCError{codeParameter, "'" + name + "' is not a valid sighash parameter."}
}

func (c *Chain) signRawTransaction(_ context.Context, a arguments) (any, error) {
	tx, err := a.transaction(0)
	if err != nil {
		return nil, err
	}
	var previous []rawInput
	var sighash string
	if err := a.optional(1, &previous); err != nil {
		return nil, err
	}
	if err := a.optional(2, &sighash); err != nil {
		return nil, err
	}
	how, err := sighashType(sighash)
	if err != nil {
		return nil, err
	}
	known := map[wire.OutPoint]*wire.TxOut{}
	for _, p := range previous {
		at, err := p.outpoint()
		if err != nil {
			return nil, err
		}
		if known[at], err = p.output(); err != nil {
			return nil, err
		}
	}
	faults, err := c.sign(tx, known, how)
	if err != nil {
		return nil, err
	}
	raw, err := encodeTransaction(tx)
	answer := map[string]any{"hex": raw, "complete": len(faults) == 0}
	if len(faults) > 0 {
		answer["errors"] = faults
	}
	return answer, err
}

// sendToAddress takes address, amount, two comments that nobody keeps, and whether
// the receiver pays the fee.
func (c *Chain) sendToAddress(_ context.Context, a arguments) (any, error) {
	to, err := a.text(0)
	if err != nil {
		return nil, err
	}
	script, err := c.payTo(to)
	if err != nil {
		return nil, err
	}
	var amount coins
	var subtract bool
	if err := a.optional(1, &amount); err != nil {
		return nil, err
	}
	if err := a.optional(4, &subtract); err != nil {
		return nil, err
	}
	out := wire.NewTxOut(int64(amount), script)
	if amount <= 0 {
		return nil, &RPCError{codeType, "Invalid amount for send"}
	}
	if out.Value < mempool.GetDustThreshold(out) {
		return nil, &RPCError{codeFunds, "Transaction amount too small"}
	}
	tx := wire.NewMsgTx(2)
	tx.AddTxOut(out)
	var o fundOptions
	if subtract {
		o.SubtractFee = []int{0}
	}
	return c.pay(tx, o)
}

// pay funds, signs and sends a transaction, and returns its id.
func (c *Chain) pay(tx *wire.MsgTx, o fundOptions) (any, error) {
	f, err := c.readFunding(o, tx)
	if err != nil {
		return nil, err
	}
	if _, _, err := c.fund(tx, f); err != nil {
		if told, ok := err.(*RPCError); ok && told.Code == codeWallet {
			return nil, &RPCError{codeFunds, told.Message}
		}
		return nil, err
	}
	faults, err := c.sign(tx, nil, txscript.SigHashAll)
	if err != nil {
		return nil, err
	}
	if len(faults) > 0 {
		return nil, &RPCError{codeWallet, "Signing transaction failed: " + faults[0].Error}
	}
	if err := c.accept(btcutil.NewTx(tx), 0); err != nil {
		return nil, err
	}
	return tx.TxHash().String(), nil
}
