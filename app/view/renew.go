package view

import (
	"fyne.io/fyne/v2"
)

// startRenewal makes a new key after coins were sent with the one in use.
func startRenewal(a Actions) {
	a.unlocked(func() {
		f := a.sheets.newSheet()
		about := say("renew.key", nil)
		if f.all.last.Key.Words > 0 {
			about = say("renew.words", nil)
		}
		f.page(say("renew.title", nil), []fyne.CanvasObject{prose(say("renew.about", nil)), prose(about)}, f.cancel(),
			loud(say("button.renew", nil), func() {
				f.wait(say("restore.busy", nil))
				a.Keys.Renew(func(kept string, err error) {
					switch {
					case f.gone:
					case err != nil:
						f.page(say("renew.title", nil), nil)
						f.fill(keyFault(err), nil, f.done())
					default:
						f.page(say("renew.done", nil), []fyne.CanvasObject{prose(say("renew.done-about", args{"Path": kept}))}, f.done())
					}
				})
			}))
	})
}
