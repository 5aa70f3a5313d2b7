package ledger_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/ledger"
)

// begin begins a payout of all that is due, no more than n accounts.
func (b *book) begin(n int) ledger.Payout {
	b.t.Helper()
	due, err := b.Due(b.t.Context(), pool, ledger.Demand{})
	b.ok(err)
	due = due[:min(n, len(due))]
	for i := range due {
		due[i].Address = "addr-" + due[i].Account
	}
	p, err := b.BeginPayout(b.t.Context(), pool, due)
	b.ok(err)
	return p
}

func TestSeveralOpenPayoutsHoldDifferentMoney(t *testing.T) {
	b := newBook(t)
	ctx := t.Context()
	b.mature(b.find(7, share("alice", 1), share("bob", 1), share("carol", 1)))
	var open []ledger.Payout
	seen := map[string]bool{}
	for i := range 3 {
		p := b.begin(1)
		if name := p.Outputs[0].Account; seen[name] {
			t.Errorf("%s is in two payouts", name)
		} else {
			seen[name] = true
		}
		b.ok(b.sign(&p, fmt.Sprint("tx", i)))
		open = append(open, p)
	}
	if all, err := b.OpenPayouts(ctx, pool); err != nil || len(all) != 3 || all[0].ID != open[0].ID {
		t.Errorf("got %v, %v, want three, the oldest first", all, err)
	}
	_, err := b.BeginPayout(ctx, pool, []ledger.PayoutOutput{{Account: "alice", Address: "addr", Amount: 1}})
	if err == nil {
		t.Error("a payout took what an open one holds")
	}
	b.ok(b.SetConfirmed(ctx, open[1].ID)) // in any order
	b.ok(b.SetConfirmed(ctx, open[0].ID))
	b.check()
}

func TestPayoutTakesNoMoreThanThereIs(t *testing.T) {
	b := newBook(t)
	b.mature(b.find(7, share("alice", 1)))
	has := b.account("alice").Balance
	if _, err := b.BeginPayout(t.Context(), pool, []ledger.PayoutOutput{{Account: "alice", Address: "addr", Amount: has + 1}}); err == nil {
		t.Error("it took more than the balance")
	}
	if _, err := b.BeginPayout(t.Context(), pool, []ledger.PayoutOutput{{Account: "alice", Address: "addr", Amount: has - 1}}); err != nil {
		t.Errorf("a part of the balance: %v", err)
	}
	if s := b.account("alice"); s.Balance != 1 || s.Paying != has-1 {
		t.Errorf("got %+v, want a unit left", s)
	}
}

func TestOperatorsHoldKeepsTheBalanceAndSurvivesRuns(t *testing.T) {
	b := newBook(t)
	ctx := t.Context()
	b.mature(b.find(7, share("alice", 1), share("bob", 1), share("bad.rig01", 1)))
	owed := b.account("alice").Balance
	b.ok(b.HoldPayouts(ctx, pool, "alice", "asked to wait"))
	b.ok(b.HoldPayouts(ctx, pool, "alice", "asked to wait until May"))
	wantError(t, b.HoldPayouts(ctx, pool, "nobody", "x"), ledger.ErrNotFound)
	wantError(t, b.ReleasePayouts(ctx, pool, "bob"), ledger.ErrNotFound)
	_, err := b.BeginPayout(ctx, pool, []ledger.PayoutOutput{{Account: "alice", Address: "addr", Amount: owed}})
	wantError(t, err, ledger.ErrHeld)
	p := b.create()
	if len(p.Outputs) != 1 || p.Outputs[0].Account != "bob" {
		t.Errorf("got %+v, want bob alone", p.Outputs)
	}
	b.reopen()
	holds, err := b.Holds(ctx, pool)
	if err != nil || len(holds) != 2 || holds[0].Account != "alice" || !holds[0].ByOperator || holds[0].Balance != owed || holds[1].ByOperator {
		t.Errorf("got %+v, %v, want alice by the operator and the bad one", holds, err)
	}
	if s := b.account("alice"); s.Balance != owed || !strings.Contains(s.Hold, "asked to wait until May") {
		t.Errorf("got %+v, want the balance kept and the reason told", s)
	}
	due, err := b.Due(ctx, pool, ledger.Demand{Account: "alice"})
	if err != nil || len(due) != 0 {
		t.Errorf("got %v, %v: a hold is for runs by hand as well", due, err)
	}
	b.ok(b.ReleasePayouts(ctx, pool, "alice"))
	if s := b.account("alice"); s.Hold != "" {
		t.Errorf("got %q after the release", s.Hold)
	}
}

func TestOwnMinimumCountsAbovePools(t *testing.T) {
	b := newBook(t)
	ctx := t.Context()
	b.mature(b.find(7, share("alice", 1), share("bob", 1)))
	owed := b.account("bob").Balance
	wantError(t, b.SetPayoutMinimum(ctx, pool, "stranger", 5, ledger.MinimumPassword), ledger.ErrNoShare)
	b.ok(b.SetPayoutMinimum(ctx, pool, "bob", owed+1, ledger.MinimumPassword))
	due := func(d ledger.Demand) (names []string) {
		all, err := b.Due(ctx, pool, d)
		b.ok(err)
		for _, o := range all {
			names = append(names, o.Account)
		}
		return names
	}
	if got := due(ledger.Demand{Minimum: 1}); len(got) != 1 || got[0] != "alice" {
		t.Errorf("got %v, want alice alone", got)
	}
	if got := due(ledger.Demand{Minimum: 1, Account: "bob"}); len(got) != 1 {
		t.Errorf("got %v, want bob, by name", got)
	}
	b.ok(b.SetPayoutMinimum(ctx, pool, "bob", owed, ledger.MinimumPassword))
	if got := due(ledger.Demand{Minimum: 1}); len(got) != 2 {
		t.Errorf("got %v, want both", got)
	}
	if got := due(ledger.Demand{Minimum: owed + 1}); len(got) > 1 {
		t.Errorf("got %v: nobody is below the pool's minimum", got)
	}
}

func TestPasswordsMinimumNeverReplacesASignedOne(t *testing.T) {
	b := newBook(t)
	ctx := t.Context()
	b.apply(share("alice", 1))
	b.ok(b.SetPayoutMinimum(ctx, pool, "alice", 5, ledger.MinimumPassword))
	b.ok(b.SetPayoutMinimum(ctx, pool, "alice", 7, ledger.MinimumSigned))
	wantError(t, b.SetPayoutMinimum(ctx, pool, "alice", 9, ledger.MinimumPassword), ledger.ErrSignedMinimum)
	wantError(t, b.SetPayoutMinimum(ctx, pool, "alice", 0, ledger.MinimumPassword), ledger.ErrSignedMinimum)
	if is, by, err := b.PayoutMinimum(ctx, pool, "alice"); is != 7 || by != ledger.MinimumSigned || err != nil {
		t.Errorf("got %v by %s, %v", is, by, err)
	}
	b.ok(b.SetPayoutMinimum(ctx, pool, "alice", 0, ledger.MinimumSigned))
	b.ok(b.SetPayoutMinimum(ctx, pool, "alice", 9, ledger.MinimumPassword))
	if is, by, err := b.PayoutMinimum(ctx, pool, "alice"); is != 9 || by != ledger.MinimumPassword || err != nil {
		t.Errorf("got %v by %s, %v", is, by, err)
	}
}

func TestRunsOfPayoutsScanNothing(t *testing.T) {
	ofSQLite(t) // PostgreSQL plans by what is in the tables
	newBook(t).scanNothing(ledger.PayingQueries)
}
