package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/programs"
	"github.com/adit-mining/adit/app/spend"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/clamd"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/program"
	"github.com/adit-mining/adit/wallet/sweep"
)

// spender joins the engine with what spends coins: wallet/sweep, which moves them, and
// app/spend, which drives wallet programs.
type spender struct {
	dir   string // data folder
	stock *programs.Stock
}

func networkOf(id, name string) (*coin.Network, error) {
	c, err := coin.Lookup(id)
	if err != nil {
		return nil, err
	}
	return c.Network(name)
}

func (s spender) hasWallet(id, name string) bool {
	n, err := networkOf(id, name)
	if err != nil {
		return false
	}
	return len(spend.Offers(s.stock.Wallets(), n.Coin.ID, runtime.GOOS, runtime.GOARCH)) > 0
}

// source returns whom to ask for coins. close is to be called in the end.
func source(n *coin.Network, o model.SpendOrder) (src sweep.Source, close func(), err error) {
	close = func() {}
	switch {
	case strings.HasPrefix(o.Server, "http://"), strings.HasPrefix(o.Server, "https://"):
		src, err = sweep.NewEsplora(n, o.Server)
	case o.Server != "":
		var e *sweep.Electrum
		if e, err = sweep.NewElectrum(n, o.Server); err == nil {
			src, close = e, func() { _ = e.Close() }
		}
	case o.Pool != "":
		src, err = sweep.NewPool(n, o.Pool)
	default:
		err = &model.SpendError{Code: model.NoSource, Err: errors.New("no pool and no server")}
	}
	return src, close, err
}

// planned is what a plan carries through the window.
type planned struct {
	network *coin.Network
	plan    sweep.Plan
}

func (s spender) plan(ctx context.Context, public string, o model.SpendOrder) (model.SpendPlan, error) {
	n, err := networkOf(o.Coin, o.Network)
	if err != nil {
		return model.SpendPlan{}, err
	}
	src, close, err := source(n, o)
	if err != nil {
		return model.SpendPlan{}, err
	}
	defer close()
	key, err := publicKey(public)
	if err != nil {
		return model.SpendPlan{}, err
	}
	if err := s.finish(ctx, src, n, key); err != nil {
		return model.SpendPlan{}, err
	}
	p, err := sweep.Prepare(ctx, key, n, o.To, src, sweep.Options{})
	if err != nil {
		return model.SpendPlan{}, coded(err)
	}
	plan := model.SpendPlan{Order: o, Symbol: n.Coin.Symbol, To: p.To.String(), Amount: p.Amount, Fee: p.Fee, Transactions: len(p.Transactions),
		Inputs: len(p.Inputs()), Source: p.Source}
	for _, left := range []struct {
		why   model.SpendCode
		coins []sweep.Output
	}{{model.StaysDust, p.Dust}, {model.StaysImmature, p.Immature}, {model.StaysUnconfirmed, p.Unconfirmed}, {model.StaysUnproved, p.Unproved}} {
		if len(left.coins) > 0 {
			plan.Left = append(plan.Left, model.LeftBehind{Why: left.why, Count: len(left.coins), Amount: sum(left.coins)})
		}
	}
	for _, w := range p.Warnings {
		plan.Warnings = append(plan.Warnings, warning(w.Code))
	}
	return model.NewSpendPlan(plan, planned{n, p}), nil
}

func publicKey(text string) (public [33]byte, err error) {
	b, err := hex.DecodeString(text)
	if err == nil && len(b) != len(public) {
		err = errors.New("not a public key")
	}
	copy(public[:], b)
	return public, err
}

// finish sends again what an earlier sweep has signed and nobody knows to have arrived.
// Nothing new is planned before that is settled.
func (s spender) finish(ctx context.Context, src sweep.Source, n *coin.Network, public [33]byte) error {
	pending, err := sweep.Pending(s.dir, n, public)
	if err != nil || len(pending) == 0 {
		return err
	}
	if _, err = sweep.Resume(ctx, s.dir, src, n, public); errors.Is(err, sweep.ErrRefused) {
		return nil // it will never arrive: a new plan is right
	}
	return coded(err)
}

func sum(coins []sweep.Output) (total coin.Amount) {
	for _, c := range coins {
		total += c.Amount
	}
	return total
}

func warning(code string) model.SpendCode {
	switch code {
	case sweep.WarnOwnAddress:
		return model.WarnOwn
	case sweep.WarnSameForm:
		return model.WarnSameForm
	case sweep.WarnFeeShare:
		return model.WarnFee
	}
	return model.WarnTrust
}

// coded gives an error the code by which the user is told.
func coded(err error) error {
	var address *sweep.AddressError
	var problem *spend.Problem
	if err == nil || errors.As(err, new(*model.SpendError)) {
		return err
	}
	code := model.SpendCode("")
	switch {
	case errors.As(err, &address):
		return &model.SpendError{Code: addressCode(address.Code), Err: errors.New(address.Text)}
	case errors.As(err, &problem):
		return &model.SpendError{Code: codeOf(problem.Code), Err: errors.New(problem.Text)}
	case errors.Is(err, sweep.ErrNothing):
		code = model.NothingThere
	case errors.Is(err, sweep.ErrFee):
		code = model.FeeTooHigh
	case errors.Is(err, sweep.ErrSigning):
		code = model.CannotSign
	case errors.Is(err, sweep.ErrRefused):
		code = model.Refused
	case errors.Is(err, sweep.ErrUnknown):
		code = model.FateUnknown
	default:
		return err
	}
	return &model.SpendError{Code: code, Err: err}
}

// payeeFault says why a coin is not to be paid to an address: in the words for an
// address that coins are sent to, where they fit.
func payeeFault(id, network, address string) error {
	n, err := networkOf(id, network)
	if err != nil {
		return err
	}
	if _, err := sweep.ParseDestination(n, address); err != nil {
		return coded(err)
	}
	return model.CheckPayee(id, network, address)
}

func addressCode(code string) model.SpendCode {
	switch code {
	case sweep.AddressTyped:
		return model.AddressTyped
	case sweep.AddressNetwork:
		return model.AddressNetwork
	case sweep.AddressOther, sweep.AddressEthereum:
		return model.AddressOther
	case sweep.AddressSecret:
		return model.AddressSecret
	case sweep.AddressKey:
		return model.AddressKey
	case sweep.AddressLink:
		return model.AddressLink
	case sweep.AddressMWEB, sweep.AddressTaproot, sweep.AddressUnguard:
		return model.AddressForm
	}
	return model.AddressWrong
}

func codeOf(c spend.Code) model.SpendCode {
	switch c {
	case spend.NoWallet, spend.NoBuild, spend.BadVersion:
		return model.NoWallet
	case spend.NoNetwork:
		return model.NoAnswer
	case spend.DiskFull:
		return model.NoRoom
	case spend.WrongFile, spend.BadArchive, spend.NotInstalled:
		return model.WrongDownload
	case spend.Infected:
		return model.FoundHarm
	case spend.InUse:
		return model.WalletInUse
	case spend.Locked:
		return model.WalletLocked
	case spend.KeyLocked:
		return model.SpendLocked
	case spend.Nothing:
		return model.NothingThere
	case spend.NotTaken:
		return model.Refused
	}
	return model.WalletFailed
}

// send does what a plan says.
func (s spender) send(ctx context.Context, r wallet.Keyring, p model.SpendPlan) (transactions []string, err error) {
	inner, ok := p.Inner().(planned)
	if !ok {
		return nil, errors.New("it was not planned")
	}
	src, close, err := source(inner.network, p.Order)
	if err != nil {
		return nil, err
	}
	defer close()
	sent, err := sweep.Move(ctx, s.dir, src, inner.plan, r.Key())
	for _, t := range sent {
		if t.Err == nil {
			transactions = append(transactions, t.TxID)
		}
	}
	return transactions, coded(err)
}

func (s spender) config(r wallet.Keyring, o model.SpendOrder) spend.Config {
	c := spend.Config{
		Dir: filepath.Join(s.dir, "wallets"), Programs: s.stock.Wallets(), Store: s.stock.Store(),
		Key: func(context.Context) (wallet.Key, time.Time, error) { return r.Key(), r.Created, nil },
	}
	c.Mover = func(w spend.Wallet) (spend.Mover, error) {
		n, err := networkOf(o.Coin, o.Network)
		if err != nil {
			return nil, err
		}
		return mover{dir: s.dir, wallet: w, network: n, order: o}, nil
	}
	// Who finds too little began to look too late: then it looks from the beginning, once.
	looked := false
	c.Ask.Rescan = func(context.Context, program.Imported, coin.Amount) (time.Time, bool, error) {
		again := !looked
		looked = true
		return time.Time{}, again, nil
	}
	return c
}

func (s spender) order(o model.SpendOrder) (spend.Order, error) {
	n, err := networkOf(o.Coin, o.Network)
	way := spend.Move
	if o.Way == model.UseInWallet {
		way = spend.Import
	}
	return spend.Order{Network: n, Way: way, Expect: o.Expect}, err
}

func (s spender) spend(ctx context.Context, r wallet.Keyring, o model.SpendOrder, on func(model.Spending), ask model.Passphrase) error {
	order, err := s.order(o)
	if err != nil {
		return err
	}
	config := s.config(r, o)
	config.Ask.Passphrase = program.Passphrase(ask)
	return coded(spend.Run(ctx, config, order, func(p spend.Progress) {
		now := model.Spending{Step: model.SpendStep(p.Step), Program: p.Program, Scanned: verdict(p.Scan), Amount: p.Amount, Balance: p.Balance.Total(), Copy: p.Copy}
		if p.Fraction > 0 {
			now.At, now.Of = int64(p.Fraction*1000), 1000
		} else if p.Total > 0 {
			now.At, now.Of = p.Done, p.Total
		}
		on(now)
	}))
}

func verdict(r clamd.Result) string {
	if r.Verdict == clamd.NotScanned {
		return model.NotScanned
	}
	return ""
}

func (s spender) open(ctx context.Context, o model.SpendOrder) error {
	order, err := s.order(o)
	if err != nil {
		return err
	}
	return coded(spend.Open(ctx, s.config(wallet.Keyring{}, o), order))
}

// mover is wallet/sweep as app/spend wants it: it asks the wallet program's own daemon,
// where it has one, and else whom the order names.
type mover struct {
	dir     string
	wallet  spend.Wallet
	network *coin.Network
	order   model.SpendOrder
}

// daemon is a wallet program whose daemon can be asked for coins.
type daemon interface {
	Daemon() (url, cookieFile string)
}

func (m mover) source() (sweep.Source, func(), error) {
	if d, ok := m.wallet.(daemon); ok {
		url, cookie := d.Daemon()
		src, err := sweep.NewRPC(sweep.RPCConfig{Network: m.network, URL: url, CookieFile: cookie})
		return src, func() {}, err
	}
	return source(m.network, m.order)
}

// Sweep implements spend.Mover. The transactions are the same whenever they are signed,
// so that their ids are known before Move writes them down and sends them.
func (m mover) Sweep(ctx context.Context, k wallet.Key, n *coin.Network, to string, on func(spend.Sending) error) (ids []string, amount, fee coin.Amount, err error) {
	src, close, err := m.source()
	if err != nil {
		return nil, 0, 0, err
	}
	defer close()
	if _, err := sweep.Resume(ctx, m.dir, src, n, k.PublicKey()); err != nil && !errors.Is(err, sweep.ErrRefused) {
		return nil, 0, 0, err
	}
	p, err := sweep.Prepare(ctx, k.PublicKey(), n, to, src, sweep.Options{})
	if errors.Is(err, sweep.ErrNothing) {
		err = fmt.Errorf("%w: %w", spend.ErrNothing, err)
	}
	if err != nil {
		return nil, 0, 0, err
	}
	signed, err := sweep.Sign(p, k)
	if err != nil {
		return nil, 0, 0, err
	}
	for _, s := range signed {
		ids = append(ids, s.TxID)
	}
	if err := on(spend.Sending{To: to, TxIDs: ids, Amount: p.Amount, Fee: p.Fee}); err != nil {
		return nil, 0, 0, err
	}
	_, err = sweep.Move(ctx, m.dir, src, p, k)
	return ids, p.Amount, p.Fee, taken(err)
}

// Resume implements spend.Mover.
func (m mover) Resume(ctx context.Context, public [33]byte, n *coin.Network, ids []string) error {
	src, close, err := m.source()
	if err != nil {
		return err
	}
	defer close()
	_, err = sweep.Resume(ctx, m.dir, src, n, public)
	if err != nil {
		return taken(err)
	}
	for _, id := range ids {
		status, err := src.Status(ctx, sweep.Signed{TxID: id})
		switch {
		case err != nil:
			return err
		case !status.Known:
			return fmt.Errorf("%w: it was never sent", spend.ErrNotTaken)
		}
	}
	return nil
}

func taken(err error) error {
	if errors.Is(err, sweep.ErrRefused) {
		return fmt.Errorf("%w: %w", spend.ErrNotTaken, err)
	}
	return err
}
