package main

import (
	"net/url"
	"runtime/debug"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/systray"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/app/view"
)

// desk is the window and what is around it: the tray, the notices, and what closing
// means. All of it belongs to Fyne's goroutine.
type desk struct {
	app    fyne.App
	window fyne.Window
	shell  *view.Shell
	tray   *tray // nil where the system has none
	does   view.Actions
	last   model.State
	known  bool        // last is a state
	hidden bool        // the window is in the tray
	dozing bool        // Fyne's loop is held
	tidied time.Time   // when free memory was last given back
	stirs  time.Time   // until then the user is about to choose from the tray's menu
	ended  atomic.Bool // Fyne's loop is over: what would run in it runs beside it now
}

func newDesk(a fyne.App, data string, output func(unit string) []string, do func(model.Event), keys view.Keys) *desk {
	d := &desk{app: a, window: a.NewWindow("Adit")}
	d.does = view.Actions{Do: do, Copy: a.Clipboard().SetContent, Open: d.browse, Output: output, Keys: keys, DataDir: data, Version: version}
	d.shell = view.New(d.window, d.does)
	d.window.SetContent(d.shell.Content())
	d.window.SetPadded(false)
	d.window.Resize(fyne.NewSize(1000, 720))
	d.window.CenterOnScreen()
	d.window.SetCloseIntercept(d.close)
	d.window.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyQ, Modifier: fyne.KeyModifierShortcutDefault},
		func(fyne.Shortcut) { a.Quit() })
	a.Lifecycle().SetOnExitedForeground(d.shell.Blur)
	a.Lifecycle().SetOnEnteredForeground(d.shell.Focus)
	d.tray = newTray(a, d.open, do)
	return d
}

// run shows the window, or with hidden only the tray, and returns when Adit is ended.
func (d *desk) run(hidden bool) {
	d.setHidden(hidden && d.tray != nil)
	if !d.hidden {
		d.window.Show()
	}
	d.nod()
	d.app.Run()
	d.ended.Store(true)
}

// How long Fyne's loop is held at a time where nobody has touched the computer for a
// while; where there is no window, dozeHidden. Somebody who comes back waits no longer
// than that for the first answer, and two seconds until all is quick again.
const (
	dozeAlone  = 80 * time.Millisecond
	aloneAfter = 10 * time.Second
	stirsFor   = 15 * time.Second // after the tray's menu was opened the loop is not held
)

// nod begins to doze where there is nobody to be quick for: Fyne's loop turns sixty
// times a second even then, which would cost the mining processor more than all the
// rest of Adit. It is held again and again, and turns at least once between.
func (d *desk) nod() {
	if d.dozing || d.pause() == 0 {
		return
	}
	d.dozing = true
	go func() {
		for awake := false; !awake; {
			fyne.DoAndWait(func() {
				d.hold(d.pause())
				awake = d.pause() == 0
				d.dozing = !awake
			})
		}
	}()
}

// hold keeps Fyne's loop for that long, or until the tray's menu is opened.
func (d *desk) hold(pause time.Duration) {
	over := time.NewTimer(pause)
	defer over.Stop()
	select {
	case <-over.C:
	case <-systray.TrayOpenedCh:
		d.stirs = time.Now().Add(stirsFor)
	}
}

// pause returns how long Fyne's loop may be held now, zero for not at all.
func (d *desk) pause() time.Duration {
	switch {
	case d.ended.Load(), time.Now().Before(d.stirs):
		return 0
	case d.hidden:
		return dozeHidden
	case d.alone():
		return dozeAlone
	}
	return 0
}

// alone reports whether nobody has touched the computer for a while, for sure.
func (d *desk) alone() bool {
	idle := d.last.Presence.Idle
	return idle != nil && *idle >= aloneAfter
}

// By how many percent the heap may grow before it is collected. A window is mostly
// fonts that are read once; the usual doubling would hold as much again for nothing.
// In the tray there is room, and a collection costs more than all that makes it due.
const (
	heapGrowthOpen   = 10
	heapGrowthHidden = 100
)

// setHidden remembers whether there is a window, tells the engine, and does with the
// memory what suits.
func (d *desk) setHidden(hidden bool) {
	d.hidden = hidden
	d.does.Do(model.Watch{On: !hidden})
	if hidden {
		debug.SetGCPercent(heapGrowthHidden)
		return
	}
	debug.SetGCPercent(heapGrowthOpen)
}

// show draws s wherever somebody can see it; a hidden window is left as it was.
func (d *desk) show(s model.State) {
	if d.ended.Load() {
		return
	}
	if d.known && s.Settings.Notify && hasBus() {
		for _, n := range view.Notices(d.last, s) {
			d.app.SendNotification(fyne.NewNotification(n.Title, n.Text))
		}
	}
	d.last, d.known = s, true
	if d.tray != nil {
		d.tray.show(s)
	}
	if !d.hidden {
		d.shell.Show(s)
		d.tidy()
	}
	d.nod()
}

// tidyEvery is how often memory is given back while the window is open: what screens
// that were looked at took, for the most part.
const tidyEvery = 30 * time.Second

func (d *desk) tidy() {
	if now := time.Now(); now.Sub(d.tidied) >= tidyEvery {
		d.tidied = now
		go debug.FreeOSMemory()
	}
}

// open brings the window back, as it is now.
func (d *desk) open() {
	d.setHidden(false)
	if d.known {
		d.shell.Show(d.last)
	}
	d.window.Show()
	d.window.RequestFocus()
}

// close does what the user wants closing to mean. Without a tray there would be no way
// back to a hidden window, so then it ends Adit.
func (d *desk) close() {
	switch answer := d.last.Settings.OnClose; {
	case d.tray == nil || answer == settings.No || !d.known:
		d.app.Quit()
	case answer == settings.Yes:
		d.hide()
	default:
		view.AskClose(d.window, d.does, d.hide, d.app.Quit)
	}
}

func (d *desk) hide() {
	d.setHidden(true)
	d.shell.Blur()
	d.window.Hide()
	d.nod()
}

// browse opens an address in the browser. It is the pool's, so only what a browser
// shows is let through.
func (d *desk) browse(address string) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return
	}
	if err := d.app.OpenURL(u); err != nil {
		fyne.LogError("open the browser", err)
	}
}
