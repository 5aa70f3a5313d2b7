package ethminer_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/ethminer"
	"github.com/adit-mining/adit/miners/parsetest"
	"github.com/adit-mining/adit/miners/pow"
)

var (
	_ miners.Poller = ethminer.Driver{}
	_ miners.Poller = ethminer.Kawpowminer{}
)

func TestRecordings(t *testing.T) { parsetest.Run(t, ethminer.Driver{}, "testdata") }

func TestEachLineMeansWhatItSays(t *testing.T) {
	whole := func(r pow.Hashrate) miners.Event { return miners.Hashrate{Hashrate: r, Device: miners.Whole} }
	for _, row := range []struct {
		line string
		want []miners.Event
	}{
		{"**Accepted  32 ms. pool.example [127.0.0.1:1]", []miners.Event{miners.Accepted{N: 1}}},
		{"**Accepted stale", []miners.Event{miners.Accepted{N: 1}}},
		{"**Rejected  32 ms. pool.example [127.0.0.1:1]", []miners.Event{miners.Rejected{N: 1}}},
		{"Reject reason : Job not found", []miners.Event{miners.Problem{Code: miners.CodeShareRejected, Detail: "Job not found"}}},
		{"0:04 A4:R1:F0 42.71 Mh - cu0 21.40, cu1 21.31", []miners.Event{miners.Accepted{N: 4}, miners.Rejected{N: 1},
			miners.Hashrate{Hashrate: 21.40e6, Device: 0}, miners.Hashrate{Hashrate: 21.31e6, Device: 1}, whole(42.71e6)}},
		{"Speed 42.71 Mh/s gpu0 42.71 [A4+2:R1+1:F9] Time: 00:04", []miners.Event{miners.Accepted{N: 6}, miners.Rejected{N: 2},
			miners.Hashrate{Hashrate: 42.71e6, Device: 0}, whole(42.71e6)}},
		{"Solutions A517+1:R69 gpu0:A517+1:R69", []miners.Event{miners.Accepted{N: 518}, miners.Rejected{N: 69}}},
		{"Job: aa1a5be4… block 397796 pool.example [127.0.0.1:1]", []miners.Event{miners.Job{ID: "aa1a5be4", Height: 397796}}},
		{"Job: aa1a5be4... Sol: 0x084012223ef64597", nil},
		{"Epoch : 1 Difficulty : 4.29 Gh", []miners.Event{miners.Difficulty{Difficulty: 4.29e9 / (1 << 32)}}},
		{"Negotiation of EthereumStratum/2.0.0 failed. Trying another ...", nil},
		{"Solution 0x0123 wasted. Waiting for connection...", nil},
		{"not-connected", nil},
		{"", nil},
	} {
		for _, prefix := range []string{"", " m 10:00:49 main     ", "  ℹ  02:22:24|stratum |  "} {
			if got := (ethminer.Driver{}).NewParser().Parse(prefix + row.line); !slices.Equal(got, row.want) {
				t.Errorf("%q\n got %#v\nwant %#v", prefix+row.line, got, row.want)
			}
		}
	}
}

func TestCommandLine(t *testing.T) {
	nvidia := []miners.Device{{Vendor: miners.NVIDIA, Index: 0, All: 1}, {Vendor: miners.NVIDIA, Index: 2, All: 3}}
	amd := []miners.Device{{Vendor: miners.AMD, Index: 1, All: 0}}
	const end = " --api-bind 127.0.0.1:-1234 --HWMON 2 --nocolor --display-interval 10 --tstop 80 --tstart 65"
	for _, row := range []struct {
		url, user, password string
		devices             []miners.Device
		want                string
	}{
		{"stratum+tcp://127.0.0.1:3333", "KEY.rig1", "x", nvidia, "-U --cuda-devices 0 2 -P stratum://KEY.rig1:x@127.0.0.1:3333"},
		{"stratum+ssl://127.0.0.1:3333", "KEY.rig1", "", amd, "-G --opencl-devices 1 -P stratums://KEY.rig1@127.0.0.1:3333"},
		{"stratum+tcp://127.0.0.1:3333", "me@home/x", "a:b +", append(amd, nvidia...),
			"--cuda-devices 0 2 --opencl-devices 1 -P stratum://me%40home%2Fx:a%3Ab%20%2B@127.0.0.1:3333"},
	} {
		p := miners.Plan{URL: row.url, User: row.user, Password: row.password, API: 1234, MaxCelsius: 80, Devices: row.devices}
		if got := strings.Join(ethminer.Driver{}.Args(p), " "); got != row.want+end {
			t.Errorf("got  %s\nwant %s", got, row.want+end)
		}
	}
}

func FuzzParse(f *testing.F) { parsetest.Fuzz(f, ethminer.Driver{}, "testdata") }
