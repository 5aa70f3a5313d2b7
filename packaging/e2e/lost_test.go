package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/devnet"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

// mineShares gets n shares acknowledged.
func mineShares(t *testing.T, pool *poolProcess, n int64) {
	t.Helper()
	m, err := pooltest.DialMiner(pool.Stratum, goodAccount+".lost", pow.SHA256d)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	for m.Acknowledged < n {
		if _, err := m.Mine(); err != nil {
			t.Fatal(err)
		}
	}
}

// applied waits until the ledger has so many shares.
func applied(t *testing.T, pool *poolProcess, n int64) {
	t.Helper()
	eventually(t, 30*time.Second, "the ledger has the shares", func() bool {
		_, c := minerStats(t, pool.Site, goodAccount)
		return c.Accepted >= n
	})
}

// TestLostShareLogIsNotBegunAnew takes the share log away from a ledger. Begun
// anew, it would give positions out that the ledger takes for applied: shares that
// got true would never count.
func TestLostShareLogIsNotBegunAnew(t *testing.T) {
	t.Parallel()
	rpc, address := embeddedCoin(t)
	dir := t.TempDir()
	initPool(t, dir, "bitcoin", rpc, address, "--difficulty", "1e-6", "--vardiff=off")
	pool := startPool(t, "serve", "--dir", dir)
	mineShares(t, pool, 30)
	applied(t, pool, 30)
	pool.stop(t)
	for name, lost := range map[string]string{"the folder": "", "what is in it": "jetstream"} {
		t.Run(name, func(t *testing.T) {
			os.RemoveAll(filepath.Join(dir, "data", "sharelog", lost))
			_, stderr, err := command(t, "adit-pool", "serve", "--dir", dir)
			if err == nil || !strings.Contains(stderr, "--accept-lost-shares") || !strings.Contains(stderr, filepath.Join(dir, "data")) {
				t.Fatalf("got %v, %q; want a refusal that names the folder and the way on", err, stderr)
			}
			pool := startPool(t, "serve", "--dir", dir, "--accept-lost-shares")
			_, c := minerStats(t, pool.Site, goodAccount)
			mineShares(t, pool, 20)
			applied(t, pool, c.Accepted+20)
			pool.stop(t)
			again := startPool(t, "serve", "--dir", dir)
			again.stop(t)
		})
	}
}

func TestLostLedgerIsNotBegunAnew(t *testing.T) {
	t.Parallel()
	rpc, address := embeddedCoin(t)
	dir := t.TempDir()
	initPool(t, dir, "bitcoin", rpc, address, "--difficulty", "1e-6", "--vardiff=off")
	pool := startPool(t, "serve", "--dir", dir)
	mineShares(t, pool, 10)
	time.Sleep(11 * time.Second) // the log is trimmed every ten
	mineShares(t, pool, 10)
	applied(t, pool, 20)
	pool.stop(t)
	os.Remove(filepath.Join(dir, "data", "ledger.db"))
	_, stderr, err := command(t, "adit-pool", "serve", "--dir", dir)
	if err == nil || !strings.Contains(stderr, "ledger.db") {
		t.Errorf("got %v, %q; want a refusal that names the ledger", err, stderr)
	}
}

func TestDamagedLedgerIsRefusedWithAdvice(t *testing.T) {
	t.Parallel()
	rpc, address := embeddedCoin(t)
	dir := t.TempDir()
	initPool(t, dir, "bitcoin", rpc, address)
	os.MkdirAll(filepath.Join(dir, "data"), 0o700)
	os.WriteFile(filepath.Join(dir, "data", "ledger.db"), []byte(strings.Repeat("this is no database ", 100)), 0o600)
	_, stderr, err := command(t, "adit-pool", "serve", "--dir", dir)
	if err == nil || !strings.Contains(stderr, "ledger.db") || !strings.Contains(stderr, "backup") {
		t.Errorf("got %v, %q; want a refusal that names the file and what to do", err, stderr)
	}
}

// TestReadOnlyFolderIsRefused takes the right to write logs away.
func TestReadOnlyFolderIsRefused(t *testing.T) {
	t.Parallel()
	rpc, address := embeddedCoin(t)
	dir := t.TempDir()
	initPool(t, dir, "bitcoin", rpc, address)
	logs := filepath.Join(dir, "logs")
	os.MkdirAll(logs, 0o700)
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "ro", "tmpfs", logs).CombinedOutput(); err != nil {
		t.Skipf("nothing can be mounted here (needs root): %v %s", err, out)
	}
	defer exec.Command("umount", "-l", logs).Run()
	_, stderr, err := command(t, "adit-pool", "serve", "--dir", dir)
	if err == nil || !strings.Contains(stderr, "open the log") {
		t.Errorf("got %v, %q; want a refusal that names the log", err, stderr)
	}
}

// TestStopDoesNotWaitForADeadDaemon stops a pool whose blocks nobody takes. They
// are in the share log: the next start submits them.
func TestStopDoesNotWaitForADeadDaemon(t *testing.T) {
	t.Parallel()
	node := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{})
	dir := t.TempDir()
	initPool(t, dir, "litecoin", node.RPC, node.NewAddress(), "--difficulty", "1e-9", "--vardiff=off")
	pool := startPool(t, "serve", "--dir", dir)
	m, err := pooltest.DialMiner(pool.Stratum, goodAccount, pow.Scrypt)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	node.Kill()
	for m.Acknowledged < 24 { // every other one is a block
		if _, err := m.Mine(); err != nil {
			t.Fatal(err)
		}
	}
	pool.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-pool.ended:
		if pool.err != nil {
			t.Errorf("the pool ended with %v", pool.err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the pool did not stop within 20 s")
	}
	node.Start()
	before := node.Height()
	again := startPool(t, "serve", "--dir", dir)
	eventually(t, time.Minute, "the block is submitted after all", func() bool { return node.Height() > before })
	again.stop(t)
}

// TestBlockFoundOnAFullDiskIsCredited fills the disk of the share log while blocks
// are found. The chain takes them, so the ledger has to have them once there is
// room again.
func TestBlockFoundOnAFullDiskIsCredited(t *testing.T) {
	t.Parallel()
	rpc, address := embeddedCoinOf(t, devnet.EasiestBits) // every second share is a block
	dir := t.TempDir()
	initPool(t, dir, "bitcoin", rpc, address, "--difficulty", "1e-6", "--vardiff=off")
	data := filepath.Join(dir, "data", "sharelog")
	os.MkdirAll(data, 0o755)
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", data).CombinedOutput(); err != nil {
		t.Skipf("no small file system can be mounted here (needs root): %v %s", err, out)
	}
	defer exec.Command("umount", "-l", data).Run()
	pool := startPool(t, "serve", "--dir", dir)
	m, err := pooltest.DialMiner(pool.Stratum, goodAccount+".full", pow.SHA256d)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	height := func() int64 { return pooltest.Must[int64](t, rpc, "getblockcount") }
	ballast := filepath.Join(data, "ballast")
	os.WriteFile(ballast, make([]byte, 11<<20), 0o644)
	exec.Command("dd", "if=/dev/zero", "of="+ballast+"2", "bs=4k").Run() // until the disk is full
	eventually(t, time.Minute, "a block that could not be written down is in the chain", func() bool {
		before := height()
		ok, err := m.Mine()
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
		return !ok && height() > before
	})
	os.Remove(ballast)
	os.Remove(ballast + "2")
	eventually(t, time.Minute, "the log takes the block", func() bool { return strings.Contains(pool.log.String(), "written down after all") })
	time.Sleep(2 * time.Second)
	pool.stop(t)
	book, err := ledger.Open(t.Context(), filepath.Join(dir, "data", "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	totals, err := book.PoolTotals(t.Context(), crashPool)
	if err != nil {
		t.Fatal(err)
	}
	if got := totals.Blocks[ledger.Immature] + totals.Blocks[ledger.Matured] + totals.Blocks[ledger.Candidate]; got != height() {
		t.Errorf("the ledger has %d blocks, the chain %d", got, height())
	}
	if err := book.Check(t.Context()); err != nil {
		t.Error(err)
	}
}
