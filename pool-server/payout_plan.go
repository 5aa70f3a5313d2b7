package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/wallet/coin"
)

// planDocument is a plan as JSON. Amounts are in coins.
type planDocument struct {
	Pool    string      `json:"pool"`
	Symbol  string      `json:"symbol"`
	Halted  string      `json:"halted"`  // why nothing is paid; empty: it is
	Doubts  []string    `json:"doubts"`  // payments to miners that the ledger does not know: see payout adopt and ignore
	Open    []planOpen  `json:"open"`    // carried on first
	Batches []planBatch `json:"batches"` // in this order
	Waiting []planWaits `json:"waiting"`
	Total   coin.Amount `json:"total"` // of all batches
	Fee     coin.Amount `json:"fee"`   // of all batches, about
	FeeRate coin.Amount `json:"feeRate"`
	NextRun *time.Time  `json:"nextRun"` // null: as soon as somebody is due
	Wallet  walletSums  `json:"wallet"`
}

type planOpen struct {
	Payout   int64       `json:"payout"`
	Status   string      `json:"status"`
	TxID     string      `json:"txid"`
	Accounts int         `json:"accounts"`
	Total    coin.Amount `json:"total"`
}

type planBatch struct {
	Accounts int          `json:"accounts"`
	Total    coin.Amount  `json:"total"`
	Fee      coin.Amount  `json:"fee"`
	Budget   coin.Amount  `json:"budget"` // above such a fee it waits
	Short    coin.Amount  `json:"short"`  // what the wallet's confirmed coins lack for it now
	Outputs  []planOutput `json:"outputs"`
}

type planOutput struct {
	Account string      `json:"account"`
	Address string      `json:"address"`
	Amount  coin.Amount `json:"amount"`
}

type planWaits struct {
	Account  string      `json:"account"`
	Balance  coin.Amount `json:"balance"`
	Immature coin.Amount `json:"immature"`
	Reason   string      `json:"reason"`
	Text     string      `json:"text"`
}

// plan says what a run would do now.
func (r *payoutRequest) plan(ctx context.Context) error {
	minimum, err := r.minimumFor()
	if err != nil {
		return err
	}
	f := payouts.PlanFor{Minimum: minimum}
	if r.account != "" {
		f.Account = r.accountName()
	}
	k, err := r.keeper()
	if err != nil {
		return err
	}
	p, err := k.Plan(ctx, f)
	if err != nil {
		return err
	}
	doc := newPlanDocument(p, r.of.CoinData().Symbol)
	if r.json {
		return json.NewEncoder(r.out).Encode(doc)
	}
	return doc.print(r.out)
}

func newPlanDocument(p payouts.Plan, symbol string) planDocument {
	d := planDocument{
		Pool: p.Pool, Symbol: symbol, Halted: p.Halted, FeeRate: p.FeeRate, Wallet: newWalletSums(p.Holdings),
		Doubts: append([]string{}, p.Doubts...), Open: []planOpen{}, Batches: []planBatch{}, Waiting: []planWaits{},
	}
	if !p.NextRun.IsZero() {
		d.NextRun = &p.NextRun
	}
	for _, y := range p.Open {
		d.Open = append(d.Open, planOpen{y.ID, string(y.Status), y.TxID, len(y.Outputs), y.Total()})
	}
	for _, b := range p.Batches {
		one := planBatch{Accounts: len(b.Outputs), Total: b.Total, Fee: b.Fee, Budget: b.Budget, Short: b.Short}
		for _, o := range b.Outputs {
			one.Outputs = append(one.Outputs, planOutput{o.Account, o.Address, o.Amount})
		}
		d.Batches = append(d.Batches, one)
		d.Total += b.Total
		d.Fee += b.Fee
	}
	for _, w := range p.Waiting {
		d.Waiting = append(d.Waiting, planWaits(w))
	}
	return d
}

func (d planDocument) print(out io.Writer) error {
	t := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	if d.Halted != "" {
		fmt.Fprintf(t, "halted\tnothing is paid: %s\n", d.Halted)
	}
	for _, doubt := range d.Doubts {
		fmt.Fprintf(t, "unknown\t%s: adopt or ignore it, before it halts the payouts\n", doubt)
	}
	for _, y := range d.Open {
		fmt.Fprintf(t, "open\tpayout %d, %s, %v %s to %d accounts: carried on first\n", y.Payout, y.Status, y.Total, d.Symbol, y.Accounts)
	}
	for i, b := range d.Batches {
		fmt.Fprintf(t, "payout\t%d of %d: %v %s to %d accounts, for a fee of about %v, at most %v\n", i+1, len(d.Batches), b.Total, d.Symbol, b.Accounts, b.Fee, b.Budget)
		if b.Fee > b.Budget {
			fmt.Fprintf(t, "\tit would wait: the fee is above payouts.maxFeePercent\n")
		}
		if b.Short > 0 {
			fmt.Fprintf(t, "\tit would wait for coins: the wallet lacks %v\n", b.Short)
		}
		for _, o := range b.Outputs {
			fmt.Fprintf(t, "  %v\t%s at %s\n", o.Amount, o.Account, o.Address)
		}
	}
	if len(d.Batches) == 0 {
		fmt.Fprintf(t, "payout\tnobody is due\n")
	}
	for _, w := range d.Waiting {
		fmt.Fprintf(t, "waits\t%s has %v, and %v not mature: %s\n", w.Account, w.Balance, w.Immature, w.Text)
	}
	fmt.Fprintf(t, "wallet\t%s\n", d.Wallet.words(d.Symbol))
	return t.Flush()
}
