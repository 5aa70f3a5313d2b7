package nomp_test

import (
	"testing"

	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/nomp"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

const key = "22851477d63a085dbc2398c8430af1c09e7343f6"

func litecoin(t testing.TB) *nomp.Pool {
	n := cointest.Network(t, "litecoin", "regtest")
	return &nomp.Pool{Redis: "litecoin", Coin: n.Coin, Network: n, New: config.NewPool{Coin: "litecoin", Network: "regtest"}}
}

func TestFloatsOfRedisBecomeUnits(t *testing.T) {
	for text, want := range map[string]coin.Amount{
		"0.30000000000000004": 30000000, "0.29999999999999998": 30000000, "0.123456789": 12345678, "0.12345678999": 12345679,
		"1e-8": 1, "5e-9": 0, "0": 0, "12": 1200000000, "21000000.00000001": 2100000000000001, "1e3": 100000000000,
	} {
		var r nomp.Report
		o, sums, err := litecoin(t).Opening(&nomp.Stock{Balances: map[string]string{key: text}}, &r)
		if err != nil || len(o.Accounts) != 1 || o.Accounts[0].Balance != want || !sums[0].Adds() {
			t.Errorf("%s: got %+v, %+v, %v; want %d units", text, o.Accounts, sums, err, int64(want))
		}
	}
	for _, text := range []string{"", "x", "1/3", "0x10", "NaN", "inf", "1e99", "1e-999999999", "99999999999999999999", "1_0", "-1"} {
		var r nomp.Report
		o, sums, err := litecoin(t).Opening(&nomp.Stock{Balances: map[string]string{key: text}}, &r)
		if err != nil || len(o.Accounts) != 0 || !sums[0].Adds() || len(r.Lines) != 1 || r.Lines[0].Outcome != nomp.Impossible {
			t.Errorf("%q: got %+v, %+v, %v; want nothing, and a word about it", text, o.Accounts, r.Lines, err)
		}
	}
}

// FuzzOpening gives what anybody may have written into a redis.
func FuzzOpening(f *testing.F) {
	f.Add(key, "0.1", "hash:tx:5")
	f.Add("a.b", "1e-8", "::")
	f.Add("", "-0", "")
	f.Fuzz(func(t *testing.T, name, amount, block string) {
		var r nomp.Report
		s := &nomp.Stock{Balances: map[string]string{name: amount}, Current: map[string]string{name: amount}, Pending: []string{block}}
		o, sums, err := litecoin(t).Opening(s, &r)
		if err != nil {
			return
		}
		for _, sum := range sums {
			if !sum.Adds() {
				t.Errorf("%+v does not add up", sum)
			}
		}
		for _, a := range o.Accounts {
			if a.Balance < 0 {
				t.Errorf("%+v", a)
			}
		}
	})
}
