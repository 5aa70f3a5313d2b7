package main

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/view"
)

// tray is Adit in the system's tray.
type tray struct {
	place desktop.App
	open  func()
	quit  func()
	do    func(model.Event)
	shown view.Tray
}

// newTray returns Adit's place in the tray, nil where the system has none.
func newTray(a fyne.App, open func(), do func(model.Event)) *tray {
	place, ok := a.(desktop.App)
	if !ok || !hasTray() {
		return nil
	}
	return &tray{place: place, open: open, quit: a.Quit, do: do}
}

// show puts the state into the picture and the menu, when they differ.
func (t *tray) show(s model.State) {
	now := view.TrayOf(s)
	if now == t.shown {
		return
	}
	if now.Picture != t.shown.Picture {
		t.place.SetSystemTrayIcon(view.TrayPicture(now.Picture))
	}
	t.shown = now
	line := fyne.NewMenuItem(now.Line, t.open)
	press := fyne.NewMenuItem(now.Press, func() { t.do(now.Does) })
	press.Disabled = !now.Enabled
	quit := fyne.NewMenuItem(now.Quit, t.quit)
	quit.IsQuit = true
	t.place.SetSystemTrayMenu(fyne.NewMenu("Adit", line, fyne.NewMenuItemSeparator(), press, fyne.NewMenuItem(now.Open, t.open), quit))
}
