package e2e_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

const (
	moneyPool  = "litecoin-regtest"
	moneyKills = 3 // of the pool; `ADIT_KILLS=100` for a quarter of that
)

// moneyWorld is a pool on a real litecoind, and the miners whom it pays.
type moneyWorld struct {
	t       *testing.T
	node    *pooltest.Litecoind
	dir     string
	where   string // the ledger
	address string // the pool's
	miners  []payee
	since   int64 // height at the begin
	pool    *poolProcess
}

// payee is a miner's stratum name, the account that it means, and where that is paid.
type payee struct{ name, account, address string }

func newMoneyWorld(t *testing.T, miners []payee, more ...string) *moneyWorld {
	t.Helper()
	w := &moneyWorld{t: t, node: pooltest.StartLitecoind(t, pooltest.LitecoindOptions{Args: []string{"-keypool=20"}}), dir: t.TempDir(), miners: miners}
	w.node.Generate(110) // the wallet's own coins, to pay with before rewards mature
	w.since, w.address = w.node.Height()+1, w.node.NewAddress()
	initPool(t, w.dir, "litecoin", w.node.RPC, w.address, append([]string{"--difficulty", "1e-9", "--vardiff=off",
		"--payout-interval", "1s", "--payout-minimum", "0.001", "--confirmations", "3", "--fee", "1"}, more...)...)
	w.where = filepath.Join(w.dir, "data", "ledger.db")
	w.start()
	return w
}

func (w *moneyWorld) start() { w.pool = startPool(w.t, "serve", "--dir", w.dir) }

// work has each miner find n shares, of which on regtest every other one is a block, and
// the last one go on until a block pays for all of them.
func (w *moneyWorld) work(n int64) {
	w.t.Helper()
	for i, p := range w.miners {
		m := dialWhenReady(w.t, w.pool.Stratum, p.name, pow.Scrypt)
		find := func() {
			if _, err := m.Mine(); err != nil {
				w.t.Fatalf("%s: %v", p.name, err)
			}
		}
		for m.Acknowledged < n {
			find()
		}
		if i == len(w.miners)-1 {
			for before := w.node.Height(); w.node.Height() == before; {
				find()
			}
		}
		m.Close()
	}
}

// paid lets blocks come until the pool owes nobody anything.
func (w *moneyWorld) paid() {
	w.t.Helper()
	for _, p := range w.miners {
		eventually(w.t, 2*time.Minute, p.name+" is paid", func() bool {
			w.node.Generate(1)
			_, c := minerStats(w.t, w.pool.Site, p.account)
			return amount(w.t, c.Paid) > 0 && amount(w.t, c.Pending)+amount(w.t, c.Paying)+amount(w.t, c.Immature) == 0
		})
	}
}

// audit compares the chain with the ledger of the stopped pool, to the unit.
func (w *moneyWorld) audit() {
	t := w.t
	t.Helper()
	w.pool.stop(t)
	book, err := ledger.Open(t.Context(), w.where)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if err := book.Check(t.Context()); err != nil {
		t.Errorf("the ledger contradicts itself: %v", err)
	}
	rewards, arrived, times := w.outputs()
	payouts, err := book.RecentPayouts(t.Context(), moneyPool, "", 10_000)
	if err != nil {
		t.Fatal(err)
	}
	booked := map[string]int{}
	for _, p := range payouts {
		for _, o := range p.Outputs {
			if p.Status == ledger.Confirmed {
				booked[o.Account]++
			}
		}
	}
	for _, p := range w.miners {
		s, err := book.AccountSummary(t.Context(), moneyPool, p.account)
		if err != nil {
			t.Fatal(err)
		}
		if s.Paid == 0 || s.Paid != arrived[p.address] || booked[p.account] != times[p.address] {
			t.Errorf("%s: %v are on the chain in %d transactions, the ledger says %v in %d payouts", p.name, arrived[p.address], times[p.address], s.Paid, booked[p.account])
		}
	}
	totals, err := book.PoolTotals(t.Context(), moneyPool)
	if err != nil {
		t.Fatal(err)
	}
	if out := totals.Paid + totals.TxFee + totals.Fee + totals.Dust; rewards[w.address] != out || totals.Reward != out {
		t.Errorf("the chain's blocks brought %v, the ledger says %v, of which it knows where %v are", rewards[w.address], totals.Reward, out)
	}
	if reason, halted, err := book.Halted(t.Context(), moneyPool); halted || err != nil {
		t.Errorf("halted: %s, %v", reason, err)
	}
	t.Logf("%d blocks, %d payouts, %v paid", totals.BlocksFound(), len(payouts), totals.Paid)
}

// outputs is what blocks on the chain bring to each address, what other transactions
// pay there, and how many of them do.
func (w *moneyWorld) outputs() (rewards, sums map[string]coin.Amount, times map[string]int) {
	w.t.Helper()
	rewards, sums, times = map[string]coin.Amount{}, map[string]coin.Amount{}, map[string]int{}
	for height := w.since; height <= w.node.Height(); height++ {
		hash := pooltest.Must[string](w.t, w.node.RPC, "getblockhash", height)
		block := pooltest.Must[struct {
			Tx []struct {
				Vout []struct {
					Value  json.Number
					Script struct{ Addresses []string } `json:"scriptPubKey"`
				}
			}
		}](w.t, w.node.RPC, "getblock", hash, 2)
		for i, tx := range block.Tx {
			for _, out := range tx.Vout {
				if len(out.Script.Addresses) != 1 {
					continue
				}
				a, err := coin.ParseAmount(out.Value.String())
				if err != nil {
					w.t.Fatal(err)
				}
				if i == 0 {
					rewards[out.Script.Addresses[0]] += a
					continue
				}
				sums[out.Script.Addresses[0]] += a
				times[out.Script.Addresses[0]]++
			}
		}
	}
	return rewards, sums, times
}

// payees are miners by an address of either form and by a key's hash, none of them in
// the daemon's wallet.
func payees(t testing.TB) (all []payee) {
	n := cointest.Network(t, "litecoin", "regtest")
	for i, form := range []func(coin.PubKeyHash) coin.Address{n.P2PKH, n.P2WPKH} {
		address := form(coin.PubKeyHash{31, byte(i)}).String()
		all = append(all, payee{address + ".rig01", address, address})
	}
	key := coin.PubKeyHash{32}
	return append(all, payee{key.String(), key.String(), n.PayoutAddress(key).String()})
}

// TestEveryPayoutSurvivesKill9 kills the built pool at random moments while it finds
// blocks and pays, with the ledger in either database. In the end the chain, the ledger
// and the blocks' rewards agree to the unit: nobody was paid twice, nobody forgotten.
func TestEveryPayoutSurvivesKill9(t *testing.T) {
	times := moneyKills
	if text := os.Getenv("ADIT_KILLS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("ADIT_KILLS: want a number, have %q", text)
		}
		times = max(times, n/4)
	}
	for _, database := range []string{"SQLite", "PostgreSQL"} {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			var more []string
			var url string
			if database == "PostgreSQL" {
				url = pooltest.StartPostgres(t).Database(t, "")
				more = []string{"--database", url}
			}
			w := newMoneyWorld(t, payees(t), more...)
			if url != "" {
				w.where = url
			}
			for range times {
				w.work(2)
				w.node.Generate(4)
				time.Sleep(rand.N(1500 * time.Millisecond))
				w.pool.kill()
				w.start()
			}
			w.paid()
			w.audit()
		})
	}
}

// TestNOMP5AWorkerNameOf40CharactersHoldsNobodyUp is NOMP's defect 5 of
// research/nomp.md: ADDRESS.rig01, 40 characters in all, was taken for a key's hash; the
// daemon refused the address that was made of it, and nobody was paid from then on. Here
// it is the address, which is paid, and what is neither is refused at the door.
func TestNOMP5AWorkerNameOf40CharactersHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	w := newMoneyWorld(t, payees(t))
	if name := w.miners[0].name; len(name) != 40 {
		t.Fatalf("%s has %d characters, want 40", name, len(name))
	}
	for _, name := range []string{strings.Repeat("x", 40), strings.Repeat("g", 34) + ".rig01", w.miners[0].name[1:] + "x"} {
		m, err := pooltest.DialMiner(w.pool.Stratum, name, pow.Scrypt)
		if err == nil {
			m.Close()
			t.Errorf("%s may mine", name)
		}
	}
	w.work(3)
	w.paid()
	var stats poolapi.MinerStats
	getJSON(t, w.pool.Site+poolapi.MinersPath+w.miners[0].account, &stats)
	if got := fmt.Sprint(stats); !strings.Contains(got, "rig01") {
		t.Errorf("the account's page has no worker rig01: %s", got)
	}
	w.audit()
}
