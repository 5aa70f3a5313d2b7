package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/web"
	"github.com/adit-mining/adit/wallet/coin"
)

const (
	// walletTime is how long a page waits for all that it asks one wallet.
	walletTime = 3 * time.Second

	shownPayouts  = 10 // finished ones
	shownOpen     = 20
	shownAccounts = 20 // of one payout
	shownAudit    = 10
	shownHolds    = 50
)

// payoutsView is the page at /admin/payouts.
type payoutsView struct {
	frame
	Done  string // what was done a moment ago
	Pools []poolView
	Audit []ledger.AuditEntry
}

// poolView is a pool's payouts as the page shows them.
type poolView struct {
	Pool
	State, Kind   string // a word, and the style that it has
	Text          string // what payouts wait for, or are halted at
	Halted        bool
	Sound         bool // going on is one of the two ways; otherwise they would halt again
	Doubt         doubt
	Steps         []step
	CanAbandon    []ledger.Payout
	Open          []payoutView
	MoreOpen      int // that are not in Open
	Recent        []payoutView
	Holds         []ledger.Hold
	MoreHolds     int
	Totals        ledger.PoolTotals
	Spendable     coin.Amount // in the wallet
	WalletTrouble string      // why Spendable is not known
}

// Coins writes an amount of the pool's coin as people read it.
func (p Pool) Coins(a coin.Amount) string { return web.Coins(p.Amount(a)) }

// money is an amount with its unit.
func (v *askView) money(a coin.Amount) string { return v.Pool.Coins(a) + " " + v.Pool.Symbol }

// Left is what the wallet would have after everybody was paid who can be. What is in a
// payout that waits to be signed is still in the wallet.
func (v poolView) Left() coin.Amount {
	left := v.Spendable - v.Totals.Balance
	for _, p := range v.Open {
		if p.Status == ledger.Intent {
			left -= p.Total()
		}
	}
	return left
}

// payoutView is a payout with what the wallet knows of it.
type payoutView struct {
	ledger.Payout
	Chain string // what the wallet says; empty: it was not asked
}

// Shown are the first of those who are paid, and More is how many others there are.
func (v payoutView) Shown() []ledger.PayoutOutput {
	return v.Outputs[:min(len(v.Outputs), shownAccounts)]
}

// More is how many accounts are not in Shown.
func (v payoutView) More() int { return len(v.Outputs) - len(v.Shown()) }

func (p *Panel) payoutsPage(w http.ResponseWriter, r *http.Request, s session) {
	view := payoutsView{frame: p.frame("Payouts", &s), Done: asSentence(p.door.heard(p.cookieOf(r)))}
	var err error
	if view.Pools, err = p.poolViews(r.Context()); err != nil {
		p.sorry(w, r, err)
		return
	}
	if view.Audit, err = p.c.Book.AuditLog(r.Context(), shownAudit); err != nil {
		p.sorry(w, r, err)
		return
	}
	p.show(w, http.StatusOK, "payouts", view)
}

// poolViews looks at all pools at once, so that only one wallet that hangs is waited for.
func (p *Panel) poolViews(ctx context.Context) ([]poolView, error) {
	pools := p.c.Pools()
	views, errs := make([]poolView, len(pools)), make([]error, len(pools))
	var all sync.WaitGroup
	for i, one := range pools {
		all.Go(func() { views[i], errs[i] = p.poolView(ctx, one) })
	}
	all.Wait()
	return views, errors.Join(errs...)
}

func (p *Panel) poolView(ctx context.Context, pool Pool) (v poolView, err error) {
	v.Pool = pool
	book := p.c.Book
	reason, halted, err := book.Halted(ctx, pool.ID)
	if err != nil {
		return v, fmt.Errorf("pool %s: %w", pool.ID, err)
	}
	open, err := book.OpenPayouts(ctx, pool.ID)
	if err != nil {
		return v, err
	}
	recent, err := book.RecentPayouts(ctx, pool.ID, "", shownPayouts)
	if err != nil {
		return v, err
	}
	if v.Holds, err = book.Holds(ctx, pool.ID); err != nil {
		return v, err
	}
	v.Holds, v.MoreHolds = first(v.Holds, shownHolds)
	if v.Totals, err = book.PoolTotals(ctx, pool.ID); err != nil {
		return v, err
	}
	if halted {
		if v.Doubt, err = p.doubtOf(ctx, pool, reason, open, recent); err != nil {
			return v, err
		}
		v.doubt(reason, open)
	} else {
		v.State, v.Kind, v.Text = state(pool)
	}
	for _, one := range recent {
		v.Recent = append(v.Recent, payoutView{Payout: one})
	}
	open, v.MoreOpen = first(open, shownOpen)
	v.askWallet(ctx, open)
	return v, nil
}

// first returns the first n of all, and how many others there are.
func first[T any](all []T, n int) ([]T, int) {
	n = min(n, len(all))
	return all[:n], len(all) - n
}

func (v *poolView) doubt(reason string, open []ledger.Payout) {
	v.State, v.Kind, v.Text, v.Halted = "Halted", "bad", reason, true
	v.Steps = v.Doubt.steps()
	v.Sound = len(v.Doubt.Sends) == 0
	named := v.Doubt.Payout
	switch {
	case named != nil && canAbandon(*named):
		v.CanAbandon = []ledger.Payout{*named}
	case named == nil && v.Doubt.Block == nil && v.Sound:
		for _, p := range open {
			if canAbandon(p) {
				v.CanAbandon = append(v.CanAbandon, p)
			}
		}
	}
}

// state says in a word and a sentence how a pool's payouts fare that are not halted.
func state(p Pool) (word, kind, text string) {
	k := p.Status
	switch {
	case k.LastPass.IsZero():
		return "Starting", "wait", "The server has not looked at the blocks and payouts yet."
	case k.Blocks != "":
		return "Waiting", "wait", "Blocks cannot be followed now: " + k.Blocks
	case !p.Enabled:
		return "Switched off", "wait", "Credits collect, and nobody is paid: payouts are switched off in the pool's file."
	case k.Payments != "":
		return "Waiting", "wait", "The next payout waits: " + k.Payments
	case k.NextPayout.After(time.Now()):
		return "Paying", "good", "The next payouts may begin at " + k.NextPayout.UTC().Format("15:04:05 MST") + "."
	}
	return "Paying", "good", "Payouts begin as soon as somebody is due."
}

// askWallet asks the wallet for its money and for each open payout, as long as there is time.
func (v *poolView) askWallet(ctx context.Context, open []ledger.Payout) {
	ctx, cancel := context.WithTimeout(ctx, walletTime)
	defer cancel()
	var err error
	if v.Spendable, err = v.Wallet.Spendable(ctx); err != nil {
		v.WalletTrouble = err.Error()
	}
	for _, p := range open {
		v.Open = append(v.Open, payoutView{p, v.inChain(ctx, p)})
	}
}

// inChain says in words where a payout's transaction is.
func (v *poolView) inChain(ctx context.Context, p ledger.Payout) string {
	if p.TxID == "" {
		return "not signed yet"
	}
	n, known, err := v.Wallet.Confirmations(ctx, p.TxID)
	switch {
	case err != nil:
		return "the wallet does not answer"
	case !known:
		return "the wallet does not know it"
	case n < 0:
		return fmt.Sprintf("another one spent its coins, %d confirmations ago", -n)
	case n == 0:
		return "not in a block yet"
	case n == 1:
		return "1 confirmation"
	}
	return fmt.Sprintf("%d confirmations", n)
}
