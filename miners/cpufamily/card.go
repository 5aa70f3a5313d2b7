package cpufamily

import (
	"regexp"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
)

// What the programs for NVIDIA's cards, ccminer and cudaminer, say of a card.
var (
	cardRate    = regexp.MustCompile(`^GPU (?:#|T)(\d+): (.+?)(?:, \d+ hashes)?, (\S+) ([A-Za-z]+/s)$`)
	cardSensors = regexp.MustCompile(`^GPU (?:#|T)(\d+): \d+ MHz (?:.*? )??(?:(\d+)W )?(\d+)C FAN (\d+)%`)
	cardName    = regexp.MustCompile(`^GPU #(\d+): (.+) with compute capability [\d.]+$`)
	cardListed  = regexp.MustCompile(`^GPU #(\d+): SM [\d.]+ (.+?)(?: @ .*)?$`)
)

// Card returns what a line of ccminer or cudaminer tells of a card, and whether it
// is such a line.
func Card(l *Log, line string) (events []miners.Event, known bool) {
	if m := cardRate.FindStringSubmatch(line); m != nil {
		card, ok := api.Card(m[1])
		if !ok {
			return nil, true
		}
		return append(l.Device(card, m[3], m[4]), miners.DeviceReport{Index: card, Name: m[2]}), true
	}
	if m := cardSensors.FindStringSubmatch(line); m != nil {
		card, ok := api.Card(m[1])
		if !ok {
			return nil, true
		}
		return []miners.Event{miners.DeviceReport{
			Index:        card,
			TemperatureC: api.Measured(m[3], api.Celsius),
			FanPercent:   api.Measured(m[4], api.Percent),
			PowerW:       api.Measured(m[2], api.Watts),
		}}, true
	}
	for _, named := range []*regexp.Regexp{cardName, cardListed} {
		if m := named.FindStringSubmatch(line); m != nil {
			card, ok := api.Card(m[1])
			if !ok {
				return nil, true
			}
			return []miners.Event{miners.DeviceReport{Index: card, Name: m[2]}}, true
		}
	}
	return nil, false
}
