package cpuminer

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
)

// Subcommand is the first argument by which the app becomes this program.
const Subcommand = "cpu-miner"

// Driver is this program's miners.Driver. A Plan's Program is the app itself.
type Driver struct{}

// Name implements miners.Driver.
func (Driver) Name() string { return "builtin" }

// Algorithms implements miners.Driver.
func (Driver) Algorithms() []pow.Algorithm { return []pow.Algorithm{pow.Scrypt, pow.SHA256d} }

// Args implements miners.Driver.
func (Driver) Args(p miners.Plan) []string {
	args := []string{Subcommand, "--algorithm", string(p.Algorithm), "--url", p.URL, "--user", p.User, "--password", p.Password}
	if p.Threads > 0 {
		args = append(args, "--threads", strconv.Itoa(p.Threads))
	}
	return args
}

// NewParser implements miners.Driver.
func (Driver) NewParser() miners.Parser { return &parser{} }

// parser reads the lines that the package comment lists.
type parser struct {
	tally miners.Tally
}

// Parse implements miners.Parser.
func (p *parser) Parse(line string) []miners.Event {
	if !strings.HasPrefix(line, "{") {
		return nil
	}
	var l Line
	if json.Unmarshal([]byte(line), &l) != nil {
		return nil
	}
	switch l.Event {
	case "started":
		p.tally.Reset()
	case "connected":
		return []miners.Event{miners.Connected{Pool: l.Pool}}
	case "difficulty":
		return []miners.Event{miners.Difficulty{Difficulty: l.Difficulty}}
	case "job":
		return []miners.Event{miners.Job{ID: l.Job, Height: l.Height, Clean: l.Clean}}
	case "hashrate":
		return rates(&l)
	case "accepted", "rejected":
		if l.Accepted != nil && l.Rejected != nil {
			return p.tally.Update(*l.Accepted, *l.Rejected, l.Reason)
		}
	case "disconnected":
		return []miners.Event{miners.Disconnected{Code: miners.Code(l.Code), Reason: l.Reason}}
	case "problem":
		return []miners.Event{miners.Problem{Code: miners.Code(l.Code), Detail: l.Reason}}
	case "message":
		return []miners.Event{miners.Message{Text: l.Reason}}
	}
	return nil
}

// rates returns the hashrate of each thread and of all.
func rates(l *Line) (events []miners.Event) {
	for i, rate := range l.PerThread {
		events = append(events, miners.Hashrate{Hashrate: rate, Device: i})
	}
	if l.Hashrate != nil {
		events = append(events, miners.Hashrate{Hashrate: *l.Hashrate, Device: miners.Whole})
	}
	return events
}
