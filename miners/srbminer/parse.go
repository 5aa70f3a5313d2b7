package srbminer

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/console"
	"github.com/adit-mining/adit/miners/pow"
)

// parser reads what SRBMiner-MULTI prints, versions 0.5 to 3.6.
type parser struct {
	tally miners.Tally
	link  console.Link
	pace  console.Pace
	cards console.Shares // the processor's are those of card -1
	// second is that the table of rates that is being printed is not of the first
	// algorithm of two that are mined at once, which alone is ours.
	second bool
}

var (
	banner     = regexp.MustCompile(`^SRBMiner-MULTI \d|^Miner version: \d`)
	deviceLine = regexp.MustCompile(`^GPU(\d+)\s*:\s*(\S.*?)\s+\[[^\]]*\]\[.*\[BUS`)
	tagged     = regexp.MustCompile(`\[([a-z][\w./-]*)\](?:\[(\d)\])?$`)
	shareLine  = regexp.MustCompile(`^(?:GPU\d+|CPU)\S* (?:result|share) (?:0x\w+ )?(accepted|rejected)(?:.*?\[\s*(.*?)\s*\])?`)
	tableLine  = regexp.MustCompile(`^\[(\d)\]\s+\[[\w./-]+\]$`)
	rateLine   = regexp.MustCompile(`^(GPU(\d+)|CPU|Total)\s*:\s*([\d.,]+ ?[kKMGTP]?[hHgGsS]\S*)(?:\s*[\[|]\s*(\d+)\|\s*(\d+)\|)?`)
	newLine    = regexp.MustCompile(`^(?:GPU(\d+) (\S[^:]*)|CPU[^:]*|Total): ([\d.,]+ [kKMGTP]?[hH]/s) (\[(?:\w+:\S+ ?)+\])$`)
	newField   = regexp.MustCompile(`\b(T|FAN|P|A|R):(\d[\d.]*)`)
	cardRow    = regexp.MustCompile(`^(?:GPU\d+ )?#(\d+)\s+(\S.*?)\s+([\d.]+ [kKMGTP]?H/s)(?:\s+([\d.]+)\s*W\b)?(.*)$`)
	percent    = regexp.MustCompile(`\b\d+%`)
	celsius    = regexp.MustCompile(`\b\d+ ?C\b`)
	wholeLine  = regexp.MustCompile(`^Hashrate\s+([\d.]+ [kKMGTP]?H/s)$`)
	takenLine  = regexp.MustCompile(`^Shares (acc|rej)\.\s*: (\d+)$`)
	healthLine = regexp.MustCompile(`^GPU(\d+)\s*:\s*\[\s*T:\s*(\S+)(?:.*?FAN:\s*(\d+%))?(?:.*?\bP:\s*(\d+)\s*W)?`)
	jobLine    = regexp.MustCompile(`^(?:New )?[jJ]ob received \[\s*(.*?)\s*\](?:,? block height (\d+))?`)
	diffLine   = regexp.MustCompile(`^(?:Pool d|D)ifficulty (?:changed|set)? ?(?:to|:)? ?([\d.]+ ?[kKMGTP]?)`)
	upLine     = regexp.MustCompile(`^Connected to (\S+)`)
	downLine   = regexp.MustCompile(`(?i)^(?:tls |ssl/tls |tcp )?socket (?:error|closed)|^connection (?:error|closed|lost|to \S+ (?:closed|lost))|^disconnected|^(?:tls|ssl) error`)
)

// Parse implements miners.Parser.
func (p *parser) Parse(line string) (events []miners.Event) {
	for _, part := range console.Parts(line) {
		events = append(events, p.part(part)...)
	}
	return events
}

func (p *parser) part(line string) []miners.Event {
	if m := shareLine.FindStringSubmatch(line); m != nil {
		return p.share(m, line)
	}
	if m := healthLine.FindStringSubmatch(line); m != nil {
		return console.Reports(m[1], "", m[2], m[3], m[4])
	}
	if m := newLine.FindStringSubmatch(line); m != nil {
		return p.newRate(m)
	}
	if m := rateLine.FindStringSubmatch(line); m != nil {
		return p.rate(m)
	}
	if m := cardRow.FindStringSubmatch(line); m != nil {
		if index, ok := console.Index(m[1]); ok {
			report := console.Report(index, m[2], celsius.FindString(m[5]), percent.FindString(m[5]), m[4])
			return append([]miners.Event{report}, console.Rate(m[3], index)...)
		}
	}
	if m := wholeLine.FindStringSubmatch(line); m != nil {
		return console.Rate(m[1], miners.Whole)
	}
	if m := takenLine.FindStringSubmatch(line); m != nil {
		if m[1] == "acc" {
			return p.tally.Raise(console.Count(m[2]), -1)
		}
		return p.tally.Raise(-1, console.Count(m[2]))
	}
	if m := deviceLine.FindStringSubmatch(line); m != nil {
		return console.Reports(m[1], m[2], "", "", "")
	}
	if m := tableLine.FindStringSubmatch(line); m != nil {
		p.second = m[1] != "0"
		return nil
	}
	return p.pool(line)
}

// pool reads the lines about the pool, and what is trouble.
func (p *parser) pool(line string) []miners.Event {
	_, second := tag(line)
	if m := jobLine.FindStringSubmatch(line); m != nil {
		if second {
			return nil
		}
		height, _ := strconv.ParseInt(m[2], 10, 64)
		return append(p.link.Up(""), miners.Job{ID: m[1], Height: height})
	}
	if m := diffLine.FindStringSubmatch(line); m != nil {
		algorithm, _ := tag(line)
		return p.pace.Set(m[1], pow.Canonical(algorithm))
	}
	if m := upLine.FindStringSubmatch(line); m != nil {
		return p.link.Up(m[1])
	}
	if downLine.MatchString(line) {
		return p.link.Down(line, miners.CodeConnectFailed)
	}
	if banner.MatchString(line) {
		p.tally.Reset()
		p.cards.Reset()
		return nil
	}
	if strings.HasPrefix(line, "Reconnecting to ") {
		return nil
	}
	return console.Problems(line, troubles)
}

// share reads the fate of one share. Accepted ones have the time in brackets,
// refused ones the reason.
func (p *parser) share(m []string, line string) []miners.Event {
	algorithm, second := tag(line)
	reason := console.Reason(m[2])
	if reason == algorithm {
		reason = ""
	}
	switch {
	case second:
		return nil
	case m[1] == "accepted":
		return append(p.link.Up(""), p.tally.Add(1, 0, "")...)
	}
	return append(p.link.Up(""), p.tally.Add(0, 1, reason)...)
}

// rate reads a row of the table of rates. The last row has the sums, of the counts
// not in all versions.
func (p *parser) rate(m []string) (events []miners.Event) {
	second := p.second
	card, isCard := console.Index(m[2])
	switch {
	case m[1] == "Total":
		p.second = false
		events = console.Rate(m[3], miners.Whole)
	case isCard:
		events = console.Rate(m[3], card)
	default:
		card = -1
	}
	if second {
		return nil
	}
	if m[4] == "" {
		return events
	}
	accepted, rejected := console.Count(m[4]), console.Count(m[5])
	if m[1] != "Total" {
		accepted, rejected = p.cards.Sum(card, accepted, rejected)
	}
	return append(events, p.tally.Raise(accepted, rejected)...)
}

// newRate reads a row of the table as of 3.5, whose values have names.
func (p *parser) newRate(m []string) (events []miners.Event) {
	second := p.second
	if strings.HasPrefix(m[0], "Total") {
		p.second = false
	}
	if second {
		return nil
	}
	fields := map[string]string{}
	for _, f := range newField.FindAllStringSubmatch(m[4], -1) {
		fields[f[1]] = f[2]
	}
	if index, isCard := console.Index(m[1]); isCard {
		return append([]miners.Event{console.Report(index, m[2], fields["T"], fields["FAN"], fields["P"])}, console.Rate(m[3], index)...)
	}
	if !strings.HasPrefix(m[0], "Total") {
		return nil
	}
	return append(console.Rate(m[3], miners.Whole), p.tally.Raise(console.Count(fields["A"]), console.Count(fields["R"]))...)
}

// Said implements miners.Witness.
func (p *parser) Said() miners.Said { return miners.Said{Counts: p.tally.Told()} }

// tag returns the algorithm that a line ends with, and whether it is not the first.
func tag(line string) (algorithm string, second bool) {
	m := tagged.FindStringSubmatch(line)
	if m == nil {
		return "", false
	}
	return m[1], m[2] != "" && m[2] != "0"
}

// troubles are the program's own phrases.
var troubles = console.Troubles{
	{"gpu watchdog*enabled", ""}, {"watchdog*: enabled", ""},
	{"result validation", miners.CodeHardwareError},
	{"validation error", miners.CodeHardwareError},
	{"huge pages*fail", miners.CodePermissionDenied},
	{"msr tweaks*fail", miners.CodeMSRFailed},
	{"couldn't detect*gpu", miners.CodeNoDevice},
	{"can't find*gpu", miners.CodeNoDevice},
	{"no worker devices", miners.CodeNoDevice},
	{"couldn't create program", miners.CodeDriverProblem},
	{"no valid gpu", miners.CodeNoDevice},
	{"no opencl device", miners.CodeNoDevice},
	{"device*dead", miners.CodeDeviceFailed},
	{"watchdog*trigger", miners.CodeDeviceFailed},
	{"couldn't login", miners.CodeAuthFailed},
	{"too many rejected shares", miners.CodeRestarted},
	{"no share*accepted*restart", miners.CodeRestarted},
}
