package main

import (
	"context"
	"fmt"

	"github.com/adit-mining/adit/pool-server/config"
)

// matchLogAndLedger makes sure that the share log goes on where the ledger is. If
// it began again at 1, what miners are told is durable would get positions that
// the ledger has applied already, and would never be counted.
func (s *server) matchLogAndLedger(ctx context.Context) error {
	applied, err := s.ledger.Position(ctx)
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	log := s.shares.Status()
	switch {
	case applied > log.LastPosition:
		return s.continueBehind(ctx, applied, log.LastPosition)
	case log.FirstPosition > applied+1:
		return fmt.Errorf("the ledger is older than the share log: it has applied shares up to position %d, but the log in %s begins at %d. "+
			"Put the ledger (%s) back that belongs to this log; nothing was changed. "+
			"If it is lost for good, so are its balances: move the whole folder away to begin with an empty book",
			applied, s.config.DataDir(), log.FirstPosition, ledgerText(s.config))
	}
	return nil
}

// continueBehind lets a log that ends before what the ledger has applied go on
// behind it, if the operator agrees: by durability "async", which may cost the
// last moments, or on the command line.
func (s *server) continueBehind(ctx context.Context, applied, last uint64) error {
	lastMoments := s.config.Server.ShareLog.Durability == config.DurabilityAsync && last > 0
	if !lastMoments && !s.acceptLost {
		return fmt.Errorf("the share log in %s is lost or older than the ledger: it ends at position %d, but the ledger has applied shares up to %d. "+
			"Put the folder sharelog back as it was; nothing was changed. If it is lost for good, shares of the last moments may be lost with it "+
			"(everything up to %d is safe in the ledger): start once with --accept-lost-shares to go on without them",
			s.config.DataDir(), last, applied, applied)
	}
	s.log.Warn("the share log goes on behind what the ledger has applied; shares of the last moments may be lost", "log_ended_at", last, "position", applied)
	if err := s.shares.ContinueAfter(ctx, applied); err != nil {
		return fmt.Errorf("continue the share log: %w", err)
	}
	return nil
}
