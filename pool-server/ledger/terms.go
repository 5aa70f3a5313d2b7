package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/adit-mining/adit/wallet/coin"
)

// A Scheme is how a block's reward is dealt out.
type Scheme string

// The schemes.
const (
	PROP  Scheme = "PROP"  // by the shares since the last block
	PPLNS Scheme = "PPLNS" // by the last shares, whoever found blocks in between
	SOLO  Scheme = "SOLO"  // all to the account that found it
	PPS   Scheme = "PPS"   // as PROP, but the pool buys the shares as they come, and takes the luck
)

// Terms are on what terms a pool pays for shares. Those of a block are frozen when it
// is found: a new configuration never changes the deal for work that was done.
type Terms struct {
	Scheme     Scheme // of shares that are not solo; empty means PROP
	FeePPM     int64  // what the pool keeps of a reward, and under PPS of a share's price, in parts per million
	SoloFeePPM int64  // the same of a block that was found solo
	Recipients []Recipient

	// PPLNS: a block pays for the last shares whose difficulties add up to Window times
	// the network's. More than 0.
	Window float64
	// NetworkDifficulty is that of now, in the unit of shares: it tells how many of the
	// last shares have to be remembered. 0 forgets none.
	NetworkDifficulty float64

	// PPS: how far the reserve may go below zero. Beyond it shares are not bought any
	// more, and have their part of the next block as under PROP, until blocks have
	// filled the reserve again.
	ReserveLimit coin.Amount
}

// A Recipient gets a part of every reward beside the miners: the operator, a donation.
type Recipient struct {
	Account string // as coin.Account writes it
	PPM     int64  // parts per million of the reward
}

// scheme is what a share is paid by.
func (s *Share) scheme() Scheme {
	switch {
	case s.Solo:
		return SOLO
	case s.Terms == nil || s.Terms.Scheme == "":
		return PROP
	}
	return s.Terms.Scheme
}

// setTerms freezes the terms of a block that s has found.
func (t tx) setTerms(ctx context.Context, block int64, s Share) error {
	terms := s.Terms
	if terms == nil { // a pool that is configured no more
		terms = &Terms{}
	}
	scheme, fee, window := s.scheme(), terms.FeePPM, 0.0
	switch scheme {
	case SOLO:
		fee = terms.SoloFeePPM
	case PPLNS:
		window = terms.Window * s.Block.Difficulty
	}
	if err := t.exec(ctx, `UPDATE blocks SET scheme = ?, fee_ppm = ?, "window" = ? WHERE id = ?`, string(scheme), fee, window, block); err != nil {
		return err
	}
	for _, r := range terms.Recipients {
		account, err := t.account(ctx, r.Account)
		if err != nil {
			return err
		}
		if err := t.exec(ctx, "INSERT INTO block_recipients (block_id, account_id, ppm) VALUES (?, ?, ?)", block, account, r.PPM); err != nil {
			return fmt.Errorf("recipient %s: %w", r.Account, err)
		}
	}
	return nil
}

// BlockRecipients returns who gets a part of a block's reward beside the miners, by
// account name.
func (l *Ledger) BlockRecipients(ctx context.Context, id int64) ([]Recipient, error) {
	rows, err := l.read.QueryContext(ctx, `SELECT a.name, r.ppm FROM block_recipients r JOIN accounts a ON a.id = r.account_id
		WHERE r.block_id = ? ORDER BY a.name`, id)
	return collect(rows, err, func(rows *sql.Rows) (r Recipient, err error) {
		err = rows.Scan(&r.Account, &r.PPM)
		return r, err
	})
}
