package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/payouts"
)

// report is how a server is doing, for its operator.
type report struct {
	Name      string          `json:"name"`
	Running   bool            `json:"running"` // if false only what the files tell is filled in
	Version   string          `json:"version,omitempty"`
	Since     *time.Time      `json:"since,omitempty"` // the server's start
	ShareLog  *shareLogReport `json:"shareLog,omitempty"`
	Pools     []poolReport    `json:"pools"`
	Attention []string        `json:"attention"` // what a person has to look at; empty if all is well
}

type shareLogReport struct {
	Durability string `json:"durability"`
	Trouble    string `json:"trouble"`  // why shares cannot be written down; empty if they can
	Pending    int    `json:"pending"`  // shares that wait to be written
	Bytes      uint64 `json:"bytes"`    // of the batches that are kept
	Last       uint64 `json:"last"`     // position of the newest batch
	Applied    uint64 `json:"applied"`  // position that the ledger has
	Counting   bool   `json:"counting"` // the ledger takes what comes
}

type poolReport struct {
	ID       string         `json:"id"`
	Coin     string         `json:"coin"`
	Network  string         `json:"network"`
	Trouble  string         `json:"trouble"` // why there is no fresh work; empty if there is
	Height   int64          `json:"height"`  // of the block that is worked on
	Hashrate float64        `json:"hashrate"`
	Workers  int            `json:"workers"` // online
	Daemons  []daemonReport `json:"daemons"`
	Ports    []portReport   `json:"ports"`
	Payouts  payoutsReport  `json:"payouts"`
	Blocks   blockCounts    `json:"blocks"` // by what has become of them
}

type blockCounts = map[ledger.BlockStatus]int64

type daemonReport struct {
	Name    string `json:"name"`
	Trouble string `json:"trouble"`    // why it gives no work; empty if it does
	Height  int64  `json:"height"`     // of the block that its template would make
	Age     int64  `json:"ageSeconds"` // of the template, -1 if there is none
}

type portReport struct {
	Listen      string `json:"listen"`
	Connections int    `json:"connections"`
	Accepted    uint64 `json:"accepted"` // shares since the start
	Rejected    uint64 `json:"rejected"`
}

type payoutsReport struct {
	Enabled bool   `json:"enabled"`
	Halted  string `json:"halted"`  // at what they are halted; empty if they go on
	Waiting string `json:"waiting"` // what a payout waits for
	Blocks  string `json:"blocks"`  // why blocks cannot be followed now
}

// report says how the server is doing.
func (s *server) report(ctx context.Context) report {
	since := s.began.UTC()
	r := report{Name: s.config.Server.Name, Running: true, Version: version, Since: &since}
	log := shareLogReport{Counting: !s.notCounted.Load()}
	var err error
	if log.Applied, err = s.ledger.Position(ctx); err != nil {
		r.needs("the ledger cannot be read: %v", err)
	}
	status := s.shares.Status()
	log.Durability, log.Pending, log.Bytes, log.Last = string(status.Durability), status.Pending, status.Bytes, status.LastPosition
	if status.Err != nil {
		log.Trouble = status.Err.Error()
		r.needs("shares cannot be written down, each gets an error: %v", status.Err)
	}
	if !log.Counting {
		r.needs("shares are written down, but the ledger does not take them; logs/errors.log says why")
	}
	if s.certificate != nil && time.Until(s.certificate.Leaf().NotAfter) < certificateNotice {
		r.needs("the TLS certificate ends on %s UTC: renew it", s.certificate.Leaf().NotAfter.UTC().Format(time.DateTime))
	}
	r.ShareLog = &log
	for _, p := range s.pools {
		r.add(p.report(ctx), s.config.Dir)
	}
	return r
}

func (p *pool) report(ctx context.Context) poolReport {
	now := time.Now()
	standing := p.server.stats.Pool(p.config.ID, now)
	r := poolReport{
		ID: p.config.ID, Coin: p.config.CoinData().Name, Network: p.config.Network,
		Hashrate: float64(standing.Rate.Hashrate), Workers: standing.Workers,
		Payouts: newPayoutsReport(p.config, p.keeper.Status()),
	}
	job, _, stale := p.current()
	if job != nil {
		r.Height = job.Height
	}
	if stale != nil {
		r.Trouble = stale.Error()
	}
	for _, d := range p.nodes.Status() {
		r.Daemons = append(r.Daemons, newDaemonReport(d, now))
	}
	for _, port := range p.ports {
		counts := port.stratum.Stats()
		one := portReport{Listen: port.listener.Addr().String(), Connections: counts.Sessions, Accepted: counts.Accepted}
		for _, n := range counts.Rejected {
			one.Rejected += n
		}
		r.Ports = append(r.Ports, one)
	}
	var err error
	if r.Blocks, err = p.server.ledger.BlockCounts(ctx, p.config.ID); err != nil {
		p.log.Warn("status without the blocks", "err", err)
	}
	return r
}

func newDaemonReport(d node.NodeStatus, now time.Time) daemonReport {
	r := daemonReport{Name: d.Node, Height: d.Height, Age: -1}
	if !d.At.IsZero() {
		r.Age = int64(now.Sub(d.At).Seconds())
	}
	switch {
	case d.Err != nil:
		r.Trouble = d.Err.Error()
	case d.At.IsZero():
		r.Trouble = errNoTemplateYet.Error()
	}
	return r
}

func newPayoutsReport(c *config.Pool, k payouts.Status) payoutsReport {
	r := payoutsReport{Enabled: c.Payouts.Enabled, Waiting: k.Payments, Blocks: k.Blocks}
	if k.Halted {
		r.Halted = k.HaltReason
	}
	return r
}

// add adds a pool of the configuration in dir, and what in it a person has to look at.
// A payout that waits, for coins to mature or a daemon to come back, is no such thing.
func (r *report) add(p poolReport, dir string) {
	if p.Trouble != "" {
		r.needs("%s has no fresh work: %s", p.ID, p.Trouble)
	} else {
		for _, d := range p.Daemons { // the others give work
			if d.Trouble != "" {
				r.needs("%s: the daemon %s gives no work: %s", p.ID, d.Name, d.Trouble)
			}
		}
	}
	if p.Payouts.Halted != "" {
		r.needs("%s: payouts are halted: %s; see adit-pool payout status --pool %s; adit-pool admin link --dir %s opens a page that says what to look at", p.ID, p.Payouts.Halted, p.ID, dir)
	}
	r.Pools = append(r.Pools, p)
}

func (r *report) needs(format string, args ...any) {
	r.Attention = append(r.Attention, fmt.Sprintf(format, args...))
}

// filesReport is what the files tell of a server that does not run.
func filesReport(ctx context.Context, c *config.Config, book *ledger.Ledger) (report, error) {
	r := report{Name: c.Server.Name}
	r.needs("the server does not run: adit-pool serve --dir %s", c.Dir)
	for _, p := range c.EnabledPools() {
		one := poolReport{ID: p.ID, Coin: p.CoinData().Name, Network: p.Network, Payouts: payoutsReport{Enabled: p.Payouts.Enabled}}
		if book != nil {
			reason, halted, err := book.Halted(ctx, p.ID)
			if err == nil {
				one.Blocks, err = book.BlockCounts(ctx, p.ID)
			}
			if err != nil && !errors.Is(err, ledger.ErrNotFound) {
				return r, fmt.Errorf("read the ledger: %w", err)
			}
			if halted {
				one.Payouts.Halted = reason
			}
		}
		r.add(one, c.Dir)
	}
	return r, nil
}
