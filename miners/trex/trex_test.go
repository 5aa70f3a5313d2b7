package trex_test

import (
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/parsetest"
	"github.com/adit-mining/adit/miners/trex"
)

// stamp is what T-Rex puts before each line.
const stamp = "20210224 01:00:27 "

func TestRecordings(t *testing.T) { parsetest.Run(t, trex.Driver{}, "testdata") }

func TestEachLineMeansWhatItSays(t *testing.T) {
	parsetest.Lines{
		{"[ OK ] 12/14 - 53.64 MH/s, 31ms ... GPU #0", []miners.Event{miners.Accepted{N: 12}, miners.Rejected{N: 2}, parsetest.Whole(53.64e6)}},
		{"[ OK ] 4/4 - 176.24 MH/s, 2ms", []miners.Event{miners.Accepted{N: 4}, parsetest.Whole(176.24e6)}},
		{"[ OK ] 4/4 - n/a, 2ms", []miners.Event{miners.Accepted{N: 4}}},
		{"[ OK ] 5/4 - 1 MH/s, 2ms", nil},
		{"[FAIL] 12/13 - Job not found, 45ms ... GPU #2", []miners.Event{miners.Accepted{N: 12}, miners.Rejected{N: 1, Reason: "Job not found"}}},
		{"[FAIL] 12/13 - Job not found", []miners.Event{miners.Accepted{N: 12}, miners.Rejected{N: 1, Reason: "Job not found"}}},
		{"Hashrate: 267.76 MH/s, Shares/min: 1.392 (Avr. 1.473)", []miners.Event{parsetest.Whole(267.76e6)}},
		{"kawpow epoch: 69, block: 89819, period: 89819, diff: 4.29 G", []miners.Event{miners.Job{Height: 89819}, miners.Difficulty{Difficulty: 4.29e9 / (1 << 32)}}},
		{"127.0.0.1:3032 asks job 44 for block 20839", []miners.Event{miners.Job{ID: "44", Height: 20839}}},
		{"[ OK ] 1/1 - 4.00 H/s, 31ms ... GPU #0        20210209 22:37:42 [ OK ] 2/2 - 5.00 H/s, 31ms ... GPU #0      20210209 22:37:42 ",
			[]miners.Event{miners.Accepted{N: 1}, parsetest.Whole(4), miners.Accepted{N: 1}, parsetest.Whole(5)}},
		{"WARN: DevFee 1% (ethash)", nil},
		{"GPU #0: DAG generated [crc: 49759add, time: 9055 ms], memory left: 2.53 GB", nil},
		{"", nil},
	}.Check(t, trex.Driver{}, stamp)
}

func TestCommandLine(t *testing.T) {
	p := miners.Plan{
		Algorithm: "etchash", URL: "stratum+ssl://127.0.0.1:3333", User: "KEY.rig1", Password: "x", API: 1234, MaxCelsius: 80, Intensity: 50,
		Devices: []miners.Device{{Vendor: miners.AMD, Index: 0}, {Vendor: miners.NVIDIA, Index: 0, All: 1}, {Vendor: miners.NVIDIA, Index: 2, All: 3}},
	}
	parsetest.Commands{{p, "-a etchash -o stratum+ssl://127.0.0.1:3333 -u KEY.rig1 -p x -d 0,2 --api-bind-http 127.0.0.1:1234 --api-read-only" +
		" --temperature-limit 80 --temperature-start 65 -i 15 --no-watchdog --no-color --gpu-report-interval 30"}}.Check(t, trex.Driver{})
}

func TestPoll(t *testing.T) {
	parsetest.Polls(t, trex.Driver{}, miners.Plan{}, "/summary", []parsetest.Poll{
		{Name: "whole", Answer: `{"version":"0.26.8","uptime":62,"hashrate":53640000,"accepted_count":12,"rejected_count":1,"invalid_count":0,"paused":false,
			"active_pool":{"url":"stratum+tcp://pool.example:4444","difficulty":"4.00 G","ping":31},
			"gpus":[{"device_id":1,"gpu_id":0,"name":"RTX 3070","vendor":"EVGA","temperature":62,"fan_speed":97,"power":215,"hashrate":53640000,
				"shares":{"accepted_count":12,"rejected_count":1,"invalid_count":0}}]}`,
			Want: `{"Version":"0.26.8","Uptime":62000000000,"Pool":"stratum+tcp://pool.example:4444","Hashrate":53640000,"Accepted":12,"Rejected":1,"Invalid":0,"Paused":false,` +
				`"Devices":[{"Index":1,"Name":"EVGA RTX 3070","PCI":"","Hashrate":53640000,"TemperatureC":62,"FanPercent":97,"PowerW":215,"Accepted":12,"Rejected":1}]}`},
		{Name: "nulls", Answer: `{"hashrate":null,"accepted_count":null,"active_pool":null,"gpus":[{"device_id":null,"temperature":0,"power":-nan,"shares":null}]}`,
			Want: `{"Version":"","Uptime":0,"Pool":"","Hashrate":null,"Accepted":null,"Rejected":null,"Invalid":null,"Paused":false,` +
				`"Devices":[{"Index":0,"Name":"","PCI":"","Hashrate":null,"TemperatureC":null,"FanPercent":null,"PowerW":null,"Accepted":null,"Rejected":null}]}`},
		{Name: "nothing", Answer: `{}`,
			Want: `{"Version":"","Uptime":0,"Pool":"","Hashrate":null,"Accepted":null,"Rejected":null,"Invalid":null,"Paused":false,"Devices":null}`},
	})
}

func FuzzParse(f *testing.F) { parsetest.Fuzz(f, trex.Driver{}, "testdata") }

func FuzzPoll(f *testing.F) {
	f.Add([]byte(`{"hashrate":1,"gpus":[{"device_id":1,"temperature":-nan}]}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		s, err := trex.Read(answer)
		if err == nil {
			parsetest.Status(t, s)
		}
	})
}

var _ miners.Poller = trex.Driver{}
