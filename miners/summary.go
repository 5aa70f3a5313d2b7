package miners

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/adit-mining/adit/miners/pow"
)

// A Summary is what a program's recorded output tells of its run, as `adit parse`
// prints it. A nil pointer, null in JSON, is what the output does not tell.
type Summary struct {
	Miner    string          `json:"miner"`
	Accepted *int64          `json:"accepted"` // shares
	Rejected *int64          `json:"rejected"`
	Hashrate *float64        `json:"last_hashrate_hs"` // all devices together, as last told
	Devices  []SummaryDevice `json:"devices"`          // graphics cards and the like, by index
	Errors   []string        `json:"errors"`           // "code: detail", each once, in order
}

// SummaryDevice is a device of a Summary.
type SummaryDevice struct {
	Index        int      `json:"index"` // the program's own number
	Name         *string  `json:"name"`
	TemperatureC *float64 `json:"temp_c"` // as last told
}

// Said is what a program said by the letter, where its events must not or cannot
// tell it.
type Said struct {
	// Counts is that the program told how many shares the pool took and refused,
	// be they none.
	Counts bool
	// Hashrate is of all devices together, as last printed; nil if the events
	// tell it.
	Hashrate *pow.Hashrate
	// Threads is that the devices of Hashrate events are threads of the
	// processor.
	Threads bool
}

// Witness is a Parser that remembers what its program said.
type Witness interface {
	Parser
	Said() Said
}

// maxSummary is how many errors and how many devices a Summary holds at most.
const maxSummary = 100

// Summarize reads what the program of d printed, until r ends. It needs no more
// memory for a long output than for a short one. The error is that of reading;
// the summary of what came before is valid nevertheless.
func Summarize(d Driver, r io.Reader) (Summary, error) {
	s := summarizer{rates: map[int]pow.Hashrate{}, reports: map[int]DeviceReport{}}
	p := d.NewParser()
	lines := &Lines{Each: func(line string) {
		if line = unwrapped(line); line == "" {
			return
		}
		for _, e := range p.Parse(line) {
			s.add(e)
		}
	}}
	_, err := io.Copy(lines, recording(r))
	lines.Flush()
	if w, ok := p.(Witness); ok {
		s.said = w.Said()
	}
	if err != nil {
		err = fmt.Errorf("read the output of %s: %w", d.Name(), err)
	}
	return s.summary(d.Name()), err
}

// summarizer collects the events of a run.
type summarizer struct {
	accepted, rejected int64
	whole              *pow.Hashrate
	rates              map[int]pow.Hashrate // latest ones, by device
	reports            map[int]DeviceReport
	errors             []string
	said               Said
}

func (s *summarizer) add(e Event) {
	switch e := e.(type) {
	case Accepted:
		s.accepted += e.N
	case Rejected:
		s.rejected += e.N
		if e.Reason != "" {
			s.trouble(CodeShareRejected, e.Reason)
		}
	case Hashrate:
		s.rate(e)
	case DeviceReport:
		if old, known := s.reports[e.Index]; known || len(s.reports) < maxSummary {
			old.Index = e.Index
			s.reports[e.Index] = old.with(e)
		}
	case Disconnected:
		s.trouble(e.Code, e.Reason)
	case Problem:
		s.trouble(e.Code, e.Detail)
	}
}

func (s *summarizer) rate(e Hashrate) {
	if e.Device == Whole {
		s.whole = &e.Hashrate
		return
	}
	if _, known := s.rates[e.Device]; known || len(s.rates) < maxSummary {
		s.rates[e.Device] = e.Hashrate
	}
}

func (s *summarizer) trouble(code Code, detail string) {
	text := string(code)
	if detail != "" {
		text += ": " + detail
	}
	if len(s.errors) < maxSummary && !slices.Contains(s.errors, text) {
		s.errors = append(s.errors, text)
	}
}

func (s *summarizer) summary(name string) Summary {
	sum := Summary{Miner: name, Devices: s.devices(), Errors: s.errors, Hashrate: s.hashrate()}
	if sum.Errors == nil {
		sum.Errors = []string{}
	}
	if s.said.Counts || s.accepted > 0 || s.rejected > 0 {
		sum.Accepted, sum.Rejected = &s.accepted, &s.rejected
	}
	return sum
}

// hashrate returns the last rate, of which a thousandth of a hash is enough.
func (s *summarizer) hashrate() *float64 {
	rate := cmp.Or(s.said.Hashrate, s.whole)
	if rate == nil && len(s.rates) > 0 {
		rate = new(pow.Hashrate)
		for _, device := range slices.Sorted(maps.Keys(s.rates)) { // in order, so that the sum is always the same
			*rate += s.rates[device]
		}
	}
	if rate == nil {
		return nil
	}
	rounded := math.Round(float64(*rate)*1000) / 1000
	return &rounded
}

func (s *summarizer) devices() []SummaryDevice {
	if !s.said.Threads {
		for device := range s.rates {
			s.reports[device] = DeviceReport{Index: device}.with(s.reports[device])
		}
	}
	devices := []SummaryDevice{}
	for _, index := range slices.Sorted(maps.Keys(s.reports)) {
		d := SummaryDevice{Index: index, TemperatureC: s.reports[index].TemperatureC}
		if name := s.reports[index].Name; name != "" {
			d.Name = &name
		}
		devices = append(devices, d)
	}
	return devices
}
