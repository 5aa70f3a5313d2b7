// Package miners drives mining programs: it starts one, understands what it
// prints and what its interface answers, tells its user what happens as typed
// events, starts it again when it ends, and never leaves it behind.
//
// What is special to a program (its command line, its output, its interface) is in
// a package per program below this one, which implements Driver; the app makes the
// list of them. What proof of work is belongs to miners/pow, getting a program onto
// the disk to miners/install, which program suits which device to miners/choice;
// all words that a person reads belong to the app.
//
// Process.Run and Supervise block, and everything they started is gone when they
// return. A driver starts nothing. A program's faults (it crashes, hangs, floods,
// prints nonsense) arrive as events; an error is returned only when trying again
// is of no use.
package miners

import (
	"context"
	"time"

	"github.com/adit-mining/adit/miners/pow"
)

// A Plan says what a mining program shall do.
type Plan struct {
	Program   string        // path of the executable file
	Dir       string        // folder it runs in; empty: ours
	Env       []string      // added to our environment, as KEY=value
	Algorithm pow.Algorithm // what to compute, in Adit's spelling (pow.Canonical)
	URL       string        // the pool, as stratum+tcp://host:port or stratum+ssl://host:port
	User      string        // account and worker, as KEY.rig1
	Password  string        // what the pool wants as password; mostly "x"

	// Threads is how many processor threads to use; 0 is the program's own choice.
	// It counts only where the processor mines, which it does when Devices is empty.
	Threads int
	// Devices are the graphics cards to use, and nothing but them. Empty means the
	// processor alone: a program that can do both is told to leave the cards alone.
	Devices []Device

	// API is the TCP port on 127.0.0.1 that the program's interface shall listen
	// on; 0 turns the interface off.
	API int
	// Token is a secret that a program's interface asks for where it can be told
	// to (xmrig); empty without.
	Token string
	// MaxCelsius is where the program shall pause a device by itself, as a second
	// guard beside ours; 0 is the program's own choice.
	MaxCelsius int
	// Intensity is how hard a graphics card shall work, in percent of the most the
	// program can make of it; 0 and 100 are the program's own choice. Programs
	// without such an option ignore it.
	Intensity int
}

// GPUVendor is a maker of graphics cards in Adit's spelling.
type GPUVendor string

// The makers that mining programs know.
const (
	AMD    GPUVendor = "amd"
	NVIDIA GPUVendor = "nvidia"
	Intel  GPUVendor = "intel"
)

// Device is one graphics card as mining programs count them.
type Device struct {
	Vendor GPUVendor
	// Index is the card's place among the cards of its vendor, by PCI address,
	// from 0. Supervise sets CUDA_DEVICE_ORDER=PCI_BUS_ID, so CUDA counts like
	// that, too.
	Index int
	// All is the card's place among all cards that mining programs see, by PCI
	// address, from 0: for programs that count all vendors' together.
	All int
	// PCI is the card's address, "0000:0a:00.0".
	PCI string
}

// A Driver knows one mining program. Its methods are pure.
type Driver interface {
	// Name is the program's name in lower case, for settings and logs.
	Name() string
	// Algorithms lists what the program can compute, in Adit's spelling.
	Algorithms() []pow.Algorithm
	// Args returns the command line for p, without the program's own name.
	Args(p Plan) []string
	// NewParser returns a parser for one run of the program.
	NewParser() Parser
}

// A Parser turns the lines of one run of a program into events. It remembers
// what it needs to make differences out of running totals, so each line must be
// given once and in order. A line that means nothing yields nothing.
//
// Some programs print every event twice, once for the log and once for the
// console; a parser counts it once whether it sees one stream or both.
type Parser interface {
	Parse(line string) []Event
}

// Poller is a Driver whose program has an interface to ask.
type Poller interface {
	Driver
	// Poll asks the program that runs as p says how it stands. It blocks for one
	// conversation with 127.0.0.1:p.API at most, and for as long as ctx lasts.
	// An interface that is not open yet is an error like any other.
	Poll(ctx context.Context, p Plan) (Status, error)
}

// Exposed is a Poller whose program opens its interface to the whole network and
// cannot be told otherwise. Supervise leaves it closed: the interface asks nobody for
// a password, and Windows' firewall would ask the user about it.
type Exposed interface {
	Poller
	// Exposed says why: what the program lacks.
	Exposed() string
}

// Silencer is a Driver whose program writes all events to one of its two output
// streams, and noise to the other.
type Silencer interface {
	Driver
	// Streams says which of the program's streams are read; the other is
	// discarded.
	Streams() Streams
}

// Streams are the output streams of a program that are read.
type Streams int

// The streams.
const (
	Both Streams = iota
	OnlyStdout
	OnlyStderr
)

// Status is a program's answer to a Poll. A nil pointer is what it does not tell.
type Status struct {
	Version  string        // of the program; may be empty
	Uptime   time.Duration // 0: unknown
	Pool     string        // host and port, as the program says
	Hashrate *pow.Hashrate // all devices together
	Accepted *int64        // shares since the program's start, the fee's not counted
	Rejected *int64        // those that the pool refused, stale ones among them
	Invalid  *int64        // that a device computed wrongly
	Paused   bool
	Devices  []DeviceStatus
}

// DeviceStatus is one device of a Status. Index is the program's own number.
type DeviceStatus struct {
	Index        int
	Name         string
	PCI          string // address or bus number as the program says; may be empty
	Hashrate     *pow.Hashrate
	TemperatureC *float64
	FanPercent   *float64
	PowerW       *float64
	Accepted     *int64
	Rejected     *int64
}
