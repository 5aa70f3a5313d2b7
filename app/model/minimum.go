package model

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet/coin"
)

// MinimumKept says that the pool pays a coin from a balance on, as the key's owner wants.
type MinimumKept struct {
	Coin, Network string
	Minimum       coin.Amount
}

func (MinimumKept) event() {}

// MinimumBounds are between what a pool takes as a key's own minimum of a coin; the least
// is what it pays everybody from.
func (s State) MinimumBounds(id, network string) (least, most string, known bool) {
	for _, c := range s.Pool.Info.Coins {
		if c.ID != id || c.Network != network {
			continue
		}
		unit, err := coin.Lookup(id)
		if err != nil {
			return "", "", false
		}
		pools, err := unit.ParseAmount(c.PayoutMinimum)
		if err != nil || pools <= 0 {
			return "", "", false
		}
		return unit.FormatAmount(pools), unit.FormatAmount(poolapi.GreatestMinimum(pools)), true
	}
	return "", "", false
}

// CheckMinimum returns what was typed as an amount of a coin, if it lies between the
// bounds. A comma stands for a point.
func CheckMinimum(id, least, typed string) (amount string, err error) {
	unit, err := coin.Lookup(id)
	if err != nil {
		return "", err
	}
	pools, err := unit.ParseAmount(least)
	if err != nil {
		return "", err
	}
	minimum, err := unit.ParseAmount(strings.Replace(strings.TrimSpace(typed), ",", ".", 1))
	if err != nil {
		return "", err
	}
	return unit.FormatAmount(minimum), poolapi.CheckMinimum(unit, minimum, pools)
}

// SetMinimum has the pool at url pay a coin from the balance least on; an empty one stands for
// the pool's own minimum. The pool has it when it returns.
func (e *Engine) SetMinimum(ctx context.Context, url, id, network, least string) error {
	ring, err := e.keyring()
	if err != nil {
		return err
	}
	pool, err := e.config.Pool(url)
	if err != nil {
		return err
	}
	request := poolapi.MinimumRequest{Number: time.Now().UnixMilli(), Coin: id, Network: network}
	if least != "" {
		request.Minimum = &least
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	kept, err := pool.PutMinimum(ctx, ring.Key().PubKeyHash().String(), ring.Key(), request)
	if status := new(poolapi.StatusError); errors.As(err, &status) && status.Reason != "" {
		return errors.New(status.Reason) // the pool's words alone: they are for whoever typed it
	}
	if err != nil {
		return err
	}
	e.Do(ctx, MinimumKept{id, network, amount(kept.Minimum)})
	return nil
}

func (s State) minimumKept(ev MinimumKept) State {
	all := make([]Balance, len(s.Balances))
	for i, b := range s.Balances {
		if b.Coin == ev.Coin && b.Network == ev.Network {
			b.Minimum = ev.Minimum
		}
		all[i] = b
	}
	s.Balances = all
	return s
}
