package sweep

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/btcsuite/btcd/wire/v2"

	"github.com/adit-mining/adit/wallet/coin"
)

// Options change a plan. The zero value is what nearly everybody wants.
type Options struct {
	// FeeRate is in smallest units per 1000 virtual bytes; 0 asks the source.
	FeeRate coin.Amount
	// MaxFee allows a fee, for all transactions together, that is a larger part of
	// what is moved than feeShare. It never lifts the cap on what a source says.
	MaxFee coin.Amount
	// TrustAmounts spends coins whose own transaction the source cannot show, as a
	// pruned daemon cannot. Only for a source that is the owner's own: a lie of it
	// would make the fee too high.
	TrustAmounts bool
}

// feeShare is the part of the moved coins, one in so many, that a fee may be unasked.
const feeShare = 10

// feeWarn is the part from which on the owner is told.
const feeWarn = 50

// Plan is what a sweep would do. It holds nothing secret and changes nothing.
type Plan struct {
	Network *coin.Network
	Public  [33]byte // whose coins these are
	From    []Script // where they were looked for
	To      coin.Address
	Source  string
	Tip     int64       // height of the chain when the plan was made
	FeeRate coin.Amount // per 1000 virtual bytes

	Transactions []Transaction // at least one
	Amount       coin.Amount   // that arrives, of all transactions together
	Fee          coin.Amount

	// What stays where it is, and why.
	Dust        []Output // costs more to spend than it is worth
	Immature    []Output // rewards that cannot be spent yet: see MatureIn
	Unconfirmed []Output // in no block yet
	Unproved    []Output // the source cannot show the transaction that made it

	Warnings []Warning
}

// Transaction is one of the transactions of a plan.
type Transaction struct {
	Inputs []Output
	Amount coin.Amount // of its only output
	Fee    coin.Amount
	Size   int // virtual bytes at most
}

// Inputs returns all coins that p moves.
func (p Plan) Inputs() (all []Output) {
	for _, t := range p.Transactions {
		all = append(all, t.Inputs...)
	}
	return all
}

// MatureAt returns the height of the first block that can spend o on n.
func MatureAt(n *coin.Network, o Output) int64 { return o.Height + int64(n.Coin.Maturity) }

// MatureIn says how many blocks an immature reward still needs at tip, and about how
// long that takes.
func MatureIn(n *coin.Network, o Output, tip int64) (blocks int64, about time.Duration) {
	blocks = max(0, MatureAt(n, o)-(tip+1))
	return blocks, time.Duration(blocks) * n.Coin.BlockTime
}

// maxWeight is what one transaction may weigh to be passed on: MAX_STANDARD_TX_WEIGHT
// of Core is 400,000, and some coins count bytes to 100,000.
const maxWeight = 398_000

// Prepare finds the coins of the key with this compressed public key and plans to
// move all of them to the address to. The error is an *AddressError, or wraps
// ErrSigning, ErrNothing or ErrFee, or tells what the source did.
func Prepare(ctx context.Context, public [33]byte, n *coin.Network, to string, src Source, o Options) (Plan, error) {
	r, err := rulesOf(n)
	if err != nil {
		return Plan{}, err
	}
	address, err := ParseDestination(n, to)
	if err != nil {
		return Plan{}, err
	}
	scripts, err := Scripts(n, public)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{Network: n, Public: public, From: scripts, To: address, Source: src.Name(), Warnings: warnAddress(n, to, address, scripts)}
	rates, err := ratesOf(ctx, src, r, o)
	if err != nil {
		return Plan{}, err
	}
	p.FeeRate = rates.Estimate
	outputs, tip, err := src.Unspent(ctx, scripts)
	if err == nil {
		err = check(outputs, scripts, tip)
	}
	if err != nil {
		return Plan{}, fmt.Errorf("ask %s for the coins: %w", src.Name(), err)
	}
	p.Tip = tip
	slices.SortFunc(outputs, byOutpoint)
	spendable, err := p.sort(ctx, src, outputs, o)
	if err != nil {
		return Plan{}, err
	}
	p.Transactions = pack(spendable, scripts, address, p.FeeRate)
	if err := p.finish(r.dustLimit(address.Script(), rates.Floor), o); err != nil {
		return p, err
	}
	return p, nil
}

// ratesOf decides what is paid per 1000 virtual bytes: Estimate of the answer.
func ratesOf(ctx context.Context, src Source, r rules, o Options) (Rates, error) {
	rates, err := src.FeeRate(ctx)
	if err != nil {
		if ctx.Err() != nil || o.FeeRate == 0 && r.usual == 0 {
			return Rates{}, fmt.Errorf("ask %s for the fee: %w", src.Name(), err)
		}
		rates = Rates{} // what is usual must do
	}
	if rates.Floor < 0 || rates.Estimate < 0 {
		return Rates{}, fmt.Errorf("ask %s for the fee: %w", src.Name(), ErrSource)
	}
	rates.Floor = max(rates.Floor, r.floor)
	if rates.Floor > r.cap() {
		return Rates{}, fmt.Errorf("%w: %s wants %d units a kilobyte at least, more than a hundred times what is usual", ErrFee, src.Name(), rates.Floor)
	}
	switch {
	case o.FeeRate > r.cap():
		return Rates{}, fmt.Errorf("%w: %d units a kilobyte are more than a hundred times what is usual", ErrFee, o.FeeRate)
	case o.FeeRate > 0 && o.FeeRate < rates.Floor:
		return Rates{}, fmt.Errorf("%d units a kilobyte are below what the network passes on: %d at least", o.FeeRate, rates.Floor)
	case o.FeeRate > 0:
		rates.Estimate = o.FeeRate
	case rates.Estimate > r.cap():
		return Rates{}, fmt.Errorf("%w: %s estimates %d units a kilobyte, more than a hundred times what is usual; give a fee rate of your own", ErrFee, src.Name(), rates.Estimate)
	case rates.Estimate == 0:
		rates.Estimate = max(r.usual, rates.Floor)
	default:
		rates.Estimate = max(rates.Estimate, rates.Floor)
	}
	return rates, nil
}

// sort parts what can be spent now from what stays, and reads from each coin's own
// transaction what it is worth.
func (p *Plan) sort(ctx context.Context, src Source, outputs []Output, o Options) (spendable []Output, err error) {
	var candidates []Output
	for _, out := range outputs {
		s, _ := find(p.From, out.Script)
		switch {
		case out.Height == 0:
			p.Unconfirmed = append(p.Unconfirmed, out)
		case out.Amount <= feeFor(4*s.size(), p.FeeRate):
			p.Dust = append(p.Dust, out)
		default:
			candidates = append(candidates, out)
		}
	}
	proofs, err := prove(ctx, src, candidates)
	if err != nil {
		return nil, err
	}
	for i, out := range candidates {
		switch {
		case proofs[i] == nil && o.TrustAmounts:
			p.warn(WarnUnproved, "What some coins are worth was taken on trust.")
		case proofs[i] == nil:
			p.Unproved = append(p.Unproved, out)
			continue
		default:
			out.Coinbase = proofs[i].coinbase
		}
		if blocks, _ := MatureIn(p.Network, out, p.Tip); out.Coinbase && blocks > 0 {
			p.Immature = append(p.Immature, out)
			continue
		}
		spendable = append(spendable, out)
	}
	return spendable, nil
}

func (p *Plan) warn(code, text string) {
	if !slices.ContainsFunc(p.Warnings, func(w Warning) bool { return w.Code == code }) {
		p.Warnings = append(p.Warnings, Warning{code, text})
	}
}

// pack makes as few transactions as standard sizes allow of the coins.
func pack(coins []Output, scripts []Script, to coin.Address, rate coin.Amount) (all []Transaction) {
	for len(coins) > 0 {
		w, n := newWeigher(to), 0
		for n < len(coins) {
			s, _ := find(scripts, coins[n].Script)
			if w.with(s) > maxWeight {
				break
			}
			w.add(s)
			n++
		}
		t := Transaction{Inputs: coins[:n:n], Size: (w.weight() + 3) / 4}
		t.Fee = feeFor(w.weight(), rate)
		for _, o := range t.Inputs {
			t.Amount += o.Amount
		}
		t.Amount -= t.Fee
		all = append(all, t)
		coins = coins[n:]
	}
	return all
}

// feeFor is what weight units cost, rounded up to whole virtual bytes and units.
func feeFor(weight int, rate coin.Amount) coin.Amount {
	size := coin.Amount((weight + 3) / 4)
	return (size*rate + 999) / 1000
}

// weigher counts what a transaction with one output will weigh when it is signed.
type weigher struct {
	output, inputs int
	plain, segwit  int // weight of the inputs, in a transaction without and with witnesses
	witness        bool
}

func newWeigher(to coin.Address) *weigher { return &weigher{output: 8 + 1 + len(to.Script())} }

func (w *weigher) add(s Script) {
	w.inputs++
	w.plain += s.weight(false)
	w.segwit += s.weight(true)
	w.witness = w.witness || s.witness()
}

// with is the weight after another input.
func (w *weigher) with(s Script) int {
	next := *w
	next.add(s)
	return next.weight()
}

func (w *weigher) weight() int {
	base := 4 * (4 + 4 + 1 + wire.VarIntSerializeSize(uint64(w.inputs)) + w.output)
	if w.witness {
		return base + 2 + w.segwit
	}
	return base + w.plain
}

// finish sums up, and refuses what makes no sense.
func (p *Plan) finish(dust coin.Amount, o Options) error {
	p.Transactions = slices.DeleteFunc(p.Transactions, func(t Transaction) bool {
		if t.Amount < dust {
			p.Dust = append(p.Dust, t.Inputs...)
			return true
		}
		return false
	})
	for _, t := range p.Transactions {
		p.Amount += t.Amount
		p.Fee += t.Fee
	}
	switch total := p.Amount + p.Fee; {
	case len(p.Transactions) == 0:
		return fmt.Errorf("%w: %s", ErrNothing, p.whyNothing())
	case p.Fee > max(total/feeShare, o.MaxFee):
		return fmt.Errorf("%w: %s of %s %s; wait for quieter times, choose a lower fee rate, or allow that fee",
			ErrFee, p.format(p.Fee), p.format(total), p.Network.Coin.Symbol)
	case p.Fee > total/feeWarn:
		p.warn(WarnFeeShare, fmt.Sprintf("The fee is %d %% of the coins.", p.Fee*100/total))
	}
	return nil
}

func (p *Plan) format(a coin.Amount) string { return p.Network.Coin.FormatAmount(a) }

func (p *Plan) whyNothing() string {
	switch {
	case len(p.Immature) > 0:
		first := slices.MinFunc(p.Immature, func(a, b Output) int { return int(a.Height - b.Height) })
		blocks, about := MatureIn(p.Network, first, p.Tip)
		return fmt.Sprintf("the rewards of %d found blocks cannot be spent yet; the first can in %d blocks, about %s", len(p.Immature), blocks, about.Round(time.Minute))
	case len(p.Unconfirmed) > 0:
		return "the coins are on their way, in no block yet: try again in a while"
	case len(p.Unproved) > 0:
		return p.Source + " cannot show the transactions that the coins are from"
	case len(p.Dust) > 0:
		return "what there is is worth less than the fee for moving it"
	}
	return fmt.Sprintf("%s knows of no %s coins of this key", p.Source, p.Network)
}
