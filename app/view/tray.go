package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/assets"
)

// Tray is what the system's tray shows: a picture of the state, and a menu of the
// state in words and what can be done. It has no figures, which would change every
// second for nobody.
type Tray struct {
	Picture string // see TrayPicture
	Line    string // what is going on
	Press   string // the words of the entry that starts or stops
	Does    model.Event
	Enabled bool // the entry can be pressed
	Open    string
	Quit    string
}

// TrayOf returns the tray of a state.
func TrayOf(s model.State) Tray {
	p := pressOf(s)
	return Tray{trayPicture(s.Phase()), Sentence(s), p.text, p.does, p.enabled, say("tray.open", nil), say("tray.quit", nil)}
}

func trayPicture(p model.Phase) string {
	switch lampColor(p) {
	case theme.ColorNameSuccess:
		return "mining"
	case theme.ColorNameError:
		return "trouble"
	case theme.ColorNameDisabled:
		return "stopped"
	}
	return "waiting"
}

// TrayPicture returns a picture for the tray by its name.
func TrayPicture(name string) fyne.Resource {
	picture, err := assets.Tray.ReadFile("tray/" + name + ".png")
	if err != nil {
		return appIcon()
	}
	return fyne.NewStaticResource("adit-tray-"+name+".png", picture)
}
