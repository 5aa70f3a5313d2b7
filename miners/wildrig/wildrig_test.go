package wildrig_test

import (
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/parsetest"
	"github.com/adit-mining/adit/miners/wildrig"
)

var cards = parsetest.Cards(miners.AMD)

func TestCommandLine(t *testing.T) {
	parsetest.Commands{
		{
			miners.Plan{Algorithm: "lyra2v3", URL: "stratum+tcp://pool.example:3333", User: "KEY.rig1", Password: "x", Devices: cards, API: 4001, MaxCelsius: 85, Intensity: 50},
			"--algo lyra2v3 --url stratum+tcp://pool.example:3333 --user KEY.rig1 --pass x --no-color --print-full --print-time 30 --multiple-instance --opencl-platforms amd --opencl-devices 0,2 --api-port 4001 --gpu-temp-limit 85 --gpu-temp-resume 70",
		},
		{
			miners.Plan{Algorithm: "gr", URL: "stratum+ssl://pool.example:3333", User: "KEY", Password: "x"},
			"--algo ghostrider --url stratum+tcps://pool.example:3333 --user KEY --pass x --no-color --print-full --print-time 30 --multiple-instance",
		},
	}.Check(t, wildrig.Driver{})
}

func TestRecordings(t *testing.T) { parsetest.Run(t, wildrig.Driver{}, "testdata") }

func FuzzParse(f *testing.F) { parsetest.Fuzz(f, wildrig.Driver{}, "testdata") }

func TestPoll(t *testing.T) {
	parsetest.Polls(t, wildrig.Driver{}, miners.Plan{}, "/", []parsetest.Poll{
		{Name: "a card", Answer: `{"version":"0.42.2","uptime":370,"hashrate":{"total":[12500.5,null,null],"threads":[[12500.5,null,null]]},
			"results":{"diff_current":1,"shares_good":5,"shares_total":6},"connection":{"pool":"pool.example:4444"},"hwmon":[{"temp":61,"fan":40,"power":180}]}`,
			Want: `{"Version":"0.42.2","Uptime":370000000000,"Pool":"pool.example:4444","Hashrate":12500.5,"Accepted":5,"Rejected":1,"Invalid":null,"Paused":false,` +
				`"Devices":[{"Index":0,"Name":"","PCI":"","Hashrate":12500.5,"TemperatureC":61,"FanPercent":40,"PowerW":180,"Accepted":null,"Rejected":null}]}`},
	})
}
