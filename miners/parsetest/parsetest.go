// Package parsetest holds drivers of mining programs against recorded output. It
// is imported by tests only.
//
// A recording is a file NAME.log, and NAME.json beside it is the object that
// `adit parse` shall print for it. With -update the objects are written anew, to be
// looked at before they are believed.
package parsetest

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/adit-mining/adit/miners"
)

var update = flag.Bool("update", false, "write the expectations beside the recordings anew")

// Run gives each recording in dir to a parser of d: in one piece, byte by byte, and as
// other recorders would have left it.
func Run(t *testing.T, d miners.Driver, dir string) {
	t.Helper()
	recordings, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil || len(recordings) == 0 {
		t.Fatalf("no recordings in %s: %v", dir, err)
	}
	for _, recording := range recordings {
		t.Run(strings.TrimSuffix(filepath.Base(recording), ".log"), func(t *testing.T) { check(t, d, recording) })
	}
}

// recorders are what may stand between a program and the file, and must not change
// what the file says.
var recorders = map[string]func(output string) string{
	"Windows":    func(output string) string { return strings.ReplaceAll(output, "\n", "\r\n") },
	"a terminal": func(output string) string { return eachLine(output, "\x1b[1;32m", "\x1b[0m") },
	"a journal":  func(output string) string { return eachLine(output, "Nov 26 10:11:12 rig1 miner[123]: ", "") },
	"a crash":    func(output string) string { return strings.TrimSuffix(output, "\n") },
}

// eachLine puts something before and behind each line of output.
func eachLine(output, before, behind string) string {
	lines := strings.Split(strings.TrimSuffix(output, "\n"), "\n")
	return before + strings.Join(lines, behind+"\n"+before) + behind
}

func check(t *testing.T, d miners.Driver, recording string) {
	output, err := os.ReadFile(recording)
	if err != nil {
		t.Fatal(err)
	}
	got := summarize(t, d, bytes.NewReader(output))
	if slow := summarize(t, d, iotest.OneByteReader(bytes.NewReader(output))); slow != got {
		t.Errorf("byte by byte it says\n%s\nand in one piece\n%s", slow, got)
	}
	for recorder, record := range recorders {
		if recorded := summarize(t, d, strings.NewReader(record(string(output)))); recorded != got {
			t.Errorf("recorded by %s it says\n%s\nand as it was printed\n%s", recorder, recorded, got)
		}
	}
	expectation := strings.TrimSuffix(recording, ".log") + ".json"
	if *update {
		if err := os.WriteFile(expectation, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(expectation)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// summarize returns the summary of output as the files hold it.
func summarize(t *testing.T, d miners.Driver, output io.Reader) string {
	t.Helper()
	s, err := miners.Summarize(d, output)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		t.Fatal(err)
	}
	return text.String()
}
