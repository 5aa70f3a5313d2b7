// Package cpufamily reads what the programs print that descend from pooler's
// cpuminer: minerd, cpuminer-multi, cpuminer-opt, ccminer and cudaminer share most
// of their lines (https://github.com/pooler/cpuminer, tpruvot/cpuminer-multi,
// JayDDee/cpuminer-opt, tpruvot/ccminer).
//
// A program's parser keeps a Log, gives it each line without its time (Each), and
// looks itself at those that the Log does not know:
//
//	func (p *parser) Parse(line string) []miners.Event { return cpufamily.Each(line, p.parse) }
//
//	func (p *parser) parse(line string) []miners.Event {
//		if events, known := p.Log.Parse(line); known {
//			return events
//		}
//		if m := cardLine.FindStringSubmatch(line); m != nil {
//			return p.Log.Device(index, m[2], m[3])
//		}
//		return nil
//	}
//
// What it finds there it gives back to the Log, which keeps the counts. With a Log
// embedded the parser is a miners.Witness. Nothing is started here, nothing fails.
package cpufamily

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
)

// Log is what is known of one run of a program. The zero value is one that has not
// begun.
type Log struct {
	// Threads is that what the program numbers are threads of the processor, and
	// not graphics cards. Where a program has both, its lines tell.
	Threads bool

	tally     miners.Tally
	started   int                  // threads or cards, 0: unknown
	rates     map[int]pow.Hashrate // of those, as last printed
	total     *pow.Hashrate        // as last printed
	connected bool
	down      bool // it is told that the connection is lost
	job       string
	refusing  bool // the pool's answer to a call that failed is being printed
}

// maxDevices is more threads or cards than any computer has.
const maxDevices = 4096

var timestamp = regexp.MustCompile(`\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?\] ?`)

// Each gives what line holds to parse, without the time and the space around it. That
// is mostly one thing; more if a program died in the middle of a line, behind which
// another one went on.
func Each(line string, parse func(part string) []miners.Event) (events []miners.Event) {
	for _, part := range timestamp.Split(line, -1) {
		if part = strings.TrimSpace(part); part != "" {
			events = append(events, parse(part)...)
		}
	}
	return events
}

var (
	startLine = regexp.MustCompile(`^(?:(\d+) of )?(\d+) miner threads? started,? using (?:SHA256 )?'`)
	shareLine = regexp.MustCompile(`^accepted: (\d+)/(\d+) \([^)]*(?:$|\)(?:, (\S+) ([A-Za-z]\S*))?)`)
	forkShare = regexp.MustCompile(`^\[S/A/T\]: \d+/(\d+)/(\d+), (?:.*, )?([\d.]+) ?([kMGT]?H/s)`)
	totalLine = regexp.MustCompile(`^(?:Total|Benchmark): (\S+) ([A-Za-z/]+)`)
	jobLine   = regexp.MustCompile(`^DEBUG: job_id='([^']*)'`)
	blockLine = regexp.MustCompile(`^(?:\S+ )?\S+ (?:block|asks job \d+ for block) (\d+)(?:, |$)`)
	newBlock  = regexp.MustCompile(`^\S+ detected new block(?:, |$)`)
	rateLine  = regexp.MustCompile(`^(?:CPU [#T]|thread |HashMeter\()(\d+)\)?: (?:[^,]+, )?(\S+) ([A-Za-z]+/s)`)
	diffLine  = regexp.MustCompile(`^Stratum difficulty set to (\S+)`)
	provenOld = regexp.MustCompile(`^PROOF OF WORK RESULT: (?:(true)|false) \(`) // before version 1.0
	reasonTag = regexp.MustCompile(`^(?:DEBUG: )?[Rr]eject reason: ?`)
)

// Parse returns what a line of the family means, and whether it is one.
func (l *Log) Parse(line string) (events []miners.Event, known bool) {
	if l.refusing {
		return l.refusal(line)
	}
	for _, grammar := range []*regexp.Regexp{shareLine, forkShare} {
		if m := grammar.FindStringSubmatch(line); m != nil {
			return l.share(m), true
		}
	}
	if m := totalLine.FindStringSubmatch(line); m != nil {
		return l.Total(m[1], m[2]), true
	}
	if m := rateLine.FindStringSubmatch(line); m != nil {
		thread, err := strconv.Atoi(m[1])
		if err != nil {
			return nil, true
		}
		l.Threads = true
		return l.Device(thread, m[2], m[3]), true
	}
	if m := jobLine.FindStringSubmatch(line); m != nil {
		return l.newJob(m[1]), true
	}
	if m := blockLine.FindStringSubmatch(line); m != nil {
		height, _ := strconv.ParseInt(m[1], 10, 64)
		return l.Alive(miners.Job{Height: height}), true
	}
	if m := provenOld.FindStringSubmatch(line); m != nil {
		if m[1] == "" {
			return l.Alive(l.tally.Add(0, 1, "")...), true
		}
		return l.Alive(l.tally.Add(1, 0, "")...), true
	}
	if m := startLine.FindStringSubmatch(line); m != nil {
		started, _ := strconv.Atoi(cmp.Or(m[1], m[2]))
		l.Restart(started)
		return nil, true
	}
	return l.story(line)
}

// Starts reports whether line is the first of a run that tells of its threads or cards.
func Starts(line string) bool { return startLine.MatchString(line) }

// share reads the totals behind "accepted:", which are of accepted and of all.
// Forks of ccminer write them behind "[S/A/T]:", after the blocks solved.
func (l *Log) share(m []string) []miners.Event {
	accepted, err := strconv.ParseInt(m[1], 10, 64)
	all, err2 := strconv.ParseInt(m[2], 10, 64)
	if err != nil || err2 != nil || all < accepted {
		return nil
	}
	events := l.Shares(accepted, all-accepted)
	if m[3] == "" {
		return events
	}
	return append(events, l.Total(m[3], m[4])...)
}

// Shares takes the newest running totals.
func (l *Log) Shares(accepted, rejected int64) []miners.Event {
	return l.Alive(l.tally.Update(accepted, rejected, "")...)
}

// Report takes totals that may lag behind; negative ones are not told.
func (l *Log) Report(accepted, rejected int64) []miners.Event {
	return l.tally.Raise(accepted, rejected)
}

// Total takes the rate of all threads or cards together.
func (l *Log) Total(number, unit string) []miners.Event {
	rate, ok := miners.ParseHashrate(number, unit)
	if !ok {
		return nil
	}
	l.total = &rate
	return []miners.Event{miners.Hashrate{Hashrate: rate, Device: miners.Whole}}
}

// Device takes the rate of one thread or card, and adds all up once each is known.
func (l *Log) Device(index int, number, unit string) []miners.Event {
	rate, ok := miners.ParseHashrate(number, unit)
	if !ok || index < 0 || index >= maxDevices {
		return nil
	}
	if l.rates == nil {
		l.rates = map[int]pow.Hashrate{}
	}
	l.rates[index] = rate
	events := []miners.Event{miners.Hashrate{Hashrate: rate, Device: index}}
	if l.started == 0 || len(l.rates) != l.started {
		return events
	}
	return append(events, miners.Hashrate{Hashrate: l.sum(), Device: miners.Whole})
}

// sum adds the devices' rates up, always in the same order.
func (l *Log) sum() (sum pow.Hashrate) {
	for _, device := range slices.Sorted(maps.Keys(l.rates)) {
		sum += l.rates[device]
	}
	return sum
}

// Started returns how many threads or cards the program says it has; 0: unknown.
func (l *Log) Started() int { return l.started }

// Restart notes that the program began, with so many threads or cards.
func (l *Log) Restart(started int) {
	l.tally.Reset()
	*l = Log{Threads: l.Threads, tally: l.tally, started: started, total: l.total}
}

// Said makes the parser that embeds l a miners.Witness. The program's own sum is
// the one that it printed, not the newer one that we made of its parts.
func (l *Log) Said() miners.Said {
	said := miners.Said{Counts: l.tally.Told(), Hashrate: l.total, Threads: l.Threads}
	if l.total == nil && len(l.rates) > 0 {
		sum := l.sum()
		said.Hashrate = &sum
	}
	return said
}

// Alive puts a Connected before the first sign of a pool that works with us; most
// of these programs have no line for that.
func (l *Log) Alive(events ...miners.Event) []miners.Event {
	if len(events) == 0 {
		return nil
	}
	return append(l.Connected(), events...)
}

// Connected notes that the pool let us in, which is told once.
func (l *Log) Connected() []miners.Event {
	if l.connected {
		return nil
	}
	l.connected, l.down = true, false
	return []miners.Event{miners.Connected{}}
}

// newJob notes a job, which each thread prints when it begins with it.
func (l *Log) newJob(id string) []miners.Event {
	if id == l.job {
		return nil
	}
	l.job = id
	return l.Alive(miners.Job{ID: id})
}

// story reads the lines that are sentences.
func (l *Log) story(line string) (events []miners.Event, known bool) {
	if m := diffLine.FindStringSubmatch(line); m != nil {
		return l.Difficulty(m[1]), true
	}
	if text, found := strings.CutPrefix(line, "MESSAGE FROM SERVER: "); found {
		return []miners.Event{miners.Message{Text: text}}, true
	}
	if tag := reasonTag.FindString(line); tag != "" {
		return reject(line[len(tag):]), true
	}
	switch {
	case line == callFailed+": [" || line == callFailed+": {":
		l.refusing = true
		return nil, true
	case line == "Stratum requested work restart":
		return l.Alive(miners.Job{Clean: true}), true
	case newBlock.MatchString(line):
		return l.Alive(miners.Job{Clean: true}), true
	case strings.HasPrefix(line, "...retry after "):
		l.down = false
		return nil, true
	}
	if code := lost(line); code != "" {
		return l.lost(code, line), true
	}
	if code := trouble(line); code != "" {
		return []miners.Event{miners.Problem{Code: code, Detail: line}}, true
	}
	return nil, false
}

// lost notes the end of a connection, of which most programs tell in two lines.
func (l *Log) lost(code miners.Code, line string) []miners.Event {
	if l.down {
		return nil
	}
	l.connected, l.down, l.job = false, true, ""
	return []miners.Event{miners.Disconnected{Code: code, Reason: line}}
}

// Difficulty takes how hard shares are from now on.
func (l *Log) Difficulty(number string) []miners.Event {
	if d, err := strconv.ParseFloat(number, 64); err == nil && d > 0 {
		return l.Alive(miners.Difficulty{Difficulty: pow.Difficulty(d)})
	}
	return nil
}

// reject returns the event for a reason; pools that give none leave it empty.
func reject(reason string) []miners.Event {
	if reason = strings.TrimSpace(reason); reason == "" {
		return nil
	}
	return []miners.Event{miners.Problem{Code: miners.CodeShareRejected, Detail: reason}}
}
