package cgfamily

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/pow"
)

// The status line of all devices, in the old grammar (cgminer, sgminer), where each
// number has its prefix, and in the new one (bfgminer, nsgminer, cgminer to version
// 2.7), where the last number has the unit of all. A screen has rates alone.
var (
	statusLine  = regexp.MustCompile(`^(?:ALL )?(\(\d+s\):|\d+s:)`)
	oldRate     = regexp.MustCompile(`^\(\d+s\):\s*([\d.]+)([kKMGTPE]?)\b.*\(avg\):\s*[\d.]+[kKMGTPE]?h/s`)
	newRate     = regexp.MustCompile(`^\(?\d+s\)?:\s*([\d.]+) \(?avg\)?:\s*[\d.]+(?: u:\s*[\d.]+\s*|\s+)([kKMGTPE]?[Hh]/s)`)
	screenRate  = regexp.MustCompile(`^([\d.]+)([kKMGTPE]?)/ *[\d.]+[kKMGTPE]?h/s`)
	sharedUnit  = regexp.MustCompile(`^([\d.]+)/ *[\d.]+(?:/ *[\d.]+ ?([kKMGTPE]?h/s)|([kKMGTPE]?h/s).* U:)`)
	shareCounts = regexp.MustCompile(`\| (?:Q:\d+ +)?A: *(\d+) +R: *(\d+)(?:\+ *\d+\(| +(?:S:\d+ +)?HW: *\d+(?: +E:\d+%)? +U:)`)
)

// status reads the status line of all devices, and says whether text is one.
func (p *parser) status(text string) (events []miners.Event, found bool) {
	m := statusLine.FindStringSubmatchIndex(text)
	if m == nil {
		return nil, false
	}
	if rate, ok := parseRate(text[m[2]:]); ok {
		p.measured = true
		events = append(events, miners.Hashrate{Hashrate: rate, Device: miners.Whole})
	}
	// bfgminer counts shares here, and so did all before they told WU in place of U.
	if m := shareCounts.FindStringSubmatch(text); m != nil {
		accepted, err := strconv.ParseInt(m[1], 10, 64)
		rejected, err2 := strconv.ParseInt(m[2], 10, 64)
		if err == nil && err2 == nil {
			events = append(events, p.tally.Raise(accepted, rejected)...)
		}
	}
	return events, true
}

// parseRate reads the rate over the shortest time.
func parseRate(status string) (pow.Hashrate, bool) {
	if m := sharedUnit.FindStringSubmatch(status); m != nil {
		return miners.ParseHashrate(m[1], m[2]+m[3])
	}
	for _, grammar := range []*regexp.Regexp{oldRate, newRate, screenRate} {
		if m := grammar.FindStringSubmatch(status); m != nil {
			// A bare G would be graphs, not billions of hashes.
			return miners.ParseHashrate(m[1], strings.TrimSuffix(strings.ToLower(m[2]), "h/s")+"h")
		}
	}
	return 0, false
}

// The line of one device begins with its driver's three letters and its number:
// "BA1 0", "GPU0", "CPU 0", "OCL0a". On the screen that these programs paint by
// themselves it is shorter, and tells the state in place of the rate.
var (
	deviceLine = regexp.MustCompile(`^(?:([A-Z][A-Za-z0-9]{2}) {1,3}|([A-Z]{3}))(\d{1,3})[a-z]{0,2}(?::|\s)\s*(.*?)\|?\s*((?:\(\d+s\)|\d+s):.*|(?:OFF|SICK|DEAD|REST|WAIT)\b.*[Hh]/s.*|[\d.]+[kKMGTPE]?/ *[\d.]+(?:/ *[\d.]+ ?)?[kKMGTPE]?h/s.*)$`)
	celsius    = regexp.MustCompile(`(?:^|[\s:])(-?\d+(?:\.\d+)?) ?°?C\b`)
	percent    = regexp.MustCompile(`(?:^|\s)(\d{1,3})%`)

	listLine    = regexp.MustCompile(`^\d+\. [A-Za-z0-9]{3} ?(\d{1,3}): (.+?) \(driver: `)
	listBegin   = regexp.MustCompile(`^(?:Platform devices: \d+|List of devices:)$`)
	listEntry   = regexp.MustCompile(`^(\d{1,3})\s+(\S.*)$`)
	chosenLine  = regexp.MustCompile(`^Selected (\d{1,3}): (.+)$`)
	monitorLine = regexp.MustCompile(`^GPU (\d{1,3}) (.+) hardware monitoring enabled$`)
)

// device reads what a line tells of one device, and whether it is such a line. The
// line of each device is repeated at the exit, and says the newest twice; so it may
// be read twice.
func (p *parser) device(stamp, text string) (events []miners.Event, named bool) {
	if m := deviceLine.FindStringSubmatch(text); m != nil {
		return p.deviceStatus(m), true
	}
	listing := p.listing
	if p.listing = listBegin.MatchString(text); p.listing {
		return nil, true
	}
	for _, naming := range []*regexp.Regexp{listLine, chosenLine, monitorLine} {
		if m := naming.FindStringSubmatch(text); m != nil {
			return report(m[1], m[2]), true
		}
	}
	if m := listEntry.FindStringSubmatch(text); m != nil && listing && stamp != "" {
		p.listing = true
		return report(m[1], m[2]), true
	}
	return nil, false
}

// report returns the report that names a device.
func report(number, name string) []miners.Event {
	index, err := strconv.Atoi(number)
	if err != nil {
		return nil
	}
	return []miners.Event{miners.DeviceReport{Index: index, Name: strings.TrimSpace(name)}}
}

// deviceStatus reads the parts of a deviceLine. The driver's letters are a name only
// where they are a product's.
func (p *parser) deviceStatus(m []string) (events []miners.Event) {
	index, _ := strconv.Atoi(m[3])
	r := miners.DeviceReport{Index: index}
	switch driver := m[1] + m[2]; driver {
	case "GPU", "OCL", "CPU", "PGA":
	default:
		r.Name = driver
	}
	if t := celsius.FindStringSubmatch(m[4]); t != nil {
		if degrees, err := strconv.ParseFloat(t[1], 64); err == nil {
			r.TemperatureC = api.Celsius(degrees)
		}
	}
	if f := percent.FindStringSubmatch(m[4]); f != nil {
		if speed, err := strconv.ParseFloat(f[1], 64); err == nil {
			r.FanPercent = api.Percent(speed)
		}
	}
	events = append(events, r)
	if rate, ok := parseRate(m[5]); ok {
		p.measured = true
		events = append(events, miners.Hashrate{Hashrate: rate, Device: index})
	}
	return events
}
