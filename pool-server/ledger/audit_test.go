package ledger_test

import (
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/ledger"
)

func TestTheAuditLogKeepsEverythingInItsOrder(t *testing.T) {
	b := newBook(t)
	ctx := t.Context()
	b.ok(b.Audit(ctx, ledger.AuditEntry{Who: "anna", Source: "192.0.2.1", Action: "sign in", Outcome: "done"}))
	id, err := b.BeginAudit(ctx, ledger.AuditEntry{Who: "anna", Action: "resume", Pool: pool, Reason: "looked; all is well"})
	b.ok(err)
	crashed, err := b.BeginAudit(ctx, ledger.AuditEntry{Who: "anna", Action: "abandon", Pool: pool, Subject: "payout 7"})
	b.ok(err)
	b.ok(b.EndAudit(ctx, id, "done"))
	b.ok(b.EndAudit(ctx, id, "refused"))
	b.ok(b.Audit(ctx, ledger.AuditEntry{Action: "sign in", Reason: strings.Repeat("x", 10_000) + "\x00\xff", Outcome: "no such link"}))
	b.reopen()
	all, err := b.AuditLog(ctx, 0)
	b.ok(err)
	if len(all) != 4 {
		t.Fatalf("got %d entries, want 4: %+v", len(all), all)
	}
	if e := all[0]; len(e.Reason) != 4000 || e.Outcome != "no such link" || e.Who != "" {
		t.Errorf("got %+v, want a stranger's text bounded", e)
	}
	if e := all[1]; e.ID != crashed || e.Outcome != "" || e.Subject != "payout 7" {
		t.Errorf("got %+v, want no outcome of what was cut off", e)
	}
	if e := all[2]; e.Outcome != "done" || e.Reason != "looked; all is well" || e.Pool != pool || e.At.IsZero() {
		t.Errorf("got %+v, want the first outcome", e)
	}
	if two, err := b.AuditLog(ctx, 2); err != nil || len(two) != 2 || two[0].ID != all[0].ID {
		t.Errorf("got %+v, %v, want the last two", two, err)
	}
	if err := b.EndAudit(ctx, 1000, "done"); err == nil {
		t.Error("an outcome of nothing was taken")
	}
}

func TestNobodyChangesTheAuditLog(t *testing.T) {
	b := newBook(t)
	b.ok(b.Audit(t.Context(), ledger.AuditEntry{Action: "sign in", Outcome: "done"}))
	for _, script := range []string{
		"UPDATE audit SET who = 'x'", "DELETE FROM audit", "UPDATE audit_outcomes SET outcome = 'x'", "DELETE FROM audit_outcomes",
	} {
		if _, err := b.raw().Exec(script); err == nil {
			t.Errorf("%s: it was taken", script)
		}
	}
	if all, err := b.AuditLog(t.Context(), 0); err != nil || len(all) != 1 || all[0].Outcome != "done" {
		t.Errorf("got %+v, %v", all, err)
	}
}
