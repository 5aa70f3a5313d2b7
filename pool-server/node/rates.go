package node

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/adit-mining/adit/wallet/coin"
)

// defaultTarget is the number of blocks within which a transaction should be mined.
const defaultTarget = 6

// rates is what a daemon says of fees, per 1000 virtual bytes. 0: it says nothing.
type rates struct {
	estimate coin.Amount // to be mined within the target
	relay    coin.Amount // to be passed on
	dust     coin.Amount // the least output, an amount and not a rate
}

// rates asks for the fees. A young chain has no estimates, and some daemons never do.
func (c *Client) rates(ctx context.Context, target int) (r rates, err error) {
	var network struct {
		Relay json.Number `json:"relayfee"`
		Dust  json.Number `json:"softdustlimit"` // Dogecoin's
	}
	// btcd has only getinfo.
	err = c.ask(ctx, "relay fee", &network, way{method: "getnetworkinfo"}, way{method: "getinfo"})
	if err != nil && !foreign(err) {
		return r, err
	}
	var pool struct {
		Least json.Number `json:"mempoolminfee"` // more than relayfee while the pool is full
	}
	if err := c.Call(ctx, "getmempoolinfo", nil, &pool); err != nil && !foreign(err) {
		return r, err
	}
	estimate, err := c.estimate(ctx, target)
	if err != nil {
		return r, err
	}
	for _, v := range []struct {
		n    json.Number
		into *coin.Amount
	}{{network.Relay, &r.relay}, {pool.Least, &r.relay}, {network.Dust, &r.dust}, {estimate, &r.estimate}} {
		if v.n == "" || strings.HasPrefix(string(v.n), "-") {
			continue
		}
		rate, err := c.rate(v.n)
		if err != nil {
			return r, fmt.Errorf("fee rate of %s: %w", c.name, err)
		}
		*v.into = max(*v.into, rate)
	}
	return r, nil
}

// estimate returns the daemon's estimate; empty or negative means that it has none.
func (c *Client) estimate(ctx context.Context, target int) (json.Number, error) {
	var answer json.RawMessage
	err := c.ask(ctx, "fee estimate", &answer,
		way{method: "estimatesmartfee", params: []any{target}}, // since Core 0.12
		way{method: "estimatefee", params: []any{target}},      // before, and btcd: a number
	)
	if codeOf(err) != 0 {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var smart struct {
		Rate json.Number `json:"feerate"`
	}
	var plain json.Number
	if json.Unmarshal(answer, &smart) == nil {
		return smart.Rate, nil
	}
	if err := json.Unmarshal(answer, &plain); err != nil {
		return "", fmt.Errorf("fee estimate of %s: %w", c.name, err)
	}
	return plain, nil
}

// FeeRates returns what a transaction pays for each 1000 virtual bytes: estimated for
// the next few blocks, 0 where the daemon has no estimate, and at least, to be passed
// on.
func (c *Client) FeeRates(ctx context.Context) (estimate, relay coin.Amount, err error) {
	r, err := c.rates(ctx, defaultTarget)
	return r.estimate, r.relay, err
}

// feeRate is the rate that a payment is made at: the caller's, the daemon's estimate,
// or ten times the lowest that is relayed where there is no estimate. It is never
// less than what is relayed.
func (r rates) feeRate(o SignOptions) (coin.Amount, error) {
	rate := o.FeeRate
	if rate <= 0 {
		rate = r.estimate
	}
	if rate <= 0 {
		const safe = 10
		if rate = safe * r.relay; rate <= 0 {
			return 0, fmt.Errorf("%w: the daemon names no rate, so one has to be set", ErrFee)
		}
	}
	return max(rate, r.relay), nil
}
