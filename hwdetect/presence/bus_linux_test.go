package presence_test

import (
	"bufio"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"

	"github.com/adit-mining/adit/hwdetect/presence"
	"github.com/adit-mining/adit/packaging/needs"
)

// TestTheDesktopsServicesAreAsked plays GNOME's compositor, logind and NetworkManager
// on a real bus.
func TestTheDesktopsServicesAreAsked(t *testing.T) {
	address, _ := newBus(t)
	d := newDesktop(t, address)
	w := presence.Open(presence.Options{})
	defer w.Close()
	presence.UseBus(w, address)
	presence.UseDisplay(w, "", true)
	p := w.Look(t.Context())
	if value(p.Idle) != 1500*time.Millisecond || value(p.Locked) != false || value(p.Metered) != true {
		t.Errorf("idle %v, locked %v, metered %v: %q", value(p.Idle), value(p.Locked), value(p.Metered), p.Notes)
	}
	d.session.SetMust("org.freedesktop.login1.Session", "LockedHint", true)
	d.network.SetMust("org.freedesktop.NetworkManager", "Metered", uint32(4))
	if p := w.Look(t.Context()); value(p.Locked) != true || value(p.Metered) != false {
		t.Errorf("after locking: %v, metered %v", value(p.Locked), value(p.Metered))
	}
}

// TestIdleHintIsTheLastResort takes GNOME's compositor away.
func TestIdleHintIsTheLastResort(t *testing.T) {
	address, _ := newBus(t)
	d := newDesktop(t, address)
	if _, err := d.conn.ReleaseName("org.gnome.Mutter.IdleMonitor"); err != nil {
		t.Fatal(err)
	}
	w := presence.Open(presence.Options{})
	defer w.Close()
	presence.UseBus(w, address)
	presence.UseDisplay(w, "", true)
	if p := w.Look(t.Context()); p.Idle != nil {
		t.Errorf("idle %v, though the session is not idle for long enough to be called so", *p.Idle)
	}
	d.session.SetMust("org.freedesktop.login1.Session", "IdleSinceHint", uint64(time.Now().Add(-time.Hour).UnixMicro()))
	d.session.SetMust("org.freedesktop.login1.Session", "IdleHint", true)
	if p := w.Look(t.Context()); p.Idle == nil || *p.Idle < time.Hour || *p.Idle > 2*time.Hour {
		t.Errorf("idle %v, want an hour", value(p.Idle))
	}
}

func TestABusThatGoesIsLeftAlone(t *testing.T) {
	address, daemon := newBus(t)
	newDesktop(t, address)
	w := presence.Open(presence.Options{})
	defer w.Close()
	presence.UseBus(w, address)
	presence.UseDisplay(w, "", true)
	if p := w.Look(t.Context()); p.Locked == nil {
		t.Fatalf("%+v", p)
	}
	_ = daemon.Process.Kill()
	eventually(t, "nothing", func() bool { p := w.Look(t.Context()); return p.Locked == nil && p.Metered == nil && p.Idle == nil })
}

// desktop is what the test's services say.
type desktop struct {
	conn             *dbus.Conn
	session, network *prop.Properties
}

type mutter struct{}

// GetIdletime answers in milliseconds.
func (mutter) GetIdletime() (uint64, *dbus.Error) { return 1500, nil }

func newDesktop(t *testing.T, address string) desktop {
	t.Helper()
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	const login, network, sessionPath = "org.freedesktop.login1", "org.freedesktop.NetworkManager", dbus.ObjectPath("/org/freedesktop/login1/session/_31")
	d := desktop{conn: conn}
	if err := conn.Export(mutter{}, "/org/gnome/Mutter/IdleMonitor/Core", "org.gnome.Mutter.IdleMonitor"); err != nil {
		t.Fatal(err)
	}
	export(t, conn, "/org/freedesktop/login1/user/self", login+".User", map[string]any{"Display": struct {
		ID   string
		Path dbus.ObjectPath
	}{"1", sessionPath}})
	d.session = export(t, conn, sessionPath, login+".Session", map[string]any{"LockedHint": false, "IdleHint": false, "IdleSinceHint": uint64(0)})
	d.network = export(t, conn, "/org/freedesktop/NetworkManager", network, map[string]any{"Metered": uint32(3)})
	for _, name := range []string{login, network, "org.gnome.Mutter.IdleMonitor"} {
		if r, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil || r != dbus.RequestNameReplyPrimaryOwner {
			t.Fatalf("%s: %v %v", name, r, err)
		}
	}
	return d
}

func export(t *testing.T, conn *dbus.Conn, path dbus.ObjectPath, face string, values map[string]any) *prop.Properties {
	t.Helper()
	props := map[string]*prop.Prop{}
	for name, v := range values {
		props[name] = &prop.Prop{Value: v, Writable: true, Emit: prop.EmitFalse}
	}
	p, err := prop.Export(conn, path, prop.Map{face: props})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// newBus starts a bus of its own.
func newBus(t *testing.T) (address string, daemon *exec.Cmd) {
	t.Helper()
	needs.Program(t, "dbus-daemon")
	daemon = exec.Command("dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1")
	out, err := daemon.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, daemon)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("dbus-daemon: %v", err)
	}
	return strings.TrimSpace(line), daemon
}
