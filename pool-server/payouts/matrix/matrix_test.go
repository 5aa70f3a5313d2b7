package matrix_test

import (
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/adit-mining/adit/pool-server/pooltest"
)

// life is all that can happen to blocks and payouts in one run: a block that is paid, one
// that leaves the chain and comes back, one more.
func (r *run) life() {
	r.t.Helper()
	alice, bob, carol := miner(r.t), miner(r.t), miner(r.t)
	r.find(done{alice, 1}, done{bob, 2.5}, done{carol, 1e-3})
	r.rounds(2)
	second := r.find(done{bob, 0.7}, done{alice, 0.3})
	r.rounds(1)
	r.chain.drop(second.Hash.String())
	r.rounds(2)
	r.chain.restore(second.Hash.String())
	r.rounds(2)
	r.find(done{alice, 1})
	r.rounds(maturity)
}

// A cell of the matrix is a step, and the way in which it goes wrong. What comes before
// is a crash that leads there: most steps need none.
type cell struct {
	step   string
	fault  fault
	before string
}

func (c cell) String() string { return c.step + " " + c.fault.String() }

// The steps that change something have the names of the book's methods and of the
// daemon's calls. All others are questions.
var (
	writes = []string{"apply", "purchases", "accepted", "confirmations", "matured", "orphaned", "restored", "settled",
		"mark", "unpayable", "intent", "signed", "sent", "confirmed", "cancelled"}
	acts = []string{"submitblock", "lockunspent", "signrawtransactionwithwallet", "sendrawtransaction"}
)

// matrix is every step with every fault that it can have. questions are what the pool
// asks: they change nothing, so that a crash there is the neighbours' crash.
func matrix(questions []string) (all []cell) {
	gone := []fault{crashBefore, crashAfter, refused, unheard, stopped, olderBefore, olderAfter}
	// What is cancelled is an intent whose transaction was signed and not written down.
	after := map[string]string{"cancelled": "signed"}
	for _, step := range writes {
		for _, f := range gone {
			all = append(all, cell{step, f, after[step]})
		}
	}
	for _, step := range acts {
		for _, f := range append(slices.Clone(gone), slow) {
			all = append(all, cell{step, f, ""})
		}
	}
	for _, step := range questions {
		all = append(all, cell{step, refused, ""}, cell{step, slow, ""})
	}
	return all
}

// asked picks the questions among the steps of a run.
func asked(steps map[string]int) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(steps)), func(s string) bool {
		return slices.Contains(writes, s) || slices.Contains(acts, s)
	})
}

// weather lets the n-th occurrence of the cell's step go wrong; hit tells of it.
func (c cell) weather(n int, hit *bool) func(string) fault {
	crashed := c.before == ""
	return func(step string) fault {
		if !crashed {
			crashed = step == c.before
			if crashed {
				return crashBefore
			}
		}
		if !crashed || step != c.step || *hit {
			return fine
		}
		if n--; n > 0 {
			return fine
		}
		*hit = true
		return c.fault
	}
}

// TestMoney is all that this package proves, on litecoinds that its tests share.
func TestMoney(t *testing.T) {
	c := &chains{t: t}
	for name, disk := range disks(t) {
		t.Run("every step goes wrong in every way, "+name, func(t *testing.T) { everyStep(t, c, disk) })
	}
	type proof struct {
		name string
		test func(*testing.T, *chains)
	}
	proofs := some(t, []proof{
		{"a block leaves the chain before it matures", leavesEarly},
		{"a block leaves the chain after it has matured", leavesLate},
		{"the coins of a payout vanish with their block", coinsVanish},
		{"two daemons disagree", disagree},
		{"a daemon that is not up to date orphans nothing", notUpToDate},
		{"a daemon that has lost its last blocks", lostBlocks},
	})
	for _, p := range append(proofs,
		proof{"random lives", randomLives},
		proof{"NOMP 1, a wallet slower than the interval pays once", nomp1},
		proof{"NOMP 2, a connection lost after the wallet has paid pays once", nomp2},
		proof{"NOMP 5, a worker name of 40 characters holds nobody up", nomp5},
	) {
		t.Run(p.name, func(t *testing.T) { p.test(t, c) })
	}
	tell(t)
}

// everyStep is every step of handling blocks and paying, with every fault: nobody is paid
// twice, nobody is forgotten, and there is no halt, for after each of these faults the
// ledger, the chain and the wallet still tell what was done.
func everyStep(t *testing.T, c *chains, disk func(testing.TB) disk) {
	times := map[string]int{} // that a step comes in fine weather
	if whole() {
		t.Run("fine weather", func(t *testing.T) {
			r := newRun(t, c.next(), disk(t))
			r.life()
			for _, step := range r.weather.story() {
				times[step]++
			}
			r.rest()
		})
	}
	r := rand.New(rand.NewPCG(seed(t), 1))
	for _, cell := range some(t, matrix(asked(times))) {
		n := 1
		if cell.before == "" && whole() {
			n += r.IntN(min(2, times[cell.step]))
		}
		t.Run(cell.String(), func(t *testing.T) {
			run := newRun(t, c.next(), disk(t))
			hit := false
			run.weather.set(cell.weather(n, &hit))
			run.life()
			run.rest()
			if !hit {
				t.Errorf("the step has not come: %q", run.weather.story())
			}
		})
	}
}

// disks are where ledgers lie.
func disks(t testing.TB) map[string]func(testing.TB) disk {
	var server *pooltest.Postgres
	return map[string]func(testing.TB) disk{
		"SQLite": func(t testing.TB) disk { return &folder{path: t.TempDir()} },
		"PostgreSQL": func(one testing.TB) disk {
			if server == nil {
				server = pooltest.StartPostgres(t)
			}
			return newDatabase(one, server)
		},
	}
}

// whole says whether everything is asked for, and not a sample.
func whole() bool { return os.Getenv("ADIT_MONEY_RUNS") != "" }

// some picks one of several cases for a sample, or all of them.
func some[T any](t testing.TB, all []T) []T {
	t.Helper()
	if whole() {
		return all
	}
	i := rand.New(rand.NewPCG(seed(t), uint64(len(t.Name())))).IntN(len(all))
	return all[i : i+1 : i+1]
}

// seed is what the random choices of a test begin with; ADIT_MONEY_SEED sets it.
func seed(t testing.TB) uint64 {
	t.Helper()
	text := os.Getenv("ADIT_MONEY_SEED")
	if text == "" {
		return 1
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("ADIT_MONEY_SEED: want a number, have %q", text)
	}
	return n
}

// tell prints what all runs so far came to.
func tell(t *testing.T) {
	t.Helper()
	figures.Lock()
	defer figures.Unlock()
	t.Logf("seed %d: %d runs, %d payments on the chain: %d paid twice, %d credits lost, ledger sum 0 in all",
		seed(t), figures.runs, figures.payments, figures.twice, figures.forgotten)
}
