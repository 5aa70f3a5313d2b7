package sweep_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/wallet/coin/cointest"
	"github.com/adit-mining/adit/wallet/sweep"
)

// sourcesAt returns a source of each kind that asks the HTTP server at url, and what
// an Electrum server would be.
func sourcesAt(t testing.TB, url, electrum string) map[string]sweep.Source {
	t.Helper()
	n := cointest.Network(t, "litecoin", "regtest")
	rpc, err := sweep.NewRPC(sweep.RPCConfig{Network: n, URL: url, User: "u", Password: "hunter2"})
	if err != nil {
		t.Fatal(err)
	}
	esplora, err := sweep.NewEsplora(n, url)
	if err != nil {
		t.Fatal(err)
	}
	pool, err := sweep.NewPool(n, url)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]sweep.Source{"rpc": rpc, "esplora": esplora, "pool": pool}
	if electrum != "" {
		e, err := sweep.NewElectrum(n, "tcp://"+electrum)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { e.Close() })
		all["electrum"] = e
	}
	return all
}

// askAll asks a source everything and returns the errors.
func askAll(ctx context.Context, src sweep.Source, scripts []sweep.Script) (errs []error) {
	_, _, err := src.Unspent(ctx, scripts)
	errs = append(errs, err)
	_, err = src.Transaction(ctx, sweep.Output{TxID: strings.Repeat("ab", 32), Height: 3})
	errs = append(errs, err)
	_, err = src.Send(ctx, []byte(emptyTransaction))
	return append(errs, err)
}

func TestNonsenseIsAnErrorAndNotBelieved(t *testing.T) {
	k := newKey(t)
	scripts := scriptsOf(t, cointest.Network(t, "litecoin", "regtest"), k.PublicKey())
	for name, answer := range map[string]string{
		"nothing": "", "html": "<html>login</html>", "null": "null", "a number": "5", "a list": "[1,2]", "deep": strings.Repeat("[", 100_000),
		"other types": `{"result": {"chain": 7, "unspents": "x"}, "outputs": 5}`, "binary": "\x00\xff\xfe",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, answer) }))
		for kind, src := range sourcesAt(t, server.URL, "") {
			errs := askAll(t.Context(), src, scripts)
			if errs[0] == nil {
				t.Errorf("%s from %s: believed as coins", name, kind)
			}
			for _, err := range errs {
				if err != nil && (len(err.Error()) > 1000 || strings.Contains(err.Error(), "hunter2")) {
					t.Errorf("%s from %s: %.200s", name, kind, err)
				}
			}
		}
		server.Close()
	}
}

func TestAnswersWithoutEndAreCutOff(t *testing.T) {
	k := newKey(t)
	scripts := scriptsOf(t, cointest.Network(t, "litecoin", "regtest"), k.PublicKey())
	block := bytes.Repeat([]byte(" "), 1<<16)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	for kind, src := range sourcesAt(t, server.URL, flooding(t, block)) {
		began := time.Now()
		for _, err := range askAll(t.Context(), src, scripts) {
			if err == nil {
				t.Errorf("%s: an answer without end was read", kind)
			}
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%s: %v", kind, took)
		}
	}
}

// flooding is a server that sends blocks to whoever comes.
func flooding(t testing.TB, block []byte) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				for {
					if _, err := conn.Write(block); err != nil {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

func TestSilenceEndsWithTheContext(t *testing.T) {
	k := newKey(t)
	scripts := scriptsOf(t, cointest.Network(t, "litecoin", "regtest"), k.PublicKey())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-r.Context().Done():
		case <-time.After(10 * time.Second):
		}
	}))
	defer server.Close()
	for kind, src := range sourcesAt(t, server.URL, flooding(t, nil)) {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		began := time.Now()
		for _, err := range askAll(ctx, src, scripts) {
			if err == nil {
				t.Errorf("%s: silence was an answer", kind)
			}
		}
		cancel()
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s: hung for %v", kind, took)
		}
	}
}

func TestALoginDoesNotFollowARedirectNorStandInAnAddress(t *testing.T) {
	asked := 0
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer thief.Close()
	server := httptest.NewServer(http.RedirectHandler(thief.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	src := sourcesAt(t, server.URL, "")["rpc"]
	if _, _, err := src.Unspent(t.Context(), nil); err == nil || asked != 0 {
		t.Errorf("%v, %d requests elsewhere", err, asked)
	}
	_, err := sweep.NewRPC(sweep.RPCConfig{URL: "http://me:hunter2@127.0.0.1:9332"})
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a password in the address: %v", err)
	}
}

// FuzzSource feeds every source whatever a server may answer: nothing of it makes a
// plan, for no coin of the key is in a transaction that hashes to its id.
func FuzzSource(f *testing.F) {
	n := cointest.Network(f, "litecoin", "regtest")
	k := newKey(f)
	scripts := scriptsOf(f, n, k.PublicKey())
	id := strings.Repeat("ab", 32)
	script := hex.EncodeToString(scripts[0].Bytes)
	f.Add([]byte(fmt.Sprintf(`{"result":{"chain":"regtest","success":true,"height":50,"unspents":[{"txid":%q,"vout":0,"scriptPubKey":%q,"amount":1.5,"height":4}]}}`, id, script)))
	f.Add([]byte(fmt.Sprintf(`[{"txid":%q,"vout":0,"value":5000000,"status":{"confirmed":true,"block_height":3}}]`, id)))
	f.Add([]byte(fmt.Sprintf(`{"coin":"litecoin","network":"regtest","state":"done","height":9,"outputs":[{"txid":%q,"index":0,"amount":"1.5","script":%q,"height":3}],"relay":"1e-5"}`, id, script)))
	f.Add([]byte(`{"id":1,"result":[{"tx_hash":"00","tx_pos":-1,"height":-1,"value":1e30}]}`))
	f.Add([]byte(`{"result":null,"error":{"code":-32601,"message":"Method not found"},"id":1}`))
	f.Add([]byte("7"))
	var answer []byte
	// Without a network: the same bytes are the answer to everything.
	was := http.DefaultTransport
	f.Cleanup(func() { http.DefaultTransport = was })
	http.DefaultTransport = answering(func() []byte { return answer })
	rpc, err := sweep.NewRPC(sweep.RPCConfig{Network: n, URL: "http://127.0.0.1:1", Transport: http.DefaultTransport})
	if err != nil {
		f.Fatal(err)
	}
	sources := sourcesAt(f, "http://127.0.0.1:1", "")
	sources["rpc"] = rpc
	to := someAddress(f, n)
	f.Fuzz(func(t *testing.T, a []byte) {
		if bytes.Contains(a, []byte("looking")) {
			return // the pool is asked again for half an hour
		}
		answer = a
		for kind, src := range sources {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			if p, err := sweep.Prepare(ctx, k.PublicKey(), n, to, src, sweep.Options{}); err == nil {
				t.Errorf("%s: %q makes a plan of %d inputs", kind, a, len(p.Inputs()))
			}
			cancel()
		}
	})
}

// answering answers every request with what it returns.
type answering func() []byte

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(a())), Request: r}, nil
}

// FuzzTransaction reads what a source shows as a transaction. What is read has the
// right id, so it is the one that the fuzzer was given, or none.
func FuzzTransaction(f *testing.F) {
	f.Add([]byte(emptyTransaction))
	f.Add([]byte("\x01\x00\x00\x00\x00\x01" + emptyTransaction[4:]))
	f.Add([]byte("\x02\x00\x00\x00\x00\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		id := strings.Repeat("00", 32)
		if outputs, _, err := sweep.ReadMade(raw, id); err == nil {
			t.Errorf("%d outputs of a transaction of another id", outputs)
		}
	})
}
