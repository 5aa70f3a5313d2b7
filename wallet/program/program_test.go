package program_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
	"github.com/adit-mining/adit/wallet/program"
)

const fakeMode = "ADIT_TEST_FAKE_WALLET"

func TestMain(m *testing.M) {
	switch os.Getenv(fakeMode) {
	case "wait":
		os.WriteFile("here", nil, 0o600)
		for start := time.Now(); time.Since(start) < time.Minute; time.Sleep(10 * time.Millisecond) {
			if _, err := os.Stat("leave"); err == nil {
				os.Exit(0)
			}
		}
		os.Exit(1)
	case "fail":
		os.Stderr.WriteString("Error: the key cU5CwD8tLSnJvBdGdvxzzfwqkXvVHAyXv6QyNdJ5hqzR1TZ4VxAo is bad\x1b[0m\n")
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func command(t *testing.T, mode string) program.Command {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return program.Command{Path: self, Env: []string{fakeMode + "=" + mode}, Dir: t.TempDir(), Grace: 2 * time.Second}
}

// started waits until the program runs.
func started(ctx context.Context, c program.Command) error {
	for {
		if _, err := os.Stat(filepath.Join(c.Dir, "here")); err == nil {
			return nil
		}
		if err := program.Pause(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
}

func TestTheProgramIsGoneWhenRunIs(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]bool{"asked": true, "killed": false} {
		t.Run(name, func(t *testing.T) {
			c := command(t, "wait")
			asked := false
			c.Leave = func(context.Context) error {
				asked = true
				if !leave {
					return errors.New("it does not listen")
				}
				return os.WriteFile(filepath.Join(c.Dir, "leave"), nil, 0o600)
			}
			done := errors.New("done")
			err := program.Run(t.Context(), c, func(ctx context.Context) error {
				if err := started(ctx, c); err != nil {
					return err
				}
				if !miners.NewRoster(c.Dir).Left(ctx) {
					t.Error("it is not noted")
				}
				return done
			})
			if !errors.Is(err, done) || !asked {
				t.Errorf("Run = %v, asked %v", err, asked)
			}
			if miners.NewRoster(c.Dir).Left(t.Context()) {
				t.Error("it is still noted")
			}
		})
	}
}

func TestAProgramThatEndsIsToldWithItsWordsAndWithoutSecrets(t *testing.T) {
	t.Parallel()
	c := command(t, "fail")
	err := program.Run(t.Context(), c, func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	})
	var ended *program.EndedError
	if !errors.As(err, &ended) || ended.Output != "Error: the key (secret) is bad [0m" {
		t.Errorf("Run = %v, want its words", err)
	}
	c.Path = filepath.Join(c.Dir, "none")
	err = program.Run(t.Context(), c, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
	if !errors.Is(err, miners.ErrNotStarted) {
		t.Errorf("Run of nothing = %v, want ErrNotStarted", err)
	}
}

// A program that an earlier Adit left behind is asked to leave, or ended.
func TestLeftover(t *testing.T) {
	t.Parallel()
	for name, heeds := range map[string]bool{"asked": true, "ended": false} {
		t.Run(name, func(t *testing.T) {
			c := command(t, "wait")
			left := exec.Command(c.Path)
			left.Env, left.Dir, left.SysProcAttr = append(os.Environ(), c.Env...), c.Dir, ownGroup()
			if err := left.Start(); err != nil {
				t.Fatal(err)
			}
			gone := make(chan error, 1)
			go func() { gone <- left.Wait() }()
			if err := started(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			if err := miners.NewRoster(c.Dir).Add(left.Process.Pid, c.Path); err != nil {
				t.Fatal(err)
			}
			ask := func(context.Context) error {
				if !heeds {
					return nil
				}
				return os.WriteFile(filepath.Join(c.Dir, "leave"), nil, 0o600)
			}
			patience := 500 * time.Millisecond
			if heeds {
				patience = 20 * time.Second
			}
			if err := program.Leftover(t.Context(), c.Dir, ask, patience); err != nil {
				t.Fatal(err)
			}
			if err := <-gone; (err == nil) != heeds {
				t.Errorf("it ended with %v; that it left by itself was to be %v", err, heeds)
			}
		})
	}
}

func TestOnlyAFolderOfOurOwnIsUsed(t *testing.T) {
	t.Parallel()
	n, dir := cointest.Network(t, "litecoin", "main"), filepath.Join(t.TempDir(), "a", "wallet")
	for range 2 {
		if err := program.Own(dir, n, "core"); err != nil {
			t.Fatal(err)
		}
	}
	for _, other := range []struct {
		n      *coin.Network
		driver string
	}{{cointest.Network(t, "litecoin", "test"), "core"}, {cointest.Network(t, "bitcoin", "main"), "core"}, {n, "electrum"}} {
		if err := program.Own(dir, other.n, other.driver); !errors.Is(err, program.ErrNotOurs) {
			t.Errorf("Own for %v %s = %v, want ErrNotOurs", other.n, other.driver, err)
		}
	}
	somebody := t.TempDir()
	if err := os.WriteFile(filepath.Join(somebody, "wallet.dat"), []byte("all they have"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := program.Own(somebody, n, "core"); !errors.Is(err, program.ErrNotOurs) {
		t.Errorf("Own of somebody's folder = %v, want ErrNotOurs", err)
	}
}

func TestErrorsHaveNoSecrets(t *testing.T) {
	t.Parallel()
	const passphrase = "correct horse battery staple"
	k, err := wallet.KeyFromBytes([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	wif := k.WIF(cointest.Network(t, "litecoin", "main"))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		w.Write([]byte(`{"result":null,"error":{"code":-5,"message":"combo(): key '` + wif + `' is not valid; ` + passphrase + `"},"id":1}`))
	}))
	defer server.Close()
	var logged error
	rpc := program.RPC{
		Address: strings.TrimPrefix(server.URL, "http://"),
		Login:   func() (string, string, error) { return "user", "password", nil },
		Log:     func(_ string, _ time.Duration, err error) { logged = err },
	}
	err = rpc.Do(t.Context(), program.Call{Path: "/", Method: "importdescriptors", Params: []any{wif}, Secrets: []string{passphrase}}, nil)
	for _, err := range []error{err, logged} {
		if program.Code(err) != -5 || strings.Contains(err.Error(), wif) || strings.Contains(err.Error(), passphrase) {
			t.Errorf("%v", err)
		}
	}
}

// FuzzRedact looks for a text in which a private key survives.
func FuzzRedact(f *testing.F) {
	k, err := wallet.KeyFromBytes([]byte(strings.Repeat("k", 32)))
	if err != nil {
		f.Fatal(err)
	}
	wif := k.WIF(cointest.Network(f, "litecoin", "main"))
	f.Add("key '", "' is not valid", "word")
	f.Fuzz(func(t *testing.T, before, after, secret string) {
		got := program.Redact(before + wif + after)
		if strings.Contains(got, wif) {
			t.Errorf("%q has the key", got)
		}
		got = program.Redact(before+wif+after, secret)
		if strings.Contains(got, wif) {
			t.Errorf("%q has the key, beside the secret %q", got, secret)
		}
	})
}
