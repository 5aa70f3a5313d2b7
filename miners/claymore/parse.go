package claymore

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/trouble"
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
		if card, ok := api.Card(m[1]); ok {
			return []miners.Event{miners.DeviceReport{Index: card, Name: m[2]}}
		}
		return nil
	}
	if strings.HasPrefix(line, "GPU") && strings.Contains(line, " t=") {
		return sensors(line)
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
		return p.tally.Add(0, 1, strings.Trim(m[2], " .,:!-()"))
	}
	if m := totalLine.FindStringSubmatch(text); m != nil {
		return p.total(m)
	}
	if strings.HasPrefix(text, "GPU") {
		return rates(text)
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

func rates(text string) (events []miners.Event) {
	for _, m := range cardRate.FindAllStringSubmatch(text, -1) {
		card, ok := api.Card(m[1])
		rate, ok2 := miners.ParseHashrate(m[2], m[3])
		if ok && ok2 {
			events = append(events, miners.Hashrate{Hashrate: rate, Device: card})
		}
	}
	return events
}

func sensors(line string) (events []miners.Event) {
	for _, m := range cardSensor.FindAllStringSubmatch(line, -1) {
		card, ok := api.Card(m[1])
		if !ok {
			continue
		}
		events = append(events, miners.DeviceReport{
			Index:        card,
			TemperatureC: api.Measured(m[2], api.Celsius),
			FanPercent:   api.Measured(m[3], api.Percent),
			PowerW:       api.Measured(m[4], api.Watts),
		})
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
	code := signs.Of(line)
	switch {
	case code == "":
		return nil
	case p.connected && (code == miners.CodeDisconnected || code == miners.CodeTimeout):
		p.connected = false
		return []miners.Event{miners.Disconnected{Code: code, Reason: line}}
	}
	return []miners.Event{miners.Problem{Code: code, Detail: line}}
}

// signs are of lines that users published with their questions, then of hearsay.
var signs = append(trouble.Signs{
	{Words: "no nvidia cuda gpus detected"}, {Words: "no amd opencl gpus"}, // the other vendor's may be there
	{Words: "watchdog enabled"}, {Words: "watchdog disabled"},
	{Words: "no*gpus found", Code: miners.CodeNoDevice},
	{Words: "no pools specified", Code: miners.CodeNoPool},
	{Words: "watchdog*gpu*hangs", Code: miners.CodeDeviceFailed},
	{Words: "hangs", Code: miners.CodeRestarted},
	{Words: "cannot initialize for*need to restart", Code: miners.CodeRestarted},
	{Words: "restarting", Code: miners.CodeRestarted},
	{Words: "got incorrect share", Code: miners.CodeHardwareError},
	{Words: "nvml: cannot get*error 15", Code: miners.CodeDriverProblem},
	{Words: "nvml: cannot get*error 999", Code: miners.CodeDriverProblem},
	{Words: "nvml"}, // what a card does not tell is no trouble
	{Words: "cannot*buffer*dag", Code: miners.CodeOutOfMemory},
	{Words: "cannot allocate", Code: miners.CodeOutOfMemory},
	{Words: "cuda error 2 ", Code: miners.CodeOutOfMemory},
	{Words: "cuda error", Code: miners.CodeDeviceFailed},
	{Words: "opencl error -4 ", Code: miners.CodeOutOfMemory},
	{Words: "opencl error -61 ", Code: miners.CodeOutOfMemory},
	{Words: "opencl error", Code: miners.CodeDeviceFailed},
	{Words: "gpu*failed", Code: miners.CodeDeviceFailed},
	{Words: "socket was closed remotely", Code: miners.CodeDisconnected},
	{Words: "socket send failed", Code: miners.CodeDisconnected},
	{Words: "job timeout", Code: miners.CodeTimeout},
	{Words: "failed to connect", Code: miners.CodeConnectFailed},
	{Words: "remote manage*fail", Code: miners.CodeAPIFailed},
	{Words: "remote manage*cannot", Code: miners.CodeAPIFailed},
}, trouble.Common...)
