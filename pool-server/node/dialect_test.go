package node_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/wallet/coin"
)

// lacks makes the daemon say that it does not know these methods.
func (p *purse) lacks(methods ...string) {
	for _, m := range methods {
		p.daemon.Always(m, pooltest.Fault{Err: &pooltest.RPCError{Code: -32601, Message: "Method not found"}})
	}
}

// answers makes the daemon answer a method always alike.
func (p *purse) answers(method, result string) {
	p.daemon.Handle(method, func(context.Context, []json.RawMessage) (any, error) { return json.RawMessage(result), nil })
}

// wants makes the daemon refuse a method whose second parameter is not what it wants.
func (p *purse) wants(method string, ok func(param string) bool, code int) {
	original := p.daemon.Handler(method)
	p.daemon.Handle(method, func(ctx context.Context, params []json.RawMessage) (any, error) {
		if len(params) > 1 && !ok(string(params[1])) {
			return nil, &pooltest.RPCError{Code: code, Message: "JSON value is not of the type expected"}
		}
		return original(ctx, params)
	})
}

// changes rewrites the elements of listunspent.
func (p *purse) changes(edit func(coin map[string]any)) {
	original := p.daemon.Handler("listunspent")
	p.daemon.Handle("listunspent", func(ctx context.Context, params []json.RawMessage) (any, error) {
		all, err := original(ctx, params)
		for _, c := range all.([]map[string]any) {
			edit(c)
		}
		return all, err
	})
}

const history = `[
	{"account":"","address":"mine","category":"immature","amount":25.00000000,"vout":0,"confirmations":7,"generated":true,"txid":"c1","time":5},
	{"account":"","address":"mine","category":"send","amount":-50.00000000,"fee":0,"vout":0,"confirmations":120,"txid":"c0","time":1},
	{"account":"","address":"mine","category":"generate","amount":50.00000000,"vout":0,"confirmations":120,"txid":"c0","time":1},
	{"account":"","address":"a","category":"send","amount":-2e-8,"fee":-0.00001000,"vout":0,"confirmations":3,"txid":"p1","time":4},
	{"account":"","address":"b","category":"send","amount":-1.5,"fee":-0.00001000,"vout":1,"confirmations":3,"txid":"p1","time":4}
]`

// dialects are daemons as they are met: each speaks differently, and each can pay.
var dialects = map[string]struct {
	speak    func(p *purse)
	estimate coin.Amount
	relay    coin.Amount
	immature coin.Amount
	asked    map[string]int // calls of a method after two payments
}{
	"Core 0.16, and Dogecoin 1.14 like it": {
		speak: func(p *purse) {
			p.daemon.Handle("signrawtransaction", p.daemon.Handler("signrawtransactionwithwallet"))
			p.lacks("signrawtransactionwithwallet", "getaddressinfo", "getbalances", "testmempoolaccept", "estimatesmartfee")
			p.answers("estimatefee", "-1")
			p.answers("getnetworkinfo", `{"version":1140700,"relayfee":0.001,"softdustlimit":0.01,"harddustlimit":0.001}`)
			p.answers("getmempoolinfo", `{"size":0,"bytes":0,"usage":0,"maxmempool":300000000,"mempoolminfee":0.00000000}`)
			p.answers("getwalletinfo", `{"walletversion":130000,"balance":20.0,"unconfirmed_balance":0.0,"immature_balance":25.00000000,"paytxfee":0.0}`)
			p.wants("sendrawtransaction", func(s string) bool { return s == "true" }, -3)
			p.changes(func(c map[string]any) { delete(c, "safe"); c["account"] = "" })
		},
		relay: 100_000, immature: 25_0000_0000,
		asked: map[string]int{"signrawtransactionwithwallet": 1, "signrawtransaction": 2, "estimatesmartfee": 1, "sendrawtransaction": 3},
	},
	"a descriptor wallet of Core 31": {
		speak: func(p *purse) {
			p.lacks("signrawtransaction", "estimatefee", "getinfo", "importprivkey")
			p.answers("estimatesmartfee", `{"feerate":0.00012345,"blocks":6}`)
			p.answers("getwalletinfo", `{"walletname":"w1","walletversion":169900,"format":"sqlite","txcount":3,"keypoolsize":4000,"private_keys_enabled":true,"avoid_reuse":false,"scanning":false,"descriptors":true,"external_signer":false,"blank":false,"flags":["last_hardened_xpub_cached","descriptor_wallet"],"lastprocessedblock":{"hash":"00","height":150}}`)
			p.answers("getbalances", `{"mine":{"trusted":20.00000000,"untrusted_pending":0.00000000,"immature":25.00000000,"nonmempool":0.00000000},"lastprocessedblock":{"hash":"00","height":150}}`)
			p.answers("testmempoolaccept", `[{"txid":"00","wtxid":"00","allowed":true,"vsize":141,"fees":{"base":0.00001752,"effective-feerate":0.00012425,"effective-includes":["00"]}}]`)
			p.wants("sendrawtransaction", func(s string) bool { return s == "0" }, -3)
			p.wants("testmempoolaccept", func(s string) bool { return s == "0" }, -3)
			p.changes(func(c map[string]any) {
				c["parent_descs"] = []string{"wpkh([d34db33f/84h/1h/0h]tpubD6N/0/*)#aaaaaaaa"}
				c["desc"] = "wpkh([d34db33f/84h/1h/0h/0/0]02" + pooltest.Hex(make([]byte, 32)) + ")#bbbbbbbb"
			})
		},
		estimate: 12_345, relay: 1000, immature: 25_0000_0000,
		asked: map[string]int{"signrawtransactionwithwallet": 2, "signrawtransaction": 0, "sendrawtransaction": 2, "testmempoolaccept": 2},
	},
	"btcwallet before btcd": {
		speak: func(p *purse) {
			p.daemon.Handle("signrawtransaction", p.daemon.Handler("signrawtransactionwithwallet"))
			p.lacks("signrawtransactionwithwallet", "getaddressinfo", "getbalances", "estimatesmartfee", "testmempoolaccept")
			for _, m := range []string{"getnetworkinfo", "getwalletinfo"} {
				p.daemon.Always(m, pooltest.Fault{Err: &pooltest.RPCError{Code: -1, Message: "Command unimplemented"}})
			}
			p.answers("getinfo", `{"version":210000,"relayfee":0.00001}`)
			p.answers("getmempoolinfo", `{"size":0,"bytes":0}`)
			p.answers("estimatefee", "0.0000223456789")
			original := p.daemon.Handler("validateaddress")
			p.daemon.Handle("validateaddress", func(ctx context.Context, params []json.RawMessage) (any, error) {
				answer, err := original(ctx, params)
				delete(answer.(map[string]any), "scriptPubKey")
				return answer, err
			})
			p.changes(func(c map[string]any) { delete(c, "safe"); delete(c, "solvable"); c["account"] = "default" })
		},
		estimate: 2235, relay: 1000, immature: 25_0000_0000,
		asked: map[string]int{"signrawtransactionwithwallet": 1, "signrawtransaction": 2, "estimatesmartfee": 1, "sendrawtransaction": 2, "getinfo": 3},
	},
}

func TestEveryDialectPays(t *testing.T) {
	for name, d := range dialects {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPurse(t, nil)
			p.rewards(2, "10")
			d.speak(p)
			p.daemon.Handle("listtransactions", func(context.Context, []json.RawMessage) (any, error) { return json.RawMessage(history), nil })
			if estimate, relay, err := p.FeeRates(t.Context()); err != nil || estimate != d.estimate || relay != d.relay {
				t.Errorf("fee rates %v and %v, %v; want %v and %v", estimate, relay, err, d.estimate, d.relay)
			}
			for i := range 2 {
				asked := receivers(t, 3, 1_0000_0000)
				tx, err := p.BuildAndSign(t.Context(), asked, node.SignOptions{})
				if err != nil {
					t.Fatal(err)
				}
				p.checkSums(t, asked, tx)
				if err := p.Broadcast(t.Context(), tx.Raw); err != nil || len(p.Sent()) != i+1 {
					t.Fatalf("send: %v, sent %d", err, len(p.Sent()))
				}
			}
			for method, want := range d.asked {
				if got := len(p.daemon.Calls(method)); got != want {
					t.Errorf("%s was called %d times, want %d: what a daemon understands is remembered", method, got, want)
				}
			}
			if info, err := p.ValidateAddress(t.Context(), p.home); err != nil || !info.Valid || !info.IsMine {
				t.Errorf("the pool's address: %+v, %v", info, err)
			}
			if h, err := p.Holdings(t.Context()); err != nil || h.Immature != d.immature {
				t.Errorf("holdings %+v, %v", h, err)
			}
			all, err := p.Sends(t.Context(), "")
			if err != nil || len(all) != 1 || all[0].TxID != "p1" || all[0].Fee != 1000 || len(all[0].Outputs) != 2 || all[0].Outputs[0] != (node.Output{Address: "a", Amount: 2}) {
				t.Errorf("sends %+v, %v", all, err)
			}
		})
	}
}

// TestWhatAWalletSignsIsBelievedByNoWord: each change of the transaction on its way
// through the wallet is found out, and no coin stays locked.
func TestWhatAWalletSignsIsBelievedByNoWord(t *testing.T) {
	for name, change := range map[string]func(tx map[string]any){
		"less for a receiver": func(tx map[string]any) { output(tx, 1)["value"] = json.Number("0.5") },
		"more for a receiver": func(tx map[string]any) { output(tx, 0)["value"] = json.Number("1.1") },
		"another receiver": func(tx map[string]any) {
			output(tx, 0)["scriptPubKey"] = map[string]any{"hex": "0014" + pooltest.Hex(make([]byte, 20))}
		},
		"one output less": func(tx map[string]any) { tx["vout"] = tx["vout"].([]any)[1:] },
		"one output more": func(tx map[string]any) { tx["vout"] = append(tx["vout"].([]any), output(tx, 0)) },
		"another input":   func(tx map[string]any) { input(tx)["txid"] = "00" },
		"replaceable":     func(tx map[string]any) { input(tx)["sequence"] = 0xfffffffd },
		"not valid yet":   func(tx map[string]any) { tx["locktime"] = 500 },
		"no input":        func(tx map[string]any) { tx["vin"] = []any{} },
		"no number":       func(tx map[string]any) { output(tx, 0)["value"] = "x" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPurse(t, nil)
			p.rewards(2, "10")
			original := p.daemon.Handler("decoderawtransaction")
			times := 0
			p.daemon.Handle("decoderawtransaction", func(ctx context.Context, params []json.RawMessage) (any, error) {
				answer, err := original(ctx, params)
				if times++; times > 1 { // the first is the draft
					change(answer.(map[string]any))
				}
				return answer, err
			})
			if tx, err := p.BuildAndSign(t.Context(), receivers(t, 3, 1_0000_0000), node.SignOptions{}); err == nil || p.Locked() != 0 {
				t.Errorf("signed %+v, %d coins locked", tx, p.Locked())
			}
		})
	}
	for name, answer := range map[string]struct {
		verdict string
		kind    error
	}{
		"dust by the network's own rule": {`[{"txid":"00","allowed":false,"reject-reason":"dust"}]`, node.ErrTooSmall},
		"refused for another reason":     {`[{"txid":"00","allowed":false,"reject-reason":"mempool min fee not met"}]`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPurse(t, nil)
			p.rewards(2, "10")
			p.answers("testmempoolaccept", answer.verdict)
			if _, err := p.BuildAndSign(t.Context(), receivers(t, 3, 1_0000_0000), node.SignOptions{}); err == nil || answer.kind != nil && !errors.Is(err, answer.kind) || p.Locked() != 0 {
				t.Errorf("got %v, %d coins locked", err, p.Locked())
			}
		})
	}
}

func output(tx map[string]any, i int) map[string]any { return tx["vout"].([]any)[i].(map[string]any) }
func input(tx map[string]any) map[string]any         { return tx["vin"].([]any)[0].(map[string]any) }
