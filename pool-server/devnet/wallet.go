package devnet

import (
	"os"
	"time"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// wallet knows which outputs of the main chain are ours. Its keys are on disk, the
// rest is read from the chain at each start. Chain's mutex guards it.
type wallet struct {
	params  *chaincfg.Params
	file    *os.File
	failed  error             // why the file takes no more keys
	change  *key              // one for all change: nobody watches a regtest chain
	scripts map[string]script // ours, by output script

	outputs map[wire.OutPoint]*output             // ours on the main chain, spent ones too
	unspent map[wire.OutPoint]*output             // of these
	txs     map[chainhash.Hash]*walletTransaction // all that touch us, mined or not
	locked  map[wire.OutPoint]bool                // by lockunspent, until spent or restart
}

// output is an output of ours on the main chain.
type output struct {
	at       wire.OutPoint
	out      *wire.TxOut
	height   int32
	coinbase bool
	spentBy  *chainhash.Hash // transaction of the main chain, nil while unspent
	spentAt  int32           // height of that
}

// walletTransaction is a transaction that pays us or spends our outputs.
type walletTransaction struct {
	tx   *wire.MsgTx
	seen time.Time
}

func openWallet(path string, params *chaincfg.Params) (*wallet, error) {
	w := &wallet{params: params, scripts: map[string]script{}, locked: map[wire.OutPoint]bool{}}
	w.reset()
	if err := w.openKeys(path); err != nil {
		if w.file != nil {
			_ = w.file.Close()
		}
		return nil, err
	}
	if w.change == nil {
		if _, err := w.newKey(changeKey); err != nil {
			_ = w.file.Close()
			return nil, err
		}
	}
	return w, nil
}

// reset forgets the chain, before it is read again.
func (w *wallet) reset() {
	w.outputs = map[wire.OutPoint]*output{}
	w.unspent = map[wire.OutPoint]*output{}
	w.txs = map[chainhash.Hash]*walletTransaction{}
}

// newAddress makes a key and returns its address of a type.
func (w *wallet) newAddress(kind string) (string, error) {
	if _, err := keyAddress(w.change, kind, w.params); err != nil {
		return "", err // before a key is made in vain
	}
	k, err := w.newKey(receiveKey)
	if err != nil {
		return "", err
	}
	a, err := keyAddress(k, kind, w.params)
	if err != nil {
		return "", err
	}
	return a.EncodeAddress(), nil
}

// mine reports whether the wallet can spend an output.
func (w *wallet) mine(out *wire.TxOut) bool {
	_, ours := w.scripts[string(out.PkScript)]
	return ours
}

// isChange reports whether an output is change, which a list of payments leaves out.
func (w *wallet) isChange(out *wire.TxOut) bool {
	s, ours := w.scripts[string(out.PkScript)]
	return ours && s.key.role == changeKey
}

// spends returns the output of ours that an input spends, nil if it is not ours.
func (w *wallet) spends(in *wire.TxIn) *wire.TxOut {
	from := w.txs[in.PreviousOutPoint.Hash]
	if from == nil || int(in.PreviousOutPoint.Index) >= len(from.tx.TxOut) {
		return nil
	}
	out := from.tx.TxOut[in.PreviousOutPoint.Index]
	if !w.mine(out) {
		return nil
	}
	return out
}

// notice keeps a transaction that touches us, mined or not, and unlocks what it spends.
func (w *wallet) notice(tx *wire.MsgTx) {
	hash := tx.TxHash()
	touches := false
	for _, in := range tx.TxIn {
		delete(w.locked, in.PreviousOutPoint)
		touches = touches || w.spends(in) != nil
	}
	for _, out := range tx.TxOut {
		touches = touches || w.mine(out)
	}
	if touches && w.txs[hash] == nil {
		w.txs[hash] = &walletTransaction{tx, time.Now()}
	}
}

// connect reads a block that joined the main chain.
func (w *wallet) connect(b *btcutil.Block) {
	for _, tx := range b.Transactions() {
		w.notice(tx.MsgTx())
		if known := w.txs[*tx.Hash()]; known != nil && b.MsgBlock().Header.Timestamp.Before(known.seen) {
			known.seen = b.MsgBlock().Header.Timestamp
		}
		for _, in := range tx.MsgTx().TxIn {
			if spent := w.outputs[in.PreviousOutPoint]; spent != nil {
				spent.spentBy, spent.spentAt = tx.Hash(), b.Height()
				delete(w.unspent, spent.at)
			}
		}
		for i, out := range tx.MsgTx().TxOut {
			if w.mine(out) && !txscript.IsUnspendable(out.PkScript) {
				at := wire.OutPoint{Hash: *tx.Hash(), Index: uint32(i)}
				o := &output{at: at, out: out, height: b.Height(), coinbase: blockchain.IsCoinBase(tx)}
				w.outputs[at], w.unspent[at] = o, o
			}
		}
	}
}

// disconnect undoes connect, last transaction first.
func (w *wallet) disconnect(b *btcutil.Block) {
	txs := b.Transactions()
	for i := len(txs) - 1; i >= 0; i-- {
		for n := range txs[i].MsgTx().TxOut {
			at := wire.OutPoint{Hash: *txs[i].Hash(), Index: uint32(n)}
			delete(w.outputs, at)
			delete(w.unspent, at)
		}
		for _, in := range txs[i].MsgTx().TxIn {
			if spent := w.outputs[in.PreviousOutPoint]; spent != nil {
				spent.spentBy, spent.spentAt = nil, 0
				w.unspent[spent.at] = spent
			}
		}
	}
}
