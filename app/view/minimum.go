package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// minimumFlow asks from which balance on the pool is to pay a coin.
type minimumFlow struct {
	*sheet
	actions     Actions
	balance     model.Balance
	name        string // of the coin
	least, most string
}

func startMinimum(a Actions, b model.Balance, name string) {
	a.unlocked(func() {
		f := &minimumFlow{sheet: a.sheets.newSheet(), actions: a, balance: b, name: name}
		f.least, f.most, _ = a.sheets.last.MinimumBounds(b.Coin, b.Network)
		f.ask("", trim(b.Minimum.String()))
	})
}

func (f *minimumFlow) ask(fault, typed string) {
	bounds := args{"Least": number(trim(f.least)), "Most": number(trim(f.most)), "Symbol": f.balance.Symbol}
	f.page(say("minimum.title", args{"Coin": f.name}), nil)
	var from *field
	next := func() {
		amount, err := model.CheckMinimum(f.balance.Coin, f.least, from.Text)
		if err == nil {
			f.set(amount, from.Text)
			return
		}
		f.say(say("minimum.wrong", bounds))
		f.focus(from)
	}
	from = f.entry(say("minimum.field", bounds), next)
	from.SetText(number(typed))
	rows := []fyne.CanvasObject{prose(say("minimum.about", bounds)), from}
	own := widget.NewButton(say("minimum.own-again", nil), func() { f.set("", number(trim(f.least))) })
	f.fill(fault, rows, f.cancel(), own, loud(say("button.save", nil), next))
	f.focus(from)
}

// set asks the pool. typed is what the field shows again if that fails.
func (f *minimumFlow) set(amount, typed string) {
	f.wait(say("payee.busy", nil))
	f.actions.Keys.SetMinimum(f.actions.sheets.last.Settings.Pool, f.balance.Coin, f.balance.Network, amount, func(err error) {
		switch {
		case f.gone:
		case err != nil:
			f.ask(say("payee.failed", args{"Error": firstLine(err.Error())}), typed)
		default:
			f.close()
		}
	})
}

// nextLine says when a coin is paid next, beside a button that changes from which
// balance on.
type nextLine struct {
	content fyne.CanvasObject
	text    *widget.Label
	change  fyne.CanvasObject
}

func newNextLine(change func()) *nextLine {
	l := &nextLine{text: newCaption(""), change: container.NewCenter(widget.NewButton(say("button.minimum", nil), change))}
	l.content = between(nil, l.change, l.text)
	return l
}

func (l *nextLine) show(s model.State, b model.Balance) {
	text, _ := nextPayout(s, b, true)
	put(l.text, text)
	_, _, known := s.MinimumBounds(b.Coin, b.Network)
	reveal(l.change, known)
}
