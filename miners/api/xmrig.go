package api

import (
	"context"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
)

// Xmrig asks a program with xmrig's interface (xmrig, WildRig) how it stands. xmrig
// answers below /2/ and tells of graphics cards apart; WildRig has what xmrig had
// in its first version, all in one at /.
func Xmrig(ctx context.Context, port int, token string) (miners.Status, error) {
	summary, err := GetNode(ctx, port, "/2/summary", token)
	if err != nil || summary.At("hashrate").value == nil {
		if summary, err = GetNode(ctx, port, "/", token); err != nil {
			return miners.Status{}, err
		}
		s := xmrigStatus(summary)
		s.Devices = wildrigDevices(summary)
		return s, nil
	}
	s := xmrigStatus(summary)
	// An old or a restricted xmrig has no backends to show; the rest still counts.
	if backends, err := GetNode(ctx, port, "/2/backends", token); err == nil {
		s.Devices = xmrigDevices(backends)
	}
	return s, nil
}

func xmrigStatus(n Node) miners.Status {
	connection, results := n.At("connection"), n.At("results")
	s := miners.Status{
		Version:  n.At("version").Text(),
		Uptime:   n.At("uptime").Seconds(),
		Pool:     connection.At("pool").Text(),
		Hashrate: newest(n.At("hashrate", "total")),
		Accepted: results.At("shares_good").Count(),
		Paused:   n.At("paused").True(),
	}
	if all := results.At("shares_total").Count(); all != nil && s.Accepted != nil && *all >= *s.Accepted {
		rejected := *all - *s.Accepted
		s.Rejected = &rejected
	}
	return s
}

// newest returns the rate over the shortest time for which there is one.
func newest(rates Node) *pow.Hashrate {
	for _, n := range rates.List() {
		if rate := n.Rate(); rate != nil {
			return rate
		}
	}
	return nil
}

// xmrigDevices reads the graphics cards among the backends. A card that has several
// threads is one device.
func xmrigDevices(backends Node) (devices []miners.DeviceStatus) {
	place := map[int]int{} // in devices, by the program's number
	for _, backend := range backends.List() {
		if backend.At("type").Text() == "cpu" {
			continue
		}
		for i, thread := range backend.At("threads").List() {
			index := i
			if n := thread.At("index").Count(); n != nil && *n < maxDevices {
				index = int(*n)
			}
			if at, known := place[index]; known {
				devices[at].Hashrate = Sum(devices[at].Hashrate, newest(thread.At("hashrate")))
				continue
			}
			place[index] = len(devices)
			devices = append(devices, xmrigDevice(index, thread))
		}
	}
	return devices
}

func xmrigDevice(index int, thread Node) miners.DeviceStatus {
	health := thread.At("health")
	d := miners.DeviceStatus{
		Index:        index,
		Name:         thread.At("name").Text(),
		PCI:          thread.At("bus_id").Text(),
		Hashrate:     newest(thread.At("hashrate")),
		TemperatureC: health.At("temperature").Celsius(),
		PowerW:       health.At("power").Watts(),
	}
	for _, fan := range health.At("fan_speed").List() {
		d.FanPercent = fan.Percent()
	}
	return d
}

// wildrigDevices reads the cards' rates and sensors, which are lists side by side.
func wildrigDevices(n Node) (devices []miners.DeviceStatus) {
	sensors := n.At("hwmon").List()
	for i, rates := range n.At("hashrate", "threads").List() {
		d := miners.DeviceStatus{Index: i, Hashrate: newest(rates)}
		if i < len(sensors) {
			s := sensors[i]
			d.TemperatureC, d.FanPercent, d.PowerW = s.At("temp").Celsius(), s.At("fan").Percent(), s.At("power").Watts()
		}
		devices = append(devices, d)
	}
	return devices
}
