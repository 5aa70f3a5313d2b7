package rigel

import (
	"regexp"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/console"
	"github.com/adit-mining/adit/miners/pow"
)

// parser reads what Rigel prints, versions 1.3 to 1.23.
type parser struct {
	tally     miners.Tally
	cards     console.Shares
	link      console.Link
	pace      console.Pace
	algorithm string // of the table that is being printed
	main      string // of the first table, the only one that is ours
	columns   console.Columns
	broken    bool // a device or the driver failed
}

var (
	banner    = regexp.MustCompile(`^Rigel v[\d.]+ - \[`)
	cardLine  = regexp.MustCompile(`^\+ GPU #(\d+): (.*?)(?: \d+G)?$`)
	caption   = regexp.MustCompile(`^\+=+ (\S.*?) =+\+$`)
	poolLine  = regexp.MustCompile(`^\[([^\]\s]+:\d+)\] (.*)`)
	diffLine  = regexp.MustCompile(`^difficulty: ([\d.]+[kKMGTP]?)(?: \(([\d.]+)\))?`)
	downLine  = regexp.MustCompile(`^(?:connection error|error|disconnected|connection lost)(?:: (.*))?$`)
	shareLine = regexp.MustCompile(`(?i)\b(?:share|solution)\b.*\b(accepted|rejected)\b(?:[:,]? ?(?:reason: )?(.*))?`)
	jobLine   = regexp.MustCompile(`(?i)^new job\b(?:.*height:? (\d+))?`)
	cudaCode  = regexp.MustCompile(`^CUDA error: error code (\d+)`)
)

// Parse implements miners.Parser.
func (p *parser) Parse(line string) (events []miners.Event) {
	for _, part := range console.Parts(line) {
		events = append(events, p.part(part)...)
	}
	return events
}

func (p *parser) part(line string) []miners.Event {
	if cells := console.Cells(line); cells != nil {
		return p.row(cells)
	}
	if m := caption.FindStringSubmatch(line); m != nil {
		p.algorithm, p.columns = m[1], nil
		return nil
	}
	if m := poolLine.FindStringSubmatch(line); m != nil {
		return p.pool(m[1], m[2])
	}
	if m := cardLine.FindStringSubmatch(line); m != nil {
		return console.Reports(m[1], m[2], "", "", "")
	}
	if banner.MatchString(line) {
		p.tally.Reset()
		p.cards.Reset()
		p.broken = false
		return nil
	}
	if m := shareLine.FindStringSubmatch(line); m != nil {
		return p.share(m)
	}
	return p.story(line)
}

// pool reads what follows the address of a pool.
func (p *parser) pool(address, text string) []miners.Event {
	p.link.To(address)
	if m := diffLine.FindStringSubmatch(text); m != nil {
		if m[2] != "" { // the pool's own number
			return p.pace.Set(m[2], "")
		}
		return p.pace.Set(m[1], pow.Algorithm(p.main))
	}
	if m := downLine.FindStringSubmatch(text); m != nil {
		if code := console.CodeOf(text, nil); code == miners.CodeAuthFailed {
			return []miners.Event{miners.Problem{Code: code, Detail: m[1]}}
		}
		reason := m[1]
		if reason == "" {
			reason = text
		}
		return p.link.Down(reason, miners.CodeConnectFailed)
	}
	if m := jobLine.FindStringSubmatch(text); m != nil {
		return append(p.link.Up(address), miners.Job{Height: max(0, console.Count(m[1]))})
	}
	if m := shareLine.FindStringSubmatch(text); m != nil {
		return p.share(m)
	}
	switch text {
	case "connected":
		return p.link.Up(address)
	case "connecting...":
		return nil
	}
	return console.Problems(text, troubles)
}

// share reads the fate of a share. Recordings only show how a refused one is worded,
// so the totals of the tables set it right where an accepted one was missed.
func (p *parser) share(m []string) []miners.Event {
	if strings.EqualFold(m[1], "accepted") {
		return append(p.link.Up(""), p.tally.Add(1, 0, "")...)
	}
	return append(p.link.Up(""), p.tally.Add(0, 1, console.Reason(m[2]))...)
}

// row reads a row of a table: of sensors, or of an algorithm.
func (p *parser) row(cells []string) []miners.Event {
	if cells[0] == "#" {
		p.columns = console.Title(cells)
		if rates(p.columns) && p.main == "" {
			p.main = p.algorithm
		}
		return nil
	}
	columns := p.columns
	if columns == nil {
		columns = cutOff(cells)
	}
	ours := rates(columns) && p.algorithm == p.main
	if total, found := strings.CutPrefix(cells[0], "Total:"); found {
		if !ours {
			return nil
		}
		accepted, rejected := columns.Sum(cells, "acc"), columns.Sum(cells, "rej")
		return append(p.tally.Raise(console.Count(accepted), console.Count(rejected)), console.Rate(total, miners.Whole)...)
	}
	index, ok := console.Index(cells[0])
	if !ok || columns == nil {
		return nil
	}
	cell := func(title string) string { return columns.Cell(cells, title) }
	events := []miners.Event{console.Report(index, cell("name"), cell("t(core)"), cell("fan"), cell("power"))}
	if !ours {
		return events
	}
	events = append(events, console.Rate(cell("hashrate"), index)...)
	return append(events, p.tally.Raise(p.cards.Sum(index, console.Count(cell("acc")), console.Count(cell("rej"))))...)
}

// cutOff returns the columns of a table of which the output begins in the middle,
// by what a row of it holds: a rate, or watts.
func cutOff(cells []string) console.Columns {
	switch {
	case len(cells) > 5 && strings.HasSuffix(cells[2], "/s"):
		return console.Title([]string{"#", "Name", "Hashrate", "Pool", "Acc", "Rej"})
	case len(cells) > 5 && strings.HasSuffix(cells[2], "W"):
		return console.Title([]string{"#", "Name", "Power", "T(core)", "T(mem)", "Fan"})
	case len(cells) > 3 && strings.HasPrefix(cells[0], "Total:") && strings.HasSuffix(cells[0], "/s"):
		return console.Title([]string{"#", "Name", "Hashrate", "Pool", "Acc", "Rej"})
	}
	return nil
}

// rates reports whether a table is one of rates.
func rates(columns console.Columns) bool {
	_, known := columns["hashrate"]
	return known
}

// story reads what is trouble. The program says that it is terminated when it is
// asked to leave, too.
func (p *parser) story(line string) []miners.Event {
	if line == "miner terminated" && !p.broken {
		return nil
	}
	events := console.Problems(line, troubles)
	if m := cudaCode.FindStringSubmatch(line); m != nil {
		events = []miners.Event{miners.Problem{Code: cudaTrouble(m[1]), Detail: line}}
	}
	p.broken = p.broken || len(events) > 0
	return events
}

// Said implements miners.Witness.
func (p *parser) Said() miners.Said { return miners.Said{Counts: p.tally.Told()} }

// cudaTrouble is the kind of trouble that a number of CUDA's means (CUresult in the
// documentation of the driver's interface).
func cudaTrouble(code string) miners.Code {
	switch code {
	case "2":
		return miners.CodeOutOfMemory
	case "100", "101":
		return miners.CodeNoDevice
	case "700", "702", "716", "717", "718", "719":
		return miners.CodeDeviceFailed
	}
	return miners.CodeDriverProblem
}

// troubles are the program's own phrases.
var troubles = console.Troubles{
	{"cuda error: failed to load", miners.CodeDriverProblem},
	{"cuda error: an internal driver error", miners.CodeDriverProblem},
	{"cuda error: no cuda-capable device", miners.CodeNoDevice},
	{"dev fee connectivity error", miners.CodeConnectFailed},
	{"is out of range", miners.CodeNoDevice},
	{"invalid share", miners.CodeHardwareError},
	{"invalid solution", miners.CodeHardwareError},
	{"dag*verification*fail", miners.CodeHardwareError},
	{"panicked at", miners.CodeFatal},
	{"miner terminated", miners.CodeFatal},
	{"api server is running", ""},
	{"all devices stopped", ""},
}
