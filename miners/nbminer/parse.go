package nbminer

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/console"
	"github.com/adit-mining/adit/miners/pow"
)

// parser reads NBMiner's log.
type parser struct {
	link    console.Link
	pace    console.Pace
	tally   miners.Tally
	cards   console.Shares
	names   map[int]string // of devices, as the list at the start has them
	columns console.Columns
}

// The expressions are for lines without time and level.
var (
	banner     = regexp.MustCompile(`^\|\s+(?:NBMiner|NBMiner - Crypto GPU Miner)\s+\|$`)
	oldDevice  = regexp.MustCompile(`^\* ID (\d+): (.*?)(?: \d+ MB)?, CC \d`)
	newDevice  = regexp.MustCompile(`^\*\|\s*(\d+)\|.*\|\s*([^|]+)$`)
	loginLine  = regexp.MustCompile(`^(?:\S+ - )?Logging in to ([^\s(]+)(?:\([^)]*\))?(:\d+)?`)
	welcome    = regexp.MustCompile(`^(?:\S+ - )?Login succeeded`)
	jobLine    = regexp.MustCompile(`^(?:(\S+) - )?New job(?: from|:) ([^\s,]+), ID: (\w*)(?:, HEIGHT: (\d+))?(?:, DIFF: ([\d.]+[KMGT]?))?`)
	shareLine  = regexp.MustCompile(`^(?:\S+ - )?(?:#(\d+) )?Share (accepted|rejected)(?:: (.*?))?(?:, \d+ ms\.?|\.|$)`)
	socketLine = regexp.MustCompile(`^(?:\S+ - )?Socket error:\s*(.*)`)
	oldTotal   = regexp.MustCompile(`^(?:\S+ - )?Total Speed: ([\d.]+ [A-Za-z]+/s), Total Shares: (\d+), Rejected: (\d+)`)
	oldRate    = regexp.MustCompile(`^\S+ - (\d+): ([\d.]+ [A-Za-z]+/s)$`)
	oldRates   = regexp.MustCompile(`<GPU(\d+)>: ([\d.]+ [kKMG]?H/s)`)
	jsonError  = regexp.MustCompile(`["_]error["_]:\s*(?:\[\s*(?:-?\d+,\s*)?)?["_](.*?)["_][\],}]`) // JSON, or with _ for "
)

// Parse implements miners.Parser.
func (p *parser) Parse(line string) (events []miners.Event) {
	for _, part := range console.Parts(line) {
		events = append(events, p.part(part)...)
	}
	return events
}

func (p *parser) part(line string) (events []miners.Event) {
	if cells := console.Cells(line); cells != nil {
		return p.row(cells)
	}
	if m := shareLine.FindStringSubmatch(line); m != nil {
		return p.share(m)
	}
	if m := jobLine.FindStringSubmatch(line); m != nil {
		events := append(p.link.Up(m[2]), p.pace.Set(m[5], pow.Canonical(m[1]))...)
		height, _ := strconv.ParseInt(m[4], 10, 64)
		return append(events, miners.Job{ID: m[3], Height: height})
	}
	if m := oldTotal.FindStringSubmatch(line); m != nil {
		rejected := console.Count(m[3])
		return append(console.Rate(m[1], miners.Whole), p.tally.Raise(console.Count(m[2])-rejected, rejected)...)
	}
	if m := oldRate.FindStringSubmatch(line); m != nil {
		index, ok := console.Index(m[1])
		if !ok {
			return nil
		}
		return console.Rate(m[2], index)
	}
	for _, known := range []*regexp.Regexp{newDevice, oldDevice} {
		if m := known.FindStringSubmatch(line); m != nil {
			return p.device(m[1], m[2])
		}
	}
	for _, m := range oldRates.FindAllStringSubmatch(line, -1) {
		if index, ok := console.Index(m[1]); ok {
			events = append(events, console.Rate(m[2], index)...)
		}
	}
	if events != nil {
		return events
	}
	return p.story(line)
}

// story reads the lines that are sentences.
func (p *parser) story(line string) []miners.Event {
	if m := loginLine.FindStringSubmatch(line); m != nil {
		p.link.To(m[1] + m[2])
		return nil
	}
	if m := socketLine.FindStringSubmatch(line); m != nil {
		return p.link.Down(m[1], miners.CodeConnectFailed)
	}
	switch {
	case welcome.MatchString(line):
		return p.link.Up("")
	case banner.MatchString(line):
		p.tally.Reset()
		p.cards.Reset()
		return nil
	case line == "New job arrived.":
		return append(p.link.Up(""), miners.Job{})
	case strings.HasPrefix(line, `"{`):
		return answered(line)
	case strings.HasPrefix(line, "++++ "), strings.HasPrefix(line, "---- "):
		return nil // what went over the wire, in debug logs
	}
	return console.Problems(line, troubles)
}

// answered reads what the first versions print of a pool's answer that tells of an
// error, behind "Share rejected.": JSON as a quoted string.
func answered(line string) []miners.Event {
	answer, err := strconv.Unquote(line)
	if err != nil {
		return nil
	}
	if e := jsonError.FindStringSubmatch(answer); e != nil {
		return []miners.Event{miners.Problem{Code: miners.CodeShareRejected, Detail: e[1]}}
	}
	return nil
}

// share reads the fate of a share. The number before it counts the accepted ones,
// or the rejected ones, since the program's start; the oldest versions have none.
func (p *parser) share(m []string) []miners.Event {
	events, n := p.link.Up(""), console.Count(m[1])
	accepted, reason := m[2] == "accepted", m[3]
	if e := jsonError.FindStringSubmatch(reason); e != nil {
		reason = e[1]
	}
	switch {
	case n < 0 && accepted:
		return append(events, p.tally.Add(1, 0, "")...)
	case n < 0:
		return append(events, p.tally.Add(0, 1, reason)...)
	case accepted:
		return append(events, p.tally.Raise(n, -1)...)
	}
	return append(events, console.Because(p.tally.Raise(-1, n), reason)...)
}

// device reads an entry of the list at the start.
func (p *parser) device(id, name string) []miners.Event {
	index, ok := console.Index(id)
	if !ok {
		return nil
	}
	p.names[index] = strings.TrimSpace(name)
	return []miners.Event{console.Report(index, name, "", "", "")}
}

// usual are the titles of the summary's first columns in all versions.
var usual = []string{"ID", "Device", "Hashrate", "Accept", "Reject", "Inv", "Powr", "Temp"}

// row reads a row of the summary.
func (p *parser) row(cells []string) []miners.Event {
	switch {
	case cells[0] == "ID":
		p.columns = console.Title(cells)
		return nil
	case p.columns == nil: // the output begins in the middle of a table
		p.columns = console.Title(usual)
	}
	if total, found := strings.CutPrefix(cells[0], "Total:"); found {
		accepted, rejected := p.columns.Sum(cells, "accept"), p.columns.Sum(cells, "reject")
		return append(console.Rate(total, miners.Whole), p.tally.Raise(console.Count(accepted), console.Count(rejected))...)
	}
	index, ok := console.Index(cells[0])
	if !ok {
		return nil
	}
	// The list at the start has better names than the summary's short ones.
	name := p.names[index]
	if name == "" {
		name = p.columns.Cell(cells, "device", "gpu")
	}
	cell := func(titles ...string) string { return p.columns.Cell(cells, titles...) }
	events := []miners.Event{console.Report(index, name, cell("ctmp", "temp"), cell("fan"), cell("powr", "pwr", "power"))}
	events = append(events, console.Rate(cell("hashrate", "hashrate1"), index)...)
	accepted, rejected := console.Count(cell("accept")), console.Count(cell("reject"))
	if accepted < 0 && rejected < 0 {
		return events
	}
	return append(events, p.tally.Raise(p.cards.Sum(index, accepted, rejected))...)
}

// Said implements miners.Witness.
func (p *parser) Said() miners.Said { return miners.Said{Counts: p.tally.Told()} }

// troubles are the program's own phrases.
var troubles = console.Troubles{
	{"protocol may be wrong", miners.CodeProtocolError},
	{"failed to login", miners.CodeAuthFailed},
	{"login to mining pool timeout", miners.CodeTimeout},
	{"exception, exit", miners.CodeDeviceFailed},
	{"mining program unexpected exit", miners.CodeFatal},
	{"pool disconnected", miners.CodeDisconnected},
	{"establish connection to mining pool", miners.CodeConnectFailed},
	{"invalid share", miners.CodeHardwareError},
	{"invalid solution", miners.CodeHardwareError},
	{"api server start*fail", miners.CodeAPIFailed},
	{"temperature*limit", ""},
}
