package claymore

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/console"
)

// parser reads what Claymore's program prints, versions 9 to 15.
type parser struct {
	tally     miners.Tally
	connected bool
	pool      string
}

// The expressions are for lines without the log file's time and thread.
var (
	stamp      = regexp.MustCompile(`^(?:\d+:)?\d\d:\d\d:\d\d:\d{3} \S+ `)
	coin       = regexp.MustCompile(`^ ?([A-Z][A-Z0-9]{1,4})(?::| -) `)
	shareLine  = regexp.MustCompile(`^Share (accepted|rejected)(?: \(\d+ ms\))?(.*)$`)
	totalLine  = regexp.MustCompile(`^Total Speed: ([\d.]+|-?nan) ([kKMG]?h/s), Total Shares: (\d+)(?:\([^)]*\))?, Rejected: (\d+)`)
	cardRate   = regexp.MustCompile(`GPU(\d+) ([\d.]+) ([kKMG]?h/s)`)
	cardSensor = regexp.MustCompile(`GPU(\d+) t=(\d+)C(?: fan=(\d+)%)?(?: P=(\d+)W)?`)
	fanLine    = regexp.MustCompile(`^GPU (\d+) temp = (\d+), old fan speed = \d+, new fan speed = (\d+)`)
	nameLine   = regexp.MustCompile(`^GPU #(\d+): (.+?), \d+ MB available`)
	jobLine    = regexp.MustCompile(`New job from (\S+)$`)
	errorLine  = regexp.MustCompile(`^Received error: .*"message" ?: ?"([^"]*)"`)
	poolLine   = regexp.MustCompile(`^Stratum - Connected \(([^)]+)\)`)
)

// seconds are the coins that the program mines beside the first one.
var seconds = map[string]bool{"DCR": true, "SC": true, "LBC": true, "PASC": true, "KC": true, "B2S": true, "BLK": true}

// Parse implements miners.Parser.
func (p *parser) Parse(line string) []miners.Event {
	line = stamp.ReplaceAllString(line, "")
	if m := coin.FindStringSubmatch(line); m != nil {
		if seconds[m[1]] {
			return nil
		}
		return p.ofCoin(line[len(m[0]):], strings.TrimSpace(line))
	}
	line = strings.TrimSpace(line)
	if strings.HasPrefix(line, "DevFee") { // what the author mines for himself
		return nil
	}
	if m := nameLine.FindStringSubmatch(line); m != nil {
		return console.Named(m[1], m[2])
	}
	if strings.HasPrefix(line, "GPU") && strings.Contains(line, " t=") {
		return console.Sensors(line, cardSensor)
	}
	if m := fanLine.FindStringSubmatch(line); m != nil {
		if card, ok := api.Card(m[1]); ok {
			return []miners.Event{miners.DeviceReport{Index: card, TemperatureC: api.Measured(m[2], api.Celsius), FanPercent: api.Measured(m[3], api.Percent)}}
		}
		return nil
	}
	return p.story(line)
}

// Said implements miners.Witness.
func (p *parser) Said() miners.Said { return miners.Said{Counts: p.tally.Told()} }

// ofCoin reads a line of the first coin; text is what stands behind its name.
func (p *parser) ofCoin(text, line string) []miners.Event {
	if m := shareLine.FindStringSubmatch(text); m != nil {
		if m[1] == "accepted" {
			return p.tally.Add(1, 0, "")
		}
		return p.tally.Add(0, 1, console.Reason(m[2]))
	}
	if m := totalLine.FindStringSubmatch(text); m != nil {
		return p.total(m)
	}
	if strings.HasPrefix(text, "GPU") {
		return console.Rates(text, cardRate)
	}
	if m := jobLine.FindStringSubmatch(text); m != nil {
		return []miners.Event{miners.Job{}}
	}
	if m := poolLine.FindStringSubmatch(text); m != nil {
		p.pool = m[1]
		return nil
	}
	if m := errorLine.FindStringSubmatch(text); m != nil {
		code := miners.CodeShareRejected
		if !p.connected { // an answer to the login
			code = miners.CodeAuthFailed
		}
		return []miners.Event{miners.Problem{Code: code, Detail: m[1]}}
	}
	if text == "Authorized" {
		p.connected = true
		return []miners.Event{miners.Connected{Pool: p.pool}}
	}
	return p.story(line)
}

// total reads the sum of all cards and the shares, which are those that the pool took
// and, apart from them, those that it refused.
func (p *parser) total(m []string) (events []miners.Event) {
	accepted, err := strconv.ParseInt(m[3], 10, 64)
	rejected, err2 := strconv.ParseInt(m[4], 10, 64)
	if err == nil && err2 == nil {
		events = p.tally.Raise(accepted, rejected)
	}
	if rate, ok := miners.ParseHashrate(m[1], m[2]); ok {
		events = append(events, miners.Hashrate{Hashrate: rate, Device: miners.Whole})
	}
	return events
}

// story reads the lines that are sentences.
func (p *parser) story(line string) []miners.Event {
	if strings.Contains(line, "Claymore's Dual") || strings.Contains(line, "GPU Miner v") {
		p.tally.Reset()
		p.connected = false
		return nil
	}
	if strings.HasPrefix(line, "buf: ") || strings.HasPrefix(line, "send: ") || strings.HasPrefix(line, "args: ") {
		return nil
	}
	return console.Story(line, signs, &p.connected)
}

// signs are of lines that users published with their questions, then of hearsay.
var signs = slices.Concat(console.Troubles{
	{"no nvidia cuda gpus detected", ""}, {"no amd opencl gpus", ""}, {"probably no cuda devices", ""}, // the other vendor's may be there
	{"watchdog enabled", ""}, {"watchdog disabled", ""}, {"watchdog - thread", ""},
	{"no*gpus found", miners.CodeNoDevice},
	{"no pools specified", miners.CodeNoPool},
	{"watchdog*gpu", miners.CodeDeviceFailed},
	{"hangs", miners.CodeRestarted},
	{"cannot initialize for*need to restart", miners.CodeRestarted},
	{"restarting", miners.CodeRestarted},
	{"got incorrect share", miners.CodeHardwareError},
	{"nvml: cannot get*error 15", miners.CodeDriverProblem},
	{"nvml: cannot get*error 999", miners.CodeDriverProblem},
	{"nvml", ""}, // what a card does not tell is no trouble
	{"cannot allocate", miners.CodeOutOfMemory},
	{"cuda error 2 ", miners.CodeOutOfMemory},
	{"cuda error", miners.CodeDeviceFailed},
	{"opencl error -4 ", miners.CodeOutOfMemory},
	{"opencl error -61 ", miners.CodeOutOfMemory},
	{"opencl error", miners.CodeDeviceFailed},
	{"gpuminer*failed -4", miners.CodeOutOfMemory}, {"gpuminer*failed -61", miners.CodeOutOfMemory}, {"out of memory", miners.CodeOutOfMemory},
	{"gpu*failed", miners.CodeDeviceFailed},
	{"socket was closed remotely", miners.CodeDisconnected},
	{"socket send failed", miners.CodeDisconnected},
	{"job timeout", miners.CodeTimeout},
	{"no new jobs were received", miners.CodeTimeout},
	{"failed to connect", miners.CodeConnectFailed},
	{"remote manage*fail", miners.CodeAPIFailed},
	{"remote manage*cannot", miners.CodeAPIFailed},
}, console.Hearsay)
