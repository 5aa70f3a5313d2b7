package trex

import (
	"context"
	"math"
	"time"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
)

// maxCards is more than any computer has.
const maxCards = 256

// summary is T-Rex's answer to GET /summary, as far as we want it. Whatever is
// missing stays nil.
type summary struct {
	Version  string
	Uptime   float64 // seconds
	Hashrate *float64
	Accepted *int64 `json:"accepted_count"`
	Rejected *int64 `json:"rejected_count"`
	Invalid  *int64 `json:"invalid_count"`
	Paused   bool
	Pool     struct{ URL string } `json:"active_pool"`
	GPUs     []gpu                `json:"gpus"`
}

type gpu struct {
	ID          *int `json:"gpu_id"`
	DeviceID    *int `json:"device_id"`
	Vendor      string
	Name        string
	Temperature *float64
	Fan         *float64 `json:"fan_speed"`
	Power       *float64
	Hashrate    *float64
	Shares      struct {
		Accepted *int64 `json:"accepted_count"`
		Rejected *int64 `json:"rejected_count"`
	}
}

// Poll implements miners.Poller.
func (Driver) Poll(ctx context.Context, p miners.Plan) (miners.Status, error) {
	var answer summary
	if err := api.Get(ctx, p.API, "/summary", "", &answer); err != nil {
		return miners.Status{}, err
	}
	return answer.status(), nil
}

func (a summary) status() miners.Status {
	s := miners.Status{
		Version:  a.Version,
		Pool:     a.Pool.URL,
		Hashrate: api.Rate(a.Hashrate, 1),
		Accepted: a.Accepted,
		Rejected: a.Rejected,
		Invalid:  a.Invalid,
		Paused:   a.Paused,
	}
	if a.Uptime > 0 && a.Uptime < math.MaxInt32 {
		s.Uptime = time.Duration(a.Uptime) * time.Second
	}
	for i, g := range a.GPUs[:min(len(a.GPUs), maxCards)] {
		s.Devices = append(s.Devices, g.status(i))
	}
	return s
}

func (g gpu) status(place int) miners.DeviceStatus {
	d := miners.DeviceStatus{
		Index:        place,
		Name:         g.Name,
		Hashrate:     api.Rate(g.Hashrate, 1),
		TemperatureC: api.Optional(g.Temperature, api.Celsius),
		FanPercent:   api.Optional(g.Fan, api.Percent),
		PowerW:       api.Optional(g.Power, api.Watts),
		Accepted:     g.Shares.Accepted,
		Rejected:     g.Shares.Rejected,
	}
	if g.Vendor != "" && g.Name != "" {
		d.Name = g.Vendor + " " + g.Name
	}
	for _, number := range []*int{g.DeviceID, g.ID} {
		if number != nil && *number >= 0 && *number < maxCards {
			d.Index = *number
			break
		}
	}
	return d
}
