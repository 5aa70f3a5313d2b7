package sweep

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/wallet/coin"
)

// Esplora is a block explorer with the API of github.com/Blockstream/esplora as a
// Source: https://github.com/Blockstream/esplora/blob/master/API.md
//
// It is asked by address, whose form tells coins apart, and for its first block where
// that is known here.
type Esplora struct {
	network    *coin.Network
	base, host string
	http       *http.Client
}

// NewEsplora returns the explorer at base, "https://litecoinspace.org/api".
func NewEsplora(n *coin.Network, base string) (*Esplora, error) {
	u, err := url.Parse(strings.TrimSpace(base))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.User != nil {
		return nil, errors.New("explorer address: want one like https://explorer.example/api")
	}
	return &Esplora{network: n, base: strings.TrimRight(u.String(), "/"), host: u.Host, http: newHTTP()}, nil
}

// Name implements Source.
func (e *Esplora) Name() string { return "the explorer at " + e.host }

func (e *Esplora) get(ctx context.Context, path string, limit int64) ([]byte, error) {
	return ask(ctx, e.http, http.MethodGet, e.base+path, "", limit)
}

// Unspent implements Source.
func (e *Esplora) Unspent(ctx context.Context, scripts []Script) (outputs []Output, tip int64, err error) {
	if genesis(e.network) != "" {
		first, err := e.get(ctx, "/block-height/0", maxSmall)
		if err != nil {
			return nil, 0, err
		}
		if err := checkGenesis(e.network, strings.TrimSpace(string(first))); err != nil {
			return nil, 0, err
		}
	}
	for _, s := range scripts {
		answer, err := e.get(ctx, "/address/"+url.PathEscape(s.Address)+"/utxo", maxList)
		if err != nil {
			return nil, 0, err
		}
		var list []struct {
			TxID   string `json:"txid"`
			Vout   uint32 `json:"vout"`
			Value  int64  `json:"value"`
			Status struct {
				Confirmed bool  `json:"confirmed"`
				Height    int64 `json:"block_height"`
			} `json:"status"`
		}
		if err := json.Unmarshal(answer, &list); err != nil {
			return nil, 0, fmt.Errorf("%w: %w", ErrSource, err)
		}
		for _, u := range list {
			o := Output{TxID: u.TxID, Index: u.Vout, Amount: coin.Amount(u.Value), Script: s.Bytes}
			if u.Status.Confirmed {
				o.Height = u.Status.Height
			}
			outputs = append(outputs, o)
		}
		if len(outputs) > maxOutputs {
			return nil, 0, fmt.Errorf("%w: too many coins", ErrSource)
		}
	}
	answer, err := e.get(ctx, "/blocks/tip/height", maxSmall) // after the coins: no coin is above it
	if err != nil {
		return nil, 0, err
	}
	if tip, err = strconv.ParseInt(strings.TrimSpace(string(answer)), 10, 64); err != nil || tip < 0 {
		return nil, 0, fmt.Errorf("%w: height %s", ErrSource, words(string(answer)))
	}
	return outputs, tip, nil
}

// FeeRate implements Source. Explorers estimate and do not tell the floor.
func (e *Esplora) FeeRate(ctx context.Context) (Rates, error) {
	answer, err := e.get(ctx, "/fee-estimates", maxSmall)
	if err != nil {
		return Rates{}, err
	}
	var by map[string]float64 // units per virtual byte, by number of blocks
	if err := json.Unmarshal(answer, &by); err != nil {
		return Rates{}, fmt.Errorf("%w: %w", ErrSource, err)
	}
	for _, blocks := range []string{"6", "5", "4", "3", "2", "1", "10", "25", "144"} {
		if rate, ok := by[blocks]; ok {
			return perKB(rate)
		}
	}
	return Rates{}, nil
}

// perKB turns units per byte into units per 1000 bytes.
func perKB(rate float64) (Rates, error) {
	if !(rate >= 0 && rate < 1e12) { // nor NaN
		return Rates{}, fmt.Errorf("%w: a fee rate of %g", ErrSource, rate)
	}
	return Rates{Estimate: coin.Amount(math.Ceil(rate * 1000))}, nil
}

// Transaction implements Source.
func (e *Esplora) Transaction(ctx context.Context, o Output) ([]byte, error) {
	answer, err := e.get(ctx, "/tx/"+o.TxID+"/hex", maxRawHex)
	if isStatus(err, http.StatusNotFound) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return decodeHex(string(answer))
}

func isStatus(err error, code int) bool {
	var s *statusError
	return errors.As(err, &s) && s.code == code
}

func decodeHex(s string) ([]byte, error) {
	raw, err := hex.DecodeString(strings.TrimSpace(s))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSource, err)
	}
	return raw, nil
}

// Send implements Source.
func (e *Esplora) Send(ctx context.Context, raw []byte) (string, error) {
	answer, err := ask(ctx, e.http, http.MethodPost, e.base+"/tx", hex.EncodeToString(raw), maxSmall)
	if isStatus(err, http.StatusBadRequest) {
		return "", fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(answer)), nil
}

// Status implements Source.
func (e *Esplora) Status(ctx context.Context, s Signed) (Status, error) {
	answer, err := e.get(ctx, "/tx/"+s.TxID+"/status", maxSmall)
	if isStatus(err, http.StatusNotFound) {
		return Status{}, nil
	}
	if err != nil {
		return Status{}, err
	}
	var st struct {
		Confirmed bool  `json:"confirmed"`
		Height    int64 `json:"block_height"`
	}
	if err := json.Unmarshal(answer, &st); err != nil {
		return Status{}, fmt.Errorf("%w: %w", ErrSource, err)
	}
	if !st.Confirmed {
		return Status{Known: true}, nil
	}
	tip, err := e.get(ctx, "/blocks/tip/height", maxSmall)
	if err != nil {
		return Status{}, err
	}
	height, err := strconv.ParseInt(strings.TrimSpace(string(tip)), 10, 64)
	if err != nil {
		return Status{}, fmt.Errorf("%w: %w", ErrSource, err)
	}
	return Status{true, max(1, height-st.Height+1)}, nil
}
