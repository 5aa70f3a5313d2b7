package trex

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/console"
	"github.com/adit-mining/adit/miners/pow"
)

// parser reads what T-Rex prints, versions 0.8 to 0.26.
type parser struct {
	tally  miners.Tally
	cards  console.Shares
	report map[int]pow.Hashrate // the report that is being printed, by card; nil between two
	pool   string

	// Where two algorithms are mined at once, lines tell the connection or the
	// algorithm, and each algorithm has its reports: only the first one's count.
	main string   // the first connection's algorithm; "" where no line tells connections
	held []string // the report that is being printed, until its end tells the algorithm
	hold bool
}

// The expressions are for lines without their time.
var (
	timestamp  = regexp.MustCompile(`\b\d{8} \d\d:\d\d:\d\d ?`)
	label      = regexp.MustCompile(`^(?:WARN|ERROR|INFO): `)
	shareLine  = regexp.MustCompile(`^(?:(\S+) )?\[ ?(OK|FAIL) ?\] (\d+)/(\d+) - (.*)`)
	rate       = regexp.MustCompile(`^([\d.,]+) ([kKMGTP]?[A-Za-z]+/s)`)
	failed     = regexp.MustCompile(`^(.*?)(?:, \d+ ?ms)?(?: \.\.\. GPU.*)?$`)
	reportLine = regexp.MustCompile(`^(\[DISABLED\] )?GPU #\s*(\d+): (?:(.+?) +- )?([\d.,]+) ([kKMGTP]?[A-Za-z]+/s)(.*)`)
	sensors    = regexp.MustCompile(`([TPF]): ?(\d+)`)
	ofCard     = regexp.MustCompile(`\], (\d+)/(\d+)\b`)
	setUp      = regexp.MustCompile(`^GPU #\s*(\d+)\([0-9a-fA-F]+\): (.+?), intensity\b`)
	listed     = regexp.MustCompile(`^\+ GPU #\s*(\d+): \[[^\]]*\] (.+?), \d+ MB`)
	sumLine    = regexp.MustCompile(`^Hashrate: ([\d.,]+) ([kKMGTP]?[A-Za-z]+/s)`)
	jobLine    = regexp.MustCompile(`^\S+ epoch: \d+(?:, block: (\d+))?.*?(?:, diff: ([\d.,]+) ?([kKMGTP]?))?[hH]?$`)
	oldJobLine = regexp.MustCompile(`asks job (\S+) for block (\d+)`)
	connection = regexp.MustCompile(`^conn(\d+): `)
	algorithm  = regexp.MustCompile(`^Uptime:.*\| Algo: (\S+)`)
	poolLine   = regexp.MustCompile(`^(?:Starting on|Mining at):? (\S+?),?(?: |$)`)
)

// Parse implements miners.Parser. On a console of fixed width T-Rex pads its lines and
// ends none, so that each comes glued to the one before.
func (p *parser) Parse(line string) (events []miners.Event) {
	for _, text := range timestamp.Split(line, -1) {
		if text = strings.TrimSpace(text); text != "" {
			events = append(events, p.parse(text)...)
		}
	}
	return events
}

func (p *parser) parse(line string) []miners.Event {
	if m := shareLine.FindStringSubmatch(line); m != nil {
		if p.main != "" && m[1] != "" && m[1] != p.main {
			return nil
		}
		return p.share(m[1:])
	}
	line = label.ReplaceAllString(line, "")
	if p.holds(line) {
		return nil
	}
	if m := reportLine.FindStringSubmatch(line); m != nil {
		return p.cardReport(m)
	}
	for _, named := range []*regexp.Regexp{setUp, listed} {
		if m := named.FindStringSubmatch(line); m != nil {
			if index, ok := api.Card(m[1]); ok {
				return []miners.Event{miners.DeviceReport{Index: index, Name: m[2]}}
			}
			return nil
		}
	}
	if m := sumLine.FindStringSubmatch(line); m != nil {
		p.report = nil
		return whole(miners.ParseHashrate(m[1], m[2]))
	}
	conn := connection.FindStringSubmatch(line)
	if conn != nil {
		line = line[len(conn[0]):]
	}
	if m := jobLine.FindStringSubmatch(line); m != nil && claims(strings.Fields(line)[0]) {
		switch {
		case conn == nil:
		case conn[1] == "1":
			p.main = strings.Fields(line)[0]
		default:
			return nil
		}
		return job(m)
	}
	if m := oldJobLine.FindStringSubmatch(line); m != nil {
		height, _ := strconv.ParseInt(m[2], 10, 64)
		return []miners.Event{miners.Job{ID: m[1], Height: height}}
	}
	return p.story(line)
}

// holds keeps a line of a report for later where the end of the report tells whether
// it is ours.
func (p *parser) holds(line string) bool {
	if p.hold && (reportLine.MatchString(line) || sumLine.MatchString(line)) {
		if len(p.held) < console.MaxDevices {
			p.held = append(p.held, line)
		}
		return true
	}
	return false
}

// release reads the lines that were held, unless their algorithm is another one.
func (p *parser) release(algorithm string) (events []miners.Event) {
	held := p.held
	p.hold, p.held = false, nil
	if algorithm != "" && algorithm != p.main {
		return nil
	}
	for _, line := range held {
		events = append(events, p.parse(line)...)
	}
	return events
}

// Said implements miners.Witness.
func (p *parser) Said() miners.Said { return miners.Said{Counts: p.tally.Told()} }

// share reads the totals of a share's line, which are of accepted and of all; behind
// them is the hashrate, or why the pool refused the share.
func (p *parser) share(m []string) []miners.Event {
	accepted, err := strconv.ParseInt(m[2], 10, 64)
	all, err2 := strconv.ParseInt(m[3], 10, 64)
	if err != nil || err2 != nil || all < accepted {
		return nil
	}
	if r := rate.FindStringSubmatch(m[4]); m[1] == "OK" || r != nil {
		events := p.tally.Raise(accepted, all-accepted)
		if r != nil {
			events = append(events, whole(miners.ParseHashrate(r[1], r[2]))...)
		}
		return events
	}
	// This share is the last of the refused ones.
	events := p.tally.Raise(accepted, max(all-accepted-1, 0))
	if len(p.tally.Raise(-1, all-accepted)) > 0 {
		events = append(events, miners.Rejected{N: 1, Reason: failed.FindStringSubmatch(m[4])[1]})
	}
	return events
}

func whole(r pow.Hashrate, ok bool) []miners.Event {
	if !ok {
		return nil
	}
	return []miners.Event{miners.Hashrate{Hashrate: r, Device: miners.Whole}}
}

// cardReport reads a card's line of the report that T-Rex prints now and then.
func (p *parser) cardReport(m []string) []miners.Event {
	index, ok := api.Card(m[2])
	r, ok2 := miners.ParseHashrate(m[4], m[5])
	if !ok || !ok2 {
		return nil
	}
	device := miners.DeviceReport{Index: index, Name: m[3]}
	for _, s := range sensors.FindAllStringSubmatch(m[6], -1) {
		switch s[1] {
		case "T":
			device.TemperatureC = api.Measured(s[2], api.Celsius)
		case "P":
			device.PowerW = api.Measured(s[2], api.Watts)
		case "F":
			device.FanPercent = api.Measured(s[2], api.Percent)
		}
	}
	if p.report == nil {
		p.report = map[int]pow.Hashrate{}
	}
	p.report[index] = r
	events := []miners.Event{miners.Hashrate{Hashrate: r, Device: index}, device}
	if of := ofCard.FindStringSubmatch(m[6]); of != nil {
		events = append(events, p.sharesOf(index, of)...)
	}
	if m[1] != "" {
		events = append(events, miners.Problem{Code: miners.CodeDeviceIdle, Detail: "GPU #" + m[2] + " is disabled"})
	}
	return events
}

// sharesOf reads a card's shares, which are accepted ones and all.
func (p *parser) sharesOf(index int, m []string) []miners.Event {
	accepted, err := strconv.ParseInt(m[1], 10, 64)
	all, err2 := strconv.ParseInt(m[2], 10, 64)
	if err != nil || err2 != nil || all < accepted {
		return nil
	}
	return p.tally.Raise(p.cards.Sum(index, accepted, all-accepted))
}

// reported ends a report. With one card T-Rex prints no sum.
func (p *parser) reported() []miners.Event {
	if len(p.report) == 0 {
		return nil
	}
	var sum pow.Hashrate
	for _, r := range p.report {
		sum += r
	}
	p.report = nil
	return whole(sum, true)
}

// job reads a new job. T-Rex's difficulty is the number of hashes that a share takes.
func job(m []string) []miners.Event {
	height, _ := strconv.ParseInt(m[1], 10, 64)
	events := []miners.Event{miners.Job{Height: height}}
	if hashes, ok := miners.ParseHashrate(m[2], m[3]+"H"); ok && hashes > 0 {
		events = append(events, miners.Difficulty{Difficulty: pow.Difficulty(hashes) / (1 << 32)})
	}
	return events
}

// story reads the lines that are sentences.
func (p *parser) story(line string) []miners.Event {
	if strings.HasPrefix(line, "T-Rex NVIDIA GPU miner") {
		p.tally.Reset()
		p.cards.Reset()
		p.report, p.held, p.hold, p.main = nil, nil, false, ""
		return nil
	}
	if m := poolLine.FindStringSubmatch(line); m != nil {
		p.pool = m[1]
		p.held, p.hold = nil, p.main != ""
		return nil
	}
	if m := algorithm.FindStringSubmatch(line); m != nil && p.hold {
		return append(p.release(m[1]), p.reported()...)
	}
	switch {
	case strings.HasPrefix(line, "Shares/min"), strings.HasPrefix(line, "Uptime:"):
		return p.reported()
	case strings.HasPrefix(line, "Authorized successfully"):
		return []miners.Event{miners.Connected{Pool: p.pool}}
	case strings.HasPrefix(line, "-OUT->"), strings.HasPrefix(line, "<-IN-"): // the protocol, word by word
		return nil
	}
	switch code := console.CodeOf(line, signs); code {
	case "":
		return nil
	case miners.CodeDisconnected, miners.CodeTimeout:
		return []miners.Event{miners.Disconnected{Code: code, Reason: line}}
	default:
		return []miners.Event{miners.Problem{Code: code, Detail: line}}
	}
}

// signs are of lines that users published with their questions, then of hearsay.
var signs = console.Troubles{
	{"url : ", ""}, {"user: ", ""}, {"authorizing...", ""},
	{"can't find nonce*illegal memory", miners.CodeDeviceFailed},
	{"can't find nonce*memory", miners.CodeOutOfMemory},
	{"can't find nonce*bad alloc", miners.CodeOutOfMemory},
	{"memory allocation attempts", miners.CodeOutOfMemory},
	{"epoch*requires*but device has", miners.CodeOutOfMemory},
	{"thread terminated, error code", miners.CodeDeviceFailed},
	{"can't find nonce", miners.CodeDeviceFailed},
	{"gpu*is idle, last activity", miners.CodeDeviceIdle},
	{"watchdog*problem with gpu", miners.CodeDeviceFailed},
	{"watchdog*does not exist anymore", miners.CodeRestarted},
	{"watchdog*recovering", miners.CodeRestarted},
	{"watchdog*was killed", miners.CodeRestarted},
	{"watchdog*restart t-rex", miners.CodeRestarted},
	{"watchdog*can't initialize", miners.CodeFatal},
	{"watchdog*detected crash on start", miners.CodeFatal},
	{"watchdog", ""},
	{"cuda initialize error", miners.CodeDriverProblem},
	{"driver installed?", miners.CodeDriverProblem},
	{"can't load nvml", miners.CodeDriverProblem},
	{"can't initialize nvml", miners.CodeDriverProblem},
	{"nvml*error code 15", miners.CodeDriverProblem},
	{"nvml*error code 999", miners.CodeDriverProblem},
	{"nvml", ""}, // what a card does not tell is no trouble
	{"apiserver*can't", miners.CodeAPIFailed},
	{"apiserver*fail", miners.CodeAPIFailed},
	{"apiserver*error", miners.CodeAPIFailed},
	{"apiserver", ""},
	{"connection with*timed out", miners.CodeTimeout},
	{"no connection", miners.CodeConnectFailed},
	{"failed to*subscribe", miners.CodeConnectFailed},
	{"connection was lost", miners.CodeDisconnected},
	{"cuda devices available: 0", miners.CodeNoDevice},
	{"no cuda", miners.CodeNoDevice},
	{"no nvidia", miners.CodeNoDevice},
	{"can't load*nvcuda", miners.CodeDriverProblem},
	{"can't authorize", miners.CodeAuthFailed},
	{"incorrect share", miners.CodeHardwareError},
	{"invalid share", miners.CodeHardwareError},
	{"not validate on cpu", miners.CodeHardwareError},
	{"cuda_error_out_of_memory", miners.CodeOutOfMemory},
	{"cuda_error", miners.CodeDeviceFailed},
	{"cuda exception", miners.CodeDeviceFailed},
	{"connection*closed", miners.CodeDisconnected},
	{"connection*lost", miners.CodeDisconnected},
	{"lost connection", miners.CodeDisconnected},
	{"connection*reset", miners.CodeDisconnected},
	{"connection*interrupted", miners.CodeDisconnected},
	{"overheat", miners.CodeDeviceIdle},
	{"temperature*limit*reached", miners.CodeDeviceIdle},
	{"bad allocation", miners.CodeOutOfMemory},
	{"memory object allocation failure", miners.CodeOutOfMemory},
}
