package api

import (
	"bytes"
	"context"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
)

// Cgminer asks a program of cgminer's family (cgminer, sgminer, bfgminer, nsgminer,
// TeamRedMiner) how it stands. Only the summary is needed: programs that have no
// devices, or not all requests, still answer that one.
//
// The interface is described in API-README of https://github.com/ckolivas/cgminer;
// its grandchildren write numbers as strings and other units.
func Cgminer(ctx context.Context, port int) (miners.Status, error) {
	summary, err := askCgminer(ctx, port, "summary")
	if err != nil {
		return miners.Status{}, err
	}
	answers := cgminerAnswers{Summary: summary}
	answers.Devs, _ = askCgminer(ctx, port, "devs")
	answers.Details, _ = askCgminer(ctx, port, "devdetails")
	answers.Pools, _ = askCgminer(ctx, port, "pools")
	answers.Version, _ = askCgminer(ctx, port, "version")
	return answers.status(), nil
}

// askCgminer returns the sections of the answer to command, by name.
func askCgminer(ctx context.Context, port int, command string) (sections, error) {
	body, err := Ask(ctx, port, `{"command":"`+command+`"}`, 0)
	if err != nil {
		return nil, err
	}
	return readCgminer(body)
}

// readCgminer reads an answer, which a zero byte ends.
func readCgminer(body []byte) (sections, error) {
	body, _, _ = bytes.Cut(body, []byte{0})
	var whole map[string]any
	if err := Decode(body, &whole); err != nil {
		return nil, err
	}
	s := sections{}
	for name, value := range whole {
		list, _ := value.([]any)
		for _, entry := range list {
			if fields, ok := entry.(map[string]any); ok {
				s[name] = append(s[name], fields)
			}
		}
	}
	return s, nil
}

// sections are the tables of an answer: SUMMARY, DEVS and so on.
type sections map[string][]fields

// first returns the first entry of a section, or nothing.
func (s sections) first(name string) fields {
	if len(s[name]) == 0 {
		return nil
	}
	return s[name][0]
}

type cgminerAnswers struct{ Summary, Devs, Details, Pools, Version sections }

func (a cgminerAnswers) status() miners.Status {
	summary := a.Summary.first("SUMMARY")
	s := miners.Status{
		Version:  a.version(),
		Pool:     a.pool(),
		Hashrate: summary.hashrate(),
		Accepted: summary.count("Accepted"),
		// "Stale" are shares that the program itself threw away; the pool never
		// saw them.
		Rejected: summary.count("Rejected"),
		Invalid:  summary.count("Hardware Errors"),
	}
	if seconds := summary.count("Elapsed"); seconds != nil && *seconds < math.MaxInt32 {
		s.Uptime = time.Duration(*seconds) * time.Second
	}
	for i, device := range a.Devs["DEVS"] {
		var details fields
		if list := a.Details["DEVDETAILS"]; i < len(list) {
			details = list[i]
		}
		s.Devices = append(s.Devices, device.device(i, details))
	}
	return s
}

// version returns the program's version: "sgminer 5.1.1" is 5.1.1.
func (a cgminerAnswers) version() string {
	version := a.Version.first("VERSION")
	for _, text := range []string{
		version.text("Miner"), version.text("SGMiner"), version.text("CGMiner"),
		a.Summary.first("STATUS").text("Description"),
	} {
		if words := strings.Fields(text); len(words) > 0 {
			return words[len(words)-1]
		}
	}
	return ""
}

// pool returns the pool that work comes from: the first that is alive, best one
// with an open stratum connection.
func (a cgminerAnswers) pool() string {
	best := ""
	for _, p := range a.Pools["POOLS"] {
		_, address, found := strings.Cut(p.text("URL"), "://")
		if !found {
			address = p.text("URL")
		}
		if active, _ := p["Stratum Active"].(bool); active {
			return address
		}
		if status := p.text("Status"); best == "" && (status == "" || status == "Alive") {
			best = address
		}
	}
	return best
}

// fields are the values of one entry of a section: strings, numbers, or truths.
type fields map[string]any

func (f fields) text(key string) string {
	s, _ := f[key].(string)
	return s
}

// number returns the number under key, be it written as one or as text.
func (f fields) number(key string) (float64, bool) {
	switch v := f[key].(type) {
	case float64:
		return v, true
	case string:
		n, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		return n, err == nil && !math.IsNaN(n) && !math.IsInf(n, 0)
	}
	return 0, false
}

// count returns the number under key if it is one that counts something.
func (f fields) count(key string) *int64 {
	v, ok := f.number(key)
	if !ok || v < 0 || v > 1<<53 {
		return nil
	}
	n := int64(v)
	return &n
}

// bounded returns the first of keys that makes sense for bound.
func (f fields) bounded(bound func(float64) *float64, keys ...string) *float64 {
	for _, key := range keys {
		if v, ok := f.number(key); ok {
			if p := bound(v); p != nil {
				return p
			}
		}
	}
	return nil
}

// rateKey is the name of a hashrate: its unit, and over how long it is.
var rateKey = regexp.MustCompile(`^([KMGT]?HS) (?:(\d{1,6})([smh])|(rolling)|(av))$`)

// hashrate returns the rate over the shortest time. A rate of nothing does not
// count where the average says otherwise: several programs fill the short times
// late or never.
func (f fields) hashrate() *pow.Hashrate {
	var best *pow.Hashrate
	shortest := math.Inf(1)
	for key := range f {
		m := rateKey.FindStringSubmatch(key)
		v, ok := f.number(key)
		if m == nil || !ok {
			continue
		}
		rate, ok := miners.ParseHashrate(strconv.FormatFloat(v, 'g', -1, 64), strings.TrimSuffix(m[1], "S"))
		if !ok {
			continue
		}
		seconds := window(m)
		if rate == 0 {
			seconds += never
		}
		if seconds < shortest {
			shortest, best = seconds, &rate
		}
	}
	return best
}

// never is longer than any time over which a rate is measured, in seconds.
const never = 1e9

// window returns over how many seconds the rate of a rateKey is.
func window(m []string) float64 {
	n, _ := strconv.ParseFloat(m[2], 64)
	switch {
	case m[4] != "":
		return 30 // shorter than a minute, as far as is known
	case m[5] != "":
		return never / 10
	case m[3] == "m":
		return n * 60
	case m[3] == "h":
		return n * 3600
	}
	return n
}

// device returns the status of the device that is at place in the list.
func (f fields) device(place int, details fields) miners.DeviceStatus {
	d := miners.DeviceStatus{
		Index:        place,
		Name:         details.text("Model"),
		Hashrate:     f.hashrate(),
		TemperatureC: f.bounded(Celsius, "Temperature"),
		FanPercent:   f.bounded(Percent, "Fan Percent"),
		PowerW:       f.bounded(Watts, "GPU Power", "Power"),
		Accepted:     f.count("Accepted"),
		Rejected:     f.count("Rejected"),
	}
	for _, key := range []string{"Name", "Model"} {
		if d.Name == "" {
			d.Name = f.text(key)
		}
	}
	if d.TemperatureC == nil { // cards that only tell their hottest spot
		d.TemperatureC = f.bounded(Celsius, "TemperatureJnct", "TemperatureCore")
	}
	for _, key := range []string{"GPU", "ASC", "PGA", "CPU"} {
		if n := f.count(key); n != nil && *n < maxDevices {
			d.Index = int(*n)
		}
	}
	return d
}

// maxDevices is more than any computer has, threads of processors among them.
const maxDevices = 4096
