package api

import (
	"strconv"

	"github.com/adit-mining/adit/miners/pow"
)

// Measured reads what a program printed of a sensor; words like "n/a" are nothing.
func Measured(text string, bound func(float64) *float64) *float64 {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil
	}
	return bound(v)
}

// Card reads a program's number of a device; ok is whether a computer can have it.
func Card(text string) (number int, ok bool) {
	number, err := strconv.Atoi(text)
	return number, err == nil && number >= 0 && number < maxDevices
}

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
