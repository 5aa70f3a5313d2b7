//go:build linux

package corewallet_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/adit-mining/adit/packaging/needs"
	"github.com/adit-mining/adit/wallet/corewallet"
)

const litecoinQtPath = "/usr/lib/litecoin/litecoin-qt"

// windows are the processes of the program with a window on dir.
func windows(t testing.TB, dir string) (pids []int) {
	t.Helper()
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range lines {
		line, err := os.ReadFile(path)
		if err == nil && strings.HasPrefix(string(line), litecoinQtPath) && strings.Contains(string(line), dir) {
			pid, _ := strconv.Atoi(strings.Split(path, "/")[2])
			pids = append(pids, pid)
		}
	}
	return pids
}

// The window is the person's: it stays when nobody waits for it, and meanwhile nobody
// else works on the wallet.
func TestTheWindowOpensOnTheWalletAndKeepsIt(t *testing.T) {
	needs.Program(t, litecoinQtPath)
	t.Setenv("QT_QPA_PLATFORM", "offscreen")
	peer := chain(t)
	p := litecoin(t, peer)
	p.Window = litecoinQtPath
	run(t, p, func(context.Context, *corewallet.Wallet) {})
	t.Cleanup(func() {
		for _, pid := range windows(t, p.Dir) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.OpenWindow(ctx) }()
	// It has the wallet once it holds the lock on it.
	log := filepath.Join(p.Dir, "data", "regtest", "debug.log")
	opened := func() bool {
		text, _ := os.ReadFile(log)
		starts := strings.Split(string(text), "Litecoin Core version v") // the first was the daemon's
		return len(starts) == 3 && strings.Contains(starts[2], "init message: Done loading")
	}
	for deadline := time.Now().Add(time.Minute); !opened(); time.Sleep(100 * time.Millisecond) {
		select {
		case err := <-ended:
			t.Fatalf("OpenWindow = %v", err)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatal("the window does not open within a minute")
		}
	}
	err := p.Run(t.Context(), func(context.Context, *corewallet.Wallet) error { return nil })
	if !errors.Is(err, corewallet.ErrInUse) {
		t.Errorf("Run beside the window = %v, want ErrInUse", err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("OpenWindow = %v, want nil once nobody waits", err)
	}
	pids := windows(t, p.Dir)
	if len(pids) != 1 {
		t.Fatalf("%d windows, want the one that stays", len(pids))
	}
	_ = syscall.Kill(pids[0], syscall.SIGTERM)
	for deadline := time.Now().Add(time.Minute); len(windows(t, p.Dir)) > 0 && time.Now().Before(deadline); {
		time.Sleep(100 * time.Millisecond)
	}
	run(t, p, func(context.Context, *corewallet.Wallet) {})
}
