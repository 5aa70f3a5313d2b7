package website_test

import (
	"encoding/json"
	"net/http/httptest"
	"testing"

	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/stats"
	"github.com/adit-mining/adit/pool-server/website"
)

// TestPortsOnAllAddressesAreNamedByTheVisitorsHost is for the default
// configuration, which listens on 0.0.0.0: an app elsewhere cannot mine there.
func TestPortsOnAllAddressesAreNamedByTheVisitorsHost(t *testing.T) {
	for _, tt := range []struct{ listen, host, want string }{
		{"0.0.0.0:3333", "pool.example:8080", "pool.example:3333"},
		{"0.0.0.0:3333", "pool.example", "pool.example:3333"},
		{"[::]:3333", "192.0.2.7:8080", "192.0.2.7:3333"},
		{"[::]:3333", "[2001:db8::1]:8080", "[2001:db8::1]:3333"},
		{":3333", "[2001:db8::1]", "[2001:db8::1]:3333"},
		{"stratum.example:3333", "pool.example", "stratum.example:3333"},
		{"192.0.2.9:3333", "pool.example", "192.0.2.9:3333"},
	} {
		ports := []poolapi.PortInfo{{URL: "stratum+tcp://" + tt.listen}}
		site, err := website.New(website.Config{
			Info:  func() poolapi.PoolInfo { return poolapi.PoolInfo{Coins: []poolapi.CoinInfo{{Ports: ports}}} },
			Pools: func() []website.Pool { return nil }, Book: &book{}, Owners: &book{}, Stats: stats.New(stats.Options{}),
		})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("GET", poolapi.InfoPath, nil)
		r.Host = tt.host
		w := httptest.NewRecorder()
		site.ServeHTTP(w, r)
		var info poolapi.PoolInfo
		if err := json.Unmarshal(w.Body.Bytes(), &info); err != nil {
			t.Fatal(err)
		}
		if got := info.Coins[0].Ports[0].URL; got != "stratum+tcp://"+tt.want {
			t.Errorf("a port at %s, asked for at %s: got %s, want %s", tt.listen, tt.host, got, tt.want)
		}
		if ports[0].URL != "stratum+tcp://"+tt.listen {
			t.Errorf("the server's own description was changed to %s", ports[0].URL)
		}
	}
}
