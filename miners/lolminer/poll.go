package lolminer

import (
	"cmp"
	"context"
	"math"
	"time"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/pow"
)

// maxCards is more than any computer has.
const maxCards = 256

// summary is lolMiner's answer to GET /, as far as we want it, in the form since
// version 1.42 and in the one before (Mining, Stratum, GPUs). Whatever is missing
// stays nil.
type summary struct {
	Software string
	Session  struct {
		Uptime    float64
		Summary   *float64 `json:"Performance_Summary"`
		Unit      string   `json:"Performance_Unit"`
		Accepted  *int64
		Submitted *int64
	}
	Workers    []worker
	Algorithms []algorithm

	Mining struct {
		Unit string `json:"Performance_Unit"`
	}
	Stratum struct {
		Pool string `json:"Current_Pool"`
	}
	GPUs []oldGPU
}

type algorithm struct {
	Pool     string
	Total    *float64 `json:"Total_Performance"`
	Factor   *float64 `json:"Performance_Factor"`
	Unit     string   `json:"Performance_Unit"`
	Accepted *int64   `json:"Total_Accepted"`
	Rejected *int64   `json:"Total_Rejected"`
	Stales   *int64   `json:"Total_Stales"`
	Errors   *int64   `json:"Total_Errors"`

	Performance    []*float64 `json:"Worker_Performance"`
	WorkerAccepted []*int64   `json:"Worker_Accepted"`
	WorkerRejected []*int64   `json:"Worker_Rejected"`
}

type worker struct {
	Index *int
	Name  string
	PCI   string `json:"PCIE_Address"`
	Power *float64
	Temp  *float64 `json:"Core_Temp"`
	Fan   *float64 `json:"Fan_Speed"`
}

type oldGPU struct {
	Index       *int
	Name        string
	Performance *float64
	PCI         string   `json:"PCIE_Address"`
	Power       *float64 `json:"Consumption (W)"`
	Fan         *float64 `json:"Fan Speed (%)"`
	Temp        *float64 `json:"Temp (deg C)"`
	Accepted    *int64   `json:"Session_Accepted"`
	Submitted   *int64   `json:"Session_Submitted"`
}

// Poll implements miners.Poller.
func (Driver) Poll(ctx context.Context, p miners.Plan) (miners.Status, error) {
	var answer summary
	if err := api.Get(ctx, p.API, "/", "", &answer); err != nil {
		return miners.Status{}, err
	}
	return answer.status(), nil
}

func (a summary) status() miners.Status {
	s := miners.Status{Version: a.Software}
	if a.Session.Uptime > 0 && a.Session.Uptime < math.MaxInt32 {
		s.Uptime = time.Duration(a.Session.Uptime) * time.Second
	}
	if len(a.Algorithms) > 0 {
		a.newForm(&s)
	} else {
		a.oldForm(&s)
	}
	return s
}

// newForm reads the first algorithm; Adit starts no second one.
func (a summary) newForm(s *miners.Status) {
	first := a.Algorithms[0]
	factor := 0.0
	if first.Factor != nil {
		factor = *first.Factor
	} else if f := factorOf(first.Unit); f != nil {
		factor = float64(*f)
	}
	s.Pool = first.Pool
	s.Hashrate = api.Rate(first.Total, factor)
	s.Accepted, s.Invalid = first.Accepted, first.Errors
	s.Rejected = sum(first.Rejected, first.Stales)
	for i, w := range a.Workers[:min(len(a.Workers), maxCards)] {
		s.Devices = append(s.Devices, miners.DeviceStatus{
			Index:        ownNumber(w.Index, i),
			Name:         w.Name,
			PCI:          w.PCI,
			Hashrate:     api.Rate(at(first.Performance, i), factor),
			TemperatureC: api.Optional(w.Temp, api.Celsius),
			FanPercent:   api.Optional(w.Fan, api.Percent),
			PowerW:       api.Optional(w.Power, api.Watts),
			Accepted:     at(first.WorkerAccepted, i),
			Rejected:     at(first.WorkerRejected, i),
		})
	}
}

func (a summary) oldForm(s *miners.Status) {
	factor := 0.0
	if f := factorOf(cmp.Or(a.Session.Unit, a.Mining.Unit)); f != nil {
		factor = float64(*f)
	}
	s.Pool = a.Stratum.Pool
	s.Hashrate = api.Rate(a.Session.Summary, factor)
	s.Accepted = a.Session.Accepted
	s.Rejected = rest(a.Session.Submitted, a.Session.Accepted)
	for i, g := range a.GPUs[:min(len(a.GPUs), maxCards)] {
		s.Devices = append(s.Devices, miners.DeviceStatus{
			Index:        ownNumber(g.Index, i),
			Name:         g.Name,
			PCI:          g.PCI,
			Hashrate:     api.Rate(g.Performance, factor),
			TemperatureC: api.Optional(g.Temp, api.Celsius),
			FanPercent:   api.Optional(g.Fan, api.Percent),
			PowerW:       api.Optional(g.Power, api.Watts),
			Accepted:     g.Accepted,
			Rejected:     rest(g.Submitted, g.Accepted),
		})
	}
}

// factorOf returns what 1 unit is in hashes a second, or nil for no unit.
func factorOf(unit string) *pow.Hashrate {
	rate, ok := miners.ParseHashrate("1", unit)
	if !ok || unit == "" {
		return nil
	}
	return &rate
}

// ownNumber is a card's own number, or else its place.
func ownNumber(own *int, place int) int {
	if own == nil || *own < 0 || *own >= maxCards {
		return place
	}
	return *own
}

// at returns the entry of list at place, or nil.
func at[T any](list []*T, place int) *T {
	if place >= len(list) {
		return nil
	}
	return list[place]
}

// sum returns the sum of what is known of a and b.
func sum(a, b *int64) *int64 {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	s := *a + *b
	return &s
}

// rest returns all less part, if both are known and it can be.
func rest(all, part *int64) *int64 {
	if all == nil || part == nil || *all < *part {
		return nil
	}
	r := *all - *part
	return &r
}
