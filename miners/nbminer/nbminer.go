// Package nbminer drives NBMiner, versions 10 to 42.3 (the last): ethash, kawpow and
// the like on graphics cards of NVIDIA and AMD (https://github.com/NebuTech/NBMiner).
//
// It makes the program's command line, reads its log on stdout, and asks its HTTP
// interface. Nothing is started here and nothing fails.
package nbminer

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/console"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is NBMiner's miners.Driver.
type Driver struct{}

var _ miners.Poller = Driver{}

// Name implements miners.Driver.
func (Driver) Name() string { return "nbminer" }

// Algorithms implements miners.Driver.
func (Driver) Algorithms() []pow.Algorithm { return names.List() }

var names = console.Names{
	"ethash": "", "etchash": "", "kawpow": "", "octopus": "", "autolykos2": "ergo", "beamv3": "", "beamhash3": "beamv3",
	"conflux": "octopus", "cuckatoo31": "cuckatoo", "cuckatoo32": "", "cuckoo29": "cuckoo_ae", "progpow-sero": "progpow_sero",
}

// platforms are the program's numbers of the makers.
var platforms = map[miners.GPUVendor]string{miners.NVIDIA: "1", miners.AMD: "2"}

// Args implements miners.Driver. The password goes with the user.
func (Driver) Args(p miners.Plan) []string {
	args := []string{
		"-a", names.Of(p.Algorithm), "-o", console.URL(p, "stratum+tcp", "stratum+ssl"),
		"-u", p.User + ":" + p.Password, "--no-watchdog", "--no-color",
	}
	if platform := platforms[console.Vendor(p)]; platform != "" {
		args = append(args, "--platform", platform, "-d", strings.Join(console.OwnNumbers(p), ","))
	} else if len(p.Devices) > 0 {
		args = append(args, "-d", strings.Join(console.Numbers(p), ","))
	}
	if p.API > 0 {
		args = append(args, "--api", console.Loopback(p))
	}
	if p.MaxCelsius > 0 {
		args = append(args, "--temperature-limit", strconv.Itoa(p.MaxCelsius), "--temperature-start", strconv.Itoa(console.Resume(p)))
	}
	if intensity, ok := console.Throttled(p, 100); ok {
		args = append(args, "-i", strings.Join(console.ForEach(p, intensity), ","))
	}
	return args
}

// NewParser implements miners.Driver.
func (Driver) NewParser() miners.Parser { return &parser{names: map[int]string{}} }

// Poll implements miners.Poller.
func (Driver) Poll(ctx context.Context, p miners.Plan) (miners.Status, error) {
	answer, err := api.GetNode(ctx, p.API, "/api/v1/status", "")
	if err != nil {
		return miners.Status{}, err
	}
	return status(answer, time.Now()), nil
}
