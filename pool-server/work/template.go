package work

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/wallet/coin"
)

// ErrTemplate is wrapped by every error about a template that cannot be mined.
var ErrTemplate = errors.New("block template cannot be used")

// knownRules are the rules a template may demand of us ("!rule", BIP 9): those
// whose blocks this package builds correctly.
var knownRules = []string{"csv", "segwit", "taproot", "mweb", "testdummy"}

// commitmentPrefix starts a witness commitment output (BIP 141): OP_RETURN, a
// push of 36 bytes, the commitment's header.
var commitmentPrefix = []byte{0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed}

// Transaction is one transaction of a template, in the template's order.
type Transaction struct {
	// Hex is the transaction as it stands in the block, with witness, and as the
	// daemon wrote it. It is decoded when a block is found: see Template.Verify.
	Hex    []byte
	TxID   pow.Hash    // goes into the merkle root
	Hash   pow.Hash    // with witness; equals TxID without one
	Fee    coin.Amount // zero when the daemon did not say
	HasFee bool        // it did
}

// Template is a daemon's proposal for the next block (BIP 22, BIP 23), checked
// and decoded. It is not changed after ParseTemplate.
type Template struct {
	Version           uint32
	PreviousHash      pow.Hash
	Height            int64
	Bits              uint32     // the target as it stands in the header
	Target            pow.Target // the same, unpacked
	CurTime           uint32     // the daemon's clock, Unix seconds
	MinTime           uint32     // earliest time the chain accepts
	MaxTime           uint32     // latest time the daemon names, 0 if it names none
	CoinbaseValue     coin.Amount
	Transactions      []Transaction
	WitnessCommitment []byte // the whole output script, nil before segwit
	MWEB              []byte // Litecoin's extension block, nil without one
	CoinbaseFlags     []byte // to be put into the coinbase's script, as script
	LongPollID        string // empty if the daemon has no long polling
	Rules             []string
	Provisional       bool // made by Empty: the daemon's own is to come
}

// rawTemplate is getblocktemplate's result but for its transactions. Pointers mark
// what must be there.
type rawTemplate struct {
	Version, CoinbaseValue, CurTime, Height *int64
	MinTime, MaxTime                        int64
	Rules                                   []string
	PreviousBlockHash, Target, Bits         string
	Flags, Commitment, MWEB                 string
}

// ParseTemplate reads the result of getblocktemplate. Every fault that would
// make the chain refuse the block is an ErrTemplate that names the field, but for
// one: that a transaction is no hex is for Verify to find, for it takes as long as
// everything else. The template points into raw, which must not change any more.
func ParseTemplate(raw []byte) (*Template, error) {
	var r rawTemplate
	t := new(Template)
	if err := t.skim(raw, &r); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTemplate, err)
	}
	t.Rules = r.Rules
	for _, step := range []func(*rawTemplate) error{
		t.readRules, t.readNumbers, t.readTimes, t.readTarget, t.readBytes, t.checkTransactions,
	} {
		if err := step(&r); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrTemplate, err)
		}
	}
	return t, nil
}

// Verify looks whether the transactions can be written into a block. It is apart
// from ParseTemplate so that miners need not wait for it.
func (t *Template) Verify() error {
	var scratch []byte
	for i := range t.Transactions {
		var err error
		if scratch, err = hex.AppendDecode(scratch[:0], t.Transactions[i].Hex); err != nil {
			return fmt.Errorf("%w: transactions[%d]: data: not hex", ErrTemplate, i)
		}
	}
	return nil
}

// Subsidy is what the block pays without any fee. ok is false if the daemon did not
// tell all fees.
func (t *Template) Subsidy() (subsidy coin.Amount, ok bool) {
	subsidy = t.CoinbaseValue
	for i := range t.Transactions {
		if !t.Transactions[i].HasFee || t.Transactions[i].Fee < 0 || t.Transactions[i].Fee > subsidy {
			return 0, false
		}
		subsidy -= t.Transactions[i].Fee
	}
	return subsidy, true
}

func (t *Template) readRules(r *rawTemplate) error {
	for _, rule := range r.Rules {
		if name, demanded := strings.CutPrefix(rule, "!"); demanded && !slices.Contains(knownRules, name) {
			return fmt.Errorf("rules: the chain demands %q, which this pool does not know", name)
		}
	}
	return nil
}

func (t *Template) readNumbers(r *rawTemplate) (err error) {
	switch {
	case r.Version == nil || *r.Version < math.MinInt32 || *r.Version > math.MaxUint32:
		return errors.New("version: missing or not a 32-bit number")
	case r.Height == nil || *r.Height < 1 || *r.Height > math.MaxUint32:
		return errors.New("height: missing or out of range")
	case r.CoinbaseValue == nil || *r.CoinbaseValue < 0:
		return errors.New("coinbasevalue: missing or negative")
	}
	t.Version, t.Height, t.CoinbaseValue = uint32(*r.Version), *r.Height, coin.Amount(*r.CoinbaseValue)
	if t.PreviousHash, err = pow.ParseHash(r.PreviousBlockHash); err != nil {
		return fmt.Errorf("previousblockhash: %w", err)
	}
	return nil
}

func (t *Template) readTimes(r *rawTemplate) error {
	switch {
	case r.CurTime == nil || *r.CurTime <= 0 || *r.CurTime > math.MaxUint32-timeAhead:
		return errors.New("curtime: missing or out of range")
	case r.MinTime < 0 || r.MinTime > *r.CurTime:
		// A daemon whose clock runs behind the chain raises curtime itself.
		return errors.New("mintime: later than curtime")
	case r.MaxTime != 0 && (r.MaxTime < *r.CurTime || r.MaxTime > math.MaxUint32):
		return errors.New("maxtime: earlier than curtime")
	}
	t.CurTime, t.MinTime, t.MaxTime = uint32(*r.CurTime), uint32(r.MinTime), uint32(r.MaxTime)
	return nil
}

// readTarget takes the target from bits, because bits stand in the header, and
// insists that the daemon means the same.
func (t *Template) readTarget(r *rawTemplate) error {
	bits, err := strconv.ParseUint(r.Bits, 16, 32)
	if err != nil || len(r.Bits) != 8 {
		return errors.New("bits: want 8 hex digits")
	}
	t.Bits = uint32(bits)
	if t.Target, err = pow.TargetFromBits(t.Bits); err != nil {
		return fmt.Errorf("bits: %w", err)
	}
	if r.Target == "" {
		return nil
	}
	said, err := pow.ParseTarget(r.Target)
	if err != nil {
		return fmt.Errorf("target: %w", err)
	}
	if said != t.Target {
		return errors.New("target: differs from bits")
	}
	return nil
}

func (t *Template) readBytes(r *rawTemplate) (err error) {
	if t.CoinbaseFlags, err = hex.DecodeString(r.Flags); err != nil {
		return fmt.Errorf("coinbaseaux.flags: %w", err)
	}
	if r.Commitment != "" {
		if t.WitnessCommitment, err = hex.DecodeString(r.Commitment); err != nil {
			return fmt.Errorf("default_witness_commitment: %w", err)
		}
		if len(t.WitnessCommitment) < 38 || !bytes.HasPrefix(t.WitnessCommitment, commitmentPrefix) {
			return errors.New("default_witness_commitment: not a commitment")
		}
	}
	if r.MWEB != "" {
		if t.MWEB, err = hex.DecodeString(r.MWEB); err != nil {
			return fmt.Errorf("mweb: %w", err)
		}
		if len(t.Transactions) == 0 {
			return errors.New("mweb: the block has no transaction to carry it")
		}
	}
	return nil
}

func (t *Template) checkTransactions(*rawTemplate) error {
	for i := range t.Transactions {
		if tx := &t.Transactions[i]; t.WitnessCommitment == nil && tx.Hash != tx.TxID {
			return fmt.Errorf("transactions[%d]: has a witness, but the template has no commitment", i)
		}
	}
	return nil
}
