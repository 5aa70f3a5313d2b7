package model

import (
	"cmp"
	"slices"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/poolapi"
)

// staleEstimate is when a pool's estimate is too old to be shown or acted upon.
const staleEstimate = 30 * time.Minute

// Income returns what mining as it is now is expected to bring in a day.
func (s State) Income() Income {
	t := s.Totals()
	rate := t.Hashrate
	if rate == 0 {
		rate = t.Average
	}
	return s.income(s.estimate(s.Target), rate, t.Watts)
}

// Offers returns the pool's coins and switch ports in the pool's order.
func (s State) Offers() (all []Offer) {
	info := s.Pool.Info
	for _, c := range info.Coins {
		all = append(all, s.offer(Offer{ID: c.ID, Name: c.Name, Symbol: c.Symbol, Algorithm: c.Algorithm, Scheme: c.PayoutScheme, Minimum: c.PayoutMinimum}, c.Estimate))
	}
	for _, w := range info.Switches {
		all = append(all, s.offer(Offer{ID: w.ID, Name: w.Name, Algorithm: w.Algorithm, Switch: true}, w.Estimate))
	}
	return all
}

// offer fills in what the pool does not say of itself.
func (s State) offer(o Offer, e *poolapi.Estimate) Offer {
	o.Chosen, o.Fee = s.Settings.Coin == o.ID, s.Pool.Info.FeePercent
	t := Target{ID: o.ID, Switch: o.Switch, Algorithm: pow.Canonical(o.Algorithm)}
	var rate pow.Hashrate
	for _, u := range s.Units {
		if !u.Device.Mineable || s.Settings.IsOff(u.Device.ID) {
			continue
		}
		picks, _ := s.picks(u, t)
		if len(picks) == 0 {
			continue
		}
		o.Minable = true
		o.Current = o.Current || u.Miner.Running && u.Target.ID == o.ID
		rate += s.speed(u, picks[0], t)
	}
	o.Income = s.income(e, rate, s.Totals().Watts)
	return o
}

// speed returns how fast the unit computes for the target with a program, as far as
// known: as measured now, else as remembered.
func (s State) speed(u Unit, p Pick, t Target) pow.Hashrate {
	if u.Target.Algorithm == t.Algorithm && u.Miner.Average() > 0 {
		return u.Miner.Average()
	}
	u.Target = t
	if key, ok := s.key(u, p); ok {
		if r, ok := s.Records.Result(key); ok {
			return r.Hashrate
		}
	}
	return 0
}

// estimate returns the pool's estimate for a target, or nil.
func (s State) estimate(t Target) *poolapi.Estimate {
	if !t.Switch {
		return t.Coin.Estimate
	}
	i := slices.IndexFunc(s.Pool.Info.Switches, func(w poolapi.SwitchInfo) bool { return w.ID == t.ID })
	if i < 0 {
		return nil
	}
	return s.Pool.Info.Switches[i].Estimate
}

// income multiplies. What is not known stays unknown: it is not zero.
func (s State) income(e *poolapi.Estimate, rate pow.Hashrate, watts *float64) Income {
	if e == nil || rate <= 0 || e.PerDay <= 0 || s.Now.Sub(e.At) > staleEstimate {
		return Income{Currency: cmp.Or(s.Settings.Currency, s.Region, "USD")}
	}
	i := Income{Coins: e.PerDay * float64(rate), Symbol: e.Symbol, Known: true, At: e.At}
	var price float64
	i.Currency, price = s.price(e.Prices)
	i.Currency = cmp.Or(i.Currency, s.Settings.Currency, s.Region, "USD")
	if price > 0 {
		i.Money, i.Priced = i.Coins*price, true
	}
	if watts != nil && *watts > 0 && s.Settings.PricePerKWh > 0 {
		i.Cost, i.Costed = *watts*24/1000*s.Settings.PricePerKWh, true
	}
	return i
}

// price returns the price in the user's currency; where the pool does not know it,
// in one that most people can judge.
func (s State) price(prices map[string]float64) (currency string, price float64) {
	for _, currency := range []string{s.Settings.Currency, s.Region, "USD", "EUR"} {
		if price := prices[currency]; currency != "" && price > 0 {
			return currency, price
		}
	}
	return "", 0
}
