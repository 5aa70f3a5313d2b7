package ethminer

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/console"
	"github.com/adit-mining/adit/miners/pow"
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
	banner     = regexp.MustCompile(`^(?:ethminer|kawpowminer|quai-gpu-miner)(?: version)? v?\d`)
	prefix     = regexp.MustCompile(`^\s*\S{1,5}\s+\d\d?[:.]\d\d[:.]\d\d(?: [AP]M)?[ |]+([^\s|]+)[\s|]*(.*)$`)
	statusLine = regexp.MustCompile(`^(?:\d+:\d\d )?(A\d+\S*) (\d[\d.,]*) ([KMGTkmgt]?h) - (.*)$`)
	speedLine  = regexp.MustCompile(`^Speed +(\d[\d.,]*) ([KMGTkmgt]?h)/s\b(.*)$`)
	oldSpeed   = regexp.MustCompile(`^Mining on (?:PoWhash )?\S+ : (?:[\d.+]+=)?(\d+(?:\.\d+)?) ?([KMG]?H)/s(.*)$`)
	cardRate   = regexp.MustCompile(`\b(?:gpu|cu|cl|cp|u)/?(\d+) +(\d[\d.,]*)(?: +(\d+)C(?: +(\d+)%)?)?(?: ?(\d[\d.]*)W?\b)?`)
	solutions  = regexp.MustCompile(`(?:^|[\[ ])A(\d+)(?:\+(\d+))?((?::[A-Z]\d+(?:\+\d+)?)*)`)
	refused    = regexp.MustCompile(`:R(\d+)(?:\+(\d+))?`)
	acceptLine = regexp.MustCompile(`^\**Accepted\b|^B-\) (?:Submitted and a|A)ccepted`)
	rejectLine = regexp.MustCompile(`^\**Rejected\b|^:-\( (?:Not accepted|Rejected)`)
	jobLine    = regexp.MustCompile(`^(?:Job:|New job|Received new job) #?(\w+)\S*(?: +block (\d+))?`)
	epochLine  = regexp.MustCompile(`^Epoch : \d+ Difficulty : ([\d.,]+) ([KMGTPkmgtp]?h)`)
	poolLine   = regexp.MustCompile(`^(?:Established connection (?:to|with)|Connected to(?: stratum server)?) ([^\s\[]+)(?: : (\d+))?`)
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
	case banner.MatchString(line):
		p.tally.Reset()
		p.connected = false
		return nil
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
		return append(p.solutions(m[3]), rates(m[1], m[2], "")...)
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
	code := console.CodeOf(line, signs)
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
var signs = console.Troubles{
	{"not authorized", miners.CodeAuthFailed}, // the reason may be "Unauthorized worker"
	{"configured pool", ""}, {"authorized worker", ""}, {"failed. trying another", ""}, {"submit hashrate failed", ""},
	{"falling back to opencl kernel", ""}, {"failed to load binary kernel", ""}, {"no opencl platforms found", ""},
	{"could not resolve host", miners.CodeDNSFailed},
	{"error*[*timed out", miners.CodeTimeout}, {"error*[*timeout", miners.CodeTimeout},
	{"error*[*]", miners.CodeConnectFailed}, // an address, and why
	{"probably couldn't connect", miners.CodeConnectFailed},
	{"error writing to", miners.CodeDisconnected}, {"error reading from", miners.CodeDisconnected},
	{"error connecting to", miners.CodeConnectFailed},
	{"no more ip addresses to try", miners.CodeConnectFailed},
	{"no response received in", miners.CodeTimeout},
	{"no new work received in", miners.CodeTimeout},
	{"subscription failed", miners.CodeAuthFailed},
	{"waiting for authorization", miners.CodeAuthFailed},
	{"double check your pool credentials", miners.CodeAuthFailed},
	{"socket read failed", miners.CodeDisconnected},
	{"socket write failed", miners.CodeDisconnected},
	{"read response failed", miners.CodeDisconnected},
	{"remotely closed by", miners.CodeDisconnected},
	{"ssl stream error", miners.CodeDisconnected},
	{"disconnected from", miners.CodeDisconnected},
	{"requested connection close", miners.CodeDisconnected},
	{"no connection. suspend mining", miners.CodeDisconnected},
	{"no more connections to try", miners.CodeNoPool},
	{"failover just got hit", miners.CodeNoPool},
	{"negotiation of*failed", miners.CodeProtocolError},
	{"invalid jsonrpc message", miners.CodeProtocolError},
	{"got invalid", miners.CodeProtocolError},
	{"invalid response from", miners.CodeProtocolError},
	{"invalid extranonce", miners.CodeProtocolError},
	{"error while setting extranonce", miners.CodeProtocolError},
	{"invalid mining.set_difficulty", miners.CodeProtocolError},
	{"bad uri", miners.CodeBadURL},
	{"invalid uri", miners.CodeBadURL},
	{"no usable mining devices", miners.CodeNoDevice},
	{"no mining device selected", miners.CodeNoDevice},
	{"no gpu device with sufficient memory", miners.CodeOutOfMemory},
	{"no cuda driver found", miners.CodeDriverProblem},
	{"insufficient cuda driver", miners.CodeDriverProblem},
	{"enough memory available", miners.CodeOutOfMemory},
	{"requires*memory", miners.CodeOutOfMemory},
	{"allocation_failure", miners.CodeOutOfMemory},
	{"out of memory", miners.CodeOutOfMemory},
	{"cuda error", miners.CodeDeviceFailed},
	{"can't allocate the dag", miners.CodeOutOfMemory},
	{"opencl error: cl* -4", miners.CodeOutOfMemory}, {"opencl error: cl* -61", miners.CodeOutOfMemory},
	{"opencl error", miners.CodeDeviceFailed},
	{"opencl init failed", miners.CodeDeviceFailed},
	{"creating dag buffer failed", miners.CodeDeviceFailed},
	{"could not set cuda device", miners.CodeDeviceFailed},
	{"mining aborted on this device", miners.CodeDeviceFailed},
	{"unexpected error*on cuda device", miners.CodeDeviceFailed},
	{"opencl*not supported", miners.CodeDriverProblem},
	{"mix missmatch", miners.CodeHardwareError}, // its own spelling
	{"gave incorrect result", miners.CodeHardwareError},
	{"could not start api", miners.CodeAPIFailed},
	{"api server*fail", miners.CodeAPIFailed},
	{"sigsegv encountered", miners.CodeFatal},
	{"unknown failure occurred", miners.CodeFatal},
	{"handshake failed", miners.CodeConnectFailed},
	{"bad_alloc", miners.CodeOutOfMemory},
	{"overheat", miners.CodeDeviceIdle},
	{"temperature*limit*reached", miners.CodeDeviceIdle},
}
