package hwdetect_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/packaging/bubble"
)

func TestMain(m *testing.M) {
	if os.Getenv("ADIT_DETECT_REPORT") == "" {
		os.Exit(m.Run())
	}
	printMachine()
}

// printMachine prints what a process finds whose library path the parent has set.
func printMachine() {
	s := hwdetect.Prober{}.Open()
	defer s.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	m, err := s.Detect(ctx)
	if err != nil {
		panic(err)
	}
	m = s.Sense(ctx, m)
	_ = json.NewEncoder(os.Stdout).Encode(m)
}

func TestSensorsReadEveryValueOfACard(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("sysfs is Linux's")
	}
	m := detect(t, "radeon-6800")
	d := m.Devices[1]
	g := d.GPU
	if *d.TemperatureC != 61 || *g.HotspotC != 78 || *g.MemoryC != 84 || *d.PowerW != 152 || *g.PowerLimitW != 203 || *d.FanPercent != 40 ||
		*g.FanRPM != 1420 || *g.BusyPercent != 99 || *g.MemoryUsed != 1<<30 || g.UUID != "a1b2c3d4e5f60718" {
		t.Errorf("%+v %+v", d, g)
	}
	h := m.Rights.HugePages
	if h == nil || h.Total2M != 1280 || h.Free2M != 1168 || !h.RandomX {
		t.Errorf("huge pages = %+v, want enough for RandomX", h)
	}
}

func TestSensorsLeaveASleepingCardAlone(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("sysfs is Linux's")
	}
	d := detect(t, "laptop-asleep").Devices[2]
	if !d.GPU.Asleep || !d.Mineable || d.TemperatureC != nil {
		t.Errorf("%+v %+v, want it mineable and not read", d, d.GPU)
	}
}

func TestSensorsReadWhatNvidiaSMISays(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("sysfs is Linux's")
	}
	m := detect(t, "rig-of-six")
	first, mute := m.Devices[1], m.Devices[4]
	if *first.TemperatureC != 62 || *first.GPU.MemoryC != 84 || *first.FanPercent != 45 || *first.PowerW != 219.75 || *first.GPU.BusyPercent != 97 ||
		first.GPU.CUDACapability != "8.6" || first.GPU.UUID == "" {
		t.Errorf("%+v %+v", first, first.GPU)
	}
	if mute.TemperatureC != nil || mute.FanPercent != nil || mute.PowerW != nil || mute.GPU.MemoryUsed != nil {
		t.Errorf("%+v %+v, want nothing known", mute, mute.GPU)
	}
}

func TestSensorsReadAMac(t *testing.T) {
	m := detect(t, "mac-m2")
	cpu := m.CPU()
	if cpu.Name != "Apple M2" || cpu.CPU.Cores != 8 || *cpu.CPU.SpeedPercent != 100 || *m.Devices[1].GPU.BusyPercent != 16 {
		t.Errorf("%+v %+v", cpu, cpu.CPU)
	}
	if hot := detect(t, "mac-intel").CPU(); *hot.CPU.SpeedPercent != 60 || hot.CPU.Cores != 8 {
		t.Errorf("%+v", hot.CPU)
	}
}

// TestPowerIsTheEnergyBetweenTwoLooks reads the meters of a processor and of Intel's
// cards.
func TestPowerIsTheEnergyBetweenTwoLooks(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("sysfs is Linux's")
	}
	for file, meter := range map[string]string{
		"radeon-6800": "sys/class/powercap/intel-rapl:0/energy_uj",
		"intel-arc":   "sys/devices/pci0000:00/0000:03:00.0/hwmon/hwmon3/energy1_input",
	} {
		root := unpackTree(t, "testdata/"+file+".txtar")
		bubble.Test(t, func(t *testing.T) {
			s := hwdetect.Prober{Root: root}.Open()
			defer s.Close()
			m, err := s.Detect(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			metered := func() *float64 {
				if file == "radeon-6800" {
					return m.Devices[0].PowerW
				}
				return m.Devices[2].PowerW
			}
			if metered() != nil {
				t.Errorf("%s: %v W after one look", file, *metered())
			}
			time.Sleep(2 * time.Second)
			overwrite(t, root, meter, "131000000")
			m = s.Sense(t.Context(), m)
			if want := map[string]float64{"radeon-6800": 65, "intel-arc": 63}[file]; metered() == nil || *metered() != want {
				t.Errorf("%s: %v, want %v W", file, metered(), want)
			}
			time.Sleep(2 * time.Second)
			overwrite(t, root, meter, "5") // it began anew
			if m = s.Sense(t.Context(), m); metered() != nil {
				t.Errorf("%s: %v W by a meter that began anew", file, *metered())
			}
		})
	}
}

func TestNvidiaSMIIsNotAskedAtEveryLook(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("sysfs is Linux's")
	}
	root := unpackTree(t, "testdata/rig-of-six.txtar")
	bubble.Test(t, func(t *testing.T) {
		s := hwdetect.Prober{Root: root}.Open()
		defer s.Close()
		m, err := s.Detect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		old, err := os.ReadFile(filepath.Join(root, "tools/nvidia-smi"))
		if err != nil {
			t.Fatal(err)
		}
		overwrite(t, root, "tools/nvidia-smi", strings.Replace(string(old), ", 62,", ", 71,", 1))
		time.Sleep(hwdetect.DearEvery / 2)
		if m = s.Sense(t.Context(), m); *m.Devices[1].TemperatureC != 62 {
			t.Errorf("asked again at once: %v", *m.Devices[1].TemperatureC)
		}
		time.Sleep(hwdetect.DearEvery)
		if m = s.Sense(t.Context(), m); *m.Devices[1].TemperatureC != 71 {
			t.Errorf("never asked again: %v", *m.Devices[1].TemperatureC)
		}
		overwrite(t, root, "tools/nvidia-smi", strings.Replace(string(old), "62, 45 %", "[GPU is lost], [GPU is lost]", 1))
		time.Sleep(hwdetect.DearEvery)
		if m = s.Sense(t.Context(), m); m.Devices[1].Cause != hwdetect.CardLost || m.Devices[1].Mineable {
			t.Errorf("a card that fell off the bus while mining: %+v", m.Devices[1])
		}
	})
}

// TestDetectUsesNvidiasLibrary runs against the fake of package nvml, which makes this
// machine one with two cards.
func TestDetectUsesNvidiasLibrary(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the fake is for Linux")
	}
	m := detectWithFake(t, "")
	cards := nvidiaCards(m)
	if len(cards) < 2 {
		t.Fatalf("%d cards: %+v", len(cards), m)
	}
	d := cards[0]
	if d.Name != "NVIDIA GeForce RTX 3080" || !d.Mineable || d.GPU.DriverVersion != "550.54.14" || d.GPU.CUDAVersion != "12.4" || d.GPU.CUDACapability != "8.6" ||
		*d.TemperatureC != 62 || *d.GPU.MemoryC != 84 || *d.PowerW != 219.75 || d.ID != "gpu-0000:01:00.0" || d.GPU.Memory != 10<<30 {
		t.Errorf("%+v %+v", d, d.GPU)
	}
	for _, d := range nvidiaCards(detectWithFake(t, "MIG")) {
		if d.Cause != hwdetect.Partitioned {
			t.Errorf("%s is a slice, cause %q", d.Name, d.Cause)
		}
	}
}

func nvidiaCards(m hwdetect.Machine) []hwdetect.Device {
	return slices.DeleteFunc(m.Devices, func(d hwdetect.Device) bool { return d.GPU == nil || d.GPU.VendorID != "10de" })
}

func detectWithFake(t *testing.T, variant string) hwdetect.Machine {
	t.Helper()
	dir := t.TempDir()
	args := []string{"-shared", "-fPIC", "-o", filepath.Join(dir, "libnvidia-ml.so.1"), "nvml/testdata/fake.c"}
	if variant != "" {
		args = append(args, "-D"+variant)
	}
	if out, err := exec.CommandContext(t.Context(), "gcc", args...).CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "ADIT_DETECT_REPORT=1", "LD_LIBRARY_PATH="+dir)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil || said.Len() > 0 {
		t.Fatalf("%v: %s", err, said.String())
	}
	var m hwdetect.Machine
	if err := json.Unmarshal(out, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// BenchmarkSense is the cost of a look at this machine, of which the app takes one
// every few seconds.
func BenchmarkSense(b *testing.B) {
	benchmark(b, hwdetect.Prober{})
}

// BenchmarkSenseRig is that for a rig of six, without the cost of the real sysfs.
func BenchmarkSenseRig(b *testing.B) {
	benchmark(b, hwdetect.Prober{Root: unpackTree(b, "testdata/rig-of-six.txtar")})
}

func benchmark(b *testing.B, p hwdetect.Prober) {
	s := p.Open()
	defer s.Close()
	m, err := s.Detect(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		m = s.Sense(b.Context(), m)
	}
}
