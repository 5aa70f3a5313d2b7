package teamredminer

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/console"
)

// parser reads what TeamRedMiner prints, versions 0.3 to 0.10.
type parser struct {
	link  console.Link
	pace  console.Pace
	pools pools
	cards console.Shares
}

const anyRate = `[\d.]+ ?\S+/s`

var (
	banner   = regexp.MustCompile(`^Team Red Miner version`)
	fee      = regexp.MustCompile(`^(?:Dev pool|Mining will proceed at reduced rate)`)
	cardLine = regexp.MustCompile(`^Successfully initialized GPU (\d+): (.*?)(?: with \d+ CU)?(?: \(.*)?$`)
	listLine = regexp.MustCompile(`^(\d+) +\d+ +\d+ +[0-9a-f]{2}:[0-9a-f]{2}\.\d +\S+ +(\S.*?) +\d+$`)
	monitor  = regexp.MustCompile(`^GPU (\d+) monitor: temp=(\d+)[^,]*, fan=(\d+)%(?:.*power asic (\d+)W)?`)
	statLine = regexp.MustCompile(`^(?:Stats )?GPU +(\d+)(?: \[(?:(\d+)C)?(?:, )?(?:fan (\d+)%)?[^\]]*\])? +(?:- )?\S+: *(` + anyRate + `)(?:.* (?:a:(\d+) r:(\d+)\b.*|(\d+)/(\d+)$))?`)
	sumLine  = regexp.MustCompile(`^(?:Stats )?(\S.*?) +(?:- )?[\w/-]+: *(` + anyRate + `), avg *` + anyRate + `, pool *` + anyRate + `(?: a:(\d+) r:(\d+))?`)
	poolLine = regexp.MustCompile(`^Pool (\S+(?: \([A-Z]+\))?) (.*)`)
	counts   = regexp.MustCompile(`\(a:(\d+) r:(\d+)\w*\)`)
	refused  = regexp.MustCompile(`^share rejected\.(?: \(GPU\d+\))?\s*(?:Error code: -?\d+ - )?(.*?)(?: \(a:\d.*)?(?: \(\d+ ms\).*)?$`)
	diffTo   = regexp.MustCompile(`^set difficulty to ([\d.]+)`)
	jobID    = regexp.MustCompile(`^received new job\.(?: \(job_id: ([^,)]*))?`)
)

// Parse implements miners.Parser.
func (p *parser) Parse(line string) (events []miners.Event) {
	for _, part := range console.Parts(line) {
		events = append(events, p.part(part)...)
	}
	return events
}

func (p *parser) part(line string) []miners.Event {
	if fee.MatchString(line) {
		return nil // what goes to the authors is no concern of ours, nor is it counted
	}
	if m := poolLine.FindStringSubmatch(line); m != nil {
		return p.said(m[1], m[2], line)
	}
	if m := statLine.FindStringSubmatch(line); m != nil {
		return p.stat(m)
	}
	if m := sumLine.FindStringSubmatch(line); m != nil {
		return p.sum(m)
	}
	for _, named := range []*regexp.Regexp{cardLine, listLine} {
		if m := named.FindStringSubmatch(line); m != nil {
			return console.Reports(m[1], m[2], "", "", "")
		}
	}
	if m := monitor.FindStringSubmatch(line); m != nil {
		return console.Reports(m[1], "", m[2], m[3], m[4])
	}
	if banner.MatchString(line) {
		p.pools.reset()
		p.cards.Reset()
		return nil
	}
	return console.Problems(line, troubles)
}

// said reads what follows the name of a pool.
func (p *parser) said(name, text, line string) []miners.Event {
	switch {
	case strings.HasPrefix(text, "share accepted"):
		return append(p.link.Up(name), p.share(name, text, true)...)
	case strings.HasPrefix(text, "share rejected"):
		return append(p.link.Up(name), p.share(name, text, false)...)
	case strings.HasPrefix(text, "authorization succeeded"), strings.HasPrefix(text, "login succeeded"):
		return p.link.Up(name)
	}
	if m := diffTo.FindStringSubmatch(text); m != nil {
		return p.pace.Set(m[1], "")
	}
	if m := jobID.FindStringSubmatch(text); m != nil {
		return append(p.link.Up(name), miners.Job{ID: m[1]})
	}
	switch code := console.CodeOf(text, poolTroubles); code {
	case "":
		return nil
	case miners.CodeDisconnected, miners.CodeTimeout, miners.CodeConnectFailed:
		return p.link.Down(line, code)
	default:
		return []miners.Event{miners.Problem{Code: code, Detail: line}}
	}
}

// share reads the fate of a share and the pool's counts behind it. The oldest
// versions have none.
func (p *parser) share(name, text string, accepted bool) []miners.Event {
	tally, reason := p.pools.of(name), ""
	if m := refused.FindStringSubmatch(text); m != nil {
		reason = console.Reason(m[1])
	}
	if m := counts.FindStringSubmatch(text); m != nil {
		return tally.Update(console.Count(m[1]), console.Count(m[2]), reason)
	}
	if accepted {
		return tally.Add(1, 0, "")
	}
	return tally.Add(0, 1, reason)
}

// stat reads a card's row of the table, which has counts as the row of all cards.
func (p *parser) stat(m []string) []miners.Event {
	index, ok := console.Index(m[1])
	if !ok {
		return nil
	}
	events := console.Rate(m[4], index)
	if m[2] != "" || m[3] != "" {
		events = append(events, console.Report(index, "", m[2], m[3], ""))
	}
	accepted, rejected := console.Count(cmp.Or(m[5], m[7])), console.Count(cmp.Or(m[6], m[8]))
	if accepted < 0 || len(p.pools) > 1 {
		return events
	}
	return append(events, p.pools.of("").Raise(p.cards.Sum(index, accepted, rejected))...)
}

// sum reads the row of all cards, or that of a pool. Counts of all pools together
// are those of the one pool, if there is but one.
func (p *parser) sum(m []string) (events []miners.Event) {
	name, total := m[1], m[1] == "Total"
	if total {
		events = console.Rate(m[2], miners.Whole)
		if len(p.pools) > 1 {
			return events
		}
		name = ""
	}
	if m[3] != "" {
		events = append(events, p.pools.of(name).Raise(console.Count(m[3]), console.Count(m[4]))...)
	}
	return events
}

// Said implements miners.Witness.
func (p *parser) Said() miners.Said { return miners.Said{Counts: p.pools.told()} }

// poolTroubles are phrases behind the name of a pool.
var poolTroubles = console.Troubles{
	{"successfully", ""},
	{"connecting to", ""},
	{"timed-out", miners.CodeTimeout},
	{"timed out", miners.CodeTimeout},
	{"resolve", miners.CodeDNSFailed},
	{"dns", miners.CodeDNSFailed},
	{"failed to connect", miners.CodeConnectFailed},
	{"subscribe failed", miners.CodeProtocolError},
	{"connection was closed", miners.CodeDisconnected},
	{"connection lost", miners.CodeDisconnected},
	{"disconnected", miners.CodeDisconnected},
	{"banned", miners.CodeAuthFailed},
}

// troubles are the program's own phrases.
var troubles = console.Troubles{
	{"watchdog thread", ""},
	{"watchdog check", ""},
	{"watchdog gpu", ""},
	{"watchdog triggering miner shutdown", miners.CodeRestarted},
	{"gpu monitor failed to initialize", miners.CodeDriverProblem},
	{"failed to list opencl platforms", miners.CodeDriverProblem},
	{"failed to list opencl devices", miners.CodeNoDevice},
	{"unknown device name", miners.CodeUnsupported},
	{"detected stuck", miners.CodeDeviceFailed},
	{"all worker threads have exited", miners.CodeFatal},
	{"no amd opencl", miners.CodeNoDevice},
	{"initialization comm error", miners.CodeDeviceFailed},
	{"exit code timeout", miners.CodeDeviceFailed},
	{"failed to initialize device", miners.CodeDeviceFailed},
	{"failed to initialize gpu", miners.CodeDeviceFailed},
	{"hw error", miners.CodeHardwareError},
	{"hardware error", miners.CodeHardwareError},
}
