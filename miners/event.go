package miners

import (
	"cmp"
	"time"

	"github.com/adit-mining/adit/miners/pow"
)

// An Event is something that happened in a mining program or to it: one of the
// types of this file.
type Event interface{ event() }

// Whole as a device stands for all devices of a program together.
const Whole = -1

// Started says that the program runs.
type Started struct {
	PID int // the operating system's number of the process
}

// Ended says that the program is gone. It is started again after Restart, unless
// that is zero.
type Ended struct {
	Err     error // why, as far as known; nil if it was asked to leave
	Restart time.Duration
}

// Connected says that the pool let the miner in.
type Connected struct {
	Pool string // host and port, as the program prints them; may be empty
}

// Disconnected says that a connection to the pool is lost. The program tries
// again by itself.
type Disconnected struct {
	Code   Code // CodeDisconnected or CodeTimeout
	Reason string
}

// Job says that the pool sent work.
type Job struct {
	ID     string // the pool's name for it; may be empty
	Height int64  // of the block to be; 0 if the program does not say
	Clean  bool   // earlier jobs are worthless from now on
}

// Difficulty says how hard shares are from now on.
type Difficulty struct {
	Difficulty pow.Difficulty
}

// Hashrate is a measurement.
type Hashrate struct {
	Hashrate pow.Hashrate
	Device   int // the program's number of the device or thread, or Whole
}

// DeviceReport is what the program says of one of its devices; what it does not
// say is empty or nil. Its hashrate comes as a Hashrate of its own.
type DeviceReport struct {
	Index        int    // the program's number of the device
	Name         string // as the program spells it
	TemperatureC *float64
	FanPercent   *float64
	PowerW       *float64
}

// with returns r with what a newer report of the same device adds to it.
func (r DeviceReport) with(newer DeviceReport) DeviceReport {
	r.Name = cmp.Or(newer.Name, r.Name)
	r.TemperatureC = cmp.Or(newer.TemperatureC, r.TemperatureC)
	r.FanPercent = cmp.Or(newer.FanPercent, r.FanPercent)
	r.PowerW = cmp.Or(newer.PowerW, r.PowerW)
	return r
}

// Accepted says that the pool took N more shares.
type Accepted struct {
	N int64
}

// Rejected says that the pool refused N more shares. Where a program tells the
// reason on a line of its own, Reason is empty and a Problem with
// CodeShareRejected follows.
type Rejected struct {
	N      int64
	Reason string
}

// Message is a text that the pool wants its miners to read.
type Message struct {
	Text string
}

// Output is a line that the program printed, without colours and secrets.
type Output struct {
	Line string
}

// A Problem is trouble that the program reports, or that its silence shows.
type Problem struct {
	Code   Code
	Detail string // the program's words; may be empty
}

func (Started) event()      {}
func (Ended) event()        {}
func (Connected) event()    {}
func (Disconnected) event() {}
func (Job) event()          {}
func (Difficulty) event()   {}
func (Hashrate) event()     {}
func (DeviceReport) event() {}
func (Accepted) event()     {}
func (Rejected) event()     {}
func (Message) event()      {}
func (Output) event()       {}
func (Problem) event()      {}

// A Code names a kind of trouble, the same for all programs. The app makes
// words and advice of it.
type Code string

// The kinds of trouble.
const (
	CodeConnectFailed    Code = "connect-failed"    // nobody listens at the pool's address, or the way there is barred
	CodeDNSFailed        Code = "dns-failed"        // the pool's name is unknown
	CodeAuthFailed       Code = "auth-failed"       // the pool refused user or password
	CodeDisconnected     Code = "disconnected"      // the connection broke
	CodeTimeout          Code = "timeout"           // the pool is silent
	CodeNoPool           Code = "no-pool"           // the program has no pool left to try
	CodePoolDown         Code = "pool-down"         // the pool says that it cannot serve
	CodeBadURL           Code = "bad-url"           // the pool's address is no address
	CodeNoDevice         Code = "no-device"         // there is nothing to mine with
	CodeOutOfMemory      Code = "out-of-memory"     // of the computer or of a device
	CodeDeviceFailed     Code = "device-failed"     // a device gave up
	CodeDeviceIdle       Code = "device-idle"       // a device does nothing though it should
	CodeDriverProblem    Code = "driver-problem"    // a graphics driver is missing, old or broken
	CodeMSRFailed        Code = "msr-failed"        // a processor setting that RandomX likes could not be made
	CodePermissionDenied Code = "permission-denied" // the operating system forbids it
	CodeUnsupported      Code = "unsupported"       // the program cannot do this algorithm or option
	CodeAPIFailed        Code = "api-failed"        // the program's own interface did not open
	CodeProtocolError    Code = "protocol-error"    // the pool sent what makes no sense
	CodeShareRejected    Code = "share-rejected"    // why a share was refused
	CodeHardwareError    Code = "hardware-error"    // a device computed wrongly
	CodeRestarted        Code = "restarted"         // the program, or a device of it, started again
	CodeFatal            Code = "fatal"             // the program gives up
)
