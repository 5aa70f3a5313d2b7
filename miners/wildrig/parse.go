package wildrig

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/console"
)

// parser reads what WildRig prints, versions 0.10 to 0.49: much as xmrig's did that
// it descends from, and since 0.36 a table.
type parser struct {
	tally miners.Tally
	link  console.Link
	pace  console.Pace
	rate  bool // the table that is being printed has told a rate of all cards
}

var (
	banner    = regexp.MustCompile(`\* ABOUT:\s+WildRig/`)
	cardLine  = regexp.MustCompile(`^GPU #(\d+)(?:: (.*?)\s+\[busID: ?-?\d+\]| \[BusID: #-?\d+\] \[\w+\] (.*))`)
	shareLine = regexp.MustCompile(`^(accepted|rejected) ?\((\d+)/(\d+)\)(?:.*?"(.*)")?`)
	reason    = regexp.MustCompile(`^reason: ?(.*)`)
	jobLine   = regexp.MustCompile(`^new job from (\S+)(?: diff ([\d.]+[kKMGTP]?))?`)
	poolLine  = regexp.MustCompile(`^use pool (\S+)`)
	greeting  = regexp.MustCompile(`^\[([^\]\s]+:\d+)\].*\bconnected\b`)
	errorLine = regexp.MustCompile(`^\[?([^\]\s]+:\d+)\]?(?: [\d.:a-f]+)? (connect|read|DNS) error: "(.*)"`)
	loginLine = regexp.MustCompile(`^\[?[^\]\s]+:\d+\]? (?:login )?error: "(.*)"`)
	cardRates = regexp.MustCompile(`^GPU #(\d+)\s*(?:\[([^\]]*)\])?: 10s: (\S+) 60s: (\S+) 15m: (\S+) (\S+/s)`)
	allRates  = regexp.MustCompile(`^(?:hashrate: 10s: (\S+) 60s: (\S+) 15m: (\S+)|speed \S+ (\S+) (\S+) (\S+)) (\S+/s)`)
	celsius   = regexp.MustCompile(`\bT: ?(\d+)C`)
	watts     = regexp.MustCompile(`\bP: ?(\d+)W`)
	fan       = regexp.MustCompile(`\bF: ?(\d+)%`)
	cardRow   = regexp.MustCompile(`^#(\d+) (\S.*?) ([\d.]+|n/a) (\S+/s) (\S+) (\S+) (\S+) `)
	sumRow    = regexp.MustCompile(`^(10s|60s|15m): ([\d.]+|n/a) (\S+/s)(?: .*)?$`)
	countRow  = regexp.MustCompile(` (Accepted|Rejected): (\d+|-)$`)
)

// Parse implements miners.Parser.
func (p *parser) Parse(line string) (events []miners.Event) {
	for _, part := range console.Parts(line) {
		events = append(events, p.part(strings.Join(strings.Fields(part), " "))...)
	}
	return events
}

func (p *parser) part(line string) []miners.Event {
	if m := shareLine.FindStringSubmatch(line); m != nil {
		return append(p.link.Up(""), p.tally.Update(console.Count(m[2]), console.Count(m[3]), m[4])...)
	}
	if m := reason.FindStringSubmatch(line); m != nil {
		return []miners.Event{miners.Problem{Code: miners.CodeShareRejected, Detail: m[1]}}
	}
	if m := cardRates.FindStringSubmatch(line); m != nil {
		return cardStat(m)
	}
	if m := allRates.FindStringSubmatch(line); m != nil {
		return first(miners.Whole, m[7], m[1:7]...)
	}
	if m := sumRow.FindStringSubmatch(line); m != nil {
		return p.sum(line, m)
	}
	if m := cardRow.FindStringSubmatch(line); m != nil {
		return cardRowStat(m)
	}
	if m := cardLine.FindStringSubmatch(line); m != nil {
		return console.Reports(m[1], m[2]+m[3], "", "", "")
	}
	if banner.MatchString(line) {
		p.tally.Reset()
		return nil
	}
	return p.pool(line)
}

// pool reads the lines about the pool, and what is trouble.
func (p *parser) pool(line string) []miners.Event {
	if m := jobLine.FindStringSubmatch(line); m != nil {
		events := append(p.link.Up(m[1]), p.pace.Set(m[2], "")...)
		return append(events, miners.Job{})
	}
	for _, known := range []*regexp.Regexp{poolLine, greeting} {
		if m := known.FindStringSubmatch(line); m != nil {
			return p.link.Up(m[1])
		}
	}
	if m := errorLine.FindStringSubmatch(line); m != nil {
		code := miners.CodeConnectFailed
		switch m[2] {
		case "DNS":
			return []miners.Event{miners.Problem{Code: miners.CodeDNSFailed, Detail: m[3]}}
		case "read":
			code = miners.CodeDisconnected
		}
		return p.link.Down(m[3], code)
	}
	if m := loginLine.FindStringSubmatch(line); m != nil {
		return []miners.Event{miners.Problem{Code: cmp.Or(console.CodeOf(m[1], nil), miners.CodeAuthFailed), Detail: m[1]}}
	}
	if strings.Contains(line, "Too many rejects, disconnect") {
		return p.link.Down(line, miners.CodeDisconnected)
	}
	return console.Problems(line, troubles)
}

// cardStat reads a card's line of the short report.
func cardStat(m []string) []miners.Event {
	index, ok := console.Index(m[1])
	if !ok {
		return nil
	}
	find := func(known *regexp.Regexp) string {
		if m := known.FindStringSubmatch(m[2]); m != nil {
			return m[1]
		}
		return ""
	}
	return append([]miners.Event{console.Report(index, "", find(celsius), find(fan), find(watts))}, first(index, m[6], m[3:6]...)...)
}

// first returns the first of rates that there is, which is over the shortest time.
func first(device int, unit string, rates ...string) []miners.Event {
	for _, rate := range rates {
		if events := console.Rate(rate+" "+unit, device); events != nil {
			return events
		}
	}
	return nil
}

// cardRowStat reads a card's row of the table.
func cardRowStat(m []string) []miners.Event {
	index, ok := console.Index(m[1])
	if !ok {
		return nil
	}
	return append([]miners.Event{console.Report(index, m[2], m[5], m[6], m[7])}, console.Rate(m[3]+" "+m[4], index)...)
}

// sum reads one of the three last rows of the table. Each has a rate, of which the
// first counts that there is, and a count, which is a dash instead of a nought.
func (p *parser) sum(line string, m []string) (events []miners.Event) {
	if m[1] == "10s" {
		p.rate = false
	}
	if !p.rate {
		events = console.Rate(m[2]+" "+m[3], miners.Whole)
		p.rate = len(events) > 0
	}
	c := countRow.FindStringSubmatch(line)
	if c == nil {
		return events
	}
	n := max(0, console.Count(c[2]))
	if c[1] == "Accepted" {
		return append(events, p.tally.Raise(n, -1)...)
	}
	return append(events, p.tally.Raise(-1, n)...)
}

// Said implements miners.Witness.
func (p *parser) Said() miners.Said { return miners.Said{Counts: p.tally.Told()} }

// troubles are the program's own phrases.
var troubles = console.Troubles{
	{"yay! found", ""},
	{"connect to a devfee pool", miners.CodeConnectFailed},
	{"is already running", miners.CodeFatal},
	{"failed to start opencl threads", miners.CodeNoDevice},
	{"failed to find opencl platform", miners.CodeDriverProblem},
	{"failed to find*devices", miners.CodeNoDevice},
	{"no opencl", miners.CodeDriverProblem},
	{"watchdog*gpu", miners.CodeDeviceFailed},
	{"gpu*watchdog", miners.CodeDeviceFailed},
	{"hangs in opencl kernel", miners.CodeDeviceFailed},
	{"critical error", miners.CodeDeviceFailed},
	{"incorrect result", miners.CodeHardwareError},
	{"invalid result", miners.CodeHardwareError},
}
