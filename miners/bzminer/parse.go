package bzminer

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/console"
)

// parser reads what BzMiner prints. A card's number is that of its PCI bus, for the
// program calls it so ("GPU 22:0").
type parser struct {
	tally   miners.Tally
	cards   console.Shares
	link    console.Link
	pace    console.Pace
	main    string // the coin of the first pool
	second  string // the one that is mined beside it, whose shares do not count
	columns console.Columns
	taken   int // the column of counts; negative in the list of devices
}

var (
	stamp     = regexp.MustCompile(`^\d\d-\d\d \d\d:\d\d:\d\d(?::\d+)?\s+`)
	level     = regexp.MustCompile(`(?i)^(?:<(?:error|warn|info|debug)>|\[(?:error|warn|info|debug|network)\])\s*`)
	coin      = regexp.MustCompile(`^\[([a-z0-9/_-]+)\]\s*`)
	banner    = regexp.MustCompile(`^\*\*\s+BzMiner v[\w.]+\s+\*\*$`)
	toLine    = regexp.MustCompile(`^Connecting to (\S+?)(?: as .*)?$`)
	upLine    = regexp.MustCompile(`^Connected to (\S+)`)
	shareLine = regexp.MustCompile(`(?i)(?:^|\s)(?:([a-z][\w/-]*) )?(?:solution|share) (accepted|rejected)\b(.*)`)
	because   = regexp.MustCompile(`^:?\s*(?:error )?(?:code: -?\d+,? ?)?(?:message: )?(.*?)(?: ?\(\d+ms\))?$`)
	jobLine   = regexp.MustCompile(`(?i)^new (?:job|work)\b(?:.*height:? (\d+))?`)
	diffLine  = regexp.MustCompile(`(?i)^(?:new |pool )?diff(?:iculty)?(?: set to| changed to|:)? ([\d.]+ ?[kmgtp]?)h?\b`)
	rateLine  = regexp.MustCompile(`^[a-z0-9/_-]+ hashrate ([\d.]+[kmgtp]?h)\b`)
	cardID    = regexp.MustCompile(`^(\d+):\d+$`)
	totals    = regexp.MustCompile(`^(\d+)/(\d+)(?:/\d+)*$`)
)

// Parse implements miners.Parser.
func (p *parser) Parse(line string) (events []miners.Event) {
	for _, part := range console.Parts(line) {
		events = append(events, p.part(stamp.ReplaceAllString(part, ""))...)
	}
	return events
}

func (p *parser) part(line string) []miners.Event {
	if cells := console.Cells(line); cells != nil {
		return p.row(cells)
	}
	if banner.MatchString(line) {
		p.tally.Reset()
		p.cards.Reset()
		p.main, p.second = "", ""
		return nil
	}
	text := level.ReplaceAllString(line, "")
	of := ""
	if m := coin.FindStringSubmatch(text); m != nil {
		text, of = text[len(m[0]):], m[1]
	}
	if m := shareLine.FindStringSubmatch(text); m != nil {
		return p.share(cmp.Or(of, m[1]), m[2], m[3])
	}
	if m := toLine.FindStringSubmatch(text); m != nil {
		if p.main = cmp.Or(p.main, of); of != p.main {
			p.second = of
		}
		p.link.To(bare(m[1]))
		return nil
	}
	if m := upLine.FindStringSubmatch(text); m != nil {
		return p.link.Up(bare(m[1]))
	}
	if m := jobLine.FindStringSubmatch(text); m != nil {
		return append(p.link.Up(""), miners.Job{Height: max(0, console.Count(m[1]))})
	}
	if m := rateLine.FindStringSubmatch(text); m != nil {
		return console.Rate(m[1], miners.Whole)
	}
	if m := diffLine.FindStringSubmatch(text); m != nil {
		return p.pace.Set(m[1], "")
	}
	return p.trouble(line, text)
}

// bare returns a pool's address without its scheme.
func bare(url string) string {
	if _, address, found := strings.Cut(url, "://"); found {
		return address
	}
	return url
}

// share reads the fate of a share. Where two coins are mined at once it is that of
// one of them.
func (p *parser) share(coin, fate, reason string) []miners.Event {
	switch {
	case coin != "" && coin == p.second:
		return nil
	case strings.EqualFold(fate, "accepted"):
		return append(p.link.Up(""), p.tally.Add(1, 0, "")...)
	}
	reason = strings.TrimSpace(reason)
	if r := because.FindStringSubmatch(reason); r != nil {
		reason = r[1]
	}
	return append(p.link.Up(""), p.tally.Add(0, 1, reason)...)
}

// trouble reads what is trouble.
func (p *parser) trouble(line, text string) []miners.Event {
	switch code := console.CodeOf(text, troubles); code {
	case "":
		return nil
	case miners.CodeDisconnected, miners.CodeTimeout:
		return p.link.Down(text, code)
	default:
		return []miners.Event{miners.Problem{Code: code, Detail: line}}
	}
}

// row reads a row of the tables, of which one is of cards and one of pools.
func (p *parser) row(cells []string) []miners.Event {
	if at := taken(cells); at >= 0 || cells[0] == "#" {
		p.columns, p.taken = console.Title(cells), at
		return nil
	}
	if p.columns == nil {
		return nil
	}
	cell := func(titles ...string) string { return p.columns.Cell(cells, titles...) }
	rate := cell("miner hr", "hr", "hash rate", "hashrate", "mh/s")
	for _, id := range cells {
		m := cardID.FindStringSubmatch(id)
		if m == nil {
			continue
		}
		index, ok := console.Index(m[1])
		if !ok || index == processor {
			return nil
		}
		report := console.Report(index, cell("gpu", "name", "device"), cell("temp", "core temp", "temp/m-temp"), cell("fan"), cell("watt", "watts", "pow", "pwr", "power"))
		events := append([]miners.Event{report}, console.Rate(rate, index)...)
		if accepted, rejected, ok := p.counts(cells); ok {
			events = append(events, p.tally.Raise(p.cards.Sum(index, accepted, rejected))...)
		}
		return events
	}
	accepted, rejected, ok := p.counts(cells)
	if !ok {
		return nil
	}
	return append(console.Rate(rate, miners.Whole), p.tally.Raise(accepted, rejected)...)
}

// counts reads the shares in a row.
func (p *parser) counts(cells []string) (accepted, rejected int64, ok bool) {
	if p.taken < 0 || p.taken >= len(cells) {
		return 0, 0, false
	}
	m := totals.FindStringSubmatch(cells[p.taken])
	if m == nil {
		return 0, 0, false
	}
	return console.Count(m[1]), console.Count(m[2]), true
}

// processor is the number of the bus that the program gives the processor.
const processor = 255

// taken returns the place of the column of counts among titles, or -1. It is called
// after what it holds: accepted, rejected, and incorrect, pending or stale.
func taken(titles []string) int {
	return slices.IndexFunc(titles, func(title string) bool {
		return strings.HasPrefix(title, "a/r") || strings.EqualFold(title, "shares")
	})
}

// Said implements miners.Witness.
func (p *parser) Said() miners.Said { return miners.Said{Counts: p.tally.Told()} }

// troubles are the program's own phrases.
var troubles = console.Troubles{
	{"found a solution", ""},
	{"http api listening", ""},
	{"http api failed", miners.CodeAPIFailed},
	{"watchdog detected an issue", miners.CodeRestarted},
	{"hung gpu", miners.CodeDeviceFailed},
	{"initialization failed", miners.CodeDeviceFailed},
	{"resetting device", miners.CodeDeviceFailed},
	{"no cuda-capable", miners.CodeNoDevice},
	{"cuda error", miners.CodeDeviceFailed},
	{"memory allocation failure", miners.CodeOutOfMemory},
	{"buffer overflow detected", miners.CodeFatal},
	{"unable to establish connection", miners.CodeConnectFailed},
	{"could not connect", miners.CodeConnectFailed},
	{"disconnected from", miners.CodeDisconnected},
	{"connection closed", miners.CodeDisconnected},
	{"connection lost", miners.CodeDisconnected},
	{"no opencl platforms", ""}, {"driver: not found", ""}, // of the vendor whose card is not there
	{"connect failed", miners.CodeConnectFailed},
	{"no devices to mine", miners.CodeNoDevice},
	{"no mining devices", miners.CodeNoDevice},
}
