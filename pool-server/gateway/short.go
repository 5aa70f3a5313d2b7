package gateway

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/btcsuite/btcd/wire/v2"

	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/poolapi"
)

// shortly runs a short call, when there is room for it.
func (g *Gateway) shortly(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, shortTime)
	defer cancel()
	select {
	case g.short <- struct{}{}:
		defer func() { <-g.short }()
		return do(ctx)
	case <-ctx.Done():
		return errBusy
	}
}

// Fee returns what transactions pay.
func (g *Gateway) Fee(ctx context.Context) (fee poolapi.Fee, err error) {
	g.mu.Lock()
	fee, at := g.fee, g.feeAt
	g.mu.Unlock()
	if !at.IsZero() && time.Since(at) < feeFor {
		return fee, nil
	}
	err = g.shortly(ctx, func(ctx context.Context) error {
		estimate, relay, err := g.config.Daemon.FeeRates(ctx)
		if err != nil {
			g.config.Log.Warn("fee not known", "err", err)
			return problemOf(err)
		}
		fee = poolapi.Fee{Relay: g.config.Network.Coin.FormatAmount(relay)}
		if estimate > 0 {
			fee.Estimate = g.config.Network.Coin.FormatAmount(estimate)
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		g.fee, g.feeAt = fee, time.Now()
		return nil
	})
	return fee, err
}

// Transaction returns a transaction of the mempool, or of the block at that height.
func (g *Gateway) Transaction(ctx context.Context, txid string, height int64) (t poolapi.Transaction, err error) {
	if b, err := hex.DecodeString(txid); err != nil || len(b) != 32 || height < 0 {
		return t, &Problem{http.StatusBadRequest, "want a transaction id, 64 hex digits, and a height that is not negative"}
	}
	err = g.shortly(ctx, func(ctx context.Context) error {
		raw, confirmations, err := g.config.Daemon.RawTransaction(ctx, txid, height)
		if err != nil {
			g.config.Log.Warn("transaction not looked up", "txid", txid, "err", err)
			return problemOf(err)
		}
		if raw == "" {
			return &Problem{http.StatusNotFound, "the coin's daemon does not find this transaction; the height of its block may help"}
		}
		t = poolapi.Transaction{TxID: txid, Raw: raw, Confirmations: confirmations}
		return nil
	})
	return t, err
}

// Send hands on a signed transaction.
func (g *Gateway) Send(ctx context.Context, raw string) (poolapi.SendAnswer, error) {
	if len(raw) > maxRawLength {
		return poolapi.SendAnswer{}, &Problem{http.StatusRequestEntityTooLarge, "the transaction is larger than any that is passed on"}
	}
	b, err := hex.DecodeString(raw)
	var tx wire.MsgTx
	if err == nil && whole(b) {
		err = tx.Deserialize(bytes.NewReader(b))
	}
	if err != nil || len(tx.TxIn) == 0 || len(tx.TxOut) == 0 {
		return poolapi.SendAnswer{}, &Problem{http.StatusBadRequest, "this is no transaction in hex"}
	}
	txid := tx.TxHash().String()
	err = g.shortly(ctx, func(ctx context.Context) error {
		err := g.config.Daemon.Relay(ctx, raw)
		var told *node.RPCError
		switch {
		case err == nil:
			return nil
		case errors.As(err, &told) && !errors.Is(err, node.ErrSyncing) && !errors.Is(err, node.ErrNotConnected):
			if have, _, lookErr := g.config.Daemon.RawTransaction(ctx, txid, 0); lookErr == nil && have != "" {
				return nil // it was there before
			}
			return &Problem{http.StatusUnprocessableEntity, "the network refused the transaction: " + printable(told.Message)}
		}
		g.config.Log.Warn("transaction not handed on", "txid", txid, "err", err)
		return problemOf(err)
	})
	if err != nil {
		return poolapi.SendAnswer{}, err
	}
	g.config.Log.Info("transaction handed on", "txid", txid)
	g.spent(&tx)
	return poolapi.SendAnswer{TxID: txid}, nil
}

// spent forgets what was found of keys whose coins tx spends.
func (g *Gateway) spent(tx *wire.MsgTx) {
	gone := map[string]bool{}
	for _, in := range tx.TxIn {
		gone[in.PreviousOutPoint.Hash.String()] = true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for key, a := range g.answers {
		for _, o := range a.doc.Outputs {
			if gone[o.TxID] {
				delete(g.answers, key)
				break
			}
		}
	}
}

// printable makes a daemon's words fit for a visitor.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return ' '
		}
		return r
	}, s[:min(len(s), 200)])
}
