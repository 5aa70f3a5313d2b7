package console

import (
	"regexp"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
)

// Rates returns what line says of each card's rate, where card matches one of its
// places: the card's number, the rate, and the unit.
func Rates(line string, card *regexp.Regexp) (events []miners.Event) {
	for _, m := range card.FindAllStringSubmatch(line, -1) {
		index, ok := api.Card(m[1])
		rate, ok2 := miners.ParseHashrate(m[2], m[3])
		if ok && ok2 {
			events = append(events, miners.Hashrate{Hashrate: rate, Device: index})
		}
	}
	return events
}

// Sensors returns what line says of each card's sensors, where card matches one of
// its places: the card's number, degrees Celsius, the fan in percent, and watts.
func Sensors(line string, card *regexp.Regexp) (events []miners.Event) {
	for _, m := range card.FindAllStringSubmatch(line, -1) {
		index, ok := api.Card(m[1])
		if !ok {
			continue
		}
		events = append(events, miners.DeviceReport{
			Index:        index,
			TemperatureC: api.Measured(m[2], api.Celsius),
			FanPercent:   api.Measured(m[3], api.Percent),
			PowerW:       api.Measured(m[4], api.Watts),
		})
	}
	return events
}

// Named is a card's name, or nothing where number is none of a card.
func Named(number, name string) []miners.Event {
	if index, ok := api.Card(number); ok {
		return []miners.Event{miners.DeviceReport{Index: index, Name: name}}
	}
	return nil
}
