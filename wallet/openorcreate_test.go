package wallet_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adit-mining/adit/wallet"
)

func TestOpenOrCreateMakesAKeyOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	k, created, err := wallet.OpenOrCreate(dir)
	if err != nil || !created || k.Key().IsZero() {
		t.Fatalf("first: created %v, %v", created, err)
	}
	again, created, err := wallet.OpenOrCreate(dir)
	if err != nil || created || again != k {
		t.Errorf("second: created %v, the same key %v, %v", created, again == k, err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	for path, want := range map[string]os.FileMode{
		dir: 0o700, filepath.Join(dir, wallet.KeyFileName): 0o600, filepath.Join(dir, wallet.UnlockFileName): 0o600,
	} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, %v, want %v", path, info.Mode(), err, want)
		}
	}
}

func TestTheKeyDoesNotLieOpenInItsFolder(t *testing.T) {
	dir := t.TempDir()
	k, _, err := wallet.OpenOrCreate(dir)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, wallet.KeyFileName))
	if err != nil {
		t.Fatal(err)
	}
	secret := k.Key().Bytes()
	if bytes.Contains(data, secret[:]) || strings.Contains(string(data), k.Key().MiningKey()) {
		t.Error("the key file is not encrypted")
	}
}

// TestAKeyThatDoesNotOpenIsNeverReplaced loses and damages each file in turn.
func TestAKeyThatDoesNotOpenIsNeverReplaced(t *testing.T) {
	foreign := t.TempDir()
	if _, _, err := wallet.OpenOrCreate(foreign); err != nil {
		t.Fatal(err)
	}
	foreignUnlock, err := os.ReadFile(filepath.Join(foreign, wallet.UnlockFileName))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []struct {
		name, file string
		content    []byte // nil: removed
		want       error
	}{
		{"unlock.key lost", wallet.UnlockFileName, nil, wallet.ErrNoUnlock},
		{"unlock.key emptied", wallet.UnlockFileName, []byte{}, wallet.ErrDamaged},
		{"unlock.key cut", wallet.UnlockFileName, foreignUnlock[:30], wallet.ErrDamaged},
		{"unlock.key of another key", wallet.UnlockFileName, foreignUnlock, wallet.ErrPassphrase},
		{"key.age emptied", wallet.KeyFileName, []byte{}, wallet.ErrDamaged},
		{"key.age overwritten", wallet.KeyFileName, []byte("x"), wallet.ErrDamaged},
	} {
		dir := t.TempDir()
		k, _, err := wallet.OpenOrCreate(dir)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, v.file)
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if v.content == nil {
			err = os.Remove(path)
		} else {
			err = os.WriteFile(path, v.content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, created, err := wallet.OpenOrCreate(dir); !errors.Is(err, v.want) || created {
			t.Errorf("%s: created %v, %v, want %v", v.name, created, err, v.want)
		}
		if err := os.WriteFile(path, good, 0o600); err != nil {
			t.Fatal(err)
		}
		if again, _, err := wallet.OpenOrCreate(dir); err != nil || again != k {
			t.Errorf("%s: put back, but the key is another one or closed: %v", v.name, err)
		}
	}
}

func TestProgramsThatStartAtOnceGetOneKey(t *testing.T) {
	for range 10 {
		dir := t.TempDir()
		keys := make([]wallet.Keyring, 8)
		var created atomic.Int32
		var wg sync.WaitGroup
		for i := range keys {
			wg.Go(func() {
				k, made, err := wallet.OpenOrCreate(dir)
				if err != nil {
					t.Error(err)
				}
				if made {
					created.Add(1)
				}
				keys[i] = k
			})
		}
		wg.Wait()
		for _, k := range keys {
			if k != keys[0] {
				t.Fatal("two keys")
			}
		}
		if created.Load() != 1 {
			t.Errorf("%d made the key", created.Load())
		}
	}
}

// childDir names the folder in which a child process of the next test opens its key.
const childDir = "ADIT_TEST_WALLET_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if _, _, err := wallet.OpenOrCreate(dir); err != nil {
			panic(err)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestAKilledStartLosesNothing kills processes at random moments of their first
// start. The next start must succeed, and a key that was once there must stay.
func TestAKilledStartLosesNothing(t *testing.T) {
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	start := func(dir string) *exec.Cmd {
		cmd := exec.Command(binary)
		cmd.Env = append(os.Environ(), childDir+"="+dir)
		return cmd
	}
	began := time.Now()
	if out, err := start(t.TempDir()).CombinedOutput(); err != nil {
		t.Fatalf("child: %v\n%s", err, out)
	}
	whole := time.Since(began)
	for range 20 {
		dir := t.TempDir()
		cmd := start(dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(rand.N(whole)) // the moment of the crash
		_ = cmd.Process.Kill()    // it may have ended
		_ = cmd.Wait()
		_, err := os.Stat(filepath.Join(dir, wallet.KeyFileName))
		wasThere := err == nil
		k, created, err := wallet.OpenOrCreate(dir)
		if err != nil || created == wasThere {
			t.Fatalf("after the crash: the key was there %v, created %v, %v", wasThere, created, err)
		}
		if again, _, err := wallet.OpenOrCreate(dir); err != nil || again != k {
			t.Fatalf("later: another key, %v", err)
		}
	}
}
