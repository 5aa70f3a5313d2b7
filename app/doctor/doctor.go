// Package doctor looks for what keeps a computer from mining: the way to the pool,
// the clock, the disk, an antivirus, drivers, memory pages, rights. It changes
// nothing but for a file that it writes into the data folder and removes at once,
// and at the pool it only introduces itself. Each check is bounded in time and says
// what it found, and for trouble one thing to do, as a code with values; the words
// are the view's, and English ones stand beside for support.
//
// Run starts a few goroutines and has ended them when it returns. A check that
// cannot tell says so: there are no errors.
package doctor

import (
	"context"
	"crypto/x509"
	"net"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/adit-mining/adit/hwdetect"
)

// Finding is the outcome of one check.
type Finding struct {
	// Check is what was looked at: see Checks.
	Check string `json:"check"`
	// Level says how bad it is.
	Level Level `json:"level"`
	// Code says what was found, "ok" or a word of the check's own; Check+"."+Code has
	// a text for what and one for what to do.
	Code string `json:"code"`
	// Args are the values for the texts.
	Args map[string]string `json:"args,omitempty"`
	// What and Do are the English texts, for --json and for support.
	What string `json:"what"`
	Do   string `json:"do,omitempty"`
}

// Level is how bad a finding is.
type Level string

// The levels.
const (
	Good    Level = "good"
	Notice  Level = "notice"  // could be better
	Trouble Level = "trouble" // mining does not work, or not for long
	Unknown Level = "unknown" // could not be told
)

// Config is what is looked at. Empty fields are left out of the look.
type Config struct {
	Pool     string           // the pool's address, as the user has it
	Data     string           // the data folder, which may not be there yet
	Programs []string         // files of the mining programs that are installed
	Machine  hwdetect.Machine // as detected
	Need     Memory           // what the mining program takes
	Pages    *HugePages       // nil: not known

	Resolver *net.Resolver  // nil: the system's
	Roots    *x509.CertPool // whom certificates are believed from; nil: whom the system does
	Root     string         // a folder that stands for /, or C:\; empty: the real one
	Limit    time.Duration  // how long a check may take; 0: ten seconds
}

// Memory is what a mining program takes of the main memory.
type Memory struct {
	Bytes     uint64 // 0: what any takes
	Algorithm string // that takes it
}

// HugePages is how the system stands with large memory pages, which make some
// algorithms faster.
type HugePages struct {
	Wanted, Free int  // pages that the program would like, and that are free for it
	MayLock      bool // Windows: the user may lock pages in memory; elsewhere true
}

// limit of one check, and how many run at once.
const (
	defaultLimit = 10 * time.Second
	atOnce       = 4
)

// The checks, in the order of their findings.
const (
	checkAddress   = "address"
	checkDNS       = "dns"
	checkTLS       = "tls"
	checkHTTP      = "http"
	checkClock     = "clock"
	checkStratum   = "stratum" // one finding for each coin's port
	checkDisk      = "disk"
	checkFolder    = "folder"
	checkSettings  = "settings"
	checkAntivirus = "antivirus" // may have several
	checkDrivers   = "drivers"   // one for each device
	checkPages     = "pages"
	checkMemory    = "memory"
	checkRights    = "rights" // may have several
)

// Checks returns the names of all checks, in the order of their findings.
func Checks() []string {
	return []string{
		checkAddress, checkDNS, checkTLS, checkHTTP, checkClock, checkStratum,
		checkDisk, checkFolder, checkSettings, checkAntivirus, checkDrivers, checkPages, checkMemory, checkRights,
	}
}

// Run looks at everything. The findings come in the order of Checks, however long
// each of them took.
func Run(ctx context.Context, c Config) []Finding {
	if c.Limit <= 0 {
		c.Limit = defaultLimit
	}
	if c.Resolver == nil {
		c.Resolver = net.DefaultResolver
	}
	looks := []func(context.Context) []Finding{
		c.pool, // what belongs to the pool looks at one thing after another
		c.disk, c.folder, c.settings, c.antivirus, c.drivers, c.pages, c.memory, c.rights,
	}
	return each(ctx, looks)
}

// each runs looks, a few at once, and returns what they found in their order.
func each(ctx context.Context, looks []func(context.Context) []Finding) []Finding {
	found := make([][]Finding, len(looks))
	var running errgroup.Group
	running.SetLimit(atOnce)
	for i, look := range looks {
		running.Go(func() error {
			found[i] = look(ctx)
			return nil
		})
	}
	_ = running.Wait() // looks have no errors
	return slices.Concat(found...)
}

// OK reports whether nothing keeps the computer from mining.
func OK(findings []Finding) bool {
	return !slices.ContainsFunc(findings, func(f Finding) bool { return f.Level == Trouble })
}
