package nomp

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/wallet/coin"
)

// unpayable is what the accounts of names begin with that nobody can be paid by. No
// account of a miner does.
const unpayable = "nomp:"

// A Sum is what came of the amounts or difficulties of one kind, exactly.
type Sum struct {
	What    string
	In, Out *big.Rat // what redis says, and what the ledger gets
	Rest    *big.Rat // fractions of a unit that are left out; may be negative, where a unit was made whole
	Left    *big.Rat // entries that are left out, each told
	Names   int      // that were read
}

// Adds reports whether nothing is lost: what came is what is there and what was told.
func (s Sum) Adds() bool {
	sum := new(big.Rat).Add(s.Out, s.Rest)
	return sum.Add(sum, s.Left).Cmp(s.In) == 0
}

func newSum(what string) *Sum {
	return &Sum{What: what, In: new(big.Rat), Out: new(big.Rat), Rest: new(big.Rat), Left: new(big.Rat)}
}

// conversion is one pool's books on their way.
type conversion struct {
	pool     *Pool
	report   *Report
	opening  ledger.Opening
	accounts map[string]*ledger.OpeningAccount
	told     map[string]bool // names that cannot be paid
}

// Opening turns what redis says of a pool into what its ledger begins with. Everything
// that is not as it should be is told in the report. The error says why the books cannot
// be taken over now.
func (p *Pool) Opening(s *Stock, report *Report) (ledger.Opening, []Sum, error) {
	c := &conversion{pool: p, report: report, accounts: map[string]*ledger.OpeningAccount{}, told: map[string]bool{}}
	c.opening.Pool = p.New.ID()
	sums := []Sum{
		c.amounts("balances", s.Balances, func(a *ledger.OpeningAccount) *coin.Amount { return &a.Balance }),
		c.amounts("payouts", s.Payouts, func(a *ledger.OpeningAccount) *coin.Amount { return &a.Paid }),
	}
	more, err := c.blocks(s)
	if err != nil {
		return ledger.Opening{}, nil, err
	}
	work, sum := c.work("shares:roundCurrent", s.Current)
	c.opening.Open = work
	sums = append(append(sums, more...), sum)
	for _, name := range slices.Sorted(maps.Keys(c.accounts)) {
		c.opening.Accounts = append(c.opening.Accounts, *c.accounts[name])
	}
	for _, set := range slices.Sorted(maps.Keys(s.Counts)) {
		if n := s.Counts[set]; n > 0 {
			c.say(set, Unneeded, "%d blocks whose fate is sealed: NOMP keeps neither their rewards nor their shares", n)
		}
	}
	return c.opening, sums, nil
}

func (c *conversion) say(key, outcome, format string, args ...any) {
	c.report.Lines = append(c.report.Lines, Line{"redis", c.pool.Redis + ":" + key, outcome, fmt.Sprintf(format, args...)})
}

// account finds whom a name of NOMP's workers means. One that cannot be paid becomes an
// account that is held: what it has stays in the book, for a person to decide about.
func (c *conversion) account(key, name string) (account, worker string) {
	first, worker := coin.SplitWorker(strings.TrimSpace(name))
	parsed, err := c.pool.Network.ParseAccount(first)
	if err == nil {
		_, err = parsed.Address(c.pool.Network)
	}
	if err == nil {
		if _, isKey := parsed.PubKeyHash(); isKey {
			// The keys that NOMP's page made are uncompressed.
			c.open(parsed.String()).WholeKey = true
		}
		return parsed.String(), worker
	}
	account = unpayable + name
	if errors.Is(err, coin.ErrPrivateKey) { // neither shown nor kept
		sum := sha256.Sum256([]byte(name))
		account = fmt.Sprintf("%sprivate-key-%x", unpayable, sum[:6])
	}
	if !c.told[name] {
		c.told[name] = true
		c.say(key, Taken, "%q cannot be paid (%v): what the name has is kept for it, and held", account, err)
	}
	c.open(account).Hold = "taken over from NOMP under a name that cannot be paid: " + err.Error()
	return account, ""
}

// open returns the opening account of that name.
func (c *conversion) open(name string) *ledger.OpeningAccount {
	a, ok := c.accounts[name]
	if !ok {
		a = &ledger.OpeningAccount{Account: name}
		c.accounts[name] = a
	}
	return a
}

func (c *conversion) amounts(key string, all map[string]string, field func(*ledger.OpeningAccount) *coin.Amount) Sum {
	sum := newSum(c.pool.Redis + ":" + key)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		exact, ok := decimal(all[name])
		if !ok {
			c.say(key, Impossible, "%q has %.40q, which is no number", name, all[name])
			continue
		}
		sum.Names++
		sum.In.Add(sum.In, exact)
		if exact.Sign() < 0 {
			c.say(key, Impossible, "%q has %s, less than nothing", name, all[name])
			sum.Left.Add(sum.Left, exact)
			continue
		}
		amount, ok := units(exact, c.pool.Coin.Decimals)
		if !ok {
			c.say(key, Impossible, "%q has %s, more than there can be", name, all[name])
			sum.Left.Add(sum.Left, exact)
			continue
		}
		account, _ := c.account(key, name)
		*field(c.open(account)) += amount
		booked := inCoins(amount, c.pool.Coin.Decimals)
		sum.Out.Add(sum.Out, booked)
		sum.Rest.Add(sum.Rest, new(big.Rat).Sub(exact, booked))
	}
	return *sum
}

// decimal reads a number as redis writes floating point, exactly.
func decimal(text string) (*big.Rat, bool) {
	if len(text) > 64 {
		return nil, false
	}
	if _, exponent, ok := strings.Cut(strings.ToLower(text), "e"); ok {
		if n, err := strconv.Atoi(exponent); err != nil || n > 30 || n < -60 {
			return nil, false
		}
	}
	if strings.ContainsAny(text, "/xXpP_bBoO") {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// noise is the part of a unit that floating point may have lost: 0.1 and 0.2 are
// 0.30000000000000004 there, and others 0.29999999999999998.
var noise = big.NewRat(1, 1000)

// units turns coins into units of the coin. Fractions of a unit are left out, but what
// lacks a thousandth of a unit or less to a whole one is one.
func units(coins *big.Rat, decimals int) (coin.Amount, bool) {
	n := new(big.Rat).Mul(coins, new(big.Rat).SetInt(scale(decimals)))
	n.Add(n, noise)
	whole := new(big.Int).Quo(n.Num(), n.Denom())
	if !whole.IsInt64() || whole.Int64() > 1<<62 {
		return 0, false
	}
	return coin.Amount(whole.Int64()), true
}

func inCoins(a coin.Amount, decimals int) *big.Rat {
	return new(big.Rat).SetFrac(big.NewInt(int64(a)), scale(decimals))
}

func scale(decimals int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)
}

// blocks takes the pending blocks over, with the shares of their rounds.
func (c *conversion) blocks(s *Stock) (sums []Sum, err error) {
	used := map[string]bool{}
	for _, entry := range s.Pending {
		parts := strings.Split(entry, ":")
		if len(parts) < 3 {
			c.say("blocksPending", Impossible, "%.100q is not hash:transaction:height", entry)
			continue
		}
		height, err := strconv.ParseInt(parts[2], 10, 64)
		_, hashErr := pow.ParseHash(parts[0])
		if err != nil || hashErr != nil || height < 1 {
			c.say("blocksPending", Impossible, "%.100q is not hash:transaction:height", entry)
			continue
		}
		if used[parts[2]] {
			return nil, fmt.Errorf("%s has two pending blocks at height %d, and NOMP has kept the shares of one of them only: "+
				"let NOMP run on until the chain has decided between them, then stop it and begin again", c.pool.Redis, height)
		}
		used[parts[2]] = true
		work, sum := c.work("shares:round"+parts[2], s.Rounds[parts[2]])
		c.opening.Blocks = append(c.opening.Blocks, ledger.OpeningBlock{Hash: parts[0], Height: height, Work: work})
		c.say("blocksPending", Taken, "block %s at height %d, with the shares of %d workers; the chain says what it brings, and whether it stands", parts[0], height, len(work))
		if len(work) == 0 {
			c.say("blocksPending", Impossible, "there are no shares of height %d: the block's whole reward will be the pool's", height)
		}
		sums = append(sums, sum)
	}
	for _, round := range slices.Sorted(maps.Keys(s.Rounds)) {
		if !used[round] {
			c.say("shares:round"+round, Impossible, "%d workers have shares of a round without a pending block: NOMP has paid for it, or forgotten it", len(s.Rounds[round]))
		}
	}
	return sums, nil
}

// work takes the shares of a round over.
func (c *conversion) work(key string, all map[string]string) (list []ledger.OpeningWork, sum Sum) {
	total := newSum(c.pool.Redis + ":" + key)
	at := map[[2]string]int{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		exact, ok := decimal(all[name])
		if !ok || exact.Sign() < 0 {
			c.say(key, Impossible, "%q has shares of %.40q, which is no difficulty", name, all[name])
			continue
		}
		total.Names++
		total.In.Add(total.In, exact)
		difficulty, _ := exact.Float64()
		if difficulty == 0 {
			total.Left.Add(total.Left, exact)
			continue
		}
		account, worker := c.account(key, name)
		id := [2]string{account, worker}
		if i, ok := at[id]; ok {
			list[i].Difficulty += difficulty
		} else {
			at[id] = len(list)
			list = append(list, ledger.OpeningWork{Account: account, Worker: worker, Difficulty: difficulty})
		}
		booked := new(big.Rat).SetFloat64(difficulty)
		total.Out.Add(total.Out, booked)
		total.Rest.Add(total.Rest, new(big.Rat).Sub(exact, booked))
	}
	return list, *total
}
