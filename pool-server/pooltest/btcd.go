package pooltest

import (
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const btcdModule = "github.com/btcsuite/btcd"

// BtcdOptions say what kind of btcd to run.
type BtcdOptions struct {
	Simnet  bool   // instead of regtest
	Address string // who gets the blocks of Generate; empty means that it cannot mine
	Args    []string
}

// Btcd is a running btcd on a private chain. It has no wallet and needs no peer.
type Btcd struct {
	RPC
	t       testing.TB
	process *process
}

// StartBtcd builds btcd from the module in go.mod, runs it until the test ends and
// waits for its RPC port.
func StartBtcd(t testing.TB, o BtcdOptions) *Btcd {
	t.Helper()
	path, err := buildBtcd()
	if err != nil {
		lacking(t, "btcd cannot be built: "+err.Error())
	}
	network := "--regtest"
	if o.Simnet {
		network = "--simnet"
	}
	for range 3 {
		ports, dir := freePorts(t, 2), t.TempDir()
		n := &Btcd{RPC: RPC{URL: "http://127.0.0.1:" + ports[0], User: "user", Password: rand.Text()}, t: t}
		args := append([]string{
			"--configfile=" + filepath.Join(dir, "none.conf"), network, "--notls", "--nodnsseed", "--txindex",
			"--rpcuser=" + n.User, "--rpcpass=" + n.Password, "--rpclisten=127.0.0.1:" + ports[0], "--listen=127.0.0.1:" + ports[1],
			"--datadir=" + filepath.Join(dir, "data"), "--logdir=" + filepath.Join(dir, "log"),
		}, o.Args...)
		if o.Address != "" {
			args = append(args, "--miningaddr="+o.Address)
		}
		if err = os.WriteFile(filepath.Join(dir, "none.conf"), nil, 0o600); err != nil {
			t.Fatalf("pooltest: %v", err)
		}
		if n.process, err = startProcess(path, args...); err != nil {
			break
		}
		if err = n.process.awaitRPC(n.RPC); err == nil {
			t.Cleanup(n.Kill)
			return n
		}
		n.process.kill()
	}
	t.Fatalf("pooltest: start btcd: %v", err)
	return nil
}

// buildBtcd returns the program's path. It is built once for each version and kept
// in the user's cache folder.
func buildBtcd() (string, error) {
	list, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", btcdModule).Output()
	if err != nil {
		return "", fmt.Errorf("ask go for the version: %w", err)
	}
	version := strings.TrimSpace(string(list))
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "adit-pooltest")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(dir, "btcd-"+version+"-"+runtime.GOARCH)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	// Several test programs may do this at the same time: build aside, then move.
	temporary, err := os.MkdirTemp(dir, "build")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temporary)
	built := filepath.Join(temporary, "btcd")
	if err := goBuild(built); err != nil {
		return "", err
	}
	return path, os.Rename(built, path)
}

// goBuild builds btcd, which go.mod pins as a tool.
func goBuild(built string) error {
	if out, err := exec.Command("go", "build", "-o", built, btcdModule).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// Kill ends the daemon as a power cut would.
func (n *Btcd) Kill() { n.process.kill() }

// Generate mines blocks to the address of the options and returns their hashes.
func (n *Btcd) Generate(blocks int) []string {
	n.t.Helper()
	return Must[[]string](n.t, n.RPC, "generate", blocks)
}

// Height is the height of the tip.
func (n *Btcd) Height() int64 {
	n.t.Helper()
	return Must[int64](n.t, n.RPC, "getblockcount")
}
