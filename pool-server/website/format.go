package website

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/web"
)

// words are the functions that templates turn numbers into text with. The script
// in static/live.js does the same for the numbers that it refreshes.
var words = template.FuncMap{
	"hashrate":   func(h float64) string { return metric(h) + "H/s" },
	"difficulty": difficulty,
	"count":      web.Count,
	"percent":    percent,
	"rate":       func(p float64) string { return strconv.FormatFloat(p, 'f', -1, 64) + "\u202f%" }, // of a fee: not rounded
	"between":    between,
	"effort":     func(e float64) string { return percent(e * 100) },
	"coins":      web.Coins,
	"short":      web.Short,
	"ago":        web.Ago,
	"clock":      func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") },
	"machine":    func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"worker":     workerName,
	"reading":    reading,
	"state":      deviceState,
	"share":      share,
	"part":       part,
	"join":       strings.Join,
	"exactly":    exactly,
	"signed":     signedAmount,
	"unsigned":   unsigned,
	"minus":      minus,
	"nonzero":    nonzero,
	"ppm":        ppm,
	"scheme":     schemeWords,
	"causes":     causeWords,
	"ofAll":      ofAll,
	"testnet":    func(c poolapi.CoinInfo) bool { return c.Network != "main" },
}

// metric returns v with three digits and a prefix, ready for a unit: "1.23 M".
func metric(v float64) string {
	prefixes := []string{"", "k", "M", "G", "T", "P", "E", "Z"}
	if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
		v = 0
	}
	i := 0
	for v >= 999.5 && i < len(prefixes)-1 {
		v /= 1000
		i++
	}
	return threeDigits(v) + " " + prefixes[i]
}

func threeDigits(v float64) string {
	switch {
	case v >= 99.95:
		return fmt.Sprintf("%.0f", v)
	case v >= 9.995:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// difficulty writes difficulties, which may be far below 1.
func difficulty(d float64) string {
	switch {
	case d == 0:
		return "–"
	case d < 0.01:
		return strconv.FormatFloat(d, 'g', 3, 64)
	case d < 1000:
		return strconv.FormatFloat(math.Round(d*100)/100, 'f', -1, 64)
	}
	return strings.TrimSpace(metric(d))
}

func percent(p float64) string {
	switch {
	case p > 0 && p < 0.05:
		return "<\u202f0.1\u202f%"
	case p < 9.95:
		return strconv.FormatFloat(math.Round(p*10)/10, 'f', -1, 64) + "\u202f%"
	}
	return fmt.Sprintf("%.0f\u202f%%", p)
}

// between writes the error bar of a hashrate, in one unit: "3.72 – 5.79 kH/s".
func between(low, high float64) string {
	lowText, highText := metric(low), metric(high)
	if number, prefix, _ := strings.Cut(lowText, " "); strings.HasSuffix(highText, " "+prefix) {
		lowText = number
	} else {
		lowText += "H/s"
	}
	return lowText + " – " + highText + "H/s"
}

func workerName(name string) string {
	if name == "" {
		return "(no name)"
	}
	return name
}

// reading writes a sensor's value, which may be absent.
func reading(v *float64, unit string) string {
	if v == nil {
		return ""
	}
	return fmt.Sprintf("%.0f\u202f%s", *v, unit)
}

// deviceState says in words what a device does.
func deviceState(s string) string {
	switch s {
	case poolapi.StateOff:
		return "switched off"
	case poolapi.StateCannot:
		return "cannot mine"
	}
	return s
}

// share is how many of all were rejected, in percent.
func share(rejected, accepted int64) float64 {
	if rejected+accepted == 0 {
		return 0
	}
	return 100 * float64(rejected) / float64(rejected+accepted)
}

// part is how far an amount is on the way to a limit, in percent.
func part(amount, limit string) int {
	have, err1 := strconv.ParseFloat(amount, 64)
	want, err2 := strconv.ParseFloat(limit, 64)
	if err1 != nil || err2 != nil || want <= 0 {
		return 0
	}
	return int(min(100, max(0, 100*have/want)))
}
