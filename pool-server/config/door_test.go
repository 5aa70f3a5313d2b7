package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/config"
)

// serverWith writes a configuration whose server.json is text.
func serverWith(t *testing.T, text string) string {
	t.Helper()
	dir := written(t)
	if err := os.WriteFile(filepath.Join(dir, "server.json"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestTheDoorsDefaultsAreThoseOfTheSampleFile(t *testing.T) {
	sample, err := config.Load(written(t))
	if err != nil {
		t.Fatal(err)
	}
	empty, err := config.Load(serverWith(t, "{}"))
	if err != nil {
		t.Fatal(err)
	}
	got, want := sample.Server.Stratum, empty.Server.Stratum
	got.Trusted, got.Proxies = nil, nil // empty lists in the one, none in the other
	if got.Connections != want.Connections || got.PerAddress != want.PerAddress || got.Newcomers != want.Newcomers || got.Arrivals != want.Arrivals || got.BanFor != want.BanFor {
		t.Errorf("the sample has %+v, the default is %+v", got, want)
	}
	if _, ok := sample.TLSFiles(); ok {
		t.Error("the sample has a certificate")
	}
}

func TestNetworksAreReadWithAndWithoutTheirLength(t *testing.T) {
	c, err := config.Load(serverWith(t, `{"stratum": {"proxies": ["192.0.2.7", "2001:db8::/32"], "trusted": ["198.51.100.0/24"], "banFor": "1h"}}`))
	if err != nil {
		t.Fatal(err)
	}
	s := c.Server.Stratum
	if len(s.Proxies) != 2 || s.Proxies[0].String() != "192.0.2.7/32" || s.Proxies[1].String() != "2001:db8::/32" || s.Trusted[0].String() != "198.51.100.0/24" {
		t.Errorf("got %v, %v", s.Proxies, s.Trusted)
	}
	if s.BanFor.D() != time.Hour || s.Connections != 100_000 {
		t.Errorf("got %+v", s)
	}
}

func TestFaultsOfTheDoorAreTold(t *testing.T) {
	dir := serverWith(t, `{
  "tls": {"certificate": "fullchain.pem"},
  "stratum": {
    "connections": 0,
    "perAddress": 10, "newcomers": 11,
    "arrivals": -1,
    "banFor": "-1s",
    "trusted": ["everybody"],
    "proxies": ["192.0.2.0/33", 7]
  }
}`)
	_, err := config.Load(dir)
	if err == nil {
		t.Fatal("got no faults")
	}
	for _, want := range []string{
		"tls.key: want the file",
		"server.json:4: stratum.connections: want 1 or more",
		"server.json:5: stratum.newcomers: want 1 to perAddress (10)",
		"server.json:6: stratum.arrivals:",
		"server.json:7: stratum.banFor:",
		`server.json:8: stratum.trusted[0]: want addresses or networks`,
		`server.json:9: stratum.proxies[0]: want addresses or networks`,
		`server.json:9: stratum.proxies[1]: want addresses or networks`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("missing %q in\n%v", want, err)
		}
	}
}
