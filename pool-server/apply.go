package main

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/sharelog"
)

// How long to wait before shares are applied again after a failure, and how
// often the log is trimmed.
const (
	applyPauseMin = time.Second
	applyPauseMax = time.Minute
	trimEvery     = 10 * time.Second
)

// applyShares carries the share log into the ledger until ctx ends. A failure (a
// full disk, a damaged log) is told and tried again: the log keeps what is not
// applied yet.
func (s *server) applyShares(ctx context.Context) error {
	var trimmed time.Time
	pause := applyPauseMin
	apply := func(ctx context.Context, first, last uint64, rs []sharelog.Record) error {
		found, err := s.ledger.Apply(ctx, first, last, s.ledgerShares(rs))
		if err != nil {
			return err
		}
		pause = applyPauseMin
		s.notCounted.Store(false)
		for _, block := range found {
			s.kick(block.Pool)
		}
		if time.Since(trimmed) >= trimEvery {
			trimmed = time.Now()
			// The ledger has this position on disk: the log need not keep it.
			if err := s.shares.Trim(ctx, last); err != nil {
				s.log.Warn("the share log could not be trimmed", "err", err)
			}
		}
		return nil
	}
	for {
		position, err := s.ledger.Position(ctx)
		if err == nil {
			err = s.shares.Consume(ctx, position, apply)
		}
		if ctx.Err() != nil {
			return nil
		}
		s.notCounted.Store(true)
		s.log.Error("shares are not applied to the ledger; they stay in the share log", "err", err, "again_in", pause)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil
		}
		pause = min(2*pause, applyPauseMax)
	}
}

// kick makes a pool's keeper look at its blocks now.
func (s *server) kick(poolID string) {
	for _, p := range s.pools {
		if p.config.ID == poolID {
			p.keeper.Kick()
		}
	}
}

// ledgerShares turns records of the log into shares of the ledger.
func (s *server) ledgerShares(rs []sharelog.Record) []ledger.Share {
	terms := map[string]*ledger.Terms{}
	for _, p := range s.pools {
		terms[p.config.ID] = p.termsNow()
	}
	shares := make([]ledger.Share, len(rs))
	for i, r := range rs {
		shares[i] = ledger.Share{
			Pool: r.Pool, Account: r.Account, Worker: r.Worker,
			Difficulty: r.Difficulty, Time: r.Time, Height: r.Height,
			Solo: r.Solo, Price: r.Price, Terms: terms[r.Pool],
		}
		if b := r.Block; b != nil {
			shares[i].Block = &ledger.FoundBlock{
				Hash: b.Hash, Height: b.Height, Reward: b.Reward, Raw: b.Raw,
				Difficulty: s.networkDifficulty(r.Pool, b.Raw),
			}
		}
	}
	return shares
}

// networkDifficulty reads what a block had to meet from its header, in the unit
// of the pool's shares; 0 if the pool is not configured any more.
func (s *server) networkDifficulty(poolID string, raw []byte) float64 {
	for i := range s.config.Pools {
		p := &s.config.Pools[i]
		if p.ID != poolID || p.CoinData() == nil || len(raw) < pow.HeaderSize {
			continue
		}
		target, err := pow.TargetFromBits(binary.LittleEndian.Uint32(raw[bitsOffset:]))
		if err != nil {
			return 0
		}
		return float64(target.Difficulty(pow.Algorithm(p.CoinData().Algorithm)))
	}
	return 0
}

// bitsOffset is where a block header holds its target, in bytes.
const bitsOffset = 72
