package console

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/pow"
)

var (
	number   = regexp.MustCompile(`-?\d+(?:[.,]\d+)?`)
	withUnit = regexp.MustCompile(`^([\d.,]+)\s*([A-Za-z]*(?:/s)?)$`)
	latency  = regexp.MustCompile(`\(?\b\d+ ?ms\b\)?`)
	prefixed = regexp.MustCompile(`^([\d.]+)\s*([kKMGTP]?)[hH]?$`)
)

// Float returns the first number in text; ok is false for "n/a", "err" and "-".
func Float(text string) (value float64, ok bool) {
	value, err := strconv.ParseFloat(strings.Replace(number.FindString(text), ",", ".", 1), 64)
	return value, err == nil
}

// Count returns the count that text is, or -1.
func Count(text string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// Report makes a DeviceReport of what a program prints about one of its devices: a
// text that has no number, or one that no device can have, says nothing.
func Report(index int, name, celsius, fan, watts string) miners.DeviceReport {
	return miners.DeviceReport{
		Index: index, Name: strings.TrimSpace(name),
		TemperatureC: sensor(celsius, api.Celsius), FanPercent: sensor(fan, api.Percent), PowerW: sensor(watts, api.Watts),
	}
}

// Reports returns what Report makes of a device whose number is digits, or nothing
// where that is none.
func Reports(digits, name, celsius, fan, watts string) []miners.Event {
	if index, ok := Index(digits); ok {
		return []miners.Event{Report(index, name, celsius, fan, watts)}
	}
	return nil
}

func sensor(text string, bound func(float64) *float64) *float64 {
	if v, ok := Float(text); ok {
		return bound(v)
	}
	return nil
}

// Rate returns the hashrate that text is ("7.303 GH/s", "65.44 M") as an event for
// device, or none.
func Rate(text string, device int) []miners.Event {
	m := withUnit.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return nil
	}
	if rate, ok := miners.ParseHashrate(m[1], m[2]); ok {
		return []miners.Event{miners.Hashrate{Hashrate: rate, Device: device}}
	}
	return nil
}

// Difficulty reads what a program prints as difficulty for algorithm, which may be
// unknown: a number with a prefix is how many hashes a share takes ("4.29G",
// "378 MH"), one without is the pool's own number.
func Difficulty(text string, algorithm pow.Algorithm) (difficulty pow.Difficulty, ok bool) {
	m := prefixed.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return 0, false
	}
	value, err := strconv.ParseFloat(m[1], 64)
	if err != nil || value <= 0 {
		return 0, false
	}
	if m[2] == "" {
		return pow.Difficulty(value), true
	}
	for _, prefix := range "KMGTP" {
		value *= 1000
		if strings.EqualFold(m[2], string(prefix)) {
			break
		}
	}
	return pow.Difficulty(value / algorithm.Hashes(1)), true
}

// Pace tells a difficulty when it changes.
type Pace struct {
	last pow.Difficulty
}

// Set returns the Difficulty event for what a program prints, if it is news.
func (p *Pace) Set(text string, algorithm pow.Algorithm) []miners.Event {
	d, ok := Difficulty(text, algorithm)
	if !ok || d == p.last {
		return nil
	}
	p.last = d
	return []miners.Event{miners.Difficulty{Difficulty: d}}
}

// Because returns events with reason as that of the refused shares among them.
func Because(events []miners.Event, reason string) []miners.Event {
	for i, e := range events {
		if rejected, ok := e.(miners.Rejected); ok {
			rejected.Reason = reason
			events[i] = rejected
		}
	}
	return events
}

// Reason returns why a share was refused, of what a program prints behind its fate:
// not how long the pool took to answer, and without what parts the two.
func Reason(text string) string {
	text = strings.TrimRight(strings.TrimLeft(latency.ReplaceAllString(text, ""), " .,:;!-"), " ,:;-")
	if inner, found := strings.CutPrefix(text, "("); found && strings.Count(text, "(") == 1 {
		text = strings.TrimSuffix(inner, ")")
	}
	return text
}

// Index returns the number of a device that digits are; ok is false where it is
// more than any computer has.
func Index(digits string) (index int, ok bool) {
	index, err := strconv.Atoi(strings.TrimSpace(digits))
	return index, err == nil && index >= 0 && index < MaxDevices
}

// MaxDevices is more cards than any computer has.
const MaxDevices = 256
