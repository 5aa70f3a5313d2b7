// Package cgfamily reads what cgminer and its descendants print: sgminer, bfgminer
// and nsgminer share its lines (https://github.com/ckolivas/cgminer,
// sgminer-dev/sgminer, luke-jr/bfgminer, ghostlander/nsgminer).
//
// These programs print each event twice unless they own a terminal: clean on
// stderr, and with padding on stdout, where a status line that ends with a carriage
// return goes between. Pipes make one of them lag by thousands of bytes. A line that
// was told already, with the same time, is therefore passed over.
//
// What they call A and R in a status line are sums of difficulty; shares are counted
// by their lines, and by the summary at the exit. Nothing is started here and
// nothing fails.
package cgfamily

import (
	"hash/maphash"
	"regexp"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
)

// NewParser returns a parser for one run of a program of the family.
func NewParser() miners.Parser {
	return &parser{told: told{seed: maphash.MakeSeed(), known: map[uint64]bool{}}}
}

// parser reads the output of cgminer 2 to 4, sgminer 4 and 5, bfgminer 3 to 5 and
// nsgminer 0.9.
type parser struct {
	tally     miners.Tally
	told      told
	connected bool
	refused   bool          // the pool refused our user, which looks like an absent pool
	listing   bool          // the next lines name the devices
	measured  bool          // there was a hashrate
	average   *pow.Hashrate // of the whole run, from the summary
}

var (
	timestamp = regexp.MustCompile(`^ ?\[(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d(?:\.\d+)?\] ?`)
	glued     = regexp.MustCompile(`\[(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d(?:\.\d+)?\] `)
)

// Parse implements miners.Parser.
func (p *parser) Parse(line string) []miners.Event {
	stamp := timestamp.FindString(line)
	text := strings.TrimSpace(line[len(stamp):])
	if at := glued.FindStringIndex(text); at != nil && at[0] > 0 {
		// The carriage return behind a status line got lost, or the line broke off.
		return append(p.Parse(text[:at[0]]), p.Parse(text[at[0]:])...)
	}
	if events, found := p.status(text); found {
		return events
	}
	if events, named := p.device(stamp, text); named {
		return events
	}
	if stamp != "" && p.told.already(strings.TrimSpace(stamp)+" "+text) {
		return nil
	}
	return p.event(text)
}

// Said implements miners.Witness. The average over the run is all that a log on
// stderr tells of the speed.
func (p *parser) Said() miners.Said {
	said := miners.Said{Counts: p.tally.Told()}
	if !p.measured {
		said.Hashrate = p.average
	}
	return said
}

var (
	startLine   = regexp.MustCompile(`^Started \S*miner\b`)
	shareLine   = regexp.MustCompile(`^(Accepted|Rejected) (?:(?:0x)?[0-9a-fA-F]{4,}\S* |untracked stratum share from )(.*)`)
	reasonPart  = regexp.MustCompile(`\(([^()]+(?:\([^()]*\)?)?[^()]*)\)?(?:\s*\(resubmit\))?$`)
	diffLine    = regexp.MustCompile(`^.+ difficulty changed to ([\d.]+)([kKMGTPE]?)$`)
	blockLine   = regexp.MustCompile(`(?i)^(?:stratum|.*long-?poll|.*LP) from .+ detected (?:a )?new block(?: at height (\d+))?`)
	restartLine = regexp.MustCompile(`^.+ from .+ requested work (restart|update)$`)
	aliveLine   = regexp.MustCompile(`^(?:Pool \d+ (?:\S+://)?(\S+) alive|Switching to (?:pool \d+ )?(?:\S+://)?(\S+) - first alive pool)$`)
	messageLine = regexp.MustCompile(`^(?:Pool \d+ message|Message from pool \d+): (.+)$`)
	countLine   = regexp.MustCompile(`^(Accepted|Rejected) shares: (\d+)`)
	averageLine = regexp.MustCompile(`^Average hash ?rate: ([\d.]+) (\S+)$`)
)

// event reads a line that is no status.
func (p *parser) event(text string) []miners.Event {
	if m := shareLine.FindStringSubmatch(text); m != nil {
		return p.share(m[1], m[2])
	}
	if m := countLine.FindStringSubmatch(text); m != nil {
		return p.count(m[1], m[2])
	}
	if m := averageLine.FindStringSubmatch(text); m != nil {
		if rate, ok := miners.ParseHashrate(m[1], longUnit.Replace(m[2])); ok {
			p.average = &rate
		}
		return nil
	}
	if startLine.MatchString(text) {
		p.tally.Reset()
		p.connected, p.refused = false, false
		return nil
	}
	return p.pool(text)
}

// longUnit shortens the units that the summary spells out.
var longUnit = strings.NewReplacer("Kilo", "K", "Mega", "M", "Giga", "G")

// share reads the fate of one share. Why it was rejected stands in brackets at the
// end, where it may be cut off.
func (p *parser) share(fate, rest string) []miners.Event {
	if fate == "Accepted" {
		return p.alive(p.tally.Add(1, 0, "")...)
	}
	reason := ""
	if m := reasonPart.FindStringSubmatch(rest); m != nil && m[1] != "resubmit" {
		reason = m[1]
	}
	return p.alive(p.tally.Add(0, 1, reason)...)
}

// count reads the summary, which makes good what lines were lost.
func (p *parser) count(fate, number string) []miners.Event {
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return nil
	}
	if fate == "Accepted" {
		return p.tally.Raise(n, -1)
	}
	return p.tally.Raise(-1, n)
}

// pool reads what the pool sends, and all that is left.
func (p *parser) pool(text string) []miners.Event {
	if m := diffLine.FindStringSubmatch(text); m != nil && !strings.HasPrefix(text, "Network") {
		if d, ok := miners.ParseHashrate(m[1], m[2]+"h"); ok && d > 0 { // the prefixes are the same
			return p.alive(miners.Difficulty{Difficulty: pow.Difficulty(d)})
		}
		return nil
	}
	if m := blockLine.FindStringSubmatch(text); m != nil {
		height, _ := strconv.ParseInt(m[1], 10, 64)
		return p.alive(miners.Job{Height: height, Clean: true})
	}
	if m := restartLine.FindStringSubmatch(text); m != nil {
		return p.alive(miners.Job{Clean: m[1] == "restart"})
	}
	if m := aliveLine.FindStringSubmatch(text); m != nil {
		return p.connect(m[1] + m[2])
	}
	if m := messageLine.FindStringSubmatch(text); m != nil {
		return []miners.Event{miners.Message{Text: m[1]}}
	}
	return p.trouble(text)
}

// connect notes that pool is alive.
func (p *parser) connect(pool string) []miners.Event {
	if p.connected {
		return nil
	}
	p.connected, p.refused = true, false
	return []miners.Event{miners.Connected{Pool: pool}}
}

// alive puts a Connected before the first sign of a pool that works with us.
func (p *parser) alive(events ...miners.Event) []miners.Event {
	if len(events) == 0 {
		return nil
	}
	return append(p.connect(""), events...)
}

// remembered is how many lines are known to be told. The lagging stream holds back
// some kilobytes, which is a hundred lines.
const remembered = 1024

// told remembers the last lines, by their hashes.
type told struct {
	seed  maphash.Seed
	known map[uint64]bool
	ring  [remembered]uint64
	next  int
}

// already reports whether line was there, and remembers it.
func (t *told) already(line string) bool {
	hash := maphash.String(t.seed, line)
	if t.known[hash] {
		return true
	}
	delete(t.known, t.ring[t.next])
	t.ring[t.next] = hash
	t.next = (t.next + 1) % remembered
	t.known[hash] = true
	return false
}
