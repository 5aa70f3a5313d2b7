package main

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/adit-mining/adit/app/manners"
	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/view"
)

// How often a state that has not changed much is told of.
const (
	objectEvery   = 2 * time.Second
	sentenceEvery = 10 * time.Second
)

// report is a line of adit mine --json. The last line is the summary, whose event
// is "result". Amounts are numbers of whole coins, written with all their decimals.
type report struct {
	Event     string           `json:"event"` // state or result
	Time      time.Time        `json:"time"`
	Phase     model.Phase      `json:"phase"`
	Account   string           `json:"account"`    // hash160 of the key, 40 hex digits: the name at the pool
	MiningKey string           `json:"mining_key"` // compressed public key, 66 hex digits
	Pool      string           `json:"pool"`
	Coin      string           `json:"coin"`
	Symbol    string           `json:"symbol"`
	Network   string           `json:"network"`
	Algorithm string           `json:"algorithm"`
	Address   string           `json:"address"` // where payouts go
	Program   string           `json:"program"`
	Threads   int              `json:"threads"`
	Seconds   float64          `json:"seconds"`  // since the program was started
	Hashrate  float64          `json:"hashrate"` // hashes per second; in the result the run's average
	Accepted  int64            `json:"accepted"` // shares of this run
	Rejected  int64            `json:"rejected"`
	Reasons   map[string]int64 `json:"reject_reasons,omitempty"`
	Restarts  int              `json:"restarts"`
	Immature  json.Number      `json:"immature"` // in blocks that may still be lost
	Pending   json.Number      `json:"pending"`  // collected for the next payout
	Paying    json.Number      `json:"paying"`
	Paid      json.Number      `json:"paid"`
	Devices   []reportDevice   `json:"devices"`
	Rests     manners.Why      `json:"rests,omitempty"` // why nothing is mined though it is wanted
	Problem   *reportProblem   `json:"problem,omitempty"`
}

// reportDevice is one device of a report.
type reportDevice struct {
	ID           string         `json:"id"`
	Name         string         `json:"name"`
	State        model.Standing `json:"state"`
	Program      string         `json:"program,omitempty"`
	Version      string         `json:"version,omitempty"`
	Algorithm    string         `json:"algorithm,omitempty"`
	Hashrate     float64        `json:"hashrate"`
	Accepted     int64          `json:"accepted"`
	Rejected     int64          `json:"rejected"`
	TemperatureC *float64       `json:"temperature_c"`
	PowerW       *float64       `json:"power_w"`
}

type reportProblem struct {
	Code   model.Code `json:"code"`
	What   string     `json:"what"`
	Do     string     `json:"do"`
	Detail string     `json:"detail,omitempty"`
}

func newReport(event string, s model.State) report {
	b, _ := s.Balance()
	t, all := s.Target, s.Totals()
	r := report{
		Event: event, Time: s.Now.UTC(), Phase: s.Phase(), Account: s.Key.Account, MiningKey: s.Key.Public,
		Pool: s.Settings.Pool, Coin: t.Coin.ID, Symbol: t.Coin.Symbol, Network: t.Coin.Network, Algorithm: string(t.Algorithm),
		Address: t.Address, Program: strings.Join(names(s), ","), Threads: s.Threads(), Seconds: s.Now.Sub(s.Started).Seconds(),
		Hashrate: float64(all.Hashrate), Accepted: all.Accepted, Rejected: all.Rejected, Reasons: all.Reasons,
		Immature: json.Number(b.Immature.String()), Pending: json.Number(b.Pending.String()), Paying: json.Number(b.Paying.String()), Paid: json.Number(b.Paid.String()),
	}
	for i, u := range s.Units {
		r.Restarts += u.Miner.Restarts
		r.Devices = append(r.Devices, newReportDevice(u, s.Standing(i)))
	}
	if why, rests := s.Rests(); rests && s.Wanted {
		r.Rests = why.Why
	}
	if p, trouble := s.Problem(); trouble {
		r.Problem = newReportProblem(p)
	}
	return r
}

// names returns the programs that run, or would.
func names(s model.State) (all []string) {
	for _, u := range s.Units {
		if u.Pick.Program != "" && !slices.Contains(all, u.Pick.Program) {
			all = append(all, u.Pick.Program)
		}
	}
	return all
}

func newReportDevice(u model.Unit, standing model.Standing) reportDevice {
	d := reportDevice{ID: u.Device.ID, Name: u.Device.Name, State: standing, Program: u.Pick.Program, Version: u.Pick.Version,
		Hashrate: float64(u.Miner.Hashrate), Accepted: u.Miner.Accepted, Rejected: u.Miner.Rejected,
		TemperatureC: u.Device.TemperatureC, PowerW: u.Device.PowerW}
	if u.Miner.Running {
		d.Algorithm = string(u.Target.Algorithm)
	}
	return d
}

func newReportProblem(p model.Problem) *reportProblem {
	what, do := view.Problem(p)
	return &reportProblem{Code: p.Code, What: what, Do: do, Detail: p.Detail}
}

// objects tells of states as JSON, one object a line.
type objects struct {
	to   io.Writer
	last time.Time
	kind model.Phase
}

func (o *objects) state(s model.State) {
	if s.Phase() == o.kind && s.Now.Sub(o.last) < objectEvery {
		return
	}
	o.last, o.kind = s.Now, s.Phase()
	_ = json.NewEncoder(o.to).Encode(newReport("state", s)) // the summary tells when nobody listens any more
}

func (o *objects) summary(s model.State, problem *model.Problem) error {
	r := newReport("result", s)
	if problem != nil {
		r.Problem = newReportProblem(*problem)
	}
	r.Hashrate = float64(s.Totals().Average)
	return json.NewEncoder(o.to).Encode(r)
}

// sentences tells of states in words.
type sentences struct {
	printer
	last time.Time
	kind model.Phase
	told model.Code
}

func (p *sentences) state(s model.State) {
	if s.Phase() != p.kind {
		p.kind = s.Phase()
		p.say("%s. %s", view.Sentence(s), view.About(s))
	}
	if problem, trouble := s.Problem(); trouble && problem.Code != p.told {
		p.told = problem.Code
		what, do := view.Problem(problem)
		p.say("%s %s", what, do)
	}
	if all := s.Totals(); all.Hashrate > 0 && s.Now.Sub(p.last) >= sentenceEvery {
		p.last = s.Now
		b, _ := s.Balance()
		p.say("%v, %d shares accepted, %d refused, %v %s on its way, %v %s paid", all.Hashrate, all.Accepted,
			all.Rejected, b.OnItsWay(), b.Symbol, b.Paid, b.Symbol)
	}
}

func (p *sentences) summary(s model.State, _ *model.Problem) error {
	b, _ := s.Balance()
	all := s.Totals()
	p.say("Account %s: %d shares accepted, %d refused, on average %v, %v %s on its way, %v %s paid.",
		s.Key.Account, all.Accepted, all.Rejected, all.Average, b.OnItsWay(), b.Symbol, b.Paid, b.Symbol)
	return p.err
}
