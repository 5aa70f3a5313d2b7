package sweep

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
)

// Electrum is a server of Electrum's protocol as a Source, version 1.4:
// https://electrumx.readthedocs.io/en/latest/protocol.html
//
// A certificate is not asked for: nearly all servers have one that they signed
// themselves, nothing secret goes to them, and nothing that they say is believed.
// TLS keeps others on the way from listening.
type Electrum struct {
	network *coin.Network
	address string
	secure  bool

	mu   sync.Mutex // one question at a time
	conn net.Conn   // nil while there is none
	in   *bufio.Reader
	id   int
}

// NewElectrum returns the server at address: "HOST:PORT" and "ssl://HOST:PORT" by
// TLS, "tcp://HOST:PORT" in the clear. Close ends the connection.
func NewElectrum(n *coin.Network, address string) (*Electrum, error) {
	if genesis(n) == "" {
		return nil, fmt.Errorf("the first block of %s is not known here, and so not whether a server is one of that coin; use another source", n)
	}
	e := &Electrum{network: n, address: strings.TrimSpace(address), secure: true}
	if u, err := url.Parse(e.address); err == nil && u.Host != "" {
		switch u.Scheme {
		case "ssl", "tls":
		case "tcp":
			e.secure = false
		default:
			return nil, errors.New("server address: want HOST:PORT, ssl://HOST:PORT or tcp://HOST:PORT")
		}
		e.address = u.Host
	}
	if host, port, err := net.SplitHostPort(e.address); err != nil || host == "" || port == "" {
		return nil, errors.New("server address: want HOST:PORT, ssl://HOST:PORT or tcp://HOST:PORT")
	}
	return e, nil
}

// Name implements Source.
func (e *Electrum) Name() string { return "the Electrum server at " + e.address }

// Close hangs up.
func (e *Electrum) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.hangUp()
}

func (e *Electrum) hangUp() error {
	if e.conn == nil {
		return nil
	}
	conn := e.conn
	e.conn, e.in = nil, nil
	return conn.Close()
}

// electrumError is the server's own error.
type electrumError struct{ words string }

func (e *electrumError) Error() string { return e.words }

// call asks one question. The connection is made when it is needed, and given up
// after anything odd.
func (e *Electrum) call(ctx context.Context, limit int, into any, method string, params ...any) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	err := e.exchange(ctx, limit, into, method, params)
	var told *electrumError
	if err != nil && !errors.As(err, &told) {
		_ = e.hangUp()
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return fmt.Errorf("%s: %w", method, err)
	}
	return err
}

func (e *Electrum) exchange(ctx context.Context, limit int, into any, method string, params []any) error {
	if e.conn == nil {
		if err := e.dial(ctx); err != nil {
			return err
		}
		var version []string
		if err := e.one(ctx, maxSmall, &version, "server.version", []any{"adit", "1.4"}); err != nil {
			return err
		}
		var features struct {
			Genesis string `json:"genesis_hash"`
		}
		if err := e.one(ctx, maxSmall, &features, "server.features", nil); err != nil {
			return err
		}
		if err := checkGenesis(e.network, features.Genesis); err != nil {
			_ = e.hangUp()
			return err
		}
	}
	return e.one(ctx, limit, into, method, params)
}

func (e *Electrum) dial(ctx context.Context) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", e.address)
	if err != nil {
		return err
	}
	if e.secure {
		//nolint:gosec // see Electrum
		secure := tls.Client(conn, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12})
		if err := secure.HandshakeContext(ctx); err != nil {
			conn.Close()
			return err
		}
		conn = secure
	}
	e.conn, e.in = conn, bufio.NewReader(conn)
	return nil
}

func (e *Electrum) one(ctx context.Context, limit int, into any, method string, params []any) error {
	stop := context.AfterFunc(ctx, func(conn net.Conn) func() {
		return func() { _ = conn.SetDeadline(time.Unix(1, 0)) }
	}(e.conn))
	defer stop()
	e.id++
	line, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": e.id, "method": method, "params": append([]any{}, params...)})
	if err != nil {
		return err
	}
	if _, err := e.conn.Write(append(line, '\n')); err != nil {
		return err
	}
	for left := limit; ; {
		text, err := readLine(e.in, left)
		if err != nil {
			return err
		}
		left -= len(text)
		var answer struct {
			ID     *int            `json:"id"`
			Result json.RawMessage `json:"result"`
			Error  json.RawMessage `json:"error"`
		}
		if err := json.Unmarshal(text, &answer); err != nil {
			return fmt.Errorf("%w: %w", ErrSource, err)
		}
		switch {
		case answer.ID == nil || *answer.ID != e.id: // a notification, or an answer to nothing of ours
			continue
		case len(answer.Error) > 0 && string(answer.Error) != "null":
			return &electrumError{electrumWords(answer.Error)}
		case into == nil:
			return nil
		}
		if err := json.Unmarshal(answer.Result, into); err != nil {
			return fmt.Errorf("%w: %w", ErrSource, err)
		}
		return nil
	}
}

// readLine reads up to a line's end, at most limit bytes.
func readLine(r *bufio.Reader, limit int) (line []byte, err error) {
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > limit:
			return nil, fmt.Errorf("%w: longer than %d bytes", ErrSource, limit)
		case err == nil:
			return line, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}

func electrumWords(raw json.RawMessage) string {
	var e struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(raw, &e) == nil && e.Message != "" {
		return words(e.Message)
	}
	return words(string(raw))
}

// Unspent implements Source.
func (e *Electrum) Unspent(ctx context.Context, scripts []Script) (outputs []Output, tip int64, err error) {
	for _, s := range scripts {
		var list []struct {
			TxID   string `json:"tx_hash"`
			Index  uint32 `json:"tx_pos"`
			Height int64  `json:"height"` // 0 or -1 in the mempool
			Value  int64  `json:"value"`
		}
		if err := e.call(ctx, maxList, &list, "blockchain.scripthash.listunspent", s.electrumHash()); err != nil {
			return nil, 0, err
		}
		for _, u := range list {
			outputs = append(outputs, Output{TxID: u.TxID, Index: u.Index, Amount: coin.Amount(u.Value), Script: s.Bytes, Height: max(0, u.Height)})
		}
		if len(outputs) > maxOutputs {
			return nil, 0, fmt.Errorf("%w: too many coins", ErrSource)
		}
	}
	tip, err = e.tip(ctx)
	return outputs, tip, err
}

func (e *Electrum) tip(ctx context.Context) (int64, error) {
	var header struct {
		Height int64 `json:"height"`
	}
	err := e.call(ctx, maxSmall, &header, "blockchain.headers.subscribe")
	if err == nil && header.Height <= 0 {
		err = fmt.Errorf("%w: height %d", ErrSource, header.Height)
	}
	return header.Height, err
}

// FeeRate implements Source.
func (e *Electrum) FeeRate(ctx context.Context) (Rates, error) {
	var estimate, relay json.Number
	if err := e.call(ctx, maxSmall, &estimate, "blockchain.estimatefee", 6); err != nil {
		return Rates{}, err
	}
	if err := e.call(ctx, maxSmall, &relay, "blockchain.relayfee"); err != nil {
		relay = "0" // gone in version 1.6
	}
	var rates Rates
	var err error
	if !strings.HasPrefix(estimate.String(), "-") {
		if rates.Estimate, err = rateOf(e.network.Coin, estimate); err != nil {
			return Rates{}, err
		}
	}
	rates.Floor, err = rateOf(e.network.Coin, relay)
	return rates, err
}

// Transaction implements Source.
func (e *Electrum) Transaction(ctx context.Context, o Output) ([]byte, error) {
	var text string
	err := e.call(ctx, maxRawHex, &text, "blockchain.transaction.get", o.TxID)
	var told *electrumError
	switch {
	case errors.As(err, &told):
		return nil, ErrNotFound
	case err != nil:
		return nil, err
	}
	return decodeHex(text)
}

// Send implements Source.
func (e *Electrum) Send(ctx context.Context, raw []byte) (string, error) {
	var txid string
	err := e.call(ctx, maxSmall, &txid, "blockchain.transaction.broadcast", hex.EncodeToString(raw))
	var told *electrumError
	if errors.As(err, &told) {
		return "", fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return txid, err
}

// Status implements Source: the history of the script that the transaction pays.
func (e *Electrum) Status(ctx context.Context, s Signed) (Status, error) {
	tx, err := readTransaction(s.Raw)
	if err != nil {
		return Status{}, err
	}
	if len(tx.TxOut) == 0 {
		return Status{}, ErrNotFound
	}
	var history []struct {
		TxID   string `json:"tx_hash"`
		Height int64  `json:"height"`
	}
	to := Script{Bytes: tx.TxOut[0].PkScript}
	if err := e.call(ctx, maxList, &history, "blockchain.scripthash.get_history", to.electrumHash()); err != nil {
		return Status{}, err
	}
	for _, h := range history {
		if h.TxID != s.TxID {
			continue
		}
		if h.Height <= 0 {
			return Status{Known: true}, nil
		}
		tip, err := e.tip(ctx)
		return Status{true, max(1, tip-h.Height+1)}, err
	}
	return Status{}, nil
}
