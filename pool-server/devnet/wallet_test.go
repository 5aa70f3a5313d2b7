package devnet_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
)

// foreign is an address whose key the wallet does not have, and that key.
func foreign(t *testing.T, d *daemon) (address, wif string) {
	t.Helper()
	other := start(t, t.TempDir())
	defer other.stop()
	address = other.address("bech32")
	other.call("dumpprivkey", &wif, address)
	return address, wif
}

type funded struct {
	Hex       string
	Fee       json.Number
	ChangePos int
}

// payout does what a pool does to pay: create, fund, sign. It does not send.
func (d *daemon) payout(outputs any, options map[string]any) (signed string, fee json.Number) {
	d.t.Helper()
	var raw string
	d.call("createrawtransaction", &raw, []any{}, outputs)
	var f funded
	d.call("fundrawtransaction", &f, raw, options)
	var s struct {
		Hex      string
		Complete bool
		Errors   []any
	}
	d.call("signrawtransactionwithwallet", &s, f.Hex)
	if !s.Complete {
		d.t.Fatalf("signing: %v", s.Errors)
	}
	return s.Hex, f.Fee
}

type decoded struct {
	TxID string
	Vin  []struct {
		TxID     string
		Vout     uint32
		Sequence uint32
	}
	Vout []struct {
		Value        json.Number
		N            int
		ScriptPubKey struct{ Address, Type, Hex string }
	}
}

func TestMatureRewardIsPaidOutThroughFundSignSend(t *testing.T) {
	d := start(t, t.TempDir())
	to, _ := foreign(t, d)
	for _, kind := range []string{"bech32", "legacy", "p2sh-segwit"} {
		t.Run(kind, func(t *testing.T) {
			miner := d.address(kind)
			d.generate(6, miner)
			signed, fee := d.payout([]map[string]string{{to: "30"}, {d.address("legacy"): "20"}},
				map[string]any{"subtractFeeFromOutputs": []int{0, 1}, "lockUnspents": true, "feeRate": "0.0001", "changePosition": 2})
			var tx decoded
			d.call("decoderawtransaction", &tx, signed)
			if len(tx.Vout) != 2 || tx.Vout[0].ScriptPubKey.Address != to || !strings.HasPrefix(tx.Vout[0].Value.String(), "29.9999") {
				t.Errorf("decoded outputs = %+v, fee %s", tx.Vout, fee)
			}
			var txid string
			d.call("sendrawtransaction", &txid, signed)
			d.call("sendrawtransaction", &txid, signed) // again: the same payment
			if txid != tx.TxID {
				t.Errorf("txid %s, decoded %s", txid, tx.TxID)
			}
			g := d.template()
			if len(g.Transactions) != 1 || g.Transactions[0].TxID != txid || g.CoinbaseValue != 50_0000_0000+g.Transactions[0].Fee {
				t.Errorf("template: %+v", g)
			}
			b := g.assemble(t, d.script(to), "pays "+kind)
			if verdict := d.submit(b); verdict != "" {
				t.Fatalf("block with the payment: %s", verdict)
			}
			var status struct {
				Confirmations int64
				BlockHash     string
			}
			d.call("gettransaction", &status, txid)
			if status.Confirmations != 1 || status.BlockHash != b.BlockHash().String() {
				t.Errorf("gettransaction = %+v", status)
			}
			d.call("getrawtransaction", &status, txid, 1)
			if status.Confirmations != 1 || status.BlockHash != b.BlockHash().String() {
				t.Errorf("getrawtransaction = %+v", status)
			}
			if code := d.refused("sendrawtransaction", signed); code != -27 {
				t.Errorf("sending a mined transaction: %d, want -27", code)
			}
		})
	}
}

func TestRewardWaitsForMaturity(t *testing.T) {
	d := start(t, t.TempDir())
	miner := d.address("bech32")
	hash := d.generate(5, miner)[0]
	var block struct{ Tx []string }
	d.call("getblock", &block, hash)
	coinbase := block.Tx[0]
	if code := d.refused("fundrawtransaction", d.raw(t, miner, "1")); code != -4 {
		t.Errorf("fund with immature coins: %d, want -4", code)
	}
	if code := d.refused("sendtoaddress", miner, 1); code != -6 {
		t.Errorf("sendtoaddress with immature coins: %d, want -6", code)
	}
	var status struct {
		Generated bool
		Amount    json.Number
		Details   []struct{ Category string }
	}
	d.call("gettransaction", &status, coinbase)
	if !status.Generated || status.Details[0].Category != "immature" || status.Amount != "50.00000000" {
		t.Errorf("young reward: %+v", status)
	}
	d.generate(1, miner)
	d.call("gettransaction", &status, coinbase)
	if status.Details[0].Category != "generate" || d.balance() != "50.00000000" {
		t.Errorf("mature reward: %+v, balance %s", status, d.balance())
	}
}

// raw is an unfunded transaction.
func (d *daemon) raw(t *testing.T, to, amount string) (hex string) {
	t.Helper()
	d.call("createrawtransaction", &hex, []any{}, map[string]string{to: amount})
	return hex
}

func TestYoungRewardCannotBeSpentByForce(t *testing.T) {
	d := start(t, t.TempDir())
	miner := d.address("bech32")
	var block struct{ Tx []string }
	d.call("getblock", &block, d.generate(2, miner)[1])
	var raw string
	d.call("createrawtransaction", &raw, []any{map[string]any{"txid": block.Tx[0], "vout": 0}}, map[string]string{miner: "49.9"})
	var s struct{ Hex string }
	d.call("signrawtransactionwithwallet", &s, raw)
	err := d.try("sendrawtransaction", nil, s.Hex)
	if err == nil || !strings.Contains(err.Error(), "bad-txns-premature-spend-of-coinbase") || !strings.Contains(err.Error(), "-26") {
		t.Errorf("premature spend: %v", err)
	}
}

func TestDoubleSpendIsRefused(t *testing.T) {
	d := start(t, t.TempDir())
	a, _ := foreign(t, d)
	d.generate(6, d.address("bech32"))
	first, _ := d.payout(map[string]string{a: "10"}, nil)
	second, _ := d.payout(map[string]string{a: "11"}, nil) // not locked: the same coins
	d.call("sendrawtransaction", nil, first)
	err := d.try("sendrawtransaction", nil, second)
	if err == nil || !strings.Contains(err.Error(), "txn-mempool-conflict") || !strings.Contains(err.Error(), "-26") {
		t.Errorf("against the mempool: %v", err)
	}
	d.generate(1, a)
	if code := d.refused("sendrawtransaction", second); code != -25 {
		t.Errorf("against the chain: %d, want -25", code)
	}
	var tx decoded
	d.call("decoderawtransaction", &tx, second)
	b := d.template().assemble(t, d.script(a), "double spend")
	b.Transactions = append(b.Transactions, parseTx(t, second))
	recommit(t, b)
	if got := d.submit(b); got != "bad-txns-inputs-missingorspent" {
		t.Errorf("in a block: %q", got)
	}
}

func TestForgedSignatureIsRefused(t *testing.T) {
	d := start(t, t.TempDir())
	to, _ := foreign(t, d)
	d.generate(6, d.address("bech32"))
	signed, _ := d.payout(map[string]string{to: "10"}, nil)
	tx := parseTx(t, signed)
	tx.TxOut[0].Value++ // not what was signed
	err := d.try("sendrawtransaction", nil, txHex(t, tx))
	if err == nil || !strings.Contains(err.Error(), "mandatory-script-verify-flag-failed") {
		t.Errorf("changed after signing: %v", err)
	}
	b := d.template().assemble(t, d.script(to), "forged")
	b.Transactions = append(b.Transactions, tx)
	recommit(t, b)
	if got := d.submit(b); got != "mandatory-script-verify-flag-failed" {
		t.Errorf("in a block: %q", got)
	}
	tx = parseTx(t, signed)
	tx.TxIn[0].Witness = nil
	if err := d.try("sendrawtransaction", nil, txHex(t, tx)); err == nil {
		t.Error("a payment without witness was accepted: segwit is not enforced")
	}
}

func TestLockedCoinsAreNotSpentTwice(t *testing.T) {
	d := start(t, t.TempDir())
	to, _ := foreign(t, d)
	d.generate(7, d.address("bech32")) // two mature rewards
	first, _ := d.payout(map[string]string{to: "10"}, map[string]any{"lockUnspents": true})
	second, _ := d.payout(map[string]string{to: "10"}, map[string]any{"lockUnspents": true})
	if code := d.refused("fundrawtransaction", d.raw(t, to, "10")); code != -4 {
		t.Errorf("fund with everything locked: %d, want -4", code)
	}
	var locked []map[string]any
	d.call("listlockunspent", &locked)
	if len(locked) != 2 {
		t.Errorf("locked: %v", locked)
	}
	if code := d.refused("lockunspent", false, locked[:1]); code != -8 {
		t.Errorf("locking twice: %d, want -8", code)
	}
	d.call("sendrawtransaction", nil, first)
	d.call("sendrawtransaction", nil, second)
	d.call("listlockunspent", &locked)
	if len(locked) != 0 {
		t.Errorf("spent but locked: %v", locked)
	}
	third, _ := d.payout(map[string]string{to: "10"}, map[string]any{"lockUnspents": true}) // from change
	if third == "" {
		t.Error("change is not spendable")
	}
	d.call("lockunspent", nil, true)
	d.payout(map[string]string{to: "10"}, nil)
}

func TestImportedKeySpendsAfterRescan(t *testing.T) {
	d := start(t, t.TempDir())
	to, wif := foreign(t, d)
	d.generate(6, to)
	if got := d.balance(); got != "0.00000000" {
		t.Fatalf("balance before import = %s", got)
	}
	d.call("importprivkey", nil, wif, "label", true)
	if got := d.balance(); got != "50.00000000" {
		t.Errorf("balance after import = %s", got)
	}
	d.call("sendtoaddress", nil, d.address("bech32"), 12.5)
	var back string
	d.call("dumpprivkey", &back, to)
	if back != wif {
		t.Error("the key came back changed")
	}
	for _, bad := range []string{"", "x", wif[1:], mainnetKey(t)} {
		if code := d.refused("importprivkey", bad); code != -5 {
			t.Errorf("importprivkey of a bad key: %d, want -5", code)
		}
	}
}

func mainnetKey(t *testing.T) string {
	t.Helper()
	private, err := btcec.NewPrivateKey()
	if err != nil {
		t.Fatal(err)
	}
	wif, err := btcutil.NewWIF(private, &chaincfg.MainNetParams, true)
	if err != nil {
		t.Fatal(err)
	}
	return wif.String()
}

func TestUncompressedKeyIsImportedAsPlainAddress(t *testing.T) {
	d := start(t, t.TempDir())
	private, err := btcec.NewPrivateKey()
	if err != nil {
		t.Fatal(err)
	}
	wif, err := btcutil.NewWIF(private, &chaincfg.RegressionNetParams, false)
	if err != nil {
		t.Fatal(err)
	}
	d.call("importprivkey", nil, wif.String())
	d.generate(6, d.addressOf(t, wif))
	d.call("sendtoaddress", nil, d.address("bech32"), 20)
	d.generate(1, d.address("bech32"))
}

func TestAddressesAreChecked(t *testing.T) {
	d := start(t, t.TempDir())
	own := d.address("bech32")
	other, _ := foreign(t, d)
	mistyped := own[:len(own)-1] + "x"
	if mistyped == own {
		mistyped = own[:len(own)-1] + "y"
	}
	for address, want := range map[string][2]bool{ // valid, mine
		own: {true, true}, other: {true, false}, d.address("legacy"): {true, true},
		"": {}, "x": {}, strings.ToUpper(own): {true, true}, mistyped: {},
		"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4": {}, "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2": {},
	} {
		var a struct{ IsValid, IsMine bool }
		d.call("validateaddress", &a, address)
		if a.IsValid != want[0] {
			t.Errorf("validateaddress %q = %v", address, a.IsValid)
		}
		if !a.IsValid {
			if code := d.refused("getaddressinfo", address); code != -5 {
				t.Errorf("getaddressinfo %q: %d, want -5", address, code)
			}
			if code := d.refused("createrawtransaction", []any{}, map[string]string{address: "1"}); code != -5 {
				t.Errorf("createrawtransaction to %q: %d, want -5", address, code)
			}
			continue
		}
		d.call("getaddressinfo", &a, address)
		if a.IsMine != want[1] {
			t.Errorf("getaddressinfo %q: mine %v", address, a.IsMine)
		}
	}
}

func TestFeesAreExact(t *testing.T) {
	d := start(t, t.TempDir())
	to, _ := foreign(t, d)
	d.generate(12, d.address("bech32"))
	var raw string
	d.call("createrawtransaction", &raw, []any{}, []map[string]json.Number{{to: "100.00000000"}, {d.address("bech32"): "25.00000001"}})
	var f funded
	d.call("fundrawtransaction", &f, raw, map[string]any{"subtractFeeFromOutputs": []int{0, 1}, "feeRate": "0.00020000"})
	var tx decoded
	d.call("decoderawtransaction", &tx, f.Hex)
	if len(tx.Vin) != 3 || len(tx.Vout) != 3 || f.ChangePos != 2 {
		t.Fatalf("funded: %d in, %d out, change at %d", len(tx.Vin), len(tx.Vout), f.ChangePos)
	}
	sum := units(t, tx.Vout[0].Value) + units(t, tx.Vout[1].Value) + units(t, tx.Vout[2].Value)
	if fee := units(t, f.Fee); sum+fee != 150_0000_0000 || units(t, tx.Vout[2].Value) != 150_0000_0000-125_0000_0001 {
		t.Errorf("outputs %d and fee %d do not make 150 coins", sum, fee)
	}
	if code := d.refused("fundrawtransaction", raw, map[string]any{"subtractFeeFromOutputs": []int{2}}); code != -8 {
		t.Errorf("position out of bounds: %d, want -8", code)
	}
	if code := d.refused("fundrawtransaction", raw, map[string]any{"nonsense": 1}); code != -3 {
		t.Errorf("unknown option: %d, want -3", code)
	}
	if code := d.refused("fundrawtransaction", d.raw(t, to, "0.00000900"), map[string]any{"subtractFeeFromOutputs": []int{0}}); code != -4 {
		t.Errorf("amount below its fee: %d, want -4", code)
	}
	for amount, want := range map[string]int{"-1": -3, "1.000000001": -3, "22000000": -3, "abc": -3} {
		if code := d.refused("createrawtransaction", []any{}, map[string]string{to: amount}); code != want {
			t.Errorf("amount %q: %d, want %d", amount, code, want)
		}
	}
	if code := d.refused("createrawtransaction", []any{}, []map[string]string{{to: "1"}, {to: "1"}}); code != -8 {
		t.Errorf("address twice: %d, want -8", code)
	}
	if code := d.refused("sendrawtransaction", "00"); code != -22 {
		t.Errorf("no transaction: %d, want -22", code)
	}
	if code := d.refused("gettransaction", strings.Repeat("ab", 32)); code != -5 {
		t.Errorf("unknown transaction: %d, want -5", code)
	}
	if code := d.refused("getrawtransaction", "ab"); code != -8 {
		t.Errorf("short txid: %d, want -8", code)
	}
}
