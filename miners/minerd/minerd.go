// Package minerd drives minerd, the program of pooler's cpuminer: scrypt and
// sha256d on processors (https://github.com/pooler/cpuminer).
//
// It makes minerd's command line and reads its log, which is all on stderr; the
// program has no interface to ask. Nothing is started here and nothing fails.
package minerd

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is minerd's miners.Driver.
type Driver struct{}

// Name implements miners.Driver.
func (Driver) Name() string { return "minerd" }

// Algorithms implements miners.Driver.
func (Driver) Algorithms() []pow.Algorithm { return []pow.Algorithm{pow.Scrypt, pow.SHA256d} }

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
func (Driver) NewParser() miners.Parser { return &parser{speeds: map[int]speed{}} }

// maxThreads is more than any computer has.
const maxThreads = 4096

// parser reads minerd's log, version 2.5.1.
type parser struct {
	tally     miners.Tally
	threads   int           // 0: unknown
	speeds    map[int]speed // by thread
	connected bool
	job       string
}

var (
	timestamp = regexp.MustCompile(`^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] `)
	startLine = regexp.MustCompile(`^(\d+) miner threads started, using '([^']*)' algorithm`)
	shareLine = regexp.MustCompile(`^accepted: (\d+)/(\d+) \([^)]*\), (\S+) (\S+)`)
	rateLine  = regexp.MustCompile(`^thread (\d+): (\d+) hashes, (\S+) (\S+)$`)
	totalLine = regexp.MustCompile(`^Total: (\S+) (\S+)$`)
	jobLine   = regexp.MustCompile(`^DEBUG: job_id='([^']*)'`)
)

// Parse implements miners.Parser.
func (p *parser) Parse(line string) []miners.Event {
	line = timestamp.ReplaceAllString(line, "")
	if m := shareLine.FindStringSubmatch(line); m != nil {
		return p.share(m)
	}
	if m := rateLine.FindStringSubmatch(line); m != nil {
		return p.rate(m)
	}
	if m := totalLine.FindStringSubmatch(line); m != nil {
		return p.total(m[1], m[2])
	}
	if m := jobLine.FindStringSubmatch(line); m != nil {
		if m[1] == p.job {
			return nil // each thread prints the job it works on
		}
		p.job = m[1]
		return p.alive(miners.Job{ID: m[1]})
	}
	if m := startLine.FindStringSubmatch(line); m != nil {
		threads, _ := strconv.Atoi(m[1])
		*p = parser{threads: threads, speeds: map[int]speed{}}
		return nil
	}
	return p.story(line)
}

// share reads the totals behind "accepted:", which are of accepted and of all.
func (p *parser) share(m []string) []miners.Event {
	accepted, err := strconv.ParseInt(m[1], 10, 64)
	all, err2 := strconv.ParseInt(m[2], 10, 64)
	if err != nil || err2 != nil || all < accepted {
		return nil
	}
	events := p.alive(p.tally.Update(accepted, all-accepted, "")...)
	return append(events, p.total(m[3], m[4])...)
}

// rate reads what a thread computed, and adds up all threads once each is known.
func (p *parser) rate(m []string) []miners.Event {
	thread, err := strconv.Atoi(m[1])
	hashes, err2 := strconv.ParseUint(m[2], 10, 64)
	rate, ok := miners.ParseHashrate(m[3], m[4])
	if err != nil || err2 != nil || !ok || thread >= maxThreads {
		return nil
	}
	own := p.speeds[thread].after(float64(hashes), rate)
	p.speeds[thread] = own
	if !own.known() {
		return nil
	}
	events := []miners.Event{miners.Hashrate{Hashrate: own.rate(), Device: thread}}
	if p.threads == 0 || len(p.speeds) < p.threads {
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

// total reads minerd's own sum. It adds up the threads' last rates, be they of ten
// hashes, so it only serves until there are better ones.
func (p *parser) total(number, unit string) []miners.Event {
	if len(p.speeds) > 0 {
		return nil
	}
	if rate, ok := miners.ParseHashrate(number, unit); ok {
		return []miners.Event{miners.Hashrate{Hashrate: rate, Device: miners.Whole}}
	}
	return nil
}

// alive puts a Connected before the first sign of a pool that works with us;
// minerd has no line for that.
func (p *parser) alive(events ...miners.Event) []miners.Event {
	if p.connected || len(events) == 0 {
		return events
	}
	p.connected = true
	return append([]miners.Event{miners.Connected{}}, events...)
}

// story reads the lines that are sentences.
func (p *parser) story(line string) []miners.Event {
	if number, found := strings.CutPrefix(line, "Stratum difficulty set to "); found {
		if d, err := strconv.ParseFloat(number, 64); err == nil && d > 0 {
			return p.alive(miners.Difficulty{Difficulty: pow.Difficulty(d)})
		}
		return nil
	}
	if line == "Stratum requested work restart" {
		return p.alive(miners.Job{Clean: true})
	}
	if text, found := strings.CutPrefix(line, "MESSAGE FROM SERVER: "); found {
		return []miners.Event{miners.Message{Text: text}}
	}
	if reason, found := strings.CutPrefix(line, "DEBUG: reject reason: "); found {
		return []miners.Event{miners.Problem{Code: miners.CodeShareRejected, Detail: reason}}
	}
	switch line {
	case "Stratum connection interrupted":
		return p.lost(miners.CodeDisconnected, line)
	case "Stratum connection timed out":
		return p.lost(miners.CodeTimeout, line)
	}
	if code := trouble(line); code != "" {
		return []miners.Event{miners.Problem{Code: code, Detail: line}}
	}
	return nil
}

// lost notes the end of a connection.
func (p *parser) lost(code miners.Code, reason string) []miners.Event {
	p.connected, p.job = false, ""
	return []miners.Event{miners.Disconnected{Code: code, Reason: reason}}
}

// trouble returns the kind of trouble that line tells of, or nothing.
func trouble(line string) miners.Code {
	if reason, found := strings.CutPrefix(line, "Stratum connection failed: "); found {
		switch reason = strings.ToLower(reason); {
		case strings.Contains(reason, "resolve"):
			return miners.CodeDNSFailed
		case strings.Contains(reason, "malformed"):
			return miners.CodeBadURL
		}
		return miners.CodeConnectFailed
	}
	for _, known := range []struct {
		prefix string
		code   miners.Code
	}{
		{"Stratum connection failed", miners.CodeConnectFailed},
		{"HTTP request failed: ", miners.CodeConnectFailed},
		{"Stratum authentication failed", miners.CodeAuthFailed},
		{"stratum_subscribe timed out", miners.CodeTimeout},
		{"...terminating workio thread", miners.CodeNoPool},
		{"workio thread dead, exiting", miners.CodeFatal},
		{"scrypt buffer allocation failed", miners.CodeOutOfMemory},
		{"minerd: unknown algorithm", miners.CodeUnsupported},
		{"minerd: invalid URL", miners.CodeBadURL},
		{"JSON decode failed", miners.CodeProtocolError},
	} {
		if strings.HasPrefix(line, known.prefix) {
			return known.code
		}
	}
	return ""
}
