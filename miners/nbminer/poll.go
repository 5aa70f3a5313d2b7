package nbminer

import (
	"strconv"
	"time"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/console"
)

// status reads an answer that came now.
func status(n api.Node, now time.Time) miners.Status {
	miner, stratum := n.At("miner"), n.At("stratum")
	s := miners.Status{
		Version:  n.At("version").Text(),
		Pool:     stratum.At("url").Text(),
		Hashrate: miner.First("total_hashrate_raw", "total_hashrate").Rate(),
		Accepted: stratum.At("accepted_shares").Count(),
		Rejected: stratum.At("rejected_shares").Count(),
		Invalid:  stratum.At("invalid_shares").Count(),
	}
	if start := n.At("start_time").Count(); start != nil && *start > 0 {
		if up := now.Sub(time.Unix(*start, 0)).Round(time.Second); up > 0 {
			s.Uptime = up
		}
	}
	for i, device := range miner.At("devices").List() {
		s.Devices = append(s.Devices, deviceStatus(i, device))
	}
	return s
}

func deviceStatus(index int, n api.Node) miners.DeviceStatus {
	if id := n.At("id").Count(); id != nil && *id < console.MaxDevices {
		index = int(*id)
	}
	return miners.DeviceStatus{
		Index:        index,
		Name:         n.At("info").Text(),
		Hashrate:     n.First("hashrate_raw", "hashrate").Rate(),
		TemperatureC: n.At("temperature").Celsius(),
		FanPercent:   n.At("fan").Percent(),
		PowerW:       n.At("power").Watts(),
		Accepted:     n.At("accepted_shares").Count(),
		Rejected:     n.At("rejected_shares").Count(),
		PCI:          bus(n.At("pci_bus_id")),
	}
}

// bus returns the number of a PCI bus as text.
func bus(n api.Node) string {
	if number := n.Count(); number != nil {
		return strconv.FormatInt(*number, 10)
	}
	return ""
}
