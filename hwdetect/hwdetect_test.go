package hwdetect_test

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/shirou/gopsutil/v3/host"

	"github.com/adit-mining/adit/hwdetect"
)

func TestDetectSeesThisMachinesProcessorAndWritesNothingToStderr(t *testing.T) {
	said := capture(t, func() {
		m, err := hwdetect.Detect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		cpu := m.CPU()
		if cpu == nil || !cpu.Mineable || cpu.Name == "" || m.Threads() != runtime.NumCPU() {
			t.Errorf("processor = %+v, want a named, mineable one with %d threads", cpu, runtime.NumCPU())
		}
		if m.Memory.Total == 0 {
			t.Error("no main memory found")
		}
		if cpu.TemperatureC == nil && !notes(m, "temperature", "no temperature sensor: ") {
			t.Errorf("no temperature and no named reason: %+v", m.Notes)
		}
		for _, d := range m.Devices {
			if !d.Mineable && (d.Reason == "" || d.Advice == "") {
				t.Errorf("%s cannot mine without a reason and advice", d.Name)
			}
		}
	})
	if said != "" {
		t.Errorf("stderr: %q", said)
	}
}

func TestDetectEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := hwdetect.Detect(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Detect = %v, want %v", err, context.Canceled)
	}
}

func TestDetectSurvivesAnEmptyMachine(t *testing.T) {
	m, err := hwdetect.Prober{Root: t.TempDir()}.Detect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if m.CPU() == nil || m.Threads() != 1 {
		t.Errorf("want a processor of one thread even so, have %+v", m.Devices)
	}
	if len(m.Notes) == 0 {
		t.Error("nothing could be read and no note says so")
	}
}

// The recordings come with ghw; each is a real machine.
func TestDetectReadsRecordedMachines(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("ghw reads recordings on Linux only")
	}
	type card struct{ name, driver, reason string }
	for file, want := range map[string]struct {
		cpu   string
		cores int
		cards []card
	}{
		"linux-amd64-415ee03b8c4d1c4f07ae2e9d8b3d3d6d": {"12th Gen Intel Core i7-1270P", 12,
			[]card{{"Intel Alder Lake-P Integrated Graphics Controller", "i915", "Built-in graphics"}}},
		"linux-amd64-61797caf7c0b6bca1725ad7975ed4773": {"AMD Ryzen 5 1600 Six-Core", 6,
			[]card{{"AMD Radeon HD 6670/7670", "", "No driver"}}},
		"linux-amd64-8581cf3a529e5d8b97ea876eade2f60d": {"Intel Xeon L5640", 12,
			[]card{{"Matrox Electronics Systems Ltd. MGA G200eW WPCM450", "mgag200", "server's console"}}},
		"linux-amd64-accel-nvidia": {"Intel Xeon E5-2695 v4", 8, []card{
			{"Red Hat, Inc. Virtio 1.0 GPU", "virtio-pci", "virtual machine"},
			{"NVIDIA Tesla P100 PCIe 16GB", "nvidia", ""},
		}},
		"linux-amd64-offlineCPUs":                      {"Intel Xeon (Skylake, IBRS)", 2, nil},
		"linux-arm64-c288e0776090cd558ef793b2a4e61939": {"", 1, nil},
		"linux-s390x-snapshot":                         {"", 1, nil},
	} {
		t.Run(file, func(t *testing.T) {
			m, err := hwdetect.Prober{Root: unpackSnapshot(t, file)}.Detect(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			cpu := m.CPU()
			if want.cpu != "" && (cpu.Name != want.cpu || cpu.CPU.Cores != want.cores) {
				t.Errorf("processor = %q with %d cores, want %q with %d", cpu.Name, cpu.CPU.Cores, want.cpu, want.cores)
			}
			cards := m.Devices[1:]
			if notes(m, "gpu", "no graphics card found") != (len(cards) == 0) {
				t.Errorf("%d cards and the notes %v", len(cards), m.Notes)
			}
			if len(cards) != len(want.cards) {
				t.Fatalf("%d cards, want %d: %+v", len(cards), len(want.cards), cards)
			}
			for i, w := range want.cards {
				d := cards[i]
				if d.Name != w.name || d.GPU.Driver != w.driver {
					t.Errorf("card %q under %q, want %q under %q", d.Name, d.GPU.Driver, w.name, w.driver)
				}
				if d.Mineable != (w.reason == "") || !strings.Contains(d.Reason, w.reason) || d.Mineable == (d.Advice != "") {
					t.Errorf("%s: mineable %v, %q, %q; want %q", d.Name, d.Mineable, d.Reason, d.Advice, w.reason)
				}
			}
		})
	}
}

func TestDetectReadsACardsSensors(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("sysfs is Linux's")
	}
	root := unpackTree(t, "testdata/radeon-7900.txtar")
	m, err := hwdetect.Prober{Root: root}.Detect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cpu, card := m.Devices[0], m.Devices[1]
	if cpu.TemperatureC == nil || *cpu.TemperatureC != 61.25 {
		t.Errorf("processor's temperature = %v, want 61.25, not the disk's", cpu.TemperatureC)
	}
	if cpu.CPU.L3 != 32<<20 || cpu.CPU.Cores != 1 || cpu.CPU.Threads != 2 {
		t.Errorf("processor = %+v", cpu.CPU)
	}
	if card.Name != "AMD Radeon RX 7900 XT/7900 XTX" || card.GPU.DriverVersion != "6.8.5" || card.GPU.Memory != 25753026560 || !card.Mineable {
		t.Errorf("card = %+v %+v", card, card.GPU)
	}
	if card.TemperatureC == nil || *card.TemperatureC != 46 || *card.PowerW != 31 || *card.FanPercent != 20 || *card.GPU.BusyPercent != 3 {
		t.Errorf("sensors: %v %v %v %v", card.TemperatureC, card.PowerW, card.FanPercent, card.GPU.BusyPercent)
	}
	// The card warms up; the first reading must not change under its reader.
	write(t, root, "sys/devices/pci0000:00/0000:00:01.1/0000:03:00.0/hwmon/hwmon2/temp1_input", "71000\n")
	later := hwdetect.Prober{Root: root}.Sense(t.Context(), m)
	if *later.Devices[1].TemperatureC != 71 || *card.TemperatureC != 46 {
		t.Errorf("after warming: %v then %v", *card.TemperatureC, *later.Devices[1].TemperatureC)
	}
}

func TestDetectNamesWhatIsWrongWithADriver(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("sysfs is Linux's")
	}
	m, err := hwdetect.Prober{Root: unpackTree(t, "testdata/nvidia-nouveau.txtar")}.Detect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if cpu := m.Devices[0]; cpu.Name != "Intel Core i7-8700" || cpu.TemperatureC != nil {
		t.Errorf("processor = %q at %v, want no temperature from a broken sensor", cpu.Name, cpu.TemperatureC)
	}
	if !notes(m, "temperature", "no temperature sensor of the processor") {
		t.Errorf("notes = %+v", m.Notes)
	}
	old, latest := m.Devices[1], m.Devices[2]
	if old.Mineable || !strings.Contains(old.Reason, "nouveau") || !strings.Contains(old.Advice, "NVIDIA") {
		t.Errorf("%+v", old)
	}
	if latest.Name != "NVIDIA GeForce RTX 9090" || !latest.Mineable || latest.GPU.DriverVersion != "580.65.06" {
		t.Errorf("%+v %+v", latest, latest.GPU)
	}
}

func TestProcessorTemperaturePrefersTheProcessorsOwnSensor(t *testing.T) {
	for name, test := range map[string]struct {
		stats []host.TemperatureStat
		want  float64
		ok    bool
	}{
		"no sensor":      {nil, 0, false},
		"only a disk":    {[]host.TemperatureStat{{SensorKey: "nvme_composite", Temperature: 80}}, 0, false},
		"package":        {[]host.TemperatureStat{{SensorKey: "acpitz", Temperature: 27}, {SensorKey: "coretemp_core_0", Temperature: 70}, {SensorKey: "coretemp_package_id_0", Temperature: 66}}, 66, true},
		"hottest socket": {[]host.TemperatureStat{{SensorKey: "coretemp_package_id_0", Temperature: 50}, {SensorKey: "coretemp_package_id_1", Temperature: 61}}, 61, true},
		"a limit is not a reading": {[]host.TemperatureStat{{SensorKey: "coretemp_package_id_0_crit", Temperature: 100},
			{SensorKey: "coretemp_package_id_0", Temperature: 44}}, 44, true},
		"broken":       {[]host.TemperatureStat{{SensorKey: "k10temp_tctl", Temperature: 0}, {SensorKey: "acpitz", Temperature: 127}}, 0, false},
		"raspberry pi": {[]host.TemperatureStat{{SensorKey: "cpu-thermal", Temperature: 51.5}}, 51.5, true},
	} {
		if got, ok := hwdetect.ProcessorTemperature(test.stats); got != test.want || ok != test.ok {
			t.Errorf("%s: got %v %v, want %v %v", name, got, ok, test.want, test.ok)
		}
	}
}

func TestJSONNamesStay(t *testing.T) {
	m, err := hwdetect.Detect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{`"os"`, `"memory"`, `"total_bytes"`, `"devices"`, `"notes":[`, `"mineable"`, `"temperature_c"`, `"cores"`, `"threads"`, `"features":[`} {
		if !strings.Contains(string(text), key) {
			t.Errorf("%s is missing in %s", key, text)
		}
	}
}

func notes(m hwdetect.Machine, probe, start string) bool {
	for _, n := range m.Notes {
		if n.Probe == probe && strings.HasPrefix(n.Reason, start) {
			return true
		}
	}
	return false
}

// capture returns what f makes this process write to stderr.
func capture(t *testing.T, f func()) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	old := os.Stderr
	os.Stderr = w
	f()
	os.Stderr = old
	w.Close()
	said, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(said)
}

func unpackTree(t testing.TB, file string) string {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	for _, f := range archive.Files {
		write(t, root, f.Name, string(f.Data))
	}
	return root
}

func write(t testing.TB, root, name, text string) {
	t.Helper()
	path := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	var err error
	if target, ok := strings.CutPrefix(strings.TrimSpace(text), "link: "); ok {
		err = os.Symlink(target, path)
	} else {
		err = os.WriteFile(path, []byte(text), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func unpackSnapshot(t *testing.T, name string) string {
	t.Helper()
	module, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/jaypipes/ghw").Output()
	if err != nil {
		t.Skipf("where is ghw: %v", err)
	}
	f, err := os.Open(filepath.Join(strings.TrimSpace(string(module)), "testdata", "snapshots", name+".tar.gz"))
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return root
		}
		if err != nil {
			t.Fatal(err)
		}
		if !looked(h.Name) {
			continue
		}
		path := filepath.Join(root, h.Name)
		if h.Typeflag == tar.TypeDir {
			err = os.MkdirAll(path, 0o755)
		} else if err = os.MkdirAll(filepath.Dir(path), 0o755); err == nil && h.Typeflag == tar.TypeSymlink {
			err = os.Symlink(h.Linkname, path)
		} else if err == nil {
			err = copyTo(path, r)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// looked reports whether the probes look at a file of a snapshot; most are banks of
// memory and further threads, which take longer to unpack than all the rest.
func looked(name string) bool {
	name = strings.TrimPrefix(name, "./")
	for _, folder := range []string{"sys/devices/system/memory/", "sys/devices/system/node/", "sys/devices/virtual/"} {
		if strings.HasPrefix(name, folder) {
			return false
		}
	}
	thread, ofThread := strings.CutPrefix(name, "sys/devices/system/cpu/cpu")
	return !ofThread || strings.HasPrefix(thread, "0/")
}

func copyTo(path string, r io.Reader) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Close())
}

// TestKeysAreStable has every key of the JSON. It fails when one goes or changes its
// name, which only a new version of adit devices --json may do.
func TestKeysAreStable(t *testing.T) {
	number, percent := 50.0, 50
	text, err := json.Marshal(hwdetect.Machine{
		Rights: hwdetect.Rights{HugePages: &hwdetect.HugePages{}},
		Devices: []hwdetect.Device{{
			CPU: &hwdetect.CPU{Features: []string{}}, GPU: &hwdetect.GPU{BusyPercent: &percent, DriverVersion: "1"},
			TemperatureC: &number, FanPercent: &number, PowerW: &number, Reason: "why", Advice: "what",
			Cause: hwdetect.DriverTooOld, CauseArgs: map[string]string{},
		}},
		Notes: []hwdetect.Note{{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var document any
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	want := strings.Fields(`.arch .devices .devices.advice .devices.cause .devices.cpu .devices.cpu.cores .devices.cpu.features .devices.cpu.l1_data_bytes
		.devices.cpu.l2_bytes .devices.cpu.l3_bytes .devices.cpu.sockets .devices.cpu.speed_percent .devices.cpu.threads .devices.cpu.virtual
		.devices.fan_percent .devices.gpu .devices.gpu.asleep .devices.gpu.busy_percent .devices.gpu.cuda_capability .devices.gpu.cuda_version
		.devices.gpu.device_id .devices.gpu.driver .devices.gpu.driver_version .devices.gpu.fan_rpm .devices.gpu.hotspot_c .devices.gpu.integrated
		.devices.gpu.memory_bytes .devices.gpu.memory_c .devices.gpu.memory_used_bytes .devices.gpu.opencl .devices.gpu.pci_address
		.devices.gpu.power_limit_w .devices.gpu.slice .devices.gpu.uuid .devices.gpu.vendor_id .devices.id .devices.kind .devices.mineable
		.devices.name .devices.power_w .devices.reason .devices.temperature_c .devices.vendor .memory .memory.available_bytes
		.memory.total_bytes .notes .notes.probe .notes.reason .os .rights .rights.huge_pages .rights.huge_pages.enough_for_randomx
		.rights.huge_pages.free_1g .rights.huge_pages.free_2m .rights.huge_pages.total_1g .rights.huge_pages.total_2m .rights.lock_pages
		.rights.root .rights.write_msr`)
	got := keys("", document)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func keys(path string, v any) (all []string) {
	switch v := v.(type) {
	case map[string]any:
		for name, child := range v {
			all = append(all, path+"."+name)
			all = append(all, keys(path+"."+name, child)...)
		}
	case []any:
		for _, child := range v {
			all = append(all, keys(path, child)...)
		}
	}
	return all
}
