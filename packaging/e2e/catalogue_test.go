package e2e_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/programs"
	"github.com/adit-mining/adit/miners/install"
	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/miners/replay"
)

// publisher serves a catalogue with one program, as a minerd that replays a recording.
type publisher struct {
	*httptest.Server
	catalogue string       // its address
	fetched   atomic.Int32 // how often the program was asked for
}

// publish serves the miner in a zip file, after spoil has had it.
func publish(t testing.TB, spoil func(archive []byte) []byte) *publisher {
	t.Helper()
	code, err := os.ReadFile(replayProgram(t))
	if err != nil {
		t.Fatal(err)
	}
	return publishProgram(t, zipped(t, map[string][]byte{"minerd-2.5.1/minerd": code}), spoil, func(archive []byte, address string) install.Program {
		return minerdOf(code, archive, address)
	})
}

// publishProgram serves an archive, after spoil has had it, and a catalogue with the
// program that is in it.
func publishProgram(t testing.TB, archive []byte, spoil func([]byte) []byte, of func(archive []byte, address string) install.Program) *publisher {
	t.Helper()
	p := &publisher{}
	mux := http.NewServeMux()
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	p.catalogue = p.URL + "/catalogue.json"
	catalogue := install.Catalogue{Version: install.Form, Issued: time.Now().UTC(), Programs: []install.Program{of(archive, p.URL+"/program.zip")}}
	document, err := json.Marshal(catalogue)
	if err != nil {
		t.Fatal(err)
	}
	mux.HandleFunc("GET /catalogue.json", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(document) })
	served := spoil(archive)
	mux.HandleFunc("GET /program.zip", func(w http.ResponseWriter, r *http.Request) {
		p.fetched.Add(1)
		http.ServeContent(w, r, "program.zip", time.Time{}, bytes.NewReader(served))
	})
	return p
}

func whole(archive []byte) []byte { return archive }

// tampered changes a byte in the middle.
func tampered(archive []byte) []byte {
	archive = slices.Clone(archive)
	archive[len(archive)/2] ^= 1
	return archive
}

func digest(b []byte) string { sum := sha256.Sum256(b); return hex.EncodeToString(sum[:]) }

// minerdOf is the miner as a catalogue lists it.
func minerdOf(code, archive []byte, address string) install.Program {
	return install.Program{
		Name: "minerd", Version: "2.5.1", Licence: "GPL-2.0-only", Publisher: "The replayed authors",
		Homepage: "https://minerd.example", Source: "https://minerd.example/source",
		Algorithms: []install.Algorithm{{Name: pow.SHA256d, Devices: []install.Hardware{install.CPU}}},
		Builds: []install.Build{{
			OS: runtime.GOOS, Arch: runtime.GOARCH, Devices: []install.Hardware{install.CPU},
			URLs: []string{address}, Size: int64(len(archive)), SHA256: digest(archive), Archive: install.Zip, Executable: "minerd-2.5.1/minerd",
			Files: []install.File{{Path: "minerd-2.5.1/minerd", Size: int64(len(code)), SHA256: digest(code)}},
		}},
	}
}

func zipped(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, content := range files {
		header := &zip.FileHeader{Name: name, Method: zip.Deflate}
		header.SetMode(0o755)
		f, err := w.CreateHeader(header)
		if err == nil {
			_, err = f.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// catalogued starts an app that knows a catalogue.
func catalogued(t testing.TB, site, catalogue, data string) *appProcess {
	t.Helper()
	recording, err := filepath.Abs(minerd(t).path)
	if err != nil {
		t.Fatal(err)
	}
	return startApp(t, site, appOptions{data: data, args: []string{"--catalogue", catalogue}, env: []string{
		replay.ModeVar + "=" + string(replay.Play), replay.RecordingVar + "=" + recording, replay.StderrVar + "=1", replay.SpeedVar + "=20",
	}})
}

// executables returns the files in the app's folder of programs that can be run.
func (a *appProcess) executables(t testing.TB) (found []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(a.data, programs.Folder), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if info, err := entry.Info(); err == nil && info.Mode()&0o111 != 0 {
			found = append(found, path)
		}
		return nil
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return found
}

// TestAProgramIsInstalledWhileAnotherEarns follows a better program from a catalogue
// to the processor, over a start without the server, to its end by an antivirus.
func TestAProgramIsInstalledWhileAnotherEarns(t *testing.T) {
	t.Parallel()
	pool, server := startDemo(t), publish(t, whole)
	app := catalogued(t, pool.Site, server.catalogue, "")
	// Whether the app believes the recorded shares is another test's matter.
	app.await(t, time.Minute, "the installed program runs", func(l told) bool {
		return l.Program == "minerd" && l.Devices[0].Version == "2.5.1" && l.Hashrate > 0
	})
	if all := app.said(); !slices.ContainsFunc(all, func(l told) bool { return l.Program == "builtin" }) {
		t.Error("nothing was mined with before it came")
	}
	last := app.stop(t)
	if app.happened("program-installed") != 1 || last.Accepted == 0 {
		t.Errorf("the history: %v", app.history())
	}

	server.Close()
	again := catalogued(t, pool.Site, server.catalogue, app.data)
	again.await(t, time.Minute, "it runs without the catalogue's server", func(l told) bool {
		return l.Program == "minerd" && l.Hashrate > 0
	})
	again.stop(t)
	if n := server.fetched.Load(); n != 1 {
		t.Errorf("the program was fetched %d times", n)
	}

	installed := again.executables(t)
	if len(installed) != 1 {
		t.Fatalf("the programs on the disk: %v", installed)
	}
	if err := os.Remove(installed[0]); err != nil {
		t.Fatal(err)
	}
	third := catalogued(t, pool.Site, server.catalogue, app.data)
	third.await(t, time.Minute, "its own program mines in its place", func(l told) bool {
		return l.Phase == "mining" && l.Program == "builtin" && l.Accepted > 0
	})
	third.stop(t)
	if third.happened("program-taken") == 0 {
		t.Errorf("the history does not say that the program vanished: %v", third.history())
	}
}

// TestATamperedProgramNeverReachesTheDisk serves a program of the right size with
// one wrong bit.
func TestATamperedProgramNeverReachesTheDisk(t *testing.T) {
	t.Parallel()
	pool, server := startDemo(t), publish(t, tampered)
	app := catalogued(t, pool.Site, server.catalogue, "")
	app.awaitShares(t, time.Minute, 1)
	eventually(t, time.Minute, "the program was fetched", func() bool { return server.fetched.Load() > 0 })
	before := app.last().Accepted
	app.awaitShares(t, time.Minute, before+5)
	last := app.stop(t)
	if last.Program != "builtin" || app.happened("program-refused") != 1 || app.happened("program-installed") != 0 {
		t.Errorf("mined with %s; the history: %v", last.Program, app.history())
	}
	if found := app.executables(t); len(found) > 0 {
		t.Errorf("on the disk: %s", strings.Join(found, ", "))
	}
}
