// Package settings is the file that the user's choices are kept in: which pool,
// how hard to mine, whether the key was backed up. Nothing secret is in it.
//
// It only reads, checks and writes values; what they mean is the model's matter.
// It has no goroutine. A missing file is not an error, a damaged one is: the
// caller gets the defaults with it and goes on. Saving replaces the file in one
// step, so a crash leaves the old choices or the new ones.
package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/adit-mining/adit/miners/durable"
)

// FileName is the file's name in the data folder.
const FileName = "settings.json"

// Power says how much of the processor mining may take.
type Power string

// The powers, from the least to the most.
const (
	Quiet    Power = "quiet"    // a quarter of the threads: nothing else gets slower
	Balanced Power = "balanced" // all threads but one
	Full     Power = "full"     // all threads
)

// Powers lists the powers, from the least to the most.
func Powers() []Power { return []Power{Quiet, Balanced, Full} }

// Threads returns how many of a processor's threads a power takes, at least 1.
func (p Power) Threads(available int) int {
	switch p {
	case Quiet:
		return max(available/4, 1)
	case Full:
		return max(available, 1)
	}
	return max(available-1, 1)
}

// GPUPercent returns how hard a graphics card may work by a power, in percent of the
// most that a program can make of it.
func (p Power) GPUPercent() int {
	switch p {
	case Quiet:
		return 50
	case Full:
		return 100
	}
	return 75
}

// Settings are the user's choices. The zero value is not valid; start from
// Default.
type Settings struct {
	// Pool is the pool's address, such as https://pool.example; empty until chosen.
	Pool string `json:"pool"`
	// Worker is this computer's name at the pool, shown on the pool's pages; up to
	// 32 letters, digits, - and _. Default: pc.
	Worker string `json:"worker"`
	// Coin is the coin to mine, by id ("litecoin"); empty lets Adit choose.
	Coin string `json:"coin"`
	// Power is how much of the processor mining may take. Default: balanced.
	Power Power `json:"power"`
	// Threads overrules Power with a number of threads; 0 does not.
	Threads int `json:"threads"`
	// Miner is the mining program of the processor: "auto" for the best that Adit has
	// or can get, "builtin" for Adit's own, or the path of a program on this computer.
	// Default: auto.
	Miner string `json:"miner"`
	// Program is what kind of program a path in Miner is, by the name of its driver
	// ("xmrig"); empty: told by the file's name.
	Program string `json:"program,omitempty"`
	// Backup is what is known of the mining key's backup.
	Backup Backup `json:"backup,omitzero"`
	// LockMinutes is after how long a mining key with a password of its own is locked
	// again: 0 (never) to 1440. Default: 10.
	LockMinutes int `json:"lock_minutes"`

	// Off are the devices that shall not mine, by hwdetect's ids, sorted.
	Off []string `json:"off,omitempty"`
	// Closed allows programs whose source nobody can read and that keep a part of
	// the work for their makers. Default: no.
	Closed bool `json:"closed"`
	// Catalogue is where the list of mining programs is: an http(s) address or a
	// path; empty: beside the program, if there is one.
	Catalogue string `json:"catalogue,omitempty"`
	// Rules are the manners of a guest.
	Rules Rules `json:"rules"`
	// Server is who is asked for coins, and sends them, in the pool's place: the address
	// of an explorer with Esplora's interface, or an Electrum server as host:port.
	// Empty: the pool.
	Server string `json:"server,omitempty"`
	// PricePerKWh is what electricity costs, in Currency; 0: unknown, left out.
	PricePerKWh float64 `json:"price_per_kwh"`
	// Currency is the user's, three letters as "EUR"; empty: by the system's region.
	Currency string `json:"currency"`

	// Language is the code of the words' language ("de"); empty: the system's.
	Language string `json:"language"`
	// Theme is light or dark; empty: as the system has it.
	Theme string `json:"theme"`
	// Notify allows notifications. Default: yes.
	Notify bool `json:"notify"`
	// AtLogin says whether Adit starts with the computer. It does not before the
	// user was asked.
	AtLogin Answer `json:"at_login"`
	// OnClose is what closing the window does: hide it in the tray (yes), end Adit
	// (no), or ask.
	OnClose Answer `json:"on_close"`
	// ResumeMining says that the user was mining when Adit ended, so that it goes on
	// at the next start.
	ResumeMining bool `json:"resume_mining"`
}

// Answer is yes, no, or empty while the user was not asked.
type Answer string

// The answers.
const (
	Unasked Answer = ""
	Yes     Answer = "yes"
	No      Answer = "no"
)

// Equal reports whether s and o are the same choices.
func (s Settings) Equal(o Settings) bool { return reflect.DeepEqual(s, o) }

// IsOff reports whether the device with that id shall not mine.
func (s Settings) IsOff(id string) bool { return slices.Contains(s.Off, id) }

// Turn returns s with a device turned on or off.
func (s Settings) Turn(id string, on bool) Settings {
	s.Off = slices.DeleteFunc(slices.Clone(s.Off), func(o string) bool { return o == id })
	if !on {
		s.Off = append(s.Off, id)
		slices.Sort(s.Off)
	}
	if len(s.Off) == 0 {
		s.Off = nil
	}
	return s
}

// Miners that are no path.
const (
	AutoMiner    = "auto"    // the best that there is
	BuiltinMiner = "builtin" // the one that comes with Adit
)

// Default returns the settings of a first start.
func Default() Settings {
	return Settings{
		Worker: "pc", Power: Balanced, Miner: AutoMiner, Notify: true, LockMinutes: 10,
		Rules: Rules{InUse: GoOn, IdleMinutes: 5, CPUCelsius: 88, GPUCelsius: 80},
	}
}

// maxThreads is more than any computer of today has, to catch typing errors.
const maxThreads = 4096

// maxLock is a day, in minutes.
const maxLock = 24 * 60

// Validate reports everything that is wrong with s at once, each fault with the
// key that has to change.
func (s Settings) Validate() error {
	var faults []error
	check := func(ok bool, key, want string, have any) {
		if !ok {
			faults = append(faults, fmt.Errorf("%s: want %s, have %v", key, want, have))
		}
	}
	check(s.Pool == "" || validPool(s.Pool), "pool", "an address like https://pool.example", s.Pool)
	check(validWorker(s.Worker), "worker", "1 to 32 letters, digits, - or _", s.Worker)
	check(s.Power == Quiet || s.Power == Balanced || s.Power == Full, "power", "quiet, balanced or full", s.Power)
	check(s.Threads >= 0 && s.Threads <= maxThreads, "threads", "0 (by power) to 4096", s.Threads)
	check(s.Miner != "", "miner", `"auto", "builtin" or a path`, `""`)
	check(s.Coin == "" || validCoin(s.Coin), "coin", "a coin's or switch port's id, or empty", s.Coin)
	check(s.Language == "" || validWorker(s.Language), "language", "a language's code as de or zh-Hans, or empty", s.Language)
	check(s.Theme == "" || s.Theme == "light" || s.Theme == "dark", "theme", "light, dark or empty", s.Theme)
	check(s.Currency == "" || validCurrency(s.Currency), "currency", "three capital letters as EUR, or empty", s.Currency)
	check(s.PricePerKWh >= 0 && s.PricePerKWh < 1e6, "price_per_kwh", "0 (unknown) or what a kilowatt-hour costs", s.PricePerKWh)
	check(s.AtLogin.valid(), "at_login", "yes, no or empty", s.AtLogin)
	check(s.OnClose.valid(), "on_close", "yes, no or empty", s.OnClose)
	check(s.LockMinutes >= 0 && s.LockMinutes <= maxLock, "lock_minutes", "0 (never) to 1440", s.LockMinutes)
	s.Backup.validate(check)
	s.Rules.validate(check)
	return errors.Join(faults...)
}

func (a Answer) valid() bool { return a == Unasked || a == Yes || a == No }

// validCoin tells an id from a typing error. The pool says whether it has the coin.
func validCoin(id string) bool {
	return len(id) <= 40 && strings.IndexFunc(id, func(r rune) bool {
		return !(r == '-' || r == '.' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	}) < 0
}

func validCurrency(c string) bool {
	return len(c) == 3 && strings.IndexFunc(c, func(r rune) bool { return r < 'A' || r > 'Z' }) < 0
}

func validPool(pool string) bool {
	if !strings.Contains(pool, "://") {
		pool = "https://" + pool
	}
	u, err := url.Parse(pool)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
}

func validWorker(name string) bool {
	if name == "" || len(name) > 32 {
		return false
	}
	return strings.IndexFunc(name, func(r rune) bool {
		return !(r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	}) < 0
}

// Load reads the settings in the data folder dir. Where there is no file it
// returns the defaults; where the file is damaged or wrong it returns them with an
// error that says what to do. Keys it does not know are left out: the file may
// come from a newer Adit.
func Load(dir string) (Settings, error) {
	path := filepath.Join(dir, FileName)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Default(), nil
	}
	if err != nil {
		return Default(), fmt.Errorf("read the settings: %w", err)
	}
	s := Default()
	if err := json.Unmarshal(text, &s); err != nil {
		return Default(), fmt.Errorf("%s is damaged; correct it, or delete it to start from the defaults: %w", path, err)
	}
	if err := s.Validate(); err != nil {
		return Default(), fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// Save writes s into the data folder dir, in place of what was there; a crash leaves
// the old settings or the new ones.
func Save(dir string, s Settings) error {
	if err := s.Validate(); err != nil {
		return fmt.Errorf("save the settings: %w", err)
	}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("save the settings: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("save the settings: %w", err)
	}
	if err := durable.Replace(filepath.Join(dir, FileName), append(text, '\n')); err != nil {
		return fmt.Errorf("save the settings: %w", err)
	}
	return nil
}
