package bzminer

import (
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/console"
	"github.com/adit-mining/adit/miners/pow"
)

// mining is the first number of a device's state when it mines.
const mining = 3

// status reads an answer. A device has a list of rates, one for each pool that it
// mines at; the first is ours.
func status(n api.Node) miners.Status {
	s := miners.Status{Version: n.First("bzminer_version", "version").Text(), Uptime: n.First("uptime_s", "uptime").Seconds()}
	if pools := n.At("pools").List(); len(pools) > 0 {
		pool := pools[0]
		s.Accepted = pool.At("valid_solutions").Count()
		s.Rejected = pool.At("rejected_solutions").Count()
		s.Invalid = pool.At("invalid_solutions").Count()
		s.Pool = pool.First("current_url", "url").Text()
		if _, address, found := strings.Cut(s.Pool, "://"); found {
			s.Pool = address
		}
	}
	for _, device := range n.At("devices").List() {
		d := deviceStatus(device)
		if state := first(device.At("status")).Count(); state != nil && *state != mining {
			d.Hashrate = nil // an old one
		}
		s.Hashrate = api.Sum(s.Hashrate, d.Hashrate)
		s.Devices = append(s.Devices, d)
	}
	return s
}

func deviceStatus(n api.Node) miners.DeviceStatus {
	d := miners.DeviceStatus{
		Name:         n.At("name").Text(),
		PCI:          n.First("device_id", "pci").Text(),
		Hashrate:     rate(n.At("hashrate")),
		TemperatureC: n.First("core_temp", "temperature", "temp").Celsius(),
		FanPercent:   n.First("fan_speed", "fan").Percent(),
		PowerW:       n.First("power", "power_usage", "watts").Watts(),
		Accepted:     one(n.At("valid_solutions")),
		Rejected:     one(n.At("rejected_solutions")),
	}
	bus, _, _ := strings.Cut(d.PCI, ":")
	if index, ok := console.Index(bus); ok {
		d.Index = index
	} else if id := n.At("device_id").Count(); id != nil && *id < console.MaxDevices {
		d.Index = int(*id)
	}
	return d
}

// first returns the first element of an array, or what is none itself.
func first(n api.Node) api.Node {
	if list := n.List(); len(list) > 0 {
		return list[0]
	}
	return n
}

func rate(n api.Node) *pow.Hashrate { return first(n).Rate() }

func one(n api.Node) *int64 { return first(n).Count() }
