package miners_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
)

// letters is a program whose lines are events: "a2" two accepted shares, "r1 why"
// a rejected one, "h5" five hashes a second, "0h5" those of device 0, "d1 name 60"
// a device's name and temperature, "p code" a problem, "c" counts that are nought.
type letters struct{ miners.Driver }

func (letters) Name() string             { return "letters" }
func (letters) NewParser() miners.Parser { return new(lettersParser) }

type lettersParser struct{ said miners.Said }

func (p *lettersParser) Said() miners.Said { return p.said }

func (p *lettersParser) Parse(line string) []miners.Event {
	var n int
	words := strings.Fields(line)
	number := func(s string) int { n, _ = strconv.Atoi(s); return n }
	switch {
	case line == "c":
		p.said.Counts = true
	case line == "t":
		p.said.Threads = true
	case line[0] == 's':
		rate := pow.Hashrate(number(line[1:]))
		p.said.Hashrate = &rate
	case line[0] == 'a':
		return []miners.Event{miners.Accepted{N: int64(number(line[1:]))}}
	case line[0] == 'r':
		return []miners.Event{miners.Rejected{N: int64(number(words[0][1:])), Reason: strings.Join(words[1:], " ")}}
	case line[0] == 'h':
		return []miners.Event{miners.Hashrate{Hashrate: pow.Hashrate(number(line[1:])), Device: miners.Whole}}
	case line[0] == 'd':
		r := miners.DeviceReport{Index: number(words[0][1:]), Name: words[1]}
		if celsius, err := strconv.ParseFloat(words[2], 64); err == nil {
			r.TemperatureC = &celsius
		}
		return []miners.Event{r}
	case line[0] == 'p':
		return []miners.Event{miners.Problem{Code: miners.Code(words[1]), Detail: strings.Join(words[2:], " ")}}
	case line[1] == 'h':
		return []miners.Event{miners.Hashrate{Hashrate: pow.Hashrate(number(line[2:])), Device: number(line[:1])}}
	}
	return nil
}

func TestSummarize(t *testing.T) {
	for _, row := range []struct{ output, want string }{
		{"", `{"miner":"letters","accepted":null,"rejected":null,"last_hashrate_hs":null,"devices":[],"errors":[]}`},
		{"c", `{"miner":"letters","accepted":0,"rejected":0,"last_hashrate_hs":null,"devices":[],"errors":[]}`},
		{"a2\na1\nr1 stale\nr1 stale\r\nr1", `{"miner":"letters","accepted":3,"rejected":3,"last_hashrate_hs":null,"devices":[],"errors":["share-rejected: stale"]}`},
		{"r1", `{"miner":"letters","accepted":0,"rejected":1,"last_hashrate_hs":null,"devices":[],"errors":[]}`},
		{"h5\n0h7\nh6", `{"miner":"letters","accepted":null,"rejected":null,"last_hashrate_hs":6,"devices":[{"index":0,"name":null,"temp_c":null}],"errors":[]}`},
		{"t\n1h5\n0h7\n0h8", `{"miner":"letters","accepted":null,"rejected":null,"last_hashrate_hs":13,"devices":[],"errors":[]}`},
		{"h5\ns7", `{"miner":"letters","accepted":null,"rejected":null,"last_hashrate_hs":7,"devices":[],"errors":[]}`},
		{"1h5\nd1 X 60\nd0 Y -\nd1 X -", `{"miner":"letters","accepted":null,"rejected":null,"last_hashrate_hs":5,"devices":[{"index":0,"name":"Y","temp_c":null},{"index":1,"name":"X","temp_c":60}],"errors":[]}`},
		{"p no-device\np fatal all is lost\np no-device", `{"miner":"letters","accepted":null,"rejected":null,"last_hashrate_hs":null,"devices":[],"errors":["no-device","fatal: all is lost"]}`},
	} {
		s, err := miners.Summarize(letters{}, strings.NewReader(row.output))
		if err != nil {
			t.Errorf("%q: %v", row.output, err)
		}
		if got, _ := json.Marshal(s); string(got) != row.want {
			t.Errorf("%q\n got %s\nwant %s", row.output, got, row.want)
		}
	}
}

func TestSummaryOfAFloodStaysSmall(t *testing.T) {
	var flood strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&flood, "p fatal %d\nd%d X 50\n", i, i)
	}
	s, err := miners.Summarize(letters{}, strings.NewReader(flood.String()))
	if err != nil || len(s.Errors) > 100 || len(s.Devices) > 100 {
		t.Errorf("%d errors, %d devices, %v", len(s.Errors), len(s.Devices), err)
	}
}
