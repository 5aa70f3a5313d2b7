package view

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/adit-mining/adit/app/model"
)

// Shell is the window's content: the navigation, the line that always says what is
// going on, and one screen at a time. A screen is built when it is first opened, and
// only the open one is drawn.
type Shell struct {
	window  fyne.Window
	actions Actions
	root    *fyne.Container
	last    model.State // as last shown
	drawn   situation   // that was last drawn

	language string // that the content was built in
	look     string // of the theme, as in settings
	place    Place  // that is open
	screens  map[Place]screen
	body     *fyne.Container
	frame    *frame
	status   *statusLine
	tasks    *tasks

	phase     model.Phase // that was last shown
	unsettled int         // in how many more showings it is laid out anew
}

// A screen is one place of the window.
type screen interface {
	content() fyne.CanvasObject
	show(s model.State)
}

// Place names a screen.
type Place string

// The places, in the order of the navigation.
const (
	AtHome     Place = "home"
	AtDevices  Place = "devices"
	AtCoins    Place = "coins"
	AtWallet   Place = "wallet"
	AtHistory  Place = "history"
	AtPool     Place = "pool"
	AtSettings Place = "settings"
	AtHelp     Place = "help"
)

// Places lists the places.
func Places() []Place {
	return []Place{AtHome, AtDevices, AtCoins, AtWallet, AtHistory, AtPool, AtSettings, AtHelp}
}

// New makes the content of a window. Nothing is shown before the first Show. Ctrl and
// a digit open the screens.
func New(window fyne.Window, actions Actions) *Shell {
	actions.sheets = &sheets{window: window}
	sh := &Shell{window: window, actions: actions, root: container.NewStack(), place: AtHome, tasks: &tasks{window: window, actions: actions}}
	sh.build()
	for i, at := range Places() {
		key := fyne.KeyName(rune('1' + i))
		window.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}, func(fyne.Shortcut) { sh.Open(at) })
	}
	return sh
}

// Content returns what goes into the window.
func (sh *Shell) Content() fyne.CanvasObject { return sh.root }

// build makes all anew, in the language that is spoken now.
func (sh *Shell) build() {
	sh.screens = map[Place]screen{}
	sh.body = container.NewStack()
	sh.status = newStatusLine(sh.actions)
	rail, bar := newNavigation(sh.Open), newNavigation(sh.Open)
	sh.frame = newFrame(rail, sh.status, sh.body, bar)
	sh.root.Objects = []fyne.CanvasObject{container.New(atLeast{narrowest, 320}, sh.frame.content)}
	sh.root.Refresh()
	sh.Open(sh.place)
}

// Open shows the screen at a place.
func (sh *Shell) Open(at Place) {
	sh.place = at
	opened, built := sh.screens[at]
	if !built {
		opened = sh.newScreen(at)
		sh.screens[at] = opened
	}
	opened.show(sh.last)
	sh.body.Objects = []fyne.CanvasObject{opened.content()}
	sh.body.Refresh()
	sh.frame.choose(at)
	sh.showStatus()
}

func (sh *Shell) newScreen(at Place) screen {
	switch at {
	case AtDevices:
		return newDevicesScreen(sh.actions)
	case AtCoins:
		return newCoinsScreen(sh.actions)
	case AtWallet:
		return newWalletScreen(sh.actions)
	case AtHistory:
		return newHistoryScreen()
	case AtPool:
		return newPoolScreen(sh.window, sh.actions)
	case AtSettings:
		return newSettingsScreen(sh.actions)
	case AtHelp:
		return newHelpScreen(sh.window, sh.actions)
	}
	return newHomeScreen(sh.window, sh.actions, sh.Open, sh.showStatus)
}

// Show draws s. Only what differs from what is on the screen is drawn anew, and where
// only figures have crept on since a moment ago they wait for the next time.
func (sh *Shell) Show(s model.State) {
	sh.last = s
	sh.actions.sheets.show(s)
	if sh.drawn.calm(s) {
		return
	}
	sh.drawn = situationOf(s)
	sh.wear(s.Settings.Theme)
	if s.Settings.Language != sh.language {
		sh.speak(s.Settings.Language)
	}
	sh.screens[sh.place].show(s)
	sh.showStatus()
	sh.tasks.show(s)
	sh.settle(s.Phase())
}

// Blur hides what nobody but the user may see: the window has lost the keyboard, or was
// put away.
func (sh *Shell) Blur() { sh.actions.sheets.blur() }

// Focus says that the window has the keyboard again.
func (sh *Shell) Focus() { sh.actions.sheets.focus() }

// settle lays the open screen out anew in the first two showings of a phase: much of
// the text is another then, and lines that wrap know their height only after they
// were given their width.
func (sh *Shell) settle(phase model.Phase) {
	if phase != sh.phase {
		sh.phase, sh.unsettled = phase, 2
	}
	if sh.unsettled == 0 {
		return
	}
	sh.unsettled--
	size := sh.body.Size()
	sh.body.Resize(size.SubtractWidthHeight(1, 0))
	sh.body.Resize(size)
}

// showStatus draws the line that says what is going on, where it has to be seen.
func (sh *Shell) showStatus() {
	sh.status.show(sh.last)
	home, isHome := sh.screens[sh.place].(*homeScreen)
	sh.frame.reveal(!isHome || home.scrolledAway())
}

// wear puts the theme's look on.
func (sh *Shell) wear(look string) {
	if look != sh.look {
		sh.look = look
		fyne.CurrentApp().Settings().SetTheme(Theme{Look: look})
	}
}

// speak builds the content in another language. Where the settings name one that
// there is not, it stays as it is.
func (sh *Shell) speak(language string) {
	sh.language = language
	if err := LoadWords(language); err != nil {
		fyne.LogError(fmt.Sprintf("the language %q", language), err)
		return
	}
	sh.build()
}
