package model

import (
	"time"

	"github.com/adit-mining/adit/app/doctor"
	"github.com/adit-mining/adit/app/manners"
	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/miners/pow"
)

// Unit is one device of this computer and all that concerns mining with it. A unit
// has one program at a time, and a program has one unit: two programs cannot meet on
// a device.
type Unit struct {
	Device  hwdetect.Device // as last sensed
	Target  Target          // what it mines, or would; zero: nothing that the pool has
	Pick    Pick            // the program that it mines with, or would
	Rather  Pick            // a better one that must be installed first; zero without
	Verdict manners.Verdict // what the rules allow it now
	Miner   Miner
	Trouble Problem // the program's last one that is not over

	since    time.Time          // when it came to its target
	failures map[string]failure // of programs that are not the catalogue's; never changed in place
	epoch    int                // raised to start the program anew
	doubtful time.Time          // since when it computes and too few shares are taken
}

// Pick is the choice of a mining program for a unit.
type Pick struct {
	Program   string // name of its driver, "builtin" for Adit's own; empty: there is none
	Version   string
	Closed    bool    // nobody can read its source
	Fee       float64 // what its maker keeps, in percent
	Measuring bool    // it is tried for its speed while it earns
	None      NoPick  // why there is no program
}

// NoPick says why a unit has no program.
type NoPick string

// The reasons.
const (
	Found       NoPick = ""
	NoProgram   NoPick = "no-program"   // none in the catalogue does this on this device
	NoCatalogue NoPick = "no-catalogue" // there is no catalogue, and Adit's own is for processors
	NeedConsent NoPick = "need-consent" // only closed programs do, and the user has not allowed them
	NeedMemory  NoPick = "need-memory"  // the card's memory is too small for the coin's data
	NeedDriver  NoPick = "need-driver"  // the card's driver is too old
	AllFailed   NoPick = "all-failed"   // each program failed on it lately
)

// NoPicks lists the reasons.
func NoPicks() []NoPick {
	return []NoPick{NoProgram, NoCatalogue, NeedConsent, NeedMemory, NeedDriver, AllFailed}
}

// Standing is how a unit stands, in one word.
type Standing string

// The standings.
const (
	UnitCannot    Standing = "cannot"    // the device cannot mine: Device.Reason, Device.Advice
	UnitOff       Standing = "off"       // the user turned it off
	UnitNoCoin    Standing = "no-coin"   // the pool has nothing for it
	UnitNoProgram Standing = "none"      // Pick.None says why
	UnitGetting   Standing = "getting"   // its program is being downloaded
	UnitReady     Standing = "ready"     // it would mine if the user wanted
	UnitWaiting   Standing = "waiting"   // Verdict says why
	UnitPreparing Standing = "preparing" // its program starts
	UnitMining    Standing = "mining"
	UnitSlow      Standing = "slow"   // mining with less than it could: Verdict says why
	UnitBroken    Standing = "broken" // Trouble says why
)

// Standings lists the standings.
func Standings() []Standing {
	return []Standing{UnitCannot, UnitOff, UnitNoCoin, UnitNoProgram, UnitGetting, UnitReady, UnitWaiting, UnitPreparing, UnitMining, UnitSlow, UnitBroken}
}

// Parcel is a mining program on its way to the disk.
type Parcel struct {
	Program, Version string
	Done, Size       int64 // bytes
	Fault            Problem

	retry    time.Time // after a fault
	failures int
}

// Sample is what was measured over a span of time.
type Sample struct {
	At       time.Time    `json:"at"`       // its beginning
	Hashrate pow.Hashrate `json:"hashrate"` // mean, of the algorithm that most was mined with
	Celsius  float64      `json:"celsius"`  // of the hottest device; 0 unknown
	Accepted int64        `json:"accepted"` // shares
	Rejected int64        `json:"rejected"`
	Earned   float64      `json:"earned"`           // whole coins that the pool credited; for a chart, not for money
	Symbol   string       `json:"symbol,omitempty"` // of Earned
}

// Totals is mining with all units together. Hashrate is that of the units that mine
// the algorithm of State.Target: hashes of different kinds do not add up.
type Totals struct {
	Units     int // that have a program running
	Connected bool
	Hashrate  pow.Hashrate
	Average   pow.Hashrate
	Accepted  int64
	Rejected  int64
	Reasons   map[string]int64
	Celsius   *float64 // of the hottest device that mines, else of any
	Watts     *float64 // of all that tell; nil if none does
	Programs  []string // that run, without doubles
}

// Income is what mining is expected to bring in a day.
type Income struct {
	Coins    float64 // whole coins of Symbol
	Symbol   string
	Money    float64 // in Currency; 0 with Priced false
	Cost     float64 // of electricity, in Currency; 0 with Costed false
	Currency string
	Known    bool // the pool gave an estimate and a hashrate is known
	Priced   bool // the pool knows a price in the user's currency
	Costed   bool // watts and price per kWh are known
	At       time.Time
}

// Offer is a coin or a switch port of the pool, for the list to choose from.
type Offer struct {
	ID, Name, Symbol, Algorithm string
	Switch                      bool
	Chosen                      bool // the user named it
	Current                     bool // it is mined now by some unit
	Minable                     bool // some unit can
	Income                      Income
	Fee                         float64
	Scheme                      string
	Minimum                     string
}

// Page is the person's page at the pool.
type Page struct {
	Asked int // how often it was asked for
	Busy  bool
	URL   string // opens it signed in, once; empty before
	Fault Problem
}

// Saved is how writing a file for the user went.
type Saved struct {
	Folder string // where to suggest, or where it was asked for
	Asked  int
	Busy   bool
	Path   string
	Fault  string
}

// Checkup is what the doctor found.
type Checkup struct {
	Asked    int
	Busy     bool
	Findings []doctor.Finding
	At       time.Time
}
