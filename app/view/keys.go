package view

import (
	"fyne.io/fyne/v2"

	"github.com/adit-mining/adit/app/model"
)

// Keys is what the screens ask of the secret half of the key, at the moment when they
// need it. Each function returns at once and calls then later, on Fyne's goroutine. A
// screen forgets what it was told and what was typed as soon as it is left.
type Keys struct {
	Unlock   func(password string, then func(error))
	Words    func(then func(words []string, err error))
	Paper    func(s model.Sheet, then func(path string, err error))
	SaveFile func(folder, password string, then func(path string, err error))
	Look     func(text, passphrase string, then func(model.Recovered, error))
	LookIn   func(path, passphrase string, then func(model.Recovered, error))
	Prove    func(r model.Recovered)
	Restore  func(r model.Recovered, then func(kept string, err error))
	Renew    func(then func(kept string, err error)) // by the next key of the same words
	// RenewWords makes a key of new words.
	RenewWords func(then func(kept string, err error))
	Protect    func(password string, then func(error))

	// PayeeFault says at once why a coin cannot be paid to an address: a
	// *model.SpendError where that has a sentence of its own.
	PayeeFault func(coin, network, address string) error
	// SetPayee has a coin paid to an address, an empty one for the key's own.
	SetPayee func(coin, network, address string, then func(error))
	// SetMinimum has the pool at url pay a coin from the amount least on, an empty one for
	// the pool's own minimum.
	SetMinimum func(url, coin, network, least string, then func(error))

	HasWallet func(coin, network string) bool // at once
	// AnswerWallet gives the order that is carried out the wallet program's own passphrase.
	AnswerWallet func(passphrase string)
	OpenWallet   func(o model.SpendOrder, then func(error))
	Plan         func(o model.SpendOrder, then func(model.SpendPlan, error))
	Send         func(p model.SpendPlan, then func(transactions []string, err error))
}

// keyFault says in plain words why something with the key did not go.
func keyFault(err error) string {
	f := model.KeyFaultOf(err)
	return say("fault."+string(f.Code), args{"Error": firstLine(f.Detail), "Number": f.Word + 1, "Right": f.Right, "Count": f.Count})
}

// unlocked calls then when the key is open: at once, or when its password was typed.
func (a Actions) unlocked(then func()) {
	if !a.sheets.last.Key.Locked {
		then()
		return
	}
	a.askUnlock(a.sheets.newSheet(), "", then)
}

func (a Actions) askUnlock(f *sheet, fault string, then func()) {
	var password *field
	open := func() {
		typed := password.Text
		f.wait(say("unlock.busy", nil))
		a.Keys.Unlock(typed, func(err error) {
			switch {
			case f.gone:
			case err != nil:
				a.askUnlock(f, keyFault(err), then)
			default:
				f.close()
				then()
			}
		})
	}
	f.page(say("unlock.title", nil), nil)
	password = f.secret(say("unlock.password", nil), open)
	f.fill(fault, []fyne.CanvasObject{prose(say("unlock.about", nil)), password}, f.cancel(), loud(say("button.unlock", nil), open))
	f.focus(password)
}

// newPasswords are two fields for a new password. check returns it, or what is wrong.
func (f *sheet) newPasswords(submitted func()) (first, again *field, check func() (password, fault string)) {
	first, again = f.secret(say("backup.password", nil), submitted), f.secret(say("backup.again", nil), submitted)
	return first, again, func() (string, string) {
		switch {
		case len([]rune(first.Text)) < leastPassword:
			return "", say("backup.short", nil)
		case first.Text != again.Text:
			return "", say("backup.differ", nil)
		}
		return first.Text, ""
	}
}
