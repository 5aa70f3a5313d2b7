package view

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/adit-mining/adit/app/model"
)

// unknown stands where something was not told: that is not 0.
const unknown = "–"

// number writes a number, and what may stand behind it, as the user's language does:
// its point, and something between thousands.
func number(text string) string {
	whole := len(text) - len(strings.TrimLeft(text, "-0123456789"))
	return thousands(text[:whole]) + point(text[whole:])
}

// point writes a number's point as the user's language does.
func point(text string) string {
	return strings.Replace(text, ".", say("number.point", nil), 1)
}

// thousands puts what the user's language has between thousands into a whole number.
// Some languages leave four digits together.
func thousands(whole string) string {
	sign := whole[:len(whole)-len(strings.TrimLeft(whole, "-"))]
	digits := whole[len(sign):]
	if from, err := strconv.Atoi(say("number.thousands-from", nil)); err != nil || len(digits) < from {
		return whole
	}
	first := (len(digits)-1)%3 + 1
	grouped := digits[:first]
	for rest := digits[first:]; rest != ""; rest = rest[3:] {
		grouped += say("number.thousands", nil) + rest[:3]
	}
	return sign + grouped
}

// figures writes a number with so many digits that count, and no more: 0.0034,
// 1.23, 1,234.
func figures(v float64, digits int) string {
	if v == 0 {
		return "0"
	}
	decimals := digits - 1 - int(math.Floor(math.Log10(math.Abs(v))))
	text := strconv.FormatFloat(v, 'f', max(decimals, 0), 64)
	if decimals > 0 {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return number(text)
}

// money writes a sum in a currency: with cents from a tenth of it on, below with two
// digits that count. So what is not nothing is never written as 0.00.
func money(v float64, currency string) string {
	text := figures(v, 2)
	if math.Abs(v) >= 0.095 {
		text = number(strconv.FormatFloat(v, 'f', 2, 64))
	}
	return say("money", args{"Sum": text, "Currency": currency})
}

// coins writes an amount of a coin.
func coins(a fmt.Stringer, symbol string) string {
	return say("amount", args{"Amount": number(trim(a.String())), "Symbol": symbol})
}

// trim returns an amount for people: without the zeros at its end and, from a
// whole coin on, with four decimals: "1.50000000" is "1.5". It cuts and never
// rounds up, so nobody is promised more than there is.
func trim(amount string) string {
	whole, decimals, found := strings.Cut(amount, ".")
	if !found {
		return amount
	}
	if strings.Trim(whole, "0-") != "" && len(decimals) > 4 {
		decimals = decimals[:4]
	}
	decimals = strings.TrimRight(decimals, "0")
	if decimals == "" {
		return whole
	}
	return whole + "." + decimals
}

// group writes a count.
func group(n int64) string { return number(strconv.FormatInt(n, 10)) }

// percent returns a share of a whole for people: two digits where it is small.
func percent(part, whole int64) string {
	if whole <= 0 {
		return "0"
	}
	p := float64(part) * 100 / float64(whole)
	if p >= 10 {
		return strconv.FormatFloat(math.Round(p), 'f', 0, 64)
	}
	return number(strconv.FormatFloat(p, 'g', 2, 64))
}

// degrees writes a temperature.
func degrees(celsius float64) string { return strconv.FormatFloat(celsius, 'f', 0, 64) + " °C" }

// megabytes writes a size of bytes.
func megabytes(bytes int64) string {
	return say("size.mb", args{"Size": number(strconv.FormatFloat(float64(bytes)/1e6, 'f', 1, 64))})
}

// day names a day as seen from now: today, yesterday, or its date.
func day(t, now time.Time) string {
	date := func(t time.Time) string { return t.Format(time.DateOnly) }
	switch date(t) {
	case date(now):
		return say("day.today", nil)
	case date(now.AddDate(0, 0, -1)):
		return say("day.yesterday", nil)
	}
	return say("day.date", args{"Day": t.Day(), "Month": say("month."+strconv.Itoa(int(t.Month())), nil)})
}

// clock writes a time of day.
func clock(t time.Time) string { return t.Format("15:04") }

// worth returns what an amount of a coin of the pool is worth in the user's
// currency, where the pool knows a price. Coins of test networks are worth nothing
// and have none.
func worth(s model.State, id, network string, a fmt.Stringer) (sum float64, currency string, known bool) {
	currency = s.Income().Currency
	if network != "" && network != "main" {
		return 0, currency, false
	}
	amount, err := strconv.ParseFloat(a.String(), 64)
	if err != nil {
		return 0, currency, false
	}
	for _, c := range s.Pool.Info.Coins {
		if c.ID != id || c.Estimate == nil {
			continue
		}
		if price, ok := c.Estimate.Prices[currency]; ok && price > 0 {
			return amount * price, currency, true
		}
	}
	return 0, currency, false
}
