package gminer_test

import (
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/gminer"
	"github.com/adit-mining/adit/miners/parsetest"
)

var cards = parsetest.Cards(miners.NVIDIA)

func TestCommandLine(t *testing.T) {
	parsetest.Commands{
		{
			miners.Plan{Algorithm: "kawpow", URL: "stratum+tcp://pool.example:3333", User: "KEY.rig1", Password: "x", Devices: cards, API: 4001, MaxCelsius: 85, Intensity: 50},
			"--algo kawpow --server pool.example --port 3333 --user KEY.rig1 --pass x --ssl 0 --watchdog 0 --color 0 --report_interval 30 --api 127.0.0.1:4001 --opencl 0 --devices 0 2 --templimit 85 85 --intensity 50 50",
		},
		{
			miners.Plan{Algorithm: "equihash/144,5", URL: "stratum+ssl://pool.example:3333", User: "KEY", Password: "x", Devices: append([]miners.Device{{Vendor: miners.AMD, All: 0}}, cards...)},
			"--algo equihash144_5 --server pool.example --port 3333 --user KEY --pass x --ssl 1 --watchdog 0 --color 0 --report_interval 30 --devices 0 1 3",
		},
	}.Check(t, gminer.Driver{})
}

func TestRecordings(t *testing.T) { parsetest.Run(t, gminer.Driver{}, "testdata") }

func FuzzParse(f *testing.F) { parsetest.Fuzz(f, gminer.Driver{}, "testdata") }

func TestPoll(t *testing.T) {
	parsetest.Polls(t, gminer.Driver{}, miners.Plan{}, "/stat", []parsetest.Poll{
		{Name: "two cards", Answer: `{"miner":"GMiner 2.90","uptime":5601,"server":"pool.example:4444","user":"KEY","algorithm":"Ethash","pool_speed":170266071,
			"total_accepted_shares":222,"total_rejected_shares":1,"total_stale_shares":2,"total_invalid_shares":0,"speed_unit":"H/s",
			"devices":[{"gpu_id":0,"bus_id":"0000:08:00.0","name":"3080","speed":94311600,"accepted_shares":5,"rejected_shares":0,"temperature":51,"fan":95,"power_usage":229},
				{"gpu_id":1,"speed":null,"temperature":0,"fan":"n/a","power_usage":0}]}`,
			Want: `{"Version":"GMiner 2.90","Uptime":5601000000000,"Pool":"pool.example:4444","Hashrate":94311600,"Accepted":222,"Rejected":3,"Invalid":0,"Paused":false,` +
				`"Devices":[{"Index":0,"Name":"3080","PCI":"0000:08:00.0","Hashrate":94311600,"TemperatureC":51,"FanPercent":95,"PowerW":229,"Accepted":5,"Rejected":0},` +
				`{"Index":1,"Name":"","PCI":"","Hashrate":null,"TemperatureC":null,"FanPercent":null,"PowerW":null,"Accepted":null,"Rejected":null}]}`},
		{Name: "nothing yet", Answer: `{"devices":null}`,
			Want: `{"Version":"","Uptime":0,"Pool":"","Hashrate":null,"Accepted":null,"Rejected":null,"Invalid":null,"Paused":false,"Devices":null}`},
	})
}
