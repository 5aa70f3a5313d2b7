// Package wildrig drives WildRig Multi: algorithms of the X family, ghostrider,
// kawpow and its kin on graphics cards of all makers
// (https://github.com/andru-kun/wildrig-multi).
//
// It makes the program's command line, reads what it prints on stdout, and asks its
// HTTP interface, which is an old xmrig's and cannot be bound to an address.
// Nothing is started here and nothing fails.
package wildrig

import (
	"context"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/console"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is WildRig Multi's miners.Driver.
type Driver struct{}

var _ miners.Poller = Driver{}

// Name implements miners.Driver.
func (Driver) Name() string { return "wildrig" }

// Algorithms implements miners.Driver.
func (Driver) Algorithms() []pow.Algorithm { return names.List() }

// names has what the program calls otherwise.
var names = console.Names{
	"aergo": "", "anime": "", "bcd": "", "bitcore": "", "blake2b-btcc": "", "blake2b-glt": "", "blake2s": "", "blake3": "",
	"bmw512": "", "c11": "", "curvehash": "", "dedal": "", "evrprogpow": "", "firopow": "", "geek": "", "ghostrider": "",
	"glt-astralhash": "", "glt-globalhash": "", "glt-jeonghash": "", "glt-padihash": "", "glt-pawelhash": "",
	"heavyhash": "", "hex": "", "hmq1725": "", "kawpow": "", "lyra2tdc": "", "lyra2rev2": "lyra2v2", "lyra2rev3": "lyra2v3",
	"lyra2vc0ban": "", "megabtx": "", "memehash": "", "mike": "", "nexapow": "", "nist5": "", "phi": "", "phi5": "",
	"progpowz": "", "progpow-ethercore": "", "progpow-sero": "", "progpow-veil": "", "progpow-quai": "", "pufferfish2": "",
	"qhash": "", "quark": "", "qubit": "quibit", "rwahash": "", "sha256csm": "", pow.SHA256d: "", "sha256q": "", "sha256t": "",
	"sha512256d": "", "skein2": "", "skunk": "skunkhash", "skydoge": "", "timetravel": "", "tribus": "", "vprogpow": "",
	"x11": "", "x11k": "", "x12": "", "x13": "", "x14": "", "x15": "", "x16r": "", "x16rt": "", "x16rv2": "", "x16s": "",
	"x17": "", "x18": "", "x20r": "", "x21s": "", "x22i": "", "x25x": "", "x33": "", "xevan": "",
}

// Args implements miners.Driver. Its own guard against a second instance would keep
// it from being started again while the first one still leaves.
func (Driver) Args(p miners.Plan) []string {
	args := []string{
		"--algo", names.Of(p.Algorithm), "--url", console.URL(p, "stratum+tcp", "stratum+tcps"), "--user", p.User, "--pass", p.Password,
		"--no-color", "--print-full", "--print-time", "30", "--multiple-instance",
	}
	if len(p.Devices) > 0 {
		platform, numbers := "all", console.Numbers(p)
		if vendor := console.Vendor(p); vendor != "" {
			platform, numbers = string(vendor), console.OwnNumbers(p)
		}
		args = append(args, "--opencl-platforms", platform, "--opencl-devices", strings.Join(numbers, ","))
	}
	if p.API > 0 {
		args = append(args, "--api-port", strconv.Itoa(p.API))
	}
	if p.MaxCelsius > 0 {
		args = append(args, "--gpu-temp-limit", strconv.Itoa(p.MaxCelsius), "--gpu-temp-resume", strconv.Itoa(console.Resume(p)))
	}
	return args
}

// NewParser implements miners.Driver.
func (Driver) NewParser() miners.Parser { return &parser{} }

// Exposed implements miners.Exposed: WildRig has no option for the address.
func (Driver) Exposed() string { return "no option for the address that the interface listens on" }

// Poll implements miners.Poller.
func (Driver) Poll(ctx context.Context, p miners.Plan) (miners.Status, error) {
	return api.Xmrig(ctx, p.API, "")
}
