package phoenixminer

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/console"
	"github.com/adit-mining/adit/miners/pow"
)

// parser reads what PhoenixMiner prints, versions 2.9 to 6.2. It has a name for the
// one coin that it mines, mostly "Eth".
type parser struct {
	tally     miners.Tally
	connected bool
	answer    string // of the pool, as the log file has it word by word: its error
}

// The expressions are for lines without the log file's time and thread.
var (
	stamp      = regexp.MustCompile(`^\d{4}\.\d\d\.\d\d:\d\d:\d\d:\d\d\.\d{3}: \S+ *`)
	totalLine  = regexp.MustCompile(`^(?:\w+ )?speed: ([\d.,]+|n/a|-?nan) ([kKMGT]?H/s), shares: (\d+)/(\d+)/(\d+)`)
	shareLine  = regexp.MustCompile(`^(\w+): (?:Stale s|S)hare (accepted|rejected)(?: in \d+ ms)?(.*)$`)
	answerLine = regexp.MustCompile(`^\w+: Received: .*"error" ?: ?(?:\[-?\d+, ?|\{.*"message" ?: ?)"([^"]*)"`)
	blockLine  = regexp.MustCompile(`^\w+: Accepted shares (\d+)\b.*?, rejected shares (\d+)\b`)
	ratesLine  = regexp.MustCompile(`^GPUs: 1?\d{1,2}: `)
	cardRate   = regexp.MustCompile(`\b(\d+): ([\d.]+) ([kKMGT]?H/s)`)
	sensorLine = regexp.MustCompile(`^GPU\d+: \d+C`)
	cardSensor = regexp.MustCompile(`GPU(\d+): (\d+)C(?: (\d+)%)?(?: (\d+)W)?`)
	nameLine   = regexp.MustCompile(`^GPU(\d+): (.+?) \(pcie \d+\)`)
	jobLine    = regexp.MustCompile(`^\w+: New job(?: #(\w+))? from ([^;]+)(?:; diff: ([\d.]+)([kKMGT]?H))?`)
	poolLine   = regexp.MustCompile(`^\w+: Connected to (?:\w+ pool )?(\S+)`)
)

// Parse implements miners.Parser.
func (p *parser) Parse(line string) []miners.Event {
	line = strings.TrimSpace(stamp.ReplaceAllString(line, ""))
	if m := totalLine.FindStringSubmatch(line); m != nil {
		return p.total(m)
	}
	if m := shareLine.FindStringSubmatch(line); m != nil && !strings.EqualFold(m[1], "devfee") {
		if m[2] == "accepted" {
			return p.tally.Add(1, 0, "")
		}
		return p.tally.Add(0, 1, cmp.Or(console.Reason(m[3]), p.answer))
	}
	if m := blockLine.FindStringSubmatch(line); m != nil {
		return p.totals(m[1], m[2])
	}
	switch {
	case ratesLine.MatchString(line):
		return console.Rates(line, cardRate)
	case sensorLine.MatchString(line):
		return console.Sensors(line, cardSensor)
	}
	if m := nameLine.FindStringSubmatch(line); m != nil {
		return console.Named(m[1], m[2])
	}
	if m := jobLine.FindStringSubmatch(line); m != nil {
		return job(m)
	}
	if m := poolLine.FindStringSubmatch(line); m != nil {
		p.connected = true
		return []miners.Event{miners.Connected{Pool: m[1]}}
	}
	return p.story(line)
}

// Said implements miners.Witness.
func (p *parser) Said() miners.Said { return miners.Said{Counts: p.tally.Told()} }

// total reads the line that comes every few seconds: the rate, and the shares that
// were accepted, rejected and computed wrongly.
func (p *parser) total(m []string) []miners.Event {
	events := p.totals(m[3], m[4])
	if rate, ok := miners.ParseHashrate(m[1], m[2]); ok {
		events = append(events, miners.Hashrate{Hashrate: rate, Device: miners.Whole})
	}
	return events
}

// totals reads counts. Those of the block that comes every five minutes are of the
// current pool alone, and so may be less than all.
func (p *parser) totals(accepted, rejected string) []miners.Event {
	a, err := strconv.ParseInt(accepted, 10, 64)
	r, err2 := strconv.ParseInt(rejected, 10, 64)
	if err != nil || err2 != nil {
		return nil
	}
	return p.tally.Raise(a, r)
}

// job reads a new job, whose difficulty is the number of hashes that a share takes.
func job(m []string) []miners.Event {
	events := []miners.Event{miners.Job{ID: m[1]}}
	if hashes, ok := miners.ParseHashrate(m[3], m[4]); ok && hashes > 0 {
		events = append(events, miners.Difficulty{Difficulty: pow.Difficulty(hashes) / (1 << 32)})
	}
	return events
}

// story reads the lines that are sentences.
func (p *parser) story(line string) []miners.Event {
	if strings.HasPrefix(line, "Phoenix Miner ") {
		p.tally.Reset()
		p.connected = false
		return nil
	}
	if strings.Contains(line, ": Received: ") {
		p.answer = ""
		if m := answerLine.FindStringSubmatch(line); m != nil {
			p.answer = m[1]
		}
		return nil
	}
	if strings.Contains(line, ": Send: ") || strings.HasPrefix(line, "Cmd line:") {
		return nil
	}
	return console.Story(line, signs, &p.connected)
}

// signs are of lines that users published with their questions, then of hearsay.
var signs = slices.Concat(console.Troubles{
	{"incorrect shares ", ""},                                                                    // a count
	{"no cuda driver found", ""}, {"no opencl platforms found", ""}, {"unable to load nvml", ""}, // of the vendor whose card is not there
	{"closed by the pool", miners.CodeDisconnected},
	{"closed by remote", miners.CodeDisconnected},
	{"no avaiable gpus", miners.CodeNoDevice}, // its own spelling
	{"no available gpus", miners.CodeNoDevice},
	{"incorrect share", miners.CodeHardwareError},
	{"share invalid", miners.CodeHardwareError},
	{"invalid share", miners.CodeHardwareError},
	{"not responding. restarting", miners.CodeRestarted},
	{"not responding", miners.CodeDeviceFailed},
	{"miner is restarting", miners.CodeRestarted},
	{"restarting the miner", miners.CodeRestarted},
	{"cud*error*out of memory", miners.CodeOutOfMemory},
	{"cud*error*(2)", miners.CodeOutOfMemory},
	{"can't allocate", miners.CodeOutOfMemory},
	{"unable to allocate", miners.CodeOutOfMemory},
	{"cuda error", miners.CodeDeviceFailed},
	{"cudart error", miners.CodeDeviceFailed},
	{"opencl error", miners.CodeDeviceFailed},
	{"search error", miners.CodeDeviceFailed},
	{"initminer error", miners.CodeDeviceFailed},
	{"gpu*failed", miners.CodeDeviceFailed},
	{"remote manage*fail", miners.CodeAPIFailed},
	{"cdm*fail", miners.CodeAPIFailed},
	{"cdm*unable", miners.CodeAPIFailed},
}, console.Hearsay)
