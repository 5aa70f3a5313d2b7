package config_test

import (
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

func TestSchemesAreCheckedAtInit(t *testing.T) {
	for _, tt := range []struct {
		name, want string // want: "" is taken
		change     func(*config.NewPool)
	}{
		{"PPLNS in small letters", "", func(n *config.NewPool) { n.Scheme, n.Window = "pplns", 1.5 }},
		{"PPS with a reserve", "", func(n *config.NewPool) { n.Scheme, n.ReserveLimit = "PPS", "12.5" }},
		{"an unknown one", "payouts.scheme: want", func(n *config.NewPool) { n.Scheme = "PPLNT" }},
		{"a reserve without PPS", "payouts.reserveLimit: only PPS", func(n *config.NewPool) { n.ReserveLimit = "1" }},
		{"a negative reserve", "payouts.reserveLimit: want", func(n *config.NewPool) { n.Scheme, n.ReserveLimit = "PPS", "-1" }},
		{"no window", "payouts.window: want", func(n *config.NewPool) { n.Scheme, n.Window = "PPLNS", -1 }},
		{"a window beyond memory", "payouts.window: want", func(n *config.NewPool) { n.Scheme, n.Window = "PPLNS", 1e6 }},
		{"a solo fee above all", "payouts.soloFeePercent: want", func(n *config.NewPool) { n.SoloFeePercent = 101 }},
	} {
		n := newPool(t)
		tt.change(&n)
		dir := t.TempDir()
		_, err := config.Init(dir, n)
		if tt.want != "" {
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
			}
			continue
		}
		c, err := config.Load(dir)
		if err != nil || c.Pools[0].Payouts.Scheme != strings.ToUpper(n.Scheme) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestRecipientsAreChecked(t *testing.T) {
	n := cointest.Network(t, "litecoin", "regtest")
	address := n.P2PKH([20]byte{1}).String()
	key := strings.Repeat("ab", 20)
	for _, tt := range []struct{ recipients, want string }{
		{`[{"address": "` + address + `", "percent": 1.5, "in": "coinbase"}, {"address": "` + key + `", "percent": 0.25, "in": "ledger"}]`, ""},
		{`[{"address": "` + key + `", "percent": 1, "in": "coinbase"}]`, "recipients[0].address: want an address"},
		{`[{"address": "nonsense", "percent": 1, "in": "ledger"}]`, "recipients[0].address: want an address"},
		{`[{"address": "` + address + `", "percent": 1, "in": "wallet"}]`, `recipients[0].in: want "coinbase" or "ledger"`},
		{`[{"address": "` + address + `", "percent": 0, "in": "ledger"}]`, "recipients[0].percent: want"},
		{`[{"address": "` + address + `", "percent": 1, "in": "ledger"}, {"address": "` + address + `", "percent": 1, "in": "coinbase"}]`, "stands here twice"},
		{`[{"address": "` + address + `", "percent": 60, "in": "ledger"}, {"address": "` + key + `", "percent": 60, "in": "ledger"}]`, "recipients: want the fee and the recipients together"},
	} {
		dir := written(t)
		replaceText(t, dir, `"recipients": []`, `"recipients": `+tt.recipients)
		c, err := config.Load(dir)
		switch {
		case tt.want != "":
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: got %v, want %q", tt.recipients, err, tt.want)
			}
		case err != nil:
			t.Errorf("%s: %v", tt.recipients, err)
		default:
			first, second := c.Pools[0].Recipients[0], c.Pools[0].Recipients[1]
			if first.PPM() != 15_000 || len(first.Script()) != 25 || second.PPM() != 2_500 || second.Account().String() != key {
				t.Errorf("got %+v and %+v", first, second)
			}
		}
	}
}
