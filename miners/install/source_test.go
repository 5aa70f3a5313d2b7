package install_test

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners/install"
)

func listen(tb testing.TB, server *http.Server) (url string) {
	tb.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	go server.Serve(l)
	tb.Cleanup(func() { server.Close() })
	return "http://" + l.Addr().String()
}

func text(t testing.TB, c install.Catalogue) []byte {
	t.Helper()
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func sample(t testing.TB) install.Catalogue {
	archive := pack(t, install.Zip, program)
	return catalogueOf(programOf(buildOf(install.Zip, archive, program)))
}

func TestTheDocumentedCatalogueIsRight(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "catalogue.md"))
	if err != nil {
		t.Fatal(err)
	}
	example := regexp.MustCompile("(?s)```json\n(.*?)```").FindSubmatch(doc)
	if example == nil {
		t.Fatal("docs/catalogue.md has no example")
	}
	c, err := install.ReadCatalogue(example[1])
	if err != nil {
		t.Fatalf("ReadCatalogue = %v", err)
	}
	if len(c.Programs) == 0 || len(c.Programs[0].Builds) == 0 {
		t.Error("the example lacks a program with a build")
	}
}

func TestValidateTellsAllFaultsAtOnceEachWithItsPlace(t *testing.T) {
	c := sample(t)
	c.Version = 2
	c.Programs = append(c.Programs, c.Programs[0])
	p := &c.Programs[1]
	p.Name, p.Licence, p.Source, p.Homepage = "XM Rig", "", "", "ftp://xmrig.example"
	p.Algorithms = []install.Algorithm{{Name: "rx/0", Devices: []install.Hardware{"tpu"}, FeePercent: -1}, {Name: "scrypt", MinComputeCapability: "six"}}
	b := p.Builds[0]
	b.OS, b.Arch, b.CPUFeatures, b.Devices = "plan9", "", []string{"avx2!"}, nil
	b.MinDriver = map[install.Hardware]string{"cpu": "new"}
	b.URLs, b.Size, b.SHA256, b.Archive = []string{"https://user:password@pool.example/x", "x"}, 0, "ABC", "rar"
	b.Executable, b.Files = "other", []install.File{{Path: "../up", Size: -1}, {Path: "A"}, {Path: "a"}}
	p.Builds = []install.Build{b}
	err := c.Validate()
	if err == nil {
		t.Fatal("Validate finds nothing")
	}
	for _, want := range []string{
		"version: want 1, have 2",
		`programs[1].name: want`, `programs[1].licence: want`, `programs[1].homepage: want`, `programs[1].source: want`,
		`programs[1].algorithms[0].name: want Adit's spelling, "randomx"`, `programs[1].algorithms[0].devices: want`, `programs[1].algorithms[0].fee_percent: want`,
		`programs[1].algorithms[1].devices: want one or more`, `programs[1].algorithms[1].min_compute_capability: want`,
		`programs[1].builds[0].os: want`, `programs[1].builds[0].arch: want`, `programs[1].builds[0].cpu_features: want`, `programs[1].builds[0].devices: want`,
		`programs[1].builds[0].min_driver: want`, `programs[1].builds[0].min_driver.cpu: want`, `programs[1].builds[0].urls: want`,
		`programs[1].builds[0].size: want`, `programs[1].builds[0].sha256: want`, `programs[1].builds[0].archive: want`, `programs[1].builds[0].executable: want`,
		`programs[1].builds[0].files[0].path: want`, `programs[1].builds[0].files[0].size: want`, `programs[1].builds[0].files[1].sha256: want`,
		`programs[1].builds[0].files[2].path: want paths that differ`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no fault %q in:\n%v", want, err)
		}
	}
}

func TestReadCatalogueIsStrict(t *testing.T) {
	good := string(text(t, sample(t)))
	if _, err := install.ReadCatalogue([]byte(good)); err != nil {
		t.Fatalf("ReadCatalogue = %v", err)
	}
	for name, bad := range map[string]string{
		"unknown key":  strings.Replace(good, `"version"`, `"requires":"more","version"`, 1),
		"more behind":  good + "{}",
		"half":         good[:len(good)/2],
		"wrong type":   strings.Replace(good, `"version":1`, `"version":"1"`, 1),
		"empty":        "",
		"null":         "null",
		"too long":     good + strings.Repeat(" ", 8<<20),
		"same version": string(text(t, catalogueOf(sample(t).Programs[0], sample(t).Programs[0]))),
	} {
		if _, err := install.ReadCatalogue([]byte(bad)); err == nil {
			t.Errorf("%s: ReadCatalogue succeeds", name)
		}
	}
}

func TestLoadReadsAFile(t *testing.T) {
	path := saved(t, text(t, sample(t)))
	c, note, err := install.Source{Location: path}.Load(t.Context())
	if err != nil || note != nil || len(c.Programs) != 1 {
		t.Errorf("Load = %d programs, %v, %v", len(c.Programs), note, err)
	}
	if _, _, err := (install.Source{Location: path + "x"}).Load(t.Context()); err == nil {
		t.Error("Load of a file that is not there succeeds")
	}
}

func TestLoadKeepsACopyForStartsWithoutANetwork(t *testing.T) {
	m := newMirror(t, serve(text(t, sample(t))))
	s := install.Source{Location: m.URL, Cache: filepath.Join(t.TempDir(), "cache")}
	for range 2 {
		if c, note, err := s.Load(t.Context()); err != nil || note != nil || len(c.Programs) != 1 {
			t.Fatalf("Load = %d programs, %v, %v", len(c.Programs), note, err)
		}
	}
	if m.requests[1].Header.Get("If-None-Match") == "" {
		t.Error("the second Load downloads what it has")
	}
	m.Close()
	if c, note, err := s.Load(t.Context()); err != nil || note == nil || len(c.Programs) != 1 {
		t.Errorf("Load without a network = %d programs, note %v, %v; want the copy, and why", len(c.Programs), note, err)
	}
	s.Location = "http://127.0.0.1:1/other"
	if _, _, err := s.Load(t.Context()); err == nil {
		t.Error("the copy of one address serves for another")
	}
}

func TestLoadUsesTheCopyWhereTheServerAnswersNonsense(t *testing.T) {
	newer := sample(t)
	newer.Programs = append(newer.Programs, newer.Programs[0])
	newer.Programs[1].Version = "6.27"
	m := newMirror(t, serve(text(t, sample(t))), status(500), headers(200, []byte("<html>")), headers(304, nil, "ETag", "x"), serve(text(t, newer)))
	s := install.Source{Location: m.URL, Cache: t.TempDir()}
	for n, want := range []struct {
		programs int
		note     bool
	}{{1, false}, {1, true}, {1, true}, {1, false}, {2, false}} {
		c, note, err := s.Load(t.Context())
		if err != nil || len(c.Programs) != want.programs || (note != nil) != want.note {
			t.Errorf("Load %d = %d programs, note %v, %v; want %+v", n, len(c.Programs), note, err, want)
		}
	}
}

func TestADamagedCopyIsFetchedAnew(t *testing.T) {
	m := newMirror(t, serve(text(t, sample(t))))
	s := install.Source{Location: m.URL, Cache: t.TempDir()}
	if _, _, err := s.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	entries, _ := os.ReadDir(s.Cache)
	path := filepath.Join(s.Cache, entries[0].Name())
	if err := os.Truncate(path, 100); err != nil {
		t.Fatal(err)
	}
	if c, note, err := s.Load(t.Context()); err != nil || note != nil || len(c.Programs) != 1 {
		t.Errorf("Load = %d programs, %v, %v", len(c.Programs), note, err)
	}
	if m.requests[1].Header.Get("If-None-Match") != "" {
		t.Error("the request names an ETag without a catalogue")
	}
}

func FuzzReadCatalogue(f *testing.F) {
	f.Add(text(f, sample(f)))
	f.Add([]byte(`{"version":1,"issued":"2026-11-01T00:00:00Z","programs":[{"builds":[{"files":[{"path":"../x"}]}]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := install.ReadCatalogue(text)
		if err != nil {
			return
		}
		for _, p := range c.Programs {
			for _, b := range p.Builds {
				for _, file := range b.Files {
					if !filepath.IsLocal(filepath.FromSlash(file.Path)) {
						t.Errorf("the path %q passes", file.Path)
					}
				}
			}
		}
		again, err := json.Marshal(c)
		if err != nil {
			t.Fatalf("write it again: %v", err)
		}
		if _, err := install.ReadCatalogue(again); err != nil {
			t.Errorf("read it again: %v", err)
		}
	})
}
