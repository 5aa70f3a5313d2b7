package ethminer

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/miners/trouble"
)

// parser reads the log of ethminer 0.9 to 0.19 and of kawpowminer 1.2.
type parser struct {
	tally miners.Tally
	// connected is whether an end of the connection is news. A log that begins in
	// the middle of a run may begin with it.
	connected bool
}

// The expressions are for lines without level, time and thread.
var (
	prefix     = regexp.MustCompile(`^\s*\S{1,5}\s+\d\d?[:.]\d\d[:.]\d\d(?: [AP]M)?[ |]+([^\s|]+)[\s|]*(.*)$`)
	statusLine = regexp.MustCompile(`^\d+:\d\d (A\d+\S*) (\d[\d.,]*) ([KMGTkmgt]?h) - (.*)$`)
	speedLine  = regexp.MustCompile(`^Speed +(\d[\d.,]*) ([KMGTkmgt]?h)/s\b(.*)$`)
	oldSpeed   = regexp.MustCompile(`^Mining on PoWhash \S+ : (\d+) H/s = `)
	cardRate   = regexp.MustCompile(`\b(?:gpu|cu|cl|cp|u)/?(\d+) +(\d[\d.,]*)(?: +(\d+)C(?: +(\d+)%)?)?(?: ?(\d[\d.]*)W?\b)?`)
	solutions  = regexp.MustCompile(`(?:^|[\[ ])A(\d+)(?:\+(\d+))?((?::[A-Z]\d+(?:\+\d+)?)*)`)
	refused    = regexp.MustCompile(`:R(\d+)(?:\+(\d+))?`)
	acceptLine = regexp.MustCompile(`^(?:\*\*)?Accepted\b|^B-\) Submitted and accepted`)
	rejectLine = regexp.MustCompile(`^(?:\*\*)?Rejected\b|^:-\( Not accepted`)
	jobLine    = regexp.MustCompile(`^(?:Job:|New job|Received new job) #?(\w+)\S*(?: +block (\d+))?`)
	epochLine  = regexp.MustCompile(`^Epoch : \d+ Difficulty : ([\d.,]+) ([KMGTPkmgtp]?h)`)
	poolLine   = regexp.MustCompile(`^(?:Established connection to|Connected to(?: stratum server)?) ([^\s\[]+)(?: : (\d+))?`)
	nameLine   = regexp.MustCompile(`^Using (?:Pci ?Id|Device) : \S+ (.+?)(?: \(Compute [\d.]+\)| OpenCL .*?)? Memory :`)
	ofThread   = regexp.MustCompile(`^(?i:cuda|cl)-?(\d+)$`)
)

// Parse implements miners.Parser.
func (p *parser) Parse(line string) []miners.Event {
	thread, line := split(line)
	if m := statusLine.FindStringSubmatch(line); m != nil {
		return append(p.solutions(m[1]), rates(m[2], m[3], m[4])...)
	}
	if m := speedLine.FindStringSubmatch(line); m != nil {
		return append(p.solutions(m[3]), rates(m[1], m[2], m[3])...)
	}
	switch {
	case acceptLine.MatchString(line): // a stale share that was accepted, too
		return p.tally.Add(1, 0, "")
	case rejectLine.MatchString(line): // the reason was on the line before
		return p.tally.Add(0, 1, "")
	case strings.HasPrefix(line, "Solutions A"):
		return p.solutions(line)
	}
	if m := jobLine.FindStringSubmatch(line); m != nil {
		if strings.Contains(line, " Sol: ") { // found in that job
			return nil
		}
		height, _ := strconv.ParseInt(m[2], 10, 64)
		return []miners.Event{miners.Job{ID: m[1], Height: height}}
	}
	if m := epochLine.FindStringSubmatch(line); m != nil {
		return difficulty(m[1], m[2])
	}
	if m := poolLine.FindStringSubmatch(line); m != nil {
		p.connected = true
		if m[2] != "" {
			m[1] += ":" + m[2]
		}
		return []miners.Event{miners.Connected{Pool: m[1]}}
	}
	if m := nameLine.FindStringSubmatch(line); m != nil {
		return name(thread, m[1])
	}
	if m := oldSpeed.FindStringSubmatch(line); m != nil {
		return rates(m[1], "h", "")
	}
	return p.story(line)
}

// Said implements miners.Witness.
func (p *parser) Said() miners.Said { return miners.Said{Counts: p.tally.Told()} }

// split parts a line of the log into the thread that wrote it and its text.
func split(line string) (thread, text string) {
	if m := prefix.FindStringSubmatch(line); m != nil {
		return m[1], strings.TrimSpace(m[2])
	}
	return "", strings.TrimSpace(line)
}

// solutions reads the running totals: "A4:R1:F0", or "[A4+1:R1+0:F0]" with the stale
// ones behind the plus; W and F are of shares that were never sent.
func (p *parser) solutions(text string) []miners.Event {
	m := solutions.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	accepted, ok := sum(m[1], m[2])
	rejected := int64(0)
	if r := refused.FindStringSubmatch(m[3]); r != nil {
		var ok2 bool
		rejected, ok2 = sum(r[1], r[2])
		ok = ok && ok2
	}
	if !ok {
		return nil
	}
	return p.tally.Raise(accepted, rejected)
}

// sum adds up a count and one that may be missing.
func sum(a, b string) (int64, bool) {
	n, err := strconv.ParseInt(a, 10, 64)
	if b == "" || err != nil {
		return n, err == nil
	}
	more, err := strconv.ParseInt(b, 10, 64)
	return n + more, err == nil
}

// rates reads the sum of all cards, and each card's part in the same unit with what
// its sensors say.
func rates(total, unit, cards string) (events []miners.Event) {
	for _, m := range cardRate.FindAllStringSubmatch(cards, -1) {
		card, ok := api.Card(m[1])
		rate, ok2 := miners.ParseHashrate(strings.TrimRight(m[2], ".,"), unit)
		if !ok || !ok2 {
			continue
		}
		events = append(events, miners.Hashrate{Hashrate: rate, Device: card})
		if m[3] != "" {
			events = append(events, miners.DeviceReport{
				Index:        card,
				TemperatureC: api.Measured(m[3], api.Celsius),
				FanPercent:   api.Measured(m[4], api.Percent),
				PowerW:       api.Measured(m[5], api.Watts),
			})
		}
	}
	if rate, ok := miners.ParseHashrate(strings.TrimRight(total, ".,"), unit); ok {
		events = append(events, miners.Hashrate{Hashrate: rate, Device: miners.Whole})
	}
	return events
}

// difficulty reads the number of hashes that a share takes.
func difficulty(number, unit string) []miners.Event {
	hashes, ok := miners.ParseHashrate(number, unit)
	if !ok || hashes <= 0 {
		return nil
	}
	return []miners.Event{miners.Difficulty{Difficulty: pow.Difficulty(hashes) / (1 << 32)}}
}

// name reads a card's name, whose number is the thread's.
func name(thread, text string) []miners.Event {
	m := ofThread.FindStringSubmatch(thread)
	if m == nil {
		return nil
	}
	card, ok := api.Card(m[1])
	if !ok {
		return nil
	}
	return []miners.Event{miners.DeviceReport{Index: card, Name: text}}
}

// story reads the lines that are sentences.
func (p *parser) story(line string) []miners.Event {
	if reason, found := strings.CutPrefix(line, "Reject reason :"); found {
		return []miners.Event{miners.Problem{Code: miners.CodeShareRejected, Detail: strings.TrimSpace(reason)}}
	}
	switch {
	case strings.HasPrefix(line, "Selected pool"):
		p.connected = false
		return nil
	case strings.HasPrefix(line, "Disconnected from") && !p.connected: // as was said, or it never was
		return nil
	case strings.HasPrefix(line, "<<"), strings.HasPrefix(line, ">>"), strings.HasPrefix(line, "{"): // the protocol, word by word
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

// signs are of the texts in both programs' sources, then of older versions.
var signs = append(trouble.Signs{
	{Words: "configured pool"}, {Words: "authorized worker"}, {Words: "failed. trying another"}, {Words: "submit hashrate failed"},
	{Words: "falling back to opencl kernel"}, {Words: "failed to load binary kernel"},
	{Words: "could not resolve host", Code: miners.CodeDNSFailed},
	{Words: "error*[*]", Code: miners.CodeConnectFailed}, // an address, and why
	{Words: "error connecting to", Code: miners.CodeConnectFailed},
	{Words: "no more ip addresses to try", Code: miners.CodeConnectFailed},
	{Words: "no response received in", Code: miners.CodeTimeout},
	{Words: "no new work received in", Code: miners.CodeTimeout},
	{Words: "not authorized", Code: miners.CodeAuthFailed},
	{Words: "subscription failed", Code: miners.CodeAuthFailed},
	{Words: "waiting for authorization", Code: miners.CodeAuthFailed},
	{Words: "double check your pool credentials", Code: miners.CodeAuthFailed},
	{Words: "socket read failed", Code: miners.CodeDisconnected},
	{Words: "socket write failed", Code: miners.CodeDisconnected},
	{Words: "remotely closed by", Code: miners.CodeDisconnected},
	{Words: "ssl stream error", Code: miners.CodeDisconnected},
	{Words: "disconnected from", Code: miners.CodeDisconnected},
	{Words: "requested connection close", Code: miners.CodeDisconnected},
	{Words: "no connection. suspend mining", Code: miners.CodeDisconnected},
	{Words: "no more connections to try", Code: miners.CodeNoPool},
	{Words: "failover just got hit", Code: miners.CodeNoPool},
	{Words: "negotiation of*failed", Code: miners.CodeProtocolError},
	{Words: "invalid jsonrpc message", Code: miners.CodeProtocolError},
	{Words: "got invalid", Code: miners.CodeProtocolError},
	{Words: "invalid response from", Code: miners.CodeProtocolError},
	{Words: "invalid extranonce", Code: miners.CodeProtocolError},
	{Words: "error while setting extranonce", Code: miners.CodeProtocolError},
	{Words: "invalid mining.set_difficulty", Code: miners.CodeProtocolError},
	{Words: "bad uri", Code: miners.CodeBadURL},
	{Words: "invalid uri", Code: miners.CodeBadURL},
	{Words: "no usable mining devices", Code: miners.CodeNoDevice},
	{Words: "no mining device selected", Code: miners.CodeNoDevice},
	{Words: "no gpu device with sufficient memory", Code: miners.CodeOutOfMemory},
	{Words: "no cuda driver found", Code: miners.CodeDriverProblem},
	{Words: "insufficient cuda driver", Code: miners.CodeDriverProblem},
	{Words: "enough memory available", Code: miners.CodeOutOfMemory},
	{Words: "requires*memory", Code: miners.CodeOutOfMemory},
	{Words: "allocation_failure", Code: miners.CodeOutOfMemory},
	{Words: "out of memory", Code: miners.CodeOutOfMemory},
	{Words: "cuda error", Code: miners.CodeDeviceFailed},
	{Words: "opencl error", Code: miners.CodeDeviceFailed},
	{Words: "opencl init failed", Code: miners.CodeDeviceFailed},
	{Words: "creating dag buffer failed", Code: miners.CodeDeviceFailed},
	{Words: "could not set cuda device", Code: miners.CodeDeviceFailed},
	{Words: "mining aborted on this device", Code: miners.CodeDeviceFailed},
	{Words: "gave incorrect result", Code: miners.CodeHardwareError},
	{Words: "could not start api", Code: miners.CodeAPIFailed},
	{Words: "api server*fail", Code: miners.CodeAPIFailed},
	{Words: "sigsegv encountered", Code: miners.CodeFatal},
	{Words: "unknown failure occurred", Code: miners.CodeFatal},
}, trouble.Common...)
