// Package minerd drives minerd, the program of pooler's cpuminer: scrypt and
// sha256d on processors (https://github.com/pooler/cpuminer).
//
// It makes minerd's command line and reads its log, which is all on stderr; the
// program has no interface to ask. What minerd shares with its descendants is in
// miners/cpufamily. Nothing is started here and nothing fails.
package minerd

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/cpufamily"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is minerd's miners.Driver.
type Driver struct{}

// Name implements miners.Driver.
func (Driver) Name() string { return "minerd" }

// Algorithms implements miners.Driver.
func (Driver) Algorithms() []pow.Algorithm { return []pow.Algorithm{pow.Scrypt, pow.SHA256d} }

// Streams implements miners.Silencer.
func (Driver) Streams() miners.Streams { return miners.OnlyStderr }

// Args implements miners.Driver. -D makes minerd tell the difficulty, the jobs
// and the reasons of rejects; without it a pool that refuses all is a riddle.
func (Driver) Args(p miners.Plan) []string {
	url := p.URL
	for _, scheme := range []string{"stratum+ssl://", "stratum+tls://"} {
		if rest, found := strings.CutPrefix(url, scheme); found {
			url = "stratum+tcps://" + rest
		}
	}
	args := []string{"-a", string(p.Algorithm), "-o", url, "-u", p.User, "-p", p.Password, "-R", "5", "-D"}
	if p.Threads > 0 {
		args = append(args, "-t", strconv.Itoa(p.Threads))
	}
	return args
}

// NewParser implements miners.Driver.
func (Driver) NewParser() miners.Parser {
	return &parser{Log: cpufamily.Log{Threads: true}, speeds: map[int]speed{}}
}

// maxThreads is more than any computer has.
const maxThreads = 4096

// parser reads minerd's log, version 2.5.1 and back to the first.
type parser struct {
	cpufamily.Log
	speeds map[int]speed // by thread
}

var rateLine = regexp.MustCompile(`^thread (\d+): (\d+) hashes, (\S+) (\S+)$`)

// Parse implements miners.Parser.
func (p *parser) Parse(line string) []miners.Event { return cpufamily.Each(line, p.parse) }

// parse reads what is behind a time.
func (p *parser) parse(line string) []miners.Event {
	if m := rateLine.FindStringSubmatch(line); m != nil {
		return p.rate(m)
	}
	if cpufamily.Starts(line) {
		clear(p.speeds)
	}
	events, _ := p.Log.Parse(line)
	if len(p.speeds) == 0 {
		return events
	}
	// minerd's own sum adds up the threads' last rates, be they of ten hashes, so
	// it only serves until there are better ones.
	return slices.DeleteFunc(events, func(e miners.Event) bool { _, rate := e.(miners.Hashrate); return rate })
}

// rate reads what a thread computed, and adds up all threads once each is known.
func (p *parser) rate(m []string) []miners.Event {
	thread, err := strconv.Atoi(m[1])
	hashes, err2 := strconv.ParseUint(m[2], 10, 64)
	rate, ok := miners.ParseHashrate(m[3], m[4])
	if err != nil || err2 != nil || !ok || thread >= maxThreads {
		return nil
	}
	p.Device(thread, m[3], m[4]) // for what minerd said; the events are ours
	own := p.speeds[thread].after(float64(hashes), rate)
	p.speeds[thread] = own
	if !own.known() {
		return nil
	}
	events := []miners.Event{miners.Hashrate{Hashrate: own.rate(), Device: thread}}
	if p.Started() == 0 || len(p.speeds) < p.Started() {
		return events
	}
	var sum pow.Hashrate
	for _, s := range p.speeds {
		if !s.known() {
			return events
		}
		sum += s.rate()
	}
	return append(events, miners.Hashrate{Hashrate: sum, Device: miners.Whole})
}
