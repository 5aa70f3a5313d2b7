// Package verthashminer drives VerthashMiner: Verthash on graphics cards of AMD and
// NVIDIA (https://github.com/CryptoGraphics/VerthashMiner).
//
// It makes the program's command line and reads its log, which is on stderr. Many of
// its lines are those of cpuminer's family, see miners/cpufamily; it has no interface
// to ask. The program needs a file of 1.2 GB, verthash.dat, in the folder it runs in;
// who starts it must have made that. Nothing is started here and nothing fails.
package verthashminer

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/console"
	"github.com/adit-mining/adit/miners/cpufamily"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is VerthashMiner's miners.Driver.
type Driver struct{}

// Name implements miners.Driver.
func (Driver) Name() string { return "verthashminer" }

// Algorithms implements miners.Driver.
func (Driver) Algorithms() []pow.Algorithm { return []pow.Algorithm{"verthash"} }

// Args implements miners.Driver. --verbose makes the program tell the reasons of
// rejects. NVIDIA's cards work by CUDA, and then the program counts the others alone.
func (Driver) Args(p miners.Plan) []string {
	address, encrypted := console.Pool(p)
	scheme := "stratum+tcp://"
	if encrypted {
		scheme = "stratum+tcps://"
	}
	args := []string{"-o", scheme + address, "-u", p.User, "-p", p.Password, "-R", "5", "--verbose", "--verthash-data", "verthash.dat"}
	cuda := console.OwnNumbers(p.Of(miners.NVIDIA))
	opencl := append(console.OwnNumbers(p.Of(miners.AMD)), console.OwnNumbers(p.Of(miners.Intel))...)
	if len(cuda) > 0 {
		args = append(args, "--cu-devices", cards(p, cuda))
	}
	if len(opencl) > 0 {
		args = append(args, "--cl-devices", cards(p, opencl))
	}
	return args
}

// cards lists cards, each with its settings: "0:t80:o50,2:t80:o50".
func cards(p miners.Plan, numbers []string) string {
	settings := ""
	if p.MaxCelsius > 0 {
		settings += fmt.Sprintf(":t%d", p.MaxCelsius)
	}
	if occupancy, ok := console.Throttled(p, 100); ok {
		settings += fmt.Sprintf(":o%d", occupancy)
	}
	return strings.Join(numbers, settings+",") + settings
}

// Streams implements miners.Silencer.
func (Driver) Streams() miners.Streams { return miners.OnlyStderr }

// NewParser implements miners.Driver.
func (Driver) NewParser() miners.Parser { return &parser{} }

// parser reads VerthashMiner's log, version 0.7.
type parser struct {
	cpufamily.Log
	opencl int // cards that work by OpenCL; those of CUDA are counted from there
}

// The expressions are for lines without time and level.
var (
	level      = regexp.MustCompile(`^(ERROR|WARN|INFO|DEBUG) +`)
	cardLine   = regexp.MustCompile(`^(cl|cu)_device\((\d+)\):(.*?) hashrate: ([\d.]+) ([kKMG]?H/s)$`)
	sensor     = regexp.MustCompile(`\b(temp|power|fan):(\d+)[CW%]`)
	configured = regexp.MustCompile(`^Configured (\d+)\(CL\)`)
	started    = regexp.MustCompile(`^(\d+) miner threads started, using Verthash`)
	blockLine  = regexp.MustCompile(`^Verthash block: (\d+)`)
)

// Parse implements miners.Parser.
func (p *parser) Parse(line string) []miners.Event { return cpufamily.Each(line, p.parse) }

// parse reads what is behind a time.
func (p *parser) parse(line string) []miners.Event {
	line = family(line)
	if m := cardLine.FindStringSubmatch(line); m != nil {
		return p.cardRate(m)
	}
	if m := configured.FindStringSubmatch(line); m != nil {
		p.opencl, _ = api.Card(m[1])
		return nil
	}
	if m := started.FindStringSubmatch(line); m != nil {
		n, _ := strconv.Atoi(m[1])
		p.Restart(n)
		return nil
	}
	if m := blockLine.FindStringSubmatch(line); m != nil {
		height, _ := strconv.ParseInt(m[1], 10, 64)
		return p.Alive(miners.Job{Height: height})
	}
	if events, known := p.Log.Parse(line); known {
		return events
	}
	if code := console.CodeOf(line, signs); code != "" {
		return []miners.Event{miners.Problem{Code: code, Detail: line}}
	}
	return nil
}

// family returns line as cpuminer's family would have it.
func family(line string) string {
	m := level.FindStringSubmatch(line)
	if m == nil {
		return line
	}
	line = line[len(m[0]):]
	if m[1] == "DEBUG" && strings.HasPrefix(line, "job_id=") {
		return "DEBUG: " + line
	}
	return strings.Replace(line, "), total hashrate: ", "), ", 1)
}

// cardRate reads a card's rate and what its sensors say.
func (p *parser) cardRate(m []string) []miners.Event {
	card, ok := api.Card(m[2])
	if !ok {
		return nil
	}
	if m[1] == "cu" {
		card += p.opencl
	}
	device := miners.DeviceReport{Index: card}
	for _, s := range sensor.FindAllStringSubmatch(m[3], -1) {
		switch s[1] {
		case "temp":
			device.TemperatureC = api.Measured(s[2], api.Celsius)
		case "power":
			device.PowerW = api.Measured(s[2], api.Watts)
		case "fan":
			device.FanPercent = api.Measured(s[2], api.Percent)
		}
	}
	return append(p.Device(card, m[4], m[5]), device)
}

// signs are of the texts in VerthashMiner's source.
var signs = console.Troubles{
	{"nvml", ""}, {"adl", ""}, {"successfully", ""}, {"succesfully", ""}, {"json_rpc_call failed, retry", ""}, {"recreat", ""},
	{"failed to get a \"", ""}, // an option that is left at its default, be it named Connection
	{"out of memory", miners.CodeOutOfMemory},
	{"failed to allocate memory", miners.CodeOutOfMemory},
	{"failed to create*buffer", miners.CodeOutOfMemory},
	{"failed to open verthash data file", miners.CodeFatal},
	{"verthash data file name is invalid", miners.CodeFatal},
	{"invalid verthash data file size", miners.CodeFatal},
	{"verthash data file verification has failed", miners.CodeFatal},
	{"verthash data is empty", miners.CodeFatal},
	{"verthash data initialization", miners.CodeFatal},
	{"miner configuration failed", miners.CodeFatal},
	{"found 0 configured workers", miners.CodeNoDevice},
	{"invalid*device index", miners.CodeNoDevice},
	{"unsupported sm", miners.CodeUnsupported},
	{"memory errors have been detected", miners.CodeHardwareError},
	{"temperature limit has reached", miners.CodeDeviceIdle},
	{"address(url:port) is not set", miners.CodeBadURL},
	{"device not responding", miners.CodeDeviceFailed},
	{"_device(*failed", miners.CodeDeviceFailed},
}
