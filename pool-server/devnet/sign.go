package devnet

import (
	"errors"

	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// signFault is an input that stayed unsigned, with Core's field names.
type signFault struct {
	TxID      string   `json:"txid"`
	Vout      uint32   `json:"vout"`
	Witness   []string `json:"witness"`
	ScriptSig string   `json:"scriptSig"`
	Sequence  uint32   `json:"sequence"`
	Error     string   `json:"error"`
}

// sign signs the inputs of tx that the wallet can and that are not signed already.
// Outputs that tx spends are looked up in the chain and the mempool, then in known.
// The faults are the inputs that are not valid afterwards.
func (c *Chain) sign(tx *wire.MsgTx, known map[wire.OutPoint]*wire.TxOut, how txscript.SigHashType) ([]signFault, error) {
	spent := map[wire.OutPoint]*wire.TxOut{}
	for _, in := range tx.TxIn {
		out, err := c.output(in.PreviousOutPoint)
		if err != nil {
			return nil, c.fail(err)
		}
		if out == nil {
			out = known[in.PreviousOutPoint]
		}
		if out != nil {
			spent[in.PreviousOutPoint] = out
		}
	}
	fetcher := txscript.NewMultiPrevOutFetcher(spent)
	var faults []signFault
	for i, in := range tx.TxIn {
		if err := c.wallet.signInput(tx, i, fetcher, how); err != nil {
			faults = append(faults, newSignFault(in, err))
		}
	}
	return faults, nil
}

// signInput makes input i valid, if it is not already.
func (w *wallet) signInput(tx *wire.MsgTx, i int, spent *txscript.MultiPrevOutFetcher, how txscript.SigHashType) error {
	out := spent.FetchPrevOutput(tx.TxIn[i].PreviousOutPoint)
	if out == nil {
		return errors.New("Input not found or already spent") //lint:ignore ST1005 Core's words
	}
	hashes := txscript.NewTxSigHashes(tx, spent)
	if verifyInput(tx, i, out, hashes, spent) == nil {
		return nil
	}
	s, ours := w.scripts[string(out.PkScript)]
	if !ours {
		return errors.New("Unable to sign input, no key") //lint:ignore ST1005 like Core's words
	}
	if err := signWith(s, tx, i, out, hashes, how); err != nil {
		return err
	}
	return verifyInput(tx, i, out, hashes, spent)
}

func signWith(s script, tx *wire.MsgTx, i int, out *wire.TxOut, hashes *txscript.TxSigHashes, how txscript.SigHashType) (err error) {
	in := tx.TxIn[i]
	if txscript.IsPayToPubKeyHash(out.PkScript) {
		in.SignatureScript, err = txscript.SignatureScript(tx, i, out.PkScript, how, s.key.private, s.key.compressed)
		return err
	}
	program := out.PkScript
	if s.redeem != nil {
		program = s.redeem
		if in.SignatureScript, err = txscript.NewScriptBuilder().AddData(s.redeem).Script(); err != nil {
			return err
		}
	}
	in.Witness, err = txscript.WitnessSignature(tx, hashes, i, out.Value, program, how, s.key.private, true)
	return err
}

// verifyInput runs the scripts of input i under the mempool's rules.
func verifyInput(tx *wire.MsgTx, i int, out *wire.TxOut, hashes *txscript.TxSigHashes, spent txscript.PrevOutputFetcher) error {
	engine, err := txscript.NewEngine(out.PkScript, tx, i, txscript.StandardVerifyFlags, nil, hashes, out.Value, spent)
	if err != nil {
		return err
	}
	return engine.Execute()
}
