package node

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/adit-mining/adit/wallet/coin"
)

// walletCall calls the configured wallet. A named wallet that is not loaded, as
// after each start of the daemon, is loaded first. If none is named and several
// are loaded, it is the one that has Config.WalletAddress, from then on.
func (c *Client) walletCall(ctx context.Context, method string, params []any, result any) error {
	err := c.callWallet(ctx, *c.wallet.Load(), method, params, result)
	name := *c.wallet.Load()
	switch codeOf(err) {
	case codeWalletNotSpec:
		if name = c.walletWith(ctx, c.config.WalletAddress); name == "" {
			return err
		}
		c.wallet.Store(&name)
		c.log.Info("several wallets are loaded; using the one that has the pool's address", "wallet", name)
	case codeWalletNotFound:
		if name == "" {
			return err
		}
		if loadErr := c.Call(ctx, "loadwallet", []any{name}, nil); loadErr != nil {
			return fmt.Errorf("%w; loading it: %w", err, loadErr)
		}
		c.log.Info("wallet loaded", "wallet", name)
	default:
		return err
	}
	return c.callWallet(ctx, name, method, params, result)
}

// callWallet calls the wallet of this name; empty means the only one.
func (c *Client) callWallet(ctx context.Context, name, method string, params []any, result any) error {
	address := c.root
	if name != "" {
		address += "/wallet/" + url.PathEscape(name)
	}
	return c.call(ctx, address, c.config.WalletTimeout, method, params, result)
}

// walletWith returns the name of the loaded wallet that has the key of address;
// empty if there is none or it cannot be told.
func (c *Client) walletWith(ctx context.Context, address string) string {
	var names []string
	if address == "" || c.Call(ctx, "listwallets", nil, &names) != nil {
		return ""
	}
	for _, name := range names {
		var a struct {
			IsMine bool `json:"ismine"`
		}
		if c.callWallet(ctx, name, "getaddressinfo", []any{address}, &a) == nil && a.IsMine {
			return name
		}
	}
	return ""
}

// Balance returns what the wallet can spend now: matured and trusted coins.
func (c *Client) Balance(ctx context.Context) (coin.Amount, error) {
	var n json.Number
	if err := c.walletCall(ctx, "getbalance", nil, &n); err != nil {
		return 0, err
	}
	return c.amount(n)
}

// AddressInfo is what the daemon thinks of an address.
type AddressInfo struct {
	Valid  bool
	IsMine bool   // the wallet has its key
	MWEB   bool   // Litecoin's confidential form: no coinbase and no shared transaction can pay it
	Script []byte // output script; empty for MWEB
}

// ValidateAddress asks the daemon about an address. Without a wallet IsMine is
// false.
func (c *Client) ValidateAddress(ctx context.Context, address string) (AddressInfo, error) {
	var a struct {
		IsValid bool   `json:"isvalid"`
		IsMine  bool   `json:"ismine"` // here before Core 0.18
		IsMWEB  bool   `json:"ismweb"`
		Script  string `json:"scriptPubKey"`
	}
	if err := c.Call(ctx, "validateaddress", []any{address}, &a); err != nil {
		return AddressInfo{}, err
	}
	info := AddressInfo{Valid: a.IsValid, IsMine: a.IsMine, MWEB: a.IsMWEB}
	var err error
	if info.Script, err = hex.DecodeString(a.Script); err != nil {
		return AddressInfo{}, fmt.Errorf("validateaddress at %s: script: %w", c.name, err)
	}
	if !info.Valid || info.IsMine {
		return info, nil
	}
	err = c.walletCall(ctx, "getaddressinfo", []any{address}, &a)
	if codeOf(err) == codeMethodNotFound || isKind(err, ErrNoWallet) {
		return info, nil
	}
	info.IsMine = a.IsMine
	return info, err
}

// NewAddress makes an address of the wallet.
func (c *Client) NewAddress(ctx context.Context) (address string, err error) {
	err = c.walletCall(ctx, "getnewaddress", nil, &address)
	return address, err
}

// Unlock opens an encrypted wallet for that many seconds. A wallet without
// encryption, or open for good, is no error.
func (c *Client) Unlock(ctx context.Context, passphrase Secret, seconds int) error {
	err := c.walletCall(ctx, "walletpassphrase", []any{string(passphrase), seconds}, nil)
	switch codeOf(err) {
	case codeWrongEncState, codeAlreadyUnlocked:
		return nil
	}
	return err
}

// Lock closes an encrypted wallet again. One without encryption is no error.
func (c *Client) Lock(ctx context.Context) error {
	err := c.walletCall(ctx, "walletlock", nil, nil)
	if codeOf(err) == codeWrongEncState {
		return nil
	}
	return err
}

// TxStatus is where a transaction stands.
type TxStatus struct {
	Known         bool
	Confirmations int64 // 0 in the mempool or the wallet only; negative if a conflicting one was mined that deep
	BlockHash     string
}

// TxStatus asks the wallet, and failing that the daemon, for a transaction. A
// daemon without the wallet knows few transactions that are mined; if it does not
// know this one the error is ErrNoWallet, for nobody can tell.
func (c *Client) TxStatus(ctx context.Context, txid string) (TxStatus, error) {
	var tx struct {
		Confirmations int64  `json:"confirmations"`
		BlockHash     string `json:"blockhash"`
	}
	err := c.walletCall(ctx, "gettransaction", []any{txid}, &tx)
	if code := codeOf(err); code == codeNotFound || code == codeMethodNotFound || isKind(err, ErrNoWallet) {
		noWallet := err
		err = c.Call(ctx, "getrawtransaction", []any{txid, 1}, &tx)
		switch {
		case codeOf(err) == codeNotFound && isKind(noWallet, ErrNoWallet):
			return TxStatus{}, noWallet
		case codeOf(err) == codeNotFound:
			return TxStatus{}, nil
		}
	}
	if err != nil {
		return TxStatus{}, err
	}
	return TxStatus{Known: true, Confirmations: tx.Confirmations, BlockHash: tx.BlockHash}, nil
}
