package install_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners/install"
)

var packed = []install.Archive{install.Zip, install.TarGzip, install.TarXZ, install.SevenZip}

var (
	program = thing{"xmrig-6.26.0/xmrig", "the program", 0}
	library = thing{"xmrig-6.26.0/lib/libcuda-plug.so", strings.Repeat("library", 1000), 0}
	readme  = thing{"xmrig-6.26.0/README.md", "read me", 0}
)

func files(t *testing.T, dir string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			name, _ := filepath.Rel(dir, path)
			list = append(list, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestUnpackWritesWhatIsListedAndNothingElse(t *testing.T) {
	for _, kind := range packed {
		t.Run(string(kind), func(t *testing.T) {
			archive := pack(t, kind, readme, program, thing{"xmrig-6.26.0/CON", "not kept", 0}, library)
			dir := t.TempDir()
			if err := install.Unpack(saved(t, archive), buildOf(kind, archive, program, library), dir); err != nil {
				t.Fatalf("Unpack = %v", err)
			}
			if got, want := strings.Join(files(t, dir), " "), library.name+" "+program.name; got != want {
				t.Errorf("files: %s, want %s", got, want)
			}
			for _, f := range []thing{program, library} {
				if got, err := os.ReadFile(filepath.Join(dir, f.name)); err != nil || string(got) != f.text {
					t.Errorf("%s holds %d bytes (%v), want %d", f.name, len(got), err, len(f.text))
				}
			}
			wantMode(t, filepath.Join(dir, program.name), 0o111)
			wantMode(t, filepath.Join(dir, library.name), 0)
		})
	}
}

func wantMode(t *testing.T, path string, executable fs.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode() & 0o111; runtime.GOOS != "windows" && (got == 0) != (executable == 0) {
		t.Errorf("%s has mode %v", path, info.Mode())
	}
}

func TestUnpackOfAPlainExecutable(t *testing.T) {
	tool := thing{"miner.exe", "MZ", 0}
	archive, dir := pack(t, install.Plain, tool), t.TempDir()
	if err := install.Unpack(saved(t, archive), buildOf(install.Plain, archive, tool), dir); err != nil {
		t.Fatalf("Unpack = %v", err)
	}
	if got := files(t, dir); len(got) != 1 || got[0] != "miner.exe" {
		t.Errorf("files: %v, want miner.exe", got)
	}
}

func TestUnpackRefusesTricks(t *testing.T) {
	short := thing{"xmrig-6.26.0/xmrig", "the progra", 0}
	for name, c := range map[string]struct {
		things []thing
		only   install.Archive // the kind that can express it; empty: all
	}{
		"up":                  {[]thing{program, {"../evil", "x", 0}}, ""},
		"up in the middle":    {[]thing{program, {"a/../../evil", "x", 0}}, ""},
		"up and back":         {[]thing{{"a/../xmrig-6.26.0/xmrig", program.text, 0}}, ""},
		"absolute":            {[]thing{program, {"/etc/evil", "x", 0}}, ""},
		"drive":               {[]thing{program, {"C:evil", "x", 0}}, ""},
		"drive and slash":     {[]thing{program, {"c:/evil", "x", 0}}, ""},
		"backslash":           {[]thing{program, {`..\evil`, "x", 0}}, ""},
		"share":               {[]thing{program, {`\\server\evil`, "x", 0}}, ""},
		"NUL in a name":       {[]thing{program, {"a\x00b", "x", 0}}, install.Zip},
		"other contents":      {[]thing{{program.name, "the_program", 0}}, ""},
		"shorter":             {[]thing{short}, ""},
		"longer":              {[]thing{{program.name, program.text + "!", 0}}, ""},
		"twice":               {[]thing{program, program}, ""},
		"twice, other case":   {[]thing{program, {"xmrig-6.26.0/XMRIG", "evil", 0}}, ""},
		"only in other case":  {[]thing{{"XMRig-6.26.0/xmrig", program.text, 0}}, ""},
		"missing":             {[]thing{readme}, ""},
		"a link":              {[]thing{{program.name, "/bin/sh", fs.ModeSymlink}}, ""},
		"a hard link":         {[]thing{readme, {program.name, readme.name, fs.ModeIrregular}}, install.TarGzip},
		"a device":            {[]thing{{program.name, "", fs.ModeDevice}}, install.TarGzip},
		"a folder":            {[]thing{{program.name, "", fs.ModeDir}}, install.TarXZ},
		"a link for a folder": {[]thing{{"xmrig-6.26.0", "/tmp", fs.ModeSymlink}, {program.name, "the_program", 0}}, ""},
	} {
		for _, kind := range packed {
			if c.only != "" && c.only != kind {
				continue
			}
			t.Run(name+" in "+string(kind), func(t *testing.T) {
				archive := pack(t, kind, c.things...)
				parent := t.TempDir()
				dir := filepath.Join(parent, "new")
				if err := os.Mkdir(dir, 0o700); err != nil {
					t.Fatal(err)
				}
				err := install.Unpack(saved(t, archive), buildOf(kind, archive, program), dir)
				if !errors.Is(err, install.ErrArchive) {
					t.Errorf("Unpack = %v, want %v", err, install.ErrArchive)
				}
				if entries, _ := os.ReadDir(parent); len(entries) != 1 {
					t.Errorf("something was written outside: %v", entries)
				}
			})
		}
	}
}

// A link that is not listed is not written, and so leads nowhere.
func TestUnpackPassesOverLinksThatAreNotListed(t *testing.T) {
	for _, kind := range packed {
		archive := pack(t, kind, thing{"xmrig-6.26.0", "/tmp", fs.ModeSymlink}, program)
		dir := t.TempDir()
		if err := install.Unpack(saved(t, archive), buildOf(kind, archive, program), dir); err != nil {
			t.Errorf("%s: Unpack = %v", kind, err)
		}
		if got := files(t, dir); len(got) != 1 || got[0] != program.name {
			t.Errorf("%s: files %v", kind, got)
		}
	}
}

func TestUnpackStopsBombs(t *testing.T) {
	bomb := thing{"bomb", strings.Repeat("\x00", 20<<20), 0}
	crowd := make([]thing, 5_001)
	for i := range crowd {
		crowd[i] = thing{name: "empty"}
	}
	// A tar.xz is read by the code of a tar.gz, and only takes long to make; the 7z
	// that packSevenZip makes are as large as what is in them.
	for _, kind := range []install.Archive{install.Zip, install.TarGzip, install.SevenZip} {
		for name, things := range map[string][]thing{"size": {bomb, program}, "number": append(crowd, program)} {
			if kind == install.SevenZip && name == "size" {
				continue
			}
			archive := pack(t, kind, things...)
			err := install.Unpack(saved(t, archive), buildOf(kind, archive, program), t.TempDir())
			if !errors.Is(err, install.ErrArchive) {
				t.Errorf("%s in %s (%d bytes packed): Unpack = %v, want %v", name, kind, len(archive), err, install.ErrArchive)
			}
		}
	}
}

func TestUnpackRefusesDamagedArchives(t *testing.T) {
	for _, kind := range packed {
		archive := pack(t, kind, readme, program)
		for _, damaged := range [][]byte{nil, archive[:10], archive[:len(archive)/2], archive[:len(archive)-1], bytes.Repeat([]byte{0}, 1000)} {
			err := install.Unpack(saved(t, damaged), buildOf(kind, archive, program), t.TempDir())
			// A tar's end may be cut off behind the last file; that file is whole then.
			whole := strings.HasPrefix(string(kind), "tar") && len(damaged) == len(archive)-1
			if err == nil && !whole {
				t.Errorf("%s of %d of %d bytes: Unpack succeeded", kind, len(damaged), len(archive))
			}
		}
	}
}

func TestUnpackRefusesPathsThatAreNoneSomewhere(t *testing.T) {
	for _, path := range []string{
		"", ".", "..", "../a", "a/../b", "/a", "a//b", "a/", "./a", `a\b`, "C:a", "c:/a", "a\x00b", "a\nb", "ä", "a:b", "a?", "a*", `a"`, "a|b", "<a>",
		"con", "CON.txt", "aux", "nul.tar.gz", "com1", "LPT9.exe", "a/prn/b", "CONIN$", "nul .txt",
		"a.", "a ", "a./b", "a /b", install.ReceiptName, strings.Repeat("a", 151),
	} {
		if install.CheckPath(path) == nil {
			t.Errorf("%q passes", path)
		}
	}
	for _, path := range []string{"xmrig", "a/b/c.so.1", "SRBMiner-Multi-3-4-6/SRBMiner-MULTI.exe", "a b/c", "console", "com10", "comet", "..a", "a..b", strings.Repeat("a", 150)} {
		if err := install.CheckPath(path); err != nil {
			t.Errorf("%q: %v", path, err)
		}
	}
}

func fuzzUnpack(f *testing.F, kind install.Archive) {
	archive := pack(f, kind, readme, program, library)
	f.Add(archive)
	f.Add(pack(f, kind, program, thing{"../evil", "x", 0}))
	f.Add(pack(f, kind, thing{program.name, "/bin/sh", fs.ModeSymlink}))
	f.Fuzz(func(t *testing.T, archive []byte) {
		parent := t.TempDir()
		dir := filepath.Join(parent, "new")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		err := install.Unpack(saved(t, archive), buildOf(kind, archive, program), dir)
		if entries, _ := os.ReadDir(parent); len(entries) != 1 {
			t.Fatalf("something was written outside: %v", entries)
		}
		for _, name := range files(t, dir) {
			if name != program.name {
				t.Errorf("%q was written and is not listed", name)
			}
		}
		if got, _ := os.ReadFile(filepath.Join(dir, program.name)); err == nil && string(got) != program.text {
			t.Errorf("Unpack passes %q for the program", got)
		}
	})
}

func FuzzUnpackZip(f *testing.F)      { fuzzUnpack(f, install.Zip) }
func FuzzUnpackTarGzip(f *testing.F)  { fuzzUnpack(f, install.TarGzip) }
func FuzzUnpackTarXZ(f *testing.F)    { fuzzUnpack(f, install.TarXZ) }
func FuzzUnpackSevenZip(f *testing.F) { fuzzUnpack(f, install.SevenZip) }
