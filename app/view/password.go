package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// startPassword gives the key a password of its owner's, another one, or none.
func startPassword(a Actions) {
	a.unlocked(func() {
		f := a.sheets.newSheet()
		a.askPassword(f, "")
	})
}

func (a Actions) askPassword(f *sheet, fault string) {
	protect := func(password string) {
		f.wait(say("backup.busy", nil))
		a.Keys.Protect(password, func(err error) {
			done := "protect.done"
			if password == "" {
				done = "protect.off"
			}
			switch {
			case f.gone:
			case err != nil:
				a.askPassword(f, keyFault(err))
			default:
				f.page(say(done, nil), []fyne.CanvasObject{prose(say(done+"-about", nil))}, f.done())
			}
		})
	}
	var check func() (string, string)
	set := func() {
		if password, wrong := check(); wrong != "" {
			f.say(wrong)
		} else {
			protect(password)
		}
	}
	f.page(say("protect.title", nil), nil)
	first, again, checks := f.newPasswords(set)
	check = checks
	buttons := []fyne.CanvasObject{f.cancel()}
	if f.all.last.Key.Protected {
		buttons = append(buttons, widget.NewButton(say("protect.remove", nil), func() { protect("") }))
	}
	f.fill(fault, []fyne.CanvasObject{prose(say("protect.about", nil)), first, again}, append(buttons, loud(say("protect.set", nil), set))...)
	f.focus(first)
}

// setPassword is the line of the settings that leads there.
type setPassword struct {
	content fyne.CanvasObject
	open    *widget.Button
}

func newSetPassword(actions Actions) *setPassword {
	p := &setPassword{}
	p.open = widget.NewButton("", func() { startPassword(actions) })
	p.content = setting("password", p.open)
	return p
}

func (p *setPassword) object() fyne.CanvasObject { return p.content }

func (p *setPassword) show(s model.State) {
	text := say("protect.set", nil)
	if s.Key.Protected {
		text = say("protect.change", nil)
	}
	caption(p.open, text, nil, widget.MediumImportance, s.Key.Ready)
}
