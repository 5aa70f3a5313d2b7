package devnet

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/btcsuite/btcd/btcutil/v2"
)

// coins is an amount in base units (10^-8). In JSON it is a number of whole coins with
// eight decimals, as Core writes it.
type coins int64

func (c coins) MarshalJSON() ([]byte, error) {
	sign, units := "", uint64(c)
	if c < 0 {
		sign, units = "-", -units
	}
	return fmt.Appendf(nil, "%s%d.%08d", sign, units/btcutil.SatoshiPerBitcoin, units%btcutil.SatoshiPerBitcoin), nil
}

// UnmarshalJSON reads a number or a string of at most eight decimals, exactly.
func (c *coins) UnmarshalJSON(raw []byte) error {
	text := string(raw)
	if strings.HasPrefix(text, `"`) {
		if err := json.Unmarshal(raw, &text); err != nil {
			return err
		}
	} else if text == "" || !strings.Contains("-0123456789", text[:1]) {
		return &RPCError{codeType, "Amount is not a number or string"}
	}
	units, err := parseCoins(text)
	*c = coins(units)
	return err
}

// parseCoins reads a decimal number of coins, with an exponent where JSON has one.
func parseCoins(text string) (int64, error) {
	invalid := &RPCError{codeType, "Invalid amount"}
	mantissa, exponent, scaled := strings.Cut(strings.ToLower(text), "e")
	shift := 8
	if scaled {
		e, err := strconv.Atoi(exponent)
		if err != nil || e < -20 || e > 20 {
			return 0, invalid
		}
		shift += e
	}
	if strings.HasPrefix(mantissa, "-") {
		return 0, &RPCError{codeType, "Amount out of range"}
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) > shift || whole == "" || strings.ContainsAny(whole+fraction, "+-") {
		return 0, invalid
	}
	digits := whole + fraction + strings.Repeat("0", shift-len(fraction))
	units, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, invalid
	}
	if units > btcutil.MaxSatoshi {
		return 0, &RPCError{codeType, "Amount out of range"}
	}
	return units, nil
}
