package main

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/market"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/website"
)

// newSite wires the website and the API.
func (s *server) newSite() (http.Handler, error) {
	return website.New(website.Config{
		Info: s.info, Pools: s.sitePools, Book: s.ledger, Owners: s.ledger, Stats: s.stats, Log: s.log.With("part", "website"),
	})
}

// info is the pool's description for apps.
func (s *server) info() poolapi.PoolInfo {
	info := poolapi.PoolInfo{
		Version: poolapi.Version, Name: s.config.Server.Name, URL: s.config.Server.URL,
		Software: "adit-pool " + version, Rules: s.config.Server.Rules, Contact: s.config.Server.Contact,
	}
	for _, p := range s.pools {
		info.FeePercent = max(info.FeePercent, p.config.FeePercent)
		info.Coins = append(info.Coins, p.info())
	}
	return info
}

func (p *pool) info() poolapi.CoinInfo {
	c := p.config.CoinData()
	info := poolapi.CoinInfo{
		ID: c.ID, Name: c.Name, Symbol: c.Symbol, Network: p.config.Network, Algorithm: c.Algorithm,
		PayoutScheme: p.config.Payouts.Scheme, FeePercent: p.config.FeePercent, PayoutMinimum: p.config.Payouts.Minimum.String(), Maturity: p.config.Maturity(), Estimate: p.estimate(),
	}
	if p.terms.Scheme == ledger.PPLNS {
		info.Window = p.terms.Window
	}
	for _, r := range p.config.Recipients {
		info.Recipients = append(info.Recipients, poolapi.Recipient{Address: r.Address, Percent: r.Percent})
	}
	solo := p.terms.Scheme == ledger.SOLO || p.config.Payouts.Solo
	for _, scheme := range p.server.schemes() {
		for _, port := range p.ports {
			alone := port.config.Solo || p.terms.Scheme == ledger.SOLO
			solo = solo || alone
			info.Ports = append(info.Ports, poolapi.PortInfo{
				URL: scheme + p.server.publicAddress(port), Difficulty: float64(port.config.Difficulty), VarDiff: port.config.VarDiff.Enabled, Solo: alone,
			})
		}
	}
	if solo {
		info.SoloFeePercent = &p.config.Payouts.SoloFeePercent
	}
	return info
}

// estimate is what mining the coin is expected to bring, nil without fresh work.
func (p *pool) estimate() *poolapi.Estimate {
	job, since, stale := p.current()
	if stale != nil {
		return nil
	}
	c := p.config.CoinData()
	kept := p.config.FeePercent
	for _, r := range p.terms.Recipients { // what the coinbase pays is not in the job's reward
		kept += float64(r.PPM) / 10_000
	}
	worth := market.Work{Coin: c, Target: job.Target, Reward: job.Reward, FeePercent: kept}
	e := &poolapi.Estimate{PerDay: worth.PerDay(), Symbol: c.Symbol, At: inSeconds(since)}
	if len(p.config.Prices) > 0 {
		e.Prices, e.PricesAt = p.config.Prices, inSeconds(p.server.config.Loaded)
	}
	return e
}

// inSeconds writes times as documents have them.
func inSeconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// publicAddress is the host:port that miners are told. A port that listens
// everywhere is at the website's host, as far as that is configured; otherwise the
// website names the host that its visitor has come by.
func (s *server) publicAddress(p *port) string {
	if p.config.Public != "" {
		return p.config.Public
	}
	address := p.listener.Addr().(*net.TCPAddr)
	if site, err := url.Parse(s.config.Server.URL); err == nil && site.Host != "" && address.IP.IsUnspecified() {
		return net.JoinHostPort(site.Hostname(), strconv.Itoa(address.Port))
	}
	return address.String()
}

// sitePools is the pools as they are now.
func (s *server) sitePools() []website.Pool {
	pools := make([]website.Pool, len(s.pools))
	for i, p := range s.pools {
		pools[i] = website.Pool{ID: p.config.ID, Network: p.config.NetworkData(), Info: p.info(), State: p.state(), Contested: p.keeper.Status().Contested}
		if p.gateway != nil {
			pools[i].Gateway = p.gateway
		}
		if job, _, _ := p.current(); job != nil {
			pools[i].Height = job.Height
			pools[i].NetworkDifficulty = float64(job.Target.Difficulty(p.algorithm()))
		}
		for _, port := range p.ports {
			pools[i].Connections += port.stratum.Stats().Sessions
		}
	}
	return pools
}

// stateOK is the state of a pool that lacks nothing.
const stateOK = "ok"

// state says in a sentence what is wrong with the pool, the worst first.
func (p *pool) state() string {
	if _, _, stale := p.current(); stale != nil {
		return "no fresh work: " + publicReason(stale)
	}
	if log := p.server.shares.Status(); log.Err != nil {
		return "shares cannot be written down now"
	}
	if p.server.notCounted.Load() {
		return "shares are written down, but not counted yet"
	}
	return paymentState(p.keeper.Status())
}

// publicReason is why there is no work, in words for visitors: addresses and
// settings are for the operator, who reads them in the log.
func publicReason(err error) string {
	for _, kind := range []error{node.ErrUnreachable, node.ErrUnanswered, node.ErrBusy, node.ErrAuth, node.ErrNotDaemon, node.ErrSyncing, node.ErrNotConnected} {
		if errors.Is(err, kind) {
			return kind.Error()
		}
	}
	if errors.Is(err, errNoTemplateYet) {
		return err.Error()
	}
	return "the daemon gives no usable block template"
}

func paymentState(k payouts.Status) string {
	switch {
	case k.Halted:
		return "payouts are halted until the operator has looked"
	case k.Blocks != "":
		return "blocks cannot be followed now"
	case k.Payments != "":
		return "payouts wait; the operator's log says why"
	}
	return stateOK
}
