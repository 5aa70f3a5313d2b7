//go:build linux

package windowtest

import (
	"bufio"
	"os/exec"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/adit-mining/adit/packaging/needs"
)

// watcherName is what a desktop that shows a tray owns on the session's bus, and
// watcherPath where it is asked: freedesktop's StatusNotifierItem.
const (
	watcherName = "org.kde.StatusNotifierWatcher"
	watcherPath = "/StatusNotifierWatcher"
)

// watcher is a tray that takes everybody.
type watcher struct{}

// RegisterStatusNotifierItem is called by who wants to be in the tray.
func (watcher) RegisterStatusNotifierItem(string) *dbus.Error { return nil }

// WithTray gives the screen's programs a session bus of the test's own on which
// somebody shows a tray.
func (s Screen) WithTray(t testing.TB) Screen {
	t.Helper()
	daemon := exec.Command(needs.Program(t, "dbus-daemon"), "--session", "--nofork", "--nopidfile", "--print-address=1")
	out, err := daemon.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, daemon)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("dbus-daemon: %v", err)
	}
	s.bus = strings.TrimSpace(line)
	conn, err := dbus.Connect(s.bus)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.Export(watcher{}, watcherPath, watcherName); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(watcherName, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return s
}
