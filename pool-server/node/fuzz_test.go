package node_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

// roundTrip answers every request alike.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// FuzzAnswers: no answer of a daemon brings the client down, and none makes a
// payment that was not asked for.
func FuzzAnswers(f *testing.F) {
	f.Add(200, []byte(`{"result":null,"error":null}`))
	f.Add(200, []byte(`{"result":1e-08}`))
	f.Add(200, []byte(`{"result":1e999999999}`))
	f.Add(500, []byte(`{"result":null,"error":{"code":-10,"message":"x"}}`))
	f.Add(500, []byte(`{"error":"text"}`))
	f.Add(200, []byte(`{"result":{"hex":"00","complete":true,"feerate":1,"txid":"a","vin":[{}],"vout":[{"value":1,"scriptPubKey":{"address":"somebody"}}]}}`))
	f.Add(200, append(append([]byte(`{"result":`), pooltest.Recorded(f, "litecoin-mweb.json")...), '}'))
	f.Fuzz(func(t *testing.T, status int, answer []byte) {
		c := client(t, "http://127.0.0.1:9332", func(c *node.Config) {
			c.Wallet = "pool"
			c.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: status, Body: io.NopCloser(bytes.NewReader(answer)), Request: r}, nil
			})
		})
		ctx := t.Context()
		c.Template(ctx, nil, "") // only that each returns
		c.SubmitBlock(ctx, []byte{1})
		c.ChainInfo(ctx)
		c.Balance(ctx)
		c.TxStatus(ctx, "00")
		c.ValidateAddress(ctx, "a")
		c.Broadcast(ctx, "00")
		c.ReleaseExcept(ctx, []string{"00"})
		tx, err := c.BuildAndSign(ctx, []node.Output{{Address: "somebody", Amount: 1_00000000}}, node.SignOptions{MaxFee: 1000})
		if err == nil && (len(tx.Outputs) != 1 || tx.Outputs[0].Amount+tx.Fee != 1_00000000 || tx.Fee < 0 || tx.Fee > 1000) {
			t.Errorf("signed %+v", tx)
		}
	})
}
