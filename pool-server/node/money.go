package node

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/wallet/coin"
)

const usualDecimals = 8

// amount reads a daemon's number of coins exactly. Some daemons write small ones
// with an exponent ("1e-08").
func (c *Client) amount(n json.Number) (coin.Amount, error) {
	r, err := c.units(n)
	if err != nil {
		return 0, err
	}
	if !r.IsInt() || !r.Num().IsInt64() {
		return 0, fmt.Errorf("amount %q: not a whole number of the coin's smallest unit", n)
	}
	return coin.Amount(r.Num().Int64()), nil
}

// rate reads a daemon's fee rate, which may have more digits than an amount can: it
// is rounded up.
func (c *Client) rate(n json.Number) (coin.Amount, error) {
	r, err := c.units(n)
	if err != nil {
		return 0, err
	}
	up := new(big.Int).Add(r.Num(), r.Denom())
	up.Sub(up, big.NewInt(1)).Div(up, r.Denom())
	if !up.IsInt64() {
		return 0, fmt.Errorf("rate %q: out of range", n)
	}
	return coin.Amount(up.Int64()), nil
}

// units reads a number of coins as a number of the smallest unit.
func (c *Client) units(n json.Number) (*big.Rat, error) {
	if len(n) > 64 {
		return nil, fmt.Errorf("amount of %d characters", len(n))
	}
	// A huge exponent would make a number that fills the memory.
	if at := strings.IndexAny(string(n), "eE"); at >= 0 {
		if e, err := strconv.Atoi(string(n[at+1:])); err != nil || e < -30 || e > 30 {
			return nil, fmt.Errorf("amount %q: exponent out of range", n)
		}
	}
	r, ok := new(big.Rat).SetString(string(n))
	if !ok {
		return nil, fmt.Errorf("amount %q: not a number", n)
	}
	return r.Mul(r, new(big.Rat).SetInt(c.unitsPerCoin())), nil
}

// number writes a as a JSON number of coins, with all its decimals.
func (c *Client) number(a coin.Amount) json.Number {
	r := new(big.Rat).SetFrac(big.NewInt(int64(a)), c.unitsPerCoin())
	return json.Number(r.FloatString(c.decimals()))
}

func (c *Client) unitsPerCoin() *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(c.decimals())), nil)
}

func (c *Client) decimals() int {
	if c.config.Decimals == 0 {
		return usualDecimals
	}
	return c.config.Decimals
}
