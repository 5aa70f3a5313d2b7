package model

import (
	"slices"
	"time"
)

// Entry is something that happened, for the list that the user can look back at.
type Entry struct {
	At   time.Time      `json:"at"`
	What Happening      `json:"what"`
	Args map[string]any `json:"args,omitempty"` // for the sentence; never changed
}

// Happening names a kind of entry; the view has a sentence for each.
type Happening string

// What can happen.
const (
	KeyMade       Happening = "key-made"
	PoolJoined    Happening = "pool-joined" // Pool
	MiningStarted Happening = "mining-started"
	FirstShare    Happening = "first-share" // Seconds
	MiningStopped Happening = "mining-stopped"
	PoolLost      Happening = "pool-lost"
	PoolBack      Happening = "pool-back"
	MinerCrashed  Happening = "miner-crashed" // Seconds until it starts again
	PaidOut       Happening = "paid-out"      // Amount, Symbol
	BackedUp      Happening = "backed-up"
	BackupTried   Happening = "backup-tried" // and found good
	KeyRestored   Happening = "key-restored"
	KeyRenewed    Happening = "key-renewed"
	Moved         Happening = "moved"          // Amount, Symbol
	HintIgnored   Happening = "hint-ignored"   // Error
	PayeesKept    Happening = "payees-kept"    // by the pool
	PayeesFound   Happening = "payees-found"   // at the pool: another computer with this key signed them
	PaidElsewhere Happening = "paid-elsewhere" // Amount, Symbol

	ProgramReplaced  Happening = "program-replaced"  // Device, Program, Next
	DeviceLeftOut    Happening = "device-left-out"   // Device, Program, Minutes
	ProgramInstalled Happening = "program-installed" // Program, Version
	ProgramRefused   Happening = "program-refused"   // Program, Version: not what the catalogue says
	ProgramTaken     Happening = "program-taken"     // Program: it vanished, as an antivirus makes it
	ProgramMeasured  Happening = "program-measured"  // Device, Program, Rate
	CoinChanged      Happening = "coin-changed"      // Coin
	Rested           Happening = "rested"            // Why, and the args of the verdict
	WentOn           Happening = "went-on"
	Woke             Happening = "woke"        // Minutes asleep
	TooHotNow        Happening = "too-hot"     // Device, Celsius
	CooledDown       Happening = "cooled-down" // Device
	LeftoversFound   Happening = "leftovers"   // Program
	MinerStuck       Happening = "miner-stuck" // Device, Program
)

// Happenings lists what can happen.
func Happenings() []Happening {
	return []Happening{KeyMade, PoolJoined, MiningStarted, FirstShare, MiningStopped, PoolLost, PoolBack, MinerCrashed, PaidOut, BackedUp, BackupTried, KeyRestored, KeyRenewed, Moved, HintIgnored, PayeesKept, PayeesFound, PaidElsewhere,
		ProgramReplaced, DeviceLeftOut, ProgramInstalled, ProgramRefused, ProgramTaken, ProgramMeasured, CoinChanged, Rested, WentOn, Woke,
		TooHotNow, CooledDown, LeftoversFound, MinerStuck}
}

// longest is how many entries are kept.
const longest = 300

// note returns s with an entry added. The old list is left as it is, for states
// that were handed out share it.
func (s State) note(what Happening, args map[string]any) State {
	h := s.History
	if len(h) >= longest {
		h = h[len(h)-longest+1:]
	}
	s.History = append(slices.Clip(h), Entry{At: s.Now, What: what, Args: args})
	return s
}
