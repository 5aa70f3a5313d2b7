package miners

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/shirou/gopsutil/v3/process"
)

// A Roster is a file that says which programs run, so that those which an earlier
// Adit left behind are found: where the system knows no way to tie a program to us,
// and where ours failed. Its methods may be called from several goroutines. The file
// is a means against waste: whoever cannot write it goes on without.
type Roster struct {
	path string

	mu      sync.Mutex
	running []rosterEntry
}

type rosterEntry struct {
	PID     int    `json:"pid"`
	Path    string `json:"path"`
	Created int64  `json:"created_ms"` // when the system says that the process began
}

// rosterName is the file's name in the data folder.
const rosterName = "running.json"

// NewRoster returns the roster of the data folder dir.
func NewRoster(dir string) *Roster { return &Roster{path: filepath.Join(dir, rosterName)} }

// Add notes that program runs as process pid, until Remove.
func (r *Roster) Add(pid int, program string) error {
	created := int64(0)
	if p, err := process.NewProcess(int32(pid)); err == nil {
		created, _ = p.CreateTime()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.running = append(r.running, rosterEntry{pid, program, created})
	return r.save()
}

// Remove notes that the process is gone.
func (r *Roster) Remove(pid int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.running = slices.DeleteFunc(r.running, func(e rosterEntry) bool { return e.PID == pid })
	return r.save()
}

// save writes the file anew, or removes it when nothing runs.
func (r *Roster) save() error {
	if len(r.running) == 0 {
		if err := os.Remove(r.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("note what runs: %w", err)
		}
		return nil
	}
	text, err := json.Marshal(r.running)
	if err == nil {
		err = os.WriteFile(r.path, text, 0o600)
	}
	if err != nil {
		return fmt.Errorf("note what runs: %w", err)
	}
	return nil
}

// Sweep ends the programs that an earlier Adit left behind in this data folder and
// returns their paths. It must be called before Add, by who holds the folder's lock.
// A process is ended only if number, program and time of its start are those that
// were noted.
func (r *Roster) Sweep(ctx context.Context) (ended []string, err error) {
	text, err := os.ReadFile(r.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for programs left behind: %w", err)
	}
	var left []rosterEntry
	if err := json.Unmarshal(text, &left); err != nil {
		return nil, os.Remove(r.path) // cut off by a crash: whom it named cannot be told
	}
	var faults []error
	for _, e := range left {
		if !e.lives(ctx) {
			continue
		}
		if err := endGroup(e.PID); err != nil {
			faults = append(faults, fmt.Errorf("end %s (process %d): %w", e.Path, e.PID, err))
			continue
		}
		ended = append(ended, e.Path)
	}
	return ended, errors.Join(append(faults, os.Remove(r.path))...)
}

// Left reports whether a program that an earlier Adit noted still runs. Like Sweep it
// is for before Add.
func (r *Roster) Left(ctx context.Context) bool {
	text, err := os.ReadFile(r.path)
	var left []rosterEntry
	if err != nil || json.Unmarshal(text, &left) != nil {
		return false
	}
	return slices.ContainsFunc(left, func(e rosterEntry) bool { return e.lives(ctx) })
}

// lives reports whether the very process that was noted is still there.
func (e rosterEntry) lives(ctx context.Context) bool {
	if e.PID <= 1 || e.Created == 0 {
		return false
	}
	p, err := process.NewProcessWithContext(ctx, int32(e.PID))
	if err != nil {
		return false
	}
	created, err := p.CreateTimeWithContext(ctx)
	if err != nil || created != e.Created {
		return false
	}
	path, err := p.ExeWithContext(ctx)
	return err == nil && filepath.Base(path) == filepath.Base(e.Path)
}
