package devnet

import (
	"encoding/hex"
	"strings"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/mempool"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// describeTransaction is the verbose form of decoderawtransaction and its like.
func (c *Chain) describeTransaction(tx *wire.MsgTx) (map[string]any, error) {
	raw, err := encodeTransaction(tx)
	if err != nil {
		return nil, err
	}
	d := map[string]any{
		"txid":     tx.TxHash().String(),
		"hash":     tx.WitnessHash().String(),
		"version":  tx.Version,
		"size":     tx.SerializeSize(),
		"vsize":    mempool.GetTxVirtualSize(btcutil.NewTx(tx)),
		"weight":   blockchain.GetTransactionWeight(btcutil.NewTx(tx)),
		"locktime": tx.LockTime,
		"hex":      raw,
	}
	ins, outs := []any{}, []any{}
	for _, in := range tx.TxIn {
		ins = append(ins, describeInput(in, blockchain.IsCoinBaseTx(tx)))
	}
	for i, out := range tx.TxOut {
		outs = append(outs, map[string]any{
			"value": coins(out.Value), "n": i, "scriptPubKey": c.describeScript(out.PkScript),
		})
	}
	d["vin"], d["vout"] = ins, outs
	return d, nil
}

func describeInput(in *wire.TxIn, coinbase bool) map[string]any {
	d := map[string]any{"sequence": in.Sequence}
	if witness := hexList(in.Witness); len(witness) > 0 {
		d["txinwitness"] = witness
	}
	if coinbase {
		d["coinbase"] = hex.EncodeToString(in.SignatureScript)
		return d
	}
	d["txid"] = in.PreviousOutPoint.Hash.String()
	d["vout"] = in.PreviousOutPoint.Index
	d["scriptSig"] = map[string]any{"asm": disassemble(in.SignatureScript), "hex": hex.EncodeToString(in.SignatureScript)}
	return d
}

func hexList(items [][]byte) []string {
	list := []string{}
	for _, item := range items {
		list = append(list, hex.EncodeToString(item))
	}
	return list
}

// describeScript describes an output script; "address" is there where it has one.
func (c *Chain) describeScript(script []byte) map[string]any {
	class, addresses, _, err := txscript.ExtractPkScriptAddrs(script, c.params)
	d := map[string]any{"asm": disassemble(script), "hex": hex.EncodeToString(script), "type": class.String()}
	if err == nil && len(addresses) == 1 && class != txscript.PubKeyTy && class != txscript.MultiSigTy {
		d["address"] = addresses[0].EncodeAddress()
	}
	return d
}

// addressOf is the address of an output script, "" without one.
func (c *Chain) addressOf(script []byte) string {
	address, _ := c.describeScript(script)["address"].(string)
	return address
}

func disassemble(script []byte) string {
	text, err := txscript.DisasmString(script)
	if err != nil {
		return strings.TrimSpace(text + " [error]")
	}
	return text
}

func newSignFault(in *wire.TxIn, err error) signFault {
	return signFault{
		TxID: in.PreviousOutPoint.Hash.String(), Vout: in.PreviousOutPoint.Index,
		Witness: hexList(in.Witness), ScriptSig: hex.EncodeToString(in.SignatureScript),
		Sequence: in.Sequence, Error: err.Error(),
	}
}
