package teamredminer_test

import (
	"net"
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/parsetest"
	"github.com/adit-mining/adit/miners/teamredminer"
)

var cards = parsetest.Cards(miners.AMD)

func TestCommandLine(t *testing.T) {
	parsetest.Commands{
		{
			miners.Plan{Algorithm: "kheavyhash", URL: "stratum+tcp://pool.example:3333", User: "KEY.rig1", Password: "x", Devices: cards, API: 4001, MaxCelsius: 85, Intensity: 50},
			"-a kas -o stratum+tcp://pool.example:3333 -u KEY.rig1 -p x --bus_reorder --watchdog_disabled --disable_colors --log_interval=30 -d 0,2 --api_listen=127.0.0.1:4001 --temp_limit=85 --temp_resume=70",
		},
		{
			miners.Plan{Algorithm: "kawpow", URL: "stratum+ssl://pool.example:3333", User: "KEY", Password: "x"},
			"-a kawpow -o stratum+ssl://pool.example:3333 -u KEY -p x --bus_reorder --watchdog_disabled --disable_colors --log_interval=30",
		},
	}.Check(t, teamredminer.Driver{})
}

func TestRecordings(t *testing.T) { parsetest.Run(t, teamredminer.Driver{}, "testdata") }

func FuzzParse(f *testing.F) { parsetest.Fuzz(f, teamredminer.Driver{}, "testdata") }

func TestPoll(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			question := make([]byte, 256)
			n, _ := conn.Read(question)
			answer := `{"STATUS":[{"STATUS":"E","Msg":"no"}]}`
			if strings.Contains(string(question[:n]), "summary") {
				answer = `{"STATUS":[{"STATUS":"S"}],"SUMMARY":[{"Elapsed":930,"MHS 30s":"420.1","MHS av":419.2,"Accepted":7,"Rejected":null}],"id":1}`
			}
			conn.Write([]byte(answer + "\x00"))
			conn.Close()
		}
	}()
	plan := miners.Plan{API: listener.Addr().(*net.TCPAddr).Port}
	status, err := teamredminer.Driver{}.Poll(t.Context(), plan)
	if err != nil || status.Accepted == nil || *status.Accepted != 7 || status.Rejected != nil || status.Hashrate == nil {
		t.Errorf("Poll = %+v, %v", status, err)
	}
	listener.Close()
	if status, err := (teamredminer.Driver{}).Poll(t.Context(), plan); err == nil {
		t.Errorf("Poll = %+v without a program", status)
	}
}
