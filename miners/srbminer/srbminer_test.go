package srbminer_test

import (
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/parsetest"
	"github.com/adit-mining/adit/miners/srbminer"
)

var cards = parsetest.Cards(miners.AMD)

func TestCommandLine(t *testing.T) {
	parsetest.Commands{
		{
			miners.Plan{Algorithm: "kas", URL: "stratum+tcp://pool.example:3333", User: "KEY.rig1", Password: "x", Devices: cards, API: 4001, MaxCelsius: 85, Intensity: 50},
			"--algorithm kaspa --pool pool.example:3333 --wallet KEY --password x --tls false --retry-time 5 --disable-worker-watchdog --worker rig1 --api-enable --api-port 4001 --disable-cpu --gpu-id 1,3 --gpu-off-temperature 85,85 --gpu-intensity 15,15",
		},
		{
			miners.Plan{Algorithm: "rx/0", URL: "stratum+ssl://pool.example:3333", User: "KEY", Password: "x", Threads: 4},
			"--algorithm randomx --pool pool.example:3333 --wallet KEY --password x --tls true --retry-time 5 --disable-worker-watchdog --disable-gpu --cpu-threads 4",
		},
	}.Check(t, srbminer.Driver{})
}

func TestRecordings(t *testing.T) { parsetest.Run(t, srbminer.Driver{}, "testdata") }

func FuzzParse(f *testing.F) { parsetest.Fuzz(f, srbminer.Driver{}, "testdata") }

func TestPoll(t *testing.T) {
	parsetest.Polls(t, srbminer.Driver{}, miners.Plan{}, "/", []parsetest.Poll{
		{Name: "cards", Answer: `{"rig_name":"r","miner_version":"2.6.9","mining_time":71,"total_gpu_workers":1,
			"gpu_devices":[{"id":0,"device":"gpu0","model":"nvidia_geforce_rtx_4090","bus_id":3,"temperature":59,"fan_speed_rpm":1398,"asic_power":335},
				{"id":1,"temperature":0,"asic_power":"57"}],
			"algorithms":[{"id":0,"name":"kawpow","hashrate":{"gpu":{"total":77750000.0,"gpu0":46730000.0,"gpu1":null},"1min":7,"cpu":{}},
				"shares":{"total":4,"accepted":3,"rejected":1},"pool":{"pool":"127.0.0.1:3333","difficulty":0.5,"latency":41}}]}`,
			Want: `{"Version":"2.6.9","Uptime":71000000000,"Pool":"127.0.0.1:3333","Hashrate":77750000,"Accepted":3,"Rejected":1,"Invalid":null,"Paused":false,` +
				`"Devices":[{"Index":0,"Name":"nvidia_geforce_rtx_4090","PCI":"","Hashrate":46730000,"TemperatureC":59,"FanPercent":null,"PowerW":335,"Accepted":null,"Rejected":null},` +
				`{"Index":1,"Name":"","PCI":"","Hashrate":null,"TemperatureC":null,"FanPercent":null,"PowerW":57,"Accepted":null,"Rejected":null}]}`},
		{Name: "processor", Answer: `{"mining_time":"5","algorithms":[{"hashrate":{"cpu":{"total":"4407.41","thread0":7}},"shares":{"accepted":null}}]}`,
			Want: `{"Version":"","Uptime":5000000000,"Pool":"","Hashrate":4407.41,"Accepted":null,"Rejected":null,"Invalid":null,"Paused":false,"Devices":null}`},
		{Name: "nothing yet", Answer: `{}`,
			Want: `{"Version":"","Uptime":0,"Pool":"","Hashrate":null,"Accepted":null,"Rejected":null,"Invalid":null,"Paused":false,"Devices":null}`},
	})
}
