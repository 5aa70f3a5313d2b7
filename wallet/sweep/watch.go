package sweep

import (
	"context"
	"fmt"

	"github.com/adit-mining/adit/wallet/coin"
)

// watchWallet is the name of the wallet that watches a key in a daemon that has no
// scantxoutset. It holds addresses, and never a private key.
func watchWallet(account coin.PubKeyHash) string { return "adit-watch-" + account.String()[:8] }

// watch finds coins by a wallet that watches the addresses: slow the first time, for
// the daemon reads the whole chain. Daemons of before wallets had names (Dogecoin,
// Ravencoin) watch in their only one.
func (r *RPC) watch(ctx context.Context, scripts []Script) ([]Output, int64, error) {
	name, err := r.openWatch(ctx, scripts)
	if err != nil {
		return nil, 0, fmt.Errorf("make a wallet that watches the addresses: %w", err)
	}
	if err := r.importAll(ctx, name, scripts); err != nil {
		return nil, 0, fmt.Errorf("watch the addresses: %w", err)
	}
	addresses := []string{}
	for _, s := range scripts {
		addresses = append(addresses, s.Address)
	}
	var tip int64
	if err := r.simple(ctx, &tip, "getblockcount"); err != nil {
		return nil, 0, err
	}
	var found []unspentRPC
	if err := r.call(ctx, callTime, name, maxList, &found, "listunspent", 0, 9_999_999, addresses); err != nil {
		return nil, 0, err
	}
	var outputs []Output
	for _, u := range found {
		height := int64(0)
		if u.Confirmations > 0 {
			height = max(1, tip-u.Confirmations+1)
		}
		o, err := r.output(u, height)
		if err != nil {
			return nil, 0, err
		}
		outputs = append(outputs, o)
	}
	return outputs, tip, nil
}

// openWatch makes or loads the wallet and returns its name, "" for the only one.
func (r *RPC) openWatch(ctx context.Context, scripts []Script) (string, error) {
	var loaded []string
	err := r.simple(ctx, &loaded, "listwallets")
	if codeOf(err) == codeNoMethod {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	name := r.watchName(scripts)
	for _, w := range loaded {
		if w == name {
			return name, nil
		}
	}
	err = r.simple(ctx, nil, "createwallet", name, true)
	if codeOf(err) == codeWallet { // it is there since another time
		err = r.simple(ctx, nil, "loadwallet", name)
	}
	if codeOf(err) == codeNoMethod {
		return "", nil
	}
	return name, err
}

func (r *RPC) watchName(scripts []Script) string {
	for _, s := range scripts {
		if s.Form == FormP2PKH {
			return watchWallet(coin.HashPubKey(s.public))
		}
	}
	return watchWallet(coin.PubKeyHash{})
}

// importAll imports what is not watched yet, and lets the last one read the chain.
func (r *RPC) importAll(ctx context.Context, name string, scripts []Script) error {
	var missing []Script
	for _, s := range scripts {
		if !r.watched(ctx, name, s.Address) {
			missing = append(missing, s)
		}
	}
	for i, s := range missing {
		last := i == len(missing)-1
		if err := r.call(ctx, scanTime, name, maxSmall, nil, "importaddress", s.Address, "adit", last); err != nil {
			return err
		}
	}
	return nil
}

func (r *RPC) watched(ctx context.Context, name, address string) bool {
	for _, method := range []string{"getaddressinfo", "validateaddress"} {
		var info struct {
			Mine  bool `json:"ismine"`
			Watch bool `json:"iswatchonly"`
		}
		if err := r.call(ctx, callTime, name, maxSmall, &info, method, address); err == nil {
			return info.Mine || info.Watch
		}
	}
	return false
}

// fromWallet looks for a transaction in the watching wallets.
func (r *RPC) fromWallet(ctx context.Context, txid string) (string, error) {
	var loaded []string
	if err := r.simple(ctx, &loaded, "listwallets"); err != nil {
		loaded = []string{""}
	}
	var tx struct {
		Hex string `json:"hex"`
	}
	for _, name := range loaded {
		if err := r.call(ctx, callTime, name, maxRawHex, &tx, "gettransaction", txid, true); err == nil {
			return tx.Hex, nil
		}
	}
	return "", ErrNotFound
}
