package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/gateway"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/pool-server/stratum"
	"github.com/adit-mining/adit/pool-server/work"
)

const (
	extranonce2Size = 4
	versionMask     = 0x1fffe000 // BIP 320
	foundQueue      = 64         // block candidates that may wait for their submission
	uniqueSize      = 8          // bytes that keep the jobs of two ports, and of two runs, apart
)

// errNoTemplateYet is why a pool that has just started has no work.
var errNoTemplateYet = errors.New("waiting for the daemon's first block template")

// pool is one coin of the server: its daemons, its ports, its payments.
type pool struct {
	config  *config.Pool
	server  *server
	log     *slog.Logger
	payTo   []byte // output script of the pool's address
	terms   *ledger.Terms
	clients []*node.Client
	nodes   *node.Group
	ports   []*port
	keeper  *payouts.Keeper
	limits  *payoutLimits
	rates   *stratum.Rates   // how fast workers last were
	gateway *gateway.Gateway // nil if it is off
	jobs    atomic.Uint64    // the last job's number
	price   atomic.Uint64    // bits of what a share of difficulty 1 is worth, where shares are bought; see setPrice
	network atomic.Uint64    // bits of the network's difficulty

	wasProvisional bool // the last template; newTemplate's alone

	found chan found // block candidates on their way to the daemons

	mu    sync.Mutex // guards what follows
	job   *work.Job  // of the first port; nil before the first template
	since time.Time  // when job came
	stale error      // why there is no fresh work; nil if there is
}

// port is a stratum port of a pool. Each has jobs of its own, so that two miners
// on two ports never search the same space.
type port struct {
	config   config.Port
	stratum  *stratum.Server
	listener net.Listener
	unique   []byte
}

// newPool checks a pool's daemons as far as they answer, and opens its ports.
func newPool(ctx context.Context, s *server, c *config.Pool) (*pool, error) {
	p := &pool{config: c, server: s, log: s.log.With("pool", c.ID), found: make(chan found, foundQueue), stale: errNoTemplateYet}
	address, err := c.NetworkData().ParseAddress(c.Address)
	if err != nil {
		return nil, fmt.Errorf("address: %w", err)
	}
	p.payTo, p.terms = address.Script(), termsOf(c)
	if p.clients, err = newClients(s.config, c, p.log); err != nil {
		return nil, err
	}
	for _, client := range p.clients {
		if err := p.refuseWrongChain(ctx, client); err != nil {
			return nil, err
		}
	}
	options := node.GroupOptions{
		Rules: c.CoinData().Rules, PollInterval: c.Poll.D(), Check: p.onOurChain, Log: p.log.With("part", "node"),
	}
	if c.EmptyFirst() {
		options.FirstJob = &node.FirstJob{Algorithm: p.algorithm(), Steady: c.NetworkData().Steady}
	}
	p.nodes = node.NewGroup(p.clients, options)
	if p.keeper, err = newKeeper(s.config, c, s.ledger, p.nodes, p.clients[0], s.log); err != nil {
		return nil, err
	}
	if c.Gateway.Enabled {
		p.gateway = gateway.New(gateway.Config{
			Network: c.NetworkData(), Daemon: p.clients[0], Turn: s.scanning,
			ScanTimeout: c.Gateway.ScanTimeout.D(), Remember: c.Gateway.Remember.D(), Log: p.log.With("part", "gateway"),
		})
	}
	p.rates = p.loadRates()
	p.limits = newPayoutLimits(c.ID, s.ledger, p.log)
	for i, pc := range c.Ports {
		opened, err := p.newPort(pc)
		if err != nil {
			p.close()
			return nil, fmt.Errorf("ports[%d]: %w", i, err)
		}
		p.ports = append(p.ports, opened)
	}
	return p, nil
}

func (p *pool) newPort(c config.Port) (*port, error) {
	unique := make([]byte, uniqueSize)
	rand.Read(unique) // never fails
	sc := stratum.Config{
		Algorithm:       p.algorithm(),
		Difficulty:      c.Difficulty,
		VersionMask:     versionMask,
		Extranonce2Size: extranonce2Size,
		Authorize:       p.authorize(c),
		Grant:           p.grant,
		Rates:           p.rates,
		Accept:          p.accept,
		Candidate:       p.candidate,
		Rejected:        p.rejected,
		TLS:             p.server.tlsConfig(),
		Proxies:         prefixes(p.server.config.Server.Stratum.Proxies),
		Door:            p.server.gate,
		Log:             p.log.With("part", "stratum", "port", c.Listen),
	}
	if c.VarDiff.Enabled {
		sc.VarDiff = &stratum.VarDiff{Min: c.VarDiff.Min, Max: c.VarDiff.Max, ShareEvery: c.VarDiff.ShareEvery.D()}
	}
	srv, err := stratum.New(sc)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return &port{config: c, stratum: srv, listener: listener, unique: unique}, nil
}

func (p *pool) close() {
	for _, port := range p.ports {
		port.listener.Close() // already closed after a run
	}
}

func (p *pool) algorithm() pow.Algorithm { return pow.Algorithm(p.config.CoinData().Algorithm) }

// run runs the pool until ctx ends or a part fails. Blocks under way are still
// handed to the daemons, see submitFound.
func (p *pool) run(ctx context.Context) error {
	parts, ctx := errgroup.WithContext(ctx)
	parts.Go(func() error { return p.nodes.Run(ctx, p.newTemplate, p.noTemplate) })
	parts.Go(func() error { return p.keeper.Run(ctx) })
	parts.Go(func() error { return p.keepRates(ctx) })
	parts.Go(func() error { return p.limits.run(ctx) })
	if p.gateway != nil {
		parts.Go(func() error { return p.gateway.Run(ctx) })
	}
	for _, port := range p.ports {
		parts.Go(func() error { return port.stratum.Serve(ctx, port.listener) })
	}
	var submitting sync.WaitGroup
	submitting.Go(func() { p.submitFound(ctx) })
	err := parts.Wait()
	p.writeRates() // sessions have noted theirs when they ended
	close(p.found) // the stratum servers are gone: nobody sends any more
	submitting.Wait()
	return err
}

// newTemplate turns a daemon's template into a job for each port.
func (p *pool) newTemplate(t *work.Template, newBlock bool) {
	params := make([]work.Params, len(p.ports))
	for i, port := range p.ports {
		params[i] = work.Params{
			Algorithm: p.algorithm(), PayTo: p.payTo, Recipients: coinbaseRecipients(p.config), Tag: p.config.Tag,
			Extranonce2Size: extranonce2Size, VersionMask: versionMask, Unique: port.unique,
		}
	}
	jobs, err := work.NewJobs(strconv.FormatUint(p.jobs.Add(1), 16), t, params...)
	if err != nil {
		p.noTemplate(fmt.Errorf("the daemon's block template for height %d is of no use: %w", t.Height, err))
		return
	}
	// After an empty job miners must not go on with it: it pays no fees.
	clean := newBlock || p.wasProvisional
	p.wasProvisional = t.Provisional
	for i, job := range jobs {
		p.ports[i].stratum.SetJob(job, clean)
	}
	p.setJob(jobs[0])
	p.setPrice(jobs[0], t.Provisional)
	if newBlock {
		p.log.Info("new work", "height", t.Height, "empty_for_now", t.Provisional)
		p.keeper.Kick()
	}
}

// noTemplate is called when no daemon has fresh work: miners are told to go
// elsewhere rather than burn power for nothing.
func (p *pool) noTemplate(err error) {
	p.log.Error("no daemon has fresh work; miners are sent away", "err", err)
	p.setStale(err)
	for _, port := range p.ports {
		port.stratum.Stale("the pool has no fresh work")
	}
}

func (p *pool) setJob(j *work.Job) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.job, p.since, p.stale = j, time.Now(), nil
}

func (p *pool) setStale(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stale = err
}

// current returns the job that is worked on, when it came, and why it is not
// fresh, if so.
func (p *pool) current() (job *work.Job, since time.Time, stale error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.job, p.since, p.stale
}
