package website_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet"
)

func TestTheAppsClientReadsEveryDocument(t *testing.T) {
	w := newWorld()
	w.fill(time.Now())
	server := httptest.NewServer(w)
	defer server.Close()
	client, err := poolapi.NewClient(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	info, err := client.Info(t.Context())
	if err != nil || info.Name != "Example pool" || len(info.Coins) != 1 || len(info.Coins[0].Ports) != 2 {
		t.Errorf("Info = %+v, %v", info, err)
	}
	pool, err := client.Pool(t.Context())
	if err != nil || len(pool.Coins) != 1 {
		t.Fatalf("Pool = %+v, %v", pool, err)
	}
	c := pool.Coins[0]
	if c.Miners != 2 || c.Workers != 3 || c.BlocksFound != 27 || c.Paid != "312.50000000" || c.Hashrate < 50_000 || c.Hashrate > 80_000 || c.RoundEffort != 4.2/12.5 {
		t.Errorf("pool %+v", c)
	}
	if err := client.SendTelemetry(t.Context(), w.account(), w.key, machine(time.Now())); err != nil {
		t.Errorf("SendTelemetry: %v", err)
	}
	m, err := client.Miner(t.Context(), w.key.MiningKey())
	if err != nil || m.Account != w.account() || len(m.Coins) != 1 || len(m.Payouts) != 1 || len(m.Telemetry) != 1 {
		t.Fatalf("Miner = %+v, %v", m, err)
	}
	at := m.Coins[0]
	if at.Accepted != 98_765 || at.Rejected != 8 || at.RejectReasons["stale"] != 7 || len(at.Workers) != 3 ||
		at.Immature != "18.75000000" || at.Pending != "0.00640000" || at.Paying != "8.00000000" || at.Paid != "123.45678901" {
		t.Errorf("miner %+v", at)
	}
	if at.HashrateLow >= at.Hashrate || at.HashrateHigh <= at.Hashrate || at.HashrateLow <= 0 {
		t.Errorf("hashrate %v in [%v, %v]", at.Hashrate, at.HashrateLow, at.HashrateHigh)
	}
	if p := m.Payouts[0]; p.Amount != "8.00000000" || p.Net != "7.99999000" || p.TxID == "" {
		t.Errorf("payout %+v", p)
	}
}

func TestListsCanBeAskedForByCoin(t *testing.T) {
	w := newWorld()
	w.fill(time.Now())
	for path, want := range map[string]int{
		"/api/v1/blocks": 4, "/api/v1/blocks?coin=LTC": 4, "/api/v1/blocks?coin=litecoin": 4, "/api/v1/blocks?coin=" + poolID: 4,
		"/api/v1/blocks?coin=doge": 0, "/api/v1/payouts": 2, "/api/v1/payouts?coin=doge": 0,
	} {
		var list []json.RawMessage
		answer := w.get(path)
		if err := json.Unmarshal(answer.Body.Bytes(), &list); err != nil || list == nil || len(list) != want {
			t.Errorf("%s: %d entries, want %d (%v) %s", path, len(list), want, err, answer.Body)
		}
	}
}

func TestAnUnknownAccountHasNothing(t *testing.T) {
	var m poolapi.MinerStats
	answer := newWorld().get("/api/v1/miners/" + strings.Repeat("0a", 20))
	if err := json.Unmarshal(answer.Body.Bytes(), &m); err != nil || answer.Code != http.StatusOK {
		t.Fatalf("%d %v", answer.Code, err)
	}
	if len(m.Coins) != 1 || m.Coins[0].Pending != "0.00000000" || m.Coins[0].Workers == nil || m.Payouts == nil {
		t.Errorf("%s", answer.Body)
	}
}

func TestTelemetryIsTakenOnlyFromTheKeysHolder(t *testing.T) {
	stranger, err := wallet.KeyFromBytes(bytes.Repeat([]byte{9}, 32))
	if err != nil {
		t.Fatal(err)
	}
	sign := func(r *http.Request, key wallet.Key, account string, body []byte) {
		k, s := poolapi.Sign(poolapi.ForTelemetry(), key, account, body)
		r.Header.Set(poolapi.KeyHeader, k)
		r.Header.Set(poolapi.SignatureHeader, s)
	}
	w := newWorld()
	body, err := json.Marshal(machine(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*http.Request){
		"no signature":       func(r *http.Request) { r.Header.Del(poolapi.SignatureHeader) },
		"another's key":      func(r *http.Request) { sign(r, stranger, w.account(), body) },
		"another body":       func(r *http.Request) { sign(r, w.key, w.account(), append([]byte(" "), body...)) },
		"for another":        func(r *http.Request) { sign(r, w.key, stranger.PubKeyHash().String(), body) },
		"signature is words": func(r *http.Request) { r.Header.Set(poolapi.SignatureHeader, "please") },
	} {
		if answer := w.reportBody(body, spoil); answer.Code != http.StatusForbidden {
			t.Errorf("%s: %d %s", name, answer.Code, answer.Body)
		}
	}
	if strings.Contains(w.get("/api/v1/miners/"+w.account()).Body.String(), "Ryzen") {
		t.Error("a forged report is shown")
	}
	if answer := w.reportBody(body, nil); answer.Code != http.StatusNoContent {
		t.Errorf("the true one: %d %s", answer.Code, answer.Body)
	}
	if !strings.Contains(w.get("/api/v1/miners/"+w.account()).Body.String(), "Ryzen") {
		t.Error("the true report is not shown")
	}
}

func TestTelemetryMustBeNews(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newWorld()
		for _, c := range []struct {
			after time.Duration
			want  int
		}{
			{-6 * time.Minute, 409}, {6 * time.Minute, 409}, {-4 * time.Minute, 204}, {-4 * time.Minute, 409},
			{-270 * time.Second, 409}, {0, 204}, {4 * time.Minute, 204}, {time.Minute, 409},
		} {
			if answer := w.report(machine(time.Now().Add(c.after)), nil); answer.Code != c.want {
				t.Errorf("a report of now%+v: %d, want %d: %s", c.after, answer.Code, c.want, answer.Body)
			}
		}
		other := machine(time.Now().Add(-time.Minute))
		other.Worker = "rig2"
		if answer := w.report(other, nil); answer.Code != http.StatusNoContent {
			t.Errorf("another worker's first report: %d", answer.Code)
		}
		time.Sleep(61 * time.Minute)
		if page := w.get("/miners/" + w.account()).Body.String(); strings.Contains(page, "Ryzen") {
			t.Error("a report of an hour ago is shown")
		}
	})
}

func TestTelemetryOutOfRangeIsRefused(t *testing.T) {
	w := newWorld()
	for name, spoil := range map[string]func(*poolapi.Telemetry){
		"worker with markup": func(t *poolapi.Telemetry) { t.Worker = "<b>" },
		"worker too long":    func(t *poolapi.Telemetry) { t.Worker = strings.Repeat("w", 33) },
		"program too long":   func(t *poolapi.Telemetry) { t.Program = strings.Repeat("p", 101) },
		"device unprintable": func(t *poolapi.Telemetry) { t.Devices[0].Name = "a\u202eb" },
		"device's program":   func(t *poolapi.Telemetry) { t.Devices[0].Program = "a\x00b" },
		"device's algorithm": func(t *poolapi.Telemetry) { t.Devices[0].Algorithm = strings.Repeat("a", 101) },
		"device's state":     func(t *poolapi.Telemetry) { t.Devices[0].State = "burning" },
		"kind":               func(t *poolapi.Telemetry) { t.Devices[0].Kind = "asic" },
		"temperature":        func(t *poolapi.Telemetry) { *t.Devices[0].TemperatureC = 1e6 },
		"hashrate":           func(t *poolapi.Telemetry) { t.Hashrate = -1 },
		"too many devices":   func(t *poolapi.Telemetry) { t.Devices = make([]poolapi.TelemetryDevice, 33) },
	} {
		report := machine(time.Now())
		spoil(&report)
		if answer := w.report(report, nil); answer.Code != http.StatusBadRequest {
			t.Errorf("%s: %d %s", name, answer.Code, answer.Body)
		}
	}
	for name, c := range map[string]struct {
		body string
		want int
	}{
		"garbage": {"[]", 400}, "nothing": {"", 400}, "too long": {`{"worker":"` + strings.Repeat("x", 17<<10) + `"}`, 413},
	} {
		if answer := w.reportBody([]byte(c.body), nil); answer.Code != c.want {
			t.Errorf("%s: %d, want %d: %s", name, answer.Code, c.want, answer.Body)
		}
	}
}

func TestTelemetryIsLimited(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newWorld()
		refused := 0
		for i := range 300 {
			report := machine(time.Now())
			report.Worker = fmt.Sprint("rig", i)
			if w.report(report, nil).Code == http.StatusTooManyRequests {
				refused++
			}
		}
		if refused != 100 {
			t.Errorf("%d of 300 reports at once were refused, want 100", refused)
		}
		time.Sleep(time.Minute)
		if answer := w.report(machine(time.Now()), nil); answer.Code != http.StatusNoContent {
			t.Errorf("a minute later: %d %s", answer.Code, answer.Body)
		}
		forge := func(r *http.Request) { r.Header.Set(poolapi.SignatureHeader, "00"); r.RemoteAddr = "192.0.2.9:1000" }
		last := 0
		for range 40 {
			last = w.report(machine(time.Now()), forge).Code
		}
		if last != http.StatusTooManyRequests {
			t.Errorf("the 40th forged report: %d, want %d", last, http.StatusTooManyRequests)
		}
		time.Sleep(time.Second)
		if answer := w.report(machine(time.Now()), nil); answer.Code != http.StatusNoContent {
			t.Errorf("the key's holder, from elsewhere, meanwhile: %d %s", answer.Code, answer.Body)
		}
	})
}

// FuzzTelemetryAndLookUp sends what strangers may send; nothing may panic.
func FuzzTelemetryAndLookUp(f *testing.F) {
	w := newWorld()
	f.Add("", []byte("{}"))
	f.Add(w.key.MiningKey(), []byte(`{"worker":"a","time":"2026-01-01T00:00:00Z","devices":[{"kind":"gpu"}]}`))
	f.Fuzz(func(t *testing.T, name string, body []byte) {
		w.lookUp(name)
		if code := w.reportBody(body, nil).Code; code == http.StatusInternalServerError {
			t.Errorf("%q: %d", body, code)
		}
	})
}
