// Package nsgminer drives nsgminer, which computes NeoScrypt, scrypt and SHA-256 on
// graphics cards through OpenCL, and on processors
// (https://github.com/ghostlander/nsgminer).
//
// It makes the program's command line and asks its interface; what the program
// prints is its family's, see miners/cgfamily. Nothing is started here but the
// conversation of a Poll.
package nsgminer

import (
	"context"
	"strconv"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/cgfamily"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is nsgminer's miners.Driver.
type Driver struct{}

// Name implements miners.Driver.
func (Driver) Name() string { return "nsgminer" }

// Algorithms implements miners.Driver.
func (Driver) Algorithms() []pow.Algorithm {
	return []pow.Algorithm{"neoscrypt", pow.Scrypt, pow.SHA256d}
}

// Args implements miners.Driver. Each algorithm is an option of its own. An
// intensity below the full one is the program's own way to leave the computer
// usable.
func (Driver) Args(p miners.Plan) []string {
	args := []string{
		"--" + string(p.Algorithm), "-o", p.URL, "-u", p.User, "-p", p.Password, "--text-only", "--no-restart",
	}
	if p.API > 0 {
		args = append(args, "--api-listen", "--api-port", strconv.Itoa(p.API))
	}
	if len(p.Devices) == 0 {
		return append(args, processor(p)...)
	}
	args = append(args, "--gpu-reorder")
	for _, d := range p.Devices {
		args = append(args, "-d", strconv.Itoa(d.Index))
	}
	if p.MaxCelsius > 0 {
		args = append(args, "--temp-cutoff", strconv.Itoa(p.MaxCelsius))
	}
	if p.Intensity > 0 && p.Intensity < 100 {
		args = append(args, "-I", "d")
	}
	return args
}

// processor returns the options for the processor alone.
func processor(p miners.Plan) []string {
	args := []string{"-G", "-C"}
	if p.Threads > 0 {
		args = append(args, "-t", strconv.Itoa(p.Threads))
	}
	return args
}

// NewParser implements miners.Driver.
func (Driver) NewParser() miners.Parser { return cgfamily.NewParser() }

// Poll implements miners.Poller.
func (Driver) Poll(ctx context.Context, p miners.Plan) (miners.Status, error) {
	return api.Cgminer(ctx, p.API)
}
