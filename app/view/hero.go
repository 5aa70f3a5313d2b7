package view

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// hero is the card that matters: what is going on, how fast, and the button.
type hero struct {
	content fyne.CanvasObject
	lamp    *lamp
	state   *widget.Label
	about   *widget.Label
	rate    *widget.Label
	unit    *widget.Label
	seen    *widget.Label
	rates   fyne.CanvasObject
	power   *powerChoice
	join    *joinForm
	button  *widget.Button
	large   fyne.CanvasObject // the button in its own theme
	press   model.Event
}

func newHero(actions Actions) *hero {
	h := &hero{lamp: newLamp(), state: newText(sizeTitle), about: newProse(), rate: newText(sizeHuge), unit: newText(sizeLarge), seen: newProse()}
	h.state.TextStyle.Bold = true
	h.state.Wrapping = fyne.TextWrapWord
	h.rate.TextStyle.Bold = true
	h.unit.Importance = widget.LowImportance
	h.seen.SizeName = theme.SizeNameCaptionText
	h.power, h.join = newPowerChoice(actions), newJoinForm(actions)
	h.button = widget.NewButton("", func() { actions.Do(h.press) })

	h.large = container.NewThemeOverride(h.button, big{})

	bottomed := container.NewVBox(layout.NewSpacer(), h.unit, newSpace(7))
	h.rates = container.New(layout.NewCustomPaddedVBoxLayout(-8), container.NewHBox(h.rate, bottomed), h.seen)
	h.content = newPanel(colorPanel, container.New(layout.NewCustomPaddedVBoxLayout(2),
		container.NewBorder(nil, nil, container.NewCenter(h.lamp), nil, h.state),
		h.about, h.rates, h.power.content, h.join.content, newSpace(6), inset(h.large)))
	return h
}

func (h *hero) show(s model.State) {
	phase := s.Phase()
	h.lamp.set(lampColor(phase))
	put(h.state, Sentence(s))
	put(h.about, About(s))
	h.showRate(s)
	h.power.show(s)
	h.join.show(s)
	reveal(h.rates, phase != model.NoPool)
	reveal(h.power.content, phase != model.NoPool)
	reveal(h.large, phase != model.NoPool)
	h.showButton(s, phase)
}

func (h *hero) showRate(s model.State) {
	rate, unit := "0", "H/s"
	if s.Totals().Hashrate > 0 {
		rate, unit, _ = strings.Cut(s.Totals().Hashrate.String(), " ")
	}
	put(h.rate, rate)
	put(h.unit, unit)
	seen := say("rate.none", nil)
	b, known := s.Balance()
	switch {
	case s.Totals().Units > 0 && known && b.High > 0:
		seen = say("rate.pool", args{"Low": b.Low.String(), "High": b.High.String()})
	case s.Totals().Units > 0:
		seen = say("rate.program", args{"Program": strings.Join(s.Totals().Programs, ", ")})
		if s.Totals().Units == 1 && s.Totals().Programs[0] == "builtin" {
			seen = say("rate.builtin", nil)
		}
	}
	put(h.seen, seen)
}

func (h *hero) showButton(s model.State, phase model.Phase) {
	switch {
	case phase == model.Blocked:
		h.press = model.Retry{}
		caption(h.button, say("button.retry", nil), theme.ViewRefreshIcon(), widget.HighImportance, true)
	case phase == model.Stopping:
		h.press = nil
		caption(h.button, say("button.stopping", nil), theme.MediaStopIcon(), widget.MediumImportance, false)
	case s.Wanted:
		h.press = model.Stop{}
		caption(h.button, say("button.stop", nil), theme.MediaStopIcon(), widget.MediumImportance, true)
	default:
		h.press = model.Start{}
		caption(h.button, say("button.start", nil), theme.MediaPlayIcon(), widget.HighImportance, s.MayStart())
	}
}

func lampColor(p model.Phase) fyne.ThemeColorName {
	switch p {
	case model.Mining:
		return theme.ColorNameSuccess
	case model.Preparing, model.Searching, model.Joining, model.Opening, model.Stopping:
		return theme.ColorNamePrimary
	case model.Faltering, model.Waiting:
		return theme.ColorNameWarning
	case model.Blocked:
		return theme.ColorNameError
	}
	return theme.ColorNameDisabled
}

// powerChoice lets the user say how much of the processor mining may take.
type powerChoice struct {
	content fyne.CanvasObject
	buttons map[string]*widget.Button
	threads *widget.Label
}

// powers are the choices, by their names in the translations.
var powers = []struct {
	name   string
	choice model.ChoosePower
}{
	{"quiet", model.ChoosePower{Power: "quiet"}},
	{"balanced", model.ChoosePower{Power: "balanced"}},
	{"full", model.ChoosePower{Power: "full"}},
}

func newPowerChoice(actions Actions) *powerChoice {
	p := &powerChoice{buttons: map[string]*widget.Button{}, threads: newProse()}
	p.threads.SizeName = theme.SizeNameCaptionText
	row := container.NewGridWithColumns(len(powers))
	for _, power := range powers {
		p.buttons[power.name] = widget.NewButton(say("power."+power.name, nil), func() { actions.Do(power.choice) })
		row.Add(p.buttons[power.name])
	}
	p.content = container.New(layout.NewCustomPaddedVBoxLayout(-2), inset(row), p.threads)
	return p
}

func (p *powerChoice) show(s model.State) {
	for name, b := range p.buttons {
		importance := widget.LowImportance
		if string(s.Settings.Power) == name && s.Settings.Threads == 0 {
			importance = widget.MediumImportance
		}
		caption(b, b.Text, nil, importance, true)
	}
	text := ""
	if s.Seen {
		text = say("power.threads", args{"Threads": s.Threads(), "All": s.Machine.Threads()})
	}
	put(p.threads, text)
}
