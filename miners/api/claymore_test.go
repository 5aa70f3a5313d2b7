package api_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/parsetest"
	"github.com/adit-mining/adit/miners/pow"
)

const getstat1 = `{"id":0,"jsonrpc":"2.0","method":"miner_getstat1"}` + "\n"

func TestClaymore(t *testing.T) {
	for _, row := range []struct {
		name, answer string
		first        int
		want         miners.Status
	}{
		{"kawpowminer", `{"id":0,"jsonrpc":"2.0","result":["kawpowminer-1.2.4","21","42710;4;1","21400;21310","0;0;0","off;off","62;40;60;45","pool.example:3333","2;0;0;0"]}` + "\n", 0,
			miners.Status{Version: "kawpowminer-1.2.4", Uptime: 21 * time.Minute, Pool: "pool.example:3333", Hashrate: ptr(pow.Hashrate(42710e3)),
				Accepted: ptr(int64(4)), Rejected: ptr(int64(1)), Invalid: ptr(int64(2)), Devices: []miners.DeviceStatus{
					{Index: 0, Hashrate: ptr(pow.Hashrate(21400e3)), TemperatureC: ptr(62.0), FanPercent: ptr(40.0)},
					{Index: 1, Hashrate: ptr(pow.Hashrate(21310e3)), TemperatureC: ptr(60.0), FanPercent: ptr(45.0)}}}},
		{"ethminer 0.13, spaces between the pairs", `{"id":0,"jsonrpc":"2.0","result":["0.13.0.dev0","5296","48865;15228;3","24415;24450","0;0;0","off;off","63;50; 53;50","pool.example:4444","0;0;0;0"]}` + "\n", 0,
			miners.Status{Version: "0.13.0.dev0", Uptime: 5296 * time.Minute, Pool: "pool.example:4444", Hashrate: ptr(pow.Hashrate(48865e3)),
				Accepted: ptr(int64(15228)), Rejected: ptr(int64(3)), Invalid: ptr(int64(0)), Devices: []miners.DeviceStatus{
					{Index: 0, Hashrate: ptr(pow.Hashrate(24415e3)), TemperatureC: ptr(63.0), FanPercent: ptr(50.0)},
					{Index: 1, Hashrate: ptr(pow.Hashrate(24450e3)), TemperatureC: ptr(53.0), FanPercent: ptr(50.0)}}}},
		{"PhoenixMiner counts from 1, and prints no line end", `{"result":["PM 6.2c","1128","93678;1562;0","48000;45678","0;0;0","off;off","57;97;0;80","pool.example:4444","0;0;0;0"]}`, 1,
			miners.Status{Version: "PM 6.2c", Uptime: 1128 * time.Minute, Pool: "pool.example:4444", Hashrate: ptr(pow.Hashrate(93678e3)),
				Accepted: ptr(int64(1562)), Rejected: ptr(int64(0)), Invalid: ptr(int64(0)), Devices: []miners.DeviceStatus{
					{Index: 1, Hashrate: ptr(pow.Hashrate(48000e3)), TemperatureC: ptr(57.0), FanPercent: ptr(97.0)},
					{Index: 2, Hashrate: ptr(pow.Hashrate(45678e3)), FanPercent: ptr(80.0)}}}},
		{"Claymore with two coins and a card that is off", `{"result": ["10.6 - ETH", "0", "4840;0;0", "4840;off", "145205;0;0", "145205;off", "", "pool.example:8008;other.example:2222", "0;0;0;0", "0", "0"]}`, 0,
			miners.Status{Version: "10.6 - ETH", Pool: "pool.example:8008", Hashrate: ptr(pow.Hashrate(4840e3)),
				Accepted: ptr(int64(0)), Rejected: ptr(int64(0)), Invalid: ptr(int64(0)), Devices: []miners.DeviceStatus{
					{Index: 0, Hashrate: ptr(pow.Hashrate(4840e3))}, {Index: 1}}}},
		{"nulls, numbers and a short list", `{"result":[null,21,"-nan;n/a",null]}`, 0, miners.Status{Uptime: 21 * time.Minute}},
		{"an empty list", `{"result":[]}`, 0, miners.Status{}},
	} {
		port := program(t, map[string]string{getstat1: row.answer})
		got, err := api.Claymore(t.Context(), port, row.first)
		if err != nil || !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s: %v\n got %+v\nwant %+v", row.name, err, got, row.want)
		}
	}
	for _, refusal := range []string{`{"id":0,"error":{"code":-403,"message":"Unauthorized"}}`, "<html>", ""} {
		if s, err := api.Claymore(t.Context(), program(t, map[string]string{getstat1: refusal}), 0); err == nil {
			t.Errorf("%q is taken for an answer: %+v", refusal, s)
		}
	}
}

func FuzzClaymore(f *testing.F) {
	f.Add([]byte(`{"result":["PM 6.2c","1128","93678;1562;0","48000;45678","0;0;0","off;off","57;97;62;80","pool.example:4444","0;0;0;0"]}`))
	f.Add([]byte(`{"result":[null,21,"-nan;n/a",null]}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		if s, err := api.ReadClaymore(answer, 1); err == nil {
			parsetest.Status(t, s)
		}
	})
}
