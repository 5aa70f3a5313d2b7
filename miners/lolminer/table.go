package lolminer

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
)

// table is what is known of the statistics that are being printed. Since version
// 1.3x each card is a row, below two rows of headings; a wide table goes on in a
// second one without names. Before, each card was a column.
type table struct {
	headings []string // of a card's row, behind the name; nil if there are none
	named    bool     // a card's row has a name
	speed    string   // unit of the speed
	cards    []int    // of the columns, in the old form
}

var (
	rowOf    = regexp.MustCompile(`^GPU +(\d+) +(.*)$`)
	totalRow = regexp.MustCompile(`^Total +(.*)$`)
	unitRow  = regexp.MustCompile(`^ +((?:[kKMG]?(?i:h|g|sol|it)/s).*)$`)
	columns  = regexp.MustCompile(`^ +GPU \d+( +GPU \d+)* +Total$`)
	column   = regexp.MustCompile(`GPU (\d+)`)
	oldRow   = regexp.MustCompile(`^(Name|Speed \(([^)]*)\)|Shares \(A/[^)]*\)|Power \(W\)|Temp \(deg C\)|Fan Speed \(%\)): +(.*)$`)
	counts   = regexp.MustCompile(`^(\d+)/(\d+)(?:/(\d+))?$`)
	gap      = regexp.MustCompile(` {2,}`)
	number   = regexp.MustCompile(`^\d+(\.\d+)?$`)
	whole    = regexp.MustCompile(`^\d+$`)
)

// tableLine reads a line of a table; ok is whether it is one.
func (p *parser) tableLine(line string) (events []miners.Event, ok bool) {
	if m := rowOf.FindStringSubmatch(line); m != nil {
		n, ok := api.Card(m[1])
		if !ok {
			return nil, true
		}
		events := p.row(n, strings.Fields(m[2]))
		return events, events != nil
	}
	if m := totalRow.FindStringSubmatch(line); m != nil {
		return p.total(strings.Fields(m[1])), true
	}
	if m := oldRow.FindStringSubmatch(line); m != nil && len(p.table.cards) > 0 {
		return p.oldRow(m), true
	}
	switch {
	case columns.MatchString(line):
		p.table = table{}
		for _, m := range column.FindAllStringSubmatch(line, -1) {
			if n, ok := api.Card(m[1]); ok {
				p.table.cards = append(p.table.cards, n)
			}
		}
		return nil, true
	case isHeading(line):
		headings := strings.Fields(line)
		p.table = table{named: headings[0] == "Name"}
		if p.table.named {
			headings = headings[1:]
		}
		p.table.headings = headings
		return nil, true
	}
	if m := unitRow.FindStringSubmatch(line); m != nil && p.table.named {
		p.table.speed = strings.Fields(m[1])[0]
		return nil, true
	}
	return nil, false
}

// isHeading reports whether line is a row of headings, and no sentence with such a
// word in it.
func isHeading(line string) bool {
	known := 0
	for _, f := range strings.Fields(line) {
		switch f {
		case "Name", "Speed", "Pool", "Shares", "Best", "Eff.", "Power", "CCLK", "MCLK", "Core", "Fan":
			known++
		}
	}
	return known >= 3 && !strings.Contains(line, ":")
}

// row reads a card's row. The name may hold spaces, so the values are counted from
// the end; a row that does not fit the headings, or has none, is read by what its
// values look like.
func (p *parser) row(card int, fields []string) []miners.Event {
	values := map[string]string{}
	device := miners.DeviceReport{Index: card}
	name := len(fields) - len(p.table.headings)
	switch {
	case p.table.headings != nil && (name > 0 && p.table.named || name == 0 && !p.table.named):
		device.Name = strings.Join(fields[:name], " ")
		for i, heading := range p.table.headings {
			if _, twice := values[heading]; !twice { // the second algorithm's
				values[heading] = fields[name+i]
			}
		}
	default:
		if device.Name, values = guess(fields); values == nil {
			return nil
		}
	}
	device.TemperatureC = api.Measured(values["Core"], api.Celsius)
	device.FanPercent = api.Measured(values["Fan"], api.Percent)
	device.PowerW = api.Measured(values["Power"], api.Watts)
	events := append([]miners.Event{device}, p.sharesOf(card, values["Shares"])...)
	if rate, ok := miners.ParseHashrate(values["Speed"], p.rateUnit()); ok && p.rateUnit() != "" {
		events = append(events, miners.Hashrate{Hashrate: rate, Device: card})
	}
	return events
}

// sharesOf reads a card's shares, which are accepted and stale ones.
func (p *parser) sharesOf(card int, told string) []miners.Event {
	m := counts.FindStringSubmatch(told)
	if m == nil {
		return nil
	}
	accepted, err := strconv.ParseInt(m[1], 10, 64)
	stale, err2 := strconv.ParseInt(m[2], 10, 64)
	if err != nil || err2 != nil {
		return nil
	}
	return p.tally.Raise(p.shares.Sum(card, accepted, stale))
}

// guess reads a row without headings: a name up to the first number with a point,
// the speed, counts between slashes, power, two clocks, temperatures and, last, the
// fan. What is no such row has no values.
func guess(fields []string) (name string, values map[string]string) {
	speed := 0
	for speed < len(fields) && !(number.MatchString(fields[speed]) && strings.Contains(fields[speed], ".")) {
		speed++
	}
	if speed == 0 || speed == len(fields) {
		return "", nil
	}
	taken := slices.IndexFunc(fields, counts.MatchString)
	if taken < 0 {
		return "", nil
	}
	values = map[string]string{"Speed": fields[speed], "Shares": fields[taken]}
	clocks := len(fields)
	for clocks > speed && whole.MatchString(fields[clocks-1]) {
		clocks--
	}
	if sensors := fields[clocks:]; len(sensors) >= 4 {
		values["Core"], values["Fan"] = sensors[2], sensors[len(sensors)-1]
	}
	return strings.Join(fields[:speed], " "), values
}

// total reads the row of sums. Only its first counts are of the first algorithm.
func (p *parser) total(fields []string) (events []miners.Event) {
	if len(fields) == 0 || p.table.headings != nil && !p.table.named {
		return nil
	}
	for _, f := range fields {
		if m := counts.FindStringSubmatch(f); m != nil {
			events = p.totals(m)
			break
		}
	}
	if rate, ok := miners.ParseHashrate(fields[0], p.rateUnit()); ok && p.rateUnit() != "" {
		events = append(events, miners.Hashrate{Hashrate: rate, Device: miners.Whole})
	}
	return events
}

// totals reads the counts of accepted and stale shares, and of hardware errors.
func (p *parser) totals(m []string) []miners.Event {
	accepted, err := strconv.ParseInt(m[1], 10, 64)
	stale, err2 := strconv.ParseInt(m[2], 10, 64)
	if err != nil || err2 != nil {
		return nil
	}
	return p.tally.Raise(accepted, stale)
}

// rateUnit returns the unit of the table's speeds; a table without headings has that
// of the last speed.
func (p *parser) rateUnit() string {
	if p.table.speed != "" {
		return p.table.speed
	}
	return p.unit
}

// oldRow reads a row of the old form, whose last column is the sum.
func (p *parser) oldRow(m []string) (events []miners.Event) {
	heading, _, _ := strings.Cut(m[1], " (")
	values := strings.Fields(m[3])
	if heading == "Name" {
		values = gap.Split(strings.TrimSpace(m[3]), -1)
	}
	for i, card := range p.table.cards {
		if i >= len(values) {
			break
		}
		events = append(events, oldCell(card, heading, values[i], m[2])...)
	}
	if len(values) <= len(p.table.cards) {
		return events
	}
	sum := values[len(p.table.cards)]
	if c := counts.FindStringSubmatch(sum); c != nil && heading == "Shares" {
		events = append(events, p.totals(c)...)
	}
	if rate, ok := miners.ParseHashrate(sum, m[2]); ok && heading == "Speed" {
		events = append(events, miners.Hashrate{Hashrate: rate, Device: miners.Whole})
	}
	return events
}

func oldCell(card int, heading, value, unit string) []miners.Event {
	device := miners.DeviceReport{Index: card}
	switch heading {
	case "Name":
		device.Name = value
	case "Power":
		device.PowerW = api.Measured(value, api.Watts)
	case "Temp":
		device.TemperatureC = api.Measured(value, api.Celsius)
	case "Fan Speed":
		device.FanPercent = api.Measured(value, api.Percent)
	case "Speed":
		if rate, ok := miners.ParseHashrate(value, unit); ok {
			return []miners.Event{miners.Hashrate{Hashrate: rate, Device: card}}
		}
		return nil
	default:
		return nil
	}
	return []miners.Event{device}
}
