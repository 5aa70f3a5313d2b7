package sweep

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
)

// RPC is a Core-like daemon as a Source. Coins are found by scantxoutset, which needs
// no wallet and no index; where the daemon has no such call, by watching the key's
// addresses in a wallet of its own. The daemon never sees a private key.
type RPC struct {
	network *coin.Network
	url     string // without a login
	host    string
	login   func() (user, password string, err error)
	http    *http.Client
}

// RPCConfig says where a daemon is.
type RPCConfig struct {
	Network    *coin.Network
	URL        string // http://127.0.0.1:9332
	CookieFile string // the daemon's .cookie, or any file with USER:PASSWORD in it; read for each call
	// User and Password are used where there is no CookieFile.
	User, Password string
	Transport      http.RoundTripper // nil means TCP, and no proxy
}

// NewRPC checks c. It asks nothing.
func NewRPC(c RPCConfig) (*RPC, error) {
	u, err := url.Parse(c.URL)
	switch {
	case err != nil:
		return nil, errors.New("daemon address: want one like http://127.0.0.1:9332") // err may quote a password
	case u.User != nil:
		return nil, errors.New("daemon address: no user and password in it, every program on this computer could read them; put USER:PASSWORD into a file and name it as the cookie file")
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Port() == "":
		return nil, errors.New("daemon address: want one like http://127.0.0.1:9332")
	}
	r := &RPC{network: c.Network, url: strings.TrimRight(u.Scheme+"://"+u.Host+u.Path, "/"), host: u.Host, http: newHTTP()}
	r.http.Transport = c.Transport
	if c.Transport == nil {
		dialer := &net.Dialer{Timeout: 10 * time.Second}
		r.http.Transport = &http.Transport{DialContext: dialer.DialContext, DisableCompression: true, MaxIdleConnsPerHost: 2, IdleConnTimeout: 10 * time.Second}
	}
	r.login = func() (string, string, error) { return c.User, c.Password, nil }
	if c.CookieFile != "" {
		r.login = func() (string, string, error) { return readCookie(c.CookieFile) }
	}
	return r, nil
}

func readCookie(path string) (user, password string, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", "", fmt.Errorf("read the cookie file: %w", err)
	}
	user, password, ok := strings.Cut(strings.TrimSpace(string(text)), ":")
	if !ok {
		return "", "", fmt.Errorf("read the cookie file %s: want USER:PASSWORD", path)
	}
	return user, password, nil
}

// Name implements Source.
func (r *RPC) Name() string { return "the daemon at " + r.host }

// rpcError is a daemon's own error.
type rpcError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func (e *rpcError) Error() string { return fmt.Sprintf("%s (code %d)", words(e.Message), e.Code) }

// Error codes of src/rpc/protocol.h of Bitcoin Core.
const (
	codeNoMethod  = -32601
	codeMisc      = -1
	codeWallet    = -4
	codeNotFound  = -5
	codeParameter = -8
	codeBadTx     = -22
	codeVerify    = -25
	codeRejected  = -26
	codeInChain   = -27
	codeWarmup    = -28
)

func codeOf(err error) int {
	var e *rpcError
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

// call makes one call of the wallet of that name, or of none.
func (r *RPC) call(ctx context.Context, timeout time.Duration, wallet string, limit int64, into any, method string, params ...any) error {
	err := r.post(ctx, timeout, wallet, limit, into, method, params)
	var told *rpcError
	if err != nil && !errors.As(err, &told) {
		return fmt.Errorf("%s: %w", method, err)
	}
	return err
}

func (r *RPC) post(ctx context.Context, timeout time.Duration, wallet string, limit int64, into any, method string, params []any) error {
	body, err := json.Marshal(map[string]any{"jsonrpc": "1.0", "id": 1, "method": method, "params": append([]any{}, params...)})
	if err != nil {
		return err
	}
	user, password, err := r.login()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	address := r.url
	if wallet != "" {
		address += "/wallet/" + url.PathEscape(wallet)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.SetBasicAuth(user, password)
	resp, err := r.http.Do(req)
	if err != nil {
		return unwrapURL(err)
	}
	defer resp.Body.Close()
	answer, err := readAll(resp.Body, limit)
	if err != nil {
		return err
	}
	if resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden {
		return errors.New("the daemon refused the login: is this its cookie file?")
	}
	return readAnswer(resp.StatusCode, answer, into)
}

// readAnswer takes a JSON-RPC answer apart.
func readAnswer(status int, answer []byte, into any) error {
	var a struct {
		Result json.RawMessage `json:"result"`
		Error  *rpcError       `json:"error"`
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return fmt.Errorf("%w: HTTP status %d and no JSON-RPC: is this the daemon's RPC port?", ErrSource, status)
	}
	if a.Error != nil {
		return a.Error
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(a.Result, into); err != nil {
		return fmt.Errorf("%w: %w", ErrSource, err)
	}
	return nil
}

// simple is call for short answers and without a wallet.
func (r *RPC) simple(ctx context.Context, into any, method string, params ...any) error {
	return r.call(ctx, callTime, "", maxSmall, into, method, params...)
}

// checkNetwork refuses a daemon of another network.
func (r *RPC) checkNetwork(ctx context.Context) error {
	var info struct {
		Chain   string `json:"chain"`
		Initial bool   `json:"initialblockdownload"`
		Blocks  int64  `json:"blocks"`
		Headers int64  `json:"headers"`
	}
	if err := r.simple(ctx, &info, "getblockchaininfo"); err != nil {
		return err
	}
	if got := networkName(info.Chain); got != r.network.Name {
		return fmt.Errorf("the daemon is on the network %q, not on %s", words(info.Chain), r.network.Name)
	}
	if info.Initial && info.Headers > info.Blocks {
		return fmt.Errorf("the daemon is still loading the chain: block %d of %d", info.Blocks, info.Headers)
	}
	return nil
}

// checkCoin refuses a daemon of another coin, for which the key's addresses are none.
// Coins with the same forms (Dogecoin and Dingocoin) it cannot tell apart.
func (r *RPC) checkCoin(ctx context.Context, scripts []Script) error {
	if len(scripts) == 0 {
		return errors.New("no scripts to look for")
	}
	var valid struct {
		Is bool `json:"isvalid"`
	}
	if err := r.simple(ctx, &valid, "validateaddress", scripts[0].Address); err != nil {
		return err
	}
	if !valid.Is {
		return fmt.Errorf("the daemon is not one of %s: it does not know addresses of that form", r.network)
	}
	return nil
}

// networkName turns a daemon's name of a network into ours.
func networkName(chain string) string {
	switch chain {
	case "mainnet":
		return "main"
	case "testnet", "testnet3", "testnet4":
		return "test"
	case "simnet":
		return "regtest"
	}
	return chain
}

type unspentRPC struct {
	TxID          string      `json:"txid"`
	Vout          uint32      `json:"vout"`
	Script        string      `json:"scriptPubKey"`
	Amount        json.Number `json:"amount"`
	Height        int64       `json:"height"`        // of scantxoutset
	Confirmations int64       `json:"confirmations"` // of listunspent
}

// Unspent implements Source.
func (r *RPC) Unspent(ctx context.Context, scripts []Script) ([]Output, int64, error) {
	if err := r.checkNetwork(ctx); err != nil {
		return nil, 0, err
	}
	if err := r.checkCoin(ctx, scripts); err != nil {
		return nil, 0, err
	}
	outputs, tip, err := r.scan(ctx, scripts)
	if codeOf(err) == codeNoMethod {
		return r.watch(ctx, scripts)
	}
	return outputs, tip, err
}

// scan looks through the set of unspent outputs. Another scan may be under way: then
// it is waited for.
func (r *RPC) scan(ctx context.Context, scripts []Script) ([]Output, int64, error) {
	var ask []any
	for _, s := range scripts {
		ask = append(ask, map[string]any{"desc": "raw(" + hex.EncodeToString(s.Bytes) + ")"})
	}
	var found struct {
		Success  *bool        `json:"success"`
		Height   int64        `json:"height"`
		Unspents []unspentRPC `json:"unspents"`
	}
	err := r.call(ctx, scanTime, "", maxList, &found, "scantxoutset", "start", ask)
	for codeOf(err) == codeParameter && r.scanning(ctx) {
		if sleepErr := sleep(ctx, time.Second); sleepErr != nil {
			return nil, 0, sleepErr
		}
		err = r.call(ctx, scanTime, "", maxList, &found, "scantxoutset", "start", ask)
	}
	if ctx.Err() != nil { // the daemon would go on for nobody
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		_ = r.simple(stop, nil, "scantxoutset", "abort")
	}
	if err != nil {
		return nil, 0, err
	}
	if found.Success != nil && !*found.Success {
		return nil, 0, errors.New("the scan was broken off")
	}
	tip := found.Height
	if tip == 0 { // before Core 0.19 the answer has no height
		if err := r.simple(ctx, &tip, "getblockcount"); err != nil {
			return nil, 0, err
		}
	}
	var outputs []Output
	for _, u := range found.Unspents {
		o, err := r.output(u, u.Height)
		if err != nil {
			return nil, 0, err
		}
		spent, err := r.spent(ctx, &o)
		if err != nil {
			return nil, 0, err
		}
		if !spent {
			outputs = append(outputs, o)
		}
	}
	return outputs, tip, nil
}

// scanning reports whether a scan is under way.
func (r *RPC) scanning(ctx context.Context) bool {
	var status struct {
		Progress json.Number `json:"progress"`
	}
	return r.simple(ctx, &status, "scantxoutset", "status") == nil && status.Progress != ""
}

// spent asks whether a coin of the chain is spent in the mempool, and learns whether
// it is a block's reward.
func (r *RPC) spent(ctx context.Context, o *Output) (bool, error) {
	var out *struct {
		Coinbase bool `json:"coinbase"`
	}
	if err := r.simple(ctx, &out, "gettxout", o.TxID, o.Index, true); err != nil {
		return false, err
	}
	if out == nil {
		return true, nil
	}
	o.Coinbase = out.Coinbase
	return false, nil
}

func (r *RPC) output(u unspentRPC, height int64) (Output, error) {
	script, err := hex.DecodeString(u.Script)
	if err != nil {
		return Output{}, fmt.Errorf("%w: script: %w", ErrSource, err)
	}
	amount, err := amountOf(r.network.Coin, u.Amount)
	if err != nil {
		return Output{}, err
	}
	return Output{TxID: u.TxID, Index: u.Vout, Amount: amount, Script: script, Height: height}, nil
}

// FeeRate implements Source.
func (r *RPC) FeeRate(ctx context.Context) (Rates, error) {
	const blocks = 6
	var estimate struct {
		FeeRate json.Number `json:"feerate"` // absent where there is no estimate, -1 before Core 0.17
	}
	var network struct {
		Relay json.Number `json:"relayfee"`
	}
	var pool struct {
		Minimum json.Number `json:"mempoolminfee"`
	}
	if err := r.simple(ctx, &network, "getnetworkinfo"); err != nil && codeOf(err) == 0 {
		return Rates{}, err
	}
	if network.Relay == "" { // btcd
		_ = r.simple(ctx, &network, "getinfo")
	}
	_ = r.simple(ctx, &estimate, "estimatesmartfee", blocks)
	_ = r.simple(ctx, &pool, "getmempoolinfo")
	var rates Rates
	for _, v := range []struct {
		n    json.Number
		into *coin.Amount
	}{{network.Relay, &rates.Floor}, {pool.Minimum, &rates.Floor}, {estimate.FeeRate, &rates.Estimate}} {
		if v.n == "" || strings.HasPrefix(v.n.String(), "-") {
			continue
		}
		rate, err := rateOf(r.network.Coin, v.n)
		if err != nil {
			return Rates{}, err
		}
		*v.into = max(*v.into, rate)
	}
	return rates, nil
}

// Transaction implements Source. A daemon without an index finds a transaction in
// its block, a pruned one only while it has that block.
func (r *RPC) Transaction(ctx context.Context, o Output) ([]byte, error) {
	var text string
	err := r.raw(ctx, &text, o.TxID, 0)
	if err != nil && codeOf(err) != 0 && o.Height > 0 {
		var hash string
		if hashErr := r.simple(ctx, &hash, "getblockhash", o.Height); hashErr == nil {
			err = r.raw(ctx, &text, o.TxID, 0, hash)
		}
	}
	if err != nil && codeOf(err) != 0 {
		text, err = r.fromWallet(ctx, o.TxID)
	}
	switch code := codeOf(err); {
	case code == codeNotFound || code == codeMisc || code == codeParameter || code == codeNoMethod || code == codeWallet:
		return nil, ErrNotFound
	case err != nil:
		return nil, err
	}
	raw, err := hex.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSource, err)
	}
	return raw, nil
}

func (r *RPC) raw(ctx context.Context, into any, params ...any) error {
	return r.call(ctx, callTime, "", maxRawHex, into, "getrawtransaction", params...)
}

// Send implements Source.
func (r *RPC) Send(ctx context.Context, raw []byte) (string, error) {
	var txid string
	err := r.simple(ctx, &txid, "sendrawtransaction", hex.EncodeToString(raw))
	switch codeOf(err) {
	case codeInChain: // by its id, which Send of the package compares: it asks for it itself
		tx, readErr := readTransaction(raw)
		if readErr != nil {
			return "", readErr
		}
		return tx.TxHash().String(), nil
	case codeBadTx, codeVerify, codeRejected, codeMisc, codeParameter:
		return "", fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return txid, err
}

// Status implements Source. Without an index a daemon knows the transactions of the
// mempool, and those of the chain whose output is unspent still.
func (r *RPC) Status(ctx context.Context, s Signed) (Status, error) {
	var tx, out *struct {
		Confirmations int64 `json:"confirmations"`
	}
	err := r.raw(ctx, &tx, s.TxID, 1)
	if err == nil && tx != nil {
		return Status{true, max(0, tx.Confirmations)}, nil
	}
	if err != nil && codeOf(err) == 0 {
		return Status{}, err
	}
	if err := r.simple(ctx, &out, "gettxout", s.TxID, 0, true); err != nil || out == nil {
		return Status{}, err
	}
	return Status{true, max(0, out.Confirmations)}, nil
}
