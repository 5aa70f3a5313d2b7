// Package claymore drives EthDcrMiner64, Claymore's closed program for graphics
// cards of AMD and NVIDIA, which nobody cares for any more.
//
// It makes the command line, reads what the program prints on its console or writes
// into its log file, and asks its interface. The wording is from logs that users
// published; where that is not sure, a line is only taken for a kind of trouble,
// never counted. Of two coins that it can mine at once, only the first counts. Nothing
// is started here.
package claymore

import (
	"context"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/console"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is Claymore's miners.Driver.
type Driver struct{}

// Name implements miners.Driver.
func (Driver) Name() string { return "claymore" }

// Algorithms implements miners.Driver.
func (Driver) Algorithms() []pow.Algorithm { return []pow.Algorithm{"ethash", "etchash"} }

// Args implements miners.Driver. A negative port makes the interface read-only. The
// program's own watchdog and restarts are off, because Adit watches it.
func (Driver) Args(p miners.Plan) []string {
	address, encrypted := console.Pool(p)
	if encrypted {
		address = "ssl://" + address
	}
	args := []string{"-epool", address, "-ewal", p.User, "-epsw", p.Password, "-allpools", "1", "-mode", "1"}
	if p.Algorithm == "etchash" {
		args = append(args, "-allcoins", "etc")
	}
	if len(p.Devices) > 0 {
		args = append(args, "-di", cards(p))
	}
	if p.API != 0 {
		args = append(args, "-mport", "127.0.0.1:-"+strconv.Itoa(p.API))
	} else {
		args = append(args, "-mport", "0")
	}
	if p.MaxCelsius > 0 {
		args = append(args, "-tstop", strconv.Itoa(p.MaxCelsius), "-tstart", strconv.Itoa(console.Resume(p)))
	}
	if intensity, ok := console.Throttled(p, 8); ok {
		args = append(args, "-ethi", strconv.Itoa(intensity))
	}
	return append(args, "-wd", "0", "-r", "-1", "-dbg", "-1", "-colors", "0")
}

// cards lists the cards as digits; from the tenth on they are letters.
func cards(p miners.Plan) string {
	var list strings.Builder
	for _, d := range p.Devices {
		list.WriteString(strconv.FormatInt(int64(d.All), 36))
	}
	return list.String()
}

// Poll implements miners.Poller.
func (Driver) Poll(ctx context.Context, p miners.Plan) (miners.Status, error) {
	return api.Claymore(ctx, p.API, 0)
}

// NewParser implements miners.Driver.
func (Driver) NewParser() miners.Parser { return &parser{} }
