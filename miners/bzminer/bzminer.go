// Package bzminer drives BzMiner, versions 4 to 25: kawpow, etchash, autolykos2 and
// the like on graphics cards of all makers (https://github.com/bzminer/bzminer).
//
// It makes the program's command line, reads what it prints on stdout, and asks its
// HTTP interface. The table that it prints changes with versions; what it says is
// taken where its titles are known. Nothing is started here and nothing fails.
package bzminer

import (
	"context"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/console"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is BzMiner's miners.Driver.
type Driver struct{}

var _ miners.Poller = Driver{}

// Name implements miners.Driver.
func (Driver) Name() string { return "bzminer" }

// Algorithms implements miners.Driver.
func (Driver) Algorithms() []pow.Algorithm { return names.List() }

// names has what the program calls otherwise.
var names = console.Names{
	"ethash": "", "etchash": "", "ethashb3": "rethereum", "kawpow": "rvn", "autolykos2": "ergo", "ironfish": "", "blake3": "alph",
	"kheavyhash": "kaspa", "karlsenhash": "karlsen", "nexapow": "nexa", "sha512256d": "radiant", "ixian": "ixi", "olhash": "",
	"warthog": "", "novo": "", "xelishash": "xelis", "dynexsolve": "dynex", "skein2": "woodcoin", "zil": "",
}

// most is the program's highest intensity.
const most = 64

// Args implements miners.Driver. The program would keep its settings in a file and
// take up again what another run left there; --nc 1 forbids it.
func (Driver) Args(p miners.Plan) []string {
	account, worker := console.Wallet(p)
	args := []string{
		"-a", names.Of(p.Algorithm), "-p", console.URL(p, "stratum+tcp", "stratum+ssl"), "-w", account,
		"--pool_password", p.Password, "--nc", "1", "--no_watchdog", "--hide_disabled_devices", "--clear_log_file", "1",
	}
	if worker != "" {
		args = append(args, "-r", worker)
	}
	if p.API > 0 {
		args = append(args, "--http_enabled", "1", "--http_address", "127.0.0.1", "--http_port", strconv.Itoa(p.API))
	} else {
		args = append(args, "--http_enabled", "0")
	}
	if len(p.Devices) > 0 {
		args = append(args, "--enable")
		for _, d := range p.Devices {
			args = append(args, place(d.PCI))
		}
	}
	if p.MaxCelsius > 0 {
		args = append(args, "--temp_stop", strconv.Itoa(p.MaxCelsius), "--temp_start", strconv.Itoa(console.Resume(p)))
	}
	if intensity, ok := console.Throttled(p, most); ok {
		args = append(args, "-i", strconv.Itoa(intensity))
	}
	return args
}

// place returns a PCI address as the program writes it: "0000:0a:00.0" is "10:0",
// bus and device in decimal.
func place(pci string) string {
	parts := strings.FieldsFunc(pci, func(r rune) bool { return r == ':' || r == '.' })
	if len(parts) < 3 {
		return pci
	}
	bus, err := strconv.ParseUint(parts[len(parts)-3], 16, 16)
	device, err2 := strconv.ParseUint(parts[len(parts)-2], 16, 16)
	if err != nil || err2 != nil {
		return pci
	}
	return strconv.FormatUint(bus, 10) + ":" + strconv.FormatUint(device, 10)
}

// NewParser implements miners.Driver.
func (Driver) NewParser() miners.Parser { return &parser{} }

// Poll implements miners.Poller.
func (Driver) Poll(ctx context.Context, p miners.Plan) (miners.Status, error) {
	answer, err := api.GetNode(ctx, p.API, "/status", "")
	if err != nil {
		return miners.Status{}, err
	}
	return status(answer), nil
}
