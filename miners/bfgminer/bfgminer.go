// Package bfgminer drives bfgminer, which computes SHA-256, scrypt and keccak on
// mining machines, graphics cards and processors (https://github.com/luke-jr/bfgminer).
//
// It makes the program's command line and asks its interface; what the program
// prints is its family's, see miners/cgfamily. Nothing is started here but the
// conversation of a Poll.
package bfgminer

import (
	"context"
	"fmt"
	"strconv"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/cgfamily"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is bfgminer's miners.Driver.
type Driver struct{}

// Name implements miners.Driver.
func (Driver) Name() string { return "bfgminer" }

// Algorithms implements miners.Driver.
func (Driver) Algorithms() []pow.Algorithm { return []pow.Algorithm{pow.SHA256d, pow.Scrypt} }

// Args implements miners.Driver.
func (Driver) Args(p miners.Plan) []string {
	args := []string{"-o", p.URL, "-u", p.User, "-p", p.Password, "--text-only", "--no-restart"}
	if p.Algorithm == pow.Scrypt {
		args = append(args, "--scrypt")
	}
	if p.API > 0 {
		args = append(args, "--api-listen", "--api-port", strconv.Itoa(p.API))
	}
	return append(args, devices(p)...)
}

// devices returns the options that choose what to mine with: the cards of the plan,
// or the processor.
func devices(p miners.Plan) (args []string) {
	if len(p.Devices) == 0 {
		args = append(args, "-S", "cpu:auto")
		if p.Threads > 0 {
			args = append(args, "-t", strconv.Itoa(p.Threads))
		}
		return args
	}
	args = append(args, "-S", "opencl:auto")
	for _, d := range p.Devices {
		args = append(args, "-d", fmt.Sprintf("OCL%d", d.Index))
	}
	if p.MaxCelsius > 0 {
		args = append(args, "--set-device", fmt.Sprintf("OCL:temp-cutoff=%d", p.MaxCelsius))
	}
	return args
}

// NewParser implements miners.Driver.
func (Driver) NewParser() miners.Parser { return cgfamily.NewParser() }

// Poll implements miners.Poller.
func (Driver) Poll(ctx context.Context, p miners.Plan) (miners.Status, error) {
	return api.Cgminer(ctx, p.API)
}
