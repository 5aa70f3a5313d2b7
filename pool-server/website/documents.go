package website

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/stats"
	"github.com/adit-mining/adit/wallet/coin"
)

const (
	standingFor  = time.Second // how long the pool's standing is not worked out again
	listLength   = 50          // blocks or payouts in a document
	minerPayouts = 50          // of one account
)

// cache keeps a value that is costly to work out, for a moment.
type cache[T any] struct {
	mu    sync.Mutex
	at    time.Time
	value T
}

func (c *cache[T]) get(fresh time.Duration, load func() (T, error)) (T, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.at.IsZero() && time.Since(c.at) < fresh {
		return c.value, nil
	}
	value, err := load()
	if err != nil {
		return value, err
	}
	c.value, c.at = value, time.Now()
	return value, nil
}

// poolStats returns the document at poolapi.PoolPath.
func (s *site) poolStats(ctx context.Context) (poolapi.PoolStats, error) {
	return s.standing.get(standingFor, func() (poolapi.PoolStats, error) {
		all := poolapi.PoolStats{Time: now(), Coins: []poolapi.CoinStats{}}
		for _, p := range s.Pools() {
			c, err := s.coinStats(context.WithoutCancel(ctx), p)
			if err != nil {
				return all, err
			}
			all.Coins = append(all.Coins, c)
		}
		return all, nil
	})
}

func (s *site) coinStats(ctx context.Context, p Pool) (poolapi.CoinStats, error) {
	totals, err := s.Book.PoolTotals(ctx, p.ID)
	if err != nil {
		return poolapi.CoinStats{}, fmt.Errorf("read the totals of %s: %w", p.ID, err)
	}
	live := s.Stats.Pool(p.ID, time.Now())
	c := poolapi.CoinStats{
		Coin: p.Info.ID, Symbol: p.Info.Symbol, State: p.State,
		Hashrate: float64(live.Rate.Hashrate), Miners: live.Miners, Workers: live.Workers, Connections: p.Connections,
		Height: p.Height, NetworkDifficulty: p.NetworkDifficulty,
		Effort: totals.Effort, Shares: totals.Shares, BlocksFound: totals.BlocksFound(),
		BlocksImmature: totals.Blocks[ledger.Immature] + totals.Blocks[ledger.Candidate],
		BlocksOrphaned: totals.Blocks[ledger.Orphaned],
		Paid:           p.amount(totals.Paid),
	}
	if p.NetworkDifficulty > 0 {
		c.RoundEffort = totals.RoundDifficulty / p.NetworkDifficulty
	}
	if !totals.LastBlock.IsZero() {
		last := totals.LastBlock.UTC()
		c.LastBlock = &last
	}
	return c, nil
}

// selected returns the pools that a request's coin parameter names: by coin,
// symbol or the pool's own name; all of them without one.
func (s *site) selected(name string) []Pool {
	if name == "" {
		return s.Pools()
	}
	return slices.DeleteFunc(slices.Clone(s.Pools()), func(p Pool) bool {
		return !strings.EqualFold(name, p.Info.ID) && !strings.EqualFold(name, p.Info.Symbol) && name != p.ID
	})
}

// blocks returns the last blocks of pools, newest first.
func (s *site) blocks(ctx context.Context, pools []Pool, n int) ([]poolapi.Block, error) {
	all := []poolapi.Block{}
	for _, p := range pools {
		found, err := s.Book.RecentBlocks(ctx, p.ID, n)
		if err != nil {
			return nil, fmt.Errorf("read the blocks of %s: %w", p.ID, err)
		}
		for _, b := range found {
			status := string(b.Status)
			if p.Contested[b.Hash] != "" {
				status = "contested"
			}
			all = append(all, poolapi.Block{
				Coin: p.Info.ID, Symbol: p.Info.Symbol, Height: b.Height, Hash: b.Hash, Status: status, Scheme: string(b.Scheme),
				Confirmations: b.Confirmations, Maturity: p.Info.Maturity, Reward: p.amount(b.Reward),
				Effort: b.Effort, Finder: b.Finder, Time: b.FoundAt.UTC(),
			})
		}
	}
	slices.SortStableFunc(all, func(a, b poolapi.Block) int { return b.Time.Compare(a.Time) })
	return all[:min(n, len(all))], nil
}

// payouts returns the last payouts of pools, or only what they gave to an
// account, newest first.
func (s *site) payouts(ctx context.Context, pools []Pool, account string, n int) ([]poolapi.Payout, error) {
	all := []poolapi.Payout{}
	for _, p := range pools {
		found, err := s.Book.RecentPayouts(ctx, p.ID, account, n)
		if err != nil {
			return nil, fmt.Errorf("read the payouts of %s: %w", p.ID, err)
		}
		for _, y := range found {
			all = append(all, p.payout(y, account == ""))
		}
	}
	slices.SortStableFunc(all, func(a, b poolapi.Payout) int { return b.Time.Compare(a.Time) })
	return all[:min(n, len(all))], nil
}

// payout tells of a payout; whole ones have a fee and a number of miners.
func (p Pool) payout(y ledger.Payout, whole bool) poolapi.Payout {
	out := poolapi.Payout{
		ID: y.ID, Coin: p.Info.ID, Symbol: p.Info.Symbol, TxID: y.TxID, Status: string(y.Status),
		Amount: p.amount(y.Total()), Time: y.Created.UTC(),
	}
	var net coin.Amount
	for _, o := range y.Outputs {
		net += o.Net
	}
	if net > 0 {
		out.Net = p.amount(net)
	}
	if whole {
		out.Miners = len(y.Outputs)
		if y.TxID != "" {
			out.Fee = p.amount(y.Fee)
		}
	}
	return out
}

// details returns what the computers of an account report, as far as the visitor
// may know it, and whether its owner keeps that private.
func (s *site) details(r *http.Request, account string) (shown []report, private bool, err error) {
	settings, err := s.Owners.AccountSettings(r.Context(), account)
	if err != nil {
		return nil, false, err
	}
	if settings.Private && !s.owns(r, account) {
		return nil, true, nil
	}
	return s.telemetry.of(account, time.Now()), settings.Private, nil
}

// minerStats returns the document of an account: its standing with each pool that
// can pay it, and what its computers report.
func (s *site) minerStats(ctx context.Context, m miner, computers []report) (poolapi.MinerStats, error) {
	doc := poolapi.MinerStats{Account: m.account, PayeesNumber: m.payees, Coins: []poolapi.CoinMiner{}, Telemetry: []poolapi.Telemetry{}}
	for _, r := range computers {
		doc.Telemetry = append(doc.Telemetry, r.Telemetry)
	}
	var pools []Pool
	for _, at := range m.at {
		c, err := s.coinMiner(ctx, at)
		if err != nil {
			return doc, err
		}
		doc.Coins = append(doc.Coins, c)
		pools = append(pools, at.pool)
	}
	var err error
	doc.Payouts, err = s.payouts(ctx, pools, m.account, minerPayouts)
	return doc, err
}

func (s *site) coinMiner(ctx context.Context, at minerAt) (poolapi.CoinMiner, error) {
	p := at.pool
	sum, err := s.Book.AccountSummary(ctx, p.ID, at.account)
	if err != nil {
		return poolapi.CoinMiner{}, fmt.Errorf("read account %s of %s: %w", at.account, p.ID, err)
	}
	live := s.Stats.Account(p.ID, at.account, time.Now())
	c := poolapi.CoinMiner{
		Coin: p.Info.ID, Symbol: p.Info.Symbol, Network: p.Info.Network, Address: at.address, Chosen: at.chosen,
		Hashrate: float64(live.Rate.Hashrate), HashrateLow: float64(live.Rate.Low), HashrateHigh: float64(live.Rate.High),
		Accepted: sum.Shares, Rejected: live.Rejected, RejectReasons: maps.Clone(live.Reasons),
		Immature: p.amount(sum.Immature), Pending: p.amount(sum.Balance), Paying: p.amount(sum.Paying), Paid: p.amount(sum.Paid),
		Workers: []poolapi.Worker{},
	}
	if c.PayoutMinimum, c.MinimumSetBy, err = s.minimumOf(ctx, at); err != nil {
		return poolapi.CoinMiner{}, err
	}
	if at.owner {
		c.Hold = cmp.Or(at.held, sum.Hold)
	}
	known, err := s.Book.Workers(ctx, p.ID, at.account)
	if err != nil {
		return poolapi.CoinMiner{}, fmt.Errorf("read the workers of %s of %s: %w", at.account, p.ID, err)
	}
	c.Workers = workers(known, live.Workers)
	return c, nil
}

// workers puts together what the ledger knows of all time and what the
// statistics know of now.
func workers(known []ledger.Worker, live []stats.Worker) []poolapi.Worker {
	byName := map[string]poolapi.Worker{}
	for _, w := range live {
		byName[w.Name] = workerDocument(w)
	}
	for _, k := range known {
		w := byName[k.Name]
		w.Name, w.Accepted = k.Name, max(k.Shares, w.Accepted)
		if w.LastShare == nil && !k.LastShare.IsZero() {
			last := k.LastShare.UTC()
			w.LastShare = &last
		}
		byName[k.Name] = w
	}
	all := slices.Collect(maps.Values(byName))
	slices.SortFunc(all, func(a, b poolapi.Worker) int {
		if a.Online != b.Online {
			return cmp.Compare(online(b), online(a))
		}
		return cmp.Compare(a.Name, b.Name)
	})
	return append([]poolapi.Worker{}, all...)
}

// online orders workers: those at work come first.
func online(w poolapi.Worker) int {
	if w.Online {
		return 1
	}
	return 0
}

func workerDocument(w stats.Worker) poolapi.Worker {
	doc := poolapi.Worker{
		Name: w.Name, Online: w.Online,
		Hashrate: float64(w.Rate.Hashrate), HashrateLow: float64(w.Rate.Low), HashrateHigh: float64(w.Rate.High),
		Accepted: w.Accepted, Rejected: w.Rejected,
	}
	if !w.LastShare.IsZero() {
		last := w.LastShare.UTC()
		doc.LastShare = &last
	}
	return doc
}
