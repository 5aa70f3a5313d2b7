// Package rigel drives Rigel: etchash, kawpow, autolykos2, octopus and the like on
// graphics cards of NVIDIA (https://github.com/rigelminer/rigel).
//
// It makes the program's command line, reads what it prints on stdout, and asks its
// HTTP interface. Nothing is started here and nothing fails.
package rigel

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/console"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is Rigel's miners.Driver.
type Driver struct{}

var _ miners.Poller = Driver{}

// Name implements miners.Driver.
func (Driver) Name() string { return "rigel" }

// Algorithms implements miners.Driver.
func (Driver) Algorithms() []pow.Algorithm { return names.List() }

// names has what the program calls otherwise.
var names = console.Names{
	"etchash": "", "ethash": "", "ethashb3": "", "kawpow": "", "autolykos2": "", "octopus": "", "ironfish": "", "nexapow": "",
	"kheavyhash": "", "karlsenhash": "", "karlsenhashv2": "", "fishhash": "", "pyrinhash": "", "pyrinhashv2": "", "abelian": "",
	"alephium": "", "blake3": "alephium", "sha512256d": "", "dynexsolve": "", "progpow-quai": "quai", "progpowz": "",
	"xelishash": "", "xelishashv2": "", "xelishashv3": "", "nxlhash": "", "sha3x": "", "octa": "", "flora": "", "zil": "",
}

// Args implements miners.Driver.
func (Driver) Args(p miners.Plan) []string {
	account, worker := console.Wallet(p)
	args := []string{
		"-a", names.Of(p.Algorithm), "-o", console.URL(p, "stratum+tcp", "stratum+ssl"), "-u", account, "-p", p.Password,
		"--no-tui", "--no-watchdog", "--stats-interval", "20",
	}
	if worker != "" {
		args = append(args, "-w", worker)
	}
	if len(p.Devices) > 0 {
		args = append(args, "-d", strings.Join(console.OwnNumbers(p), ","))
	}
	if p.API > 0 {
		args = append(args, "--api-bind", console.Loopback(p))
	}
	if p.MaxCelsius > 0 {
		args = append(args, "--temp-limit", fmt.Sprintf("tc[%d-%d]", console.Resume(p), p.MaxCelsius))
	}
	return args
}

// NewParser implements miners.Driver.
func (Driver) NewParser() miners.Parser { return &parser{} }

// Poll implements miners.Poller.
func (Driver) Poll(ctx context.Context, p miners.Plan) (miners.Status, error) {
	answer, err := api.GetNode(ctx, p.API, "/stat", "")
	if err != nil {
		return miners.Status{}, err
	}
	return status(answer, names.Of(p.Algorithm)), nil
}

// status reads an answer, in which everything is by algorithm.
func status(n api.Node, algorithm string) miners.Status {
	shares := n.At("solution_stat", algorithm)
	s := miners.Status{
		Version:  n.At("version").Text(),
		Uptime:   n.At("uptime").Seconds(),
		Hashrate: n.At("hashrate", algorithm).Rate(),
		Accepted: shares.At("accepted").Count(),
		Rejected: shares.At("rejected").Count(),
		Invalid:  shares.At("invalid").Count(),
	}
	for _, pool := range n.At("pools", algorithm).List() {
		s.Pool = cmp.Or(s.Pool, address(pool))
	}
	for i, device := range n.At("devices").List() {
		if selected, known := device.At("selected").Bool(); known && !selected {
			continue
		}
		s.Devices = append(s.Devices, deviceStatus(i, device, algorithm))
	}
	return s
}

// address returns a pool's host and port, which stand in one or in two.
func address(pool api.Node) string {
	if _, address, found := strings.Cut(pool.At("url").Text(), "://"); found {
		return address
	}
	details := pool.At("connection_details")
	if port := details.At("port").Count(); port != nil {
		return net.JoinHostPort(details.At("hostname").Text(), strconv.FormatInt(*port, 10))
	}
	return ""
}

func deviceStatus(index int, n api.Node, algorithm string) miners.DeviceStatus {
	if id := n.At("id").Count(); id != nil && *id < console.MaxDevices {
		index = int(*id)
	}
	sensors, shares := n.At("monitoring_info"), n.At("solution_stat", algorithm)
	return miners.DeviceStatus{
		Index:        index,
		Name:         n.At("name").Text(),
		PCI:          n.At("pci_bus_id").Text(),
		Hashrate:     n.At("hashrate", algorithm).Rate(),
		TemperatureC: sensors.At("core_temperature").Celsius(),
		FanPercent:   sensors.At("fan_speed").Percent(),
		PowerW:       sensors.At("power_usage").Watts(),
		Accepted:     shares.At("accepted").Count(),
		Rejected:     shares.At("rejected").Count(),
	}
}
