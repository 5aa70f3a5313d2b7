package bzminer_test

import (
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/bzminer"
	"github.com/adit-mining/adit/miners/parsetest"
)

var cards = parsetest.Cards(miners.NVIDIA)

func TestCommandLine(t *testing.T) {
	parsetest.Commands{
		{
			miners.Plan{Algorithm: "kawpow", URL: "stratum+tcp://pool.example:3333", User: "KEY.rig1", Password: "x", Devices: cards, API: 4001, MaxCelsius: 85, Intensity: 50},
			"-a rvn -p stratum+tcp://pool.example:3333 -w KEY --pool_password x --nc 1 --no_watchdog --hide_disabled_devices --clear_log_file 1 -r rig1 --http_enabled 1 --http_address 127.0.0.1 --http_port 4001 --enable 3:0 10:0 --temp_stop 85 --temp_start 70 -i 32",
		},
		{
			miners.Plan{Algorithm: "autolykos2", URL: "stratum+ssl://pool.example:3333", User: "KEY", Password: "x"},
			"-a ergo -p stratum+ssl://pool.example:3333 -w KEY --pool_password x --nc 1 --no_watchdog --hide_disabled_devices --clear_log_file 1 --http_enabled 0",
		},
	}.Check(t, bzminer.Driver{})
}

func TestRecordings(t *testing.T) { parsetest.Run(t, bzminer.Driver{}, "testdata") }

func FuzzParse(f *testing.F) { parsetest.Fuzz(f, bzminer.Driver{}, "testdata") }

func TestPoll(t *testing.T) {
	parsetest.Polls(t, bzminer.Driver{}, miners.Plan{}, "/status", []parsetest.Poll{
		{Name: "a card that mines and one that does not", Answer: `{"method":"fullstatus","bzminer_version":"v24.0.2","uptime_s":90,
			"pools":[{"id":0,"algorithm":"rvn","current_url":"stratum+tcp://pool.example:3333","valid_solutions":7,"rejected_solutions":1,"stale_solutions":0}],
			"devices":[{"device_id":"10:0","name":"RTX 3080","hashrate":[98200000,0],"status":[3,0],"core_temp":61,"fan":70,"power":220.5},
				{"device_id":"22:0","hashrate":[5],"status":[1],"core_temp":0}]}`,
			Want: `{"Version":"v24.0.2","Uptime":90000000000,"Pool":"pool.example:3333","Hashrate":98200000,"Accepted":7,"Rejected":1,"Invalid":null,"Paused":false,` +
				`"Devices":[{"Index":10,"Name":"RTX 3080","PCI":"10:0","Hashrate":98200000,"TemperatureC":61,"FanPercent":70,"PowerW":220.5,"Accepted":null,"Rejected":null},` +
				`{"Index":22,"Name":"","PCI":"22:0","Hashrate":null,"TemperatureC":null,"FanPercent":null,"PowerW":null,"Accepted":null,"Rejected":null}]}`},
		{Name: "numbers as text", Answer: `{"devices":[{"device_id":3,"hashrate":"12.5","valid_solutions":["2"]}]}`,
			Want: `{"Version":"","Uptime":0,"Pool":"","Hashrate":12.5,"Accepted":null,"Rejected":null,"Invalid":null,"Paused":false,` +
				`"Devices":[{"Index":3,"Name":"","PCI":"","Hashrate":12.5,"TemperatureC":null,"FanPercent":null,"PowerW":null,"Accepted":2,"Rejected":null}]}`},
	})
}
