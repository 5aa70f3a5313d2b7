package ledger_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/adit-mining/adit/pool-server/ledger"
)

// A full disk refuses a batch as a whole; once there is room the same batch is
// applied, once. The test runs itself again in a name space in which it may
// mount a small disk.
func TestFullDiskLosesNothing(t *testing.T) {
	ofSQLite(t)
	const inside = "ADIT_LEDGER_NAMESPACE"
	if os.Getenv(inside) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env = append(os.Environ(), inside+"=1", onlySQLite+"=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL,
			UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}, GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}}
		out, err := cmd.CombinedOutput()
		var ended *exec.ExitError
		if err != nil && !errors.As(err, &ended) {
			t.Skipf("no name space for a small disk here: %v", err)
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=4m"); err != nil {
		t.Fatalf("mount a small disk: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	b := &book{t: t, path: filepath.Join(disk, "ledger.db")}
	b.reopen()
	b.apply(share("alice", 1))
	filler := filepath.Join(disk, "filler")
	if err := os.WriteFile(filler, make([]byte, 8<<20), 0o600); err == nil {
		t.Fatal("the disk is not full")
	}
	refused := 0
	for range 20 { // some room may be left in pages that SQLite has
		many := make([]ledger.Share, 1000)
		for i := range many {
			many[i] = share(string(rune('a'+i%26))+string(rune('a'+i/26)), 1)
		}
		if _, err := b.Apply(t.Context(), b.position+1, b.position+1, many); err != nil {
			refused++
			b.check()
			_ = os.Remove(filler)
			b.apply(many...)
			break
		}
		b.position++
	}
	if refused != 1 {
		t.Error("the full disk was not noticed")
	}
	totals, err := b.PoolTotals(t.Context(), pool)
	if want := 1 + 1000*int64(b.position-1); err != nil || totals.Shares != want {
		t.Errorf("got %d shares, %v, want %d", totals.Shares, err, want)
	}
	b.check()
	b.ok(b.Close())
	b.ok(b.Close())
	_, err = b.Apply(t.Context(), 99, 99, nil)
	wantError(t, err, ledger.ErrClosed)
}
