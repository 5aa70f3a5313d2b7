package devnet

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"os"
	"time"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
)

const (
	// DefaultBits makes a block cost 2^24 hashes on average: about a second of one core
	// that has SHA instructions, and four of one that has not.
	DefaultBits = 0x1e00ffff
	// EasiestBits is Core's regtest limit: every second hash makes a block. For tests.
	EasiestBits = 0x207fffff
	// DefaultMaturity is short, so that a demonstration can pay within a minute.
	DefaultMaturity = 5

	minRelayFee = btcutil.Amount(1000) // per 1000 virtual bytes
	// halving is out of reach: a demonstration keeps its subsidy of 50 coins.
	halving = 1_000_000_000
)

// settings are what makes the chain of one folder; all its blocks were checked by them.
type settings struct {
	Bits     uint32 `json:"bits"`
	Maturity int    `json:"maturity"`
}

// loadSettings returns the folder's settings, written down on first use. Options
// that contradict them are refused: the chain's old blocks would become invalid.
func loadSettings(path string, o Options) (settings, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return newSettings(path, o)
	}
	if err != nil {
		return settings{}, err
	}
	var s settings
	if err := json.Unmarshal(raw, &s); err != nil {
		return settings{}, fmt.Errorf("read %s: %w", path, err)
	}
	if o.Bits != 0 && o.Bits != s.Bits {
		return s, fmt.Errorf("this folder's chain has bits %08x, not %08x: use another folder", s.Bits, o.Bits)
	}
	if o.Maturity != 0 && o.Maturity != s.Maturity {
		return s, fmt.Errorf("this folder's chain has maturity %d, not %d: use another folder", s.Maturity, o.Maturity)
	}
	return s, nil
}

func newSettings(path string, o Options) (settings, error) {
	s := settings{Bits: o.Bits, Maturity: o.Maturity}
	if s.Bits == 0 {
		s.Bits = DefaultBits
	}
	if s.Maturity == 0 {
		s.Maturity = DefaultMaturity
	}
	if _, err := newParams(s); err != nil {
		return s, err
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return s, err
	}
	return s, writeFile(path, append(raw, '\n'), 0o600)
}

// newParams is Core's regtest with the differences of the package comment.
func newParams(s settings) (*chaincfg.Params, error) {
	p := chaincfg.RegressionNetParams
	target := blockchain.CompactToBig(s.Bits)
	if target.Sign() <= 0 || target.Cmp(p.PowLimit) > 0 || blockchain.BigToCompact(target) != s.Bits {
		return nil, fmt.Errorf("bits: want a compact target from 1 to %08x, have %08x", uint32(EasiestBits), s.Bits)
	}
	if s.Maturity < 1 || s.Maturity > math.MaxUint16 {
		return nil, fmt.Errorf("maturity: want 1 to %d, have %d", math.MaxUint16, s.Maturity)
	}
	// Without retargeting, PowLimitBits is what every block must have. PowLimit
	// stays Core's: the genesis block is the easiest.
	p.PowLimitBits = s.Bits
	p.PoWNoRetargeting = true
	p.ReduceMinDifficulty = false
	p.CoinbaseMaturity = uint16(s.Maturity)
	p.SubsidyReductionInterval = halving
	for i := range p.Deployments {
		d := &p.Deployments[i]
		d.AlwaysActiveHeight = 1
		d.MinActivationHeight, d.CustomActivationThreshold = 0, 0
		// The chain ties its clock to these; two chains must not share them.
		d.DeploymentStarter = chaincfg.NewMedianTimeDeploymentStarter(time.Time{})
		d.DeploymentEnder = chaincfg.NewMedianTimeDeploymentEnder(time.Time{})
	}
	return &p, nil
}

// BitsFor returns the compact target that a block meets after the given number of
// hashes on average, within the limits of regtest and of the compact form.
func BitsFor(hashes float64) uint32 {
	if !(hashes > 2) {
		return EasiestBits
	}
	all := new(big.Float).SetInt(new(big.Int).Lsh(big.NewInt(1), 256))
	target, _ := all.Quo(all, big.NewFloat(hashes)).Int(nil)
	if target.Sign() == 0 {
		target.SetInt64(1)
	}
	if limit := blockchain.CompactToBig(EasiestBits); target.Cmp(limit) > 0 {
		return EasiestBits
	}
	return blockchain.BigToCompact(target)
}

// difficulty is the rounded number that people read: 1 is Bitcoin's easiest block.
func difficulty(bits uint32) float64 {
	one := new(big.Float).SetInt(blockchain.CompactToBig(0x1d00ffff))
	d, _ := one.Quo(one, new(big.Float).SetInt(blockchain.CompactToBig(bits))).Float64()
	return d
}
