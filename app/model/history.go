package model

import (
	"slices"
	"time"
)

// Entry is something that happened, for the list that the user can look back at.
type Entry struct {
	At   time.Time
	What Happening
	Args map[string]any // for the sentence; never changed
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
	HintIgnored   Happening = "hint-ignored" // Error
)

// Happenings lists what can happen.
func Happenings() []Happening {
	return []Happening{KeyMade, PoolJoined, MiningStarted, FirstShare, MiningStopped, PoolLost, PoolBack, MinerCrashed, PaidOut, BackedUp, HintIgnored}
}

// longest is how many entries are kept.
const longest = 100

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
