// Package bundle writes what helps others to help a user into one zip file: what
// happened, the settings, the hardware, the doctor's findings and what the mining
// programs printed last, without anything secret or personal.
//
// All of it is text that goes through Redact, file by file, so that no caller can
// forget to. The package reads nothing but the computer's own names, in order to take
// them out, and the system's version. It has no goroutine.
package bundle

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/adit-mining/adit/app/doctor"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/hwdetect"
)

// Contents are what a bundle is made of.
type Contents struct {
	Made     time.Time
	Versions map[string]string // by program, Adit's own among them
	History  []string          // sentences, oldest first
	Settings settings.Settings
	Machine  hwdetect.Machine
	Findings []doctor.Finding
	Output   map[string][]string // the last lines that each program printed, by its name
	// Private are words that must not be in it wherever they come from: mining key,
	// account, payout addresses. This computer's and its user's names, and the
	// worker's, are added.
	Private []string
}

const readme = `What Adit knows about this computer and what happened on it lately, for somebody
who is to help you. Keys, addresses, names and network addresses were replaced by ***.
It is all text: have a look before you send it.
`

// How much of a program's output is kept, of its end: lines, and bytes of each.
const mostLines, longestLine = 2000, 300

// Write writes the bundle as a zip file to w.
func Write(w io.Writer, c Contents) error {
	private := append(slices.Clone(c.Private), c.Settings.Worker)
	private = append(private, personal()...)
	archive := zip.NewWriter(w)
	for _, f := range c.files() {
		out, err := archive.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: c.Made})
		if err == nil {
			_, err = io.WriteString(out, Redact(f.text, private...))
		}
		if err != nil {
			return fmt.Errorf("support bundle: %s: %w", f.name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("support bundle: %w", err)
	}
	return nil
}

type file struct{ name, text string }

func (c Contents) files() []file {
	all := []file{
		{"readme.txt", readme},
		{"system.json", object(map[string]any{
			"made": c.Made.UTC().Format(time.RFC3339), "versions": c.Versions,
			"os": runtime.GOOS, "arch": runtime.GOARCH, "os_version": systemVersion(),
			"desktop": os.Getenv("XDG_CURRENT_DESKTOP"), "session": os.Getenv("XDG_SESSION_TYPE"), "language": os.Getenv("LANG"),
		})},
		{"history.txt", lines(c.History)},
		{"settings.json", object(withoutPath(c.Settings))},
		{"machine.json", object(c.Machine)},
		{"doctor.json", object(c.Findings)},
	}
	for i, program := range slices.Sorted(maps.Keys(c.Output)) {
		all = append(all, file{fmt.Sprintf("programs/%d-%s.txt", i+1, plainName(program)), lines(end(c.Output[program]))})
	}
	return all
}

// withoutPath returns s with nothing but the host of the addresses in it: a path or
// a query may hold a key.
func withoutPath(s settings.Settings) settings.Settings {
	s.Pool, s.Server = host(s.Pool), host(s.Server)
	if strings.Contains(s.Catalogue, "://") {
		s.Catalogue = host(s.Catalogue)
	}
	return s
}

func host(address string) string {
	if address == "" {
		return ""
	}
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return blot
	}
	return u.Host
}

func object(v any) string {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil { // a number that is none, from a sensor
		return "cannot be written: " + err.Error() + "\n"
	}
	return string(text) + "\n"
}

func lines(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return strings.Join(all, "\n") + "\n"
}

// end returns what is kept of a program's output.
func end(printed []string) []string {
	var kept []string
	for _, line := range printed[max(len(printed)-mostLines, 0):] {
		kept = append(kept, line[:min(len(line), longestLine)])
	}
	return kept
}

// plainName makes a name for a file of a program's name.
func plainName(program string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, program)
}

// nobody are names that tell nothing about somebody, and that the rest of a bundle is
// full of.
var nobody = []string{"adit", "admin", "administrator", "computer", "desktop", "guest", "linux", "localhost", "miner", "mining", "root", "user", "ubuntu", "windows", "worker"}

// personal returns this computer's and its user's names.
func personal() []string {
	home, _ := os.UserHomeDir() // what is unknown here is in no text either
	name, _ := os.Hostname()
	all := []string{home, filepath.Base(home), name}
	for _, variable := range []string{"USER", "LOGNAME", "USERNAME", "USERDOMAIN", "COMPUTERNAME", "HOSTNAME", "SUDO_USER"} {
		all = append(all, os.Getenv(variable))
	}
	if first, _, found := strings.Cut(name, "."); found {
		all = append(all, first)
	}
	return slices.DeleteFunc(all, func(s string) bool { return slices.Contains(nobody, strings.ToLower(s)) })
}
