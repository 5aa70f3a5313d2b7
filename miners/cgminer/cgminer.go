// Package cgminer drives cgminer, which runs the SHA-256 machines that are plugged
// in by USB (https://github.com/ckolivas/cgminer); graphics cards it left behind
// with version 3.7.2.
//
// It makes the program's command line and asks its interface; what the program
// prints is its family's, see miners/cgfamily. Nothing is started here but the
// conversation of a Poll.
package cgminer

import (
	"context"
	"strconv"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/cgfamily"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is cgminer's miners.Driver.
type Driver struct{}

// Name implements miners.Driver.
func (Driver) Name() string { return "cgminer" }

// Algorithms implements miners.Driver.
func (Driver) Algorithms() []pow.Algorithm { return []pow.Algorithm{pow.SHA256d} }

// Args implements miners.Driver. cgminer takes each machine that it finds.
func (Driver) Args(p miners.Plan) []string {
	args := []string{"-o", p.URL, "-u", p.User, "-p", p.Password, "--text-only"}
	if p.API > 0 {
		args = append(args, "--api-listen", "--api-host", "127.0.0.1", "--api-port", strconv.Itoa(p.API))
	}
	if p.MaxCelsius > 0 {
		args = append(args, "--temp-cutoff", strconv.Itoa(p.MaxCelsius))
	}
	return args
}

// NewParser implements miners.Driver.
func (Driver) NewParser() miners.Parser { return cgfamily.NewParser() }

// Poll implements miners.Poller. The interface opens only once a pool is alive.
func (Driver) Poll(ctx context.Context, p miners.Plan) (miners.Status, error) {
	return api.Cgminer(ctx, p.API)
}
