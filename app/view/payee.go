package view

import (
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// payeeFlow asks where a coin is to be paid, to the key or to an address.
type payeeFlow struct {
	*sheet
	actions Actions
	balance model.Balance
	name    string // of the coin
}

func startPayee(a Actions, b model.Balance, name string) {
	a.unlocked(func() {
		f := &payeeFlow{sheet: a.sheets.newSheet(), actions: a, balance: b, name: name}
		chosen, _ := a.sheets.last.Payee(b.Coin, b.Network)
		f.ask("", chosen)
	})
}

func (f *payeeFlow) ask(fault, typed string) {
	f.page(say("payee.title", args{"Coin": f.name}), nil)
	var to *field
	next := func() {
		address, wrong := strings.TrimSpace(to.Text), say("spend.to", args{"Coin": f.name})
		if address != "" {
			wrong = f.wrong(address)
		}
		if wrong == "" {
			f.set(address)
			return
		}
		f.say(wrong)
		f.focus(to)
	}
	to = f.entry(say("spend.to", args{"Coin": f.name}), next)
	to.SetText(typed)
	to.OnChanged = func(text string) { // at once, for what was pasted; an empty field is no mistake yet
		text = strings.TrimSpace(text)
		if text == "" {
			f.say("")
			return
		}
		f.say(f.wrong(text))
	}
	warning := prose(say("payee.warning", nil))
	warning.Importance = widget.WarningImportance
	rows := []fyne.CanvasObject{prose(say("payee.about", args{"Coin": f.name})), to, warning}
	buttons := []fyne.CanvasObject{f.cancel()}
	if _, chosen := f.all.last.Payee(f.balance.Coin, f.balance.Network); chosen {
		buttons = append(buttons, widget.NewButton(say("payee.own-again", nil), func() { f.set("") }))
	}
	f.fill(fault, rows, append(buttons, loud(say("payee.save", nil), next))...)
	f.focus(to)
}

// wrong says why the coin cannot be paid to what was typed, "" that it can.
func (f *payeeFlow) wrong(address string) string {
	err := f.actions.Keys.PayeeFault(f.balance.Coin, f.balance.Network, address)
	switch {
	case err == nil:
		return ""
	case errors.As(err, new(*model.SpendError)):
		return spendFault(err)
	}
	return say("payee.unfit", args{"Error": firstLine(err.Error())})
}

func (f *payeeFlow) set(address string) {
	f.wait(say("payee.busy", nil))
	f.actions.Keys.SetPayee(f.balance.Coin, f.balance.Network, address, func(err error) {
		switch {
		case f.gone:
		case err != nil:
			f.ask(say("payee.failed", args{"Error": firstLine(err.Error())}), address)
		default:
			f.close()
		}
	})
}

// payeeLine says where a coin is paid, beside a button that changes it.
type payeeLine struct {
	content fyne.CanvasObject
	text    *widget.Label
}

func newPayeeLine(change func()) *payeeLine {
	l := &payeeLine{text: newCaption("")}
	l.content = between(nil, container.NewCenter(widget.NewButton(say("button.payee", nil), change)), l.text)
	return l
}

func (l *payeeLine) show(s model.State, b model.Balance) {
	text := say("payee.own", nil)
	if address, chosen := s.Payee(b.Coin, b.Network); chosen {
		text = say("payee.other", args{"Address": address})
	}
	put(l.text, text)
}

// payeesInWords says what keeps the pool from paying where the owner wants; "" nothing.
func payeesInWords(s model.State) string {
	switch p := s.Payees; {
	case p.Fault != "":
		return say("payee.damaged", args{"Error": firstLine(p.Fault)})
	case p.Refused != "":
		return say("payee.refused", args{"Error": firstLine(p.Refused)})
	case p.List.Number > p.AtPool:
		return say("payee.waits", nil)
	}
	return ""
}
