package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/website"
)

// explainPage is how many movements are read at a time.
const explainPage = 1000

// explanation is what `adit-pool payout explain` is asked.
type explanation struct {
	payout  int64
	account string // empty: everybody whom it pays, without the movements of each
	asJSON  bool

	book *ledger.Ledger
	pool website.Pool
	out  io.Writer
}

// runExplain says why a payout gave to each account what it gave.
func runExplain(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	x := explanation{out: stdout}
	f := newFlags("payout explain", stderr)
	dir := f.String("dir", "adit-pool", "the configuration folder")
	f.StringVar(&x.account, "account", "", "explain what it gave this account, down to the blocks; otherwise all accounts in short")
	f.BoolVar(&x.asJSON, "json", false, "print one JSON document, as the website's API has it")
	if err := x.parse(f, args); err != nil {
		return err
	}
	c, err := config.Load(*dir)
	if err != nil {
		return err
	}
	if x.book, err = openLedgerThere(ctx, c); err != nil {
		return err
	}
	defer x.book.Close()
	return x.explain(ctx, c)
}

// parse reads ID and flags, in any order.
func (x *explanation) parse(f *flag.FlagSet, args []string) error {
	id, err := parseOne(f, args)
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n < 1 {
		return errors.New("explain wants the payout's number, as the website and the log tell it: adit-pool payout explain ID --dir DIR")
	}
	x.payout = n
	return nil
}

func (x *explanation) explain(ctx context.Context, c *config.Config) error {
	p, err := x.book.Payout(ctx, x.payout)
	if err != nil {
		return err
	}
	for i := range c.Pools {
		if one := &c.Pools[i]; one.ID == p.Pool {
			coin := one.CoinData()
			x.pool = website.Pool{ID: one.ID, Network: one.NetworkData(), Info: poolapi.CoinInfo{ID: coin.ID, Symbol: coin.Symbol}}
		}
	}
	if x.pool.ID == "" {
		return fmt.Errorf("payout %d is of %s, which is not configured any more", p.ID, p.Pool)
	}
	if x.account == "" {
		return x.everybody(ctx, p)
	}
	doc, err := x.document(ctx, x.account, true)
	if err != nil {
		return err
	}
	if x.asJSON {
		return x.print(doc)
	}
	return x.inWords(doc)
}

// document explains what the payout gave an account; in full with each movement.
func (x *explanation) document(ctx context.Context, account string, full bool) (doc poolapi.PayoutExplanation, err error) {
	e, err := x.book.Explain(ctx, x.payout, account)
	if err != nil {
		return doc, err
	}
	var all []ledger.Income
	for after := int64(0); full; after = all[len(all)-1].ID {
		some, err := x.book.Explained(ctx, e, after, explainPage)
		if err != nil {
			return doc, err
		}
		all = append(all, some...)
		if len(some) < explainPage {
			break
		}
	}
	return website.ExplainPayout(x.pool, account, e, all), nil
}

func (x *explanation) print(doc any) error {
	out := json.NewEncoder(x.out)
	out.SetIndent("", "  ")
	return out.Encode(doc)
}

// everybody explains the payout to each of its accounts in short.
func (x *explanation) everybody(ctx context.Context, p ledger.Payout) error {
	docs := []poolapi.PayoutExplanation{}
	for _, o := range p.Outputs {
		doc, err := x.document(ctx, o.Account, false)
		if err != nil {
			return err
		}
		docs = append(docs, doc)
	}
	if x.asJSON {
		return x.print(docs)
	}
	fmt.Fprintf(x.out, "payout %d of %s: %s, transaction %s\n\n", p.ID, p.Pool, p.Status, orNone(p.TxID))
	t := tabwriter.NewWriter(x.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "account\tleft before\tcame\tleft after\tpaid\tits fee\tarrived\taddress")
	for _, doc := range docs {
		y := doc.Payout
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", doc.Account, doc.Opening, cameTogether(doc), doc.Rest, y.Amount, orNone(y.Fee), orNone(y.Net), y.Address)
	}
	return t.Flush()
}

// cameTogether says what an amount was made of: "12 block, 3 shares".
func cameTogether(doc poolapi.PayoutExplanation) string {
	var parts []string
	for _, s := range doc.Sums {
		parts = append(parts, fmt.Sprintf("%d %s: %s", s.Number, s.Cause, s.Amount))
	}
	return orNone(strings.Join(parts, ", "))
}

// inWords prints one account's explanation as a sum.
func (x *explanation) inWords(doc poolapi.PayoutExplanation) error {
	y, sym := doc.Payout, x.pool.Info.Symbol
	fmt.Fprintf(x.out, "payout %d of %s to account %s\n%s, transaction %s\naddress %s\n\n", y.ID, x.pool.ID, doc.Account, y.Status, orNone(y.TxID), y.Address)
	t := tabwriter.NewWriter(x.out, 0, 4, 2, ' ', tabwriter.AlignRight)
	if strings.Trim(doc.Opening, "0.") != "" {
		fmt.Fprintf(t, "%s\t  left in the balance by payout %d\n", doc.Opening, doc.Previous)
	}
	for _, c := range doc.Credits {
		fmt.Fprintf(t, "%s\t  %s\n", c.Amount, because(c))
	}
	if strings.Trim(doc.Rest, "0.") != "" {
		fmt.Fprintf(t, "-%s\t  left in the balance for the next payout\n", doc.Rest)
	}
	fmt.Fprintf(t, "= %s\t  %s taken from the balance\n", y.Amount, sym)
	if y.TxID != "" {
		fmt.Fprintf(t, "-%s\t  its part of the transaction's fee\n= %s\t  %s arrive\n", y.Fee, y.Net, sym)
	}
	return t.Flush()
}

// because says in a line how a movement came about.
func because(c poolapi.Credit) string {
	switch b, s := c.Block, c.Shares; {
	case b != nil && c.Cause == poolapi.CreditOrphan:
		return fmt.Sprintf("block %d, taken back: it is gone from the chain", b.Height)
	case b != nil && !b.Explained:
		return fmt.Sprintf("block %d of %s, credited before its split was kept", b.Height, b.Reward)
	case b != nil:
		return fmt.Sprintf("block %d, %s: (%s - %s fee - %s to others) * %v / %v + %s", b.Height, b.Scheme, b.Reward, b.Fee, b.Recipients, b.Difficulty, b.AllDifficulty, b.OwnPart)
	case s != nil:
		return fmt.Sprintf("%d shares bought from %s on: %v * %s + %s carried on", s.Shares, s.From.Format("2006-01-02 15:04"), s.Difficulty, s.Price, s.Carried)
	case c.Payout != 0:
		return fmt.Sprintf("payout %d: %s", c.Payout, c.Cause)
	}
	return strings.TrimSuffix(c.Cause+": "+c.Note, ": ")
}

func orNone(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
