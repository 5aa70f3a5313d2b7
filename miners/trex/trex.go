// Package trex drives T-Rex, a closed program for NVIDIA's cards
// (https://github.com/trexminer/T-Rex).
//
// It makes T-Rex's command line, reads what it prints and asks its HTTP interface.
// The wording of its lines is from recordings that users published; where that is
// not sure, a line is only taken for a kind of trouble, never counted. Nothing is
// started here.
package trex

import (
	"slices"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/console"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is T-Rex's miners.Driver.
type Driver struct{}

// Name implements miners.Driver.
func (Driver) Name() string { return "t-rex" }

// spellings are version 0.26's.
var spellings = miners.Spellings{
	"ethash", "etchash", "kawpow", "firopow", "progpow", "progpowz", "progpow-veil", "progpow-veriblock",
	"autolykos2", "octopus", "blake3", "mtp", "mtp-tcr", "tensority",
}

// Algorithms implements miners.Driver.
func (Driver) Algorithms() []pow.Algorithm { return spellings.Algorithms() }

// Args implements miners.Driver. T-Rex's interface is read-only: nobody who finds
// the port can stop or turn it elsewhere.
func (Driver) Args(p miners.Plan) []string {
	address, encrypted := console.Pool(p)
	scheme := "stratum+tcp://"
	if encrypted {
		scheme = "stratum+ssl://"
	}
	if p.Algorithm == "octopus" { // T-Rex speaks Conflux's dialect under its own scheme alone
		scheme = strings.Replace(scheme, "stratum", "stratum2", 1)
	}
	args := []string{"-a", spellings.Of(p.Algorithm), "-o", scheme + address, "-u", p.User, "-p", p.Password}
	if cards := console.OwnNumbers(p.Of(miners.NVIDIA)); len(cards) > 0 {
		args = append(args, "-d", strings.Join(cards, ","))
	}
	if p.API != 0 {
		args = append(args, "--api-bind-http", "127.0.0.1:"+strconv.Itoa(p.API), "--api-read-only")
	} else {
		args = append(args, "--api-bind-http", "0")
	}
	if p.MaxCelsius > 0 {
		args = append(args, "--temperature-limit", strconv.Itoa(p.MaxCelsius), "--temperature-start", strconv.Itoa(console.Resume(p)))
	}
	if more, ok := console.Throttled(p, 14); ok { // its range is 8 to 25, and 22 what it mostly takes
		args = append(args, "-i", strconv.Itoa(8+more))
	}
	return append(args, "--no-watchdog", "--no-color", "--gpu-report-interval", "30")
}

// NewParser implements miners.Driver.
func (Driver) NewParser() miners.Parser { return new(parser) }

// claims reports whether T-Rex computes a.
func claims(a string) bool {
	return slices.Contains(spellings, a)
}
