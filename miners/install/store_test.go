package install_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/install"
	"github.com/adit-mining/adit/packaging/bubble"
)

// shop is a store, and a mirror that gives one build of a program.
type shop struct {
	*install.Store
	mirror  *mirror
	program install.Program
	build   install.Build
}

func newShop(t *testing.T, kind install.Archive) *shop {
	archive := pack(t, kind, readme, program, library)
	s := &shop{
		Store:  &install.Store{Dir: filepath.Join(t.TempDir(), "programs"), Fetcher: quick},
		mirror: newMirror(t, serve(archive)),
		build:  buildOf(kind, archive, program, library),
	}
	s.build.URLs = []string{s.mirror.URL}
	s.program = programOf(s.build)
	return s
}

func (s *shop) install(t *testing.T) install.Installed {
	t.Helper()
	i, err := s.Install(t.Context(), s.program, s.build, nil)
	if err != nil {
		t.Fatalf("Install = %v", err)
	}
	return i
}

func TestInstallThenVerify(t *testing.T) {
	for _, kind := range packed {
		t.Run(string(kind), func(t *testing.T) {
			s := newShop(t, kind)
			var steps []install.Step
			i, err := s.Install(t.Context(), s.program, s.build, func(p install.Progress) {
				if len(steps) == 0 || steps[len(steps)-1] != p.Step {
					steps = append(steps, p.Step)
				}
			})
			if err != nil {
				t.Fatalf("Install = %v", err)
			}
			if err := i.Verify(); err != nil {
				t.Errorf("Verify = %v", err)
			}
			if text, err := os.ReadFile(i.Path()); err != nil || string(text) != program.text {
				t.Errorf("the program is %q (%v)", text, err)
			}
			if got := fmt.Sprint(steps); got != "[downloading unpacking]" {
				t.Errorf("progress: %s", got)
			}
			wantClean(t, s.Store)
			list, err := s.Installed()
			if err != nil || len(list) != 1 || list[0].SHA256 != s.build.SHA256 || list[0].Algorithms[0].FeePercent != 1 || list[0].URLs[0] != s.mirror.URL {
				t.Errorf("Installed = %+v, %v", list, err)
			}
		})
	}
}

// wantClean checks that nothing but programs is in a store.
func wantClean(t *testing.T, s *install.Store) {
	t.Helper()
	for _, name := range files(t, s.Dir) {
		if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "downloads") {
			t.Errorf("%s is left over", name)
		}
	}
}

func TestInstallUsesWhatIsThereWithoutANetwork(t *testing.T) {
	s := newShop(t, install.Zip)
	s.install(t)
	s.mirror.Close()
	s.install(t)
}

func TestInstallMendsABrokenProgram(t *testing.T) {
	s := newShop(t, install.Zip)
	i := s.install(t)
	if err := os.WriteFile(i.Path(), []byte("evil"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.install(t).Verify(); err != nil {
		t.Errorf("Verify = %v", err)
	}
	wantClean(t, s.Store)
}

func TestInstallOfTamperedBytesLeavesNothing(t *testing.T) {
	s := newShop(t, install.Zip)
	other := pack(t, install.Zip, thing{program.name, "evil", 0})
	s.build.URLs = []string{newMirror(t, serve(other)).URL}
	s.build.Size = int64(len(other))
	if _, err := s.Install(t.Context(), s.program, s.build, nil); !errors.Is(err, install.ErrWrongFile) {
		t.Errorf("Install = %v, want %v", err, install.ErrWrongFile)
	}
	if got := files(t, s.Dir); len(got) != 0 {
		t.Errorf("files left: %v", got)
	}
}

func TestInstallRefusesAFullDiskBeforeTheDownload(t *testing.T) {
	s := newShop(t, install.Zip)
	s.Space(50 << 20)
	if _, err := s.Install(t.Context(), s.program, s.build, nil); !errors.Is(err, install.ErrDiskFull) {
		t.Errorf("Install = %v, want %v", err, install.ErrDiskFull)
	}
	if got := s.mirror.count(); got != 0 {
		t.Errorf("%d requests, want none", got)
	}
}

func TestACrashAtAnyStepLeavesAWholeProgramOrNone(t *testing.T) {
	errCrash := errors.New("crash")
	const steps = 8
	for _, broken := range []bool{false, true} { // was there a broken one to replace?
		for failAt := 1; failAt <= steps; failAt++ {
			for _, persist := range []bool{false, true} { // was the step done before the crash?
				t.Run(fmt.Sprintf("broken=%v step %d done=%v", broken, failAt, persist), func(t *testing.T) {
					s := newShop(t, install.Zip)
					if broken {
						os.Remove(s.install(t).Path())
					}
					step := 0
					s.Crash(func(_ string, done bool) error {
						if !done {
							step++
						}
						if step == failAt && done == persist {
							return errCrash
						}
						return nil
					})
					if _, err := s.Install(t.Context(), s.program, s.build, nil); !errors.Is(err, errCrash) {
						t.Fatalf("first Install = %v, want a crash", err)
					}
					after := &install.Store{Dir: s.Dir, Fetcher: quick} // of the next process
					list, err := after.Installed()
					if err != nil {
						t.Errorf("Installed = %v", err)
					}
					for _, i := range list {
						if err := i.Verify(); err != nil && !broken {
							t.Errorf("a half program is listed: %v", err)
						}
					}
					i, err := after.Install(t.Context(), s.program, s.build, nil)
					if err != nil {
						t.Fatalf("second Install = %v", err)
					}
					if err := i.Verify(); err != nil {
						t.Errorf("Verify = %v", err)
					}
					if err := after.Sweep(catalogueOf()); err != nil {
						t.Errorf("Sweep = %v", err)
					}
					if got := files(t, s.Dir); len(got) != 0 {
						t.Errorf("left after everything is swept: %v", got)
					}
				})
			}
		}
	}
}

// swapForLink puts a link to the file in the file's place. On Windows only
// administrators may make links, and wine only says that it has made one.
func swapForLink(path string) error {
	if runtime.GOOS == "windows" {
		return fmt.Errorf("links: %w", errors.ErrUnsupported)
	}
	return errors.Join(os.Rename(path, path+"2"), os.Symlink(path+"2", path))
}

func TestVerifyTellsMissingFromTampered(t *testing.T) {
	for name, c := range map[string]struct {
		harm func(path string) error
		want error
	}{
		"gone":     {os.Remove, install.ErrMissing},
		"emptied":  {func(path string) error { return os.Truncate(path, 0) }, install.ErrMissing},
		"cut":      {func(path string) error { return os.Truncate(path, 3) }, install.ErrTampered},
		"changed":  {func(path string) error { return os.WriteFile(path, []byte("the_program"), 0o700) }, install.ErrTampered},
		"a link":   {swapForLink, install.ErrTampered},
		"a folder": {func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) }, install.ErrTampered},
	} {
		t.Run(name, func(t *testing.T) {
			i := newShop(t, install.Zip).install(t)
			err := c.harm(i.Path())
			if errors.Is(err, errors.ErrUnsupported) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			err = i.Verify()
			if !errors.Is(err, c.want) {
				t.Errorf("Verify = %v, want %v", err, c.want)
			}
			if !strings.Contains(err.Error(), i.Path()) {
				t.Errorf("%v does not name the file", err)
			}
		})
	}
}

func TestVerifyOfAFolderThatIsGoneBlamesNobody(t *testing.T) {
	i := newShop(t, install.Zip).install(t)
	if err := os.RemoveAll(i.Dir); err != nil {
		t.Fatal(err)
	}
	if err := i.Verify(); err == nil || errors.Is(err, install.ErrMissing) {
		t.Errorf("Verify = %v, want an error other than %v", err, install.ErrMissing)
	}
}

func TestReceiptsOfOtherHandsAreNotBelieved(t *testing.T) {
	for name, harm := range map[string]func(text string) string{
		"no JSON":            func(string) string { return "{" },
		"a path out of it":   func(text string) string { return strings.ReplaceAll(text, program.name, "../../evil") },
		"another program":    func(text string) string { return strings.ReplaceAll(text, `"6.26.0"`, `"6.27.0"`) },
		"another executable": func(text string) string { return strings.Replace(text, program.name, "other", 1) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, install.Zip)
			path := filepath.Join(s.install(t).Dir, install.ReceiptName)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(harm(string(text))), 0o600); err != nil {
				t.Fatal(err)
			}
			if list, err := s.Installed(); err == nil || len(list) != 0 {
				t.Errorf("Installed = %v, %v; want an error and none", list, err)
			}
		})
	}
}

func TestSweepKeepsTheLastGoodVersion(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		s := &install.Store{Dir: t.TempDir(), Fetcher: install.Fetcher{Client: &http.Client{Transport: offline{}}}}
		var programs []install.Program
		var all []install.Installed
		for n := range 5 {
			tool := thing{"xmrig", fmt.Sprintf("version %d", n), 0}
			b := buildOf(install.Plain, []byte(tool.text), tool)
			p := programOf(b)
			p.Version = fmt.Sprintf("6.%d", n)
			place(t, s, b, tool.text)
			i, err := s.Install(t.Context(), p, b, nil)
			if err != nil {
				t.Fatalf("Install = %v", err)
			}
			programs, all = append(programs, p), append(all, i)
			time.Sleep(time.Hour) // of virtual time, between releases
			if n == 1 || n == 2 {
				if err := s.MarkGood(i); err != nil {
					t.Fatalf("MarkGood = %v", err)
				}
			}
		}
		if err := s.Sweep(catalogueOf(programs[4]), all[0]); err != nil {
			t.Fatalf("Sweep = %v", err)
		}
		wantVersions(t, s, "6.4 6.2 6.0") // new, last good, running
		if err := s.Sweep(catalogueOf(programs[4])); err != nil {
			t.Fatalf("Sweep = %v", err)
		}
		wantVersions(t, s, "6.4 6.2")
		if err := s.Sweep(catalogueOf()); err != nil { // the program is withdrawn
			t.Fatalf("Sweep = %v", err)
		}
		wantVersions(t, s, "")
	})
}

func wantVersions(t *testing.T, s *install.Store, want string) {
	t.Helper()
	list, err := s.Installed()
	var got []string
	for _, i := range list {
		got = append(got, i.Version)
	}
	if err != nil || strings.Join(got, " ") != want {
		t.Errorf("installed: %v (%v), want %s", got, err, want)
	}
}

// place puts a finished download where an Install looks for it.
func place(t *testing.T, s *install.Store, b install.Build, text string) {
	t.Helper()
	dir := filepath.Join(s.Dir, "downloads")
	if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, b.SHA256+".part"), []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// offline is a network that is not there.
type offline struct{}

func (offline) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("no network")
}

func TestSweepKeepsOnlyDownloadsThatCanGoOn(t *testing.T) {
	s := newShop(t, install.Zip)
	wanted, old := s.build, buildOf(install.Plain, []byte("old"), thing{"old", "old", 0})
	stale := buildOf(install.Plain, []byte("stale"), thing{"stale", "stale", 0})
	for _, b := range []install.Build{wanted, old, stale} {
		place(t, s.Store, b, "x")
	}
	long := time.Now().Add(-15 * 24 * time.Hour)
	if err := os.Chtimes(filepath.Join(s.Dir, "downloads", stale.SHA256+".part"), long, long); err != nil {
		t.Fatal(err)
	}
	if err := s.Sweep(catalogueOf(programOf(wanted), programOf(stale))); err != nil {
		t.Fatalf("Sweep = %v", err)
	}
	if got := files(t, s.Dir); len(got) != 1 || got[0] != "downloads/"+wanted.SHA256+".part" {
		t.Errorf("left: %v, want the download that can go on", got)
	}
}

func TestScannersAreToldByTheirFiles(t *testing.T) {
	root := t.TempDir()
	signs := []install.Scanner{{Name: "ClamAV", Evidence: "run/clamd.ctl"}, {Name: "ClamAV", Evidence: "run/other"}, {Name: "Other", Evidence: "opt/other"}}
	if got := install.Found(root, signs); len(got) != 0 {
		t.Errorf("scanners on an empty disk: %v", got)
	}
	for _, file := range []string{"clamd.ctl", "other"} {
		path := filepath.Join(root, "run", file)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	got := install.Found(root, signs)
	if len(got) != 1 || got[0].Name != "ClamAV" || got[0].Evidence != filepath.Join(root, "run", "clamd.ctl") {
		t.Errorf("scanners = %v, want ClamAV once", got)
	}
}

// BenchmarkInstall measures download, hash, unpack, hash and verify together, in
// bytes of the archive.
func BenchmarkInstall(b *testing.B) {
	tool := thing{"miner", string(random(3, 30<<20)), 0}
	for _, kind := range packed {
		b.Run(string(kind), func(b *testing.B) {
			archive := pack(b, kind, tool)
			server := http.Server{Handler: serve(archive)}
			url := listen(b, &server)
			build := buildOf(kind, archive, tool)
			build.URLs = []string{url}
			b.SetBytes(int64(len(archive)))
			for b.Loop() {
				s := &install.Store{Dir: b.TempDir()}
				if _, err := s.Install(b.Context(), programOf(build), build, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
