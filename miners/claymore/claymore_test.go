package claymore_test

import (
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/claymore"
	"github.com/adit-mining/adit/miners/parsetest"
)

var _ miners.Poller = claymore.Driver{}

func TestRecordings(t *testing.T) { parsetest.Run(t, claymore.Driver{}, "testdata") }

func TestEachLineMeansWhatItSays(t *testing.T) {
	parsetest.Lines{
		{"ETH: Share accepted (165 ms)!", []miners.Event{miners.Accepted{N: 1}}},
		{"ETH: Share rejected (37 ms)!", []miners.Event{miners.Rejected{N: 1}}},
		{" DCR: Share accepted (83 ms)!", nil},
		{" DCR - Total Speed: 145.188 Mh/s, Total Shares: 7, Rejected: 3", nil},
		{"ETH - Total Speed: 110.884 Mh/s, Total Shares: 271(78+84+57+57), Rejected: 2, Time: 02:47", []miners.Event{
			miners.Accepted{N: 271}, miners.Rejected{N: 2}, miners.Hashrate{Hashrate: 110.884e6, Device: miners.Whole}}},
		{"17:22:59:067 25e8 ETH: GPU0 24.314 Mh/s, GPU1 24.01 Mh/s", []miners.Event{
			miners.Hashrate{Hashrate: 24.314e6, Device: 0}, miners.Hashrate{Hashrate: 24.01e6, Device: 1}}},
		{"1559:05:45:16:028 2100 ETH: GPU0 29.586 Mh/s, GPU1 off", []miners.Event{miners.Hashrate{Hashrate: 29.586e6, Device: 0}}},
		{"ETH: 06/20/18-18:53:20 - New job from pool.example:8008", []miners.Event{miners.Job{}}},
		{"ETH: 06/20/18-18:53:09 - SHARE FOUND - (GPU 7)", nil},
		{"", nil},
	}.Check(t, claymore.Driver{})
}

func TestCommandLine(t *testing.T) {
	p := miners.Plan{
		Algorithm: "etchash", URL: "stratum+tcp://127.0.0.1:3333", User: "KEY.rig1", Password: "x", API: 1234, MaxCelsius: 80, Intensity: 50,
		Devices: []miners.Device{{Vendor: miners.AMD, All: 0}, {Vendor: miners.NVIDIA, Index: 0, All: 10}},
	}
	parsetest.Commands{{p, "-epool 127.0.0.1:3333 -ewal KEY.rig1 -epsw x -allpools 1 -mode 1 -allcoins etc -di 0a -mport 127.0.0.1:-1234" +
		" -tstop 80 -tstart 65 -ethi 4 -wd 0 -r -1 -dbg -1 -colors 0"}}.Check(t, claymore.Driver{})
}

func FuzzParse(f *testing.F) { parsetest.Fuzz(f, claymore.Driver{}, "testdata") }
