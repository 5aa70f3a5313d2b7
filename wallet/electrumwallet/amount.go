package electrumwallet

import (
	"fmt"
	"math/big"
	"regexp"

	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/program"
)

// amountForm bounds the exponent, of which a large one would take all memory.
var amountForm = regexp.MustCompile(`^-?[0-9]{1,20}(\.[0-9]{1,20})?(E[+-]?[0-9]{1,2})?$`)

// amount reads an amount as Python's Decimal writes it: "0.0117", "1E-8", "-0.5".
func amount(c *coin.Coin, text string) (coin.Amount, error) {
	if !amountForm.MatchString(text) {
		return 0, fmt.Errorf("%w: an amount that is none", program.ErrNonsense)
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return 0, fmt.Errorf("%w: the amount %q", program.ErrNonsense, text)
	}
	r.Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(c.Decimals)), nil)))
	if !r.IsInt() || !r.Num().IsInt64() {
		return 0, fmt.Errorf("%w: the amount %q", program.ErrNonsense, text)
	}
	return coin.Amount(r.Num().Int64()), nil
}
