package miners_test

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/windows"
)

// canAsk is that a program can be asked to leave. Wine before 9 has no Ctrl-Break:
// there a program that should leave is ended at once, which is tested all the same.
var canAsk = windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() != nil

func ownGroup(*exec.Cmd) {}

// lives reports whether the process has not ended.
func lives(pid int) bool {
	handle, err := windows.OpenProcess(windows.SYNCHRONIZE, false, uint32(pid))
	if err != nil {
		return false
	}
	defer windows.CloseHandle(handle)
	event, err := windows.WaitForSingleObject(handle, 0)
	return err == nil && event == uint32(windows.WAIT_TIMEOUT)
}

// stepsBack reports whether the process runs only when nobody else wants to.
func stepsBack(t *testing.T, pid int) bool {
	t.Helper()
	handle, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		t.Fatal(err)
	}
	defer windows.CloseHandle(handle)
	class, err := windows.GetPriorityClass(handle)
	if err != nil {
		t.Fatal(err)
	}
	return class == windows.IDLE_PRIORITY_CLASS
}

// The window's program has no console, and neither has what the system starts in the
// background: the mining program is asked in the console that it got.
func TestAnOwnerWithoutAConsoleAsksItsProgramToLeave(t *testing.T) {
	owner := exec.CommandContext(t.Context(), self(t))
	owner.Env = append(os.Environ(), env("stop")...)
	owner.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.DETACHED_PROCESS}
	out, err := owner.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if text := string(out); !strings.Contains(text, "accepted") || strings.Contains(text, "bye") != canAsk {
		t.Errorf("it printed %q; that it can be asked to leave is %v", text, canAsk)
	}
}
