package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
)

// TestHaltedPayoutsAreMendedFromTheCommandLine halts a pool's payouts as a keeper
// in doubt does, and mends them as the halt's words tell the operator to.
func TestHaltedPayoutsAreMendedFromTheCommandLine(t *testing.T) {
	t.Parallel()
	rpc, address := embeddedCoin(t)
	dir := t.TempDir()
	initPool(t, dir, "bitcoin", rpc, address)
	os.MkdirAll(filepath.Join(dir, "data"), 0o755)
	book, err := ledger.Open(t.Context(), filepath.Join(dir, "data", "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	share := ledger.Share{Pool: crashPool, Account: goodAccount, Difficulty: 1, Time: time.Now(), Height: 1}
	if _, err := book.Apply(t.Context(), 1, 1, []ledger.Share{share}); err != nil {
		t.Fatal(err)
	}
	_, stderr, err := command(t, "adit-pool", "payout", "resume", "--dir", dir)
	if err == nil || !strings.Contains(stderr, "not halted") {
		t.Errorf("resume of what is not halted: %v %s", err, stderr)
	}
	if err := book.Halt(t.Context(), crashPool, "look at transaction 00ff"); err != nil {
		t.Fatal(err)
	}
	if out := must(t, "adit-pool", "payout", "status", "--dir", dir); !strings.Contains(out, "look at transaction 00ff") {
		t.Errorf("status does not tell why it is halted:\n%s", out)
	}
	_, stderr, err = command(t, "adit-pool", "payout", "abandon", "--dir", dir, "--payout", "7", "--reason", "spent elsewhere")
	if err == nil || !strings.Contains(stderr, "not in the ledger") {
		t.Errorf("abandon of a payout that is not there: %v %s", err, stderr)
	}
	must(t, "adit-pool", "payout", "resume", "--dir", dir, "--pool", crashPool)
	if _, halted, err := book.Halted(t.Context(), crashPool); err != nil || halted {
		t.Errorf("after resume: halted = %v, %v", halted, err)
	}
}
