//go:build linux && (amd64 || arm64)

package nvml_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-mining/adit/hwdetect/nvml"
)

// report is what the library told a process of its own, for a library's path is
// settled when a process starts.
type report struct {
	Err           string
	Driver, CUDA  string
	Cards         []nvml.Card
	Readings      []nvml.Reading
	ReadErr       []string
	StrangersCard string
}

func TestMain(m *testing.M) {
	if os.Getenv("ADIT_NVML_REPORT") == "" {
		os.Exit(m.Run())
	}
	var r report
	l, err := nvml.Open()
	for _, known := range []error{nvml.ErrAbsent, nvml.ErrNoDriver, nvml.ErrMismatch} {
		if errors.Is(err, known) {
			r.Err = known.Error()
		}
	}
	if err == nil {
		r.Driver, r.CUDA = l.Driver()
		for _, c := range l.Cards() {
			if c.Err != nil {
				r.ReadErr = append(r.ReadErr, c.Err.Error())
				c.Err = nil
			}
			r.Cards = append(r.Cards, c)
			reading, _ := l.Read(c.PCI)
			r.Readings = append(r.Readings, reading)
		}
		_, err := l.Read("ffff:00:00.0")
		r.StrangersCard = err.Error()
		l.Close()
	}
	_ = json.NewEncoder(os.Stdout).Encode(r)
}

func TestOpenTellsOfTwoCards(t *testing.T) {
	r := ask(t, "")
	if r.Err != "" || r.Driver != "550.54.14" || r.CUDA != "12.4" || len(r.Cards) != 2 || r.StrangersCard == "" {
		t.Fatalf("%+v", r)
	}
	want := nvml.Card{PCI: "0000:0a:00.0", VendorID: "10de", DeviceID: "1f82", Name: "NVIDIA GeForce GTX 1650", UUID: "GPU-00000001-0000-0000-0000-000000000000", Memory: 4 << 30, Capability: "7.5"}
	if r.Cards[1] != want || r.Cards[0].PCI != "0000:01:00.0" || r.Cards[0].Capability != "8.6" {
		t.Errorf("cards = %+v, want the second to be %+v", r.Cards, want)
	}
	first, second := r.Readings[0], r.Readings[1]
	if *first.TemperatureC != 62 || *first.MemoryC != 84 || *first.FanPercent != 45 || *first.PowerW != 219.75 || *first.LimitW != 320 || *first.BusyPercent != 97 || *first.MemoryUsed != 1<<30 {
		t.Errorf("first reading = %+v", first)
	}
	if *second.TemperatureC != 41 || second.MemoryC != nil || second.FanPercent != nil || *second.BusyPercent != 0 {
		t.Errorf("second reading = %+v, want no fan and no memory sensor", second)
	}
}

func TestAnOldDriversMissingFunctionsAreUnknownValues(t *testing.T) {
	r := ask(t, "OLD")
	if r.Err != "" || len(r.Cards) != 2 || r.CUDA != "" {
		t.Fatalf("%+v", r)
	}
	c := r.Cards[0]
	if c.PCI != "0000:01:00.0" || c.Memory != 10<<30 || c.Capability != "" || *r.Readings[0].TemperatureC != 62 || r.Readings[0].MemoryC != nil {
		t.Errorf("%+v %+v", c, r.Readings[0])
	}
}

func TestOpenNamesWhyItCannot(t *testing.T) {
	for variant, want := range map[string]error{"NODRIVER": nvml.ErrNoDriver, "MISMATCH": nvml.ErrMismatch} {
		if r := ask(t, variant); r.Err != want.Error() {
			t.Errorf("%s: %q, want %q", variant, r.Err, want)
		}
	}
	if r := askIn(t, t.TempDir()); r.Err != nvml.ErrAbsent.Error() && len(r.Cards) == 0 {
		t.Errorf("without a library: %q", r.Err)
	}
}

func TestALostCardDoesNotHideTheOther(t *testing.T) {
	r := ask(t, "LOST")
	if len(r.Cards) != 2 || len(r.ReadErr) != 1 || r.ReadErr[0] != nvml.ErrLost.Error() || *r.Readings[0].TemperatureC != 62 {
		t.Errorf("%+v", r)
	}
}

func TestFailuresAndNonsenseAreUnknownValues(t *testing.T) {
	for _, variant := range []string{"FAILING", "NONSENSE"} {
		for _, got := range ask(t, variant).Readings {
			if got.TemperatureC != nil || got.MemoryC != nil || got.FanPercent != nil || got.PowerW != nil || got.LimitW != nil || got.BusyPercent != nil {
				t.Errorf("%s: %+v", variant, got)
			}
		}
	}
}

func TestSlicesAreToldApart(t *testing.T) {
	r := ask(t, "MIG")
	if len(r.Cards) != 2 || !r.Cards[0].MIG || r.Cards[0].VGPU || !r.Cards[1].VGPU || r.Cards[1].MIG {
		t.Errorf("%+v", r.Cards)
	}
}

// ask builds a variant of the fake library and asks it.
func ask(t *testing.T, variant string) report {
	t.Helper()
	dir := t.TempDir()
	args := []string{"-shared", "-fPIC", "-o", filepath.Join(dir, "libnvidia-ml.so.1"), "testdata/fake.c"}
	if variant != "" {
		args = append(args, "-D"+variant)
	}
	if out, err := exec.CommandContext(t.Context(), "gcc", args...).CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, out)
	}
	return askIn(t, dir)
}

func askIn(t *testing.T, dir string) report {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "ADIT_NVML_REPORT=1", "LD_LIBRARY_PATH="+dir)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil || said.Len() > 0 {
		t.Fatalf("asking ended with %v: %s", err, said.String())
	}
	var r report
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("%v in %q", err, out)
	}
	return r
}
