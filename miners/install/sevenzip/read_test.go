package sevenzip_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/adit-mining/adit/miners/install/sevenzip"
	"github.com/adit-mining/adit/packaging/needs"
)

var update = flag.Bool("update", false, "make the archives in testdata anew, with 7z")

var limits = sevenzip.Limits{Members: 5_000, Size: 1 << 30}

// ways are arguments of 7z, by the name of the archive in testdata.
var ways = map[string][]string{
	"plain":             nil,
	"copy":              {"-m0=Copy"},
	"lzma":              {"-m0=LZMA"},
	"lzma2":             {"-m0=LZMA2", "-mf=off"},
	"lzma-far":          {"-m0=LZMA:d=1g:lc=8:lp=0:pb=0"}, // asks for more memory than there may be
	"lzma2-far":         {"-m0=LZMA2:d=1g"},
	"bcj":               {"-m0=BCJ", "-m1=LZMA2"},
	"bcj-lzma":          {"-m0=BCJ", "-m1=LZMA"},
	"bcj2":              {"-m0=BCJ2", "-m1=LZMA", "-m2=LZMA", "-m3=LZMA", "-mb0:1", "-mb0s1:2", "-mb0s2:3"},
	"bcj2-lzma2":        {"-m0=BCJ2", "-m1=LZMA2", "-m2=LZMA2", "-m3=LZMA", "-mb0:1", "-mb0s1:2", "-mb0s2:3"},
	"bcj2-copy":         {"-m0=BCJ2", "-m1=Copy", "-m2=Copy", "-m3=Copy", "-mb0:1", "-mb0s1:2", "-mb0s2:3"},
	"bcj2-some":         {"-mf=BCJ2"},
	"delta":             {"-m0=Delta:4", "-m1=LZMA"},
	"delta-far":         {"-m0=Delta:256", "-m1=LZMA"},
	"deflate":           {"-m0=Deflate"},
	"bzip2":             {"-m0=BZip2"},
	"apart":             {"-ms=off"},
	"apart-bcj2":        {"-ms=off", "-mf=BCJ2"},
	"plain-header":      {"-mhc=off"},
	"plain-header-bcj2": {"-mhc=off", "-m0=BCJ2", "-m1=LZMA", "-m2=LZMA", "-m3=LZMA", "-mb0:1", "-mb0s1:2", "-mb0s2:3"},
	"no-times":          {"-mtm=off", "-mtr=off"},
	"all-times":         {"-mtc=on", "-mta=on"},
	"packed-header":     {"-mhc=on", "-ms=off", "-m0=Copy"},
}

// refused are ways of packing that are not read here, with what the error says.
var refused = map[string]struct {
	says string
	ways []string
}{
	"encrypted":        {"encrypted", []string{"-psecret"}},
	"encrypted-header": {"encrypted", []string{"-psecret", "-mhe=on"}},
	"ppmd":             {"PPMd", []string{"-m0=PPMd"}},
	"arm":              {"ARM", []string{"-m0=ARM", "-m1=LZMA"}},
	"deflate64":        {"Deflate64", []string{"-m0=Deflate64"}},
}

// thing is a member to pack; a nil text is a folder.
type thing struct {
	name string
	text []byte
}

// things are what miners' archives have, and more than that: contents that BCJ and BCJ2
// find hard, as they are full of what looks like branches.
func things(size int) []thing {
	noise := func(seed byte, alphabet string) []byte {
		r := rand.New(rand.NewChaCha8([32]byte{seed}))
		b := make([]byte, size)
		for i := range b {
			b[i] = alphabet[r.IntN(len(alphabet))]
		}
		return b
	}
	return []thing{
		{"miner", nil}, {"miner/lib", nil}, {"miner/empty folder", nil}, {"miner/empty", []byte{}}, {"miner/x", []byte("\xe8")},
		{"miner/README ä 漢 😀.txt", []byte(strings.Repeat("read me\r\n", 50))},
		{"miner/branches.exe", noise(1, "\xe8\xe9\x00\xff\x0f\x80\x01")},
		{"miner/calls.exe", noise(2, "\xe8\x00\x00\x01\x10\x90\x90\x90")},
		{"miner/few.exe", noise(3, "\xe8\xe9\x0f\x85\x00\x00\xff\xff abcdefghijklmnopqrstuvwxyz")},
		{"miner/end.dll", append(noise(4, "ab"), 0x0f, 0x84)},
		{"miner/lib/end2.dll", append(noise(5, "ab"), 0xe8, 0, 0, 0)},
	}
}

func many() (all []thing) {
	for i := range 3_000 {
		all = append(all, thing{fmt.Sprintf("%d", i), []byte(strings.Repeat("x", i%3))})
	}
	return all
}

// pack has the real 7z make an archive.
func pack(t *testing.T, ways []string, all []thing) []byte {
	t.Helper()
	packer := needs.Program(t, "7zz", "7z") // its name depends on the release
	dir, archive := t.TempDir(), filepath.Join(t.TempDir(), "made.7z")
	for _, m := range all {
		path := filepath.Join(dir, m.name)
		if m.text == nil {
			if err := os.MkdirAll(path, 0o755); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, m.text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(packer, append(append([]string{"a"}, ways...), archive, ".")...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
	made, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func wantThings(t *testing.T, archive []byte, all []thing) {
	t.Helper()
	r, err := sevenzip.NewReader(bytes.NewReader(archive), int64(len(archive)), limits)
	if err != nil {
		t.Fatalf("NewReader = %v", err)
	}
	want := map[string]thing{}
	for _, m := range all {
		want[m.name] = m
	}
	if len(r.Files) != len(all) {
		t.Errorf("%d files, want %d", len(r.Files), len(all))
	}
	for i, f := range r.Files {
		m, known := want[f.Name]
		delete(want, f.Name)
		if !known || f.Regular != (m.text != nil) || f.Size != uint64(len(m.text)) {
			t.Errorf("%q has %d bytes (regular: %v), want %d", f.Name, f.Size, f.Regular, len(m.text))
		}
		contents, err := r.Open(i)
		if err != nil {
			t.Errorf("open %q: %v", f.Name, err)
			continue
		}
		if len(m.text) > 10_000 { // TestReader is slow
			got, err := io.ReadAll(contents)
			if err != nil || !bytes.Equal(got, m.text) {
				t.Errorf("%q has other contents (%d bytes of %d, %v)", f.Name, len(got), len(m.text), err)
			}
			continue
		}
		if err := iotest.TestReader(contents, m.text); err != nil {
			t.Errorf("%q: %v", f.Name, err)
		}
	}
}

// The archives in testdata are those of 7-Zip 26.02; -update makes them anew.
func TestReadsRecordedArchives(t *testing.T) {
	for name, ways := range ways {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", name+".7z")
			if *update {
				if err := os.WriteFile(path, pack(t, ways, things(1_500)), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			archive, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			wantThings(t, archive, things(1_500))
		})
	}
}

func TestReadsWhatSevenZipMakes(t *testing.T) {
	program, err := os.Executable() // a real program: this test
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	all := append(things(40_000), thing{"test.exe", code[:min(len(code), 300_000)]})
	for name, ways := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantThings(t, pack(t, append(ways, "-mx=3"), all), all)
		})
	}
	t.Run("many", func(t *testing.T) { wantThings(t, pack(t, nil, many()), many()) })
	t.Run("best", func(t *testing.T) { wantThings(t, pack(t, []string{"-mx=9"}, things(1_000)), things(1_000)) })
	t.Run("nothing", func(t *testing.T) { wantThings(t, pack(t, nil, []thing{{"folder", nil}}), []thing{{"folder", nil}}) })
}

func TestRefusesWhatItDoesNotRead(t *testing.T) {
	for name, c := range refused {
		t.Run(name, func(t *testing.T) {
			archive := pack(t, c.ways, things(100))
			_, err := sevenzip.NewReader(bytes.NewReader(archive), int64(len(archive)), limits)
			if !errors.Is(err, sevenzip.ErrUnsupported) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("NewReader = %v, want %v that says %q", err, sevenzip.ErrUnsupported, c.says)
			}
		})
	}
}

func TestOpensInAnyOrderAndAgain(t *testing.T) {
	archive, err := os.ReadFile("testdata/bcj2.7z")
	if err != nil {
		t.Fatal(err)
	}
	r, err := sevenzip.NewReader(bytes.NewReader(archive), int64(len(archive)), limits)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string][]byte{}
	for _, m := range things(1_500) {
		texts[m.name] = m.text
	}
	for range 2 {
		for i := len(r.Files) - 1; i >= 0; i-- {
			contents, err := r.Open(i)
			if err != nil {
				t.Fatal(err)
			}
			if i%2 == 0 {
				contents = io.LimitReader(contents, 10) // and leaves the rest
			}
			got, err := io.ReadAll(contents)
			if err != nil || !bytes.HasPrefix(texts[r.Files[i].Name], got) {
				t.Errorf("%q = %d bytes, %v", r.Files[i].Name, len(got), err)
			}
		}
	}
}
