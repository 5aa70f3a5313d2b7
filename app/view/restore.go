package view

import (
	"errors"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// reader is a form for what somebody has of a key: typed words or keys, a key file, the
// picture of a code; with its password where it has one.
type reader struct {
	*sheet
	actions      Actions
	title, about string
	found        func(model.Recovered)
	pass         bool // a password is asked for
}

// startRestore leads to another key than the one in use: that of a backup.
func startRestore(a Actions) {
	r := &reader{sheet: a.sheets.newSheet(), actions: a, title: say("restore.title", nil), about: say("restore.about", nil)}
	r.found = func(k model.Recovered) { r.confirm(k) }
	r.form("", "", "")
}

// startProof compares a backup with the key in use. Nothing changes by it.
func startProof(a Actions) {
	r := &reader{sheet: a.sheets.newSheet(), actions: a, title: say("prove.title", nil), about: say("prove.about", nil)}
	r.found = func(k model.Recovered) { r.judge(k) }
	r.form("", "", "")
}

// form asks for it, with what was typed before and what was wrong with it.
func (r *reader) form(fault, text, path string) {
	r.page(r.title, nil)
	typed, file := newKeyField(), (*field)(nil)
	typed.escape, typed.grown = r.close, r.fit
	r.wipe = append(r.wipe, func() { typed.SetText("") })
	var password *field
	read := func() {
		pass := ""
		if password != nil {
			pass = password.Text
		}
		r.read(typed.Text, file.Text, pass)
	}
	file = r.entry(say("restore.file", nil), read)
	choose := widget.NewButton(say("restore.choose", nil), func() {
		dialog.ShowFileOpen(func(chosen fyne.URIReadCloser, err error) {
			if err != nil || chosen == nil {
				return
			}
			file.SetText(chosen.URI().Path())
			_ = chosen.Close() // only its name was wanted
		}, r.all.window)
	})
	typed.SetText(text)
	file.SetText(path)
	rows := []fyne.CanvasObject{prose(r.about), typed.content, container.New(&fold{share: 1, gap: 6}, file, choose)}
	if r.pass {
		password = r.secret(say("restore.password", nil), read)
		rows = append(rows, password)
	}
	r.fill(fault, rows, r.cancel(), loud(say("button.next", nil), read))
	if password != nil {
		r.focus(password)
	} else {
		r.focus(typed)
	}
}

func (r *reader) read(text, path, password string) {
	then := func(k model.Recovered, err error) {
		switch {
		case r.gone:
		case errors.Is(err, model.ErrPasswordNeeded) && !r.pass:
			r.pass = true
			r.form("", text, path)
		case err != nil:
			r.form(keyFault(err), text, path)
		default:
			r.found(k)
		}
	}
	switch {
	case word(text) == "" && path == "":
		r.say(say("restore.nothing", nil))
		return
	}
	r.wait(say("restore.busy", nil))
	if word(text) != "" {
		r.actions.Keys.Look(text, password, then)
		return
	}
	r.actions.Keys.LookIn(path, password, then)
}

// shownKey is the public half of a key, to be compared with paper.
func shownKey(name, key string) fyne.CanvasObject {
	text := newText("")
	text.TextStyle.Monospace = true
	text.Wrapping = fyne.TextWrapBreak
	text.Text = key
	return stacked(-8, newCaption(name), text)
}

// confirm shows which key was found, before it takes the place of the one in use.
func (r *reader) confirm(k model.Recovered) {
	rows := []fyne.CanvasObject{shownKey("restore.key", k.MiningKey)}
	if k.Old != "" {
		rows = append(rows, shownKey("restore.old", k.Old))
	}
	if k.Same {
		r.page(say("restore.same", nil), append(rows, prose(say("restore.same-about", nil))), r.done())
		return
	}
	if k.Kind == "words" {
		rows = append(rows, r.numbers(k))
	}
	rows = append(rows, prose(say("restore.kept", nil)), shownKey("restore.now", r.all.last.Key.Public))
	r.page(say("restore.use-title", nil), rows, r.cancel(), loud(say("restore.use", nil), func() {
		r.wait(say("restore.busy", nil))
		r.actions.Keys.Restore(k, func(kept string, err error) {
			switch {
			case r.gone:
			case err != nil:
				r.form(keyFault(err), "", "")
			default:
				r.page(say("restore.done", nil), []fyne.CanvasObject{prose(say("restore.done-about", args{"Path": kept}))}, r.done())
			}
		})
	}))
}

// mostNumbers is how many keys of the same words are offered.
const mostNumbers = 20

// numbers lets the user choose another key of the same words: the one in use after each
// spending is the next.
func (r *reader) numbers(k model.Recovered) fyne.CanvasObject {
	var all []string
	for i := range mostNumbers {
		all = append(all, strconv.Itoa(i))
	}
	list := widget.NewSelect(all, nil)
	list.Selected = strconv.Itoa(int(k.Index))
	list.OnChanged = func(chosen string) {
		if n, err := strconv.ParseUint(chosen, 10, 32); err == nil {
			r.confirm(k.Numbered(uint32(n)))
		}
	}
	return container.New(&fold{share: 1, gap: 6, least: 380}, newCaption("restore.number"), container.NewGridWrap(fyne.NewSize(80, 36), list))
}

// judge says whether the backup is good.
func (r *reader) judge(k model.Recovered) {
	if k.Same {
		r.actions.Keys.Prove(k)
		r.page(say("prove.good", nil), []fyne.CanvasObject{prose(say("prove.good-about", args{"Date": date(r.all.now())}))}, r.done())
		return
	}
	r.page(say("prove.other", nil), []fyne.CanvasObject{prose(say("prove.other-about", nil)), shownKey("prove.of", k.MiningKey),
		shownKey("restore.now", r.all.last.Key.Public)}, quiet(say("prove.again", nil), func() { r.form("", "", "") }), r.done())
}
