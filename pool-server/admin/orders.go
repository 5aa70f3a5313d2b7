package admin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/adit-mining/adit/pool-server/ledger"
)

// Action is what an operator can have done about payouts.
type Action string

// The actions. The first four are for payouts that have halted.
const (
	Resume  Action = "resume"  // pay again
	Abandon Action = "abandon" // give a payout's money back to the balances: it can never be mined
	Settle  Action = "settle"  // a block is gone that miners were paid for: the pool bears it
	Adopt   Action = "adopt"   // book a transaction of the wallet as a payout that was made
	Ignore  Action = "ignore"  // note that a transaction of the wallet was no payout
	Hold    Action = "hold"    // do not pay an account
	Release Action = "release" // pay it again
	Pay     Action = "pay"     // pay who is due now, whatever the schedule says
)

// An Order is one action. The worst that comes of a wrong one: Resume, what the halt
// was to keep from happening; Abandon and Ignore, that accounts are paid twice; Settle
// and Adopt, that the book holds a loss that is none; Hold, that somebody waits. None
// sends money anywhere but to the accounts' own addresses.
type Order struct {
	Action  Action
	Pool    string
	Payout  int64  // Abandon
	Block   int64  // Settle
	TxID    string // Adopt, Ignore
	Account string // Hold, Release; Pay: empty for all
	Reason  string
	Force   bool // Abandon, whatever the daemon says
	// About is the mark of the halt that the operator has seen. If payouts are halted at
	// something else by now, the order is refused. Empty: whatever they are halted at.
	About string
}

// Hand carries out orders that fit the state, and says what came of one. It refuses
// those that do not fit any more.
type Hand func(ctx context.Context, o Order) (said string, err error)

// ErrRefused is returned for an order that does not fit the state of the pool.
var ErrRefused = errors.New("not done")

func refused(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrRefused, fmt.Errorf(format, args...))
}

// By is who gives an order.
type By struct {
	Who    string
	Source string // network address; empty: this computer's command line
}

// Do carries an order out, if it fits, and returns what came of it. It is in the audit
// log before anything is done, and afterwards with its outcome. An order that is refused
// is ErrRefused.
func Do(ctx context.Context, book Book, hand Hand, by By, o Order) (said string, err error) {
	// Whoever has sent the order may be gone; what came of it is written down all the same.
	log := context.WithoutCancel(ctx)
	entry := ledger.AuditEntry{Who: by.Who, Source: by.Source, Action: string(o.Action), Pool: o.Pool, Subject: o.subject(), Reason: o.Reason}
	_, err = Foresee(ctx, book, o)
	if errors.Is(err, ErrRefused) {
		entry.Outcome = err.Error()
		return "", errors.Join(err, book.Audit(log, entry))
	}
	if err != nil {
		return "", err
	}
	id, err := book.BeginAudit(log, entry)
	if err != nil {
		return "", err
	}
	// A crash here leaves an entry without an outcome; the ledger tells whether it was done.
	said, err = hand(ctx, o)
	if err != nil {
		return said, errors.Join(err, book.EndAudit(log, id, "failed: "+err.Error()))
	}
	if err := book.EndAudit(log, id, "done"); err != nil {
		return said, fmt.Errorf("it was done, but that could not be written down: %w", err)
	}
	return said, nil
}

// markOf stands for the reason of a halt in a form.
func markOf(halt string) string {
	sum := sha256.Sum256([]byte(halt))
	return hex.EncodeToString(sum[:8])
}

func (o Order) subject() string {
	switch o.Action {
	case Abandon:
		if o.Force {
			return fmt.Sprintf("payout %d, by force", o.Payout)
		}
		return fmt.Sprint("payout ", o.Payout)
	case Settle:
		return fmt.Sprint("block ", o.Block)
	case Adopt, Ignore:
		return "transaction " + o.TxID
	case Hold, Release, Pay:
		return o.Account
	}
	return ""
}

// sentence is an error's text as one.
func sentence(err error) string { return asSentence(err.Error()) }

func asSentence(text string) string {
	text = strings.TrimRight(strings.ReplaceAll(text, "\n", "; "), ". ")
	if text == "" {
		return ""
	}
	_, n := utf8.DecodeRuneInString(text)
	return strings.ToUpper(text[:n]) + text[n:] + "."
}
