package model

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/adit-mining/adit/miners/choice"
)

// Fetching says how far a program is on its way to the disk.
type Fetching struct {
	Program, Version string
	Done, Size       int64 // bytes
}

// Fetched says that a program is on the disk, or why it is not.
type Fetched struct {
	Program, Version, Path string
	Err                    error
}

func (Fetching) event() {}
func (Fetched) event()  {}

// fetches returns the downloads that shall run: of programs that some unit would
// rather have, one at a time.
func (e *Engine) fetches(s State) []task {
	for _, u := range s.Units {
		c, ok := s.order(u)
		if !ok {
			continue
		}
		name, version := c.Program.Name, c.Program.Version
		work := func(ctx context.Context, emit func(Event)) {
			last := time.Time{}
			emit(Fetching{name, version, 0, c.Build.Size})
			path, err := e.config.Install(ctx, c.Program, c.Build, func(done, size int64) {
				if time.Since(last) < 250*time.Millisecond && done < size {
					return
				}
				last = time.Now()
				emit(Fetching{name, version, done, size})
			})
			if errors.Is(err, context.Canceled) && ctx.Err() != nil {
				return // the user stopped; what came so far is kept
			}
			emit(Fetched{name, version, path, err})
		}
		return []task{{taskName{fetch, name + " " + version}, nil, work}}
	}
	return nil
}

// order returns what is to be fetched for the unit, if anything: a program that it
// would rather have than its own, and that did not fail to come lately.
func (s State) order(u Unit) (choice.Candidate, bool) {
	have, listed := s.Shelf.find(u.Rather)
	if !s.Wanted || !listed || have.Path != "" || s.Settings.IsOff(u.Device.ID) || s.Now.Before(s.parcel(have).retry) {
		return choice.Candidate{}, false
	}
	all := choice.Candidates(s.question(u, u.Target))
	i := slices.IndexFunc(all, func(c choice.Candidate) bool { return c.Program.Name == have.Name && c.Program.Version == have.Version })
	if i < 0 || all[i].Excluded != "" {
		return choice.Candidate{}, false
	}
	return all[i], true
}

func (s State) parcel(p Program) Parcel {
	for _, a := range s.Parcels {
		if a.Program == p.Name && a.Version == p.Version {
			return a
		}
	}
	return Parcel{Program: p.Name, Version: p.Version}
}

// withParcel returns s with a parcel in the place of the program's last one.
func (s State) withParcel(p Parcel) State {
	s.Parcels = append(slices.DeleteFunc(slices.Clone(s.Parcels), func(a Parcel) bool {
		return a.Program == p.Program && a.Version == p.Version
	}), p)
	return s
}

func (s State) fetching(ev Fetching) State {
	p := s.parcel(Program{Name: ev.Program, Version: ev.Version})
	p.Done, p.Size, p.Fault = ev.Done, ev.Size, Problem{}
	return s.withParcel(p)
}

// A download that failed is tried again after a while, later each time.
const (
	firstRetry   = time.Minute
	longestRetry = 6 * time.Hour
)

func (s State) fetched(ev Fetched) State {
	p := s.parcel(Program{Name: ev.Program, Version: ev.Version})
	if ev.Err != nil {
		p.Fault = problemOf(fromProgram, ev.Err)
		p.retry, p.failures = s.Now.Add(min(firstRetry<<min(p.failures, 10), longestRetry)), p.failures+1
		if p.Fault.Code == DownloadWrong {
			s = s.note(ProgramRefused, map[string]any{"Program": ev.Program, "Version": ev.Version})
		}
		return s.withParcel(p)
	}
	s.Parcels = slices.DeleteFunc(slices.Clone(s.Parcels), func(a Parcel) bool {
		return a.Program == ev.Program && a.Version == ev.Version
	})
	s.Shelf = s.Shelf.with(ev.Program, ev.Version, ev.Path)
	s = s.note(ProgramInstalled, map[string]any{"Program": ev.Program, "Version": ev.Version})
	return s.aim()
}

// with returns the shelf with a program's path changed; an empty one means that it
// must be installed again.
func (s Shelf) with(name, version, path string) Shelf {
	s.Programs = slices.Clone(s.Programs)
	for i, p := range s.Programs {
		if p.Name == name && p.Version == version {
			s.Programs[i].Path = path
		}
	}
	return s
}
