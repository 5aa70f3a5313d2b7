package model

import (
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet/coin"
)

// How often the pool is asked: each second at first, so that the first share and
// the first coin show at once, then at leisure; and after failures with pauses
// that double.
const (
	askAtFirst  = time.Second
	askEvery    = 5 * time.Second
	askRarely   = 30 * time.Second // when nothing is mined, or nobody can see it
	quickAsks   = 20
	longestWait = time.Minute
)

func (s State) poolAnswered(ev PoolAnswered) State {
	if ev.URL != s.Settings.Pool {
		return s // of the pool before
	}
	if !s.Pool.Known {
		s = s.note(PoolJoined, map[string]any{"Pool": poolName(ev.Info, ev.URL)})
	}
	if s.Pool.noted {
		s = s.note(PoolBack, nil)
	}
	s.Troubles[fromPool] = Problem{}
	asks := s.Pool.Asks + 1
	s.Pool = Pool{Info: ev.Info, Known: true, Answered: s.Now, Asks: asks, AskAt: s.Now.Add(askEvery)}
	switch {
	case asks < quickAsks:
		s.Pool.AskAt = s.Now.Add(askAtFirst)
	case !s.Wanted || s.unwatched:
		s.Pool.AskAt = s.Now.Add(askRarely)
	}
	s = s.aim()
	if ev.Miner != nil {
		return s.poolsPayees(ev.URL, ev.Miner.PayeesNumber).balances(*ev.Miner)
	}
	return s
}

func (s State) poolFailed(ev PoolFailed) State {
	if ev.URL != s.Settings.Pool {
		return s
	}
	s.Pool.Failures++
	pause := min(askAtFirst<<min(s.Pool.Failures, 6), longestWait)
	s.Pool.AskAt = s.Now.Add(pause)
	s.Troubles[fromPool] = problemOf(fromPool, ev.Err)
	if s.Pool.Failures >= 3 && !s.anyConnected() && s.Pool.Known {
		return s.noteLost()
	}
	return s
}

// noteLost notes, once, that the pool does not answer.
func (s State) noteLost() State {
	if s.Pool.noted {
		return s
	}
	s.Pool.noted = true
	return s.note(PoolLost, nil)
}

// balances takes over what the pool says of the account, and notes a payout that
// was not there before.
func (s State) balances(m poolapi.MinerStats) State {
	first := s.Balances == nil
	var paid []Balance
	all := make([]Balance, 0, len(m.Coins))
	for _, c := range m.Coins {
		b := balance(c, s.Now)
		all = append(all, b)
		for _, before := range s.Balances {
			if before.Coin == b.Coin && before.Network == b.Network && b.Paid > before.Paid {
				paid = append(paid, Balance{Coin: b.Coin, Network: b.Network, Symbol: b.Symbol, Paid: b.Paid - before.Paid})
			}
		}
	}
	s.Balances, s.Payouts = all, m.Payouts
	s = s.audited()
	if !first {
		for _, p := range paid {
			what := PaidOut
			if _, chosen := s.Payee(p.Coin, p.Network); chosen {
				what = PaidElsewhere
			}
			s = s.note(what, map[string]any{"Amount": p.Paid.String(), "Symbol": p.Symbol})
		}
	}
	return s
}

func balance(c poolapi.CoinMiner, now time.Time) Balance {
	return Balance{
		Coin: c.Coin, Symbol: c.Symbol, Network: c.Network,
		Pending: amount(c.Pending), Immature: amount(c.Immature), Paying: amount(c.Paying), Paid: amount(c.Paid),
		Minimum:  amount(c.PayoutMinimum),
		Hashrate: pow.Hashrate(c.Hashrate), Low: pow.Hashrate(c.HashrateLow), High: pow.Hashrate(c.HashrateHigh),
		Accepted: c.Accepted, Rejected: c.Rejected, At: now,
	}
}

// amount reads the pool's decimal string; what is no amount counts as none.
func amount(text string) coin.Amount {
	a, err := coin.ParseAmount(text)
	if err != nil {
		return 0
	}
	return a
}

func poolName(info poolapi.PoolInfo, address string) string {
	if info.Name != "" {
		return info.Name
	}
	return address
}

// PoolName returns what to call the pool.
func (s State) PoolName() string { return poolName(s.Pool.Info, s.Settings.Pool) }
