// Package phoenixminer drives PhoenixMiner, a closed and abandoned program for
// graphics cards of AMD and NVIDIA.
//
// It makes PhoenixMiner's command line, reads what it prints on its console or
// writes into its log file, and asks its interface, which is Claymore's. The wording
// is from logs that users published; where that is not sure, a line is only taken
// for a kind of trouble, never counted. Nothing is started here.
package phoenixminer

import (
	"context"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/console"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is PhoenixMiner's miners.Driver.
type Driver struct{}

// Name implements miners.Driver.
func (Driver) Name() string { return "phoenixminer" }

// coins are the coins by which PhoenixMiner knows an algorithm.
var coins = map[pow.Algorithm]string{"ethash": "auto", "etchash": "etc", "ubqhash": "ubq", "progpow": "bci"}

// Algorithms implements miners.Driver.
func (Driver) Algorithms() []pow.Algorithm {
	return []pow.Algorithm{"ethash", "etchash", "ubqhash", "progpow"}
}

// firstCard is the number of PhoenixMiner's first card.
const firstCard = 1

// Args implements miners.Driver. -rmode 0 lets the program end when a card hangs;
// -cdm 1 makes its interface read-only.
func (Driver) Args(p miners.Plan) []string {
	address, encrypted := console.Pool(p)
	if encrypted {
		address = "ssl://" + address
	}
	args := []string{"-pool", address, "-wal", p.User, "-pass", p.Password, "-coin", coins[p.Algorithm]}
	if len(p.Devices) > 0 {
		args = append(args, "-di", cards(p))
	}
	if p.API != 0 {
		args = append(args, "-cdm", "1", "-cdmport", "127.0.0.1:"+strconv.Itoa(p.API))
	} else {
		args = append(args, "-cdm", "0")
	}
	if p.MaxCelsius > 0 {
		args = append(args, "-tstop", strconv.Itoa(p.MaxCelsius), "-tstart", strconv.Itoa(console.Resume(p)))
	}
	if usage, ok := console.Throttled(p, 100); ok {
		args = append(args, "-gpow", strconv.Itoa(usage))
	}
	return append(args, "-rmode", "0", "-log", "0", "-hstats", "2")
}

// cards lists the cards as digits, or with commas when there are two-digit ones.
func cards(p miners.Plan) string {
	var numbers []string
	for _, d := range p.Devices {
		numbers = append(numbers, strconv.Itoa(firstCard+d.All))
	}
	if list := strings.Join(numbers, ""); len(list) == len(numbers) {
		return list
	}
	return strings.Join(numbers, ",")
}

// Poll implements miners.Poller.
func (Driver) Poll(ctx context.Context, p miners.Plan) (miners.Status, error) {
	return api.Claymore(ctx, p.API, firstCard)
}

// NewParser implements miners.Driver.
func (Driver) NewParser() miners.Parser { return &parser{} }
