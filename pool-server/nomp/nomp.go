// Package nomp reads what a pool of NOMP (node-open-mining-portal) has: its
// configuration, and what its redis says of balances, payments, pending blocks and
// shares. It writes nothing: what is to become of it is in a Portal, to be looked at,
// and then written by config and ledger.
//
// Every key of NOMP's files gets a line in the Report that says what became of it.
// Amounts in redis are decimal fractions that went through floating point; they are
// read exactly and rounded to units by one rule, see units.
package nomp

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tailscale/hujson"
)

// What becomes of a key of NOMP's configuration.
const (
	Taken      = "taken over"
	Unneeded   = "not needed"
	Impossible = "NOT TAKEN OVER"
)

// A Line says what becomes of one thing.
type Line struct {
	File, Key string
	Outcome   string
	Text      string // as what, or why not
}

func (l Line) String() string {
	return fmt.Sprintf("%s: %s: %s: %s", l.File, l.Key, l.Outcome, l.Text)
}

// A Report is the lines of a whole portal.
type Report struct{ Lines []Line }

// maxFile bounds the files that are read, in bytes.
const maxFile = 1 << 20

// readObject reads a file of JSON, with comments and commas wherever people put them.
func readObject(dir, name string) (map[string]any, error) {
	path := filepath.Join(dir, filepath.FromSlash(name))
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read NOMP's configuration: %w", err)
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s: %d bytes, want at most %d", name, info.Size(), maxFile)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read NOMP's configuration: %w", err)
	}
	if text, err = hujson.Standardize(text); err != nil {
		return nil, fmt.Errorf("%s: not valid JSON: %w", name, err)
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	var object map[string]any
	if err := d.Decode(&object); err != nil {
		return nil, fmt.Errorf("%s: want { … }: %w", name, err)
	}
	return object, nil
}

// section is an object of NOMP's configuration whose keys are gone through.
type section struct {
	file, path string // path is "" at the top
	fields     map[string]any
	report     *Report
	said       map[string]bool
}

func newSection(file string, fields map[string]any, report *Report) *section {
	return &section{file: file, fields: fields, report: report, said: map[string]bool{}}
}

func (s *section) say(key, outcome, format string, args ...any) {
	s.said[key] = true
	s.report.Lines = append(s.report.Lines, Line{s.file, s.path + key, outcome, fmt.Sprintf(format, args...)})
}

func (s *section) taken(key, format string, args ...any)    { s.say(key, Taken, format, args...) }
func (s *section) unneeded(key, format string, args ...any) { s.say(key, Unneeded, format, args...) }
func (s *section) not(key, format string, args ...any)      { s.say(key, Impossible, format, args...) }

// sub is the object below key; nil if there is none. Its keys get lines of their own.
func (s *section) sub(key string) *section {
	fields, ok := s.fields[key].(map[string]any)
	if !ok {
		if s.has(key) {
			s.not(key, "it is no object { … }")
		}
		return nil
	}
	s.said[key] = true
	return &section{file: s.file, path: s.path + key + ".", fields: fields, report: s.report, said: map[string]bool{}}
}

func (s *section) has(key string) bool { _, ok := s.fields[key]; return ok }

// keys are the keys in their order.
func (s *section) keys() []string { return slices.Sorted(maps.Keys(s.fields)) }

func (s *section) text(key string) string {
	switch v := s.fields[key].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

func (s *section) number(key string) (float64, bool) {
	n, ok := s.fields[key].(json.Number)
	if !ok {
		return 0, false
	}
	v, err := n.Float64()
	return v, err == nil
}

func (s *section) yes(key string) bool { v, _ := s.fields[key].(bool); return v }

// rest says of every key that nothing was said of that it is unknown.
func (s *section) rest() {
	for _, key := range s.keys() {
		if !s.said[key] {
			s.not(key, "NOMP itself does not know this key")
		}
	}
}

// unneededAll says the same of all keys below key.
func (s *section) unneededAll(key, why string) {
	if !s.has(key) {
		return
	}
	s.said[key] = true
	fields, ok := s.fields[key].(map[string]any)
	if !ok {
		s.unneeded(key, "%s", why)
		return
	}
	for _, below := range slices.Sorted(maps.Keys(fields)) {
		s.unneeded(key+"."+below, "%s", why)
	}
	s.said[key] = true
}

// jsonFiles are the names of the files of a folder that end with .json.
func jsonFiles(dir, folder string) (names []string, err error) {
	entries, err := os.ReadDir(filepath.Join(dir, folder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if !e.IsDir() && strings.HasSuffix(e.Name(), ".json") {
			names = append(names, folder+"/"+e.Name())
		}
	}
	return names, err
}
