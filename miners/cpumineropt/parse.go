package cpumineropt

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/cpufamily"
)

// NewParser implements miners.Driver.
func (Driver) NewParser() miners.Parser { return &parser{Log: cpufamily.Log{Threads: true}} }

// parser reads what cpuminer-opt prints, version 26.1 and those since 3.8.
type parser struct {
	cpufamily.Log
	stale, rejected int64 // of the report that is being printed
}

// The program spells out the word that is a share's fate and shortens the others;
// the numbers are running totals. Before version 3.12 it wrote otherwise.
var (
	shareLine  = regexp.MustCompile(`^\d+ (?:A|Accepted )(\d+) (?:S|Stale (?:job )?)(\d+) (?:R|Rejected )(\d+) (?:B|BLOCK SOLVED )\d+`)
	colonLine  = regexp.MustCompile(`^\d+: .*, A:(\d+) S:(\d+) R:(\d+) B:\d+`) // version 3.11.5 alone
	slashLine  = regexp.MustCompile(`^(?:Accepted|Rejected|Stale|BLOCK SOLVED).* A/(S/)?R/B: (\d+)/(\d+)/(\d+)`)
	oldShare   = regexp.MustCompile(`^(Accepted|Rejected) (\d+)/(\d+) \([\d.]+%\)(?:.*, (\S+) ([kMGT]?H/s))?`)
	minerLine  = regexp.MustCompile(`^Miner (\S+) ([kMGTP]?[Hh]/s), Share `)
	jobLine    = regexp.MustCompile(`^New (?:Stratum Diff (\S+), |Work: )?Block (\d+), .*?(?:Job (\S+))?$`)
	diffLine   = regexp.MustCompile(`^Diff: Net \S+, Stratum ([^,\s]+)`)
	ttfLine    = regexp.MustCompile(`^(?:Miner )?TTF @ (\S+) ([kMGTPE]?h/s)`)
	threadLine = regexp.MustCompile(`^Thread (\d+), CPU \d+: (\S+) ([kMGTPE]?h/s)`)
	reportRate = regexp.MustCompile(`^Hash rate .*\(\s*([\d.]+)([kMGTPE]?h/s)\)`)
	reportLine = regexp.MustCompile(`^(Accepted|Stale|Rejected) +\d+ +(\d+)(?: +\S+%)?$`)
)

// Parse implements miners.Parser.
func (p *parser) Parse(line string) []miners.Event { return cpufamily.Each(line, p.parse) }

// parse reads what is behind a time.
func (p *parser) parse(line string) []miners.Event {
	if m := shareLine.FindStringSubmatch(line); m != nil {
		return p.share(m[1], m[2], m[3])
	}
	if cpufamily.Starts(line) {
		p.stale, p.rejected = 0, 0
	}
	if events, known := p.Log.Parse(line); known {
		return events
	}
	if m := ttfLine.FindStringSubmatch(line); m != nil {
		return p.Total(m[1], m[2])
	}
	if m := jobLine.FindStringSubmatch(line); m != nil {
		return p.job(m)
	}
	if m := diffLine.FindStringSubmatch(line); m != nil {
		return p.Difficulty(m[1])
	}
	if m := threadLine.FindStringSubmatch(line); m != nil {
		thread, _ := strconv.Atoi(m[1])
		return p.Device(thread, m[2], m[3])
	}
	if m := reportRate.FindStringSubmatch(line); m != nil {
		// The first two are guesses from the shares found, this one is measured.
		return p.Total(m[1], m[2])
	}
	if m := reportLine.FindStringSubmatch(line); m != nil {
		return p.report(m[1], m[2])
	}
	if events := p.old(line); events != nil {
		return events
	}
	return p.story(line)
}

// share reads running totals; a stale share is a refused one.
func (p *parser) share(accepted, stale, rejected string) []miners.Event {
	a, err := strconv.ParseInt(accepted, 10, 64)
	s, err2 := strconv.ParseInt(stale, 10, 32)
	r, err3 := strconv.ParseInt(rejected, 10, 32)
	if cmp.Or(err, err2, err3) != nil {
		return nil
	}
	p.stale, p.rejected = s, r
	return p.Shares(a, s+r)
}

// job reads a new job, with the difficulty where that is new, too.
func (p *parser) job(m []string) (events []miners.Event) {
	if m[1] != "" {
		events = p.Difficulty(m[1])
	}
	height, _ := strconv.ParseInt(m[2], 10, 64)
	return append(events, p.Alive(miners.Job{ID: m[3], Height: height})...)
}

// report reads a line of the periodic report, whose second number is of the whole
// run. It makes good what lines were lost.
func (p *parser) report(kind, total string) []miners.Event {
	n, err := strconv.ParseInt(total, 10, 32)
	if err != nil {
		return nil
	}
	switch kind {
	case "Accepted":
		return p.Report(n, -1)
	case "Stale":
		p.stale = max(p.stale, n)
	case "Rejected":
		p.rejected = max(p.rejected, n)
	}
	return p.Report(-1, p.stale+p.rejected)
}

// old reads the lines of versions before 3.12.
func (p *parser) old(line string) []miners.Event {
	if m := slashLine.FindStringSubmatch(line); m != nil {
		if m[1] == "" {
			return p.share(m[2], "0", m[3])
		}
		return p.share(m[2], m[3], m[4])
	}
	if m := colonLine.FindStringSubmatch(line); m != nil {
		return p.share(m[1], m[2], m[3])
	}
	if m := oldShare.FindStringSubmatch(line); m != nil {
		return p.oldShare(m)
	}
	if m := minerLine.FindStringSubmatch(line); m != nil {
		return p.Total(m[1], m[2])
	}
	return nil
}

// oldShare reads a share's fate, how many had it, and of how many.
func (p *parser) oldShare(m []string) []miners.Event {
	accepted, err := strconv.ParseInt(m[2], 10, 64)
	all, err2 := strconv.ParseInt(m[3], 10, 64)
	if err != nil || err2 != nil || all < accepted {
		return nil
	}
	if m[1] == "Rejected" {
		accepted = all - accepted
	}
	events := p.Shares(accepted, all-accepted)
	if m[4] == "" {
		return events
	}
	return append(events, p.Total(m[4], m[5])...)
}

// story reads the lines that are sentences.
func (p *parser) story(line string) []miners.Event {
	if line == "Stratum connection established" {
		return p.Connected()
	}
	for _, known := range []struct {
		begins string
		code   miners.Code
	}{
		{"CPU temp too high", miners.CodeDeviceIdle},
		{"Excessive rejected share rate, exiting", miners.CodeFatal},
		{"FAIL: thread ", miners.CodeDeviceFailed},
		{"FAIL: ", miners.CodeUnsupported},
		{"BUG: unregistered algorithm", miners.CodeUnsupported},
	} {
		if strings.HasPrefix(line, known.begins) {
			return []miners.Event{miners.Problem{Code: known.code, Detail: line}}
		}
	}
	if strings.HasPrefix(line, "Algo ") && strings.Contains(line, "not been Implemented") {
		return []miners.Event{miners.Problem{Code: miners.CodeUnsupported, Detail: line}}
	}
	return nil
}
