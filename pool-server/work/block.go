package work

import (
	"encoding/hex"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/wallet/coin"
)

// Candidate is a block that meets the network's target and has not been judged
// by the chain yet.
type Candidate struct {
	Hash         pow.Hash // the block's id: double SHA-256 of the header, whatever the algorithm
	PreviousHash pow.Hash
	Height       int64
	Reward       coin.Amount // what its coinbase pays to the pool
	Coinbase     string      // the coinbase's transaction id
	Raw          []byte      // the whole block, ready for submitblock
}

// candidate assembles the block around header and a coinbase without witness.
func (j *Job) candidate(header *[pow.HeaderSize]byte, coinbase []byte, txid [32]byte) *Candidate {
	return &Candidate{
		Hash:         pow.HashFromBytes(hash256(header[:])),
		PreviousHash: j.PreviousHash,
		Height:       j.Height,
		Reward:       j.Reward,
		Coinbase:     pow.HashFromBytes(txid).String(),
		Raw:          j.block(header, coinbase),
	}
}

// block serialises header, coinbase and the template's transactions in their
// order; with MWEB a byte 01 and the extension block follow (LIP 3).
func (j *Job) block(header *[pow.HeaderSize]byte, coinbase []byte) []byte {
	t := j.template
	if t.WitnessCommitment != nil {
		coinbase = withWitness(coinbase)
	}
	size := pow.HeaderSize + 9 + len(coinbase) + 1 + len(t.MWEB)
	for i := range t.Transactions {
		size += len(t.Transactions[i].Hex) / 2
	}
	b := append(make([]byte, 0, size), header[:]...)
	b = appendCompactSize(b, uint64(1+len(t.Transactions)))
	b = append(b, coinbase...)
	for i := range t.Transactions {
		b, _ = hex.AppendDecode(b, t.Transactions[i].Hex) // Verify has said so, or it is no block
	}
	if t.MWEB != nil {
		b = append(append(b, 1), t.MWEB...)
	}
	return b
}
