package srbminer

import (
	"strconv"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/console"
)

// status reads the answer, whose first algorithm is ours.
func status(n api.Node) miners.Status {
	var algorithm api.Node
	if list := n.At("algorithms").List(); len(list) > 0 {
		algorithm = list[0]
	}
	rates := algorithm.At("hashrate")
	s := miners.Status{
		Version:  n.First("miner_version", "version").Text(),
		Uptime:   n.At("mining_time").Seconds(),
		Pool:     algorithm.At("pool", "pool").Text(),
		Hashrate: api.Sum(rates.At("cpu", "total").Rate(), rates.At("gpu", "total").Rate()),
		Accepted: algorithm.At("shares", "accepted").Count(),
		Rejected: algorithm.At("shares", "rejected").Count(),
	}
	for i, device := range n.At("gpu_devices").List() {
		index := i
		if id := device.At("id").Count(); id != nil && *id < console.MaxDevices {
			index = int(*id)
		}
		s.Devices = append(s.Devices, miners.DeviceStatus{
			Index:        index,
			Name:         device.At("model").Text(),
			PCI:          device.First("bus_id", "bus").Text(),
			Hashrate:     rates.At("gpu", "gpu"+strconv.Itoa(index)).Rate(),
			TemperatureC: device.At("temperature").Celsius(),
			FanPercent:   device.First("fan_speed_percent", "fan_speed").Percent(),
			PowerW:       device.At("asic_power").Watts(),
		})
	}
	return s
}
