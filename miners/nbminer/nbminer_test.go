package nbminer_test

import (
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/nbminer"
	"github.com/adit-mining/adit/miners/parsetest"
)

var cards = parsetest.Cards(miners.NVIDIA)

func TestCommandLine(t *testing.T) {
	parsetest.Commands{
		{
			miners.Plan{Algorithm: "ergo", URL: "stratum+tcp://pool.example:3333", User: "KEY.rig1", Password: "x", Devices: cards, API: 4001, MaxCelsius: 85, Intensity: 50},
			"-a ergo -o stratum+tcp://pool.example:3333 -u KEY.rig1:x --no-watchdog --no-color --platform 1 -d 0,2 --api 127.0.0.1:4001 --temperature-limit 85 --temperature-start 70 -i 50,50",
		},
		{
			miners.Plan{Algorithm: "kawpow", URL: "stratum+ssl://pool.example:3333", User: "KEY", Password: "x", Devices: append([]miners.Device{{Vendor: miners.AMD, All: 0}}, cards...)},
			"-a kawpow -o stratum+ssl://pool.example:3333 -u KEY:x --no-watchdog --no-color -d 0,1,3",
		},
	}.Check(t, nbminer.Driver{})
}

func TestRecordings(t *testing.T) { parsetest.Run(t, nbminer.Driver{}, "testdata") }

func FuzzParse(f *testing.F) { parsetest.Fuzz(f, nbminer.Driver{}, "testdata") }

func TestPoll(t *testing.T) {
	parsetest.Polls(t, nbminer.Driver{}, miners.Plan{}, "/api/v1/status", []parsetest.Poll{
		{Name: "a card", Answer: `{"miner":{"devices":[{"id":0,"info":"GeForce GTX 1080 Ti","hashrate":"61.02 M","hashrate_raw":61020000,"temperature":65,"fan":36,"power":182,
			"accepted_shares":99,"rejected_shares":1,"invalid_shares":0,"pci_bus_id":8}],"total_hashrate":"61.02 M","total_hashrate_raw":61020000.5},
			"stratum":{"accepted_shares":99,"rejected_shares":"1","url":"pool.example:3333","latency":65},"start_time":0,"version":"v42.3"}`,
			Want: `{"Version":"v42.3","Uptime":0,"Pool":"pool.example:3333","Hashrate":61020000.5,"Accepted":99,"Rejected":1,"Invalid":null,"Paused":false,` +
				`"Devices":[{"Index":0,"Name":"GeForce GTX 1080 Ti","PCI":"8","Hashrate":61020000,"TemperatureC":65,"FanPercent":36,"PowerW":182,"Accepted":99,"Rejected":1}]}`},
		{Name: "an old one", Answer: `{"miner":{"devices":[{"hashrate":1499,"temperature":-1}],"total_hashrate":1499},"start_time":4102444800}`,
			Want: `{"Version":"","Uptime":0,"Pool":"","Hashrate":1499,"Accepted":null,"Rejected":null,"Invalid":null,"Paused":false,` +
				`"Devices":[{"Index":0,"Name":"","PCI":"","Hashrate":1499,"TemperatureC":null,"FanPercent":null,"PowerW":null,"Accepted":null,"Rejected":null}]}`},
	})
}
