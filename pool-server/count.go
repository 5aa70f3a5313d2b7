package main

import (
	"context"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/stats"
	"github.com/adit-mining/adit/pool-server/stratum"
	"github.com/adit-mining/adit/pool-server/work"
)

// snapshotEvery is how often the statistics take a snapshot.
const snapshotEvery = 10 * time.Second

// count tells the statistics of a share that is durable.
func (p *pool) count(s stratum.Share) {
	p.server.stats.ShareAccepted(stats.Share{
		Pool: p.config.ID, Account: s.Account, Worker: s.Worker,
		Algorithm: p.algorithm(), Difficulty: s.Difficulty, Time: s.Time, Connected: s.Connected,
	})
}

func (p *pool) rejected(id stratum.Identity, code int, _ string) {
	p.server.stats.ShareRejected(stats.Reject{
		Pool: p.config.ID, Account: id.Account, Worker: id.Worker, Reason: rejectWord(code), Time: time.Now(),
	})
}

// rejectWord groups rejects by their code: reasons hold details, and what is
// counted must be a few words.
func rejectWord(code int) string {
	switch code {
	case work.CodeStale:
		return "stale"
	case work.CodeDuplicate:
		return "duplicate"
	case work.CodeLowDifficulty:
		return "low difficulty"
	case work.CodeUnauthorized:
		return "unauthorized"
	}
	return "invalid"
}

// takeSnapshots feeds the statistics' history until ctx ends; finished hours go
// to the ledger.
func (s *server) takeSnapshots(ctx context.Context) error {
	tick := time.NewTicker(snapshotEvery)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			s.saveHours(ctx, s.stats.Tick(now))
		case <-ctx.Done():
			return nil
		}
	}
}

func (s *server) saveHours(ctx context.Context, finished []stats.Hour) {
	if len(finished) == 0 {
		return
	}
	hours := make([]ledger.Hour, len(finished))
	for i, h := range finished {
		hours[i] = ledger.Hour(h)
	}
	// History is not money: an hour that cannot be saved is told and given up.
	if err := s.ledger.SaveHours(ctx, hours); err != nil {
		s.log.Warn("an hour of history is lost", "err", err)
	}
}
