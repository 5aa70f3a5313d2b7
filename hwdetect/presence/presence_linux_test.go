package presence_test

import (
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/adit-mining/adit/hwdetect/presence"
	"github.com/adit-mining/adit/packaging/bubble"
)

func TestPowerOfRecordedComputers(t *testing.T) {
	for file, want := range map[string]struct {
		onBattery bool
		percent   any
	}{
		"laptop-on-battery":  {true, 35}, // weighed by what the batteries hold
		"laptop-on-mains":    {false, 80},
		"laptop-on-weak-usb": {true, 33},
		"laptop-on-usb-c":    {false, 66},
		"desktop-with-mouse": {false, nil},
		"desktop-on-ups":     {true, 71},
		"broken":             {true, nil},
	} {
		p := lookAt(t, unpack(t, file))
		if value(p.OnBattery) != want.onBattery || value(p.Battery) != want.percent {
			t.Errorf("%s: on battery %v at %v, want %v at %v", file, value(p.OnBattery), value(p.Battery), want.onBattery, want.percent)
		}
	}
}

func TestAnEmptyMachineTellsNothingAndSaysWhy(t *testing.T) {
	p := lookAt(t, t.TempDir())
	if p.Idle != nil || p.Locked != nil || p.FullScreen != nil || p.OnBattery != nil || p.Battery != nil || p.Metered != nil || p.Online != nil {
		t.Errorf("%+v, want nothing", p)
	}
	for _, about := range []string{"idle time", "full screen", "lock screen", "battery", "metered network"} {
		if !slices.ContainsFunc(p.Notes, func(n string) bool { return strings.HasPrefix(n, about) }) {
			t.Errorf("no note about %s: %q", about, p.Notes)
		}
	}
}

func TestRoutes(t *testing.T) {
	const head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
	const zero = "00000000000000000000000000000000"
	for name, test := range map[string]struct {
		v4, v6 string
		online bool
	}{
		"a default route":     {head + "eth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n", "", true},
		"only a neighbour":    {head + "eth0\t0000A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n", "", false},
		"a rejecting default": {head + "*\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0\n", "", false},
		"IPv6 only":           {head, zero + " 00 " + zero + " 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003 eth0\n", true},
		"IPv6's own reject":   {head, zero + " 00 " + zero + " 00 " + zero + " ffffffff 00000001 00000000 00200200 lo\n", false},
		"nonsense":            {"a b c\n00000000", "x\n", false},
	} {
		root := t.TempDir()
		write(t, root, "proc/net/route", test.v4)
		write(t, root, "proc/net/ipv6_route", test.v6)
		if p := lookAt(t, root); value(p.Online) != test.online {
			t.Errorf("%s: online %v, want %v", name, value(p.Online), test.online)
		}
	}
}

func TestMetered(t *testing.T) {
	for n, want := range map[uint32]any{0: nil, 1: true, 2: false, 3: true, 4: false, 5: nil} {
		if got := value(presence.Metered(n)); got != want {
			t.Errorf("NetworkManager's %d is %v, want %v", n, got, want)
		}
	}
}

func TestSocketOf(t *testing.T) {
	for address, want := range map[string]string{
		"unix:path=/run/user/1000/bus":                 "/run/user/1000/bus",
		"unix:abstract=/tmp/dbus-x%2cy,guid=00":        "@/tmp/dbus-x,y",
		"tcp:host=127.0.0.1,port=1;unix:path=/tmp/bus": "/tmp/bus",
		"autolaunch:":   "",
		"unix:path=%zz": "",
	} {
		if got := presence.SocketOf(address); got != want {
			t.Errorf("SocketOf(%q) = %q, want %q", address, got, want)
		}
	}
}

// TestAGamePadCountsAsInput plays a pad's device with a pipe.
func TestAGamePadCountsAsInput(t *testing.T) {
	root := t.TempDir()
	device := filepath.Join(root, "dev/input/js0")
	if err := os.MkdirAll(filepath.Dir(device), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(device, 0o600); err != nil {
		t.Fatal(err)
	}
	pad, err := os.OpenFile(device, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer pad.Close()
	event := func(value int16, kind, number byte) {
		t.Helper()
		e := binary.NativeEndian.AppendUint32(nil, 1)
		e = binary.NativeEndian.AppendUint16(e, uint16(value))
		if _, err := pad.Write(append(e, kind, number)); err != nil {
			t.Fatal(err)
		}
	}
	const button, axis, initial = 1, 2, 0x80
	bubble.Test(t, func(t *testing.T) {
		w := presence.Open(presence.Options{Root: root})
		defer w.Close()
		look := func() any { return value(w.Look(t.Context()).Idle) }
		event(0, button|initial, 0)
		event(-32767, axis|initial, 2) // a trigger at rest
		if got := look(); got != nil {
			t.Errorf("a pad that lies there: idle %v", got)
		}
		event(-32000, axis, 2)
		event(900, axis, 0)
		if got := look(); got != nil {
			t.Errorf("a stick that trembles: idle %v", got)
		}
		event(20000, axis, 0)
		if got := look(); got != time.Duration(0) {
			t.Errorf("a push: idle %v, want 0", got)
		}
		time.Sleep(20 * time.Second)
		if got := look(); got != 20*time.Second {
			t.Errorf("20 s later: idle %v", got)
		}
		event(1, button, 3)
		if got := look(); got != time.Duration(0) {
			t.Errorf("a button: idle %v, want 0", got)
		}
		time.Sleep(2 * time.Minute)
		if got := look(); got != nil {
			t.Errorf("a pad alone says nothing for long, and says %v", got)
		}
	})
}

func TestCloseEndsTheWatcher(t *testing.T) {
	w := presence.Open(presence.Options{})
	w.Close()
	w.Close()
	if p := w.Look(t.Context()); p.Idle != nil || p.Online != nil {
		t.Errorf("%+v after Close", p)
	}
}

func TestLookEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := presence.Open(presence.Options{})
	defer w.Close()
	_ = w.Look(ctx) // must return; go test's own limit is the judge
}

func FuzzRecordedMachine(f *testing.F) {
	f.Add("Mains", "1", "Discharging", "97", "eth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\n")
	f.Add("Battery", "-1", "", "9223372036854775807", "\x00")
	f.Fuzz(func(t *testing.T, kind, online, status, number, route string) {
		root := t.TempDir()
		for file, text := range map[string]string{"type": kind, "online": online, "status": status, "capacity": number, "energy_full": number} {
			write(t, root, "sys/class/power_supply/a/"+file, text)
		}
		write(t, root, "proc/net/route", route)
		write(t, root, "proc/net/ipv6_route", route)
		p := lookAt(t, root)
		if p.Battery != nil && (*p.Battery < 0 || *p.Battery > 100) {
			t.Errorf("a charge of %d", *p.Battery)
		}
	})
}

func FuzzStrings(f *testing.F) {
	f.Add("unix:path=/run/user/1000/bus", "navigator\x00Firefox\x00")
	f.Fuzz(func(t *testing.T, address, class string) {
		_ = presence.SocketOf(address)
		if name := presence.Class(class); strings.Contains(name, "\x00") {
			t.Errorf("a name of %q", name)
		}
	})
}

// BenchmarkLook is the cost of a look at this computer, of which the app takes one
// every second or two.
func BenchmarkLook(b *testing.B) {
	w := presence.Open(presence.Options{PID: os.Getpid()})
	defer w.Close()
	w.Look(b.Context())
	for b.Loop() {
		w.Look(b.Context())
	}
}

func lookAt(t *testing.T, root string) presence.Presence {
	t.Helper()
	w := presence.Open(presence.Options{Root: root})
	defer w.Close()
	return w.Look(t.Context())
}

func unpack(t *testing.T, file string) string {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/" + file + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	for _, f := range archive.Files {
		write(t, root, f.Name, string(f.Data))
	}
	return root
}

func write(t *testing.T, root, name, text string) {
	t.Helper()
	path := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
