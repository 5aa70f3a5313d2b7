package lolminer

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/console"
	"github.com/adit-mining/adit/miners/pow"
)

// parser reads what lolMiner prints, versions 1.1 to 1.98.
type parser struct {
	tally     miners.Tally
	connected bool   // or it is not known, because the output begins in the middle of a run
	algorithm string // the first of two that are mined at once; the second does not count
	unit      string // of the last speed
	block     int    // the card of the block "Device 0:" that is being printed, from 1; 0 outside
	name      string // of that card
	active    []int  // cards that mine, in the order of "Average speed"
	table     table
	shares    console.Shares
}

var (
	timestamp  = regexp.MustCompile(`^\[?\d\d:\d\d:\d\d\]?:? +`)
	shareLine  = regexp.MustCompile(`(?i)^(?:([\w-]+): )?(?:GPU \d+: )?share (accepted|is (?:invalid or )?stale|is invalid|(?:was |is )?rejected|(?:was )?not accepted)\b(.*)`)
	second     = regexp.MustCompile(`^(?:SHA256|SHA512|HeavyHash|Blake3)-`) // algorithms that are mined beside another one
	speedLine  = regexp.MustCompile(`^(?:([\w-]+): )?Average speed \(\d+s\): (.*)`)
	speed      = regexp.MustCompile(`([\d.,]+) ?([kKMGTP]?[A-Za-z]+/s)`)
	jobLine    = regexp.MustCompile(`^New job received: (\S+)(?:.*? Height: (\d+))?(?:.*? Difficulty: ([\d.]+)([kKMGTP]?)\b)?`)
	targetLine = regexp.MustCompile(`^New target received: \S+ \(Diff ([\d.]+)\)`)
	poolLine   = regexp.MustCompile(`^Connected to ([^\s(]+)(?:\([^)]*\))?(:\d+)?\s`)
	deviceLine = regexp.MustCompile(`^Device (\d+):$`)
	field      = regexp.MustCompile(`^ *(Name|Active): +(.+)$`)
)

// Parse implements miners.Parser.
func (p *parser) Parse(line string) []miners.Event {
	line = timestamp.ReplaceAllString(line, "")
	if events, ok := p.tableLine(line); ok {
		return events
	}
	if m := field.FindStringSubmatch(line); m != nil && p.block > 0 {
		return p.deviceField(m[1], m[2])
	}
	line = strings.TrimSpace(line)
	if m := shareLine.FindStringSubmatch(line); m != nil {
		return p.share(m)
	}
	if m := speedLine.FindStringSubmatch(line); m != nil {
		return p.speeds(m[1], m[2])
	}
	if m := jobLine.FindStringSubmatch(line); m != nil {
		return job(m)
	}
	if m := targetLine.FindStringSubmatch(line); m != nil {
		if d, err := strconv.ParseFloat(m[1], 64); err == nil && d > 0 {
			return []miners.Event{miners.Difficulty{Difficulty: pow.Difficulty(d)}}
		}
		return nil
	}
	if m := poolLine.FindStringSubmatch(line); m != nil {
		p.connected = true
		return []miners.Event{miners.Connected{Pool: m[1] + m[2]}}
	}
	if m := deviceLine.FindStringSubmatch(line); m != nil {
		p.block = 0
		if n, ok := api.Card(m[1]); ok {
			p.block = n + 1
		}
		return nil
	}
	return p.story(line)
}

// Said implements miners.Witness.
func (p *parser) Said() miners.Said { return miners.Said{Counts: p.tally.Told()} }

// ours reports whether a line is of the algorithm that counts; where but one is
// mined, lines name none.
func (p *parser) ours(algorithm string) bool {
	if p.algorithm == "" && !second.MatchString(algorithm) {
		p.algorithm = algorithm
	}
	return algorithm == "" || algorithm == p.algorithm
}

// share reads what became of a share. The pool's "stale" is a refusal.
func (p *parser) share(m []string) []miners.Event {
	if !p.ours(m[1]) {
		return nil
	}
	switch fate := strings.ToLower(m[2]); fate {
	case "accepted":
		return p.tally.Add(1, 0, "")
	case "is stale", "is invalid", "is invalid or stale":
		return p.tally.Add(0, 1, strings.TrimPrefix(fate, "is "))
	}
	return p.tally.Add(0, 1, console.Reason(m[3]))
}

// speeds reads the rates of all cards and their sum, which a single card has not:
// "30.63 Mh/s | 31.00 Mh/s Total: 61.63 Mh/s". In the way called compact, a star
// behind them is a share that the pool took.
func (p *parser) speeds(algorithm, text string) (events []miners.Event) {
	if !p.ours(algorithm) {
		return nil
	}
	if stars := strings.Count(text, "*"); stars > 0 {
		events = p.tally.Add(int64(stars), 0, "")
	}
	each, total, _ := strings.Cut(text, "Total:")
	cards := speed.FindAllStringSubmatch(each, -1)
	if len(cards) == len(p.active) {
		for i, m := range cards {
			if rate, ok := miners.ParseHashrate(m[1], m[2]); ok {
				events = append(events, miners.Hashrate{Hashrate: rate, Device: p.active[i]})
			}
		}
	}
	m := speed.FindStringSubmatch(total)
	if m == nil && len(cards) == 1 {
		m = cards[0]
	}
	if m == nil {
		return events
	}
	rate, ok := miners.ParseHashrate(m[1], m[2])
	if !ok {
		return events
	}
	p.unit = m[2]
	return append(events, miners.Hashrate{Hashrate: rate, Device: miners.Whole})
}

// job reads a new job. With a unit behind it, the difficulty is the number of hashes
// that a share takes.
func job(m []string) []miners.Event {
	height, _ := strconv.ParseInt(m[2], 10, 64)
	events := []miners.Event{miners.Job{ID: m[1], Height: height}}
	if hashes, ok := miners.ParseHashrate(m[3], m[4]+"H"); ok && hashes > 0 && m[4] != "" {
		events = append(events, miners.Difficulty{Difficulty: pow.Difficulty(hashes) / (1 << 32)})
	}
	return events
}

// deviceField reads a line of the block that tells of a card at the start. A card
// that nobody wants is not told of.
func (p *parser) deviceField(name, value string) []miners.Event {
	card := miners.DeviceReport{Index: p.block - 1, Name: p.name}
	value = strings.TrimSpace(value)
	if name == "Name" {
		p.name = value
		return nil
	}
	p.block, p.name = 0, ""
	if strings.HasPrefix(value, "true") {
		p.active = append(p.active, card.Index)
		return []miners.Event{card}
	}
	if code := console.CodeOf(value, inactive); code != "" {
		return []miners.Event{card, miners.Problem{Code: code, Detail: "GPU " + strconv.Itoa(card.Index) + ": " + value}}
	}
	return nil
}

// inactive are reasons why a card does not take part, as far as they are trouble.
var inactive = console.Troubles{
	{"not selected", ""}, {"deselected", ""}, {"by user", ""},
	{"memory", miners.CodeOutOfMemory},
	{"driver", miners.CodeDriverProblem},
	{"unsupported", miners.CodeUnsupported},
	{"not supported", miners.CodeUnsupported},
	{"init failure", miners.CodeDriverProblem},
}

// story reads the lines that are sentences.
func (p *parser) story(line string) []miners.Event {
	if name, found := strings.CutPrefix(line, "Algorithm 1: "); found {
		p.algorithm = strings.TrimSpace(name)
		return nil
	}
	switch {
	case strings.HasPrefix(line, "Setup Miner"):
		p.tally.Reset()
		*p = parser{tally: p.tally}
		return nil
	case strings.HasPrefix(line, "Connecting to pool"):
		p.connected = false
		return nil
	}
	code := console.CodeOf(line, signs)
	switch {
	case code == "":
		return nil
	case code == miners.CodeDisconnected && p.connected:
		p.connected = false
		return []miners.Event{miners.Disconnected{Code: code, Reason: line}}
	case code == miners.CodeDisconnected && !p.connected: // "or server not reachable"
		code = miners.CodeConnectFailed
	}
	return []miners.Event{miners.Problem{Code: code, Detail: line}}
}

// signs are of lines that users published with their questions, then of hearsay.
var signs = console.Troubles{
	{"authorized worker:", ""}, {"resolve succeeded", ""}, {"connection via", ""},
	{"time out on connection attempt resolve", miners.CodeDNSFailed},
	{"time out on connection", miners.CodeTimeout},
	{"pool not reacting", miners.CodeTimeout},
	{"pool not sending data", miners.CodeTimeout},
	{"lost connection", miners.CodeDisconnected},
	{"connection to pool failed", miners.CodeConnectFailed},
	{"worker not authorized", miners.CodeAuthFailed},
	{"authorization problem on all configured pools", miners.CodeNoPool},
	{"allocation of dag failed", miners.CodeOutOfMemory},
	{"unrecoverable memory error", miners.CodeHardwareError},
	{"detected as crashed", miners.CodeDeviceFailed},
	{"error during mining", miners.CodeDeviceFailed},
	{"unrecoverable error by gpu", miners.CodeDeviceFailed},
	{"will be stopped", ""}, // the line before says why
	{"all devices deselected", miners.CodeNoDevice},
	{"no device left", miners.CodeNoDevice},
	{"no gpu", miners.CodeNoDevice},
	{"share has a hardware error", miners.CodeHardwareError},
	{"found*invalid share", miners.CodeHardwareError},
	{"could not*api", miners.CodeAPIFailed},
	{"api*fail", miners.CodeAPIFailed},
	{"driver*not detected", ""}, {"no cuda driver or gpus", ""}, {"no opencl driver or gpus", ""}, // of the vendor whose card is not there
	{"switching to standard resolve", ""}, // it has another way
	{"dag verification detected*defect", miners.CodeHardwareError},
	{"overheat", miners.CodeDeviceIdle},
	{"temperature*limit*reached", miners.CodeDeviceIdle},
	{"bad allocation", miners.CodeOutOfMemory},
	{"memory object allocation failure", miners.CodeOutOfMemory},
}
