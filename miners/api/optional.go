package api

import "github.com/adit-mining/adit/miners/pow"

// Optional returns what bound makes of v, or nil where a program's answer has no
// value.
func Optional(v *float64, bound func(float64) *float64) *float64 {
	if v == nil {
		return nil
	}
	return bound(*v)
}

// Rate returns the hashrate of v units of factor hashes a second, or nil where a
// program's answer has no value.
func Rate(v *float64, factor float64) *pow.Hashrate {
	if v == nil || !(*v >= 0 && factor > 0) {
		return nil
	}
	rate := pow.Hashrate(*v * factor)
	return &rate
}
