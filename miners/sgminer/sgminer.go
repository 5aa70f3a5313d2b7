// Package sgminer drives sgminer, which computes scrypt, the X family and others on
// graphics cards through OpenCL (https://github.com/sgminer-dev/sgminer).
//
// It makes the program's command line and asks its interface; what the program
// prints is its family's, see miners/cgfamily. Nothing is started here but the
// conversation of a Poll.
package sgminer

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/cgfamily"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is sgminer's miners.Driver.
type Driver struct{}

// kernels are version 5.1's names of kernels, which are mostly of coins.
var kernels = map[pow.Algorithm]string{
	"scrypt": "ckolivas", "neoscrypt": "neoscrypt", "pluck": "pluck", "quark": "quarkcoin", "qubit": "qubitcoin",
	"x11": "darkcoin-mod", "x13": "marucoin-mod", "x14": "x14", "x15": "bitblock", "nist5": "talkcoin-mod",
	"keccak": "maxcoin", "myr-groestl": "myriadcoin-groestl", "groestl": "groestlcoin", "dmd-gr": "diamond",
	"fresh": "fresh", "lyra2re": "lyra2re", "lyra2rev2": "lyra2rev2", "whirlpool": "whirlcoin",
	"whirlpoolx": "whirlpoolx", "yescrypt": "yescrypt",
}

// Name implements miners.Driver.
func (Driver) Name() string { return "sgminer" }

// Algorithms implements miners.Driver.
func (Driver) Algorithms() []pow.Algorithm { return slices.Sorted(maps.Keys(kernels)) }

// Args implements miners.Driver. The program does not start hanging cards again,
// for we do that; an intensity below the full one is the program's own way to leave
// the computer usable.
func (Driver) Args(p miners.Plan) []string {
	args := []string{
		"-k", cmp.Or(kernels[p.Algorithm], string(p.Algorithm)), "-o", p.URL, "-u", p.User, "-p", p.Password,
		"--text-only", "--no-restart", "--gpu-reorder",
	}
	if p.API > 0 {
		args = append(args, "--api-listen", "--api-port", strconv.Itoa(p.API))
	}
	if len(p.Devices) > 0 {
		args = append(args, "-d", list(p.Devices))
	}
	if p.MaxCelsius > 0 {
		args = append(args, "--temp-cutoff", strconv.Itoa(p.MaxCelsius))
	}
	if p.Intensity > 0 && p.Intensity < 100 {
		args = append(args, "-I", "d")
	}
	return args
}

// list returns the cards' numbers with commas between. OpenCL has a platform for
// each vendor, so they are counted among those of their vendor.
func list(devices []miners.Device) string {
	numbers := make([]string, len(devices))
	for i, d := range devices {
		numbers[i] = strconv.Itoa(d.Index)
	}
	return strings.Join(numbers, ",")
}

// NewParser implements miners.Driver.
func (Driver) NewParser() miners.Parser { return cgfamily.NewParser() }

// Poll implements miners.Poller.
func (Driver) Poll(ctx context.Context, p miners.Plan) (miners.Status, error) {
	return api.Cgminer(ctx, p.API)
}
