package view

import (
	"fyne.io/fyne/v2"
)

// Where a new key can come from.
const (
	nextKey  = "next"  // of the same words
	newWords = "fresh" // of others
)

// startRenewal makes a new key after coins were sent with the one in use.
func startRenewal(a Actions) {
	a.unlocked(func() {
		f := a.sheets.newSheet()
		rows := []fyne.CanvasObject{prose(say("renew.about", nil))}
		renew := a.Keys.Renew
		if f.all.last.Key.Words > 0 {
			var list *options
			list = newOptions(nextKey, func() {
				renew = a.Keys.Renew
				if list.chosen == newWords {
					renew = a.Keys.RenewWords
				}
			}, option{nextKey, say("renew.next", nil), say("renew.words", nil)}, option{newWords, say("renew.fresh", nil), say("renew.fresh-about", nil)})
			rows = append(rows, list.content)
		} else {
			rows = append(rows, prose(say("renew.key", nil)))
		}
		f.page(say("renew.title", nil), rows, f.cancel(), loud(say("button.renew", nil), func() {
			f.wait(say("restore.busy", nil))
			renew(f.renewed)
		}))
	})
}

// renewed tells where the key of before is, or what went wrong.
func (f *sheet) renewed(kept string, err error) {
	if f.gone {
		return
	}
	if err != nil {
		f.page(say("renew.title", nil), nil)
		f.fill(keyFault(err), nil, f.done())
		return
	}
	f.page(say("renew.done", nil), []fyne.CanvasObject{prose(say("renew.done-about", args{"Path": kept}))}, f.done())
}
