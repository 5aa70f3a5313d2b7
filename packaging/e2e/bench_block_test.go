package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// benchBlocks is how many new blocks each figure is the best and the median of.
const benchBlocks = 10

// BenchmarkNewBlock is the time from a daemon's news of a block to the first and to
// the last of the connections that has a clean job, with the daemon's ZeroMQ publisher
// and an empty first job, and with long polling alone. Daemon and miners run in this
// process, on the same cores as the pool.
func BenchmarkNewBlock(b *testing.B) {
	for _, connections := range []int{1000, 5000} {
		for _, transactions := range []int{0, 3000} {
			for _, first := range []string{"empty", "full"} {
				b.Run(fmt.Sprintf("%d_connections/%d_transactions/%s", connections, transactions, first), func(b *testing.B) {
					benchNewBlock(b, connections, transactions, first)
				})
			}
		}
	}
}

func benchNewBlock(b *testing.B, connections, transactions int, first string) {
	d := newBusyDaemon(b, transactions)
	dir := b.TempDir()
	address := cointest.Network(b, "bitcoin", "regtest").P2WPKH(coin.PubKeyHash{5}).String()
	more := []string{"--difficulty", "1e-9", "--vardiff=off", "--payouts=off"}
	if first == "empty" {
		more = append(more, "--zmq", d.zmq)
	}
	initPool(b, dir, "bitcoin", d.rpc, address, more...)
	if first == "full" {
		replaceIn(b, filepath.Join(dir, "pools", crashPool+".json"), `"firstJob": "empty"`, `"firstJob": "full"`)
	}
	pool := startPool(b, "serve", "--dir", dir)
	m := newListeners(b, pool.Stratum, connections)
	var firsts, lasts []time.Duration
	for i := range 1 + benchBlocks { // the first one warms up
		hash, header := d.PrepareBlock()
		m.expect()
		d.TellBlock(hash, header)
		one, all := m.wait(b)
		if i > 0 {
			firsts, lasts = append(firsts, one), append(lasts, all)
		}
		time.Sleep(time.Second) // the whole job, too
	}
	for name, times := range map[string][]time.Duration{"first": firsts, "last": lasts} {
		slices.Sort(times)
		b.ReportMetric(float64(times[0].Microseconds())/1000, name+"-min-ms")
		b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, name+"-median-ms")
	}
	b.ReportMetric(0, "ns/op")
}

// busyDaemon is a fake daemon whose template's transactions are written beforehand, so
// that what it costs does not hide what the pool does.
type busyDaemon struct {
	*pooltest.Daemon
	transactions []byte
	rpc          pooltest.RPC
	zmq          string
}

func newBusyDaemon(b *testing.B, transactions int) *busyDaemon {
	d := &busyDaemon{Daemon: pooltest.NewDaemonWithoutPort(b, pooltest.Recorded(b, "btcd.json"))}
	var err error
	if d.transactions, err = json.Marshal(pooltest.Transactions(transactions, 500)); err != nil {
		b.Fatal(err)
	}
	d.SetTemplate(map[string]any{"transactions": nil, "height": 20})
	for range 12 {
		d.MineBlock() // the times of these are asked for
	}
	d.zmq = d.Publish(b)
	server := httptest.NewServer(d)
	b.Cleanup(func() { d.Die(); server.CloseClientConnections(); server.Close() })
	d.rpc = pooltest.RPC{URL: server.URL, User: pooltest.DaemonUser, Password: pooltest.DaemonPassword}
	return d
}

// ServeHTTP puts the transactions into a template without decoding anything.
func (d *busyDaemon) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if !bytes.Contains(body, []byte(`"getblocktemplate"`)) {
		r.Body = io.NopCloser(bytes.NewReader(body))
		d.Daemon.ServeHTTP(w, r)
		return
	}
	var call struct{ Params []json.RawMessage }
	if err := json.Unmarshal(body, &call); err != nil {
		return
	}
	result, err := d.Handler("getblocktemplate")(r.Context(), call.Params)
	if err != nil {
		return
	}
	small, err := json.Marshal(result)
	if err != nil {
		return
	}
	parts := [][]byte{[]byte(`{"result":`), small[:len(small)-1], []byte(`,"transactions":`), d.transactions, []byte(`},"error":null,"id":1}`)}
	w.Header().Set("Content-Length", fmt.Sprint(len(bytes.Join(parts, nil))))
	for _, part := range parts {
		w.Write(part)
	}
}

// listeners are connections that have signed in and wait for jobs.
type listeners struct {
	total  int
	begun  atomic.Int64 // when the block came, in nanoseconds since start
	start  time.Time
	first  atomic.Int64
	seen   atomic.Int64
	round  atomic.Int64
	allHad chan time.Duration
}

func newListeners(b *testing.B, address string, connections int) *listeners {
	m := &listeners{total: connections, start: time.Now(), allHad: make(chan time.Duration, 1)}
	ready := make(chan error, connections)
	for i := range connections {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { conn.Close() })
		fmt.Fprintf(conn, "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}\n{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"%s.%d\",\"x\"]}\n", goodAccount, i)
		go m.listen(conn, ready)
	}
	for range connections {
		if err := <-ready; err != nil {
			b.Fatal(err)
		}
	}
	return m
}

// listen notes the first job after each block.
func (m *listeners) listen(conn net.Conn, ready chan<- error) {
	buffer := make([]byte, 2048)
	var had int64
	signedIn := false
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			if !signedIn {
				ready <- err
			}
			return
		}
		if !bytes.Contains(buffer[:n], []byte(`"mining.notify"`)) || !bytes.Contains(buffer[:n], []byte(",true]")) {
			continue
		}
		if !signedIn {
			signedIn = true
			ready <- nil
			continue
		}
		if round := m.round.Load(); round > had {
			had = round
			m.note(time.Since(m.start).Nanoseconds() - m.begun.Load())
		}
	}
}

func (m *listeners) note(after int64) {
	m.first.CompareAndSwap(0, after)
	if int(m.seen.Add(1)) == m.total {
		m.allHad <- time.Duration(after)
	}
}

// expect begins a round: the block comes now.
func (m *listeners) expect() {
	m.first.Store(0)
	m.seen.Store(0)
	m.begun.Store(time.Since(m.start).Nanoseconds())
	m.round.Add(1)
}

func (m *listeners) wait(b *testing.B) (first, last time.Duration) {
	select {
	case last = <-m.allHad:
		return time.Duration(m.first.Load()), last
	case <-time.After(20 * time.Second):
		b.Fatalf("%d of %d connections heard of the block", m.seen.Load(), m.total)
		return 0, 0
	}
}
