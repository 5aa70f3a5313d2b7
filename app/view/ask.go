package view

import (
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
)

// question is a sheet over the window that asks for something. Escape closes it.
type question struct {
	window fyne.Window
	popup  *widget.PopUp
	rows   *fyne.Container
	fault  *widget.Label
}

func newQuestion(window fyne.Window, title, about string) *question {
	q := &question{window: window, fault: newProse()}
	q.fault.Importance = widget.DangerImportance
	q.fault.Hide()
	head := newBold(title)
	q.rows = stacked(8, head)
	if about != "" {
		prose := newProse()
		prose.Text = about
		q.rows.Add(prose)
	}
	return q
}

// open shows the sheet with its buttons, the last one being the one to press.
func (q *question) open(buttons ...fyne.CanvasObject) {
	q.rows.Add(q.fault)
	end := turned(append([]fyne.CanvasObject{layout.NewSpacer()}, buttons...))
	q.rows.Add(container.NewHBox(end...))
	canvas := q.window.Canvas()
	q.popup = widget.NewModalPopUp(container.New(layout.NewCustomPaddedLayout(12, 12, 16, 16), q.rows), canvas)
	if keys, ok := canvas.(desktop.Canvas); ok {
		keys.SetOnKeyDown(func(key *fyne.KeyEvent) {
			if key.Name == fyne.KeyEscape {
				q.close()
			}
		})
	}
	q.popup.Show()
	q.fit()
}

// fit gives the sheet the height that its text takes in its width.
func (q *question) fit() {
	width := min(500, q.window.Canvas().Size().Width-2*sideNarrow)
	for range 2 { // the second time its text has been wrapped to the width
		q.popup.Resize(fyne.NewSize(width, q.popup.MinSize().Height))
	}
}

func (q *question) close() {
	q.popup.Hide()
	if keys, ok := q.window.Canvas().(desktop.Canvas); ok {
		keys.SetOnKeyDown(nil)
	}
}

func (q *question) cancel() *widget.Button {
	return widget.NewButton(say("button.cancel", nil), q.close)
}

// answer returns a button that closes the sheet and then does something.
func (q *question) answer(text string, importance widget.Importance, done func()) *widget.Button {
	b := widget.NewButton(text, func() {
		q.close()
		done()
	})
	b.Importance = importance
	return b
}

// ask shows a question with fields. check returns what is wrong with the answer, or
// nil; only then done is called and the sheet goes. The first field gets the keyboard.
func ask(window fyne.Window, title, about, accept string, fields []*field, check func() error, done func()) {
	q := newQuestion(window, title, about)
	finish := func() {
		if err := check(); err != nil {
			put(q.fault, err.Error())
			reveal(q.fault, true)
			q.fit()
			return
		}
		q.close()
		done()
	}
	for _, f := range fields {
		f.OnSubmitted = func(string) { finish() }
		f.escape = q.close
		q.rows.Add(f)
	}
	yes := widget.NewButton(accept, finish)
	yes.Importance = widget.HighImportance
	q.open(q.cancel(), yes)
	window.Canvas().Focus(fields[0])
}

// askPool lets the user type or paste another pool's address or link.
func askPool(window fyne.Window, address string, actions Actions) {
	entry := newField(say("pool.placeholder", nil), nil)
	entry.SetText(address)
	ask(window, say("phase.no-pool", nil), say("pool.change-about", nil), say("button.join", nil), []*field{entry},
		func() error { return nil },
		func() { actions.Do(model.ChoosePool{URL: entry.Text}) })
}

// askBundle asks where to save the file for support.
func askBundle(window fyne.Window, folder string, actions Actions) {
	where := newField(say("backup.folder", nil), nil)
	where.SetText(folder)
	check := func() error {
		if where.Text == "" {
			return errors.New(say("backup.folder", nil))
		}
		return nil
	}
	ask(window, say("bundle.title", nil), say("bundle.about", nil), say("button.save", nil), []*field{where}, check,
		func() { actions.Do(model.SaveBundle{Folder: where.Text}) })
}

// askInvitation asks whether to join the pool of a link that was opened.
func askInvitation(window fyne.Window, pool string, actions Actions) {
	q := newQuestion(window, say("invite.title", nil), say("invite.about", nil))
	address := newBold(host(pool))
	address.Wrapping = fyne.TextWrapBreak
	q.rows.Add(address)
	stay := q.answer(say("invite.stay", nil), widget.HighImportance, func() { actions.Do(model.Decline{}) })
	join := q.answer(say("invite.join", args{"Pool": host(pool)}), widget.MediumImportance, func() { actions.Do(model.ChoosePool{URL: pool}) })
	q.open(join, stay)
	window.Canvas().Focus(stay)
}

// AskClose asks once what closing the window shall mean, and remembers: hide is called
// for going on in the tray, quit for ending Adit.
func AskClose(window fyne.Window, actions Actions, hide, quit func()) {
	q := newQuestion(window, say("close.title", nil), say("close.about", nil))
	remember := func(answer settings.Answer, then func()) func() {
		return func() {
			actions.Do(model.Change{With: func(s settings.Settings) settings.Settings {
				s.OnClose = answer
				return s
			}})
			then()
		}
	}
	stay := q.answer(say("close.stay", nil), widget.HighImportance, remember(settings.Yes, hide))
	q.open(q.answer(say("close.quit", nil), widget.MediumImportance, remember(settings.No, quit)), stay)
	window.Canvas().Focus(stay)
}
