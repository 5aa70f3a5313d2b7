package main_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/poolapi"
)

// fakePool is a pool as an app sees it: documents over HTTP and a stratum port
// that takes every share. Each share earns 0.001 coins, each tenth is paid out.
type fakePool struct {
	URL      string
	listener net.Listener
	sessions sync.WaitGroup

	mu      sync.Mutex
	open    map[net.Conn]bool
	shares  int
	users   []string
	reports []poolapi.Telemetry
	refuse  bool // refuses every user
}

func newFakePool(t *testing.T) *fakePool {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &fakePool{listener: l, open: map[net.Conn]bool{}}
	web := httptest.NewServer(p.pages())
	p.URL = web.URL
	p.sessions.Go(p.accept)
	t.Cleanup(func() {
		l.Close()
		p.mu.Lock()
		for c := range p.open {
			c.Close()
		}
		p.mu.Unlock()
		p.sessions.Wait()
		web.Close()
	})
	return p
}

func (p *fakePool) pages() http.Handler {
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, document any) { _ = json.NewEncoder(w).Encode(document) }
	mux.HandleFunc("GET "+poolapi.InfoPath, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, poolapi.PoolInfo{Version: 1, Name: "Fake pool", FeePercent: 1, Coins: []poolapi.CoinInfo{{
			ID: "bitcoin", Name: "Bitcoin", Symbol: "BTC", Network: "regtest", Algorithm: "sha256d", PayoutMinimum: "0.01",
			Ports: []poolapi.PortInfo{{URL: "stratum+tcp://" + p.listener.Addr().String(), Difficulty: 1e-4}},
		}}})
	})
	mux.HandleFunc("GET "+poolapi.MinersPath+"{account}", func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		answer(w, poolapi.MinerStats{Account: r.PathValue("account"), Coins: []poolapi.CoinMiner{{
			Coin: "bitcoin", Symbol: "BTC", Network: "regtest", Accepted: int64(p.shares), PayoutMinimum: "0.01000000",
			Pending: fmt.Sprintf("%d.%08d", 0, p.shares%10*100000), Immature: "0.00000000", Paying: "0.00000000",
			Paid: fmt.Sprintf("%d.%08d", 0, p.shares/10*1000000),
		}}})
	})
	mux.HandleFunc("POST "+poolapi.MinersPath+"{account}"+poolapi.TelemetryPath, func(w http.ResponseWriter, r *http.Request) {
		var body json.RawMessage
		var report poolapi.Telemetry
		if json.NewDecoder(r.Body).Decode(&body) != nil || json.Unmarshal(body, &report) != nil {
			http.Error(w, "{}", http.StatusBadRequest)
			return
		}
		if err := poolapi.Verify(poolapi.ForTelemetry(), r.PathValue("account"), r.Header.Get(poolapi.KeyHeader), r.Header.Get(poolapi.SignatureHeader), body); err != nil {
			http.Error(w, "{}", http.StatusForbidden)
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.reports = append(p.reports, report)
	})
	return mux
}

func (p *fakePool) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		p.open[c] = true
		p.mu.Unlock()
		p.sessions.Go(func() {
			p.talk(c)
			c.Close()
			p.mu.Lock()
			defer p.mu.Unlock()
			delete(p.open, c)
		})
	}
}

// job is a mining.notify of made-up work.
const job = `{"id":null,"method":"mining.notify","params":["1","%064d","01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff10",` +
	`"ffffffff0100f2052a010000001976a914000000000000000000000000000000000000000088ac00000000",[],"20000000","207fffff","%08x",true]}` + "\n"

// talk answers a miner. Who authorises gets work at a difficulty that a test's
// computer solves some times a second.
func (p *fakePool) talk(c net.Conn) {
	lines := bufio.NewScanner(c)
	for lines.Scan() {
		var request struct {
			ID     json.RawMessage   `json:"id"`
			Method string            `json:"method"`
			Params []json.RawMessage `json:"params"`
		}
		if json.Unmarshal(lines.Bytes(), &request) != nil {
			return
		}
		switch request.Method {
		case "mining.subscribe":
			fmt.Fprintf(c, `{"id":%s,"result":[[["mining.notify","1"]],"01020304",4],"error":null}`+"\n", request.ID)
		case "mining.authorize":
			if p.authorize(string(request.Params[0])) {
				fmt.Fprintf(c, `{"id":%s,"result":true,"error":null}`+"\n", request.ID)
				fmt.Fprint(c, `{"id":null,"method":"mining.set_difficulty","params":[0.0001]}`+"\n")
				fmt.Fprintf(c, job, 1, time.Now().Unix())
				continue
			}
			fmt.Fprintf(c, `{"id":%s,"result":null,"error":[24,"this pool is for members only",null]}`+"\n", request.ID)
		case "mining.submit":
			p.mu.Lock()
			p.shares++
			p.mu.Unlock()
			fmt.Fprintf(c, `{"id":%s,"result":true,"error":null}`+"\n", request.ID)
		default:
			fmt.Fprintf(c, `{"id":%s,"result":null,"error":[20,"unknown",null]}`+"\n", request.ID)
		}
	}
}

func (p *fakePool) authorize(user string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.users = append(p.users, strings.Trim(user, `"`))
	return !p.refuse
}

// counts returns how many miners are connected and how many shares came.
func (p *fakePool) counts() (miners, shares int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.open), p.shares
}

// told returns the names that miners gave and the reports that came.
func (p *fakePool) told() (users []string, reports []poolapi.Telemetry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.users), slices.Clone(p.reports)
}

// refuseAll makes the pool let nobody in from now on.
func (p *fakePool) refuseAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = true
}
