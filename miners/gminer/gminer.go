// Package gminer drives GMiner, versions 1 to 3.44: etchash, kawpow, equihash,
// cuckoo and the like on graphics cards of NVIDIA and AMD
// (https://github.com/develsoftware/GMinerRelease).
//
// It makes the program's command line, reads what it prints on stdout, and asks its
// HTTP interface. Nothing is started here and nothing fails.
package gminer

import (
	"context"
	"net"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/console"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is GMiner's miners.Driver.
type Driver struct{}

var _ miners.Poller = Driver{}

// Name implements miners.Driver.
func (Driver) Name() string { return "gminer" }

// Algorithms implements miners.Driver.
func (Driver) Algorithms() []pow.Algorithm { return names.List() }

// names has what the program calls otherwise.
var names = console.Names{
	"ethash": "", "etchash": "", "kawpow": "", "autolykos2": "", "octopus": "", "firopow": "firo", "ironfish": "",
	"kheavyhash": "kheavyhash", "karlsenhash": "", "progpow-sero": "sero", "progpowz": "progpowz", "vprogpow": "vprogpow",
	"equihash125": "equihash125_4", "equihash144": "equihash144_5", "equihash192": "equihash192_7", "equihash210": "equihash210_9",
	"beamhash3": "beamhash", "cuckatoo31": "grin31", "cuckatoo32": "grin32", "cuckarood29": "", "cuckaroo29b": "bittube",
	"cuckaroo29s": "swap", "cuckoo29": "aeternity", "cortex": "", "radiant": "", "sha512256d": "radiant",
}

// Args implements miners.Driver. With the other maker's platform off, the program
// counts the cards of one maker.
func (Driver) Args(p miners.Plan) []string {
	address, encrypted := console.Pool(p)
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		host, port = address, ""
	}
	args := []string{"--algo", names.Of(p.Algorithm), "--server", host}
	if port != "" {
		args = append(args, "--port", port)
	}
	args = append(args, "--user", p.User, "--pass", p.Password, "--ssl", digit(encrypted),
		"--watchdog", "0", "--color", "0", "--report_interval", "30")
	if p.API > 0 {
		args = append(args, "--api", console.Loopback(p))
	}
	return append(args, cards(p)...)
}

// cards returns the options about graphics cards.
func cards(p miners.Plan) (args []string) {
	list := func(option string, values []string) {
		args = append(append(args, option), values...)
	}
	if len(p.Devices) == 0 {
		return nil
	}
	switch console.Vendor(p) {
	case miners.NVIDIA:
		args = append(args, "--opencl", "0")
		list("--devices", console.OwnNumbers(p))
	case miners.AMD:
		args = append(args, "--cuda", "0")
		list("--devices", console.OwnNumbers(p))
	default:
		list("--devices", console.Numbers(p))
	}
	if p.MaxCelsius > 0 {
		list("--templimit", console.ForEach(p, p.MaxCelsius))
	}
	if intensity, ok := console.Throttled(p, 100); ok {
		list("--intensity", console.ForEach(p, intensity))
	}
	return args
}

func digit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// NewParser implements miners.Driver.
func (Driver) NewParser() miners.Parser { return &parser{names: map[int]string{}} }

// Poll implements miners.Poller.
func (Driver) Poll(ctx context.Context, p miners.Plan) (miners.Status, error) {
	answer, err := api.GetNode(ctx, p.API, "/stat", "")
	if err != nil {
		return miners.Status{}, err
	}
	return status(answer), nil
}

// status reads an answer. Stale shares are refused ones to the pool.
func status(n api.Node) miners.Status {
	s := miners.Status{
		Version:  n.At("miner").Text(),
		Uptime:   n.At("uptime").Seconds(),
		Pool:     n.At("server").Text(),
		Accepted: n.At("total_accepted_shares").Count(),
		Rejected: n.At("total_rejected_shares").Count(),
		Invalid:  n.At("total_invalid_shares").Count(),
	}
	if stale := n.At("total_stale_shares").Count(); stale != nil && s.Rejected != nil {
		*s.Rejected += *stale
	}
	for i, device := range n.At("devices").List() {
		index := i
		if id := device.At("gpu_id").Count(); id != nil && *id < console.MaxDevices {
			index = int(*id)
		}
		rate := device.At("speed").Rate()
		s.Hashrate = api.Sum(s.Hashrate, rate)
		s.Devices = append(s.Devices, miners.DeviceStatus{
			Index:        index,
			Name:         device.At("name").Text(),
			PCI:          device.At("bus_id").Text(),
			Hashrate:     rate,
			TemperatureC: device.At("temperature").Celsius(),
			FanPercent:   device.At("fan").Percent(),
			PowerW:       device.At("power_usage").Watts(),
			Accepted:     device.At("accepted_shares").Count(),
			Rejected:     device.At("rejected_shares").Count(),
		})
	}
	return s
}
