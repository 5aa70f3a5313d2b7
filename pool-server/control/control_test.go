package control_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/control"
)

// open runs a door that greets until the returned function is called.
func open(t *testing.T, file string) (stop func()) {
	t.Helper()
	d, err := control.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /greet", func(w http.ResponseWriter, r *http.Request) {
		if r.PostFormValue("name") == "" {
			http.Error(w, "greet whom?", http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, "hello %s\n", r.PostFormValue("name"))
	})
	go func() { done <- d.Run(ctx, mux) }()
	return func() {
		cancel()
		if err := errors.Join(<-done, d.Close()); err != nil {
			t.Error(err)
		}
	}
}

func TestCallReachesTheRunningServer(t *testing.T) {
	file := filepath.Join(t.TempDir(), "control.json")
	stop := open(t, file)
	if info, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("control file: %v, %v, want it private", info, err)
	}
	if answer, err := control.Call(t.Context(), file, "greet", url.Values{"name": {"us"}}); err != nil || answer != "hello us" {
		t.Errorf("Call = %q, %v", answer, err)
	}
	if _, err := control.Call(t.Context(), file, "greet", nil); err == nil || err.Error() != "greet whom?" {
		t.Errorf("Call = %v, want the server's words", err)
	}
	if _, err := control.Call(t.Context(), file, "unknown", nil); err == nil {
		t.Error("an unknown action is answered")
	}
	stop()
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after the end the file is there: %v", err)
	}
	if _, err := control.Call(t.Context(), file, "greet", nil); !errors.Is(err, control.ErrNotRunning) {
		t.Errorf("Call = %v, want %v", err, control.ErrNotRunning)
	}
}

func TestFileOfAKilledServerIsReplaced(t *testing.T) {
	file := filepath.Join(t.TempDir(), "control.json")
	if err := os.WriteFile(file, []byte(`{"address":"127.0.0.1:1","token":"old"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := control.Call(t.Context(), file, "greet", nil); !errors.Is(err, control.ErrNotRunning) {
		t.Errorf("Call = %v, want %v", err, control.ErrNotRunning)
	}
	stop := open(t, file)
	defer stop()
	if _, err := control.Call(t.Context(), file, "greet", url.Values{"name": {"us"}}); err != nil {
		t.Error(err)
	}
}

func TestWithoutTheTokenNobodyGetsIn(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "control.json")
	defer open(t, file)()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	stolen := filepath.Join(dir, "guess.json")
	before, _, _ := strings.Cut(string(text), `"token"`)
	if err := os.WriteFile(stolen, []byte(before+`"token":"guess"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if answer, err := control.Call(t.Context(), stolen, "greet", url.Values{"name": {"us"}}); !errors.Is(err, control.ErrNotRunning) {
		t.Errorf("Call = %q, %v", answer, err)
	}
	for _, broken := range []string{"", "{}", "null", `{"address":"127.0.0.1:1"}`, `{"address":"\n","token":"x"}`} {
		if err := os.WriteFile(stolen, []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := control.Call(t.Context(), stolen, "greet", nil); err == nil {
			t.Errorf("control file %q works", broken)
		}
	}
}
