package gminer

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/console"
)

// parser reads what GMiner prints.
type parser struct {
	link   console.Link
	open   bool // the pool's port was reached, but the pool has not let us in
	pace   console.Pace
	tally  miners.Tally
	cards  console.Shares
	latest []string       // shares, so that one that is told twice counts once
	names  map[int]string // of devices, as told when each starts
	main   string         // the first of two algorithms that are mined at once
}

var (
	banner    = regexp.MustCompile(`^\|\s+GMiner v[\d.]+\s+\|$`)
	startLine = regexp.MustCompile(`^Started Mining on GPU(\d+): (.*?)(?: \[[^\]]*\])?$`)
	shareLine = regexp.MustCompile(`^(?i:GPU(\d+):? (?:\w+ )?)?(?i:Share) (#\d+ )?((?i)accepted|rejected|stale)(?:[:,]? ?(?:reason: )?(.*))?$`)
	jobLine   = regexp.MustCompile(`^New Job: (\S+)(?: Epoch: \S+)?(?: Block: (\d+))?(?: Diff(?:iculty)?: ([\d.]+[KMGTP]?))?`)
	downLine  = regexp.MustCompile(`^Connection Error:?\s*(.*)$`)
	upLine    = regexp.MustCompile(`^Connected to (\S+)`)
	totalLine = regexp.MustCompile(`^Total Speed: ([\d.]+ ?[A-Za-z]+/s)`)
	takenLine = regexp.MustCompile(`Shares Accepted: (\d+) Rejected: (\d+)`)
	eachLine  = regexp.MustCompile(`^(Speed|Temperature|Fan|Power): (GPU\d.*)$`)
	each      = regexp.MustCompile(`GPU(\d+)\s+([\d.]+\s*[A-Za-z%]*(?:/s)?)`)
	cardRow   = regexp.MustCompile(`^(?:GPU)?(\d+)\s+(?:(\S.*?)\s+)?(\d+|N/A|-)(?:/\S+)?\s*C?(?:\s+(?:\d+|N/A|-)\s*C?)?\s+(\d+|N/A|-)\s*%\s+([\d.]+|N/A|-)\s*([A-Za-z]+/s)?\s+(\d+)/(\d+)(?:/\d+)*\s(?:.*?([\d.]+)\s*W\b)?`)
	// A table that would be too wide is printed as two.
	speedRow  = regexp.MustCompile(`^(\d+) (\S+) ([\d.]+ [A-Za-z]+/s)(?: [\d.]+ [A-Za-z]+/s)? (\d+)/(\d+)(?:/\d+)*\b(?:.*? ([\d.]+) W\b)?`)
	healthRow = regexp.MustCompile(`^(\d+) (\S+) (\d+)(?:/\S+)? C? ?(\d+) % \d+ \d+\b`)
	algorithm = regexp.MustCompile(`^((?:GPU\d+:? )?)\[([A-Za-z]\w*)\] `)
	sumRow    = regexp.MustCompile(`^([\d.]+ [A-Za-z]+/s)\s+(\d+)/(\d+)(?:/\d+)*\b`)
)

// Parse implements miners.Parser.
func (p *parser) Parse(line string) (events []miners.Event) {
	for _, part := range console.Parts(line) {
		events = append(events, p.part(part)...)
	}
	return events
}

func (p *parser) part(line string) []miners.Event {
	if banner.MatchString(line) {
		p.tally.Reset()
		p.cards.Reset()
		p.latest = nil
		return nil
	}
	if strings.HasPrefix(line, "|") {
		return p.row(strings.Join(strings.Fields(strings.ReplaceAll(line, "|", " ")), " "))
	}
	line, second := p.untagged(line)
	if second {
		return nil
	}
	if m := shareLine.FindStringSubmatch(line); m != nil {
		return p.share(m)
	}
	if m := jobLine.FindStringSubmatch(line); m != nil {
		events := append(p.link.Up(""), p.pace.Set(m[3], "")...)
		return append(events, miners.Job{ID: m[1], Height: max(0, console.Count(m[2]))})
	}
	if m := startLine.FindStringSubmatch(line); m != nil {
		return p.start(m[1], m[2])
	}
	if m := totalLine.FindStringSubmatch(line); m != nil {
		events := console.Rate(m[1], miners.Whole)
		if m := takenLine.FindStringSubmatch(line); m != nil {
			events = append(events, p.tally.Raise(console.Count(m[1]), console.Count(m[2]))...)
		}
		return events
	}
	if m := eachLine.FindStringSubmatch(line); m != nil {
		return perCard(m[1], m[2])
	}
	return p.story(line)
}

// untagged returns line without the name of the algorithm, which it has where two
// are mined at once, and whether that is the second.
func (p *parser) untagged(line string) (text string, second bool) {
	m := algorithm.FindStringSubmatch(line)
	if m == nil {
		return line, false
	}
	p.main = cmp.Or(p.main, m[2])
	return m[1] + line[len(m[0]):], m[2] != p.main
}

// story reads the lines about the pool, and what is trouble.
func (p *parser) story(line string) []miners.Event {
	if m := upLine.FindStringSubmatch(line); m != nil {
		p.link.To(m[1])
		p.open = true
		return nil
	}
	if m := downLine.FindStringSubmatch(line); m != nil {
		return p.lost(cmp.Or(strings.TrimSpace(m[1]), line))
	}
	if strings.HasPrefix(line, "Authorized on Stratum Server") {
		return p.link.Up("")
	}
	return console.Problems(line, troubles)
}

// lost reads the end of a connection, for which there may be no reason.
func (p *parser) lost(reason string) []miners.Event {
	code := miners.CodeConnectFailed
	if p.open {
		code = miners.CodeDisconnected
	}
	p.open = false
	return p.link.Down(reason, code)
}

// share reads the fate of a share.
func (p *parser) share(m []string) []miners.Event {
	if m[2] != "" {
		share := m[1] + m[2] + m[3]
		if slices.Contains(p.latest, share) {
			return nil
		}
		p.latest = append(p.latest[max(0, len(p.latest)-remembered):], share)
	}
	if strings.EqualFold(m[3], "accepted") {
		return append(p.link.Up(""), p.tally.Add(1, 0, "")...)
	}
	return append(p.link.Up(""), p.tally.Add(0, 1, console.Reason(m[4]))...)
}

// remembered is how many shares are looked back for one that is told twice.
const remembered = 15

func (p *parser) start(id, name string) []miners.Event {
	index, ok := console.Index(id)
	if !ok {
		return nil
	}
	p.names[index] = name
	return []miners.Event{console.Report(index, name, "", "", "")}
}

// row reads a row of the table, whose edges and wide gaps are gone. A card without
// a rate yet has no unit either.
func (p *parser) row(row string) []miners.Event {
	if m := sumRow.FindStringSubmatch(row); m != nil {
		return append(console.Rate(m[1], miners.Whole), p.tally.Raise(console.Count(m[2]), console.Count(m[3]))...)
	}
	if m := cardRow.FindStringSubmatch(row); m != nil {
		return append(p.card(m[1], m[2], m[3], m[4], m[9], m[5]+" "+m[6]), p.shares(m[1], m[7], m[8])...)
	}
	if m := speedRow.FindStringSubmatch(row); m != nil {
		return append(p.card(m[1], m[2], "", "", m[6], m[3]), p.shares(m[1], m[4], m[5])...)
	}
	if m := healthRow.FindStringSubmatch(row); m != nil {
		return p.card(m[1], m[2], m[3], m[4], "", "")
	}
	return nil
}

// shares reads a card's counts. Only a table of several cards has their sums.
func (p *parser) shares(id, accepted, rejected string) []miners.Event {
	index, ok := console.Index(id)
	if !ok {
		return nil
	}
	return p.tally.Raise(p.cards.Sum(index, console.Count(accepted), console.Count(rejected)))
}

// card reports what a row tells of a card. What was told at the start is the better
// name.
func (p *parser) card(id, name, celsius, fan, watts, rate string) []miners.Event {
	index, ok := console.Index(id)
	if !ok {
		return nil
	}
	name = cmp.Or(p.names[index], name)
	return append([]miners.Event{console.Report(index, name, celsius, fan, watts)}, console.Rate(rate, index)...)
}

// perCard reads the lines of the first versions, which have a value for each card.
func perCard(what, values string) (events []miners.Event) {
	for _, m := range each.FindAllStringSubmatch(values, -1) {
		switch what {
		case "Speed":
			if index, ok := console.Index(m[1]); ok {
				events = append(events, console.Rate(m[2], index)...)
			}
		case "Temperature":
			events = append(events, console.Reports(m[1], "", m[2], "", "")...)
		case "Fan":
			events = append(events, console.Reports(m[1], "", "", m[2], "")...)
		case "Power":
			events = append(events, console.Reports(m[1], "", "", "", m[2])...)
		}
	}
	return events
}

// Said implements miners.Witness.
func (p *parser) Said() miners.Said { return miners.Said{Counts: p.tally.Told()} }

// troubles are the program's own phrases.
var troubles = console.Troubles{
	{"api:", ""},
	{"dag verification completed without errors", ""},
	{"verification failed", miners.CodeHardwareError},
	{"verification on cpu failed", miners.CodeHardwareError},
	{"incorrect share", miners.CodeHardwareError},
	{"invalid share", miners.CodeHardwareError},
	{"dag*error", miners.CodeHardwareError},
	{"miner terminated, watchdog", miners.CodeRestarted},
	{"miner terminated", miners.CodeFatal},
	{"all devices are unavailable", miners.CodeNoDevice},
	{"no devices", miners.CodeNoDevice},
	{"not supported for this algorithm", miners.CodeUnsupported},
	{"no kernel image is available", miners.CodeUnsupported}, // CUDA's words for a card that is too old
	{"failed to initialize miner", miners.CodeDeviceFailed},
	{"gpu*not responding", miners.CodeDeviceFailed},
	{"gpu*stopped working", miners.CodeDeviceFailed},
}
