package main

import (
	"context"
	"fmt"

	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/sharelog"
)

// matchLogAndLedger makes sure that the share log goes on where the ledger is. If
// it began again at 1, what miners are told is durable would get positions that
// the ledger has applied already, and would never be counted; and if it were another
// log, positions that mean other shares.
func (s *server) matchLogAndLedger(ctx context.Context) error {
	mark, err := s.ledger.LogMark(ctx)
	if err != nil {
		return err
	}
	id, err := s.shares.Identity()
	if err != nil {
		return err
	}
	log := s.shares.Status()
	empty := log.LastPosition == 0 || log.FirstPosition > log.LastPosition
	switch {
	case mark.Log != "" && mark.Log != id.ID && !goesOn(mark, id, log) && !(empty && log.LastPosition <= mark.Position):
		return s.anotherLog(mark, log)
	case mark.Position > log.LastPosition:
		if err := s.continueBehind(ctx, mark, log.LastPosition); err != nil {
			return err
		}
	case log.FirstPosition > mark.Position+1:
		return fmt.Errorf("the ledger is older than the share log: it has applied shares up to position %d, but the log in %s begins at %d. "+
			"Put the ledger (%s) back that belongs to this log; nothing was changed. "+
			"If it is lost for good, so are its balances: restore the latest backup into another folder, or move the whole folder away to begin with an empty book. "+
			"If this ledger is the restored one, move the folder sharelog away: what is in it cannot be counted any more",
			mark.Position, s.config.DataDir(), log.FirstPosition, ledgerText(s.config))
	}
	if mark.Log == id.ID && !mark.Restored {
		return nil
	}
	if mark.Restored && log.LastPosition > mark.Position {
		s.log.Info("the share log has shares that the restored ledger lacks; they are counted now", "from", mark.Position+1, "to", log.LastPosition)
	}
	return s.ledger.FollowLog(ctx, id.ID)
}

// goesOn reports whether the log, which is not the ledger's, began where the ledger is.
func goesOn(mark ledger.LogMark, id sharelog.Identity, log sharelog.Status) bool {
	return id.Before == mark.Log && id.BeforeEnd == mark.Position && log.FirstPosition <= mark.Position+1
}

func (s *server) anotherLog(mark ledger.LogMark, log sharelog.Status) error {
	return fmt.Errorf("the share log in %s is not the one that the ledger follows: the ledger has applied shares up to position %d of another log, "+
		"this one holds %d to %d, which are other shares. Put the folder sharelog back that belongs to this ledger, or the ledger that belongs to this log; nothing was changed. "+
		"If the ledger's own log is lost for good, move this folder away and start again: a new log begins, and what is in this one is not counted",
		s.config.DataDir(), mark.Position, log.FirstPosition, log.LastPosition)
}

// continueBehind lets a log that ends before what the ledger has applied go on
// behind it. A ledger that was restored from a backup on another machine has no log
// yet; otherwise the operator has to agree: by durability "async", which may cost the
// last moments, or on the command line.
func (s *server) continueBehind(ctx context.Context, mark ledger.LogMark, last uint64) error {
	lastMoments := s.config.Server.ShareLog.Durability == config.DurabilityAsync && last > 0
	begins := mark.Restored && last == 0
	if !lastMoments && !begins && !s.acceptLost {
		return fmt.Errorf("the share log in %s is lost or older than the ledger: it ends at position %d, but the ledger has applied shares up to %d. "+
			"Put the folder sharelog back as it was; nothing was changed. If it is lost for good, shares of the last moments may be lost with it "+
			"(everything up to %d is safe in the ledger): start once with --accept-lost-shares to go on without them",
			s.config.DataDir(), last, mark.Position, mark.Position)
	}
	if begins {
		s.log.Info("a new share log begins behind what the restored ledger has", "position", mark.Position)
	} else {
		s.log.Warn("the share log goes on behind what the ledger has applied; shares of the last moments may be lost", "log_ended_at", last, "position", mark.Position)
	}
	if err := s.shares.ContinueBehind(ctx, mark.Log, mark.Position); err != nil {
		return fmt.Errorf("continue the share log: %w", err)
	}
	return nil
}
