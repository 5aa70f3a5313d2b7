package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// spendingSheet shows how far the wallet program is, and asks for the passphrase that
// it may have of its own. Closing the sheet stops nothing.
type spendingSheet struct {
	*sheet
	steps *spendSteps
	state *widget.Label
	copy  *fyne.Container // where the wallet is as it was before
	path  *widget.Label   // of that
	bar   *widget.ProgressBar

	passphrase *field
	answered   int     // number of the last question that has an answer
	high       float32 // what the sheet was fitted to
	asked      int     // number of the last question that was shown

	stop, unlock, again, open, renew *widget.Button
}

func showSpending(a Actions) {
	f := &spendingSheet{sheet: a.sheets.newSheet(), steps: newSpendSteps(), state: newProse(), path: newText(""), bar: widget.NewProgressBar()}
	f.path.TextStyle.Monospace, f.path.Wrapping = true, fyne.TextWrapBreak
	f.copy = stacked(-8, newCaption("spend.copy"), f.path)
	f.stop = widget.NewButton(say("spend.stop", nil), func() { a.Do(model.StopSpending{}) })
	f.again = loud(say("button.retry", nil), func() { a.Do(model.Spend{Order: a.sheets.last.Spending.Order}) })
	f.renew = loud(say("button.renew", nil), func() { startRenewal(a) })
	f.open = widget.NewButton(say("spend.open", nil), func() {
		a.Keys.OpenWallet(a.sheets.last.Spending.Order, func(err error) {
			if err != nil {
				f.say(spendFault(err))
			}
		})
	})
	answer := func() { f.answer(a) }
	f.unlock = loud(say("button.unlock", nil), answer)
	f.page("", nil) // the order may not have got to the engine yet
	f.passphrase = f.secret(say("spend.passphrase", nil), answer)
	f.show(a.sheets.last)
	f.fill(f.fault.Text, []fyne.CanvasObject{f.steps.content, f.bar, f.state, f.passphrase, f.copy, prose(say("spend.change", nil))},
		widget.NewButton(say("button.close", nil), f.close), f.stop, f.again, f.open, f.renew, f.unlock)
	f.tick = f.show
	f.asked = 0
	f.show(a.sheets.last)
}

func (f *spendingSheet) show(s model.State) {
	p := s.Spending
	asking := p.Asking && p.Questions != f.answered
	f.steps.show(p)
	put(f.state, spendingInWords(p))
	put(f.title, say("spend.progress", args{"Coin": p.Symbol}))
	put(f.path, p.Copy)
	reveal(f.copy, p.Copy != "")
	reveal(f.bar, p.Busy && p.Of > 0 && !asking)
	if p.Of > 0 {
		f.bar.SetValue(float64(p.At) / float64(p.Of))
	}
	reveal(f.passphrase, asking)
	reveal(f.unlock, asking)
	reveal(f.stop, p.Busy)
	reveal(f.again, !p.Busy && !p.Done)
	reveal(f.renew, p.Done)
	reveal(f.open, p.Done)
	f.tell(p, asking)
	f.buttons.Refresh()
	if high := f.rows.MinSize().Height; high != f.high {
		f.high = high
		f.fit()
	}
	if asking && f.asked != p.Questions {
		f.asked = p.Questions
		f.focus(f.passphrase)
	}
}

// tell shows what went wrong, or that the passphrase did.
func (f *spendingSheet) tell(p model.Spending, asking bool) {
	fault := ""
	switch {
	case p.Fault.Code != "":
		fault = faultInWords(p.Fault)
	case asking && p.Wrong:
		fault = say("spend.asks-again", args{"Program": p.Program})
	}
	if f.fault.Text != fault {
		f.say(fault)
	}
}

// answer hands over what was typed and forgets it.
func (f *spendingSheet) answer(a Actions) {
	typed := f.passphrase.Text
	if typed == "" {
		return
	}
	f.answered = f.asked
	f.passphrase.SetText("")
	a.Keys.AnswerWallet(typed)
	f.show(f.all.last)
}
