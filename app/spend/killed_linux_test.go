package spend_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/spend"
	"github.com/adit-mining/adit/miners/install"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/clamd"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/program"
)

// crashOrder is what a process of its own is told to do, and where to die.
type crashOrder struct {
	Dir, Peer string
	RPC       pooltest.RPC
	Programs  []install.Program
	Way       spend.Way
	Step      string
	Done      bool
}

// crashMode in the environment makes the test binary such a process.
const crashMode = "ADIT_TEST_SPEND_CRASH"

func TestMain(m *testing.M) {
	if text := os.Getenv(crashMode); text != "" {
		fmt.Println("it did not crash:", crashed([]byte(text)))
		os.Exit(3)
	}
	os.Exit(m.Run())
}

func (o crashOrder) config() spend.Config {
	k, err := wallet.KeyFromBytes([]byte(strings.Repeat("\x07", 32)))
	return spend.Config{
		Dir: filepath.Join(o.Dir, "spend"), Store: &install.Store{Dir: filepath.Join(o.Dir, "programs")}, Programs: o.Programs,
		Scan: func(context.Context, string) clamd.Result { return clamd.Result{} },
		Key:  func(context.Context) (wallet.Key, time.Time, error) { return k, time.Now().Add(-time.Hour), err },
		Mover: func(spend.Wallet) (spend.Mover, error) {
			return peerMover{o.RPC, filepath.Join(o.Dir, "raw")}, nil
		},
		Args:   []string{"-vbparams=mweb:-2:0", "-dbcache=8", "-connect=" + o.Peer},
		Settle: 90 * time.Second, Grace: 30 * time.Second, Poll: 50 * time.Millisecond, OS: "linux", Arch: "amd64",
	}
}

// crashed runs the order and dies on the way.
func crashed(text []byte) error {
	var o crashOrder
	if err := json.Unmarshal(text, &o); err != nil {
		return err
	}
	c, err := coin.Lookup("litecoin")
	if err != nil {
		return err
	}
	n, err := c.Network("regtest")
	if err != nil {
		return err
	}
	config := spend.CrashAt(o.config(), func(step string, done bool) error {
		if step == o.Step && done == o.Done {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
		return nil
	})
	return spend.Run(context.Background(), config, spend.Order{Network: n, Way: o.Way}, nil)
}

// Adit is killed on the way, while the daemon runs; the next one goes on.
func TestKilledAnywhereTheNextRunGoesOn(t *testing.T) {
	t.Parallel()
	w, peer := real(t)
	peer.Send(w.order.Network.PayoutAddress(key(t, 7).PubKeyHash()).String(), 3)
	peer.Generate(1)
	for _, c := range []struct {
		way  spend.Way
		step string
		done bool
	}{
		{spend.Move, "fetch", true}, {spend.Move, "sync", false}, {spend.Move, "note address", true},
		{spend.Move, "note sending", true}, {spend.Move, "sweep", true}, {spend.Import, "give key", true}, {spend.Import, "note imported", true},
	} {
		t.Run(fmt.Sprintf("%s %s done=%v", c.way, c.step, c.done), func(t *testing.T) {
			dir := t.TempDir()
			o := crashOrder{dir, peer.PeerAddress(), peer.RPC, w.config.Programs, c.way, c.step, c.done}
			text, err := json.Marshal(o)
			if err != nil {
				t.Fatal(err)
			}
			before := w.fetched()
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), self)
			cmd.Env = append(os.Environ(), crashMode+"="+string(text))
			out, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
				t.Fatalf("the first Run ended with %v: %s", err, out)
			}
			var last spend.Progress
			if err := spend.Run(t.Context(), o.config(), spend.Order{Network: w.order.Network, Way: c.way}, func(p spend.Progress) { last = p }); err != nil {
				t.Fatalf("the second Run: %v", err)
			}
			want := program.Balance{Spendable: 3e8}
			if c.way == spend.Move {
				want = program.Balance{Pending: 1250000000}
			}
			if last.Balance != want || w.fetched() != before+1 {
				t.Errorf("the balance is %+v, want %+v; %d downloads", last.Balance, want, w.fetched()-before)
			}
			w := &world{dir: dir}
			if left := w.processes(t); len(left) > 0 {
				t.Errorf("%v is left", left)
			}
		})
	}
}
