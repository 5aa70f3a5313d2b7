// Package cpumineropt drives cpuminer-opt, which computes some hundred algorithms
// on processors, with a build for each kind of them
// (https://github.com/JayDDee/cpuminer-opt).
//
// It makes the program's command line, reads its log, which is on stdout, and asks
// its interface. Nothing is started here but the conversation of a Poll.
package cpumineropt

import (
	"context"
	"fmt"
	"strconv"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is cpuminer-opt's miners.Driver.
type Driver struct{}

// spellings are version 26.1's.
var spellings = miners.Spellings{
	"allium", "anime", "argon2d250", "argon2d500", "argon2d1000", "argon2d16000", "argon2d4096", "axiom", "blake",
	"blake2b", "blake2s", "blakecoin", "bmw", "bmw512", "c11", "deep", "dmd-gr", "groestl", "hex", "hmq1725",
	"jha", "keccak", "keccakc", "lbry", "lyra2h", "lyra2re", "lyra2rev2", "lyra2rev3", "lyra2z", "lyra2z330",
	"m7m", "myr-gr", "minotaur", "minotaurx", "neoscrypt", "nist5", "pentablake", "phi1612", "phi2", "polytimos",
	"power2b", "quark", "qubit", "scrypt", "scryptn2", "sha256d", "sha256dt", "sha256q", "sha256t", "sha3d",
	"sha512256d", "skein", "skein2", "skunk", "sonoa", "timetravel", "timetravel10", "tribus", "vanilla",
	"veltor", "verthash", "whirlpool", "whirlpoolx", "x11", "x11evo", "x11gost", "x12", "x13", "x13bcd", "x13sm3",
	"x14", "x15", "x16r", "x16rv2", "x16rt", "x16rt-veil", "x16s", "x17", "x20r", "x21s", "x22i", "x25x", "xevan",
	"yescrypt", "yescryptr8g", "yescryptr16", "yescryptr32", "yespower", "yespowerr16", "yespower-b2b", "zr5",
}

// Name implements miners.Driver.
func (Driver) Name() string { return "cpuminer-opt" }

// Algorithms implements miners.Driver.
func (Driver) Algorithms() []pow.Algorithm { return spellings.Algorithms() }

// Args implements miners.Driver. The program runs at idle priority by itself; ten
// seconds are the shortest pause before it tries a pool again.
func (Driver) Args(p miners.Plan) []string {
	args := []string{
		"-a", spellings.Of(p.Algorithm), "-o", p.URL, "-u", p.User, "-p", p.Password, "--retry-pause=10", "--no-color",
	}
	if p.API > 0 {
		args = append(args, "-b", fmt.Sprintf("127.0.0.1:%d", p.API))
	}
	if p.Threads > 0 {
		args = append(args, "-t", strconv.Itoa(p.Threads))
	}
	if p.MaxCelsius > 0 {
		args = append(args, fmt.Sprintf("--max-temp=%d", p.MaxCelsius))
	}
	return args
}

// Poll implements miners.Poller.
func (Driver) Poll(ctx context.Context, p miners.Plan) (miners.Status, error) {
	return api.Cpuminer(ctx, p.API)
}
