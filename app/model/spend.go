package model

import (
	"context"
	"errors"
	"fmt"

	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
)

// SpendWay is how coins leave the mining key.
type SpendWay string

// The ways.
const (
	// MoveToWallet fetches the coin's own wallet program and moves all to a fresh
	// address of it. The key stays with Adit.
	MoveToWallet SpendWay = "move"
	// UseInWallet gives the key to that program.
	UseInWallet SpendWay = "import"
	// SendToAddress moves all to an address that the user typed.
	SendToAddress SpendWay = "send"
)

// SpendOrder is what the user wants of one coin.
type SpendOrder struct {
	Coin, Network string // as in Balance
	Way           SpendWay
	To            string      // for SendToAddress
	Expect        coin.Amount // what the pool has paid, for UseInWallet
	Pool, Server  string      // who can be asked for the coins: the pool, and the settings' server before it
}

// SpendPlan is what a SendToAddress would do. Nothing in it is secret.
type SpendPlan struct {
	Order        SpendOrder
	Symbol       string
	To           string // the address as it was understood
	Amount, Fee  coin.Amount
	Transactions int
	Inputs       int
	Left         []LeftBehind // what stays where it is
	Warnings     []SpendCode  // WarnOwn and so on
	Source       string       // who was asked for the coins

	plan any // of who made it
}

// NewSpendPlan returns p with what its maker wants back for it.
func NewSpendPlan(p SpendPlan, plan any) SpendPlan {
	p.plan = plan
	return p
}

// Inner returns what the plan's maker put in.
func (p SpendPlan) Inner() any { return p.plan }

// LeftBehind is coins that stay where they are.
type LeftBehind struct {
	Why    SpendCode // StaysDust, StaysImmature, StaysUnconfirmed or StaysUnproved
	Count  int
	Amount coin.Amount
}

// SpendCode names what the user is told about spending; the view has a text for each.
type SpendCode string

// The codes.
const (
	StaysDust        SpendCode = "dust"        // costs more to send than it is worth
	StaysImmature    SpendCode = "immature"    // too young
	StaysUnconfirmed SpendCode = "unconfirmed" // in no block yet
	StaysUnproved    SpendCode = "unproved"

	WarnOwn      SpendCode = "own"       // the address is the key's own
	WarnSameForm SpendCode = "same-form" // other coins write such an address alike
	WarnFee      SpendCode = "fee-share" // the fee is a large part
	WarnTrust    SpendCode = "trust"     // amounts were taken on trust

	AddressWrong   SpendCode = "address"         // no address at all
	AddressTyped   SpendCode = "address-typed"   // its checksum is wrong
	AddressNetwork SpendCode = "address-network" // the same coin's, of another network
	AddressOther   SpendCode = "address-other"   // another coin's
	AddressSecret  SpendCode = "address-secret"  // a private key or words
	AddressKey     SpendCode = "address-key"     // a mining key
	AddressLink    SpendCode = "address-link"    // more than an address
	AddressForm    SpendCode = "address-form"    // of a form to which nothing is sent

	NothingThere  SpendCode = "nothing"
	FeeTooHigh    SpendCode = "fee"
	CannotSign    SpendCode = "cannot-sign"
	Refused       SpendCode = "refused"
	FateUnknown   SpendCode = "fate-unknown"
	NoAnswer      SpendCode = "no-answer"
	NoSource      SpendCode = "no-source"
	SpendLocked   SpendCode = "locked"
	FoundHarm     SpendCode = "found-harm" // the scanner found something
	WrongDownload SpendCode = "wrong-download"
	NoWallet      SpendCode = "no-wallet" // no wallet program is known
	WalletFailed  SpendCode = "wallet-failed"
	WalletInUse   SpendCode = "wallet-in-use"
	WalletLocked  SpendCode = "wallet-locked"
	NoRoom        SpendCode = "no-room" // on the disk
	SpendFailed   SpendCode = "failed"
)

// SpendCodes lists the codes of faults; StayCodes those of what stays.
func SpendCodes() []SpendCode {
	return []SpendCode{AddressWrong, AddressTyped, AddressNetwork, AddressOther, AddressSecret, AddressKey, AddressLink, AddressForm, NothingThere, FeeTooHigh, CannotSign, Refused, FateUnknown, NoAnswer, NoSource, SpendLocked, FoundHarm,
		WrongDownload, NoWallet, WalletFailed, WalletInUse, WalletLocked, NoRoom, SpendFailed}
}

// WarnCodes lists what is warned of.
func WarnCodes() []SpendCode { return []SpendCode{WarnOwn, WarnSameForm, WarnFee, WarnTrust} }

// StayCodes lists why coins stay.
func StayCodes() []SpendCode {
	return []SpendCode{StaysDust, StaysImmature, StaysUnconfirmed, StaysUnproved}
}

// SpendError is an error with its code.
type SpendError struct {
	Code SpendCode
	Err  error
}

func (e *SpendError) Error() string { return fmt.Sprintf("%s: %v", e.Code, e.Err) }
func (e *SpendError) Unwrap() error { return e.Err }

// SpendFault returns the code of an error and its words.
func SpendFault(err error) Problem {
	var coded *SpendError
	switch {
	case errors.As(err, &coded):
		return Problem{Code: Code(coded.Code), Detail: coded.Err.Error()}
	case errors.Is(err, wallet.ErrLocked):
		return Problem{Code: Code(SpendLocked)}
	case isNetwork(err):
		return Problem{Code: Code(NoAnswer), Detail: err.Error()}
	}
	return Problem{Code: Code(SpendFailed), Detail: err.Error()}
}

// SpendStep is a step of MoveToWallet and UseInWallet.
type SpendStep string

// The steps, in order.
const (
	SpendFetch   SpendStep = "fetch"
	SpendVerify  SpendStep = "verify"
	SpendScan    SpendStep = "scan"
	SpendInstall SpendStep = "install"
	SpendStart   SpendStep = "start"
	SpendSync    SpendStep = "sync"
	SpendMove    SpendStep = "move"
	SpendImport  SpendStep = "import"
	SpendBalance SpendStep = "balance"
)

// SpendSteps lists the steps of a way.
func SpendSteps(w SpendWay) []SpendStep {
	all := []SpendStep{SpendFetch, SpendVerify, SpendScan, SpendInstall, SpendStart, SpendSync, SpendMove, SpendBalance}
	if w == UseInWallet {
		all[6] = SpendImport
	}
	return all
}

// Spending is how far an order is. It holds nothing secret.
type Spending struct {
	Asked   int // how often something was asked for
	Order   SpendOrder
	Symbol  string
	Busy    bool
	Done    bool // all of it
	Step    SpendStep
	At, Of  int64  // of the step; Of 0: unknown
	Program string // the wallet program
	Scanned string // NotScanned, where nothing looked for viruses
	Amount  coin.Amount
	Balance coin.Amount // in the wallet program
	Copy    string      // path of a copy of the wallet before it was given the key, if there is one
	Fault   Problem

	// Questions counts how often the wallet program wanted a passphrase of its own; Asking
	// is that the last of them waits for AnswerWallet, Wrong that it did not take the one
	// before.
	Questions     int
	Asking, Wrong bool
}

// NotScanned is that nothing looked for viruses; it is never shown as clean.
const NotScanned = "NOT SCANNED"

// What happens to an order.
type (
	// Spend asks for MoveToWallet or UseInWallet.
	Spend struct{ Order SpendOrder }
	// StopSpending ends it; it can be taken up again.
	StopSpending struct{}
	// SpendWent says how far it is.
	SpendWent struct{ Spending Spending }
	// WalletAsked says that the wallet program waits for its own passphrase, Again that it
	// did not take the last one. WalletAnswered says that it has an answer.
	WalletAsked    struct{ Again bool }
	WalletAnswered struct{}
	// SpendEnded says that it is done, or why it is not.
	SpendEnded struct{ Err error }
	// CoinsSent says that coins were sent with the key, or with Amount 0 that another
	// program has it.
	CoinsSent struct {
		Symbol string
		Amount coin.Amount
	}
)

func (Spend) event()          {}
func (StopSpending) event()   {}
func (SpendWent) event()      {}
func (WalletAsked) event()    {}
func (WalletAnswered) event() {}
func (SpendEnded) event()     {}
func (CoinsSent) event()      {}

// afterSpend returns the state after something that has to do with spending.
func (s State) afterSpend(ev Event) (next State, done bool) {
	switch ev := ev.(type) {
	case Spend:
		if s.Spending.Busy {
			return s, true // one at a time
		}
		s.Spending = Spending{Asked: s.Spending.Asked + 1, Order: ev.Order, Symbol: s.symbol(ev.Order), Busy: true, Step: SpendFetch}
	case StopSpending:
		s.Spending.Busy, s.Spending.Asking = false, false
	case SpendWent:
		if s.Spending.Busy {
			p := ev.Spending
			p.Asked, p.Order, p.Symbol, p.Busy = s.Spending.Asked, s.Spending.Order, s.Spending.Symbol, true
			p.Questions, p.Asking, p.Wrong = s.Spending.Questions, s.Spending.Asking, s.Spending.Wrong
			s.Spending = p
		}
	case WalletAsked:
		if s.Spending.Busy {
			s.Spending.Questions, s.Spending.Asking, s.Spending.Wrong = s.Spending.Questions+1, true, ev.Again
		}
	case WalletAnswered:
		s.Spending.Asking = false
	case SpendEnded:
		if !s.Spending.Busy {
			return s, true
		}
		s.Spending.Busy, s.Spending.Asking, s.Spending.Done = false, false, ev.Err == nil
		if ev.Err != nil {
			s.Spending.Fault = SpendFault(ev.Err)
		}
	case CoinsSent:
		if ev.Amount > 0 {
			s = s.note(Moved, map[string]any{"Amount": ev.Amount.String(), "Symbol": ev.Symbol})
		}
		if b := s.Settings.Backup; b.Of == s.Key.of() {
			b.Spent = true
			s.Settings.Backup = b
		}
	default:
		return s, false
	}
	return s, true
}

func (s State) symbol(o SpendOrder) string {
	for _, b := range s.Balances {
		if b.Coin == o.Coin && b.Network == o.Network {
			return b.Symbol
		}
	}
	return ""
}

// PlanSpend says what sending all of a coin to an address would do. Nothing is sent.
func (e *Engine) PlanSpend(ctx context.Context, o SpendOrder) (SpendPlan, error) {
	e.mu.Lock()
	public := e.public
	e.mu.Unlock()
	return e.config.PlanSpend(ctx, public, o)
}

// OpenWallet shows the wallet program's window and returns when it is closed.
func (e *Engine) OpenWallet(ctx context.Context, o SpendOrder) error {
	return e.config.OpenWallet(ctx, o)
}

// Send does what a plan says.
func (e *Engine) Send(ctx context.Context, p SpendPlan) (transactions []string, err error) {
	r, err := e.keyring()
	if err != nil {
		return nil, err
	}
	transactions, err = e.config.Send(ctx, r, p)
	if len(transactions) > 0 {
		e.Do(ctx, CoinsSent{p.Symbol, p.Amount})
	}
	return transactions, err
}

// spend carries out an order with the coin's own wallet program.
func (e *Engine) spend(s State) func(context.Context, func(Event)) {
	return func(ctx context.Context, emit func(Event)) {
		r, err := e.keyring()
		if err != nil {
			emit(SpendEnded{err})
			return
		}
		sent := false
		err = e.config.Spend(ctx, r, s.Spending.Order, func(p Spending) {
			if p.Step == SpendBalance && !sent { // the coins have left, or the key is in another program's hands
				sent = true
				emit(CoinsSent{s.Spending.Symbol, p.Amount})
			}
			emit(SpendWent{p})
		}, e.askPassphrase(emit))
		if ctx.Err() == nil || err == nil {
			emit(SpendEnded{err})
		}
	}
}
