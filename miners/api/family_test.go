package api_test

import (
	"context"
	"io"
	"net"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/pow"
)

// program listens like a mining program's interface: it answers each connection's
// request with what answers has for it and closes. It returns the port.
func program(t testing.TB, answers map[string]string) int {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			request := make([]byte, 256)
			n, _ := conn.Read(request)
			io.WriteString(conn, answers[string(request[:n])])
			conn.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-served })
	return l.Addr().(*net.TCPAddr).Port
}

func ptr[T any](v T) *T { return &v }

const ok = `"STATUS":[{"STATUS":"S","When":1700000000,"Code":11,"Msg":"Summary","Description":"sgminer 5.1.1"}],`

func TestCgminer(t *testing.T) {
	for _, row := range []struct {
		name    string
		answers map[string]string
		want    miners.Status
	}{
		{"sgminer with a card", map[string]string{
			"summary": `{` + ok + `"SUMMARY":[{"Elapsed":43,"MHS av":0.402,"MHS 5s":0.4113,"KHS av":402,"KHS 5s":411.3,"Accepted":7,"Rejected":2,"Hardware Errors":1,"Stale":4,"Difficulty Accepted":7168.00000000}],"id":1}` + "\x00",
			"devs": `{` + ok + `"DEVS":[{"GPU":0,"Enabled":"Y","Status":"Alive","Temperature":71.00,"Fan Speed":2891,"Fan Percent":62,"GPU Clock":1150,"KHS av":402,"KHS 5s":411.3,"Accepted":7,"Rejected":2}],"id":1}` +
				"\x00",
			"devdetails": `{` + ok + `"DEVDETAILS":[{"DEVDETAILS":0,"Name":"GPU","ID":0,"Driver":"opencl","Model":"Hawaii"}],"id":1}` + "\x00",
			"pools": `{` + ok + `"POOLS":[{"POOL":0,"URL":"stratum+tcp://dead.example:1","Status":"Dead","Stratum Active":false},` +
				`{"POOL":1,"URL":"stratum+tcp://pool.example:3333","Status":"Alive","Stratum Active":true}],"id":1}` + "\x00",
			"version": `{` + ok + `"VERSION":[{"Miner":"sgminer 5.1.1","CGMiner":"5.1.1","API":"4.0"}],"id":1}` + "\x00",
		}, miners.Status{
			Version: "5.1.1", Uptime: 43 * time.Second, Pool: "pool.example:3333", Hashrate: ptr(pow.Hashrate(411300)),
			Accepted: ptr(int64(7)), Rejected: ptr(int64(2)), Invalid: ptr(int64(1)),
			Devices: []miners.DeviceStatus{{Index: 0, Name: "Hawaii", Hashrate: ptr(pow.Hashrate(411300)),
				TemperatureC: ptr(71.0), FanPercent: ptr(62.0), Accepted: ptr(int64(7)), Rejected: ptr(int64(2))}},
		}},
		{"strings for numbers, no sensor, and no short rate", map[string]string{
			"summary": `{"SUMMARY":[{"Elapsed":"9","GHS 5s":"0","GHS av":"13500.25","Accepted":"3","Rejected":"0"}]}`,
			"devs":    `{"DEVS":[{"ASC":2,"Name":"BTM","Temperature":0.00,"GHS 5s":-nan,"GHS av":"13500.25"}]}`,
		}, miners.Status{
			Uptime: 9 * time.Second, Hashrate: ptr(pow.Hashrate(13500.25e9)), Accepted: ptr(int64(3)), Rejected: ptr(int64(0)),
			Devices: []miners.DeviceStatus{{Index: 2, Name: "BTM", Hashrate: ptr(pow.Hashrate(13500.25e9))}},
		}},
		{"power and the hottest spot", map[string]string{
			"summary": `{` + ok + `"SUMMARY":[{"KHS 30s":402200,"KHS av":399000,"Accepted":21,"Rejected":1,"Stale":0}]}`,
			"devs":    `{` + ok + `"DEVS":[{"GPU":0,"TemperatureJnct":81.0,"Fan Percent":-1,"GPU Power":130.0,"KHS 30s":402200}]}`,
		}, miners.Status{
			Version: "5.1.1", Hashrate: ptr(pow.Hashrate(402.2e6)), Accepted: ptr(int64(21)), Rejected: ptr(int64(1)),
			Devices: []miners.DeviceStatus{{Index: 0, Hashrate: ptr(pow.Hashrate(402.2e6)), TemperatureC: ptr(81.0), PowerW: ptr(130.0)}},
		}},
		{"numbers that cannot be", map[string]string{
			"summary": `{"SUMMARY":[{"Elapsed":1e300,"MHS av":-1,"Accepted":-4,"Rejected":"many"}]}`,
		}, miners.Status{}},
	} {
		requests := map[string]string{}
		for command, answer := range row.answers {
			requests[`{"command":"`+command+`"}`] = answer
		}
		got, err := api.Cgminer(t.Context(), program(t, requests))
		if err != nil || !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s: %v\n got %+v\nwant %+v", row.name, err, got, row.want)
		}
	}
}

func TestCpuminer(t *testing.T) {
	for _, row := range []struct {
		name, summary, threads string
		want                   miners.Status
	}{
		{"cpuminer-multi",
			"NAME=cpuminer-multi;VER=1.3.7;API=1.1;ALGO=x11;CPUS=2;KHS=2.42;SOLV=0;ACC=3;REJ=1;ACCMN=5.806;DIFF=0.000050;TEMP=0.0;FAN=0;FREQ=0;UPTIME=31;TS=1700000000|",
			"CPU=0;KHS=1.74|CPU=1;KHS=0.68|",
			miners.Status{Version: "1.3.7", Uptime: 31 * time.Second, Hashrate: ptr(pow.Hashrate(2420)), Accepted: ptr(int64(3)), Rejected: ptr(int64(1))}},
		{"cpuminer-opt", "NAME=cpuminer-opt;VER=26.1;API=1.0;ALGO=yespower;CPUS=2;URL=pool.example:3333;HS=412.51;KHS=0.41;ACC=3;REJ=0;SOL=0;UPTIME=9;TS=1|",
			"CPU=0;H/s=206.00|CPU=1;H/s=206.51|",
			miners.Status{Version: "26.1", Uptime: 9 * time.Second, Pool: "pool.example:3333", Hashrate: ptr(pow.Hashrate(412.51)), Accepted: ptr(int64(3)), Rejected: ptr(int64(0))}},
		{"cpuminer-opt before its first sum", "NAME=cpuminer-opt;HS=0.00;KHS=0.00;ACC=0;REJ=0|", "CPU=0;kH/s=116.00|CPU=1;kH/s=100.00|",
			miners.Status{Hashrate: ptr(pow.Hashrate(216000)), Accepted: ptr(int64(0)), Rejected: ptr(int64(0))}},
		{"ccminer", "NAME=ccminer;VER=2.3.1;API=1.9;ALGO=lyra2v2;GPUS=2;KHS=70420.00;SOLV=0;ACC=12;REJ=1;ACCMN=3.1;DIFF=0.512;UPTIME=232;TS=1|",
			"GPU=0;BUS=1;CARD=GeForce GTX 1070;TEMP=62.0;POWER=150200;FAN=45;RPM=1800;FREQ=1784;KHS=35210.00;ACC=7;REJ=0;HWF=0|" +
				"GPU=1;BUS=3;CARD=GeForce GTX 750 Ti;TEMP=0.0;POWER=38;FAN=0;KHS=35210.00;ACC=5;REJ=1|",
			miners.Status{Version: "2.3.1", Uptime: 232 * time.Second, Hashrate: ptr(pow.Hashrate(70.42e6)), Accepted: ptr(int64(12)), Rejected: ptr(int64(1)),
				Devices: []miners.DeviceStatus{
					{Index: 0, Name: "GeForce GTX 1070", PCI: "1", Hashrate: ptr(pow.Hashrate(35.21e6)), TemperatureC: ptr(62.0), FanPercent: ptr(45.0), PowerW: ptr(150.2), Accepted: ptr(int64(7)), Rejected: ptr(int64(0))},
					{Index: 1, Name: "GeForce GTX 750 Ti", PCI: "3", Hashrate: ptr(pow.Hashrate(35.21e6)), FanPercent: ptr(0.0), PowerW: ptr(38.0), Accepted: ptr(int64(5)), Rejected: ptr(int64(1))},
				}}},
	} {
		got, err := api.Cpuminer(t.Context(), program(t, map[string]string{"summary": row.summary, "threads": row.threads}))
		if err != nil || !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s: %v\n got %+v\nwant %+v", row.name, err, got, row.want)
		}
	}
}

func TestASilentProgramIsAnError(t *testing.T) {
	port, err := api.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	for name, ask := range map[string]func(context.Context, int) (miners.Status, error){"cgminer": api.Cgminer, "cpuminer": api.Cpuminer} {
		if got, err := ask(t.Context(), port); err == nil {
			t.Errorf("%s: %+v from a port that nobody listens on", name, got)
		}
	}
}

// check fails when a status holds what cannot be.
func check(t *testing.T, answer string, s miners.Status) {
	t.Helper()
	for _, d := range append(s.Devices, miners.DeviceStatus{Hashrate: s.Hashrate, Accepted: s.Accepted, Rejected: s.Rejected}) {
		if d.Hashrate != nil && !(*d.Hashrate >= 0) {
			t.Errorf("%q gives a hashrate of %v", answer, *d.Hashrate)
		}
		if d.Accepted != nil && *d.Accepted < 0 || d.Rejected != nil && *d.Rejected < 0 || d.Index < 0 || d.Index > 4096 {
			t.Errorf("%q gives %+v", answer, d)
		}
		if d.TemperatureC != nil && !(*d.TemperatureC > 0 && *d.TemperatureC < 200) {
			t.Errorf("%q gives %v degrees", answer, *d.TemperatureC)
		}
	}
	if s.Uptime < 0 {
		t.Errorf("%q gives an uptime of %v", answer, s.Uptime)
	}
}

func FuzzCgminer(f *testing.F) {
	f.Add(`{` + ok + `"SUMMARY":[{"Elapsed":43,"MHS av":0.402,"MHS 5s":"0.4","Accepted":7,"Rejected":2}],"DEVS":[{"GPU":0,"Temperature":71.00,"MHS rolling":nan}],"POOLS":[{"URL":"a"}]}` + "\x00")
	f.Fuzz(func(t *testing.T, answer string) {
		if s, err := api.CgminerStatus([]byte(answer)); err == nil {
			check(t, answer, s)
		}
	})
}

func FuzzCpuminer(f *testing.F) {
	f.Add("NAME=ccminer;KHS=2.42;ACC=3;REJ=1;UPTIME=31|", "GPU=0;BUS=1;CARD=x;TEMP=62.0;POWER=150200;KHS=1|CPU=1;kH/s=2|")
	f.Fuzz(func(t *testing.T, summary, threads string) {
		check(t, summary+strings.Repeat(threads, 2), api.CpuminerStatus(summary, threads))
	})
}
