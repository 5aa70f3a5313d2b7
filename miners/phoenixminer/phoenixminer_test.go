package phoenixminer_test

import (
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/parsetest"
	"github.com/adit-mining/adit/miners/phoenixminer"
)

var _ miners.Poller = phoenixminer.Driver{}

func TestRecordings(t *testing.T) { parsetest.Run(t, phoenixminer.Driver{}, "testdata") }

func TestEachLineMeansWhatItSays(t *testing.T) {
	parsetest.Lines{
		{"Eth speed: 95.313 MH/s, shares: 1562/3/9, time: 18:48", []miners.Event{miners.Accepted{N: 1562}, miners.Rejected{N: 3}, parsetest.Whole(95.313e6)}},
		{"Eth speed: n/a MH/s, shares: 1/0/0, time: 18:48", []miners.Event{miners.Accepted{N: 1}}},
		{"Eth: Share accepted in 44 ms", []miners.Event{miners.Accepted{N: 1}}},
		{"Eth: Share rejected in 44 ms: Job not found", []miners.Event{miners.Rejected{N: 1, Reason: "Job not found"}}},
		{"DevFee: Share accepted in 44 ms", nil},
		{"Eth: GPU1: ETH share found!", nil},
		{"Eth: Incorrect shares 11 (0.23%), est. stales percentage 0.00%", nil},
		{"Eth: Average speed (5 min): 264.606 MH/s", nil},
		{"GPUs: 1: 55.369 MH/s (1018/11) 12: 54.722 MH/s (988)", []miners.Event{
			miners.Hashrate{Hashrate: 55.369e6, Device: 1}, miners.Hashrate{Hashrate: 54.722e6, Device: 12}}},
		{"Eth: New job #d4cacbcd from pool.example:4444; diff: 4295MH", []miners.Event{
			miners.Job{ID: "d4cacbcd"}, miners.Difficulty{Difficulty: 4295e6 / (1 << 32)}}},
		{"Eth: Connected to ethash pool pool.example:9999 (127.0.0.1)", []miners.Event{miners.Connected{Pool: "pool.example:9999"}}},
		{"Eth: Connecting to ethash pool pool.example:9999 (proto: EthProxy)", nil},
		{"", nil},
	}.Check(t, phoenixminer.Driver{}, "", "2021.06.01:10:00:02.525: eths ")
}

func TestCommandLine(t *testing.T) {
	p := miners.Plan{
		Algorithm: "etchash", URL: "stratum+ssl://127.0.0.1:3333", User: "KEY.rig1", Password: "x", API: 1234, MaxCelsius: 80, Intensity: 70,
		Devices: []miners.Device{{Vendor: miners.AMD, All: 0}, {Vendor: miners.NVIDIA, Index: 0, All: 2}},
	}
	parsetest.Commands{{p, "-pool ssl://127.0.0.1:3333 -wal KEY.rig1 -pass x -coin etc -di 13 -cdm 1 -cdmport 127.0.0.1:1234" +
		" -tstop 80 -tstart 65 -gpow 70 -rmode 0 -log 0 -hstats 2"}}.Check(t, phoenixminer.Driver{})
	p.Devices = append(p.Devices, miners.Device{All: 11})
	if got := strings.Join(phoenixminer.Driver{}.Args(p), " "); !strings.Contains(got, "-di 1,3,12 ") {
		t.Errorf("more than nine cards: %s", got)
	}
}

func FuzzParse(f *testing.F) { parsetest.Fuzz(f, phoenixminer.Driver{}, "testdata") }
