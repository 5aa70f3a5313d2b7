package api_test

import (
	"encoding/json"
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/parsetest"
)

// told returns s as text, nil pointers as null.
func told(s miners.Status) string {
	text, err := json.Marshal(s)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func TestXmrig(t *testing.T) {
	for _, row := range []struct {
		name    string
		answers map[string]string
		want    string
	}{
		{"a processor, before the first rate", map[string]string{
			"/2/summary": `{"version":"6.26.0","uptime":3,"paused":true,"hashrate":{"total":[null,null,null]},` +
				`"results":{"shares_good":0,"shares_total":0},"connection":{"pool":"127.0.0.1:3333"}}`,
			"/2/backends": `[{"type":"cpu","threads":[{"hashrate":[null,null,null]}]}]`,
		}, `{"Version":"6.26.0","Uptime":3000000000,"Pool":"127.0.0.1:3333","Hashrate":null,"Accepted":0,"Rejected":0,` +
			`"Invalid":null,"Paused":true,"Devices":null}`},
		{"a card with two threads", map[string]string{
			"/2/summary": `{"hashrate":{"total":[null,20.5,19]},"results":{"shares_good":"7","shares_total":9}}`,
			"/2/backends": `[{"type":"opencl","threads":[` +
				`{"index":0,"name":"Radeon RX 580","bus_id":"02:00.0","hashrate":[10,9,8],"health":{"temperature":61,"power":90,"fan_speed":[45]}},` +
				`{"index":0,"hashrate":[null,10.5,8]}]}]`,
		}, `{"Version":"","Uptime":0,"Pool":"","Hashrate":20.5,"Accepted":7,"Rejected":2,"Invalid":null,"Paused":false,` +
			`"Devices":[{"Index":0,"Name":"Radeon RX 580","PCI":"02:00.0","Hashrate":20.5,"TemperatureC":61,"FanPercent":45,"PowerW":90,` +
			`"Accepted":null,"Rejected":null}]}`},
		{"wildrig", map[string]string{
			"/": `{"version":"0.42.2","uptime":370,"hashrate":{"total":[12500.5,12400,null],"threads":[[6000,6100,null],[null,6300,null]]},` +
				`"results":{"shares_good":5,"shares_total":6},"connection":{"pool":"127.0.0.1:4444"},` +
				`"hwmon":[{"temp":0,"fan":40,"power":"180"},{"temp":58}]}`,
		}, `{"Version":"0.42.2","Uptime":370000000000,"Pool":"127.0.0.1:4444","Hashrate":12500.5,"Accepted":5,"Rejected":1,"Invalid":null,"Paused":false,` +
			`"Devices":[{"Index":0,"Name":"","PCI":"","Hashrate":6000,"TemperatureC":null,"FanPercent":40,"PowerW":180,"Accepted":null,"Rejected":null},` +
			`{"Index":1,"Name":"","PCI":"","Hashrate":6300,"TemperatureC":58,"FanPercent":null,"PowerW":null,"Accepted":null,"Rejected":null}]}`},
		{"nonsense of the right form", map[string]string{
			"/": `{"version":7,"uptime":-1,"hashrate":{"total":[nan,-3],"threads":7},"results":[],"hwmon":{"temp":3}}`,
		}, `{"Version":"","Uptime":0,"Pool":"","Hashrate":null,"Accepted":null,"Rejected":null,"Invalid":null,"Paused":false,"Devices":null}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, err := api.Xmrig(t.Context(), parsetest.Web(t, row.answers), "")
			if got := told(s); err != nil || got != row.want {
				t.Errorf("Xmrig = %v\n got %s\nwant %s", err, got, row.want)
			}
		})
	}
}

func TestXmrigWithoutAnAnswerIsAnError(t *testing.T) {
	for _, answers := range []map[string]string{nil, {"/": "<html>"}} {
		if s, err := api.Xmrig(t.Context(), parsetest.Web(t, answers), ""); err == nil {
			t.Errorf("answers %v give %s", answers, told(s))
		}
	}
}

func FuzzNode(f *testing.F) {
	f.Add(`{"a":[1,"2",null,{"b":nan}]}`)
	f.Add(`[-1e308, "inf", true]`)
	f.Fuzz(func(t *testing.T, body string) {
		n, err := api.ReadNode([]byte(body))
		if err != nil {
			return
		}
		nodes := append(n.List(), n)
		for _, member := range n.Members() {
			nodes = append(nodes, member)
		}
		for _, n := range nodes {
			if c := n.Count(); c != nil && *c < 0 {
				t.Errorf("%q gives a count of %d", body, *c)
			}
			if r := n.Rate(); r != nil && !(*r >= 0) {
				t.Errorf("%q gives a rate of %v", body, *r)
			}
			if n.Seconds() < 0 {
				t.Errorf("%q gives %v", body, n.Seconds())
			}
		}
	})
}
