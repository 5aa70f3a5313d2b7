package choice

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/adit-mining/adit/miners/durable"
	"github.com/adit-mining/adit/miners/install"
	"github.com/adit-mining/adit/miners/pow"
)

// FileName is the records' name in the data folder.
const FileName = "measurements.json"

const (
	mostRecords = 2000    // of a kind; the oldest go
	mostBytes   = 4 << 20 // of the file

	firstRest   = 10 * time.Minute // after the first failure
	longestRest = 24 * time.Hour
)

// A Key is what a record is of. A new driver or version is another thing to measure.
type Key struct {
	Device    string        `json:"device"` // hwdetect's ID
	Name      string        `json:"name"`   // of the device: another card may come into the slot
	Driver    string        `json:"driver"`
	Program   string        `json:"program"`
	Version   string        `json:"version"`
	Algorithm pow.Algorithm `json:"algorithm"`
}

// Key returns what records of p are kept under on q's device.
func (q Question) Key(p install.Program) Key {
	return Key{q.Device.ID, q.Device.Name, q.driver(), p.Name, p.Version, pow.Canonical(string(q.Algorithm))}
}

// A Result is a measurement, taken while the program mined for real.
type Result struct {
	Key
	// Hashrate is the program's own, before its fee, and believed by the caller
	// because the pool accepted shares at about that rate.
	Hashrate pow.Hashrate `json:"hashrate"`
	PowerW   *float64     `json:"power_w"` // of the device meanwhile; nil: unknown
	At       time.Time    `json:"at"`
	Samples  int          `json:"samples"` // readings that it is the mean of
}

// A Failure is how often a program gave up on a device, since it last worked there.
type Failure struct {
	Key
	Count int       `json:"count"`
	Until time.Time `json:"until"` // when it may try again
}

// A Trial is how often a measurement was begun.
type Trial struct {
	Key
	Count int       `json:"count"`
	Last  time.Time `json:"last"`
}

// A Freeze is a program that was being tried on a device when the machine went
// down. It counts for all its versions, until the user allows it.
type Freeze struct {
	Device  string    `json:"device"`
	Program string    `json:"program"`
	At      time.Time `json:"at"` // when the program was started
}

// Records is what is remembered. It is a value: methods return a changed copy.
type Records struct {
	Results  []Result  `json:"results"`
	Failures []Failure `json:"failures"`
	Trials   []Trial   `json:"trials"`
	Freezes  []Freeze  `json:"freezes"`
}

// Result returns the last result under key.
func (r Records) Result(key Key) (Result, bool) {
	return find(r.Results, func(x Result) bool { return x.Key == key })
}

// Froze reports whether a program, in any version, froze the machine on a device.
func (r Records) Froze(device, program string) bool {
	return slices.ContainsFunc(r.Freezes, func(f Freeze) bool { return f.Device == device && f.Program == program })
}

// Until returns when what failed under key may try again; zero: it did not fail.
func (r Records) Until(key Key) time.Time {
	f, _ := r.failure(key)
	return f.Until
}

func (r Records) failure(key Key) (Failure, bool) {
	return find(r.Failures, func(x Failure) bool { return x.Key == key })
}

func (r Records) trial(key Key) (Trial, bool) {
	return find(r.Trials, func(x Trial) bool { return x.Key == key })
}

// WithResult returns r with a measurement, in place of the earlier one. That the
// program worked ends its row of failures.
func (r Records) WithResult(x Result) Records {
	r.Results = replaced(r.Results, x, func(y Result) bool { return y.Key == x.Key })
	r.Failures = without(r.Failures, func(f Failure) bool { return f.Key == x.Key })
	return r
}

// WithFailure returns r with one failure more: each rest is twice as long as the
// one before.
func (r Records) WithFailure(key Key, now time.Time) Records {
	f, _ := r.failure(key)
	f.Key, f.Count = key, f.Count+1
	rest := longestRest
	if f.Count < 10 {
		rest = min(firstRest<<(f.Count-1), longestRest)
	}
	f.Until = now.Add(rest)
	r.Failures = replaced(r.Failures, f, func(g Failure) bool { return g.Key == key })
	return r
}

// WithTrial returns r with a measurement begun.
func (r Records) WithTrial(key Key, now time.Time) Records {
	t, _ := r.trial(key)
	t.Key, t.Count, t.Last = key, t.Count+1, now
	r.Trials = replaced(r.Trials, t, func(u Trial) bool { return u.Key == key })
	return r
}

// WithFreeze returns r with a program that froze the machine.
func (r Records) WithFreeze(f Freeze) Records {
	r.Freezes = replaced(r.Freezes, f, func(g Freeze) bool { return g.Device == f.Device && g.Program == f.Program })
	return r
}

// Allowed returns r with a program's freeze forgotten: the user asked for that.
func (r Records) Allowed(device, program string) Records {
	r.Freezes = without(r.Freezes, func(f Freeze) bool { return f.Device == device && f.Program == program })
	return r
}

func find[T any](list []T, is func(T) bool) (found T, ok bool) {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return list[i], true
	}
	return found, false
}

func without[T any](list []T, is func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(list), is)
}

// replaced returns list without what x replaces, and x behind: the oldest are in
// front, and go first.
func replaced[T any](list []T, x T, is func(T) bool) []T {
	list = append(without(list, is), x)
	return list[max(0, len(list)-mostRecords):]
}

// Load reads the records in the data folder dir. A missing file is an empty one. A
// damaged one is an error beside empty records: all can be measured again, but
// freezes are forgotten, so the caller tells the user.
func Load(dir string) (Records, error) {
	f, err := os.Open(filepath.Join(dir, FileName))
	if errors.Is(err, fs.ErrNotExist) {
		return Records{}, nil
	}
	if err != nil {
		return Records{}, fmt.Errorf("read the measurements: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, mostBytes+1))
	if err != nil {
		return Records{}, fmt.Errorf("read the measurements: %w", err)
	}
	return read(text)
}

func read(text []byte) (Records, error) {
	var r Records
	if len(text) > mostBytes {
		return Records{}, errors.New("the measurements are damaged: too long")
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return Records{}, fmt.Errorf("the measurements are damaged: %w", err)
	}
	r.Results = without(r.Results, func(x Result) bool { return !(x.Hashrate > 0) || math.IsInf(float64(x.Hashrate), 0) })
	r.Failures = without(r.Failures, func(x Failure) bool { return x.Count < 1 })
	return r, nil
}

// Save writes r into the data folder dir.
func Save(dir string, r Records) error {
	text, err := json.MarshalIndent(r, "", " ")
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err == nil {
		err = durable.Replace(filepath.Join(dir, FileName), append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("save the measurements: %w", err)
	}
	return nil
}
