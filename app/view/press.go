package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// press is what the big button does now, and how it says so.
type press struct {
	does    model.Event
	text    string
	icon    string
	loud    bool // it is what the user most likely wants
	enabled bool
}

func pressOf(s model.State) press {
	switch phase := s.Phase(); {
	case phase == model.Blocked:
		return press{model.Retry{}, say("button.retry", nil), "again", true, true}
	case phase == model.Stopping:
		return press{nil, say("button.stopping", nil), "stop", false, false}
	case s.Wanted:
		return press{model.Stop{}, say("button.stop", nil), "stop", false, true}
	}
	return press{model.Start{}, say("button.start", nil), "start", true, s.MayStart()}
}

// pressButton is a button for that.
type pressButton struct {
	content *widget.Button
	now     press
}

func newPressButton(actions Actions) *pressButton {
	p := &pressButton{}
	p.content = widget.NewButton("", func() { actions.Do(p.now.does) })
	return p
}

func (p *pressButton) show(s model.State) {
	now := pressOf(s)
	picture := p.content.Icon
	if p.now.icon != now.icon {
		picture = pressIcon(now)
	}
	p.now = now
	importance := widget.MediumImportance
	if now.loud {
		importance = widget.HighImportance
	}
	caption(p.content, now.text, picture, importance, now.enabled)
}

func pressIcon(p press) fyne.Resource {
	if p.loud {
		return tinted(p.icon, theme.ColorNameForegroundOnPrimary)
	}
	return icon(p.icon)
}

// lampColor is the colour of a phase.
func lampColor(p model.Phase) fyne.ThemeColorName {
	switch p {
	case model.Mining:
		return theme.ColorNameSuccess
	case model.Preparing, model.Searching, model.Joining, model.Opening, model.Stopping:
		return theme.ColorNamePrimary
	case model.Faltering, model.Waiting, model.Resting:
		return theme.ColorNameWarning
	case model.Blocked:
		return theme.ColorNameError
	}
	return theme.ColorNameDisabled
}
