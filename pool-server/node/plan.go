package node

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/adit-mining/adit/wallet/coin"
)

// A place is where an output goes.
type place struct {
	address string
	script  []byte
}

// A payee is a receiver: what was asked for, and what arrives.
type payee struct {
	place
	asked, net coin.Amount
}

// terms bound a plan.
type terms struct {
	rate      coin.Amount // per 1000 virtual bytes
	maxFee    coin.Amount // 0: none
	maxWeight int
	dust      dustRule
}

// A plan is a transaction before it is built. Deciding on it needs no daemon.
type plan struct {
	terms
	inputs  []walletCoin
	payees  []payee
	back    place       // where change goes
	change  coin.Amount // 0: none
	dropped coin.Amount // change that is not worth an output; the fee has it
	weight  int         // at most, once signed
	fee     coin.Amount // what the network gets, dropped included
	borne   coin.Amount // the receivers' part of it
}

// draw plans a payment to payees from coins: those that are ours first, and if that
// makes the transaction too large or its fee too high, the largest first.
func draw(coins []walletCoin, payees []payee, back place, t terms) (*plan, error) {
	total, err := sumAsked(payees)
	if err != nil {
		return nil, err
	}
	have, err := sumOf(coins)
	if err != nil {
		return nil, err
	}
	if have < total {
		return nil, &FundsError{Spendable: have, Needed: total}
	}
	p, err := drawInOrder(sortedBy(coins, oursFirst), payees, total, back, t)
	if errors.Is(err, ErrTooLarge) || errors.Is(err, ErrFee) {
		p, err = drawInOrder(sortedBy(coins, largestFirst), payees, total, back, t)
	}
	return p, err
}

// drawInOrder takes coins from the front until they do for total.
func drawInOrder(coins []walletCoin, payees []payee, total coin.Amount, back place, t terms) (*plan, error) {
	n, sum := 0, coin.Amount(0)
	for sum < total {
		sum += coins[n].amount
		n++
	}
	p := compose(coins[:n:n], sum-total, payees, back, t)
	if p.dropped > 0 && n < len(coins) {
		// With one more coin the change need not be given away.
		if q := compose(coins[:n+1:n+1], sum-total+coins[n].amount, payees, back, t); q.weight <= t.maxWeight {
			p = q
		}
	}
	if p.weight > t.maxWeight {
		return nil, whatFits(coins, payees, back, t, p.weight)
	}
	if err := p.price(0); err != nil {
		return nil, err
	}
	return p, nil
}

// compose makes a plan whose inputs leave rest.
func compose(inputs []walletCoin, rest coin.Amount, payees []payee, back place, t terms) *plan {
	p := &plan{terms: t, inputs: inputs, payees: slices.Clone(payees), back: back}
	if rest >= t.dust.worthwhile(back.script) {
		p.change = rest
	} else {
		p.dropped = rest
	}
	p.weight = p.load().total()
	return p
}

func (p *plan) load() load {
	var l load
	for _, w := range p.inputs {
		l.spend(w.spend)
	}
	for _, r := range p.payees {
		l.pay(r.script)
	}
	if p.change > 0 {
		l.pay(p.back.script)
	}
	return l
}

// price works out the fee, and what arrives. more is what the transaction turned out
// to weigh beyond the plan.
//
// The receivers bear the fee in equal parts; what cannot be divided, less units than
// there are receivers, falls on the first ones, a unit each. Change that was dropped
// pays its part first. So the sums are exact: inputs = nets + change + fee, and
// asked = nets + borne.
func (p *plan) price(more int) error {
	p.weight += more
	fee, err := feeOf(p.rate, p.weight)
	if err != nil {
		return err
	}
	p.borne = max(0, fee-p.dropped)
	p.fee = p.borne + p.dropped
	if p.maxFee > 0 && p.fee > p.maxFee {
		return fmt.Errorf("%w: %v for %d virtual bytes, the limit is %v", ErrFee, p.fee, virtualSize(p.weight), p.maxFee)
	}
	n := coin.Amount(len(p.payees))
	var small *TooSmallError
	for i := range p.payees {
		r := &p.payees[i]
		part := p.borne / n
		if coin.Amount(i) < p.borne%n {
			part++
		}
		r.net = r.asked - part
		if r.net < max(1, p.dust.of(r.script)) && (small == nil || r.asked < small.Amount) {
			small = &TooSmallError{Address: r.address, Amount: r.asked, Least: part + p.dust.worthwhile(r.script)}
		}
	}
	if small != nil {
		return small
	}
	return nil
}

// smallest says that the output with the least net amount is too small.
func (p *plan) smallest() *TooSmallError {
	least := p.payees[0]
	for _, r := range p.payees {
		if r.net < least.net {
			least = r
		}
	}
	return &TooSmallError{Address: least.address, Amount: least.asked, Least: least.asked - least.net + p.dust.worthwhile(least.script)}
}

// feeOf rounds up.
func feeOf(rate coin.Amount, weight int) (coin.Amount, error) {
	high, low := bits.Mul64(uint64(rate), uint64(virtualSize(weight)))
	if rate < 0 || high != 0 || low > math.MaxInt64-999 {
		return 0, fmt.Errorf("%w: %v per 1000 virtual bytes", ErrFee, rate)
	}
	return coin.Amount((low + 999) / 1000), nil
}

// whatFits says what could be paid in one transaction instead: to how many of the
// payees, from the first on.
func whatFits(coins []walletCoin, payees []payee, back place, t terms, weight int) *TooLargeError {
	coins = sortedBy(coins, largestFirst)
	e := &TooLargeError{Weight: weight, Limit: t.maxWeight}
	var l load
	l.pay(back.script)
	var sum, needed coin.Amount
	for i, r := range payees {
		needed += r.asked
		l.pay(r.script)
		for sum < needed && l.total() <= t.maxWeight && l.inputs < len(coins) {
			next := coins[l.inputs]
			l.spend(next.spend)
			if l.total() <= t.maxWeight {
				sum += next.amount
			}
		}
		switch {
		case l.total() <= t.maxWeight:
			e.Receivers, e.Amount = i+1, needed
			continue
		case i == 0: // not even one: a part of what it is owed
			e.Amount = sum
		}
		return e
	}
	return e
}

// fewer is whatFits for a transaction that turned out to weigh too much: an estimate,
// for the coins that go with fewer receivers are not known.
func (p *plan) fewer(weight int) *TooLargeError {
	e := &TooLargeError{Weight: weight, Limit: p.maxWeight, Receivers: len(p.payees) * 3 / 4 * p.maxWeight / weight}
	for _, r := range p.payees[:e.Receivers] {
		e.Amount += r.asked
	}
	return e
}

func sumAsked(payees []payee) (sum coin.Amount, err error) {
	for _, r := range payees {
		if sum, err = sumAmounts(sum, r.asked); err != nil {
			return 0, err
		}
	}
	return sum, nil
}

// A dustRule is what outputs the network passes on. Core refuses an output that costs
// more to spend than a third of what it holds, at a rate that it tells nobody; a rate
// of its own that is ten times the lowest it relays is not unheard of (Litecoin's).
type dustRule struct {
	relay coin.Amount // lowest rate that is passed on, per 1000 virtual bytes
	least coin.Amount // of any output, where the daemon says so (Dogecoin's does)
}

// of is what an output to script has to hold at least.
func (d dustRule) of(script []byte) coin.Amount {
	spend := 148 // GetDustThreshold in policy/policy.cpp of Bitcoin Core
	if isProgram(script) {
		spend = 67
	}
	size := coin.Amount(outputWeight(script)/witnessScale + spend)
	return max(d.least, 3*(size*d.relay+999)/1000)
}

// worthwhile is what makes an output safe from being taken for dust.
func (d dustRule) worthwhile(script []byte) coin.Amount {
	return max(d.least, 10*dustRule{relay: d.relay}.of(script))
}
