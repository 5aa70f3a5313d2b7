// Package teamredminer drives TeamRedMiner: ethash, kawpow, autolykos2 and the like
// on graphics cards of AMD (https://github.com/todxx/teamredminer).
//
// It makes the program's command line, reads what it prints on stdout, and asks its
// interface, which is cgminer's. Nothing is started here and nothing fails.
package teamredminer

import (
	"context"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/console"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is TeamRedMiner's miners.Driver.
type Driver struct{}

var _ miners.Poller = Driver{}

// Name implements miners.Driver.
func (Driver) Name() string { return "teamredminer" }

// Algorithms implements miners.Driver.
func (Driver) Algorithms() []pow.Algorithm { return names.List() }

// names has what the program calls otherwise.
var names = console.Names{
	"ethash": "", "etchash": "", "kawpow": "", "autolykos2": "", "kheavyhash": "kas", "ironfish": "", "firopow": "",
	"verthash": "", "nimiq": "", "lyra2z": "", "phi2": "", "lyra2rev3": "", "x16r": "", "x16rv2": "", "x16s": "", "x16rt": "",
	"mtp": "", "cuckatoo31": "cuckatoo31_grin", "cuckarood29": "cuckarood29_grin", "abel": "", "karlsenhash": "karlsen",
	"cn/2": "cnv8", "cn/r": "cnr", "cn/half": "cnv8_half", "cn/double": "cnv8_dbl", "cn/rwz": "cnv8_rwz", "cn-pico": "cnv8_trtl",
	"cn/upx2": "cnv8_upx2", "cn-heavy/0": "cn_heavy", "cn-heavy/xhv": "cn_haven", "cn-heavy/tube": "cn_saber", "cn/ccx": "cn_conceal",
	"argon2/chukwa": "trtl_chukwa", "argon2/chukwav2": "trtl_chukwa2",
}

// Args implements miners.Driver. The program counts AMD's cards by PCI address.
func (Driver) Args(p miners.Plan) []string {
	args := []string{
		"-a", names.Of(p.Algorithm), "-o", console.URL(p, "stratum+tcp", "stratum+ssl"), "-u", p.User, "-p", p.Password,
		"--bus_reorder", "--watchdog_disabled", "--disable_colors", "--log_interval=30",
	}
	if len(p.Devices) > 0 {
		args = append(args, "-d", strings.Join(console.OwnNumbers(p), ","))
	}
	if p.API > 0 {
		args = append(args, "--api_listen="+console.Loopback(p))
	}
	if p.MaxCelsius > 0 {
		args = append(args, "--temp_limit="+strconv.Itoa(p.MaxCelsius), "--temp_resume="+strconv.Itoa(console.Resume(p)))
	}
	return args
}

// NewParser implements miners.Driver.
func (Driver) NewParser() miners.Parser { return &parser{} }

// Poll implements miners.Poller.
func (Driver) Poll(ctx context.Context, p miners.Plan) (miners.Status, error) {
	return api.Cgminer(ctx, p.API)
}
