package sweep

import (
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// ForkDigest is forkDigest, for the published vectors.
func ForkDigest(tx *wire.MsgTx, i int, code []byte, amount int64, hashType uint32) []byte {
	spent := make([]*wire.TxOut, len(tx.TxIn))
	for j := range spent {
		spent[j] = wire.NewTxOut(0, nil)
	}
	return forkDigest(tx, txscript.NewTxSigHashes(tx, fetcher(tx, spent)), i, code, amount, hashType)
}

// Code is what a signature of an output of the script is made over.
func (s Script) Code() []byte { return s.code() }

// ReadMade is readMade, for the fuzz target.
func ReadMade(raw []byte, txid string) (outputs int, coinbase bool, err error) {
	m, err := readMade(raw, txid)
	if err != nil {
		return 0, false, err
	}
	return len(m.outputs), m.coinbase, nil
}

// MaxWeight is what a transaction may weigh.
const MaxWeight = maxWeight

// Records counts the records of each state in dir.
func Records(dir string) (map[string]int, error) {
	j := journal{dir: dir}
	counts := map[string]int{}
	names, err := j.names()
	for _, name := range names {
		r, err := readRecord(name)
		if err != nil {
			return nil, err
		}
		counts[r.State]++
	}
	return counts, err
}
