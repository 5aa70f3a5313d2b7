// Package srbminer drives SRBMiner-MULTI: a hundred algorithms on processors and on
// graphics cards of all makers (https://github.com/doktor83/SRBMiner-Multi).
//
// It makes the program's command line, reads what it prints on stdout, and asks its
// HTTP interface, which cannot be bound to an address: it listens on all of them.
// Nothing is started here and nothing fails.
package srbminer

import (
	"context"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/console"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is SRBMiner-MULTI's miners.Driver.
type Driver struct{}

var _ miners.Poller = Driver{}

// Name implements miners.Driver.
func (Driver) Name() string { return "srbminer-multi" }

// Algorithms implements miners.Driver.
func (Driver) Algorithms() []pow.Algorithm { return names.List() }

// names has what the program calls otherwise.
var names = console.Names{
	"randomx": "", "randomarq": "", "randomgrft": "", "randomkeva": "", "randomsfx": "", "randomwow": "", "randomyada": "",
	"ghostrider": "", "minotaurx": "", "verushash": "", "verthash": "", "yescrypt": "", "yescryptr16": "", "yescryptr32": "",
	"yespower": "", "yespowerr16": "", "yespowerltncg": "", "yespowersugar": "", "yespowertide": "", "yespowerurx": "",
	"cpupower": "", "power2b": "yespower2b", "flex": "", "curvehash": "", "aurum": "", "panthera": "", "mike": "",
	"autolykos2": "", "kawpow": "", "etchash": "", "ethash": "", "ethashb3": "", "firopow": "", "evrprogpow": "",
	"progpowz": "progpow_zano", "progpow-veil": "progpow_veil", "progpow-sero": "progpow_sero", "progpow-quai": "progpow_quai",
	"kheavyhash": "kaspa", "karlsenhash": "", "karlsenhashv2": "", "pyrinhash": "", "fishhash": "", "nxlhash": "",
	"dynexsolve": "dynex", "xelishash": "", "xelishashv2": "xelishashv2_pepew", "xelishashv3": "", "pearlhash": "",
	"cn/gpu": "cryptonight_gpu", "cn/upx2": "cryptonight_upx", "cn-heavy/xhv": "cryptonight_xhv", "cn/ccx": "cryptonight_ccx",
	"argon2/chukwa": "argon2id_chukwa", "argon2/chukwav2": "argon2id_chukwa2", "argon2/ninja": "argon2id_ninja",
	"argon2d16000": "argon2d_16000", "argon2d-dyn": "argon2d_dynamic",
	"sha512256d": "sha512_256d_radiant", "sha3d": "", "blake3": "blake3_alephium", "heavyhash": "", "memehash": "",
	"lyra2v2-webchain": "lyra2v2_webchain", "phi5": "", "anime": "", "k12": "",
}

// Args implements miners.Driver. The program's own guard against heat that it calls
// shutdown turns the whole computer off, so the cards' own limit is used.
func (Driver) Args(p miners.Plan) []string {
	address, encrypted := console.Pool(p)
	account, worker := console.Wallet(p)
	args := []string{
		"--algorithm", names.Of(p.Algorithm), "--pool", address, "--wallet", account, "--password", p.Password,
		"--tls", strconv.FormatBool(encrypted), "--retry-time", "5", "--disable-worker-watchdog",
	}
	if worker != "" {
		args = append(args, "--worker", worker)
	}
	if p.API > 0 {
		args = append(args, "--api-enable", "--api-port", strconv.Itoa(p.API))
	}
	if len(p.Devices) == 0 {
		args = append(args, "--disable-gpu")
		if p.Threads > 0 {
			args = append(args, "--cpu-threads", strconv.Itoa(p.Threads))
		}
		return args
	}
	args = append(args, "--disable-cpu", "--gpu-id", strings.Join(console.Numbers(p), ","))
	if p.MaxCelsius > 0 {
		args = append(args, "--gpu-off-temperature", strings.Join(console.ForEach(p, p.MaxCelsius), ","))
	}
	if intensity, ok := console.Throttled(p, 31); ok {
		args = append(args, "--gpu-intensity", strings.Join(console.ForEach(p, intensity), ","))
	}
	return args
}

// NewParser implements miners.Driver.
func (Driver) NewParser() miners.Parser { return &parser{} }

// Exposed implements miners.Exposed: SRBMiner has no option for the address.
func (Driver) Exposed() string { return "no option for the address that the interface listens on" }

// Poll implements miners.Poller.
func (Driver) Poll(ctx context.Context, p miners.Plan) (miners.Status, error) {
	answer, err := api.GetNode(ctx, p.API, "/", "")
	if err != nil {
		return miners.Status{}, err
	}
	return status(answer), nil
}
