// Package choice decides which mining program runs on which device, what to measure
// next, and which coin or switch port to mine.
//
// Deciding is pure: Candidates, Next and Best are functions of values, the time
// among them, and start nothing. What is remembered between starts (results,
// failures, what froze the machine) is a Records, which Load, Save and Guard keep in
// files. It leaves getting programs to miners/install and running them to miners.
//
// It errs on the quiet side: mining starts at once with what is known to be good,
// nothing is measured that the user would notice, and what is unknown is never
// compared.
package choice

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/miners/install"
	"github.com/adit-mining/adit/miners/pow"
)

const (
	// Margin is how much better something must be to take the place of what runs:
	// measurements vary by a few percent, and every change costs shares.
	Margin = 0.05
	// recent is how long a measurement says something. Data sets grow, systems
	// change.
	recent = 30 * 24 * time.Hour
)

// A Question is all that the order of programs for one device depends on.
type Question struct {
	Device hwdetect.Device
	// ComputeCapability is the device's, if it is NVIDIA's: "8.6"; empty: unknown.
	ComputeCapability string
	OS, Arch          string
	CPUFeatures       []string // of the computer's processor, whatever the device
	MainMemory        uint64   // of the computer, in bytes; 0: unknown

	Algorithm pow.Algorithm
	Height    int64 // of the coin's chain, for data sets that grow; 0: unknown

	Programs []install.Program // that are available, of the catalogue
	// Consent names the closed programs that the user agreed to.
	Consent map[string]bool
	Records Records
	// Running is the program that runs now; empty: none.
	Running string
	Now     time.Time
}

// A Candidate is a program for a device and, where it must not run, why.
type Candidate struct {
	Program    install.Program
	Build      install.Build // that fits the system; the zero Build where none does
	FeePercent float64
	Measured   *Result // a recent one; nil: none

	Excluded Reason    // empty: it may run
	Need     uint64    // NeedsMemory: bytes
	Want     string    // DriverTooOld, CardTooOld: the least version
	Until    time.Time // FailedLately
}

// A Reason says why a program must not run on a device. The app makes words of it.
type Reason string

// The reasons, in the order in which they are looked for.
const (
	NoBuild      Reason = "no-build"       // for this system and processor
	CardTooOld   Reason = "card-too-old"   // its compute capability
	DriverTooOld Reason = "driver-too-old" // for every build that would fit
	NeedsMemory  Reason = "needs-memory"   // more than the device has
	FrozeMachine Reason = "froze-machine"  // runs again only if the user asks for it
	NeedsConsent Reason = "needs-consent"  // closed: the user has not agreed
	FailedLately Reason = "failed-lately"  // gets another try later
)

// Candidates lists the programs that can compute q's algorithm on its device: first
// those that may run, the one to take in front, then those that may not, with why.
//
// What runs stays in front, or else what is known to be good, until another has
// been measured to bring more by Margin after its fee.
func Candidates(q Question) []Candidate {
	var may, mayNot []Candidate
	for _, c := range q.knownGood() {
		if c.Excluded == "" {
			may = append(may, c)
		} else {
			mayNot = append(mayNot, c)
		}
	}
	front(may, func(c Candidate) bool { return c.Program.Name == q.Running })
	if len(may) > 0 && may[0].Measured != nil {
		best := slices.MaxFunc(may, func(a, b Candidate) int { return compare(a.net(), b.net()) })
		if best.net() > may[0].net()*(1+Margin) {
			front(may, func(c Candidate) bool { return c.is(best) })
		}
	}
	return append(may, mayNot...)
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// net returns what c brings its user, in hashes per second; 0 where nobody knows.
func (c Candidate) net() float64 {
	if c.Measured == nil {
		return 0
	}
	return float64(c.Measured.Hashrate) * (1 - c.FeePercent/100)
}

func (c Candidate) is(other Candidate) bool {
	return c.Program.Name == other.Program.Name && c.Program.Version == other.Program.Version
}

// front moves the first candidate that is chosen to the front.
func front(list []Candidate, chosen func(Candidate) bool) {
	if i := slices.IndexFunc(list, chosen); i > 0 {
		c := list[i]
		copy(list[1:i+1], list[:i])
		list[0] = c
	}
}

// knownGood judges the programs and sorts them by the table; those that it does not
// name come behind, open ones first, in the catalogue's order.
func (q Question) knownGood() []Candidate {
	kind := kindOf(q.Device)
	var list []Candidate
	for _, p := range q.Programs {
		if a, ok := offer(p, q.Algorithm, kind); ok {
			list = append(list, q.judge(p, a, kind))
		}
	}
	order := knownGood(kind, q.Algorithm)
	slices.SortStableFunc(list, func(a, b Candidate) int {
		return rank(order, a.Program) - rank(order, b.Program)
	})
	return list
}

// offer returns what p says of an algorithm on a kind of hardware.
func offer(p install.Program, algorithm pow.Algorithm, kind install.Hardware) (install.Algorithm, bool) {
	for _, a := range p.Algorithms {
		if pow.Canonical(string(a.Name)) == pow.Canonical(string(algorithm)) && slices.Contains(a.Devices, kind) {
			return a, true
		}
	}
	return install.Algorithm{}, false
}

// judge finds p's build for q and the first reason against running it.
func (q Question) judge(p install.Program, a install.Algorithm, kind install.Hardware) Candidate {
	c := Candidate{Program: p, FeePercent: a.FeePercent}
	key := q.Key(p)
	if r, ok := q.Records.Result(key); ok && q.Now.Sub(r.At) < recent {
		c.Measured = &r
	}
	fitting := q.fitting(p, kind)
	need := max(a.MinMemory, Need(q.Algorithm, q.Height))
	switch build, least := q.driven(fitting, kind); {
	case len(fitting) == 0:
		c.Excluded = NoBuild
	case q.ComputeCapability != "" && older(q.ComputeCapability, a.MinComputeCapability):
		c.Excluded, c.Want = CardTooOld, a.MinComputeCapability
	case build == nil:
		c.Excluded, c.Want = DriverTooOld, least
	case q.memory() > 0 && q.memory() < need:
		c.Build, c.Excluded, c.Need = *build, NeedsMemory, need
	default:
		c.Build = *build
		c.Excluded, c.Until = q.remembered(p, key)
	}
	return c
}

// remembered looks for reasons in what happened, and in what the user said.
func (q Question) remembered(p install.Program, key Key) (Reason, time.Time) {
	if q.Records.Froze(key.Device, p.Name) {
		return FrozeMachine, time.Time{}
	}
	if !p.Open() && !q.Consent[p.Name] {
		return NeedsConsent, time.Time{}
	}
	if f, ok := q.Records.failure(key); ok && q.Now.Before(f.Until) {
		return FailedLately, f.Until
	}
	return "", time.Time{}
}

// fitting returns p's builds for q's system and processor and a kind of device.
func (q Question) fitting(p install.Program, kind install.Hardware) (list []install.Build) {
	for _, b := range p.Builds {
		lacks := slices.ContainsFunc(b.CPUFeatures, func(f string) bool { return !slices.Contains(q.CPUFeatures, f) })
		if b.OS == q.OS && b.Arch == q.Arch && slices.Contains(b.Devices, kind) && !lacks {
			list = append(list, b)
		}
	}
	return list
}

// driven returns the first of the builds that the device's driver is new enough
// for, else the version that the least demanding of them wants.
func (q Question) driven(builds []install.Build, kind install.Hardware) (fits *install.Build, least string) {
	have := q.driver()
	for _, b := range builds {
		want := b.MinDriver[kind]
		if have == "" || !older(have, want) {
			return &b, ""
		}
		if least == "" || older(want, least) {
			least = want
		}
	}
	return nil, least
}

// driver returns the version of the device's driver as its maker numbers it; empty:
// unknown.
func (q Question) driver() string {
	if q.Device.GPU == nil {
		return ""
	}
	version := q.Device.GPU.DriverVersion
	if version == "" && strings.Contains(q.Device.GPU.Driver, ".") { // on Windows
		version = q.Device.GPU.Driver
	}
	if kindOf(q.Device) == install.NVIDIA {
		return nvidiaVersion(version)
	}
	return version
}

// nvidiaVersion turns the version that Windows gives NVIDIA's driver, 31.0.15.3623,
// into NVIDIA's own: its last five digits, 536.23.
func nvidiaVersion(version string) string {
	parts := strings.Split(version, ".")
	if len(parts) != 4 {
		return version
	}
	digits := parts[2] + parts[3]
	if len(digits) < 5 {
		return version
	}
	digits = digits[len(digits)-5:]
	return digits[:3] + "." + digits[3:]
}

// memory returns what the device has to keep data sets in; 0: unknown.
func (q Question) memory() uint64 {
	if q.Device.GPU != nil {
		return q.Device.GPU.Memory
	}
	return q.MainMemory
}

// older reports whether version a is less than b, number by number; an empty b is
// less than nothing. What is no number counts as 0.
func older(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(as), len(bs)) {
		var x, y int
		if i < len(as) {
			x, _ = strconv.Atoi(as[i])
		}
		if i < len(bs) {
			y, _ = strconv.Atoi(bs[i])
		}
		if x != y {
			return x < y
		}
	}
	return false
}

// kindOf returns what catalogues call a device; empty for cards of other makers.
func kindOf(d hwdetect.Device) install.Hardware {
	if d.Kind == hwdetect.CPUKind {
		return install.CPU
	}
	if d.GPU != nil {
		switch d.GPU.VendorID {
		case "1002":
			return install.AMD
		case "10de":
			return install.NVIDIA
		case "8086":
			return install.Intel
		}
	}
	return ""
}
