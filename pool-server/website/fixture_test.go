package website_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/stats"
	"github.com/adit-mining/adit/pool-server/website"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
)

// book is a ledger with given contents, because golden pages need given times.
type book struct {
	account ledger.AccountSummary
	workers []ledger.Worker
	totals  ledger.PoolTotals
	blocks  []ledger.Block
	payouts []ledger.Payout
	incomes []ledger.Income // newest first
	explain ledger.Explanation
	private map[string]bool
	payees  map[string]ledger.PayeeList
	minimum map[string]ledger.MinimumRequest
	setBy   string // whose minimum that is; "" the owner's
	refuse  error  // what PutPayeeList and PutMinimumRequest say
	err     error
}

func (b *book) PayeeList(_ context.Context, account string) (ledger.PayeeList, error) {
	return b.payees[account], b.err
}

func (b *book) PutPayeeList(_ context.Context, account string, l ledger.PayeeList) error {
	if b.refuse != nil {
		return b.refuse
	}
	b.payees[account] = l
	return b.err
}

func (b *book) PayoutMinimum(_ context.Context, _, account string) (coin.Amount, string, error) {
	m, set := b.minimum[account]
	if !set {
		return 0, "", b.err
	}
	return m.Minimum, cmp.Or(b.setBy, ledger.MinimumSigned), b.err
}

func (b *book) PutMinimumRequest(_ context.Context, _, account string, m ledger.MinimumRequest) error {
	if b.refuse != nil {
		return b.refuse
	}
	b.minimum[account] = m
	return b.err
}

func (b *book) AccountSettings(_ context.Context, account string) (ledger.AccountSettings, error) {
	return ledger.AccountSettings{Private: b.private[account]}, b.err
}

func (b *book) SetAccountSettings(_ context.Context, account string, s ledger.AccountSettings) error {
	if b.err == nil {
		b.private[account] = s.Private
	}
	return b.err
}

func (b *book) AccountSummary(_ context.Context, _, account string) (ledger.AccountSummary, error) {
	if account != b.account.Account {
		return ledger.AccountSummary{Account: account}, b.err
	}
	return b.account, b.err
}

func (b *book) Workers(_ context.Context, _, account string) ([]ledger.Worker, error) {
	if account != b.account.Account {
		return nil, b.err
	}
	return b.workers, b.err
}

func (b *book) PoolTotals(context.Context, string) (ledger.PoolTotals, error) {
	return b.totals, b.err
}

func (b *book) RecentBlocks(context.Context, string, int) ([]ledger.Block, error) {
	return b.blocks, b.err
}

func (b *book) RecentPayouts(_ context.Context, _, account string, _ int) ([]ledger.Payout, error) {
	if account == "" {
		return b.payouts, b.err
	}
	var own []ledger.Payout
	for _, p := range b.payouts {
		for _, o := range p.Outputs {
			if o.Account == account {
				p.Outputs = []ledger.PayoutOutput{o}
				own = append(own, p)
			}
		}
	}
	return own, b.err
}

func (b *book) Credits(_ context.Context, _, account string, before int64, n int) (some []ledger.Income, err error) {
	for _, i := range b.incomes {
		if account == b.account.Account && (before == 0 || i.ID < before) && i.Cause != ledger.SetAside && i.Cause != ledger.GivenBack && len(some) < n {
			some = append(some, i)
		}
	}
	return some, b.err
}

func (b *book) AccountPayouts(_ context.Context, pool, account string, status ledger.PayoutStatus, before int64, n int) (some []ledger.Payout, err error) {
	own, err := b.RecentPayouts(context.Background(), pool, account, 0)
	for _, p := range own {
		if (status == "" || p.Status == status) && (before == 0 || p.ID < before) && len(some) < n {
			some = append(some, p)
		}
	}
	return some, err
}

func (b *book) Explain(_ context.Context, payout int64, account string) (ledger.Explanation, error) {
	if payout != b.explain.Payout.ID || account != b.account.Account {
		return ledger.Explanation{}, cmp.Or(b.err, ledger.ErrNotFound)
	}
	return b.explain, b.err
}

func (b *book) Explained(_ context.Context, _ ledger.Explanation, after int64, n int) (some []ledger.Income, err error) {
	for _, i := range slices.Backward(b.incomes) {
		if i.ID > after && i.Cause != ledger.Credited && len(some) < n {
			some = append(some, i)
		}
	}
	return some, b.err
}

// world is a pool's site with something to show.
type world struct {
	http.Handler
	book  *book
	stats *stats.Stats
	key   wallet.Key
	state string
	read  func(website.Book) (http.Handler, error) // the same site on another book

	rules, contact, url string
}

const (
	poolID     = "litecoin-regtest"
	ownAddress = "rltc1q50rtrmj2f8vl9tem8qpfw36ylw5jg9j2nmv4xs" // of the world's key
)

func (w *world) account() string { return w.key.PubKeyHash().String() }

func newWorld() *world {
	key, err := wallet.KeyFromBytes(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		panic(err)
	}
	litecoin, err := coin.Lookup("litecoin")
	if err != nil {
		panic(err)
	}
	network, err := litecoin.Network("regtest")
	if err != nil {
		panic(err)
	}
	w := &world{book: &book{private: map[string]bool{}, payees: map[string]ledger.PayeeList{}, minimum: map[string]ledger.MinimumRequest{}}, stats: stats.New(stats.Options{}), key: key, state: "ok"}
	soloFee := 0.5
	info := poolapi.CoinInfo{
		Recipients: []poolapi.Recipient{{Address: "rltc1qexample", Percent: 0.25}},
		ID:         "litecoin", Name: "Litecoin", Symbol: "LTC", Network: "regtest", Algorithm: "scrypt",
		PayoutScheme: "PPLNS", Window: 2, FeePercent: 1, SoloFeePercent: &soloFee, PayoutMinimum: "0.01000000", Maturity: 100,
		Ports: []poolapi.PortInfo{
			{URL: "stratum+tcp://pool.example:3333", Difficulty: 0.002, VarDiff: true},
			{URL: "stratum+tcp://pool.example:4444", Difficulty: 4096, Solo: true},
		},
	}
	w.read = func(book website.Book) (http.Handler, error) {
		return website.New(website.Config{
			Info: func() poolapi.PoolInfo {
				return poolapi.PoolInfo{Version: 1, Name: "Example pool", Software: "Adit", FeePercent: 1, URL: w.url, Rules: w.rules, Contact: w.contact, Coins: []poolapi.CoinInfo{info}}
			},
			Pools: func() []website.Pool {
				return []website.Pool{{
					ID: poolID, Network: network, Info: info, State: w.state,
					Height: 1234567, NetworkDifficulty: 12.5, Connections: 4,
				}}
			},
			Book: book, Owners: w.book, Stats: w.stats, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		})
	}
	if w.Handler, err = w.read(w.book); err != nil {
		panic(err)
	}
	return w
}

// fill makes an hour of mining up that ends now.
func (w *world) fill(now time.Time) {
	account, other := w.account(), "ab12cd34ab12cd34ab12cd34ab12cd34ab12cd34"
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	w.mine(now, account, other)
	for range 7 {
		w.stats.ShareRejected(stats.Reject{Pool: poolID, Account: account, Worker: "rig1", Reason: "stale", Time: now})
	}
	w.stats.ShareRejected(stats.Reject{Pool: poolID, Account: account, Worker: "rig1", Reason: "low difficulty", Time: now})
	hash := func(n int) string { return fmt.Sprintf("%064x", 0x1edcba9876543210+n*7919) }
	w.book.totals = ledger.PoolTotals{
		Shares: 1_234_567, Paid: 31_250_000_000, RoundDifficulty: 4.2, Effort: 0.87, LastBlock: ago(4 * time.Minute),
		Blocks: map[ledger.BlockStatus]int64{ledger.Immature: 2, ledger.Matured: 24, ledger.Orphaned: 1},
	}
	w.book.blocks = []ledger.Block{
		{Pool: poolID, Hash: hash(3), Height: 1234566, Reward: 625_000_000, Status: ledger.Candidate, Finder: account, FoundAt: ago(4 * time.Second), Effort: 0.31},
		{Pool: poolID, Hash: hash(2), Height: 1234529, Reward: 625_012_345, Status: ledger.Immature, Confirmations: 37, Finder: account, FoundAt: ago(4 * time.Minute), Effort: 0.87},
		{Pool: poolID, Hash: hash(1), Height: 1234401, Reward: 1_250_000_000, Status: ledger.Matured, Confirmations: 166, Finder: other, FoundAt: ago(5 * time.Hour), Effort: 2.4},
		{Pool: poolID, Hash: hash(0), Height: 1230000, Reward: 1_250_000_000, Status: ledger.Orphaned, Finder: other, FoundAt: ago(80 * time.Hour)},
	}
	outputs := []ledger.PayoutOutput{{Account: account, Address: ownAddress, Amount: 800_000_000, Net: 799_999_000}, {Account: other, Amount: 437_500_000, Net: 437_499_000}}
	w.book.payouts = []ledger.Payout{
		{ID: 8, Pool: poolID, Status: ledger.Sent, TxID: hash(8), Fee: 2000, Created: ago(90 * time.Second), Outputs: outputs},
		{ID: 7, Pool: poolID, Status: ledger.Confirmed, TxID: hash(7), Fee: 2000, Created: ago(26 * time.Hour), Outputs: outputs[1:]},
	}
	w.book.account = ledger.AccountSummary{
		Account: account, Immature: 1_875_000_000, Balance: 640_000, Paying: 800_000_000, Paid: 12_345_678_901, Shares: 98_765,
	}
	w.earn(now, hash)
	w.book.workers = []ledger.Worker{
		{Name: "laptop", Shares: 44_000, LastShare: ago(3 * time.Second)}, {Name: "rig1", Shares: 54_700, LastShare: ago(8 * time.Second)},
		{Name: "old", Shares: 65, LastShare: ago(50 * time.Hour)},
	}
}

// earn makes up what the account was credited with, and explains payout 8 by some of it.
func (w *world) earn(now time.Time, hash func(int) string) {
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	part := func(b ledger.Block) ledger.BlockPart {
		return ledger.BlockPart{
			ID: b.Height, Height: b.Height, Hash: b.Hash, FoundAt: b.FoundAt, Status: b.Status, Scheme: "PPLNS", Reward: b.Reward, FeePPM: 10_000,
			Shares: 1002, AllShares: 4000, Difficulty: 250.5, AllDifficulty: 1000, Accounts: 2, Kept: true,
		}
	}
	of := func(id int64, cause ledger.Cause, block int, amount coin.Amount) ledger.Income {
		b := w.book.blocks[block]
		return ledger.Income{ID: id, Cause: cause, Time: b.FoundAt.Add(time.Minute), Amount: amount, Undone: b.Status == ledger.Orphaned, Block: part(b)}
	}
	slot := ago(6 * time.Hour).Truncate(10 * time.Minute)
	w.book.incomes = []ledger.Income{
		of(30, ledger.Credited, 1, 154_999_936),
		of(21, ledger.Matures, 2, 309_993_750),
		{ID: 15, Cause: ledger.GivenBack, Time: ago(7 * time.Hour), Amount: 100_000_000, Payout: 6, Note: "the wallet was locked"},
		{ID: 14, Cause: ledger.Purchased, Time: ago(6 * time.Hour), Amount: 7_200_500, Purchase: ledger.SharesPrice{
			Start: slot, End: slot.Add(10 * time.Minute), Shares: 3600, Difficulty: 7200.5, Carried: 0.25, Worth: 7_200_500}},
		{ID: 13, Cause: ledger.SetAside, Time: ago(8 * time.Hour), Amount: -100_000_000, Payout: 6},
		of(12, ledger.Credited, 3, 309_993_750),
	}
	payout := w.book.payouts[0]
	payout.Outputs = []ledger.PayoutOutput{payout.Outputs[0]}
	w.book.explain = ledger.Explanation{
		Payout: payout, Begun: payout.Created, Previous: 5, Since: ago(72 * time.Hour), Opening: 482_805_750,
		Sums: []ledger.IncomeSum{
			{Cause: ledger.GivenBack, Number: 1, Amount: 100_000_000}, {Cause: ledger.Matures, Number: 1, Amount: 309_993_750},
			{Cause: ledger.SetAside, Number: 1, Amount: -100_000_000}, {Cause: ledger.Purchased, Number: 1, Amount: 7_200_500},
		},
	}
}

// mine lets three workers find shares in an uneven but given rhythm, with the
// snapshots that belong to it.
func (w *world) mine(now time.Time, account, other string) {
	begin := now.Add(-70 * time.Minute)
	var all []stats.Share
	find := func(account, worker string, pause time.Duration, difficulty pow.Difficulty, since time.Time) {
		for at, i := since, 0; at.Before(now); i++ {
			at = at.Add(pause/2 + pause*time.Duration(i*i%17)/16)
			all = append(all, stats.Share{
				Pool: poolID, Account: account, Worker: worker, Algorithm: pow.Scrypt,
				Difficulty: difficulty, Time: at, Connected: since,
			})
		}
	}
	find(account, "laptop", 7*time.Second, 0.5, begin)
	find(account, "rig1", 11*time.Second, 8, begin.Add(25*time.Minute))
	find(other, "", 13*time.Second, 2, begin)
	slices.SortFunc(all, func(a, b stats.Share) int { return a.Time.Compare(b.Time) })
	tick := begin
	for _, one := range all {
		for ; tick.Before(one.Time); tick = tick.Add(10 * time.Second) {
			w.stats.Tick(tick)
		}
		w.stats.ShareAccepted(one)
	}
}

func (w *world) get(path string) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	w.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
	return answer
}

func (w *world) lookUp(name string) *httptest.ResponseRecorder {
	body := bytes.NewBufferString("account=" + name)
	r := httptest.NewRequest(http.MethodPost, "/miners", body)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := httptest.NewRecorder()
	w.ServeHTTP(answer, r)
	return answer
}

// report sends a telemetry report that is signed by the world's key, after spoil
// had its way with the request.
func (w *world) report(t poolapi.Telemetry, spoil func(*http.Request)) *httptest.ResponseRecorder {
	body, err := json.Marshal(t)
	if err != nil {
		panic(err)
	}
	return w.reportBody(body, spoil)
}

func (w *world) reportBody(body []byte, spoil func(*http.Request)) *httptest.ResponseRecorder {
	return w.sendSigned(poolapi.ForTelemetry(), poolapi.TelemetryPath, body, spoil)
}

// sendSigned sends what the world's key signed for purpose to a path below its
// account's, after spoil had its way with the request.
func (w *world) sendSigned(purpose poolapi.Purpose, path string, body []byte, spoil func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, poolapi.MinersPath+w.account()+path, bytes.NewReader(body))
	key, signature := poolapi.Sign(purpose, w.key, w.account(), body)
	r.Header.Set(poolapi.KeyHeader, key)
	r.Header.Set(poolapi.SignatureHeader, signature)
	if spoil != nil {
		spoil(r)
	}
	answer := httptest.NewRecorder()
	w.ServeHTTP(answer, r)
	return answer
}

func machine(now time.Time) poolapi.Telemetry {
	number := func(v float64) *float64 { return &v }
	return poolapi.Telemetry{
		Worker: "rig1", Time: now, Program: "adit cpu-miner 0.1", Hashrate: 47_700,
		Devices: []poolapi.TelemetryDevice{
			{Name: "AMD Ryzen 7 5800X", Kind: "cpu", TemperatureC: number(71.5), Hashrate: 3200, Program: "minerd 2.5.1", Algorithm: "scrypt", State: poolapi.StateMining},
			{Name: "NVIDIA GeForce RTX 3070", Kind: "gpu", TemperatureC: number(64), FanPercent: number(55), PowerW: number(131), Hashrate: 44_500, State: poolapi.StateMining},
			{Name: "NVIDIA GeForce GT 710", Kind: "gpu", TemperatureC: number(38), State: poolapi.StateCannot},
			{Name: "Radeon RX 580", Kind: "gpu", TemperatureC: number(81), FanPercent: number(100), State: poolapi.StateWaiting},
			{Name: "Old card", Kind: "gpu"},
		},
	}
}
