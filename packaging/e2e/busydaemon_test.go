package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/adit-mining/adit/pool-server/pooltest"
)

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
