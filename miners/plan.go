package miners

import (
	"strconv"
	"strings"
)

// Pool returns the host and port of p's pool, and whether the connection is
// encrypted.
func (p Plan) Pool() (address string, encrypted bool) {
	scheme, address, found := strings.Cut(p.URL, "://")
	if !found {
		return p.URL, false
	}
	for _, end := range []string{"ssl", "tls", "tcps"} {
		if strings.HasSuffix(scheme, end) {
			return address, true
		}
	}
	return address, false
}

// Numbers returns number of each of p's cards.
func (p Plan) Numbers(number func(Device) int) (numbers []string) {
	for _, d := range p.Devices {
		numbers = append(numbers, strconv.Itoa(number(d)))
	}
	return numbers
}

// Of returns a plan with only those of p's cards that vendor made.
func (p Plan) Of(vendor GPUVendor) Plan {
	var own []Device
	for _, d := range p.Devices {
		if d.Vendor == vendor {
			own = append(own, d)
		}
	}
	p.Devices = own
	return p
}

// ByVendor is a card's number for a program that knows one vendor's cards alone.
func ByVendor(d Device) int { return d.Index }

// AmongAll is a card's number for a program that counts all cards together.
func AmongAll(d Device) int { return d.All }

// ResumeCelsius is where a device that paused at p.MaxCelsius shall go on: a little
// cooler, so that it does not pause again at once.
func (p Plan) ResumeCelsius() int { return p.MaxCelsius - 10 }

// Share returns what p.Intensity is of an option that goes from least to most, and
// whether the plan says anything of it.
func (p Plan) Share(least, most int) (value int, ok bool) {
	if p.Intensity <= 0 || p.Intensity >= 100 {
		return 0, false
	}
	return least + (most-least)*p.Intensity/100, true
}
