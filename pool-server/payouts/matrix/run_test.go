package matrix_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/pool-server/work"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

const (
	pool   = "litecoin"
	feePPM = 10_000
	// maturity is less than the coin's hundred, for the wallet has other coins to pay
	// with. The reorganisations' tests have the real one.
	maturity = 4
	// patience is how long the pool waits for the daemon's answer.
	patience = 3 * time.Second
	// rounds is when a run that has not come to rest never will.
	rounds = 80
)

// A run is one pool's life, through all its restarts.
type run struct {
	t       testing.TB
	chain   *chain
	weather *weather
	wallet  wallet
	saved   string      // the wallet as it was before the first block
	funds   coin.Amount // what it was given
	since   int64       // height at the begin
	script  []byte      // of blocks' rewards
	disk    disk
	config  payouts.Config
	deal    deal
	audit   audit
	mayHalt bool          // doubt may be real
	view    []node.Config // of whom the pool asks for blocks; nil: of the wallet's daemon

	book     *ledger.Ledger
	client   *node.Client
	group    *node.Group
	keeper   *payouts.Keeper
	ctx      context.Context // the process's; ends when it is asked to stop
	position uint64
}

// newRun begins a run in fine weather.
func newRun(t testing.TB, c *chain, d disk) *run {
	t.Helper()
	c.runs++
	c.t = t
	r := &run{t: t, chain: c, disk: d, weather: &weather{next: fineWeather}, wallet: c.wallet(fmt.Sprint("run", c.runs))}
	pooltest.Must[any](t, c.RPC, "createwallet", r.wallet.name)
	r.fund()
	r.saved = filepath.Join(t.TempDir(), "older.dat")
	pooltest.Must[any](t, r.wallet.RPC, "backupwallet", r.saved)
	r.config = payouts.Config{Pool: pool, Script: r.script, AddressOf: itself, Maturity: maturity, Minimum: 1000, Confirmations: 2, PayoutInterval: time.Millisecond}
	r.deal = deal{Terms: ledger.Terms{Scheme: ledger.PROP, FeePPM: feePPM, SoloFeePPM: feePPM}}
	r.audit = audit{claims: map[string]*claim{}, bought: map[string]coin.Amount{}}
	r.begin()
	t.Cleanup(func() {
		_ = r.book.Close()
		_ = c.Call(nil, "unloadwallet", r.wallet.name) // every loaded wallet hears of every block
	})
	return r
}

func fineWeather(string) fault { return fine }

// itself is the address of an account in these runs.
func itself(_ context.Context, accounts []string) (all []payouts.Place, _ error) {
	for _, a := range accounts {
		all = append(all, payouts.Place{Address: a})
	}
	return all, nil
}

// fund gives the run's wallet its coins, and an address for rewards.
func (r *run) fund() {
	r.t.Helper()
	bank := r.chain.wallet(pooltest.Wallet)
	subsidy := 50 * coin.Amount(1e8) >> (r.chain.Height() / 150)
	to := map[string]string{}
	for range walletCoins {
		r.funds += 4 * subsidy // a run has three blocks
		to[r.wallet.address()] = (4 * subsidy).String()
	}
	pooltest.Must[any](r.t, bank.RPC, "sendmany", "", to)
	r.chain.mine(1)
	r.since = r.chain.Height()
	script := pooltest.Must[struct{ ScriptPubKey string }](r.t, r.chain.RPC, "validateaddress", r.wallet.address())
	r.script = fromHex(r.t, script.ScriptPubKey)
}

// begin is the start of a new process on what the disk has.
func (r *run) begin() {
	r.t.Helper()
	r.ok(r.start())
}

func (r *run) start() (err error) {
	ctx, stop := context.WithCancel(context.WithoutCancel(r.t.Context()))
	r.t.Cleanup(stop)
	r.ctx = ctx
	r.weather.over(stop)
	if r.book, err = ledger.Open(r.t.Context(), r.disk.ledger()); err != nil {
		return err
	}
	way := road{r.weather, &http.Transport{DisableKeepAlives: true}}
	r.client, err = node.New(node.Config{URL: r.chain.URL, User: r.chain.User, Password: node.Secret(r.chain.Password),
		Wallet: r.wallet.name, Timeout: patience, WalletTimeout: patience, Transport: way})
	if err != nil {
		return err
	}
	clients := []*node.Client{r.client}
	if r.view != nil {
		clients = nil
	}
	for _, v := range r.view {
		c, err := node.New(v)
		if err != nil {
			return err
		}
		clients = append(clients, c)
	}
	r.group = node.NewGroup(clients, node.GroupOptions{})
	r.config.Ledger, r.config.Chain, r.config.Wallet = wetBook{r.book, r.weather}, r.group, r.client
	r.keeper, err = payouts.New(r.config)
	return err
}

// reborn begins a new process if the old one is gone, and the daemon's if that is gone.
func (r *run) reborn() {
	r.t.Helper()
	gone := r.weather.went()
	switch {
	case gone != fine:
		r.disk.crash(r.t)
		_ = r.book.Close() // of a process that is gone
	case r.ctx.Err() != nil:
		r.ok(r.book.Close()) // asked to stop, in good order
	default:
		return
	}
	if gone == olderBefore || gone == olderAfter {
		r.chain.restart(gone == olderAfter, r.wallet.name, r.saved)
	}
	r.begin()
}

// again is the start of a new process after one that stopped in good order.
func (r *run) again() {
	r.t.Helper()
	r.ok(r.book.Close())
	r.begin()
}

func (r *run) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("%v\nsteps: %q", err, r.weather.story())
	}
}

// work is a share of the network's difficulty.
type done struct {
	account    string
	difficulty float64
}

// find is a block of the pool's, as it comes from the miners: submitted, and applied
// from the share log, which delivers again until it is. It returns once the chain has
// heard of it.
func (r *run) find(shares ...done) *work.Candidate {
	r.t.Helper()
	return r.findAfter(nil, shares...)
}

// findAfter is find for a block that pays for the shares of an orphan as well.
func (r *run) findAfter(orphan []done, shares ...done) *work.Candidate {
	r.t.Helper()
	block := r.candidate()
	r.bring(block, orphan, shares)
	return block
}

// bring submits and applies a block, see find.
func (r *run) bring(block *work.Candidate, orphan, shares []done) {
	r.t.Helper()
	r.audit.work(r.deal, shares)
	ctx, cancel := context.WithTimeout(r.ctx, 2*patience)
	defer cancel()
	_, _ = r.group.SubmitBlock(ctx, block.Raw, block.Hash) // otherwise the keeper does
	r.reborn()
	r.apply(block, shares)
	for range rounds {
		if r.chain.Call(nil, "getblockheader", block.Hash.String()) == nil {
			r.audit.owe(block, r.deal, orphan, shares)
			return
		}
		r.pass()
	}
	r.t.Fatalf("block %v is forgotten\nsteps: %q", block.Hash, r.weather.story())
}

// candidate is a block on the present tip.
func (r *run) candidate() *work.Candidate {
	r.t.Helper()
	c, err := node.New(node.Config{URL: r.chain.URL, User: r.chain.User, Password: node.Secret(r.chain.Password)})
	r.ok(err)
	var template *work.Template
	eventually(r.t, "a template", func() bool { // after a restart the daemon is without its peer for a while
		template, err = c.Template(r.t.Context(), []string{"mweb", "segwit"}, "")
		return err == nil
	})
	j, err := work.NewJob("1", template, work.Params{Algorithm: pow.Scrypt, PayTo: r.script, Tag: r.wallet.name, Extranonce2Size: 4})
	r.ok(err)
	return pooltest.Mine(r.t, j)
}

// apply gives the ledger the shares of a round.
func (r *run) apply(block *work.Candidate, shares []done) {
	r.t.Helper()
	var all []ledger.Share
	for _, s := range shares {
		all = append(all, r.deal.share(s, block.Height))
	}
	all[len(all)-1].Block = &ledger.FoundBlock{Hash: block.Hash.String(), Height: block.Height, Reward: block.Reward, Raw: block.Raw, Difficulty: 1}
	r.position++
	for range rounds {
		err := r.weather.step(r.ctx, "apply", func() error {
			_, err := r.book.Apply(r.ctx, r.position, r.position, all)
			return err
		})
		if err == nil {
			return
		}
		r.reborn()
	}
	r.t.Fatal("the share log cannot be applied")
}

// pass makes a pass of the keeper. Whatever goes wrong in it, the book is sound.
func (r *run) pass() {
	r.t.Helper()
	err := r.keeper.Pass(r.ctx)
	r.reborn()
	if err != nil {
		r.ok(r.book.Check(r.t.Context()))
	}
	reason, halted, err := r.book.Halted(r.t.Context(), pool)
	r.ok(err)
	if halted && !r.mayHalt {
		r.t.Fatalf("halted without doubt: %s\nsteps: %q", reason, r.weather.story())
	}
}

// rounds lets time go by: n blocks, and a look after each.
func (r *run) rounds(n int) {
	r.t.Helper()
	for range n {
		r.pass()
		r.chain.mine(1)
	}
	r.pass()
}

// rest goes on in fine weather until there is nothing left to do, and compares the
// books.
func (r *run) rest() {
	r.t.Helper()
	r.restAt(maturity)
}

// restAt is rest where blocks mature later.
func (r *run) restAt(maturity int) {
	r.t.Helper()
	r.weather.set(fineWeather)
	for range rounds {
		if r.quiet() {
			r.rounds(2)
			r.chain.mine(maturity) // a payout may still fall out of the chain
			r.rounds(2)
			r.compare()
			return
		}
		r.chain.mine(maturity / 4)
		r.pass()
	}
	totals, err := r.book.PoolTotals(r.t.Context(), pool)
	r.t.Fatalf("no rest: %+v, %v, %+v\nsteps: %q", totals, err, r.keeper.Status(), r.weather.story())
}

// quiet reports whether everybody is paid and no block's fate is open. An orphan may
// be: it is let go once a block well above it has matured.
func (r *run) quiet() bool {
	r.t.Helper()
	totals, err := r.book.PoolTotals(r.t.Context(), pool)
	r.ok(err)
	open, err := r.book.UnsettledBlocks(r.t.Context(), pool)
	r.ok(err)
	open = slices.DeleteFunc(open, func(b ledger.Block) bool { return b.Status == ledger.Orphaned })
	return totals.Immature == 0 && totals.Balance == 0 && totals.Paying == 0 && len(open) == 0
}

// miner is an address that nobody has the key of, as good as an account's.
func miner(t testing.TB) string {
	t.Helper()
	var h coin.PubKeyHash
	for i := range h {
		h[i] = byte(rand.Uint32())
	}
	return cointest.Network(t, "litecoin", "regtest").P2WPKH(h).String()
}

// eventually waits for something that a daemon does on its own.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s: not within a minute", what)
		}
	}
}
