package pow

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"math/big"
)

// A Target is the largest hash that counts, most significant byte first. Shares
// and blocks are accepted by comparing with a Target, never with a Difficulty:
// difficulty is a rounded number, for people and for vardiff.
type Target [32]byte

// ErrBits is why a compact target was refused.
var ErrBits = errors.New("bad compact target")

// maxTarget is 2^256-1: every hash meets it.
var maxTarget = Target(bytes.Repeat([]byte{0xff}, 32))

// MetBy reports whether h is good enough for t.
func (t Target) MetBy(h Hash) bool {
	return bytes.Compare(h[:], t[:]) <= 0
}

// ParseTarget reads 64 hexadecimal digits, most significant first, as
// getblocktemplate gives them.
func ParseTarget(s string) (Target, error) {
	b, err := parse256(s)
	return Target(b), err
}

// String returns 64 lower-case hexadecimal digits, most significant first.
func (t Target) String() string { return hex.EncodeToString(t[:]) }

// TargetFromBits expands the compact form that headers carry ("nBits"). A
// target that is zero, negative or above 2^256-1 is refused with ErrBits; see
// https://developer.bitcoin.org/reference/block_chain.html#target-nbits.
func TargetFromBits(bits uint32) (Target, error) {
	size, mantissa := int(bits>>24), bits&0x007fffff
	if bits&0x00800000 != 0 && mantissa != 0 {
		return Target{}, fmt.Errorf("%w: %08x is negative", ErrBits, bits)
	}
	var t Target
	for i := range 3 {
		digit := byte(mantissa >> (8 * i))
		at := len(t) - size + 2 - i // where in t a mantissa of size bytes has this digit
		switch {
		case digit == 0 || at >= len(t): // below the point: the fraction is cut off
		case at < 0:
			return Target{}, fmt.Errorf("%w: %08x is above 2^256-1", ErrBits, bits)
		default:
			t[at] = digit
		}
	}
	if t == (Target{}) {
		return Target{}, fmt.Errorf("%w: %08x is zero", ErrBits, bits)
	}
	return t, nil
}

// TargetFromDifficulty returns the target of a share of difficulty d, which is
// the algorithm's target of difficulty 1 divided by d, rounded down and never
// above 2^256-1. What is no difficulty (zero, negative, NaN) gets 2^256-1; an
// infinite one gets the zero target.
func TargetFromDifficulty(a Algorithm, d Difficulty) Target {
	if !(d > 0) {
		return maxTarget
	}
	if math.IsInf(float64(d), 1) {
		return Target{}
	}
	// d is a mantissa of 53 bits times a power of two: the division is exact.
	fraction, exponent := math.Frexp(float64(d))
	divisor := big.NewInt(int64(fraction * (1 << 53)))
	quotient := a.one()
	switch shift := exponent - 53; {
	case shift < 0:
		quotient.Lsh(quotient, uint(-shift))
	default:
		divisor.Lsh(divisor, uint(shift))
	}
	quotient.Quo(quotient, divisor)
	if quotient.BitLen() > 256 {
		return maxTarget
	}
	var t Target
	quotient.FillBytes(t[:])
	return t
}

// Difficulty returns how many times harder t is than the algorithm's target of
// difficulty 1, to the precision of a float64. The zero target is infinitely hard.
func (t Target) Difficulty(a Algorithm) Difficulty {
	if t == (Target{}) {
		return Difficulty(math.Inf(1))
	}
	one := new(big.Float).SetInt(a.one())
	of := new(big.Float).SetInt(new(big.Int).SetBytes(t[:]))
	d, _ := one.Quo(one, of).Float64()
	return Difficulty(d)
}

// Hashes returns how many hashes it takes on average to meet t: 2^256/(t+1).
func (t Target) Hashes() float64 {
	met := new(big.Int).SetBytes(t[:])
	met.Add(met, big.NewInt(1))
	all := new(big.Float).SetMantExp(big.NewFloat(1), 256)
	n, _ := all.Quo(all, new(big.Float).SetInt(met)).Float64()
	return n
}
