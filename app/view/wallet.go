package view

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// walletScreen is what belongs to the user: balances at the pool, the key, what was
// paid.
type walletScreen struct {
	scroll   *container.Scroll
	reminder *reminder
	balances *fyne.Container
	rows     []*balanceRow
	none     *widget.Label
	payees   *widget.Label // why the pool does not pay where it should
	key      *keyCard
	strip    *spendStrip
	actions  Actions
	payouts  *payoutList
}

func newWalletScreen(actions Actions) *walletScreen {
	w := &walletScreen{reminder: newReminder(actions), balances: stacked(4), none: newSaying("wallet.none"), payees: newCaption(""),
		key: newKeyCard(actions), payouts: newPayoutList(), strip: newSpendStrip(actions), actions: actions}
	w.scroll = newPage(AtWallet, w.reminder.content, w.strip.content, card("wallet.balances", w.none, w.balances, w.payees), w.key.content, w.payouts.content)
	return w
}

func (w *walletScreen) content() fyne.CanvasObject { return w.scroll }

func (w *walletScreen) show(s model.State) {
	w.reminder.show(s)
	w.strip.show(s)
	reveal(w.none, len(s.Balances) == 0)
	for len(w.rows) < len(s.Balances) {
		row := newBalanceRow(w.actions)
		w.rows = append(w.rows, row)
		w.balances.Add(row.content)
	}
	for i, row := range w.rows {
		reveal(row.content, i < len(s.Balances))
		if i < len(s.Balances) {
			row.show(s, s.Balances[i])
		}
	}
	told := payeesInWords(s)
	put(w.payees, told)
	reveal(w.payees, told != "")
	w.key.show(s)
	w.payouts.show(s)
}

// balanceRow is the standing with one coin.
type balanceRow struct {
	content   fyne.CanvasObject
	coin      *widget.Label
	way, paid *sum
	next      *nextLine
	spend     *widget.Button
	payee     *payeeLine
	balance   model.Balance
}

func newBalanceRow(actions Actions) *balanceRow {
	r := &balanceRow{coin: newBold(""), way: newSum("earned.way"), paid: newSum("earned.paid")}
	r.spend = widget.NewButton(say("button.spend", nil), func() { startSpend(actions, r.balance, r.coin.Text) })
	r.next = newNextLine(func() { startMinimum(actions, r.balance, r.coin.Text) })
	r.payee = newPayeeLine(func() { startPayee(actions, r.balance, r.coin.Text) })
	r.content = stacked(-6, between(nil, r.spend, r.coin), container.New(&fold{share: 0.5}, r.way.content, r.paid.content),
		stacked(4, r.next.content, r.payee.content)) // their buttons must not touch
	return r
}

func (r *balanceRow) show(s model.State, b model.Balance) {
	r.balance = b
	put(r.coin, balanceName(s, b))
	r.way.show(coins(b.OnItsWay(), b.Symbol), worthInWords(s, b, b.OnItsWay()))
	r.paid.show(coins(b.Paid, b.Symbol), worthInWords(s, b, b.Paid))
	r.next.show(s, b)
	r.payee.show(s, b)
}

// balanceName returns the coin's name as the pool has it; coins of a test network
// are called so.
func balanceName(s model.State, b model.Balance) string {
	name := b.Symbol
	for _, c := range s.Pool.Info.Coins {
		if c.ID == b.Coin {
			name = c.Name
		}
	}
	if b.Network != "" && b.Network != "main" {
		return say("coin.test", args{"Coin": name})
	}
	return name
}

// worthInWords says what an amount of a balance's coin is about worth; "" unknown.
func worthInWords(s model.State, b model.Balance, amount fmt.Stringer) string {
	value, currency, known := worth(s, b.Coin, b.Network, amount)
	if !known || value <= 0 {
		return ""
	}
	return say("about.worth", args{"Money": money(value, currency)})
}

// payoutList lists what the pool paid, the newest first.
type payoutList struct {
	content *panel
	rows    *fyne.Container
	shown   model.State // whose payouts are drawn
}

func newPayoutList() *payoutList {
	l := &payoutList{rows: stacked(-6)}
	l.content = card("payouts.title", l.rows)
	return l
}

// longestPayouts is how many are drawn.
const longestPayouts = 20

func (l *payoutList) show(s model.State) {
	if l.rows.Objects != nil && sameSlice(l.shown.Payouts, s.Payouts) {
		return
	}
	l.shown = s
	l.rows.RemoveAll()
	if len(s.Payouts) == 0 {
		l.rows.Add(newSaying("payouts.none"))
	}
	for i := range min(len(s.Payouts), longestPayouts) {
		l.rows.Add(newPayoutRow(s, i))
	}
}

// sameSlice reports whether a and b are the same part of the same memory. States
// share what has not changed.
func sameSlice[T any](a, b []T) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

func newPayoutRow(s model.State, i int) fyne.CanvasObject {
	p := s.Payouts[i]
	amount, what := newText(theme.SizeNameText), newCaption("")
	amount.TextStyle.Bold = true
	amount.Text = say("amount", args{"Amount": number(trim(p.Amount)), "Symbol": p.Symbol})
	at := p.Time.Local()
	what.Text = say("payouts.row", args{"Date": day(at, s.Now), "Time": clock(at), "Status": say("payout."+payoutWord(p.Status), nil)})
	return stacked(-10, amount, what)
}

// payoutWord turns the pool's word for a payout's state into one of ours.
func payoutWord(status string) string {
	switch status {
	case "confirmed":
		return "arrived"
	case "sent", "signed", "intent":
		return "underway"
	}
	return "halted"
}
