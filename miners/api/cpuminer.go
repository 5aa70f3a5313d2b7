package api

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
)

// Cpuminer asks a program of cpuminer-multi's family (cpuminer-multi, cpuminer-opt,
// ccminer) how it stands. The threads of a processor are not devices; their rates
// are only added up where the program has no sum.
//
// The interface is api.c of https://github.com/tpruvot/cpuminer-multi: a word, and
// an answer of KEY=value pairs between semicolons, entries between bars.
func Cpuminer(ctx context.Context, port int) (miners.Status, error) {
	summary, err := Ask(ctx, port, "summary", 0)
	if err != nil {
		return miners.Status{}, err
	}
	threads, _ := Ask(ctx, port, "threads", 0)
	return cpuminerStatus(string(summary), string(threads)), nil
}

func cpuminerStatus(summary, threads string) miners.Status {
	var first fields
	if entries := readCpuminer(summary); len(entries) > 0 {
		first = entries[0]
	}
	s := miners.Status{
		Version:  first.text("VER"),
		Pool:     first.text("URL"),
		Hashrate: first.cpuminerRate(),
		Accepted: first.count("ACC"),
		Rejected: first.count("REJ"),
	}
	if seconds := first.count("UPTIME"); seconds != nil && *seconds < math.MaxInt32 {
		s.Uptime = time.Duration(*seconds) * time.Second
	}
	var sum *pow.Hashrate
	for i, thread := range readCpuminer(threads) {
		rate := thread.cpuminerRate()
		if rate != nil {
			total := *rate
			if sum != nil {
				total += *sum
			}
			sum = &total
		}
		if thread["GPU"] != nil {
			s.Devices = append(s.Devices, thread.card(i))
		}
	}
	if sum != nil && (s.Hashrate == nil || *s.Hashrate == 0) {
		s.Hashrate = sum
	}
	return s
}

// readCpuminer reads the entries of an answer.
func readCpuminer(answer string) (entries []fields) {
	answer, _, _ = strings.Cut(answer, "\x00")
	for entry := range strings.SplitSeq(answer, "|") {
		f := fields{}
		for pair := range strings.SplitSeq(entry, ";") {
			if key, value, found := strings.Cut(strings.TrimSpace(pair), "="); found {
				f[key] = value
			}
		}
		if len(f) > 0 {
			entries = append(entries, f)
		}
	}
	return entries
}

// cpuminerRate returns the entry's hashrate, whose unit is its key: HS and kH/s are
// cpuminer-opt's. Plain HS comes first because KHS has but two decimals.
func (f fields) cpuminerRate() *pow.Hashrate {
	for _, known := range []struct{ key, unit string }{
		{"HS", "H"}, {"KHS", "kH"}, {"H/s", "H"}, {"kH/s", "kH"}, {"MH/s", "MH"}, {"GH/s", "GH"}, {"TH/s", "TH"},
	} {
		if rate, ok := miners.ParseHashrate(f.text(known.key), known.unit); ok {
			return &rate
		}
	}
	return nil
}

// card returns the status of a graphics card, ccminer's entry at place.
func (f fields) card(place int) miners.DeviceStatus {
	d := miners.DeviceStatus{
		Index:        place,
		Name:         f.text("CARD"),
		PCI:          f.text("BUS"),
		Hashrate:     f.cpuminerRate(),
		TemperatureC: f.bounded(Celsius, "TEMP"),
		FanPercent:   f.bounded(Percent, "FAN"),
		PowerW:       f.bounded(milliwatts, "POWER"),
		Accepted:     f.count("ACC"),
		Rejected:     f.count("REJ"),
	}
	if n := f.count("GPU"); n != nil && *n < maxDevices {
		d.Index = int(*n)
	}
	return d
}

// milliwatts reads ccminer's power: milliwatts since version 2, watts before. No
// card takes thousands of watts, nor works with two.
func milliwatts(v float64) *float64 {
	if v > 2000 {
		v /= 1000
	}
	return Watts(v)
}
