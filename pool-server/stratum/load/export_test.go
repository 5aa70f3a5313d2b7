package load

import "time"

// Quantiles adds durations to a histogram and returns its quantiles.
func Quantiles(ds []time.Duration, parts ...float64) []time.Duration {
	var h histogram
	for _, d := range ds {
		h.add(d)
	}
	var out []time.Duration
	for _, p := range parts {
		out = append(out, h.quantile(p))
	}
	return out
}
