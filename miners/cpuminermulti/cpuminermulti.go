// Package cpuminermulti drives cpuminer-multi, which computes some seventy
// algorithms on processors (https://github.com/tpruvot/cpuminer-multi).
//
// It makes the program's command line, reads its log, which is on stdout, and asks
// its interface. Most of its lines are its family's, see miners/cpufamily. Nothing
// is started here but the conversation of a Poll.
package cpuminermulti

import (
	"context"
	"fmt"
	"strconv"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/cpufamily"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is cpuminer-multi's miners.Driver.
type Driver struct{}

// spellings are version 1.3.7's.
var spellings = miners.Spellings{
	"keccak", "keccakc", "heavy", "neoscrypt", "quark", "allium", "axiom", "bastion", "blake", "blakecoin",
	"blake2b", "blake2s", "bmw", "c11", "cryptolight", "cryptonight", "decred", "dmd-gr", "drop", "fresh", "geek",
	"groestl", "jha", "lbry", "luffa", "lyra2re", "lyra2rev2", "lyra2v3", "myr-gr", "nist5", "pentablake",
	"phi1612", "phi2", "pluck", "qubit", "rainforest", "scrypt", "scrypt-jane", "shavite3", "sha256d", "sia",
	"sib", "skein", "skein2", "sonoa", "s3", "timetravel", "bitcore", "tribus", "vanilla", "veltor", "x11evo",
	"x11", "x12", "x13", "x14", "x15", "x16r", "x16rv2", "x16s", "x17", "x20r", "xevan", "yescrypt",
	"yescryptr16", "yescryptr32", "zr5",
}

// Name implements miners.Driver.
func (Driver) Name() string { return "cpuminer-multi" }

// Algorithms implements miners.Driver.
func (Driver) Algorithms() []pow.Algorithm { return spellings.Algorithms() }

// Args implements miners.Driver. The program runs at idle priority by itself. It
// has no TLS, and says so when it meets the scheme.
func (Driver) Args(p miners.Plan) []string {
	args := []string{
		"-a", spellings.Of(p.Algorithm), "-o", p.URL, "-u", p.User, "-p", p.Password, "-R", "5", "--no-color",
		"-b", bind(p.API),
	}
	if p.Threads > 0 {
		args = append(args, "-t", strconv.Itoa(p.Threads))
	}
	if p.MaxCelsius > 0 {
		args = append(args, fmt.Sprintf("--max-temp=%d", p.MaxCelsius))
	}
	return args
}

// bind returns where the interface shall listen; 0 is nowhere.
func bind(port int) string {
	if port == 0 {
		return "0"
	}
	return fmt.Sprintf("127.0.0.1:%d", port)
}

// NewParser implements miners.Driver.
func (Driver) NewParser() miners.Parser { return &parser{cpufamily.Log{Threads: true}} }

// Poll implements miners.Poller.
func (Driver) Poll(ctx context.Context, p miners.Plan) (miners.Status, error) {
	return api.Cpuminer(ctx, p.API)
}

// parser reads the log, all of whose lines are the family's.
type parser struct{ cpufamily.Log }

// Parse implements miners.Parser.
func (p *parser) Parse(line string) []miners.Event { return cpufamily.Each(line, p.parse) }

// parse reads what is behind a time.
func (p *parser) parse(line string) []miners.Event {
	events, _ := p.Log.Parse(line)
	return events
}
