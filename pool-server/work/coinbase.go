package work

import (
	"encoding/binary"
	"fmt"

	"github.com/adit-mining/adit/wallet/coin"
)

// Extranonce1Size is the length in bytes of the pool's part of the extranonce.
const Extranonce1Size = 4

// maxCoinbaseScript is the chain's limit for a coinbase's script, in bytes.
const maxCoinbaseScript = 100

// coinbase is the first transaction of the block, cut where the extranonce goes,
// and without its witness: what the merkle root and the miner need.
type coinbase struct {
	before, after []byte
}

// newCoinbase builds the transaction for t that pays the reward to p.PayTo and the
// recipients. Its script is
//
//	height | coinbaseaux.flags | push(unique, id) | push(extranonce1, extranonce2) | push(tag)
//
// The job's id is in it so that no header can belong to two jobs: the same work
// is then never accepted twice under two ids.
func newCoinbase(id string, t *Template, p Params) (coinbase, error) {
	script := appendHeight(nil, t.Height)
	script = append(script, t.CoinbaseFlags...)
	script = appendPush(script, append(append([]byte(nil), p.Unique...), id...))
	extranonce := Extranonce1Size + p.Extranonce2Size
	script = append(script, byte(extranonce))
	var tail []byte
	if p.Tag != "" {
		tail = appendPush(nil, []byte(p.Tag))
	}
	size := len(script) + extranonce + len(tail)
	if size > maxCoinbaseScript {
		return coinbase{}, fmt.Errorf("coinbase script of %d bytes, at most %d are allowed: shorten the tag (%d bytes; the daemon's flags take %d)",
			size, maxCoinbaseScript, len(p.Tag), len(t.CoinbaseFlags))
	}
	var c coinbase
	c.before = binary.LittleEndian.AppendUint32(nil, 1) // transaction version
	c.before = append(c.before, 1)                      // one input,
	c.before = append(c.before, make([]byte, 32)...)    // which spends nothing
	c.before = binary.LittleEndian.AppendUint32(c.before, 0xffffffff)
	c.before = append(appendCompactSize(c.before, uint64(size)), script...)

	c.after = binary.LittleEndian.AppendUint32(tail, 0xffffffff) // sequence
	c.after = appendOutputs(c.after, t, p)
	c.after = binary.LittleEndian.AppendUint32(c.after, 0) // lock time
	return c, nil
}

// A Recipient has a part of each reward in the coinbase itself.
type Recipient struct {
	Script []byte
	PPM    int64 // parts per million of the reward, rounded down to the unit
}

// own is what of a reward goes to p.PayTo.
func (p Params) own(reward coin.Amount) coin.Amount {
	own := reward
	for _, r := range p.Recipients {
		own -= r.of(reward)
	}
	return own
}

// of is the recipient's part of a reward. Whole and fraction are multiplied apart, for
// their product could be too large.
func (r Recipient) of(reward coin.Amount) coin.Amount {
	return reward/ppm*coin.Amount(r.PPM) + reward%ppm*coin.Amount(r.PPM)/ppm
}

const ppm = 1_000_000

func appendOutputs(b []byte, t *Template, p Params) []byte {
	count := uint64(1)
	for _, r := range p.Recipients {
		if r.of(t.CoinbaseValue) > 0 {
			count++
		}
	}
	if t.WitnessCommitment != nil {
		count++
	}
	b = appendCompactSize(b, count)
	b = appendOutput(b, uint64(p.own(t.CoinbaseValue)), p.PayTo)
	for _, r := range p.Recipients {
		if part := r.of(t.CoinbaseValue); part > 0 {
			b = appendOutput(b, uint64(part), r.Script)
		}
	}
	if t.WitnessCommitment != nil {
		b = appendOutput(b, 0, t.WitnessCommitment)
	}
	return b
}

func appendOutput(b []byte, value uint64, script []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, value)
	b = appendCompactSize(b, uint64(len(script)))
	return append(b, script...)
}

// appendTo writes the transaction with its extranonce, without witness.
func (c *coinbase) appendTo(b []byte, extranonce1 [Extranonce1Size]byte, extranonce2 []byte) []byte {
	b = append(b, c.before...)
	b = append(b, extranonce1[:]...)
	b = append(b, extranonce2...)
	return append(b, c.after...)
}

// withWitness adds the coinbase's witness, one item of 32 zero bytes (BIP 141),
// to a transaction written by appendTo.
func withWitness(tx []byte) []byte {
	const versionSize, lockTimeSize = 4, 4
	b := append(make([]byte, 0, len(tx)+36), tx[:versionSize]...)
	b = append(b, 0, 1) // marker, flag
	b = append(b, tx[versionSize:len(tx)-lockTimeSize]...)
	b = append(b, 1, 32)
	b = append(b, make([]byte, 32)...)
	return append(b, tx[len(tx)-lockTimeSize:]...)
}
