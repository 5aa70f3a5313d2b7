// Package model is what the user of the app sees and can do, without a window:
// the State, the Events that change it, and the Engine that owns it.
//
// Deciding is pure: State.After takes an event and returns the next state, and
// what should run beside it (asking the pool, the mining program) follows from the
// state alone. The engine only starts and stops that work and turns what comes of
// it into events. Words, colours and languages are the view's matter: the model
// keeps numbers and the names of messages.
//
// Engine.Run owns every goroutine of the package and none outlives it. Trouble
// becomes a Problem in the state: what happened and what the user can do.
package model

import (
	"time"

	"github.com/adit-mining/adit/app/manners"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/hwdetect/presence"
	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/choice"
	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet/coin"
)

// State is all that is shown. It is a value: whoever has one may keep it, and
// nothing in it changes afterwards.
type State struct {
	Now      time.Time // of the last event
	Started  time.Time // when the app opened
	ticked   time.Time // when the last Tick was
	Settings settings.Settings
	Saved    settings.Settings // what the settings file has

	Key     Key
	Machine hwdetect.Machine // zero until detected
	Seen    bool             // the machine was looked at
	SenseAt time.Time        // when to read the sensors again

	Units    []Unit            // one for each of Machine.Devices, in their order
	Presence presence.Presence // who is at the computer, what it runs on
	Parcels  []Parcel          // programs that are on their way to the disk, or did not get there
	Samples  []Sample          // the last hour's measurements, oldest first
	Days     []Sample          // hourly means of the last 31 days, oldest first; those of earlier runs too

	Page    Page    // the person's page at the pool
	Bundle  Saved   // the support bundle
	Checkup Checkup // what the doctor found

	Hint       string // the pool that a file beside the program suggests; empty without
	Invitation string // the pool that a link which was opened suggests; empty without
	Folder     string // where to suggest to put files
	Pool       Pool
	Target     Target         // what most is mined, or would be; zero while unknown
	Wanted     bool           // the user wants to mine
	Insists    time.Time      // since when, though the rules would wait; zero: the rules hold
	Shelf      Shelf          // the mining programs that there are
	Records    choice.Records // what was measured and what failed, in earlier runs too
	trial      trial
	audit      audit
	recorded   int             // the revision of Records that is saved
	aimed      time.Time       // when aim was last called by the clock
	stocked    stockSpec       // what Shelf was read for
	restock    int             // raised to have it read again
	stockedAt  time.Time       // when the catalogue was read
	swept      bool            // programs of an earlier Adit were looked for
	atLogin    settings.Answer // what the system was told

	Spending Spending // the last order to spend
	Payees   Payees
	Balances []Balance // by coin, in the pool's order
	Payouts  []poolapi.Payout

	Region    string    // currency of the system's region, as "EUR"; empty: unknown
	pastKept  time.Time // when Past was last written
	manners   manners.Memory
	unwatched bool      // there is no window to look at
	LookAt    time.Time // when to look at Presence again
	wakes     int       // how often the computer was asleep
	sampled   sampling

	ReportAt   time.Time // when to report to the pool again; zero before the first hashrate
	ReportedAt time.Time // when the pool last took a report

	Troubles [sources]Problem // of all units, by source; Code is empty where all is well
	History  []Entry          // newest last
}

// Key is the public side of the mining key.
type Key struct {
	Ready   bool
	Created bool            // made on this start
	Public  string          // compressed public key, 66 hex digits
	Hash    coin.PubKeyHash // of it
	Account string          // the hash in 40 hex digits: the name at the pool
	Words   int             // that its owner keeps; 0: it is a raw key
	Index   uint32          // which of the words' keys it is

	Protected bool      // by a password of its owner's
	Locked    bool      // and that has not been typed
	OpenSince time.Time // when it was
}

// Pool is what is known of the pool in Settings.Pool.
type Pool struct {
	Info     poolapi.PoolInfo
	Known    bool      // Info was read
	Answered time.Time // when it last answered
	Failures int       // in a row, since then
	AskAt    time.Time // when to ask again
	Asks     int       // answers so far, to ask faster at first
	Lost     bool      // neither the site nor the mining port answers: mining rests
	noted    bool      // the history says that it does not answer
}

// Target is one port of one coin, or of one switch, of the pool.
type Target struct {
	ID         string // of the coin or the switch port
	Switch     bool
	Coin       poolapi.CoinInfo // of a switch port: what it mines now
	Port       poolapi.PortInfo
	Algorithm  pow.Algorithm
	Address    string // where payouts go; empty for a coin that Adit does not know
	Choice     int    // how many other coins of the pool could be mined
	Difficulty pow.Difficulty
}

// Miner is the mining program.
type Miner struct {
	Running   bool
	Since     time.Time // when it was started
	Connected bool
	LostAt    time.Time // when it lost the pool or began without it
	HasJob    bool
	Hashrate  pow.Hashrate   // all devices together
	rates     []pow.Hashrate // by device, for programs that tell no total
	total     bool           // the program tells a total

	Difficulty   pow.Difficulty // of shares now; 0 unknown
	Accepted     int64          // shares since the app opened
	Rejected     int64
	Reasons      map[string]int64 // of rejects, in the pool's words; never changed in place
	LastAccepted time.Time
	Restarts     int // crashes since the user pressed start
	Meter        Meter
	last         pow.Hashrate  // the last rate that was not zero
	run          effort        // since this run of the program began
	proven       time.Time     // when this run's hashrate was last written down
	hashes       float64       // computed for the pool since the app opened
	busy         time.Duration // that it took
	sampled      tallied       // what is in a sample already
	report       miners.DeviceReport
}

// effort is what was computed for the pool, and the time that it took.
type effort struct {
	hashes float64
	busy   time.Duration
}

// Balance is an account's standing with one coin.
type Balance struct {
	Coin, Symbol, Network string
	Pending               coin.Amount // earned, collected for the next payout
	Immature              coin.Amount // in blocks that may still be lost
	Paying                coin.Amount // in a payout that is not confirmed yet
	Paid                  coin.Amount // arrived
	Minimum               coin.Amount // a payout happens from here
	Hashrate, Low, High   pow.Hashrate
	Accepted, Rejected    int64 // as the pool counted, all time
	At                    time.Time
}

// Balance returns the balance of the coin that is mined.
func (s State) Balance() (b Balance, known bool) {
	for _, b := range s.Balances {
		if b.Coin == s.Target.Coin.ID && b.Network == s.Target.Coin.Network {
			return b, true
		}
	}
	return Balance{Symbol: s.Target.Coin.Symbol}, false
}

// OnItsWay is all that was earned and not paid yet.
func (b Balance) OnItsWay() coin.Amount { return b.Pending + b.Immature + b.Paying }

// Threads returns how many processor threads mining takes: what the user's power
// setting gives, less where the rules ask for less.
func (s State) Threads() int {
	threads := s.Settings.Threads
	if threads <= 0 {
		threads = s.Settings.Power.Threads(s.Machine.Threads())
	}
	i := s.processor()
	if i < 0 {
		return threads
	}
	switch v := s.Units[i].Verdict; {
	case v.Why == manners.Shared: // as quiet as can be chosen, and no quieter
		return min(threads, settings.Quiet.Threads(s.Machine.Threads()))
	case v.Percent > 0 && v.Percent < 100:
		return max((threads*v.Percent+50)/100, 1)
	}
	return threads
}

// User returns the name that the mining program gives the pool.
func (s State) User() string { return s.Key.Account + "." + s.Settings.Worker }
