package bundle_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/bundle"
	"github.com/adit-mining/adit/app/doctor"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/hwdetect"
)

func contents() bundle.Contents {
	s := settings.Default()
	s.Pool, s.Worker = "https://pool.example/"+account+"?key=x", "attic-rig"
	s.Catalogue = "https://me:pw@catalogue.example/private/list"
	s.Miner = "/home/zacharias/miners/xmrig"
	return bundle.Contents{
		Made:     time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC),
		Versions: map[string]string{"adit": "0.1.0", "xmrig": "6.26.0"},
		History:  []string{"Adit began to mine for " + account + ".", "A backup is in /home/zacharias/adit-key.age."},
		Settings: s,
		Machine:  hwdetect.Machine{OS: "linux", Devices: []hwdetect.Device{{ID: "gpu-0000:0a:00.0", Name: "Card", Kind: hwdetect.GPUKind}}, Notes: []hwdetect.Note{}},
		Findings: []doctor.Finding{{Check: "clock", Level: doctor.Good, Code: "ok", Args: map[string]string{"Host": "192.168.7.8"}}},
		Output: map[string][]string{
			"xmrig":        {"POOL #1 pool.example:3333", "login " + account + ".attic-rig", "bye"},
			"../../bad/..": slices.Repeat([]string{"line 7"}, 3000),
		},
		Private: []string{publicKey, account},
	}
}

func unzip(t *testing.T, c bundle.Contents) map[string]string {
	t.Helper()
	var b bytes.Buffer
	if err := bundle.Write(&b, c); err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(text)
	}
	return files
}

func TestABundleHelpsAndTellsNothingPersonal(t *testing.T) {
	t.Setenv("HOME", "/somewhere/of-alexandra")
	t.Setenv("USER", "alexandra")
	c := contents()
	c.Output["minerd"] = []string{"cannot read /somewhere/of-alexandra/x", "user Alexandra"}
	files := unzip(t, c)
	want := []string{"doctor.json", "history.txt", "machine.json", "programs/1-______bad___.txt", "programs/2-minerd.txt", "programs/3-xmrig.txt", "readme.txt", "settings.json", "system.json"}
	if got := slices.Sorted(maps.Keys(files)); !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	for name, text := range files {
		for _, hidden := range []string{account, publicKey, "zacharias", "attic", "lexandra", "192.168", "me:pw", "private/list", "key=x"} {
			if strings.Contains(text, hidden) {
				t.Errorf("%s holds %q:\n%s", name, hidden, text)
			}
		}
		if strings.HasSuffix(name, ".json") && !json.Valid([]byte(text)) {
			t.Errorf("%s is no JSON:\n%s", name, text)
		}
	}
	for name, kept := range map[string]string{
		"history.txt": "Adit began to mine for ***.\n", "settings.json": `"pool": "pool.example"`, "machine.json": `"gpu-0000:0a:00.0"`,
		"doctor.json": `"clock"`, "programs/3-xmrig.txt": "POOL #1 pool.example:3333\n", "system.json": `"xmrig": "6.26.0"`, "readme.txt": "look before you send",
	} {
		if !strings.Contains(files[name], kept) {
			t.Errorf("%s lacks %q:\n%s", name, kept, files[name])
		}
	}
	if n := strings.Count(files["programs/1-______bad___.txt"], "line 7\n"); n != 2000 {
		t.Errorf("%d lines of a program's output, want the last 2000", n)
	}
}

func TestThisComputersNameIsNotInIt(t *testing.T) {
	name, err := os.Hostname()
	if err != nil || len(name) < 3 {
		t.Setenv("COMPUTERNAME", "kitchen-pc")
		name = "kitchen-pc"
	}
	c := contents()
	c.History = []string{"on " + strings.ToUpper(name) + " now"}
	if got := unzip(t, c)["history.txt"]; got != "on *** now\n" && name != "localhost" {
		t.Errorf("%q", got)
	}
}

func TestAnEmptyBundleIsWritten(t *testing.T) {
	if files := unzip(t, bundle.Contents{}); len(files) != 6 {
		t.Errorf("%d files", len(files))
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestAFullDiskIsAnError(t *testing.T) {
	if err := bundle.Write(fullDisk{}, contents()); err == nil || !strings.Contains(err.Error(), "no space") {
		t.Errorf("%v", err)
	}
}
