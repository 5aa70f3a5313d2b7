package rigel_test

import (
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/parsetest"
	"github.com/adit-mining/adit/miners/rigel"
)

var cards = parsetest.Cards(miners.NVIDIA)

func TestCommandLine(t *testing.T) {
	parsetest.Commands{
		{
			miners.Plan{Algorithm: "kaspa", URL: "stratum+tcp://pool.example:3333", User: "KEY.rig1", Password: "x", Devices: cards, API: 4001, MaxCelsius: 85, Intensity: 50},
			"-a kheavyhash -o stratum+tcp://pool.example:3333 -u KEY -p x --no-tui --no-watchdog --stats-interval 20 -w rig1 -d 0,2 --api-bind 127.0.0.1:4001 --temp-limit tc[70-85]",
		},
		{
			miners.Plan{Algorithm: "etchash", URL: "stratum+ssl://pool.example:3333", User: "KEY", Password: "x"},
			"-a etchash -o stratum+ssl://pool.example:3333 -u KEY -p x --no-tui --no-watchdog --stats-interval 20",
		},
	}.Check(t, rigel.Driver{})
}

func TestRecordings(t *testing.T) { parsetest.Run(t, rigel.Driver{}, "testdata") }

func FuzzParse(f *testing.F) { parsetest.Fuzz(f, rigel.Driver{}, "testdata") }

func TestPoll(t *testing.T) {
	parsetest.Polls(t, rigel.Driver{}, miners.Plan{Algorithm: "kaspa"}, "/stat", []parsetest.Poll{
		{Name: "one of two cards", Answer: `{"version":"1.23.2","uptime":60,"algorithm":"kheavyhash",
			"devices":[{"id":0,"name":"RTX 3080 Ti","selected":true,"hashrate":{"kheavyhash":861100},"solution_stat":{"kheavyhash":{"accepted":4,"rejected":null,"invalid":0}},
				"monitoring_info":{"core_temperature":51,"memory_temperature":66,"fan_speed":40,"power_usage":134.6}},
				{"id":1,"selected":false}],
			"hashrate":{"kheavyhash":861100},"solution_stat":{"kheavyhash":{"accepted":4,"rejected":1,"invalid":2}},
			"pools":{"kheavyhash":[{"connection_details":{},"url":"stratum+tcp://pool.example:3333"}]}}`,
			Want: `{"Version":"1.23.2","Uptime":60000000000,"Pool":"pool.example:3333","Hashrate":861100,"Accepted":4,"Rejected":1,"Invalid":2,"Paused":false,` +
				`"Devices":[{"Index":0,"Name":"RTX 3080 Ti","PCI":"","Hashrate":861100,"TemperatureC":51,"FanPercent":40,"PowerW":134.6,"Accepted":4,"Rejected":null}]}`},
		{Name: "another algorithm", Answer: `{"hashrate":{"zil":7},"pools":{"kheavyhash":[{"connection_details":{"hostname":"pool.example","port":3333}}]},"devices":[{"monitoring_info":null,"hashrate":[]}]}`,
			Want: `{"Version":"","Uptime":0,"Pool":"pool.example:3333","Hashrate":null,"Accepted":null,"Rejected":null,"Invalid":null,"Paused":false,` +
				`"Devices":[{"Index":0,"Name":"","PCI":"","Hashrate":null,"TemperatureC":null,"FanPercent":null,"PowerW":null,"Accepted":null,"Rejected":null}]}`},
	})
}
