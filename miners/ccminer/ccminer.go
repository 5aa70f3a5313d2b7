// Package ccminer drives ccminer, which computes some seventy algorithms on NVIDIA's
// cards (https://github.com/tpruvot/ccminer; KlausT's and other forks print alike).
//
// It makes ccminer's command line, reads its log, which is on stdout, and asks its
// interface. Most of its lines are its family's, see miners/cpufamily. Nothing is
// started here but the conversation of a Poll.
package ccminer

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/console"
	"github.com/adit-mining/adit/miners/cpufamily"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is ccminer's miners.Driver.
type Driver struct{}

// spellings are version 2.3.1's.
var spellings = miners.Spellings{
	"allium", "bastion", "bitcore", "blake", "blake2b", "blake2s", "blakecoin", "bmw", "c11", "cryptolight", "cryptonight",
	"decred", "deep", "dmd-gr", "equihash", "exosis", "fresh", "fugue256", "graft", "groestl", "heavy", "hmq1725", "hsr",
	"jackpot", "jha", "keccak", "keccakc", "lbry", "luffa", "lyra2", "lyra2v2", "lyra2v3", "lyra2z", "mjollnir", "monero",
	"myr-gr", "neoscrypt", "nist5", "penta", "phi", "phi2", "polytimos", "quark", "qubit", "s3", "scrypt", "scrypt-jane",
	"sha256d", "sha256q", "sha256t", "sia", "sib", "skein", "skein2", "skunk", "sonoa", "stellite", "timetravel", "tribus",
	"vanilla", "veltor", "whirlcoin", "whirlpool", "whirlpoolx", "wildkeccak", "x11", "x11evo", "x12", "x13", "x14", "x15",
	"x16r", "x16s", "x17", "zr5",
}

// Name implements miners.Driver.
func (Driver) Name() string { return "ccminer" }

// Algorithms implements miners.Driver.
func (Driver) Algorithms() []pow.Algorithm { return spellings.Algorithms() }

// Args implements miners.Driver. ccminer has no TLS, and says so when it meets the
// scheme. Without --api-remote its interface only tells.
func (Driver) Args(p miners.Plan) []string {
	args := []string{"-a", spellings.Of(p.Algorithm), "-o", p.URL, "-u", p.User, "-p", p.Password, "-R", "5", "--no-color"}
	if cards := console.OwnNumbers(p.Of(miners.NVIDIA)); len(cards) > 0 {
		args = append(args, "-d", strings.Join(cards, ","))
	}
	if p.API != 0 {
		args = append(args, "-b", "127.0.0.1:"+strconv.Itoa(p.API))
	} else {
		args = append(args, "-b", "0")
	}
	if p.MaxCelsius > 0 {
		args = append(args, fmt.Sprintf("--max-temp=%d", p.MaxCelsius), fmt.Sprintf("--resume-temp=%d", console.Resume(p)))
	}
	if more, ok := console.Throttled(p, 12); ok { // its range is 8 to 25; above 20 few cards gain
		args = append(args, "-i", strconv.Itoa(8+more))
	}
	return args
}

// NewParser implements miners.Driver.
func (Driver) NewParser() miners.Parser { return &parser{} }

// Poll implements miners.Poller.
func (Driver) Poll(ctx context.Context, p miners.Plan) (miners.Status, error) {
	return api.Cpuminer(ctx, p.API)
}

// parser reads ccminer's log.
type parser struct{ cpufamily.Log }

// Parse implements miners.Parser.
func (p *parser) Parse(line string) []miners.Event { return cpufamily.Each(line, p.parse) }

// parse reads what is behind a time.
func (p *parser) parse(line string) []miners.Event {
	if events, known := cpufamily.Card(&p.Log, line); known {
		return events
	}
	if events, known := p.Log.Parse(line); known {
		return events
	}
	if code := console.CodeOf(line, signs); code != "" {
		return []miners.Event{miners.Problem{Code: code, Detail: line}}
	}
	return nil
}

// signs are of the texts in ccminer's source. What CUDA says of an error is behind
// the number of the card.
var signs = console.Troubles{
	{"starting on", ""}, {"nvml", ""}, {"nvapi", ""}, {"memory leak", ""}, {"(ignored)", ""},
	{"no cuda devices found", miners.CodeNoDevice},
	{"non-existant cuda device", miners.CodeNoDevice},
	{"unable to query cuda driver version", miners.CodeDriverProblem},
	{"unable to query number of cuda devices", miners.CodeDriverProblem},
	{"does not support cuda", miners.CodeDriverProblem},
	{"cuda driver version is insufficient", miners.CodeDriverProblem},
	{"temperature too high", miners.CodeDeviceIdle},
	{"does not validate on cpu", miners.CodeHardwareError},
	{"out of memory", miners.CodeOutOfMemory},
	{"cudaerrormemoryallocation", miners.CodeOutOfMemory},
	{"cuda error in func", miners.CodeDeviceFailed},
	{"gpu*illegal", miners.CodeDeviceFailed},
	{"gpu*launch failure", miners.CodeDeviceFailed},
	{"gpu*launch timed out", miners.CodeDeviceFailed},
	{"gpu*unknown error", miners.CodeDeviceFailed},
	{"stratum connect timeout", miners.CodeTimeout},
}
