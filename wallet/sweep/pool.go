package sweep

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet/coin"
)

// Pool is a pool's API as a Source: for whoever has no daemon. The pool sees the
// public mining key, which it knows, and the signed transaction.
type Pool struct {
	network *coin.Network
	client  *poolapi.Client
}

// NewPool returns the pool at base, "https://pool.example".
func NewPool(n *coin.Network, base string) (*Pool, error) {
	client, err := poolapi.NewClient(base)
	if err != nil {
		return nil, err
	}
	return &Pool{network: n, client: client}, nil
}

// Name implements Source.
func (p *Pool) Name() string {
	_, host, _ := strings.Cut(p.client.Base(), "://")
	return "the pool at " + host
}

// explain turns the pool's answers into ours.
func explain(err error) error {
	var status *poolapi.StatusError
	if !errors.As(err, &status) {
		return err
	}
	reason := words(status.Reason)
	switch status.Status {
	case http.StatusUnprocessableEntity, http.StatusBadRequest, http.StatusRequestEntityTooLarge:
		return fmt.Errorf("%w: %s", ErrRefused, reason)
	case http.StatusNotFound:
		return fmt.Errorf("%w: %s", ErrNotFound, reason)
	}
	return &statusError{status.Status, reason}
}

// Unspent implements Source. It asks for the whole public key, so that the pool finds
// the coins of its uncompressed form too.
func (p *Pool) Unspent(ctx context.Context, scripts []Script) ([]Output, int64, error) {
	key := ""
	for _, s := range scripts {
		if s.Form == FormP2PKH {
			key = hex.EncodeToString(s.public)
		}
	}
	u, err := p.client.Unspent(ctx, p.network.Coin.ID, key)
	if err != nil {
		return nil, 0, explain(err)
	}
	if u.Coin != p.network.Coin.ID || u.Network != p.network.Name {
		return nil, 0, fmt.Errorf("%w: it is about %s %s", ErrSource, words(u.Coin), words(u.Network))
	}
	var outputs []Output
	for _, o := range u.Outputs {
		amount, err := p.network.Coin.ParseAmount(o.Amount)
		if err != nil {
			return nil, 0, fmt.Errorf("%w: %w", ErrSource, err)
		}
		script, err := hex.DecodeString(o.Script)
		if err != nil {
			return nil, 0, fmt.Errorf("%w: script: %w", ErrSource, err)
		}
		outputs = append(outputs, Output{TxID: o.TxID, Index: o.Index, Amount: amount, Script: script, Height: o.Height, Coinbase: o.Coinbase})
	}
	return outputs, u.Height, nil
}

// FeeRate implements Source.
func (p *Pool) FeeRate(ctx context.Context) (Rates, error) {
	fee, err := p.client.Fee(ctx, p.network.Coin.ID)
	if err != nil {
		return Rates{}, explain(err)
	}
	var rates Rates
	for text, into := range map[string]*coin.Amount{fee.Estimate: &rates.Estimate, fee.Relay: &rates.Floor} {
		if text == "" {
			continue
		}
		if *into, err = p.network.Coin.ParseAmount(text); err != nil {
			return Rates{}, fmt.Errorf("%w: fee: %w", ErrSource, err)
		}
	}
	return rates, nil
}

// Transaction implements Source.
func (p *Pool) Transaction(ctx context.Context, o Output) ([]byte, error) {
	t, err := p.client.Transaction(ctx, p.network.Coin.ID, o.TxID, o.Height)
	if err != nil {
		return nil, explain(err)
	}
	return decodeHex(t.Raw)
}

// Send implements Source.
func (p *Pool) Send(ctx context.Context, raw []byte) (string, error) {
	answer, err := p.client.Send(ctx, p.network.Coin.ID, hex.EncodeToString(raw))
	return answer.TxID, explain(err)
}

// Status implements Source. A pool whose daemon has no index finds a transaction of
// the chain only by its height, which nobody knows here: then it is unknown.
func (p *Pool) Status(ctx context.Context, s Signed) (Status, error) {
	t, err := p.client.Transaction(ctx, p.network.Coin.ID, s.TxID, 0)
	err = explain(err)
	if errors.Is(err, ErrNotFound) {
		return Status{}, nil
	}
	if err != nil {
		return Status{}, err
	}
	return Status{true, max(0, t.Confirmations)}, nil
}
