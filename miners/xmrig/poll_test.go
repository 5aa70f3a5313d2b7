package xmrig_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/miners/xmrig"
)

func ptr[T any](v T) *T { return &v }

// open serves an xmrig's interface that wants token, and returns its port.
func open(t *testing.T, token string) int {
	mux := http.NewServeMux()
	answer := func(path, body string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer "+token {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			fmt.Fprint(w, body)
		})
	}
	answer("/2/summary", `{"version":"6.26.0","uptime":61,"paused":false,"hashrate":{"total":[null,512.5,null],"highest":600.1},
		"results":{"shares_good":7,"shares_total":9,"diff_current":40},"connection":{"pool":"127.0.0.1:3333","accepted":7,"rejected":2}}`)
	answer("/2/backends", `[{"type":"cpu","threads":[{"intensity":1,"hashrate":[1.5,null,null]}]},{"type":"opencl","enabled":false},
		{"type":"cuda","threads":[
			{"index":0,"hashrate":[250.0,null,null],"name":"NVIDIA GeForce GTX 1070","bus_id":"01:00.0","health":{"temperature":63,"power":120,"fan_speed":[45]}},
			{"index":0,"hashrate":[251.0,null,null],"name":"NVIDIA GeForce GTX 1070","bus_id":"01:00.0","health":{"temperature":63,"power":120,"fan_speed":[45]}},
			{"index":1,"hashrate":[null,null,null],"name":"NVIDIA GeForce MX150","bus_id":"02:00.0","health":{"temperature":0,"power":0,"fan_speed":[]}}]}]`)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.Listener.Addr().(*net.TCPAddr).Port
}

func TestPoll(t *testing.T) {
	plan := miners.Plan{API: open(t, "secret"), Token: "secret"}
	want := miners.Status{
		Version: "6.26.0", Uptime: 61 * time.Second, Pool: "127.0.0.1:3333", Hashrate: ptr(pow.Hashrate(512.5)),
		Accepted: ptr(int64(7)), Rejected: ptr(int64(2)),
	}
	if got, err := (xmrig.Driver{}).Poll(t.Context(), plan); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("on a processor: %v\n got %+v\nwant %+v", err, got, want)
	}
	want.Devices = []miners.DeviceStatus{
		{Index: 0, Name: "NVIDIA GeForce GTX 1070", PCI: "01:00.0", Hashrate: ptr(pow.Hashrate(501)), TemperatureC: ptr(63.0), PowerW: ptr(120.0), FanPercent: ptr(45.0)},
		{Index: 1, Name: "NVIDIA GeForce MX150", PCI: "02:00.0"},
	}
	plan.Devices = []miners.Device{{Vendor: miners.NVIDIA}}
	if got, err := (xmrig.Driver{}).Poll(t.Context(), plan); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("on cards: %v\n got %+v\nwant %+v", err, got, want)
	}
	plan.Token = "wrong"
	if got, err := (xmrig.Driver{}).Poll(t.Context(), plan); err == nil {
		t.Errorf("with a wrong token: %+v", got)
	}
}
