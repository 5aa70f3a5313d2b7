package view

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// spendFlow leads to spending the coins of one kind: the way, what it will do, and how
// it went. Whether coins go to a wallet program is the engine's work, which goes on
// without the sheet.
type spendFlow struct {
	*sheet
	actions Actions
	balance model.Balance
	name    string // of the coin
	way     model.SpendWay
}

func startSpend(a Actions, b model.Balance, name string) {
	if p := a.sheets.last.Spending; p.Busy {
		showSpending(a)
		return
	}
	a.unlocked(func() {
		f := &spendFlow{sheet: a.sheets.newSheet(), actions: a, balance: b, name: name, way: model.SendToAddress}
		if f.hasWallet() {
			f.way = model.MoveToWallet
		}
		f.choose()
	})
}

func (f *spendFlow) hasWallet() bool {
	return f.actions.Keys.HasWallet(f.balance.Coin, f.balance.Network)
}

func (f *spendFlow) order() model.SpendOrder {
	chosen, expect := f.all.last.Settings, f.balance.Paid
	if f.all.last.Payees.List.Number > 0 {
		expect = 0 // some of it may have been paid to another address
	}
	return model.SpendOrder{Coin: f.balance.Coin, Network: f.balance.Network, Way: f.way, Expect: expect, Pool: chosen.Pool, Server: chosen.Server}
}

// choose asks for the way.
func (f *spendFlow) choose() {
	ways := []model.SpendWay{model.SendToAddress}
	if f.hasWallet() {
		ways = []model.SpendWay{model.MoveToWallet, model.SendToAddress, model.UseInWallet}
	}
	var all []option
	for _, w := range ways {
		all = append(all, option{string(w), say("spend."+string(w), args{"Coin": f.name}), say("spend."+string(w)+"-about", args{"Coin": f.name})})
	}
	var list *options
	list = newOptions(string(f.way), func() { f.way = model.SpendWay(list.chosen) }, all...)
	next := func() {
		switch f.way {
		case model.SendToAddress:
			f.address("", "")
		default:
			f.actions.Do(model.Spend{Order: f.order()})
			f.close()
			showSpending(f.actions)
		}
	}
	f.page(say("spend.title", args{"Coin": f.name}), []fyne.CanvasObject{list.content, prose(say("spend.all", nil))}, f.cancel(), loud(say("button.next", nil), next))
}

// address asks where to.
func (f *spendFlow) address(fault, typed string) {
	f.page(say("spend.send", args{"Coin": f.name}), nil)
	var to *field
	next := func() {
		order := f.order()
		if order.To = strings.TrimSpace(to.Text); order.To == "" {
			f.say(say("spend.to", args{"Coin": f.name}))
			return
		}
		f.wait(say("spend.looking", nil))
		f.actions.Keys.Plan(order, func(p model.SpendPlan, err error) {
			switch {
			case f.gone:
			case err != nil:
				f.address(spendFault(err), order.To)
			default:
				f.confirm(p)
			}
		})
	}
	to = f.entry(say("spend.to", args{"Coin": f.name}), next)
	to.SetText(typed)
	f.fill(fault, []fyne.CanvasObject{prose(say("spend.to-about", args{"Coin": f.name})), to}, f.cancel(), loud(say("button.next", nil), next))
	f.focus(to)
}

func spendFault(err error) string { return faultInWords(model.SpendFault(err)) }

func faultInWords(p model.Problem) string {
	return say("spending."+string(p.Code), args{"Error": firstLine(p.Detail)})
}

// confirm shows all that will happen before it does.
func (f *spendFlow) confirm(p model.SpendPlan) {
	amount := newText(sizeLarge)
	amount.TextStyle.Bold = true
	amount.Text = exact(p.Amount, p.Symbol)
	rows := []fyne.CanvasObject{stacked(-8, newCaption("spend.arrives"), amount), prose(say("spend.fee", args{"Fee": exact(p.Fee, p.Symbol)})), shownKey("spend.address", p.To)}
	for _, left := range p.Left {
		rows = append(rows, prose(say("stays."+string(left.Why), args{"Amount": exact(left.Amount, p.Symbol)})))
	}
	for _, w := range p.Warnings {
		warning := prose(say("warn."+string(w), nil))
		warning.Importance = widget.WarningImportance
		rows = append(rows, warning)
	}
	rows = append(rows, prose(say("spend.final", nil)))
	f.page(say("spend.confirm", nil), rows, f.cancel(), loud(say("spend.now", nil), func() {
		f.wait(say("spend.sending", nil))
		f.actions.Keys.Send(p, func(transactions []string, err error) {
			switch {
			case f.gone:
			case err != nil:
				f.address(spendFault(err), p.Order.To)
			default:
				f.sent(transactions)
			}
		})
	}))
}

func (f *spendFlow) sent(transactions []string) {
	rows := []fyne.CanvasObject{prose(say("spend.sent-about", nil))}
	for _, id := range transactions {
		rows = append(rows, shownKey("spend.transaction", id))
	}
	rows = append(rows, prose(say("spend.used", nil)))
	f.page(say("spend.sent", nil), rows, widget.NewButton(say("button.close", nil), f.close), loud(say("button.renew", nil), func() { startRenewal(f.actions) }))
}

// exact is an amount to the last digit.
func exact(a fmt.Stringer, symbol string) string {
	text := a.String()
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return say("amount", args{"Amount": number(text), "Symbol": symbol})
}

// spendingInWords says what is being done.
func spendingInWords(p model.Spending) string {
	values := args{"Program": p.Program, "Balance": exact(p.Balance, p.Symbol), "Percent": percent(p.At, max(p.Of, 1))}
	switch {
	case p.Done:
		return say("spend.done", values)
	case !p.Busy && p.Fault.Code == "":
		return say("spend.stopped", nil)
	case !p.Busy:
		return ""
	case p.Asking:
		return say("spend.asks", values)
	case p.Step == model.SpendSync:
		return say("spend.sync", values)
	}
	return say("spend.goes-on", nil)
}

// spendSteps are lines with marks: done, at work, to come.
type spendSteps struct {
	content *fyne.Container
	drawn   string
}

func newSpendSteps() *spendSteps {
	return &spendSteps{content: stacked(-8)}
}

func (l *spendSteps) show(p model.Spending) {
	now := string(p.Order.Way) + string(p.Step) + p.Scanned + say("spend.stop", nil)
	if p.Done {
		now += "."
	}
	if l.drawn == now {
		return
	}
	l.drawn = now
	l.content.RemoveAll()
	past := true
	for _, step := range model.SpendSteps(p.Order.Way) {
		picture := tinted("good", theme.ColorNameSuccess)
		switch {
		case step == p.Step && !p.Done:
			past, picture = false, tinted("more", theme.ColorNamePrimary)
		case !past:
			picture = tinted("resting", theme.ColorNameDisabled)
		}
		text := newText("")
		text.Text = say("step."+string(step), nil)
		if step == model.SpendScan && past && p.Scanned == model.NotScanned {
			picture = tinted("notice", theme.ColorNameWarning)
			text.Text = say("step.not-scanned", nil)
		}
		text.Wrapping = fyne.TextWrapWord
		mark := container.NewCenter(container.NewGridWrap(fyne.NewSquareSize(18), widget.NewIcon(picture)))
		l.content.Add(between(mark, nil, text))
	}
}

// spendStrip says in the wallet that an order is being carried out, or how it ended.
type spendStrip struct {
	content *panel
	title   *widget.Label
	text    *widget.Label
}

func newSpendStrip(actions Actions) *spendStrip {
	t := &spendStrip{title: newBold(""), text: newCaption("")}
	more := widget.NewButton(say("spend.show", nil), func() { showSpending(actions) })
	t.content = newNotice(colorPanel, icon("coins"), more, t.title, t.text)
	t.content.Hide()
	return t
}

func (t *spendStrip) show(s model.State) {
	p := s.Spending
	reveal(t.content, p.Asked > 0)
	if p.Asked == 0 {
		return
	}
	put(t.title, say("spend.progress", args{"Coin": p.Symbol}))
	text := spendingInWords(p)
	if p.Fault.Code != "" {
		text = faultInWords(p.Fault)
	}
	put(t.text, text)
}
