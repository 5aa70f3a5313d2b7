package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/sweep"
)

// sweepFlags is what adit sweep is told.
type sweepFlags struct {
	data, coin, net, to                     string
	rpc, cookie, pool, esplora, electrum    string
	feeRate                                 float64
	maxFee                                  string
	dryRun, yes, asJSON, keyStdin, trusting bool
}

// sweepCommand is adit sweep: it moves everything that the mining key owns on one
// coin to an address.
func sweepCommand(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	var f sweepFlags
	flags := flag.NewFlagSet("adit sweep", flag.ContinueOnError)
	flags.StringVar(&f.data, "data", "", "`folder` for key and settings")
	flags.StringVar(&f.coin, "coin", "", "`id` of the coin, as litecoin")
	flags.StringVar(&f.net, "net", "main", "`network`: main, test or regtest")
	flags.StringVar(&f.to, "to", "", "`address` that gets the coins")
	flags.StringVar(&f.rpc, "rpc", "", "ask a coin's daemon at this `URL`")
	flags.StringVar(&f.cookie, "cookie", "", "the daemon's cookie `file`, or one with USER:PASSWORD in it")
	flags.StringVar(&f.pool, "pool", "", "ask the pool at this `URL`")
	flags.StringVar(&f.esplora, "esplora", "", "ask a block explorer with Esplora's API at this `URL`")
	flags.StringVar(&f.electrum, "electrum", "", "ask an Electrum server at `HOST:PORT`, by TLS unless it begins with tcp://")
	flags.Float64Var(&f.feeRate, "fee-rate", 0, "pay `N` of the coin's smallest units for each virtual byte; 0 asks")
	flags.StringVar(&f.maxFee, "max-fee", "", "allow a fee up to this many `coins`, where it would be more than a tenth of what is moved")
	flags.BoolVar(&f.dryRun, "dry-run", false, "only print the plan")
	flags.BoolVar(&f.yes, "yes", false, "do not ask for YES")
	flags.BoolVar(&f.asJSON, "json", false, "print one JSON object")
	flags.BoolVar(&f.keyStdin, "key-stdin", false, "read the private key (WIF) from the first line of stdin")
	flags.BoolVar(&f.trusting, "trust-amounts", false, "believe the source about what coins are worth: only for a pruned daemon of your own")
	if done, err := parse(flags, args, stderr); done || err != nil {
		return err
	}
	n, source, options, err := f.read()
	if err != nil {
		return usageError{err}
	}
	defer source.close()
	dir, err := dataDir(f.data)
	if err != nil {
		return err
	}
	in := bufio.NewReader(stdin)
	key, err := f.key(dir, in, stderr)
	if err != nil {
		return err
	}
	s := sweeper{flags: f, network: n, source: source.Source, options: options, dir: dir, key: key, in: in, out: stdout, err: stderr}
	return s.run(ctx)
}

// closing is a source with what is to be done about it in the end.
type closing struct {
	sweep.Source
	close func()
}

// read turns the flags into what they mean.
func (f sweepFlags) read() (*coin.Network, closing, sweep.Options, error) {
	none := func(err error) (*coin.Network, closing, sweep.Options, error) {
		return nil, closing{}, sweep.Options{}, err
	}
	if f.coin == "" || f.to == "" {
		return none(errors.New("sweep: want --coin ID and --to ADDRESS"))
	}
	nets, err := networks(f.coin, f.net)
	if err != nil {
		return none(err)
	}
	n := nets[0]
	if err := sweep.CanSign(n); err != nil {
		return none(err)
	}
	if _, err := sweep.ParseDestination(n, f.to); err != nil {
		return none(fmt.Errorf("--to: %w", err))
	}
	if !(f.feeRate >= 0 && f.feeRate < 1e9) || f.feeRate > 0 && f.feeRate*1000 < 1 {
		return none(errors.New("--fee-rate: want a number of smallest units for each byte, as 12 or 1.5"))
	}
	o := sweep.Options{FeeRate: coin.Amount(math.Ceil(f.feeRate * 1000)), TrustAmounts: f.trusting}
	if f.maxFee != "" {
		if o.MaxFee, err = n.Coin.ParseAmount(f.maxFee); err != nil || o.MaxFee < 0 {
			return none(errors.New("--max-fee: want a number of coins, as 0.001"))
		}
	}
	source, err := f.source(n)
	if err != nil {
		return none(err)
	}
	return n, source, o, nil
}

// source returns whom to ask; exactly one must be named.
func (f sweepFlags) source(n *coin.Network) (c closing, err error) {
	c.close = func() {}
	named := 0
	for _, one := range []string{f.rpc, f.pool, f.esplora, f.electrum} {
		if one != "" {
			named++
		}
	}
	switch {
	case named != 1:
		return c, errors.New("sweep: want one of --rpc URL --cookie FILE, --pool URL, --esplora URL, --electrum HOST:PORT")
	case f.rpc != "" && f.cookie == "":
		return c, errors.New("sweep: --rpc wants --cookie FILE: the daemon's .cookie, or a file of yours with USER:PASSWORD in it")
	case f.rpc != "":
		c.Source, err = sweep.NewRPC(sweep.RPCConfig{Network: n, URL: f.rpc, CookieFile: f.cookie})
	case f.pool != "":
		c.Source, err = sweep.NewPool(n, f.pool)
	case f.esplora != "":
		c.Source, err = sweep.NewEsplora(n, f.esplora)
	default:
		var e *sweep.Electrum
		if e, err = sweep.NewElectrum(n, f.electrum); err == nil {
			c.Source, c.close = e, func() { _ = e.Close() }
		}
	}
	return c, err
}

// key returns the key whose coins are moved.
func (f sweepFlags) key(dir string, in *bufio.Reader, stderr io.Writer) (wallet.Key, error) {
	if f.keyStdin {
		prompt(stderr, "Private key (WIF), then Enter:\n")
		text, err := readLine(in)
		if err != nil {
			return wallet.Key{}, fmt.Errorf("read the key: %w", err)
		}
		return wallet.ParseWIF(text)
	}
	r, created, err := wallet.OpenOrCreate(dir)
	if err == nil && created {
		err = fmt.Errorf("there was no mining key in %s, so there can be no coins: a new one was made; use --data for another folder, or --key-stdin", dir)
	}
	return r.Key(), err
}

// sweeper is one run of the command.
type sweeper struct {
	flags   sweepFlags
	network *coin.Network
	source  sweep.Source
	options sweep.Options
	dir     string
	key     wallet.Key
	in      *bufio.Reader
	out     io.Writer
	err     io.Writer
}

func (s *sweeper) run(ctx context.Context) error {
	pending, err := sweep.Pending(s.dir, s.network, s.key.PublicKey())
	if err != nil {
		return err
	}
	if len(pending) > 0 {
		return s.resume(ctx, pending)
	}
	plan, err := sweep.Prepare(ctx, s.key.PublicKey(), s.network, s.flags.to, s.source, s.options)
	if err != nil {
		return err
	}
	doc := s.document(plan)
	if s.flags.dryRun {
		return s.show(doc)
	}
	if !s.flags.asJSON {
		if err := s.show(doc); err != nil {
			return err
		}
	}
	if err := s.confirm("Move these coins? Type YES: "); err != nil {
		return err
	}
	sent, err := sweep.Move(ctx, s.dir, s.source, plan, s.key)
	return s.told(doc, sent, err)
}

// resume ends what an earlier sweep began: the same transactions, to the address that
// was named then.
func (s *sweeper) resume(ctx context.Context, pending []sweep.Signed) error {
	fmt.Fprintf(s.err, "An earlier sweep was signed, and it is not known whether it arrived (%d transactions). It is sent again as it was, to the address that was named then; nothing new is signed. Run this command once more for what is left.\n", len(pending))
	doc := sweepDocument{Coin: s.network.Coin.ID, Symbol: s.network.Coin.Symbol, Network: s.network.Name, Source: s.source.Name(), Resumed: true}
	for _, p := range pending {
		doc.Transactions = append(doc.Transactions, sweepTransaction{
			Amount: s.format(p.Amount), Fee: s.format(p.Fee), Size: p.Size, TxID: p.TxID,
		})
	}
	if s.flags.dryRun {
		return s.show(doc)
	}
	if err := s.confirm("Send it again? Type YES: "); err != nil {
		return err
	}
	sent, err := sweep.Resume(ctx, s.dir, s.source, s.network, s.key.PublicKey())
	return s.told(doc, sent, err)
}

// errNotConfirmed is what ends a sweep that nobody said YES to.
var errNotConfirmed = errors.New("sweep: not confirmed, nothing was moved")

func (s *sweeper) confirm(question string) error {
	if s.flags.yes {
		return nil
	}
	fmt.Fprint(s.err, question)
	answer, err := readLine(s.in)
	if err != nil || strings.TrimSpace(answer) != "YES" {
		return errNotConfirmed
	}
	return nil
}

// told prints what became of the transactions.
func (s *sweeper) told(doc sweepDocument, sent []sweep.Sent, err error) error {
	if len(sent) == 0 && err != nil {
		return err
	}
	doc.Sent = true
	for i, one := range sent {
		if i >= len(doc.Transactions) {
			break
		}
		t := &doc.Transactions[i]
		t.TxID, t.Confirmations, t.State = one.TxID, one.Status.Confirmations, "sent"
		switch {
		case errors.Is(one.Err, sweep.ErrRefused):
			t.State, t.Error = "refused", one.Err.Error()
		case one.Err != nil:
			t.State, t.Error = "unknown", one.Err.Error()
		}
	}
	if s.flags.asJSON {
		return errors.Join(s.show(doc), err)
	}
	p := &printer{to: s.out}
	for _, t := range doc.Transactions {
		switch t.State {
		case "sent":
			p.say("Sent: transaction %s", t.TxID)
		case "unknown":
			p.say("Not known whether it arrived: transaction %s. Run the same command again later: it sends this one again, and no other.", t.TxID)
		default:
			p.say("Refused: transaction %s", t.TxID)
		}
	}
	return errors.Join(p.err, err)
}

// sweepDocument is what adit sweep --json prints. Amounts are whole coins.
type sweepDocument struct {
	Coin         string             `json:"coin"`
	Symbol       string             `json:"symbol"`
	Network      string             `json:"network"`
	Source       string             `json:"source"`
	To           string             `json:"to,omitempty"`
	Height       int64              `json:"height,omitempty"`
	Amount       string             `json:"amount,omitempty"`   // that arrives
	Fee          string             `json:"fee,omitempty"`      // of all transactions
	FeeRate      float64            `json:"fee_rate,omitempty"` // smallest units for each virtual byte
	Inputs       int                `json:"inputs,omitempty"`
	Sent         bool               `json:"sent"`
	Resumed      bool               `json:"resumed,omitempty"`
	Transactions []sweepTransaction `json:"transactions"`
	Left         []sweepLeft        `json:"left,omitempty"`
	Warnings     []sweep.Warning    `json:"warnings,omitempty"`
}

type sweepTransaction struct {
	Inputs        int    `json:"inputs,omitempty"`
	Amount        string `json:"amount"`
	Fee           string `json:"fee"`
	Size          int    `json:"size"` // virtual bytes at most
	TxID          string `json:"txid,omitempty"`
	State         string `json:"state,omitempty"` // sent, refused or unknown
	Confirmations int64  `json:"confirmations,omitempty"`
	Error         string `json:"error,omitempty"`
}

// sweepLeft is what stays where it is, for one reason.
type sweepLeft struct {
	Reason string `json:"reason"` // dust, immature, unconfirmed, unproved
	Count  int    `json:"count"`
	Amount string `json:"amount"`
	// Blocks and About say when the last immature coin can be spent.
	Blocks int64  `json:"blocks,omitempty"`
	About  string `json:"about,omitempty"`
}

func (s *sweeper) format(a coin.Amount) string { return s.network.Coin.FormatAmount(a) }

func (s *sweeper) document(p sweep.Plan) sweepDocument {
	doc := sweepDocument{
		Coin: p.Network.Coin.ID, Symbol: p.Network.Coin.Symbol, Network: p.Network.Name, Source: p.Source, To: p.To.String(),
		Height: p.Tip, Amount: s.format(p.Amount), Fee: s.format(p.Fee), FeeRate: float64(p.FeeRate) / 1000, Inputs: len(p.Inputs()), Warnings: p.Warnings,
	}
	for _, t := range p.Transactions {
		doc.Transactions = append(doc.Transactions, sweepTransaction{Inputs: len(t.Inputs), Amount: s.format(t.Amount), Fee: s.format(t.Fee), Size: t.Size})
	}
	for _, left := range []struct {
		reason string
		coins  []sweep.Output
	}{{"dust", p.Dust}, {"immature", p.Immature}, {"unconfirmed", p.Unconfirmed}, {"unproved", p.Unproved}} {
		if len(left.coins) == 0 {
			continue
		}
		l := sweepLeft{Reason: left.reason, Count: len(left.coins)}
		var sum coin.Amount
		for _, o := range left.coins {
			sum += o.Amount
			if left.reason == "immature" {
				if blocks, about := sweep.MatureIn(p.Network, o, p.Tip); blocks > l.Blocks {
					l.Blocks, l.About = blocks, about.Round(time.Minute).String()
				}
			}
		}
		l.Amount = s.format(sum)
		doc.Left = append(doc.Left, l)
	}
	return doc
}

// leftReasons say in words why coins stay.
var leftReasons = map[string]string{
	"dust":        "worth less than the fee for moving them",
	"immature":    "rewards of found blocks that cannot be spent yet",
	"unconfirmed": "on their way, in no block yet",
	"unproved":    "the source cannot show the transactions that they are from",
}

func (s *sweeper) show(d sweepDocument) error {
	if s.flags.asJSON {
		encoder := json.NewEncoder(s.out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(d)
	}
	p := &printer{to: s.out}
	p.say("%s (%s), by %s", d.Coin, d.Network, d.Source)
	if d.To != "" {
		p.say("To        %s", d.To)
		p.say("Arrives   %s %s", d.Amount, d.Symbol)
		p.say("Fee       %s %s, %g units a byte", d.Fee, d.Symbol, d.FeeRate)
	}
	for _, t := range d.Transactions {
		p.say("Transaction of %d coins, %d bytes: %s arrive, fee %s %s", t.Inputs, t.Size, t.Amount, t.Fee, t.TxID)
	}
	for _, l := range d.Left {
		when := ""
		if l.Blocks > 0 {
			when = fmt.Sprintf("; the last in %d blocks, about %s", l.Blocks, l.About)
		}
		p.say("Left      %s %s in %d coins: %s%s", l.Amount, d.Symbol, l.Count, leftReasons[l.Reason], when)
	}
	for _, w := range d.Warnings {
		p.say("Mind      %s", w.Text)
	}
	return p.err
}
