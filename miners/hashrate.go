package miners

import (
	"math"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners/pow"
)

// ParseHashrate reads a rate as mining programs print it: a number, with a point
// or a comma, and a unit in any letter case, whose prefix is a power of 1000 and
// which may lack the "/s" (kH/s, khash/s, khash/sec, MH, G/s, Sol/s, g/s). What is
// no number of zero or more ("n/a", "-nan") is not ok.
func ParseHashrate(number, unit string) (rate pow.Hashrate, ok bool) {
	value, err := strconv.ParseFloat(point(number), 64)
	if err != nil || math.IsNaN(value) || math.IsInf(value, 0) || value < 0 {
		return 0, false
	}
	factor, ok := unitFactor(unit)
	return pow.Hashrate(value * factor), ok
}

// point makes the decimal sign of number a point. A comma before three digits,
// or beside a point, parts thousands.
func point(number string) string {
	comma := strings.LastIndexByte(number, ',')
	if comma < 0 {
		return number
	}
	if strings.Contains(number, ".") || len(number)-comma == 4 {
		return strings.ReplaceAll(number, ",", "")
	}
	return strings.Replace(number, ",", ".", 1)
}

// unitFactor returns the power of 1000 that unit's prefix stands for.
func unitFactor(unit string) (factor float64, ok bool) {
	unit = strings.TrimSuffix(strings.ToLower(unit), "/s")
	for _, noun := range []string{"hashes", "hash", "sol", "h", "g"} {
		if prefix, found := strings.CutSuffix(unit, noun); found {
			unit = prefix
			break
		}
	}
	power := strings.Index("kmgtpe", unit)
	switch {
	case unit == "":
		return 1, true
	case len(unit) != 1 || power < 0:
		return 0, false
	}
	return math.Pow(1000, float64(power+1)), true
}
