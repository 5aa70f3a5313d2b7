package hwdetect_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/adit-mining/adit/hwdetect"
)

// A card in these tests is a line: its name, its driver's version, its memory in MiB,
// why it cannot mine, and its places among its vendor's and among all cards.
func TestCardsOfRecordedMachines(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("ghw reads recordings on Linux only")
	}
	for file, want := range map[string][]string{
		"radeon-6800": {
			"AMD Radeon RX 6800 |  | 16368 | no-opencl",
			"AMD Raphael |  | 512 | integrated | 0 0",
		},
		"radeon-7900": {"AMD Radeon RX 7900 XT/7900 XTX | 6.8.5 | 24560 |  | 0 0"},
		"intel-arc": {
			"Intel graphics card 8086:4680 |  | 0 | integrated | 0 0",
			"Intel Arc A770 |  | 0 |  | 1 1",
			"Intel Arc B580 |  | 0 |  | 2 2",
		},
		"rig-of-six": {
			"NVIDIA GeForce RTX 3080 | 535.183.01 | 10240 |  | 0 0",
			"NVIDIA GeForce GTX 1060 3GB | 535.183.01 | 3072 |  | 1 1",
			"NVIDIA GeForce RTX 3080 | 535.183.01 | 0 | card-lost",
			"NVIDIA GeForce GT 1030 | 535.183.01 | 1024 | too-little-memory | 2 2",
			"AMD Radeon RX 470/480/570/570X/580/580X/590 |  | 8192 |  | 0 3",
			"AMD Radeon RX 470/480/570/570X/580/580X/590 |  | 0 | lent-to-vm",
		},
		"laptop-off": {
			"Intel Iris Xe Graphics |  | 0 | integrated | 0 0",
			"NVIDIA GeForce RTX 3050 Mobile |  | 0 | switched-off",
		},
		"laptop-asleep": {
			"Intel Iris Xe Graphics |  | 0 | integrated | 0 0",
			"NVIDIA GeForce RTX 3050 Laptop GPU | 550.54.14 | 4096 |  | 0 1",
		},
		"mac-m2": {"Apple M2 |  | 0 | no-programs-for-mac"},
		"mac-intel": {
			"Intel UHD Graphics 630 |  | 1536 | no-programs-for-mac",
			"AMD Radeon Pro 5500M |  | 8192 | no-programs-for-mac",
		},
		"windows": {
			"Intel UHD Graphics 770 | 31.0.101.4502 | 128 | integrated | 0 0",
			"NVIDIA GeForce RTX 4090 | 536.23 | 24564 |  | 0 1",
			"AMD Radeon RX 6800/6800 XT / 6900 XT | 10.0.19041.868 | 0 | basic-driver",
			"AMD Radeon RX 580 Series | 31.0.21921.1000 | 8176 | disabled",
			"AMD Radeon Graphics | 31.0.21921.1000 | 512 | integrated | 0 2",
			"Intel Arc A770 Graphics | 31.0.101.5186 | 16288 |  | 1 3",
			"NVIDIA GeForce GTX 750 Ti | 391.35 | 2048 | driver-too-old",
		},
	} {
		t.Run(file, func(t *testing.T) {
			m := detect(t, file)
			if got := lines(m); !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			for _, n := range m.Notes {
				if strings.Contains(n.Reason, "gave up") {
					t.Error(n)
				}
			}
		})
	}
}

func TestReasonsNameNumbersAndPackages(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("ghw reads recordings on Linux only")
	}
	for _, test := range []struct {
		file, card     string
		reason, advice string
	}{
		{"windows", "NVIDIA GeForce GTX 750 Ti", "391.35", "452.39"},
		{"windows", "AMD Radeon RX 6800/6800 XT / 6900 XT", "basic driver", "AMD's driver"},
		{"rig-of-six", "NVIDIA GeForce GT 1030", "1024 MiB, and they need 1800", "processor mines"},
		{"radeon-6800", "AMD Radeon RX 6800", "OpenCL", "rocm-opencl-runtime"},
	} {
		found := false
		for _, d := range detect(t, test.file).Devices {
			if d.Name != test.card {
				continue
			}
			found = true
			if d.Mineable || !strings.Contains(d.Reason, test.reason) || !strings.Contains(d.Advice, test.advice) {
				t.Errorf("%s: %q %q, want %q and %q", d.Name, d.Reason, d.Advice, test.reason, test.advice)
			}
		}
		if !found {
			t.Errorf("no %s in %s", test.card, test.file)
		}
	}
}

func TestEveryCauseHasWordsAndNothingElseHas(t *testing.T) {
	seen := map[hwdetect.Cause]bool{}
	for _, c := range hwdetect.Causes() {
		reason, advice := hwdetect.Say(c, nil)
		if reason == "" || advice == "" || seen[c] {
			t.Errorf("%s: %q %q, twice: %v", c, reason, advice, seen[c])
		}
		seen[c] = true
	}
	if len(seen) != hwdetect.CausesWithWords {
		t.Errorf("%d causes are listed and %d have words", len(seen), hwdetect.CausesWithWords)
	}
	if reason, advice := hwdetect.Say(hwdetect.NoCause, nil); reason+advice != "" {
		t.Errorf("no cause says %q %q", reason, advice)
	}
}

// TestDriversFault checks what NVIDIA's tools say of the driver as a whole.
func TestDriversFault(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("ghw reads recordings on Linux only")
	}
	for said, want := range map[string]hwdetect.Cause{
		"NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.": hwdetect.DriverSilent,
		"Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 550.67":                                                        hwdetect.DriverMismatch,
		"No devices were found": hwdetect.NoCause, // the card may be new to an old tool; the bus has it, and a program may try
	} {
		root := unpackTree(t, "testdata/laptop-off.txtar")
		write(t, root, "tools/nvidia-smi", said)
		write(t, root, "sys/devices/pci0000:00/0000:01:00.0/driver", "link: ../../../bus/pci/drivers/nvidia")
		write(t, root, "sys/bus/pci/drivers/nvidia/module", "")
		m, err := hwdetect.Prober{Root: root}.Detect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Devices[len(m.Devices)-1].Cause; got != want {
			t.Errorf("%s: cause %q, want %q", said, got, want)
		}
	}
}

func detect(t *testing.T, file string) hwdetect.Machine {
	t.Helper()
	p := hwdetect.Prober{Root: unpackTree(t, "testdata/"+file+".txtar")}
	if strings.HasPrefix(file, "mac") {
		p.OS = "darwin"
	}
	if file == "windows" {
		p.OS = "windows"
	}
	m, err := p.Detect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func lines(m hwdetect.Machine) []string {
	places := map[string]string{}
	for _, c := range m.Cards() {
		places[c.ID] = fmt.Sprintf(" | %d %d", c.Index, c.All)
	}
	var all []string
	for _, d := range m.Devices {
		if d.Kind == hwdetect.GPUKind {
			all = append(all, fmt.Sprintf("%s | %s | %d | %s%s", d.Name, d.GPU.DriverVersion, d.GPU.Memory>>20, d.Cause, places[d.ID]))
		}
	}
	return all
}
