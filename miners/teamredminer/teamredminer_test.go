package teamredminer_test

import (
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/parsetest"
	"github.com/adit-mining/adit/miners/teamredminer"
)

var cards = []miners.Device{
	{Vendor: miners.AMD, Index: 0, All: 1, PCI: "0000:03:00.0"},
	{Vendor: miners.AMD, Index: 2, All: 3, PCI: "0000:0a:00.0"},
}

func TestCommandLine(t *testing.T) {
	for _, row := range []struct {
		plan miners.Plan
		want string
	}{
		{
			miners.Plan{Algorithm: "kheavyhash", URL: "stratum+tcp://pool.example:3333", User: "KEY.rig1", Password: "x", Devices: cards, API: 4001, MaxCelsius: 85, Intensity: 50},
			"-a kas -o stratum+tcp://pool.example:3333 -u KEY.rig1 -p x --bus_reorder --watchdog_disabled --disable_colors --log_interval=30 -d 0,2 --api_listen=127.0.0.1:4001 --temp_limit=85 --temp_resume=70",
		},
		{
			miners.Plan{Algorithm: "kawpow", URL: "stratum+ssl://pool.example:3333", User: "KEY", Password: "x"},
			"-a kawpow -o stratum+ssl://pool.example:3333 -u KEY -p x --bus_reorder --watchdog_disabled --disable_colors --log_interval=30",
		},
	} {
		if got := strings.Join(teamredminer.Driver{}.Args(row.plan), " "); got != row.want {
			t.Errorf("plan %+v\n got %s\nwant %s", row.plan, got, row.want)
		}
	}
}

func TestRecordings(t *testing.T) { parsetest.Run(t, teamredminer.Driver{}, "testdata") }

func FuzzParse(f *testing.F) { parsetest.Fuzz(f, teamredminer.Driver{}, "testdata") }
