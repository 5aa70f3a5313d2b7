package lolminer_test

import (
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/lolminer"
	"github.com/adit-mining/adit/miners/parsetest"
)

var _ miners.Poller = lolminer.Driver{}

func TestRecordings(t *testing.T) { parsetest.Run(t, lolminer.Driver{}, "testdata") }

func TestEachLineMeansWhatItSays(t *testing.T) {
	accepted := []miners.Event{miners.Accepted{N: 1}}
	parsetest.Lines{
		{"GPU 0: Share accepted", accepted},
		{"15:44:34 GPU 0: Share accepted (43 ms)", accepted},
		{"Share accepted (18 ms)", accepted},
		{"GPU 979: Share is stale (0 ms)", []miners.Event{miners.Rejected{N: 1, Reason: "stale"}}},
		{"GPU 3: Share rejected: Low difficulty (20 ms)", []miners.Event{miners.Rejected{N: 1, Reason: "Low difficulty"}}},
		{"GPU 3: Found a share of difficulty 126.12G", nil},
		{"Average speed (15s): 93.37 MH/s", []miners.Event{miners.Hashrate{Hashrate: 93.37e6, Device: miners.Whole}}},
		{"15:44:34 Average speed (30s): 53.65 mh/s", []miners.Event{miners.Hashrate{Hashrate: 53.65e6, Device: miners.Whole}}},
		{"Average speed (10s): 32.44mh/s | 67.92mh/s Total: 100.36 mh/s", []miners.Event{miners.Hashrate{Hashrate: 100.36e6, Device: miners.Whole}}},
		{"New job received: 1747 Epoch: 9 Difficulty: 4.29G", []miners.Event{miners.Job{ID: "1747"}, miners.Difficulty{Difficulty: 4.29e9 / (1 << 32)}}},
		{"New job received: 0x340015 Epoch: 399 Target: 0000000112e0be82", []miners.Event{miners.Job{ID: "0x340015"}}},
		{"New target received: 0000000080008000 (Diff 1.5)", []miners.Event{miners.Difficulty{Difficulty: 1.5}}},
		{"Connected to pool.example(127.0.0.1):1177  (TLS enabled)", []miners.Event{miners.Connected{Pool: "pool.example:1177"}}},
		{"Authorized worker: KEY.rig1", nil},
		{"Lost connection to stratum server pool.example:1 or server not reachable.", []miners.Event{miners.Disconnected{
			Code: miners.CodeDisconnected, Reason: "Lost connection to stratum server pool.example:1 or server not reachable."}}},
		{"GPU 6 is a fine card", nil},
		{"", nil},
	}.Check(t, lolminer.Driver{})
}

func TestCommandLine(t *testing.T) {
	p := miners.Plan{
		Algorithm: "beamhash3", URL: "stratum+ssl://127.0.0.1:3333", User: "KEY.rig1", Password: "x", API: 1234, MaxCelsius: 80,
		Devices: []miners.Device{{Vendor: miners.AMD, All: 0, PCI: "0000:0a:00.0"}, {Vendor: miners.NVIDIA, All: 3, PCI: "0000:01:00.0"}},
	}
	const begin = "--algo BEAM-III --pool 127.0.0.1:3333 --user KEY.rig1 --pass x --tls on"
	const end = " --apihost 127.0.0.1 --apiport 1234 --tstop 80 --tstart 65 --nocolor --watchdog exit --shortstats 10 --longstats 60"
	whole, unknown := p, p
	whole.Devices, unknown.Devices = nil, []miners.Device{{All: 0}, {All: 3, PCI: "0000:01:00.0"}}
	parsetest.Commands{
		{p, begin + " --devicesbypcie --devices 10:0,1:0" + end},
		{unknown, begin + " --devices 0,3" + end},
		{whole, begin + end},
	}.Check(t, lolminer.Driver{})
}

func TestPoll(t *testing.T) {
	parsetest.Polls(t, lolminer.Driver{}, miners.Plan{}, "/", []parsetest.Poll{
		{Name: "since 1.42", Answer: `{"Software":"lolMiner 1.98a","Session":{"Startup":1,"Uptime":62},"Num_Workers":1,
			"Workers":[{"Index":3,"Name":"RTX 3070","Power":120.5,"CCLK":1500,"Core_Temp":61,"Juc_Temp":0,"Mem_Temp":80,"Fan_Speed":70,"PCIE_Address":"1:0"}],
			"Num_Algorithms":1,"Algorithms":[{"Algorithm":"Ethash","Pool":"pool.example:4444","Total_Performance":60.5,"Performance_Unit":"Mh/s",
			"Performance_Factor":1000000,"Total_Accepted":5,"Total_Rejected":1,"Total_Stales":2,"Total_Errors":0,
			"Worker_Performance":[60.5],"Worker_Accepted":[5],"Worker_Rejected":[1]}]}`,
			Want: `{"Version":"lolMiner 1.98a","Uptime":62000000000,"Pool":"pool.example:4444","Hashrate":60500000,"Accepted":5,"Rejected":3,"Invalid":0,"Paused":false,` +
				`"Devices":[{"Index":3,"Name":"RTX 3070","PCI":"1:0","Hashrate":60500000,"TemperatureC":61,"FanPercent":70,"PowerW":120.5,"Accepted":5,"Rejected":1}]}`},
		{Name: "before", Answer: `{"Software":"lolMiner 1.20","Mining":{"Algorithm":"Ethash"},"Stratum":{"Current_Pool":"pool.example:4444","Average_Latency":30},
			"Session":{"Startup":1,"Uptime":62,"Active_GPUs":1,"Performance_Summary":60.5,"Performance_Unit":"mh/s","Accepted":5,"Submitted":6},
			"GPUs":[{"Index":0,"Name":"RTX 3070","Performance":60.5,"Consumption (W)":120.5,"Fan Speed (%)":70,"Temp (deg C)":0,"Session_Accepted":5,"Session_Submitted":6,"PCIE_Address":"1:0"}]}`,
			Want: `{"Version":"lolMiner 1.20","Uptime":62000000000,"Pool":"pool.example:4444","Hashrate":60500000,"Accepted":5,"Rejected":1,"Invalid":null,"Paused":false,` +
				`"Devices":[{"Index":0,"Name":"RTX 3070","PCI":"1:0","Hashrate":60500000,"TemperatureC":null,"FanPercent":70,"PowerW":120.5,"Accepted":5,"Rejected":1}]}`},
		{Name: "nulls", Answer: `{"Workers":[{"Index":null,"Power":null}],"Algorithms":[{"Total_Performance":null,"Performance_Unit":"Mh/s","Worker_Performance":[null]}]}`,
			Want: `{"Version":"","Uptime":0,"Pool":"","Hashrate":null,"Accepted":null,"Rejected":null,"Invalid":null,"Paused":false,` +
				`"Devices":[{"Index":0,"Name":"","PCI":"","Hashrate":null,"TemperatureC":null,"FanPercent":null,"PowerW":null,"Accepted":null,"Rejected":null}]}`},
		{Name: "short lists", Answer: `{"Workers":[{},{}],"Algorithms":[{"Performance_Unit":"g/s","Total_Performance":1,"Worker_Performance":[1]}]}`,
			Want: `{"Version":"","Uptime":0,"Pool":"","Hashrate":1,"Accepted":null,"Rejected":null,"Invalid":null,"Paused":false,` +
				`"Devices":[{"Index":0,"Name":"","PCI":"","Hashrate":1,"TemperatureC":null,"FanPercent":null,"PowerW":null,"Accepted":null,"Rejected":null},{"Index":1,"Name":"","PCI":"","Hashrate":null,"TemperatureC":null,"FanPercent":null,"PowerW":null,"Accepted":null,"Rejected":null}]}`},
		{Name: "nothing", Answer: `{}`,
			Want: `{"Version":"","Uptime":0,"Pool":"","Hashrate":null,"Accepted":null,"Rejected":null,"Invalid":null,"Paused":false,` +
				`"Devices":null}`},
	})
}

func FuzzParse(f *testing.F) { parsetest.Fuzz(f, lolminer.Driver{}, "testdata") }

func FuzzPoll(f *testing.F) {
	f.Add([]byte(`{"Workers":[{"Index":1}],"Algorithms":[{"Total_Performance":1,"Performance_Factor":1e6,"Worker_Performance":[null]}]}`))
	f.Add([]byte(`{"Session":{"Performance_Summary":1,"Performance_Unit":"mh/s"},"GPUs":[{"Index":0}]}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		if s, err := lolminer.Read(answer); err == nil {
			parsetest.Status(t, s)
		}
	})
}
