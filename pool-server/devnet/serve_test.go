package devnet_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/devnet"
)

func TestHTTPAnswersAsCoreDoes(t *testing.T) {
	d := start(t, t.TempDir())
	for _, c := range []struct {
		name, user, password, body string
		status                     int
		answer                     string
	}{
		{"no rights", "u", "wrong", `{"method":"getblockcount","id":1}`, 401, ``},
		{"good", "u", "p", `{"method":"getblockcount","params":[],"id":"x"}`, 200, `{"result":0,"error":null,"id":"x"}`},
		{"no params", "u", "p", `{"method":"getblockcount"}`, 200, `{"result":0,"error":null,"id":null}`},
		{"unknown method", "u", "p", `{"method":"x","id":1}`, 404, `{"result":null,"error":{"code":-32601,"message":"Method not found"},"id":1}`},
		{"error", "u", "p", `{"method":"getblockhash","params":[99],"id":1}`, 500, `{"result":null,"error":{"code":-8,"message":"Block height out of range"},"id":1}`},
		{"garbage", "u", "p", `{"method`, 500, `{"result":null,"error":{"code":-32700,"message":"Parse error"},"id":null}`},
		{"no method", "u", "p", `{"id":1}`, 400, `{"result":null,"error":{"code":-32600,"message":"Missing method"},"id":1}`},
		{"not an object", "u", "p", `7`, 400, `{"result":null,"error":{"code":-32600,"message":"Invalid Request object"},"id":null}`},
		{"batch", "u", "p", `[{"method":"getblockcount","id":1},{"method":"x","id":2}]`, 200,
			`[{"result":0,"error":null,"id":1},{"result":null,"error":{"code":-32601,"message":"Method not found"},"id":2}]`},
	} {
		status, answer, err := d.post(c.user, c.password, c.body)
		if err != nil || status != c.status || strings.TrimSpace(string(answer)) != c.answer {
			t.Errorf("%s: %d %s (%v), want %d %s", c.name, status, answer, err, c.status, c.answer)
		}
	}
	r, err := http.Get(d.url)
	if err != nil || r.StatusCode != 401 {
		t.Errorf("GET: %v %v, want 401", r, err)
	}
	_ = r.Body.Close()
}

func TestCookieIsMadeAndRemoved(t *testing.T) {
	dir := t.TempDir()
	c, err := devnet.Open(devnet.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	user, password := c.Credentials()
	cookie := filepath.Join(dir, ".cookie")
	content, err := os.ReadFile(cookie)
	if err != nil || string(content) != user+":"+password || len(password) < 20 {
		t.Errorf("cookie %q (%v), credentials %q", content, err, user)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(cookie); !os.IsNotExist(err) {
		t.Errorf("cookie after Close: %v", err)
	}
	if _, err := c.NewAddress(); err != devnet.ErrClosed {
		t.Errorf("NewAddress after Close = %v", err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("second Close = %v", err)
	}
}

func TestLongPollReturnsOnNewBlockAndOnPayment(t *testing.T) {
	d := start(t, t.TempDir())
	miner := d.address("bech32")
	d.generate(6, miner)
	for _, change := range []func(){
		func() { d.generate(1, miner) },
		func() { d.call("sendtoaddress", nil, miner, 1) },
	} {
		g := d.template()
		answer := make(chan gbt, 1)
		go func() {
			var next gbt
			if err := d.try("getblocktemplate", &next, map[string]any{"rules": []string{"segwit"}, "longpollid": g.LongPollID}); err != nil {
				t.Error(err)
			}
			answer <- next
		}()
		select {
		case <-answer:
			t.Fatal("answered before anything changed")
		case <-time.After(50 * time.Millisecond):
		}
		began := time.Now()
		change()
		next := <-answer
		if next.LongPollID == g.LongPollID || next.CoinbaseValue == g.CoinbaseValue && next.Height == g.Height {
			t.Errorf("nothing new: %+v", next)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("answered %v after the change", took)
		}
	}
	var next gbt
	d.call("getblocktemplate", &next, map[string]any{"rules": []string{"segwit"}, "longpollid": "of another time"}) // at once
}

func TestEndOfServeEndsLongPolls(t *testing.T) {
	d := start(t, t.TempDir())
	g := d.template()
	polled := make(chan error, 1)
	go func() {
		polled <- d.try("getblocktemplate", nil, map[string]any{"rules": []string{"segwit"}, "longpollid": g.LongPollID})
	}()
	time.Sleep(50 * time.Millisecond) // the call is under way, or is refused: either must end
	began := time.Now()
	d.stop()
	<-polled
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("stopping took %v", took)
	}
}

func TestManyClientsAtOnce(t *testing.T) {
	d := start(t, t.TempDir())
	miner := d.address("bech32")
	d.generate(10, miner)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 8 {
				to := miner
				if err := d.try("generatetoaddress", nil, 1, to); err != nil {
					t.Errorf("worker %d: %v", worker, err)
				}
				err := d.try("sendtoaddress", nil, to, fmt.Sprintf("0.%d1", i+1))
				if told, ok := err.(*devnet.RPCError); err != nil && (!ok || told.Code != -6) {
					t.Errorf("worker %d: %v", worker, err)
				}
				for _, method := range []string{"getbalance", "getblockchaininfo", "listunspent", "getrawmempool", "getmininginfo", "getchaintips"} {
					if err := d.try(method, nil); err != nil {
						t.Errorf("%s: %v", method, err)
					}
				}
				if err := d.try("getblocktemplate", nil, segwitRules); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := d.chain.Height(); got != 42 {
		t.Errorf("height %d, want 42", got)
	}
	d.generate(10, miner)
	var b struct {
		Mine struct{ Trusted, Immature json.Number }
	}
	d.call("getbalances", &b)
	// All rewards and fees stay in this one wallet.
	if sum := units(t, b.Mine.Trusted) + units(t, b.Mine.Immature); sum != 52*50_0000_0000 {
		t.Errorf("the wallet has %d, want %d", sum, int64(52*50_0000_0000))
	}
}

// FuzzRequest sends anything to the front: it must answer, and stay usable.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		`{"method":"getblockcount","params":[],"id":1}`, `[{"method":"getblock","params":["00"]}]`, `{"method":7}`, `[`, `[[]]`,
		`{"method":"createrawtransaction","params":[[{"txid":"00","vout":-1}],[{"data":"00"},{"x":1e9}]],"id":{}}`,
		`{"method":"fundrawtransaction","params":["0100000000010000000000000000000000000000",{"feeRate":"1e-8"}]}`,
		`{"method":"signrawtransactionwithwallet","params":["00",[{"amount":null}],"ALL"]}`,
		`{"method":"submitblock","params":["00"]}`, `{"method":"lockunspent","params":[true,[{}]]}`,
		`{"method":"getblocktemplate","params":[{"rules":["segwit"],"longpollid":7}]}`,
		`{"method":"decoderawtransaction","params":["0200000000010000000000000000036a010000000000"]}`,
		`{"method":"importprivkey","params":["5"]}`, `{"method":"sendtoaddress","params":["",-1]}`,
	} {
		f.Add(seed)
	}
	chain, err := devnet.Open(devnet.Options{Dir: f.TempDir(), Bits: devnet.EasiestBits, User: "u", Password: "p"})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = chain.Close() })
	handler := chain.Handler()
	f.Fuzz(func(t *testing.T, body string) {
		if strings.Contains(body, "generate") || strings.Contains(body, `\u`) {
			t.Skip("real work has no limit but the client's patience")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader(body))
		r.SetBasicAuth("u", "p")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if !json.Valid(w.Body.Bytes()) {
			t.Errorf("answer to %q is no JSON: %q", body, w.Body)
		}
		if _, err := chain.NewAddress(); err != nil {
			t.Fatalf("after %q: %v", body, err)
		}
	})
}
