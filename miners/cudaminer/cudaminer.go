// Package cudaminer drives cudaminer, an old program for NVIDIA's cards: scrypt and
// its relatives (https://github.com/cbuchner1/CudaMiner).
//
// It makes cudaminer's command line and reads its log, which is on stderr. Most of its
// lines are its family's, see miners/cpufamily; it has no interface to ask. Nothing is
// started here and nothing fails.
package cudaminer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/console"
	"github.com/adit-mining/adit/miners/cpufamily"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is cudaminer's miners.Driver.
type Driver struct{}

// Name implements miners.Driver.
func (Driver) Name() string { return "cudaminer" }

// Algorithms implements miners.Driver.
func (Driver) Algorithms() []pow.Algorithm {
	return []pow.Algorithm{pow.Scrypt, "scrypt-jane", "keccak", "blakecoin"}
}

// Args implements miners.Driver. -D makes cudaminer tell the difficulty, the jobs and
// the reasons of rejects. Its only way to work less hard is to leave the screen usable.
func (Driver) Args(p miners.Plan) []string {
	algorithm := string(p.Algorithm)
	if algorithm == "blakecoin" {
		algorithm = "blake"
	}
	args := []string{"-a", algorithm, "-o", p.URL, "-u", p.User, "-p", p.Password, "-R", "5", "-D"}
	cards := console.OwnNumbers(p.Of(miners.NVIDIA))
	if len(cards) > 0 {
		args = append(args, "-d", strings.Join(cards, ","))
	}
	interactive := "0"
	if _, less := console.Throttled(p, 1); less {
		interactive = "1"
	}
	each := strings.TrimSuffix(strings.Repeat(interactive+",", max(len(cards), 1)), ",")
	return append(args, "-i", each)
}

// Streams implements miners.Silencer.
func (Driver) Streams() miners.Streams { return miners.OnlyStderr }

// NewParser implements miners.Driver.
func (Driver) NewParser() miners.Parser { return &parser{} }

// parser reads cudaminer's log.
type parser struct {
	cpufamily.Log
	waiting []int // cards whose rate was told, and whose sensors are told next
}

var (
	cardLine   = regexp.MustCompile(`^GPU #(\d+): .+/s$`)
	sensorLine = regexp.MustCompile(`^Temp: +(\S+) +Fan speed: +(\S+) +Power: +(\S+)`)
)

// Parse implements miners.Parser.
func (p *parser) Parse(line string) []miners.Event { return cpufamily.Each(line, p.parse) }

// parse reads what is behind a time.
func (p *parser) parse(line string) []miners.Event {
	if m := sensorLine.FindStringSubmatch(line); m != nil {
		return p.sensors(m)
	}
	if m := cardLine.FindStringSubmatch(line); m != nil {
		if card, ok := api.Card(m[1]); ok {
			p.waiting = append(slices.DeleteFunc(p.waiting, func(c int) bool { return c == card }), card)
		}
	}
	if events, known := cpufamily.Card(&p.Log, line); known {
		return events
	}
	if events, known := p.Log.Parse(line); known {
		return events
	}
	if code := console.CodeOf(line, signs); code != "" {
		return []miners.Event{miners.Problem{Code: code, Detail: line}}
	}
	return nil
}

// sensors reads a line that does not say which card it is of: the one that waits
// longest, since each card's thread prints its rate and then this.
func (p *parser) sensors(m []string) []miners.Event {
	if len(p.waiting) == 0 {
		return nil
	}
	card := p.waiting[0]
	p.waiting = p.waiting[1:]
	return []miners.Event{miners.DeviceReport{
		Index:        card,
		TemperatureC: api.Measured(strings.TrimSuffix(m[1], "C"), api.Celsius),
		FanPercent:   api.Measured(strings.TrimSuffix(m[2], "%"), api.Percent),
		PowerW:       api.Measured(strings.TrimSuffix(m[3], "W"), api.Watts),
	}}
}

// signs are of the texts in cudaminer's source.
var signs = console.Troubles{
	{"starting stratum", ""}, {"nvml", ""},
	{"no cuda devices in your system", miners.CodeNoDevice},
	{"non-existant cuda device", miners.CodeNoDevice},
	{"no. of cuda devices", miners.CodeNoDevice},
	{"unable to query cuda driver version", miners.CodeDriverProblem},
	{"unable to query number of cuda devices", miners.CodeDriverProblem},
	{"does not support cuda", miners.CodeDriverProblem},
	{"requires too much memory", miners.CodeOutOfMemory},
	{"unable to allocate enough memory", miners.CodeOutOfMemory},
	{"out of memory", miners.CodeOutOfMemory},
	{"requires*capability", miners.CodeUnsupported},
	{"does not validate on cpu", miners.CodeHardwareError},
	{"cudaerror", miners.CodeDeviceFailed},
	{"cuda error", miners.CodeDeviceFailed},
	{"no (more) failover pools", miners.CodeNoPool},
	{"workio thread dead", miners.CodeFatal},
}
