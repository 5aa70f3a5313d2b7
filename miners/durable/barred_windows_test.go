package durable_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/windows"

	"github.com/adit-mining/adit/miners/durable"
)

func TestErrorsOfAnOpenFileAreTriedAgain(t *testing.T) {
	for err, want := range map[error]bool{
		windows.ERROR_SHARING_VIOLATION: true, windows.ERROR_ACCESS_DENIED: true,
		windows.ERROR_FILE_NOT_FOUND: false, windows.ERROR_DISK_FULL: false,
	} {
		if got := durable.Barred(&os.LinkError{Op: "rename", Err: err}); got != want {
			t.Errorf("%v: tried again is %v, want %v", err, got, want)
		}
	}
}

// As an antivirus program does: it opens the file that is there and lets nobody
// replace or remove it meanwhile.
func hold(t *testing.T, path string) windows.Handle {
	t.Helper()
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		t.Fatal(err)
	}
	h, err := windows.CreateFile(name, windows.GENERIC_READ, windows.FILE_SHARE_READ, nil, windows.OPEN_EXISTING, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestAFileThatAScannerHoldsIsReplacedOnceItLetsGo(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"Replace": func(path string) error { return durable.Replace(path, []byte("new")) },
		"Remove":  durable.Remove,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "records.json")
			if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			held := hold(t, path)
			const holding = 400 * time.Millisecond
			start := time.Now()
			released := make(chan error, 1)
			go func() {
				time.Sleep(holding)
				released <- windows.CloseHandle(held)
			}()
			if err := change(path); err != nil {
				t.Errorf("%s = %v", name, err)
			}
			if err := <-released; err != nil {
				t.Fatal(err)
			}
			if took := time.Since(start); took < holding {
				t.Errorf("the file was changed after %v, while it was held", took)
			}
			if got, err := os.ReadFile(path); name == "Replace" && string(got) != "new" || name == "Remove" && err == nil {
				t.Errorf("the file holds %q, %v", got, err)
			}
		})
	}
}
