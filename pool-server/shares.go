package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/sharelog"
	"github.com/adit-mining/adit/pool-server/stratum"
	"github.com/adit-mining/adit/pool-server/work"
	"github.com/adit-mining/adit/wallet/coin"
)

const (
	// recordPatience is how long a block waits to be written down before it is
	// submitted all the same: a full disk must not cost a block.
	recordPatience = 2 * time.Second
	// submitPatience is how long a block is offered to the daemons; after that, or
	// after a crash, the keeper goes on with what the log has.
	submitPatience = 2 * time.Minute
	// stopPatience is the same once the server is asked to stop, for a block that is
	// written down.
	stopPatience = 5 * time.Second
	// recordAgain is the pause before a block that could not be written down is
	// tried again.
	recordAgain = time.Second
)

// authorize returns what turns a stratum user name on a port into who is paid. The
// error is read by the miner's owner.
func (p *pool) authorize(on config.Port) func(user, password string) (stratum.Identity, error) {
	return func(user, _ string) (stratum.Identity, error) {
		name, worker := coin.SplitWorker(strings.TrimSpace(user)) // pasted names bring spaces along
		account, err := p.config.NetworkData().ParseAccount(name)
		if err != nil {
			return stratum.Identity{}, err
		}
		if _, err := account.Address(p.config.NetworkData()); err != nil {
			return stratum.Identity{}, fmt.Errorf("%s cannot be paid to this name: %w", p.config.CoinData().Name, err)
		}
		solo := on.Solo || p.terms.Scheme == ledger.SOLO
		return stratum.Identity{Account: account.String(), Worker: worker, Solo: solo}, nil
	}
}

// grant decides about what a miner's password asks for. What the pool cannot keep it
// refuses: who reads no refusal relies on it.
func (p *pool) grant(id stratum.Identity, o stratum.Options) (stratum.Identity, error) {
	c := p.config.CoinData()
	if o.Coin != "" && !strings.EqualFold(o.Coin, c.Symbol) {
		return id, fmt.Errorf("password: c=%s: this port mines %s and pays it; no other coin can be had", o.Coin, c.Symbol)
	}
	if o.Solo && !id.Solo && !p.config.Payouts.Solo {
		return id, fmt.Errorf("password: m=solo: this pool shares its blocks out by %s and has no solo mining here", p.config.Payouts.Scheme)
	}
	id.Solo = id.Solo || o.Solo
	if o.PayoutLimit != "" {
		limit, err := c.ParseAmount(o.PayoutLimit)
		if err != nil {
			return id, fmt.Errorf("password: pl=: %w", err)
		}
		least := coin.Amount(p.config.Payouts.Minimum)
		if err := poolapi.CheckMinimum(c, limit, least); err != nil {
			return id, fmt.Errorf("password: pl=%s: %w", o.PayoutLimit, err)
		}
		if limit == least {
			limit = 0 // and so it stays if the operator changes it
		}
		p.limits.ask(id.Account, limit)
	}
	return id, nil
}

func (p *pool) record(s stratum.Share) sharelog.Record {
	r := sharelog.Record{
		Pool: p.config.ID, Account: s.Account, Worker: s.Worker,
		Difficulty: float64(s.Difficulty), Time: s.Time, Height: s.Height, Solo: s.Solo,
	}
	if !s.Solo {
		r.Price = math.Float64frombits(p.price.Load())
	}
	return r
}

// accept makes a share durable; only then the miner reads "true".
func (p *pool) accept(s stratum.Share, done func(error)) {
	keep := p.server.shares.Append
	if s.Alone {
		keep = p.server.shares.Write // who has nothing else to do may wait for the disk
	}
	keep(p.record(s), func(err error) {
		if err == nil {
			p.count(s)
		}
		done(err)
	})
}

// found is a block candidate on its way to the daemons.
type found struct {
	record    sharelog.Record
	candidate *work.Candidate
	written   chan error  // told once, how writing it down went
	done      func(error) // answers the miner
}

// candidate takes a block candidate together with its share; it returns at once.
func (p *pool) candidate(s stratum.Share, c *work.Candidate, done func(error)) {
	r := p.record(s)
	r.Block = &sharelog.Block{Hash: c.Hash.String(), Height: c.Height, Reward: c.Reward, Raw: c.Raw}
	p.found <- found{record: r, candidate: c, written: make(chan error, 1), done: func(err error) {
		if err == nil {
			p.count(s)
		}
		done(err)
	}}
}

// submitFound writes each block candidate down and hands it to all daemons, until
// no more can come. Blocks under way are finished even if ctx ends, though with
// less patience.
func (p *pool) submitFound(ctx context.Context) {
	var underWay sync.WaitGroup
	defer underWay.Wait()
	for f := range p.found {
		underWay.Go(func() { p.writeDown(ctx, f) })
		underWay.Go(func() { p.submit(ctx, f.candidate, f.written) })
	}
}

// writeDown puts a block candidate into the share log and answers its miner. If
// that fails it goes on trying: the block is submitted all the same, and nobody
// would be paid for a block that the ledger never hears of. A second record of one
// block counts nothing.
func (p *pool) writeDown(ctx context.Context, f found) {
	written := make(chan error, 1)
	p.server.shares.Append(f.record, func(err error) {
		f.done(err)
		written <- err
	})
	err := <-written
	f.written <- err
	for err != nil {
		select {
		case <-time.After(recordAgain):
		case <-ctx.Done():
			p.log.Error("a block candidate could not be written down: if the chain has it, its reward is in the wallet, but in no miner's balance",
				"block", f.record.Block.Hash, "height", f.record.Height, "finder", f.record.Account, "err", err)
			return
		}
		p.server.shares.Append(f.record, func(err error) { written <- err })
		if err = <-written; err == nil {
			p.log.Info("the block candidate is written down after all", "block", f.record.Block.Hash)
		}
	}
}

func (p *pool) submit(stop context.Context, c *work.Candidate, written <-chan error) {
	log := p.log.With("block", c.Hash.String(), "height", c.Height)
	var err error
	select {
	case err = <-written:
	case <-time.After(recordPatience):
		err = errors.New("the share log is slow")
	}
	if err != nil {
		log.Error("a block candidate is submitted before it could be written down", "err", err)
	}
	// A crash here leaves the candidate in the log: the keeper submits it again.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(stop), submitPatience)
	defer cancel()
	if err == nil {
		defer context.AfterFunc(stop, func() { time.AfterFunc(stopPatience, cancel) })()
	}
	verdict, err := p.nodes.SubmitBlock(ctx, c.Raw, c.Hash)
	switch {
	case err != nil:
		log.Error("no daemon has answered about a block candidate", "err", err)
	case verdict.Accepted:
		log.Info("block found", "reward", c.Reward.String())
	default:
		log.Warn("block candidate refused", "verdict", fmt.Sprint(verdict.PerNode))
	}
	p.keeper.Kick()
}
