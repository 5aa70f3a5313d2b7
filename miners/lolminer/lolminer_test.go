package lolminer_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/lolminer"
	"github.com/adit-mining/adit/miners/parsetest"
	"github.com/adit-mining/adit/miners/pow"
)

var _ miners.Poller = lolminer.Driver{}

func TestRecordings(t *testing.T) { parsetest.Run(t, lolminer.Driver{}, "testdata") }

func TestEachLineMeansWhatItSays(t *testing.T) {
	accepted := []miners.Event{miners.Accepted{N: 1}}
	for _, row := range []struct {
		line string
		want []miners.Event
	}{
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
		{"GPU 6 is a fine card", nil},
		{"", nil},
	} {
		if got := (lolminer.Driver{}).NewParser().Parse(row.line); !slices.Equal(got, row.want) {
			t.Errorf("%q\n got %#v\nwant %#v", row.line, got, row.want)
		}
	}
}

func TestCommandLine(t *testing.T) {
	p := miners.Plan{
		Algorithm: "beamhash3", URL: "stratum+ssl://127.0.0.1:3333", User: "KEY.rig1", Password: "x", API: 1234, MaxCelsius: 80,
		Devices: []miners.Device{{Vendor: miners.AMD, All: 0, PCI: "0000:0a:00.0"}, {Vendor: miners.NVIDIA, All: 3, PCI: "0000:01:00.0"}},
	}
	const end = " --apihost 127.0.0.1 --apiport 1234 --tstop 80 --tstart 65 --nocolor --watchdog exit --shortstats 10 --longstats 60"
	for devices, cards := range map[string][]miners.Device{
		" --devicesbypcie --devices 10:0,1:0": p.Devices,
		" --devices 0,3":                      {{All: 0}, {All: 3, PCI: "0000:01:00.0"}},
		"":                                    nil,
	} {
		p.Devices = cards
		want := "--algo BEAM-III --pool 127.0.0.1:3333 --user KEY.rig1 --pass x --tls on" + devices + end
		if got := strings.Join(lolminer.Driver{}.Args(p), " "); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	for _, a := range (lolminer.Driver{}).Algorithms() {
		if pow.Canonical(string(a)) != a {
			t.Errorf("%s is not Adit's spelling", a)
		}
	}
}

func ptr[T any](v T) *T { return &v }

func TestPoll(t *testing.T) {
	for _, row := range []struct {
		name, answer string
		want         miners.Status
	}{
		{"since 1.42", `{"Software":"lolMiner 1.98a","Session":{"Startup":1,"Uptime":62},"Num_Workers":1,
			"Workers":[{"Index":3,"Name":"RTX 3070","Power":120.5,"CCLK":1500,"Core_Temp":61,"Juc_Temp":0,"Mem_Temp":80,"Fan_Speed":70,"PCIE_Address":"1:0"}],
			"Num_Algorithms":1,"Algorithms":[{"Algorithm":"Ethash","Pool":"pool.example:4444","Total_Performance":60.5,"Performance_Unit":"Mh/s",
			"Performance_Factor":1000000,"Total_Accepted":5,"Total_Rejected":1,"Total_Stales":2,"Total_Errors":0,
			"Worker_Performance":[60.5],"Worker_Accepted":[5],"Worker_Rejected":[1]}]}`,
			miners.Status{Version: "lolMiner 1.98a", Uptime: 62e9, Pool: "pool.example:4444", Hashrate: ptr(pow.Hashrate(60.5e6)),
				Accepted: ptr(int64(5)), Rejected: ptr(int64(3)), Invalid: ptr(int64(0)),
				Devices: []miners.DeviceStatus{{Index: 3, Name: "RTX 3070", PCI: "1:0", Hashrate: ptr(pow.Hashrate(60.5e6)), TemperatureC: ptr(61.0),
					FanPercent: ptr(70.0), PowerW: ptr(120.5), Accepted: ptr(int64(5)), Rejected: ptr(int64(1))}}}},
		{"before", `{"Software":"lolMiner 1.20","Mining":{"Algorithm":"Ethash"},"Stratum":{"Current_Pool":"pool.example:4444","Average_Latency":30},
			"Session":{"Startup":1,"Uptime":62,"Active_GPUs":1,"Performance_Summary":60.5,"Performance_Unit":"mh/s","Accepted":5,"Submitted":6},
			"GPUs":[{"Index":0,"Name":"RTX 3070","Performance":60.5,"Consumption (W)":120.5,"Fan Speed (%)":70,"Temp (deg C)":0,"Session_Accepted":5,"Session_Submitted":6,"PCIE_Address":"1:0"}]}`,
			miners.Status{Version: "lolMiner 1.20", Uptime: 62e9, Pool: "pool.example:4444", Hashrate: ptr(pow.Hashrate(60.5e6)),
				Accepted: ptr(int64(5)), Rejected: ptr(int64(1)),
				Devices: []miners.DeviceStatus{{Name: "RTX 3070", PCI: "1:0", Hashrate: ptr(pow.Hashrate(60.5e6)),
					FanPercent: ptr(70.0), PowerW: ptr(120.5), Accepted: ptr(int64(5)), Rejected: ptr(int64(1))}}}},
		{"nulls", `{"Workers":[{"Index":null,"Power":null}],"Algorithms":[{"Total_Performance":null,"Performance_Unit":"Mh/s","Worker_Performance":[null]}]}`,
			miners.Status{Devices: []miners.DeviceStatus{{}}}},
		{"short lists", `{"Workers":[{},{}],"Algorithms":[{"Performance_Unit":"g/s","Total_Performance":1,"Worker_Performance":[1]}]}`,
			miners.Status{Hashrate: ptr(pow.Hashrate(1)), Devices: []miners.DeviceStatus{{Hashrate: ptr(pow.Hashrate(1))}, {Index: 1}}}},
		{"nothing", `{}`, miners.Status{}},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(row.answer)) }))
		got, err := lolminer.Driver{}.Poll(t.Context(), miners.Plan{API: server.Listener.Addr().(*net.TCPAddr).Port})
		server.Close()
		if err != nil || !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s: %v\n got %+v\nwant %+v", row.name, err, got, row.want)
		}
	}
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
