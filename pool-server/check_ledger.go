package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"text/tabwriter"

	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/wallet/coin"
)

// errUnsound ends `check --ledger` with status 1 after a report that is not all well.
var errUnsound = errors.New("not everything holds; it stands above")

// lookTries is how often ledger and wallet are held against each other anew because
// the server booked something meanwhile.
const lookTries = 5

// soundness is what `check --ledger` finds. Its keys stay. Amounts are in coins.
type soundness struct {
	OK         bool             `json:"ok"`
	Invariants []invariantFound `json:"invariants"`
	Pools      []poolSums       `json:"pools"`
}

type invariantFound struct {
	Name   string   `json:"name"`
	OK     bool     `json:"ok"`
	Faults []string `json:"faults"`
}

// poolSums holds a pool's ledger against its wallet.
type poolSums struct {
	Pool      string      `json:"pool"`
	Symbol    string      `json:"symbol"`
	Ledger    ledgerSums  `json:"ledger"`
	Wallet    *walletSums `json:"wallet"`    // null: it was not asked, or did not answer
	InFlight  coin.Amount `json:"in_flight"` // of payouts that are sent and not confirmed
	Surplus   coin.Amount `json:"surplus"`   // what the wallet has beyond what the ledger requires: the operator's
	Shortfall coin.Amount `json:"shortfall"` // what it lacks
	Error     string      `json:"error"`     // why the wallet could not be asked
}

// ledgerSums is what the ledger says that the wallet is there for.
type ledgerSums struct {
	Immature  coin.Amount `json:"immature"`
	Balances  coin.Amount `json:"balances"`
	Paying    coin.Amount `json:"paying"` // in payouts that are not sent
	Fee       coin.Amount `json:"fee"`
	Dust      coin.Amount `json:"dust"`
	Reserve   coin.Amount `json:"reserve"`
	Loss      coin.Amount `json:"loss"`
	Withdrawn coin.Amount `json:"withdrawn"`
	Owed      coin.Amount `json:"owed"` // immature, balances and paying
	Own       coin.Amount `json:"own"`  // the pool's: fee, dust, reserve and loss, less withdrawn
	Required  coin.Amount `json:"required"`
}

// walletSums is what a wallet has.
type walletSums struct {
	Spendable coin.Amount `json:"spendable"`
	Locked    coin.Amount `json:"locked"`
	Change    coin.Amount `json:"change"` // of its own transactions that are not confirmed
	Immature  coin.Amount `json:"immature"`
	Total     coin.Amount `json:"total"`   // of those above
	Pending   coin.Amount `json:"pending"` // from somebody else, not confirmed
	Aside     coin.Amount `json:"aside"`   // that payouts cannot spend
}

func newWalletSums(h node.Holdings) walletSums {
	return walletSums{
		Spendable: h.Spendable, Locked: h.Locked, Change: h.Change, Immature: h.Immature,
		Total: h.Spendable + h.Locked + h.Change + h.Immature, Pending: h.Pending, Aside: h.Aside,
	}
}

func (w walletSums) words(symbol string) string {
	return fmt.Sprintf("%v %s: %v to spend, %v locked, %v change under way, %v not mature", w.Total, symbol, w.Spendable, w.Locked, w.Change, w.Immature)
}

// checkLedger proves the ledger, and holds it against the pools' wallets. offline
// leaves the wallets out.
func checkLedger(ctx context.Context, c *config.Config, asJSON, offline bool, out io.Writer) error {
	book, err := openLedgerThere(ctx, c)
	if err != nil {
		return err
	}
	defer book.Close()
	s := soundness{OK: true, Pools: []poolSums{}}
	invariants, err := book.Invariants(ctx)
	if err != nil && invariants == nil {
		return err
	}
	for _, i := range invariants {
		s.Invariants = append(s.Invariants, invariantFound{i.Name, len(i.Faults) == 0, append([]string{}, i.Faults...)})
		s.OK = s.OK && len(i.Faults) == 0
	}
	for i := range c.Pools {
		p, err := sumsOf(ctx, c, &c.Pools[i], book, offline)
		if err != nil {
			return err
		}
		s.Pools = append(s.Pools, p)
		s.OK = s.OK && p.Error == "" && p.Shortfall == 0
	}
	if asJSON {
		err = json.NewEncoder(out).Encode(s)
	} else {
		err = s.print(out, offline)
	}
	if err == nil && !s.OK {
		err = errUnsound
	}
	return err
}

// sumsOf holds a pool's ledger against its wallet, on a state of both that does not
// change meanwhile.
func sumsOf(ctx context.Context, c *config.Config, p *config.Pool, book *ledger.Ledger, offline bool) (poolSums, error) {
	s := poolSums{Pool: p.ID, Symbol: p.CoinData().Symbol}
	o, err := book.Obligations(ctx, p.ID)
	if err != nil {
		return s, err
	}
	if offline || !p.Enabled {
		s.fill(o, nil)
		return s, nil
	}
	clients, err := newClients(c, p, slog.New(slog.DiscardHandler))
	if err != nil {
		return s, fmt.Errorf("pool %s: %w", p.ID, err)
	}
	for range lookTries {
		before := o
		var h node.Holdings
		if h, err = clients[0].Holdings(ctx); err != nil {
			if p.Payouts.Enabled || !errors.Is(err, node.ErrNoWallet) {
				s.Error = err.Error()
			}
			s.fill(o, nil)
			return s, nil
		}
		if err := s.lookForSigned(ctx, p.ID, book, clients[0]); err != nil {
			s.Error = err.Error()
		}
		if o, err = book.Obligations(ctx, p.ID); err != nil {
			return s, err
		}
		s.fill(o, &h)
		if o == before {
			break
		}
	}
	return s, nil
}

// lookForSigned adds payouts to those in flight that the ledger has as signed, and the
// wallet has sent: a crash came between.
func (s *poolSums) lookForSigned(ctx context.Context, pool string, book *ledger.Ledger, wallet *node.Client) error {
	s.InFlight = 0
	open, err := book.OpenPayouts(ctx, pool)
	if err != nil {
		return err
	}
	for _, y := range open {
		if y.Status != ledger.Signed {
			continue
		}
		status, err := wallet.TxStatus(ctx, y.TxID)
		if err != nil {
			return err
		}
		if status.Known {
			s.InFlight += y.Total()
		}
	}
	return nil
}

// fill works out what is too much or too little. h may be nil.
func (s *poolSums) fill(o ledger.Obligations, h *node.Holdings) {
	o.Unsent -= s.InFlight
	s.InFlight += o.Sent
	s.Ledger = ledgerSums{
		Immature: o.Immature, Balances: o.Balance, Paying: o.Unsent, Fee: o.Fee, Dust: o.Dust, Reserve: o.Reserve,
		Loss: o.Loss, Withdrawn: o.Withdrawn, Owed: o.Owed(), Own: o.Own(), Required: o.Required(),
	}
	s.Wallet, s.Surplus, s.Shortfall = nil, 0, 0
	if h == nil {
		return
	}
	w := newWalletSums(*h)
	s.Wallet = &w
	s.Surplus = max(0, w.Total-o.Required())
	s.Shortfall = max(0, o.Required()-w.Total)
}

func (s soundness) print(out io.Writer, offline bool) error {
	t := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, i := range s.Invariants {
		if i.OK {
			fmt.Fprintf(t, "ok\t%s\n", i.Name)
		}
		for _, fault := range i.Faults {
			fmt.Fprintf(t, "FAULT\t%s: %s\n", i.Name, fault)
		}
	}
	for _, p := range s.Pools {
		p.print(t, offline)
	}
	return t.Flush()
}

func (s poolSums) print(t io.Writer, offline bool) {
	l := s.Ledger
	fmt.Fprintf(t, "pool %s\towed %v %s: %v in balances, %v not mature, %v in payouts that are not sent; %v in flight\n",
		s.Pool, l.Owed, s.Symbol, l.Balances, l.Immature, l.Paying, s.InFlight)
	fmt.Fprintf(t, "\tits own %v: fee %v, dust %v, reserve %v, losses %v, withdrawn %v\n", l.Own, l.Fee, l.Dust, l.Reserve, l.Loss, l.Withdrawn)
	switch {
	case s.Error != "":
		fmt.Fprintf(t, "FAULT\tthe wallet does not answer: %s\n", s.Error)
	case s.Wallet == nil && offline:
		fmt.Fprintf(t, "\tthe wallet was not asked\n")
	case s.Wallet == nil:
		fmt.Fprintf(t, "\tthe pool is switched off, or pays nobody and has no wallet\n")
	case s.Shortfall > 0:
		fmt.Fprintf(t, "\twallet %s\n", s.Wallet.words(s.Symbol))
		fmt.Fprintf(t, "FAULT\tthe wallet has %v less than the %v that it has to have\n", s.Shortfall, l.Required)
	default:
		fmt.Fprintf(t, "\twallet %s\n", s.Wallet.words(s.Symbol))
		fmt.Fprintf(t, "ok\tthe wallet has the %v that it has to have, and %v besides\n", l.Required, s.Surplus)
	}
}
