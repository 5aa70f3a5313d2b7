package coin

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// An Amount is a number of a coin's smallest units, and so an integer: a float
// would lose units. One unit is 10^-8 of the coin for nearly every coin
// (Coin.Decimals says so); the methods of Amount count so, and for the few others
// (Peercoin, Verge, Emercoin, eCash) Coin.FormatAmount and Coin.ParseAmount do.
type Amount int64

// decimals is how many digits stand after the point in an Amount's text.
const decimals = 8

// String returns a in coins with all eight decimals, "1.50000000".
func (a Amount) String() string { return a.format(decimals) }

// MarshalText writes a as String does, so that JSON holds "1.50000000".
func (a Amount) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what ParseAmount reads.
func (a *Amount) UnmarshalText(text []byte) error {
	v, err := ParseAmount(string(text))
	if err != nil {
		return err
	}
	*a = v
	return nil
}

// ParseAmount reads a number of coins, "1.5" or "-0.00000001": digits, one point
// at most with digits on both its sides, no more than eight decimals, no exponent
// and no sign but minus. What it reads it reads exactly.
func ParseAmount(s string) (Amount, error) { return parseAmount(s, decimals) }

// FormatAmount returns a in c's own unit, with all its decimals.
func (c *Coin) FormatAmount(a Amount) string { return a.format(c.Decimals) }

// ParseAmount reads a number of coins in c's own unit, as the function ParseAmount
// does for eight decimals.
func (c *Coin) ParseAmount(s string) (Amount, error) { return parseAmount(s, c.Decimals) }

func (a Amount) format(decimals int) string {
	digits, sign := strconv.FormatInt(int64(a), 10), ""
	if a < 0 {
		digits, sign = digits[1:], "-"
	}
	if decimals == 0 {
		return sign + digits
	}
	if len(digits) <= decimals {
		digits = strings.Repeat("0", decimals+1-len(digits)) + digits
	}
	point := len(digits) - decimals
	return sign + digits[:point] + "." + digits[point:]
}

func parseAmount(s string, decimals int) (Amount, error) {
	unsigned, negative := strings.CutPrefix(s, "-")
	whole, fraction, pointed := strings.Cut(unsigned, ".")
	switch {
	case len(s) > 64 || !allDigits(whole) || pointed && !allDigits(fraction):
		return 0, fmt.Errorf("amount %s: want a number like 1.5", quote(s))
	case len(fraction) > decimals:
		return 0, fmt.Errorf("amount %s: more than %d decimals", quote(s), decimals)
	}
	digits := whole + fraction + strings.Repeat("0", decimals-len(fraction))
	units, err := strconv.ParseUint(digits, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && units > math.MaxInt64:
		// The one negative number without a positive twin is refused as well.
		return 0, fmt.Errorf("amount %s: too large", quote(s))
	case err != nil:
		return 0, fmt.Errorf("amount %s: %w", quote(s), err)
	case negative:
		return -Amount(units), nil
	}
	return Amount(units), nil
}

func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// Split divides a in proportion to weights, rounding each part towards zero. The
// parts and rest add up to a exactly; the caller says whose the rest is. There is
// a part for every weight, and when all weights are zero the rest is everything.
func (a Amount) Split(weights []uint64) (parts []Amount, rest Amount) {
	total, part := new(big.Int), new(big.Int)
	for _, w := range weights {
		total.Add(total, part.SetUint64(w))
	}
	parts, rest = make([]Amount, len(weights)), a
	if total.Sign() == 0 {
		return parts, rest
	}
	whole := big.NewInt(int64(a))
	for i, w := range weights {
		part.Mul(part.SetUint64(w), whole).Quo(part, total)
		parts[i] = Amount(part.Int64())
		rest -= parts[i]
	}
	return parts, rest
}
