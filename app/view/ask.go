package view

import (
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// question is a sheet over the window that asks for something.
type question struct {
	popup  *widget.PopUp
	accept *widget.Button
	fault  *widget.Label
}

// ask shows a question. check returns what is wrong with the answer, or nil; only
// then done is called and the sheet goes. The first of fields gets the keyboard.
func ask(window fyne.Window, title, about, accept string, fields []*widget.Entry, check func() error, done func()) {
	q := &question{fault: widget.NewLabel("")}
	q.fault.Importance = widget.DangerImportance
	q.fault.Hide()
	finish := func() {
		if err := check(); err != nil {
			q.fault.SetText(err.Error())
			q.fault.Show()
			q.popup.Refresh()
			return
		}
		q.popup.Hide()
		done()
	}
	head := widget.NewLabelWithStyle(title, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	rows := container.New(layout.NewCustomPaddedVBoxLayout(8), head)
	if about != "" {
		prose := newProse()
		prose.SetText(about)
		rows.Add(prose)
	}
	for _, f := range fields {
		f.OnSubmitted = func(string) { finish() }
		rows.Add(f)
	}
	q.accept = widget.NewButton(accept, finish)
	q.accept.Importance = widget.HighImportance
	cancel := widget.NewButton(say("button.cancel", nil), func() { q.popup.Hide() })
	rows.Add(q.fault)
	rows.Add(container.NewHBox(layout.NewSpacer(), cancel, q.accept))
	q.popup = widget.NewModalPopUp(container.New(layout.NewCustomPaddedLayout(10, 10, 14, 14), rows), window.Canvas())
	q.popup.Show()
	width := min(500, window.Canvas().Size().Width-2*sideNarrow)
	for range 2 { // the second time its text has been wrapped to the width
		q.popup.Resize(fyne.NewSize(width, q.popup.MinSize().Height))
	}
	window.Canvas().Focus(fields[0])
}

// askPool lets the user type another pool's address.
func askPool(window fyne.Window, address string, actions Actions) {
	entry := widget.NewEntry()
	entry.SetPlaceHolder(say("pool.placeholder", nil))
	entry.SetText(address)
	ask(window, say("phase.no-pool", nil), say("about.no-pool", nil), say("button.join", nil), []*widget.Entry{entry},
		func() error { return nil },
		func() { actions.Do(model.ChoosePool{URL: entry.Text}) })
}

// leastPassword is how short a backup's password may be, in characters. The file
// is locked by scrypt, which makes guessing slow, but a backup may lie about for
// years.
const leastPassword = 8

// askBackup asks for a password and a folder.
func askBackup(window fyne.Window, folder string, actions Actions) {
	first, again, where := widget.NewPasswordEntry(), widget.NewPasswordEntry(), widget.NewEntry()
	first.SetPlaceHolder(say("backup.password", nil))
	again.SetPlaceHolder(say("backup.again", nil))
	where.SetPlaceHolder(say("backup.folder", nil))
	where.SetText(folder)
	check := func() error {
		switch {
		case len([]rune(first.Text)) < leastPassword:
			return errors.New(say("backup.short", nil))
		case first.Text != again.Text:
			return errors.New(say("backup.differ", nil))
		case where.Text == "":
			return errors.New(say("backup.folder", nil))
		}
		return nil
	}
	ask(window, say("backup.title", nil), say("backup.about", nil), say("button.backup", nil),
		[]*widget.Entry{first, again, where}, check,
		func() { actions.Do(model.SaveBackup{Folder: where.Text, Password: first.Text}) })
}
