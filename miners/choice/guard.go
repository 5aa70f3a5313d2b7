package choice

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/adit-mining/adit/miners/durable"
)

// A Guard remembers, through a crash of the whole machine, which programs were
// being tried on which devices. Markers are files of their own in Dir: one must be
// on the disk before the program starts, in the moment before everything may stop.
type Guard struct {
	Dir  string
	Boot Boot // this one: ThisBoot
}

// A Boot is one run of the operating system.
type Boot struct {
	ID   string    `json:"id"`   // the system's own name for it; empty: it has none
	Time time.Time `json:"time"` // when it began; zero: unknown
}

// clockSlack is how far the times of one boot may lie apart: systems compute them
// from a clock that people and servers set.
const clockSlack = 5 * time.Minute

// after reports whether b is a later boot than earlier for sure.
func (b Boot) after(earlier Boot) bool {
	if b.ID != "" && earlier.ID != "" {
		return b.ID != earlier.ID
	}
	return !earlier.Time.IsZero() && b.Time.Sub(earlier.Time) > clockSlack
}

const (
	markerPrefix = "trying-"
	markerSuffix = ".json"
)

type marker struct {
	Device  string    `json:"device"`
	Program string    `json:"program"`
	Began   time.Time `json:"began"`
	Boot    Boot      `json:"boot"`
}

// Begin notes that a program is about to be tried on a device. It is for a
// program's first minutes there: one that has run for a while is not to blame when
// somebody pulls the plug. The program must not start before Begin has returned nil.
func (g Guard) Begin(device, program string) error {
	text, err := json.Marshal(marker{device, program, time.Now().UTC(), g.Boot})
	if err == nil {
		err = os.MkdirAll(g.Dir, 0o700)
	}
	if err == nil {
		err = durable.Replace(g.path(device, program), text)
	}
	if err != nil {
		return fmt.Errorf("note that %s is tried on %s: %w", program, device, err)
	}
	return nil
}

// End notes that the trial is over, well or not: the machine lives.
func (g Guard) End(device, program string) error {
	return durable.Remove(g.path(device, program))
}

func (g Guard) path(device, program string) string {
	sum := sha256.Sum256([]byte(device + "\n" + program))
	return filepath.Join(g.Dir, markerPrefix+hex.EncodeToString(sum[:8])+markerSuffix)
}

// Settle is for the app's start. It returns r with the programs that were being
// tried when the machine went down, saves that in dir, and removes the markers. A
// marker of this boot is of an app that was killed, and blames nobody.
//
// A crash before the save leaves the markers, after it both: doing it again changes
// nothing.
func (g Guard) Settle(dir string, r Records) (Records, error) {
	entries, err := os.ReadDir(g.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return r, fmt.Errorf("look for programs that froze the machine: %w", err)
	}
	var settled []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), markerPrefix) {
			continue
		}
		path := filepath.Join(g.Dir, e.Name())
		settled = append(settled, path)
		// A damaged marker does not tell whose it is. Replace does not leave any.
		if m, err := readMarker(path); err == nil && g.Boot.after(m.Boot) {
			r = r.WithFreeze(Freeze{m.Device, m.Program, m.Began})
		}
	}
	if len(settled) == 0 {
		return r, nil
	}
	if err := Save(dir, r); err != nil {
		return r, err
	}
	for _, path := range settled {
		err = errors.Join(err, durable.Remove(path))
	}
	return r, err
}

// readMarker reads a marker; the name of one that was being replaced ends otherwise
// and is an error, as its program had not started yet.
func readMarker(path string) (m marker, err error) {
	if !strings.HasSuffix(path, markerSuffix) {
		return m, errors.New("this marker was never finished")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(text, &m)
}
