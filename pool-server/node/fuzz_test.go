package node_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

// roundTrip answers every request alike.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// FuzzBlock: no bytes of a block bring the reading of its coinbase down.
func FuzzBlock(f *testing.F) {
	block := append(make([]byte, 80), 1, 1, 0, 0, 0, 0, 1, 1)
	block = append(block, bytes.Repeat([]byte{0}, 32)...)
	block = append(block, 0xff, 0xff, 0xff, 0xff, 1, 0, 0xff, 0xff, 0xff, 0xff, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0x51)
	f.Add(block)
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) < 80 {
			return
		}
		once := sha256.Sum256(raw[:80])
		answer := []byte(`{"result":"` + hex.EncodeToString(raw) + `"}`)
		c := client(t, "http://127.0.0.1:9332", func(c *node.Config) {
			c.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Body: io.NopCloser(bytes.NewReader(answer)), Request: r}, nil
			})
		})
		if reward, err := c.BlockReward(t.Context(), pow.HashFromBytes(sha256.Sum256(once[:])), []byte{0x51}); reward < 0 || err != nil && reward != 0 {
			t.Errorf("reward %v, %v", reward, err)
		}
	})
}

// FuzzAnswers: no answer of a daemon brings the client down, and none makes a
// payment that was not asked for.
func FuzzAnswers(f *testing.F) {
	f.Add(200, []byte(`{"result":null,"error":null}`))
	f.Add(200, []byte(`{"result":1e-08}`))
	f.Add(200, []byte(`{"result":1e999999999}`))
	f.Add(500, []byte(`{"result":null,"error":{"code":-10,"message":"x"}}`))
	f.Add(500, []byte(`{"error":"text"}`))
	f.Add(200, []byte(`{"result":{"hex":"00","complete":true,"feerate":1,"txid":"a","vin":[{}],"vout":[{"value":1,"scriptPubKey":{"address":"somebody"}}]}}`))
	f.Add(200, []byte(`{"result":[{"txid":"`+strings.Repeat("ab", 32)+`","vout":0,"address":"a","scriptPubKey":"0014aa","amount":9e9,"confirmations":7,"category":"send","allowed":true}]}`))
	f.Add(200, []byte(`{"result":"`+strings.Repeat("00", 200)+`"}`))
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
		c.InputsGone(ctx, "00")
		c.FeeRates(ctx)
		c.Holdings(ctx)
		c.Sends(ctx, "00")
		c.BlockReward(ctx, pow.Hash{}, []byte{1})
		tx, err := c.BuildAndSign(ctx, []node.Output{{Address: "somebody", Amount: 1_00000000}}, node.SignOptions{MaxFee: 1000})
		if err == nil && (len(tx.Outputs) != 1 || tx.Outputs[0].Amount+tx.Fee != 1_00000000 || tx.Fee < 0 || tx.Fee > 1000) {
			t.Errorf("signed %+v", tx)
		}
	})
}
