package xmrig

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
)

// parser reads what xmrig prints, version 6.26.0.
type parser struct {
	tally       miners.Tally
	connected   bool
	difficulty  pow.Difficulty
	unsupported bool // the pool wants an algorithm that this xmrig has not
}

// The expressions are for lines without their time and with single spaces.
var (
	timestamp = regexp.MustCompile(`^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\] `)
	jobLine   = regexp.MustCompile(`^net new job from (\S+) diff ([\d.]+)([KMGT]?) algo \S+(?: height (\d+))?`)
	poolLine  = regexp.MustCompile(`^net use pool (\S+)`)
	shareLine = regexp.MustCompile(`^\S+ (?:accepted|rejected) \((\d+)/(\d+)\)(?: diff \S+)?(?: "(.*)")? \(\d+ ms\)`)
	rateLine  = regexp.MustCompile(`^miner speed \S+ (\S+) (\S+) (\S+) (\S+/s)`)
	errorLine = regexp.MustCompile(`^net (?:\S+ )*?(connect|read|DNS) error: "(.*)"`)
	loginLine = regexp.MustCompile(`^net \S+ error: "(.*)", code: -?\d+`)
)

// Parse implements miners.Parser.
func (p *parser) Parse(line string) []miners.Event {
	line = strings.Join(strings.Fields(line), " ")
	line = timestamp.ReplaceAllString(line, "")
	if m := shareLine.FindStringSubmatch(line); m != nil {
		return p.share(m)
	}
	if m := rateLine.FindStringSubmatch(line); m != nil {
		return rate(m)
	}
	if m := jobLine.FindStringSubmatch(line); m != nil {
		return p.job(m)
	}
	if m := poolLine.FindStringSubmatch(line); m != nil {
		return p.alive(m[1])
	}
	if m := errorLine.FindStringSubmatch(line); m != nil {
		return p.lost(m[1], m[2])
	}
	if m := loginLine.FindStringSubmatch(line); m != nil {
		return []miners.Event{miners.Problem{Code: miners.CodeAuthFailed, Detail: m[1]}}
	}
	return p.story(line)
}

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
func rate(m []string) []miners.Event {
	for _, number := range m[1:4] {
		if r, ok := miners.ParseHashrate(number, m[4]); ok {
			return []miners.Event{miners.Hashrate{Hashrate: r, Device: miners.Whole}}
		}
	}
	return nil
}

// job reads a new job. xmrig does not say its id, nor whether it is a clean one.
func (p *parser) job(m []string) []miners.Event {
	events := p.alive(m[1])
	if number, err := strconv.ParseFloat(m[2], 64); err == nil {
		for _, prefix := range "KMGT" {
			if m[3] == "" {
				break
			}
			number *= 1000
			if m[3] == string(prefix) {
				break
			}
		}
		if d := pow.Difficulty(number); d > 0 && d != p.difficulty {
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
	case kind == "read" && was:
		return []miners.Event{miners.Disconnected{Code: code, Reason: reason}}
	case kind == "read": // before the pool let us in
		return []miners.Event{miners.Problem{Code: code, Detail: reason}}
	}
	return []miners.Event{miners.Problem{Code: miners.CodeConnectFailed, Detail: reason}}
}

// story reads the lines that are sentences.
func (p *parser) story(line string) []miners.Event {
	code := trouble(line)
	switch {
	case code == "":
		return nil
	case strings.Contains(line, "login error code") && p.unsupported:
		return nil // told already, in better words
	case code == miners.CodeUnsupported:
		p.unsupported = true
	case code == miners.CodeNoPool:
		p.connected = false
	}
	return []miners.Event{miners.Problem{Code: code, Detail: line}}
}

// trouble returns the kind of trouble that line tells of, or nothing.
func trouble(line string) miners.Code {
	for _, known := range []struct {
		prefix, words string
		code          miners.Code
	}{
		{"net ", "no active pools", miners.CodeNoPool},
		{"", "unsupported algorithm", miners.CodeUnsupported},
		{"", "login error code", miners.CodeProtocolError},
		{"msr ", "FAILED TO APPLY MSR MOD", miners.CodeMSRFailed},
		{"randomx ", "failed to allocate RandomX dataset", miners.CodeOutOfMemory},
		{"", "self-test failed", miners.CodeHardwareError},
		{"", "failed with error", miners.CodeDeviceFailed},
		{"", "disabled (no suitable configuration found)", miners.CodeNoDevice},
		{"", "disabled (failed", miners.CodeDriverProblem},
		{"no valid configuration found", "", miners.CodeFatal},
	} {
		if strings.HasPrefix(line, known.prefix) && strings.Contains(line, known.words) {
			return known.code
		}
	}
	return ""
}
