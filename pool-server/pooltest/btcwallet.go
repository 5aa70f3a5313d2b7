package pooltest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// btcwallet is not in go.mod: it needs versions of btcd that ours does not go with. Go
// builds it apart, from the module proxy, once.
const (
	btcwalletModule  = "github.com/btcsuite/btcwallet"
	btcwalletVersion = "v0.16.17"
)

// BtcwalletPassphrase opens the wallet of a Btcwallet, which is locked at first.
const BtcwalletPassphrase = "password"

// Btcwallet is a running btcwallet with a new wallet. Calls about the chain it passes
// on to its btcd.
type Btcwallet struct {
	RPC
	process *process
}

// StartBtcwallet runs a btcwallet for n, which is on simnet, until the test ends, and
// waits until it has opened its wallet.
func StartBtcwallet(t testing.TB, n *Btcd) *Btcwallet {
	t.Helper()
	path, err := buildBtcwallet()
	if err != nil {
		lacking(t, "btcwallet cannot be built: "+err.Error())
	}
	for range 3 {
		port, dir := freePorts(t, 1)[0], t.TempDir()
		w := &Btcwallet{RPC: RPC{URL: "http://127.0.0.1:" + port, User: "user", Password: "password"}}
		config := filepath.Join(dir, "none.conf")
		if err = os.WriteFile(config, nil, 0o600); err != nil {
			t.Fatalf("pooltest: %v", err)
		}
		if w.process, err = startProcess(path,
			"--configfile="+config, "--simnet", "--createtemp", "--appdata="+dir, "--logdir="+filepath.Join(dir, "log"),
			"--rpcconnect="+n.URL[len("http://"):], "--noclienttls", "--btcdusername="+n.User, "--btcdpassword="+n.Password,
			"--rpclisten=127.0.0.1:"+port, "--noservertls", "--username="+w.User, "--password="+w.Password,
		); err != nil {
			break
		}
		if err = w.process.awaitRPC(w.RPC); err == nil {
			t.Cleanup(w.Kill)
			eventually(t, "btcwallet's wallet", func() bool { return w.Call(nil, "getbalance") == nil })
			return w
		}
		w.process.kill()
	}
	t.Fatalf("pooltest: start btcwallet: %v", err)
	return nil
}

// Kill ends the program as a power cut would.
func (w *Btcwallet) Kill() { w.process.kill() }

// buildBtcwallet returns the program's path; see buildBtcd.
func buildBtcwallet() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "adit-pooltest")
	path := filepath.Join(dir, "btcwallet-"+btcwalletVersion+"-"+runtime.GOARCH)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	temporary, err := os.MkdirTemp(dir, "build")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temporary)
	install := exec.Command("go", "install", btcwalletModule+"@"+btcwalletVersion)
	install.Env = append(os.Environ(), "GOBIN="+temporary, "CGO_ENABLED=0", "GOFLAGS=-trimpath")
	if out, err := install.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, os.Rename(filepath.Join(temporary, "btcwallet"), path)
}
