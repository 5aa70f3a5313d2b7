// Package view draws the model's State with Fyne. It decides nothing, does no
// input or output and starts no goroutine: Shell.Show puts a state on the window,
// and what the user does goes out through Actions. It makes the words, too, from
// the texts in assets.
//
// A file is a screen or a part of one; what they share (cards, switches, charts,
// sheets, numbers, the direction of writing) has files of its own.
//
// All of it belongs to Fyne's own goroutine. The package does not import
// fyne/app, so it is tested without C, without a display.
package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/adit-mining/adit/app/model"
)

// Actions is where the user's doing goes. None of them may block.
type Actions struct {
	Do      func(model.Event)
	Copy    func(text string)            // to the clipboard
	Open    func(url string)             // in the browser
	Output  func(unitID string) []string // the last lines that the unit's program printed
	Keys    Keys
	DataDir string // where key and settings are
	Version string // of Adit

	sheets *sheets // of the window
}

// homeScreen is the first screen: on a first start the welcome, then all that
// somebody wants to know at a glance.
type homeScreen struct {
	scroll   *container.Scroll
	welcome  *welcome
	overview *fyne.Container
	hero     *hero
	parts    []part
}

// part is one area of a screen.
type part interface {
	show(s model.State)
}

func newHomeScreen(window fyne.Window, actions Actions, open func(Place), scrolled func()) *homeScreen {
	h := &homeScreen{welcome: newWelcome(window, actions), hero: newHero(actions)}
	alarm, reminder, login := newAlarm(actions), newReminder(actions), newLoginOffer(actions)
	earned, work, heat, power := newEarned(), newWork(), newHeat(open), newPowerCard(actions)
	cards := container.New(&board{right: []bool{false, true, true, false}}, earned.content, work.content, heat.content, power.content)
	h.overview = stacked(gap, h.hero.content, reminder.content, login.content, cards)
	h.scroll = scrolling(alarm.content, h.welcome.content, h.overview)
	h.scroll.OnScrolled = func(fyne.Position) { scrolled() }
	h.parts = []part{alarm, h.hero, reminder, login, earned, work, heat, power}
	return h
}

func (h *homeScreen) content() fyne.CanvasObject { return h.scroll }

func (h *homeScreen) show(s model.State) {
	first := s.Phase() == model.NoPool
	h.welcome.show(s, first)
	reveal(h.overview, !first)
	for _, p := range h.parts {
		p.show(s)
	}
}

// scrolledAway reports whether the card that says what is going on is out of sight.
func (h *homeScreen) scrolledAway() bool {
	return h.overview.Visible() && h.scroll.Offset.Y > h.hero.content.Size().Height/2
}
