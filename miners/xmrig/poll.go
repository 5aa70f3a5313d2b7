package xmrig

import (
	"context"
	"fmt"
	"time"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/pow"
)

// Poll implements miners.Poller. The interface is described in doc/API.md of
// https://github.com/xmrig/xmrig.
func (Driver) Poll(ctx context.Context, p miners.Plan) (miners.Status, error) {
	var s summary
	if err := api.Get(ctx, p.API, "/2/summary", p.Token, &s); err != nil {
		return miners.Status{}, fmt.Errorf("ask xmrig: %w", err)
	}
	status := s.status()
	if len(p.Devices) == 0 {
		return status, nil
	}
	var backends []backend
	if err := api.Get(ctx, p.API, "/2/backends", p.Token, &backends); err != nil {
		return miners.Status{}, fmt.Errorf("ask xmrig for its cards: %w", err)
	}
	for _, b := range backends {
		status.Devices = b.addTo(status.Devices)
	}
	return status, nil
}

// summary is what /2/summary answers.
type summary struct {
	Version  string
	Uptime   int64
	Paused   bool
	Hashrate struct{ Total rates }
	Results  struct {
		Good  *int64 `json:"shares_good"`
		Total *int64 `json:"shares_total"`
	}
	Connection struct{ Pool string }
}

// rates are over 10 seconds, 60 seconds and 15 minutes; null is not known yet.
type rates []*float64

// shortest returns the rate over the shortest time that is known.
func (r rates) shortest() *pow.Hashrate {
	for _, rate := range r {
		if rate != nil && *rate >= 0 {
			h := pow.Hashrate(*rate)
			return &h
		}
	}
	return nil
}

func (s *summary) status() miners.Status {
	status := miners.Status{Version: s.Version, Pool: s.Connection.Pool, Paused: s.Paused, Hashrate: s.Hashrate.Total.shortest()}
	if s.Uptime > 0 && s.Uptime < 1<<31 {
		status.Uptime = time.Duration(s.Uptime) * time.Second
	}
	if good, total := s.Results.Good, s.Results.Total; good != nil && total != nil && *good >= 0 && *total >= *good {
		rejected := *total - *good
		status.Accepted, status.Rejected = good, &rejected
	}
	return status
}

// backend is one of those that /2/backends answers: cpu, opencl or cuda.
type backend struct {
	Type    string
	Threads []struct {
		Index    int
		Name     string
		Bus      string `json:"bus_id"`
		Hashrate rates
		Health   struct {
			Temperature, Power float64
			FanSpeed           []float64 `json:"fan_speed"`
		}
	}
}

// addTo adds the backend's cards to devices. A card may have several threads; the
// threads of a processor are no devices.
func (b *backend) addTo(devices []miners.DeviceStatus) []miners.DeviceStatus {
	if b.Type == "cpu" {
		return devices
	}
	first := len(devices)
	for _, t := range b.Threads {
		rate := t.Hashrate.shortest()
		if at := find(devices[first:], t.Index); at >= 0 {
			add(&devices[first+at], rate)
			continue
		}
		d := miners.DeviceStatus{
			Index: t.Index, Name: t.Name, PCI: t.Bus, Hashrate: rate,
			TemperatureC: api.Celsius(t.Health.Temperature), PowerW: api.Watts(t.Health.Power),
		}
		if b.Type == "cuda" && len(t.Health.FanSpeed) > 0 { // OpenCL tells rounds a minute
			d.FanPercent = api.Percent(t.Health.FanSpeed[0])
		}
		devices = append(devices, d)
	}
	return devices
}

// find returns the place of the device with index, or -1.
func find(devices []miners.DeviceStatus, index int) int {
	for i, d := range devices {
		if d.Index == index {
			return i
		}
	}
	return -1
}

// add adds the rate of another thread of d.
func add(d *miners.DeviceStatus, rate *pow.Hashrate) {
	switch {
	case rate == nil:
	case d.Hashrate == nil:
		d.Hashrate = rate
	default:
		sum := *d.Hashrate + *rate
		d.Hashrate = &sum
	}
}
