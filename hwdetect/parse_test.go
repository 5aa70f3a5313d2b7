package hwdetect_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-mining/adit/hwdetect"
)

func TestOlderThan(t *testing.T) {
	for _, test := range []struct {
		have, need string
		older      bool
	}{
		{"391.35", "452.39", true},
		{"450.80.02", "450.80.02", false},
		{"450.51.06", "450.80.02", true},
		{"450", "450.80.02", false}, // a guess is no reason to send somebody to install a driver
		{"1080.1", "450.80.02", false},
		{"", "450.80.02", false},
		{"31.0.15.3623", "452.39", true},
		{"abc", "452.39", false},
	} {
		if got := hwdetect.OlderThan(test.have, test.need); got != test.older {
			t.Errorf("OlderThan(%q, %q) = %v", test.have, test.need, got)
		}
	}
}

func TestAddresses(t *testing.T) {
	for in, want := range map[string]string{"00000000:0A:00.0": "0000:0a:00.0", "0001:C1:1f.7": "0001:c1:1f.7", "10de": "", "": "", "zz:00:00.0": "", "fffff:00:00.0": ""} {
		if got := hwdetect.BusAddress(in); got != want {
			t.Errorf("BusAddress(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"PCI-Bus 10, Gerät 0, Funktion 1 (10,0,1)": "0000:0a:00.1", "(257,0,0)": "0001:01:00.0", "(1,32,0)": "", "(1,0": "", "": ""} {
		if got := hwdetect.Location(in); got != want {
			t.Errorf("Location(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestMacsTools(t *testing.T) {
	for out, want := range map[string]int{
		"Note: No thermal warning level has been recorded\n": 100,
		" CPU_Scheduler_Limit = 100\n CPU_Speed_Limit = 60":  60,
		"CPU_Speed_Limit = 400":                              -1,
		"":                                                   -1,
	} {
		got := -1
		if n := hwdetect.SpeedLimit(out); n != nil {
			got = *n
		}
		if got != want {
			t.Errorf("SpeedLimit(%q) = %d, want %d", out, got, want)
		}
	}
	if got := hwdetect.Utilisations(`x "Device Utilization %"=16, "Device Utilization %"=101 "Device Utilization %"=0`); len(got) != 2 || got[0] != 16 || got[1] != 0 {
		t.Errorf("utilisations = %v, want 16 and 0", got)
	}
}

func TestLockedDown(t *testing.T) {
	for text, want := range map[string]bool{"[none] integrity confidentiality": false, "none [integrity] confidentiality": true, "none integrity [confidentiality]": true, "": false} {
		if got := hwdetect.LockedDown(text); got != want {
			t.Errorf("LockedDown(%q) = %v", text, got)
		}
	}
}

func FuzzNvidiaSMI(f *testing.F) {
	text, err := os.ReadFile("testdata/rig-of-six.txtar")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text))
	f.Add("pci.bus_id, memory.total [MiB]\n00000000:01:00.0, 1e300 MiB\n")
	f.Add("pci.bus_id, temperature.gpu\n00000000:01:00.0, NaN\n")
	f.Fuzz(func(t *testing.T, out string) {
		a, err := hwdetect.ParseSMI(out)
		if err == nil && hwdetect.CardsOf(a) == 0 {
			t.Error("no error and no card")
		}
		for _, r := range hwdetect.ReadingsOf(a) {
			for _, n := range []*float64{r.TemperatureC, r.MemoryC, r.FanPercent, r.PowerW, r.LimitW} {
				if n != nil && (math.IsNaN(*n) || *n < 0 || *n > 5000) {
					t.Errorf("reading %v", *n)
				}
			}
		}
	})
}

func FuzzMacsTools(f *testing.F) {
	f.Add("CPU_Speed_Limit = 60", `"Device Utilization %"=16`, `{"SPDisplaysDataType":[{"_name":"a"}],"SPHardwareDataType":[{"number_processors":8}]}`)
	f.Fuzz(func(t *testing.T, pmset, ioreg, profile string) {
		root := t.TempDir()
		write(t, root, "tools/pmset-therm", pmset)
		write(t, root, "tools/ioreg-1-0-IOAccelerator", ioreg)
		write(t, root, "tools/system_profiler-SPDisplaysDataType-SPHardwareDataType", profile)
		sane(t, hwdetect.Prober{Root: root, OS: "darwin"})
	})
}

func FuzzWindowsRows(f *testing.F) {
	f.Add(`[{"pnp":"PCI\\VEN_10DE&DEV_2684","location":"(1,0,0)","version":"31.0.15.3623"}]`)
	f.Fuzz(func(t *testing.T, rows string) {
		root := t.TempDir()
		write(t, root, "tools/video-controllers.json", rows)
		sane(t, hwdetect.Prober{Root: root, OS: "windows"})
	})
}

// FuzzSysfs gives every number and line that a Linux machine's files have.
func FuzzSysfs(f *testing.F) {
	f.Add("61000", "edge", "processor\t: 0\nvendor_id\t: x\n", "suspended")
	f.Add("-9223372036854775808", "", "", "")
	f.Fuzz(func(t *testing.T, number, line, cpuinfo, list string) {
		root := unpackTree(t, "testdata/radeon-6800.txtar")
		overwrite(t, root, "sys/devices/pci0000:00/0000:03:00.0/hwmon/hwmon4/*_input", number)
		overwrite(t, root, "sys/devices/pci0000:00/0000:03:00.0/hwmon/hwmon4/*_label", line)
		overwrite(t, root, "sys/devices/pci0000:00/0000:03:00.0/*_total", number)
		overwrite(t, root, "sys/devices/pci0000:00/0000:03:00.0/revision", line)
		overwrite(t, root, "sys/class/powercap/*/energy_uj", number)
		overwrite(t, root, "sys/kernel/mm/hugepages/*/*", number)
		overwrite(t, root, "proc/cpuinfo", cpuinfo)
		overwrite(t, root, "usr/share/libdrm/amdgpu.ids", list)
		overwrite(t, root, "etc/OpenCL/vendors/mesa.icd", list)
		sane(t, hwdetect.Prober{Root: root})
	})
}

// sane checks what must hold of any machine.
func sane(t *testing.T, p hwdetect.Prober) {
	t.Helper()
	m, err := p.Detect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := json.Marshal(m); err != nil {
		t.Error(err)
	}
	if m.Threads() < 1 {
		t.Error("no thread")
	}
	for _, n := range m.Notes {
		if strings.Contains(n.Reason, "gave up") {
			t.Errorf("a probe panicked: %v", n)
		}
	}
	for _, d := range m.Devices {
		if d.Mineable != (d.Cause == hwdetect.NoCause) || d.Mineable != (d.Reason == "") {
			t.Errorf("%s: mineable %v, %q, %q", d.Name, d.Mineable, d.Cause, d.Reason)
		}
		if d.TemperatureC != nil && (*d.TemperatureC < 1 || *d.TemperatureC > 130) {
			t.Errorf("%s is at %v", d.Name, *d.TemperatureC)
		}
	}
}

func overwrite(t *testing.T, root, pattern, text string) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(root, pattern))
	if len(files) == 0 {
		t.Fatalf("no %s", pattern)
	}
	for _, file := range files {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
