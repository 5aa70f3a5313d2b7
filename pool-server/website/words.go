package website

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/web"
)

// The functions of this file turn what explains money into text. Unlike those of
// format.go they shorten nothing: who adds up a page must come to its sum.

// signedAmount writes an amount that is added up: "+ 1.5", "− 0.25".
func signedAmount(amount string) string {
	if rest, negative := strings.CutPrefix(amount, "-"); negative {
		return "−\u202f" + rest
	}
	return "+\u202f" + amount
}

// unsigned leaves the sign out.
func unsigned(amount string) string { return strings.TrimPrefix(amount, "-") }

// minus turns the sign round.
func minus(amount string) string {
	if rest, negative := strings.CutPrefix(amount, "-"); negative {
		return rest
	}
	return "-" + amount
}

// nonzero tells whether an amount is not nothing.
func nonzero(amount string) bool { return strings.Trim(amount, "-0.") != "" }

// ppm writes parts per million as percent, all of it.
func ppm(n int64) string { return strconv.FormatFloat(float64(n)/10_000, 'f', -1, 64) + "\u202f%" }

// fraction writes a number of a coin's units, which need not be whole, as whole coins
// with twelve digits of precision.
func (p Pool) fraction(units float64) string {
	v, err := strconv.ParseFloat(strconv.FormatFloat(units/math.Pow10(p.Network.Coin.Decimals), 'g', 12, 64), 64)
	if err != nil { // never: it was a number
		return ""
	}
	return exactly(v)
}

// schemeWords says how a scheme deals out a reward.
func schemeWords(scheme string) string {
	switch scheme {
	case "PROP":
		return "the shares since the block before count"
	case "PPLNS":
		return "the last shares before the block count, as many as the window holds"
	case "SOLO":
		return "all of it is the finder's"
	case "PPS":
		return "the shares that the pool had not bought count, and those it had bought are its own"
	}
	return "by the pool's terms"
}

// causeWords says what n movements of one cause are.
func causeWords(cause string, n int64) string {
	number := func(one, many string) string {
		if n == 1 {
			return one
		}
		return web.Count(n) + " " + many
	}
	switch cause {
	case poolapi.CreditBlock:
		return number("A block", "blocks")
	case poolapi.CreditOrphan:
		return number("A block that is gone from the chain", "blocks that are gone from the chain")
	case poolapi.CreditShares:
		return "Shares that the pool bought, booked " + number("once", "times")
	case poolapi.CreditCorrection:
		return number("A correction", "corrections")
	case poolapi.CreditImport:
		return "Brought from other books"
	case poolapi.CreditBorne:
		return "Paid beyond the balance, at the pool's loss"
	case poolapi.CreditPayout:
		return "Set aside for " + number("a payout that was given up later", "payouts that were given up later")
	case poolapi.CreditReturned:
		return "Given back by " + number("a payout that was given up", "payouts that were given up")
	}
	return fmt.Sprintf("%s, %d", cause, n)
}

// ofAll is a part in percent.
func ofAll(part, all float64) float64 {
	if !(all > 0) {
		return 0
	}
	return 100 * part / all
}
