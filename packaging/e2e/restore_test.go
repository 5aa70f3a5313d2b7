package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/poolapi"
)

// quickBits makes a block cost 2^18 hashes.
const quickBits = 0x1e3fffff

// payingPool runs a pool on the embedded coin under load until it has paid somebody.
func payingPool(t *testing.T) (dir string, pool *poolProcess, under *underLoad) {
	t.Helper()
	rpc, address := embeddedCoinOf(t, quickBits)
	dir = t.TempDir()
	initPool(t, dir, "bitcoin", rpc, address, "--difficulty", "1e-6", "--vardiff=off", "--confirmations", "6", "--payout-interval", "1s")
	pool = startPool(t, "serve", "--dir", dir)
	under = startLoad(t, pool.Stratum, crashAccount, 0)
	eventually(t, time.Minute, "a payout", func() bool {
		_, c := minerStats(t, pool.Site, crashAccount)
		return amount(t, c.Paid) > 0
	})
	return dir, pool, under
}

// TestARunningPoolIsBackedUpAndRestored backs a pool up while it counts shares, finds
// blocks and pays, loses its machine, and goes on from the backup on another one.
func TestARunningPoolIsBackedUpAndRestored(t *testing.T) {
	t.Parallel()
	dir, pool, under := payingPool(t)
	backups := t.TempDir()
	running, stopped := filepath.Join(backups, "running.adit"), filepath.Join(backups, "stopped.adit")
	killBackups(t, dir, backups)
	must(t, "adit-pool", "backup", "--dir", dir, running)
	pool.kill()
	under.wait()
	pool = startPool(t, "serve", "--dir", dir) // counts what the log has
	pool.stop(t)
	must(t, "adit-pool", "backup", "--dir", dir, "--secrets", stopped)

	first := filepath.Join(t.TempDir(), "first")
	out := must(t, "adit-pool", "restore", "--dir", first, running)
	if !strings.Contains(out, "bitcoin-regtest.rpc") || !strings.Contains(out, "halted") {
		t.Errorf("restore does not tell what is left to do:\n%s", out)
	}
	if _, stderr, err := command(t, "adit-pool", "check", "--dir", first); err == nil || !strings.Contains(stderr, "bitcoin-regtest.rpc") {
		t.Errorf("the missing password is not named: %v %s", err, stderr)
	}
	sameBook(t, first, running)

	second := t.TempDir() // it is there, and empty
	must(t, "adit-pool", "restore", "--dir", second, stopped)
	must(t, "adit-pool", "check", "--dir", second)
	must(t, "adit-pool", "check", "--dir", second, "--ledger") // and the wallet has what it owes
	was, is := standing(t, dir), standing(t, second)
	if was.whole() != is.whole() || was.pool.Reward != is.pool.Reward || was.pool.Paid != is.pool.Paid {
		t.Errorf("restored:\n%+v\nwas:\n%+v", is, was)
	}
	if is.account.Paid == 0 || !strings.Contains(is.halted, "restored from a backup of") {
		t.Errorf("restored: %+v", is)
	}
	goesOn(t, second, is)
}

// goesOn runs a restored pool: shares count, blocks are found, nothing is paid.
func goesOn(t *testing.T, dir string, before poolStanding) {
	t.Helper()
	pool := startPool(t, "serve", "--dir", dir)
	mineShares(t, pool, 40)
	applied(t, pool, 40)
	eventually(t, time.Minute, "a block", func() bool {
		var blocks []poolapi.Block
		getJSON(t, pool.Site+poolapi.BlocksPath, &blocks)
		if int64(len(blocks)) > before.pool.BlocksFound() {
			return true
		}
		mineShares(t, pool, 5)
		return false
	})
	if out := must(t, "adit-pool", "payout", "status", "--dir", dir); !strings.Contains(out, "restored from a backup of") {
		t.Errorf("payout status:\n%s", out)
	}
	pool.stop(t)
	after := standing(t, dir)
	if after.pool.Shares <= before.pool.Shares || // its reward may shrink: of two blocks at a height one is orphaned
		after.account.Paid > before.account.Paid+before.account.Paying { // what had left before may arrive
		t.Errorf("before it ran: %+v\nafter: %+v", before, after)
	}
	again := startPool(t, "serve", "--dir", dir) // the new log is its own now
	again.stop(t)
}

// poolStanding is what a pool's ledger says.
type poolStanding struct {
	account ledger.AccountSummary
	pool    ledger.PoolTotals
	halted  string
}

// whole is the account with what is being paid counted as its balance still: a payout
// that was not signed is given up in the copy.
func (s poolStanding) whole() ledger.AccountSummary {
	s.account.Balance, s.account.Paying = s.account.Balance+s.account.Paying, 0
	return s.account
}

func standing(t *testing.T, dir string) (s poolStanding) {
	t.Helper()
	book, err := ledger.Open(t.Context(), filepath.Join(dir, "data", "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if err := book.Check(t.Context()); err != nil {
		t.Errorf("the ledger contradicts itself: %v", err)
	}
	if s.account, err = book.AccountSummary(t.Context(), crashPool, crashAccount); err != nil {
		t.Fatal(err)
	}
	if s.pool, err = book.PoolTotals(t.Context(), crashPool); err != nil {
		t.Fatal(err)
	}
	if s.halted, _, err = book.Halted(t.Context(), crashPool); err != nil {
		t.Fatal(err)
	}
	return s
}

// sameBook checks a restored ledger, and that the backup is as sound as it was.
func sameBook(t *testing.T, dir, file string) {
	t.Helper()
	must(t, "adit-pool", "backup", "--verify", file)
	if s := standing(t, dir); s.pool.Shares == 0 || s.account.Paid == 0 {
		t.Errorf("the restored ledger has %+v", s)
	}
}

// killBackups kills backups at every stage. None leaves a file that is called a backup
// and is none, and the pool does not care.
func killBackups(t *testing.T, dir, backups string) {
	t.Helper()
	for i := range 12 {
		file := filepath.Join(backups, "killed.adit")
		cmd := exec.Command(program(t, "adit-pool"), "backup", "--dir", dir, "--force", file)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(i*i) * time.Millisecond) // a backup takes about 40 ms
		cmd.Process.Kill()
		cmd.Wait()
		if _, err := os.Stat(file); err == nil {
			must(t, "adit-pool", "backup", "--verify", file)
		}
	}
}

// TestAnInterruptedRestoreIsNoPool kills restores at every stage: what they leave is
// either the whole pool or a folder in which no server starts.
func TestAnInterruptedRestoreIsNoPool(t *testing.T) {
	t.Parallel()
	dir, pool, under := payingPool(t)
	pool.kill()
	under.wait()
	file := filepath.Join(t.TempDir(), "b.adit")
	must(t, "adit-pool", "backup", "--dir", dir, "--secrets", file)
	whole := 0
	for i := range 14 {
		target := filepath.Join(t.TempDir(), "pool")
		cmd := exec.Command(program(t, "adit-pool"), "restore", "--dir", target, file)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(2*i*i) * time.Millisecond)
		cmd.Process.Kill()
		cmd.Wait()
		if _, err := os.Stat(filepath.Join(target, "server.json")); err == nil {
			whole++
			must(t, "adit-pool", "check", "--dir", target)
			standing(t, target)
			continue
		}
		if _, _, err := command(t, "adit-pool", "serve", "--dir", target); err == nil {
			t.Error("a server ran in half a pool")
		}
		if _, err := os.Stat(target); err != nil {
			continue // killed before it began
		}
		if _, stderr, err := command(t, "adit-pool", "restore", "--dir", target, file); err == nil || !strings.Contains(stderr, "interrupted") && !strings.Contains(stderr, "not empty") {
			t.Errorf("a restore into half a pool: %v %s", err, stderr)
		}
	}
	t.Logf("%d of 14 restores were done when they were killed", whole)
}
