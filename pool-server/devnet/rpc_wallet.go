package devnet

import (
	"context"
	"encoding/hex"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/txscript/v2"
)

func walletMethods() map[string]method {
	unencrypted := func(name string) func(*Chain, context.Context, arguments) (any, error) {
		return func(*Chain, context.Context, arguments) (any, error) {
			return nil, &RPCError{codeEncryption, "Error: running with an unencrypted wallet, but " + name + " was called."}
		}
	}
	return map[string]method{
		"getnewaddress":                {run: (*Chain).getNewAddress},
		"getrawchangeaddress":          {run: (*Chain).getRawChangeAddress},
		"validateaddress":              {needs: 1, run: (*Chain).validateAddress},
		"getaddressinfo":               {needs: 1, run: (*Chain).getAddressInfo},
		"importprivkey":                {needs: 1, run: (*Chain).importPrivKey},
		"dumpprivkey":                  {needs: 1, run: (*Chain).dumpPrivKey},
		"getbalance":                   {run: (*Chain).getBalance},
		"getbalances":                  {run: (*Chain).getBalances},
		"getwalletinfo":                {run: (*Chain).getWalletInfo},
		"listwallets":                  {run: constant([]string{""})},
		"listunspent":                  {run: (*Chain).listUnspent},
		"lockunspent":                  {needs: 1, run: (*Chain).lockUnspent},
		"listlockunspent":              {run: (*Chain).listLockUnspent},
		"gettransaction":               {needs: 1, run: (*Chain).getTransaction},
		"listtransactions":             {run: (*Chain).listTransactions},
		"listsinceblock":               {run: (*Chain).listSinceBlock},
		"fundrawtransaction":           {needs: 1, run: (*Chain).fundRawTransaction},
		"signrawtransactionwithwallet": {needs: 1, run: (*Chain).signRawTransaction},
		"sendtoaddress":                {needs: 2, run: (*Chain).sendToAddress},
		"walletpassphrase":             {run: unencrypted("walletpassphrase")},
		"walletlock":                   {run: unencrypted("walletlock")},
	}
}

func (c *Chain) getNewAddress(_ context.Context, a arguments) (any, error) {
	kind := "bech32"
	if err := a.optional(1, &kind); err != nil {
		return nil, err
	}
	return c.wallet.newAddress(kind)
}

func (c *Chain) getRawChangeAddress(_ context.Context, a arguments) (any, error) {
	kind := "bech32"
	if err := a.optional(0, &kind); err != nil {
		return nil, err
	}
	address, err := keyAddress(c.wallet.change, kind, c.params)
	if err != nil {
		return nil, err
	}
	return address.EncodeAddress(), nil
}

func (c *Chain) validateAddress(_ context.Context, a arguments) (any, error) {
	text, err := a.text(0)
	if err != nil {
		return nil, err
	}
	if _, err := parseAddress(text, c.params); err != nil {
		return map[string]any{"isvalid": false, "error_locations": []int{}, "error": "Invalid address: " + err.Error()}, nil
	}
	d, err := c.describeAddress(text)
	if err != nil {
		return nil, err
	}
	d["isvalid"] = true
	return d, nil
}

// describeAddress is what validateaddress and getaddressinfo have in common.
func (c *Chain) describeAddress(text string) (map[string]any, error) {
	script, err := c.payTo(text)
	if err != nil {
		return nil, err
	}
	d := map[string]any{
		"address": c.addressOf(script), "scriptPubKey": hex.EncodeToString(script),
		"isscript":  txscript.IsPayToScriptHash(script) || txscript.IsPayToWitnessScriptHash(script),
		"iswitness": txscript.IsWitnessProgram(script),
	}
	if version, program, err := txscript.ExtractWitnessProgramInfo(script); err == nil {
		d["witness_version"], d["witness_program"] = version, hex.EncodeToString(program)
	}
	return d, nil
}

func (c *Chain) getAddressInfo(_ context.Context, a arguments) (any, error) {
	text, err := a.text(0)
	if err != nil {
		return nil, err
	}
	script, err := c.payTo(text)
	if err != nil {
		return nil, &RPCError{codeAddressOrKey, "Invalid address"}
	}
	d, err := c.describeAddress(text)
	if err != nil {
		return nil, err
	}
	s, ours := c.wallet.scripts[string(script)]
	d["ismine"], d["solvable"], d["iswatchonly"] = ours, ours, false
	d["ischange"] = ours && s.key.role == changeKey
	d["labels"] = []string{}
	if ours {
		d["pubkey"] = hex.EncodeToString(s.key.public())
		d["labels"] = []string{""}
	}
	return d, nil
}

// importPrivKey takes key, label, and whether to rescan, which is the default. Nobody
// keeps labels.
func (c *Chain) importPrivKey(_ context.Context, a arguments) (any, error) {
	text, err := a.text(0)
	if err != nil {
		return nil, err
	}
	rescan := true
	if err := a.optional(2, &rescan); err != nil {
		return nil, err
	}
	k, err := parseWIF(text, c.params)
	if err != nil {
		return nil, err
	}
	have, err := c.wallet.holds(k)
	if err != nil {
		return nil, err
	}
	if !have {
		if err := c.wallet.store(k); err != nil {
			return nil, err
		}
	}
	if !rescan {
		return nil, nil
	}
	return nil, c.rescan()
}

// rescan reads the wallet's state from the chain and the mempool again.
func (c *Chain) rescan() error {
	known := c.wallet.txs
	c.wallet.reset()
	for height := int32(1); height <= c.chain.BestSnapshot().Height; height++ {
		b, err := c.chain.BlockByHeight(height)
		if err != nil {
			return c.fail(err)
		}
		c.wallet.connect(b)
	}
	for _, d := range c.pool.TxDescs() {
		c.wallet.notice(d.Tx.MsgTx())
	}
	for hash, tx := range known { // with the times at which they were first seen
		c.wallet.txs[hash] = tx
	}
	return nil
}

func (c *Chain) dumpPrivKey(_ context.Context, a arguments) (any, error) {
	text, err := a.text(0)
	if err != nil {
		return nil, err
	}
	script, err := c.payTo(text)
	if err != nil {
		return nil, &RPCError{codeAddressOrKey, "Invalid Bitcoin address"}
	}
	s, ours := c.wallet.scripts[string(script)]
	if !ours {
		return nil, &RPCError{codeWallet, "Private key for address " + text + " is not known"}
	}
	wif, err := btcutil.NewWIF(s.key.private, c.params, s.key.compressed)
	if err != nil {
		return nil, err
	}
	return wif.String(), nil
}

func (c *Chain) getBalance(context.Context, arguments) (any, error) {
	return coins(c.balances().trusted), nil
}

func (c *Chain) getBalances(context.Context, arguments) (any, error) {
	b := c.balances()
	return map[string]any{"mine": map[string]any{
		"trusted": coins(b.trusted), "untrusted_pending": coins(b.pending), "immature": coins(b.immature),
	}}, nil
}

func (c *Chain) getWalletInfo(context.Context, arguments) (any, error) {
	b := c.balances()
	return map[string]any{
		"walletname": "", "walletversion": 169900, "format": "adit", "txcount": len(c.wallet.txs),
		"balance": coins(b.trusted), "unconfirmed_balance": coins(b.pending), "immature_balance": coins(b.immature),
		"paytxfee": coins(0), "private_keys_enabled": true, "avoid_reuse": false, "scanning": false, "descriptors": false,
	}, nil
}

// listUnspent takes minimum and maximum of confirmations, addresses, and whether to
// list what is unsafe to spend.
func (c *Chain) listUnspent(_ context.Context, a arguments) (any, error) {
	minimum, maximum, unsafe := int64(1), int64(9_999_999), true
	var only []string
	for i, into := range []any{&minimum, &maximum, &only, &unsafe} {
		if err := a.optional(i, into); err != nil {
			return nil, err
		}
	}
	wanted := map[string]bool{}
	for _, address := range only {
		if _, err := c.payTo(address); err != nil {
			return nil, err
		}
		wanted[address] = true
	}
	list := []map[string]any{}
	for _, s := range c.spendables() {
		address := c.addressOf(s.out.PkScript)
		if !s.mature || s.locked || s.confirmations < minimum || s.confirmations > maximum ||
			len(wanted) > 0 && !wanted[address] || !s.trusted && !unsafe {
			continue
		}
		list = append(list, map[string]any{
			"txid": s.at.Hash.String(), "vout": s.at.Index, "address": address, "label": "",
			"scriptPubKey": hex.EncodeToString(s.out.PkScript), "amount": coins(s.out.Value),
			"confirmations": s.confirmations, "spendable": true, "solvable": true, "safe": s.trusted,
		})
	}
	return list, nil
}
