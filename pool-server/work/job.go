package work

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/wallet/coin"
)

// timeAhead is how far a header's time may run ahead of the template's, in
// seconds. The chain allows 7200 by each node's own clock; 200 are kept back for
// nodes whose clock is slow, because a block that they refuse for some minutes
// loses the race.
const timeAhead = 7200 - 200

// Limits of Params.
const (
	minExtranonce2Size = 2
	maxExtranonce2Size = 8
	maxUniqueSize      = 16
	maxIDSize          = 16
)

// Params says what a pool makes of a template.
type Params struct {
	Algorithm       pow.Algorithm
	PayTo           []byte // output script that gets the reward, but for what the recipients get
	Recipients      []Recipient
	Tag             string // text in the coinbase, such as "/Adit/"; may be empty
	Extranonce2Size int    // bytes left to the miner, 2 to 8
	VersionMask     uint32 // bits of the version that miners may roll (BIP 320); 0 for none
	// Unique sets this pool's jobs apart from those of its other processes and of
	// its earlier runs, at most 16 bytes: best 8 random ones made at start. Without
	// it a share of an earlier run could fit a job of this one.
	Unique []byte
}

// Job is what miners work on: a template with the pool's coinbase. It never
// changes after NewJob; its fields are for reading. It must not be copied.
type Job struct {
	ID           string
	Height       int64
	PreviousHash pow.Hash
	Algorithm    pow.Algorithm
	Target       pow.Target  // the network's: a hash that meets it is a block
	Reward       coin.Amount // that Params.PayTo gets for the block, transaction fees included
	Bits         uint32
	Version      uint32
	VersionMask  uint32
	CurTime      uint32 // the daemon's clock when it made the template, Unix seconds
	MinTime      uint32 // earliest and
	MaxTime      uint32 // latest time a share may have

	coinbase        coinbase
	branch          [][32]byte
	extranonce2Size int
	template        *Template
	notify, clean   []byte
	scratch         sync.Pool // of *scratch
}

// NewJob makes the job named id from t. The id stands in the job's coinbase; it
// is 1 to 16 letters and digits and must be new for this pool's run.
func NewJob(id string, t *Template, p Params) (*Job, error) {
	all, err := NewJobs(id, t, p)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// NewJobs is NewJob for several ports, which share what does not depend on Params.
func NewJobs(id string, t *Template, ps ...Params) ([]*Job, error) {
	txids := make([][32]byte, len(t.Transactions))
	for i := range t.Transactions {
		txids[i] = t.Transactions[i].TxID.Bytes()
	}
	branch := merkleBranch(txids)
	all := make([]*Job, len(ps))
	for i, p := range ps {
		var err error
		if all[i], err = newJob(id, t, p, branch); err != nil {
			return nil, fmt.Errorf("make job %q: %w", id, err)
		}
	}
	return all, nil
}

func newJob(id string, t *Template, p Params, branch [][32]byte) (*Job, error) {
	if err := p.check(id); err != nil {
		return nil, err
	}
	cb, err := newCoinbase(id, t, p)
	if err != nil {
		return nil, err
	}
	j := &Job{
		ID: id, Height: t.Height, PreviousHash: t.PreviousHash,
		Algorithm: p.Algorithm, Target: t.Target, Reward: p.own(t.CoinbaseValue),
		Bits: t.Bits, Version: t.Version, VersionMask: p.VersionMask,
		CurTime: t.CurTime, MinTime: t.MinTime, MaxTime: latest(t),
		coinbase: cb, branch: branch, extranonce2Size: p.Extranonce2Size, template: t,
	}
	size := len(cb.before) + Extranonce1Size + p.Extranonce2Size + len(cb.after)
	j.scratch.New = func() any { return &scratch{coinbase: make([]byte, 0, size)} }
	j.notify, j.clean = j.line(false), j.line(true)
	return j, nil
}

// latest is the last time a share of t may have.
func latest(t *Template) uint32 {
	if t.MaxTime != 0 {
		return min(t.MaxTime, t.CurTime+timeAhead)
	}
	return t.CurTime + timeAhead
}

func (p Params) check(id string) error {
	if _, err := pow.ParseAlgorithm(string(p.Algorithm)); err != nil {
		return err
	}
	switch {
	case len(id) == 0 || len(id) > maxIDSize || !alphanumeric(id):
		return fmt.Errorf("job id: want 1 to %d letters and digits", maxIDSize)
	case len(p.PayTo) == 0:
		return errors.New("no script to pay the reward to")
	case p.own(ppm) < 0:
		return errors.New("the recipients' parts are more than the whole reward")
	case p.Extranonce2Size < minExtranonce2Size || p.Extranonce2Size > maxExtranonce2Size:
		return fmt.Errorf("extranonce2 size: want %d to %d, have %d", minExtranonce2Size, maxExtranonce2Size, p.Extranonce2Size)
	case len(p.Unique) > maxUniqueSize:
		return fmt.Errorf("unique: want at most %d bytes, have %d", maxUniqueSize, len(p.Unique))
	case len(p.Tag) > maxCoinbaseScript/2:
		return fmt.Errorf("tag: want at most %d bytes, have %d", maxCoinbaseScript/2, len(p.Tag))
	}
	return nil
}

func alphanumeric(s string) bool {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// Notify returns the mining.notify line for the job, newline included. clean
// tells miners to drop what they have. The bytes were written once by NewJob, all
// sessions share them and nobody may change them.
func (j *Job) Notify(clean bool) []byte {
	if clean {
		return j.clean
	}
	return j.notify
}

// line writes the mining.notify line. Everything in it is hex, a boolean or the
// checked id: nothing needs escaping.
func (j *Job) line(clean bool) []byte {
	b := append([]byte(nil), `{"id":null,"method":"mining.notify","params":["`...)
	b = append(b, j.ID...)
	previous := swapWords(j.PreviousHash)
	for _, field := range [][]byte{previous[:], j.coinbase.before, j.coinbase.after} {
		b = append(b, `","`...)
		b = hex.AppendEncode(b, field)
	}
	b = append(b, `",[`...)
	for i := range j.branch {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = hex.AppendEncode(b, j.branch[i][:])
		b = append(b, '"')
	}
	b = fmt.Appendf(b, `],"%08x","%08x","%08x",`, j.Version, j.Bits, j.CurTime)
	return append(strconv.AppendBool(b, clean), "]}\n"...)
}

// Extranonce2Size is the length in bytes of the miner's part of the extranonce.
func (j *Job) Extranonce2Size() int { return j.extranonce2Size }

// TransactionIDs returns the ids of the block's transactions without the
// coinbase, in display order.
func (j *Job) TransactionIDs() []string {
	ids := make([]string, len(j.template.Transactions))
	for i := range ids {
		ids[i] = j.template.Transactions[i].TxID.String()
	}
	return ids
}

// TransactionHex returns the block's transactions without the coinbase, each
// whole and in hex, as the daemon wrote it: the answer to mining.get_transactions. It
// copies twice the block's size.
func (j *Job) TransactionHex() []string {
	all := make([]string, len(j.template.Transactions))
	for i := range all {
		all[i] = string(j.template.Transactions[i].Hex)
	}
	return all
}
