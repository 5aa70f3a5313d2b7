package xmrig

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/pow"
)

// parser reads what xmrig prints, version 6.26.0 and back to 2.
type parser struct {
	tally       miners.Tally
	connected   bool
	difficulty  pow.Difficulty
	unsupported bool // the pool wants an algorithm that this xmrig has not
	light       bool // RandomX shall do with little memory
}

// The expressions are for lines without their time and tag, and with single spaces.
// A tag says which part of xmrig speaks; before version 5 there was none.
var (
	timestamp = regexp.MustCompile(`\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?\]`)
	tag       = regexp.MustCompile(`^(?:net|cpu|miner|randomx|msr|opencl|nvidia|cuda|bench|config|signal|origin|profile) `)

	startLine  = regexp.MustCompile(`^\* (?:ABOUT|VERSIONS:?) \S+/\d`)
	jobLine    = regexp.MustCompile(`^new job from (\S+) diff ([\d.]+)([KMGT]?) algo \S+(?: height (\d+))?`)
	poolLine   = regexp.MustCompile(`^use pool (\S+)`)
	shareLine  = regexp.MustCompile(`^(?:accepted|rejected) \((\d+)/(\d+)\)(?: diff \S+)?(?: "(.*?)"?)?(?: \([\d ms)]*)?$`) // its end may be cut off
	rateLine   = regexp.MustCompile(`^speed \S+ (\S+) (\S+) (\S+) (\S+/s)`)
	benchLine  = regexp.MustCompile(`^benchmark finished in \S+ seconds \((\S+) (h/s)\)`)
	errorLine  = regexp.MustCompile(`^(?:\S+ )*?(connect|read|write|DNS) error: "(.*)"`)
	answerLine = regexp.MustCompile(`^\S+ error: "(.*)", code: -?\d+`)
	healthLine = regexp.MustCompile(`^(?:\* )?(?:GPU )?#(\d+):?(?: \S+(?: MHz)?)?(?: (\d+)W)? (\d+)C\b(?:.* (?:fan\d+:|FAN )(\d+)%)?`)
	cardLines  = []*regexp.Regexp{ // of the start, of its tables and of that of hashrates, and older ones
		regexp.MustCompile(`^\* (?:OPENCL|CUDA) GPU #(\d+) \S+ (.+?) \d+(?:/\d+)? MHz `),
		regexp.MustCompile(`^\| \d+ \| (\d+) \| [0-9a-f]+:[0-9a-f]+\.\d \|.*\| ([^|]+)$`),
		regexp.MustCompile(`^\| \d+ \| -?\d+ \| \S+ \| \S+ \| \S+ \| #(\d+) \S+ (.+)$`),
		regexp.MustCompile(`^\| \d+ \| (\d+)(?: \| (?:[\d.]+|n/a)){3} \| ([^|]+)$`),
		regexp.MustCompile(`^\* GPU #(\d+):? PCI:\S+ (.+?) @ \d`),
		regexp.MustCompile(`^#\d+, GPU #(\d+) (.+?), intensity: `),
	}
)

// Parse implements miners.Parser. A line that broke off has the next one behind it.
func (p *parser) Parse(line string) (events []miners.Event) {
	for _, part := range timestamp.Split(line, -1) {
		if part = strings.Join(strings.Fields(part), " "); part != "" {
			events = append(events, p.parse(part)...)
		}
	}
	return events
}

// parse reads what is behind a time, with single spaces.
func (p *parser) parse(line string) []miners.Event {
	text := tag.ReplaceAllString(line, "")
	if startLine.MatchString(text) {
		p.tally.Reset()
		*p = parser{tally: p.tally}
		return nil
	}
	if m := shareLine.FindStringSubmatch(text); m != nil {
		return p.share(m)
	}
	if m := rateLine.FindStringSubmatch(text); m != nil {
		return rate(m[1:4], m[4])
	}
	if m := benchLine.FindStringSubmatch(text); m != nil {
		return rate(m[1:2], m[2])
	}
	if m := jobLine.FindStringSubmatch(text); m != nil {
		return p.job(m)
	}
	if m := poolLine.FindStringSubmatch(text); m != nil {
		return p.alive(m[1])
	}
	if m := errorLine.FindStringSubmatch(text); m != nil {
		return p.lost(m[1], m[2])
	}
	if m := answerLine.FindStringSubmatch(text); m != nil {
		return []miners.Event{miners.Problem{Code: refusal(m[1]), Detail: m[1]}}
	}
	if m := healthLine.FindStringSubmatch(text); m != nil {
		return health(m)
	}
	for _, naming := range cardLines {
		if m := naming.FindStringSubmatch(text); m != nil {
			index, _ := strconv.Atoi(m[1])
			return []miners.Event{miners.DeviceReport{Index: index, Name: m[2]}}
		}
	}
	return p.story(line)
}

// Said implements miners.Witness.
func (p *parser) Said() miners.Said { return miners.Said{Counts: p.tally.Told()} }

// share reads the totals in parentheses, which are of accepted and of rejected.
func (p *parser) share(m []string) []miners.Event {
	accepted, err := strconv.ParseInt(m[1], 10, 64)
	rejected, err2 := strconv.ParseInt(m[2], 10, 64)
	if err != nil || err2 != nil {
		return nil
	}
	return p.tally.Update(accepted, rejected, m[3])
}

// rate takes the average over the shortest time for which there is one.
func rate(numbers []string, unit string) []miners.Event {
	for _, number := range numbers {
		if r, ok := miners.ParseHashrate(number, unit); ok {
			return []miners.Event{miners.Hashrate{Hashrate: r, Device: miners.Whole}}
		}
	}
	return nil
}

// health reads a card's power, temperature and fan. xmrig prints 0 where it does not
// know.
func health(m []string) []miners.Event {
	number := func(s string) float64 {
		n, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return -1
		}
		return n
	}
	index, _ := strconv.Atoi(m[1])
	return []miners.Event{miners.DeviceReport{
		Index: index, PowerW: api.Watts(number(m[2])), TemperatureC: api.Celsius(number(m[3])), FanPercent: api.Percent(number(m[4])),
	}}
}

// job reads a new job. xmrig does not say its id, nor whether it is a clean one.
func (p *parser) job(m []string) []miners.Event {
	events := p.alive(m[1])
	// The prefix is that of a hashrate.
	if rate, ok := miners.ParseHashrate(m[2], m[3]+"h"); ok {
		if d := pow.Difficulty(rate); d > 0 && d != p.difficulty {
			p.difficulty = d
			events = append(events, miners.Difficulty{Difficulty: d})
		}
	}
	height, _ := strconv.ParseInt(m[4], 10, 64)
	return append(events, miners.Job{Height: height})
}

// alive notes that pool works with us.
func (p *parser) alive(pool string) []miners.Event {
	p.unsupported = false
	if p.connected {
		return nil
	}
	p.connected = true
	return []miners.Event{miners.Connected{Pool: pool}}
}

// lost reads the end of a connection, or of the attempt to make one.
func (p *parser) lost(kind, reason string) []miners.Event {
	was, code := p.connected, miners.CodeDisconnected
	p.connected = false
	if strings.Contains(reason, "timed out") {
		code = miners.CodeTimeout
	}
	switch {
	case kind == "DNS":
		return []miners.Event{miners.Problem{Code: miners.CodeDNSFailed, Detail: reason}}
	case kind == "connect":
		return []miners.Event{miners.Problem{Code: miners.CodeConnectFailed, Detail: reason}}
	case was:
		return []miners.Event{miners.Disconnected{Code: code, Reason: reason}}
	}
	return []miners.Event{miners.Problem{Code: code, Detail: reason}} // before the pool let us in
}

// story reads the lines that are sentences.
func (p *parser) story(line string) []miners.Event {
	code := trouble(line)
	switch {
	case strings.Contains(line, "fast RandomX mode disabled by config"):
		p.light = true
		return nil
	case code == "":
		return nil
	case strings.Contains(line, "login error code") && p.unsupported:
		return nil // told already, in better words
	case strings.Contains(line, "switching to slow mode") && p.light:
		return nil // as it was asked to
	case code == miners.CodeUnsupported:
		p.unsupported = true
	case code == miners.CodeNoPool:
		p.connected = false
	}
	return []miners.Event{miners.Problem{Code: code, Detail: line}}
}
