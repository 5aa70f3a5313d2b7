package view

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/manners"
	"github.com/adit-mining/adit/app/model"
)

// hero is the card that matters: what is going on, the button, how fast.
type hero struct {
	content *panel
	lamp    *lamp
	state   *widget.Label
	about   *widget.Label
	button  *pressButton
	anyway  *widget.Button // mines though the rules would wait
	rate    *widget.Label
	unit    *widget.Label
	seen    *widget.Label
	chart   *chart
}

func newHero(actions Actions) *hero {
	h := &hero{lamp: newLamp(), state: newBold(""), about: newProse(), button: newPressButton(actions),
		rate: newText(sizeHuge), unit: newText(sizeLarge), seen: newCaption(""), chart: newChart(132, "chart.rate-empty")}
	h.state.SizeName = sizeTitle
	h.rate.TextStyle.Bold = true
	h.unit.Importance = widget.LowImportance
	h.anyway = widget.NewButton(say("button.anyway", nil), func() { actions.Do(model.Insist{}) })
	h.anyway.Importance = widget.LowImportance
	h.anyway.Hide()

	words := stacked(-4, between(container.NewCenter(h.lamp), nil, h.state), h.about)
	buttons := container.NewVBox(container.NewThemeOverride(h.button.content, big), h.anyway)
	top := container.New(&fold{share: 1, least: 480, gap: 12}, words, buttons)
	bottomed := container.NewVBox(layout.NewSpacer(), h.unit, newSpace(7))
	speed := stacked(-8, inLine(h.rate, bottomed), h.seen)
	h.content = newPanel(colorPanel, stacked(2, top, newSpace(2), speed, inset(h.chart)))
	return h
}

func (h *hero) show(s model.State) {
	phase := s.Phase()
	h.lamp.set(lampColor(phase))
	put(h.state, Sentence(s))
	put(h.about, About(s))
	h.button.show(s)
	reveal(h.anyway, phase == model.Resting && mayInsist(s))
	h.showRate(s)
	h.chart.set(lastHour(s.Samples))
}

// mayInsist reports whether the user may overrule why it rests: not the heat.
func mayInsist(s model.State) bool {
	why, rests := s.Rests()
	return rests && why.Why != manners.TooHot && why.Why != manners.Asleep
}

func (h *hero) showRate(s model.State) {
	rate, unit := "0", "H/s"
	t := s.Totals()
	if t.Hashrate > 0 {
		rate, unit, _ = strings.Cut(number(t.Hashrate.String()), " ")
	}
	put(h.rate, rate)
	put(h.unit, unit)
	seen := say("rate.none", nil)
	b, known := s.Balance()
	switch {
	case t.Units > 0 && known && b.High > 0:
		seen = say("rate.pool", args{"Low": number(b.Low.String()), "High": number(b.High.String())})
	case t.Units > 0:
		seen = say("rate.mean", args{"Rate": number(t.Average.String())})
	}
	put(h.seen, seen)
}

// powerCard lets the user say how hard to work.
type powerCard struct {
	content fyne.CanvasObject
	choice  *segments
	threads *widget.Label
}

func newPowerCard(actions Actions) *powerCard {
	p := &powerCard{threads: newCaption("")}
	p.choice = newPowerChoice(actions)
	p.content = card("power.title", inset(p.choice.content), p.threads)
	return p
}

func (p *powerCard) show(s model.State) {
	showPower(p.choice, s)
	text := ""
	if s.Seen {
		text = say("power.threads", args{"Threads": s.Threads(), "All": s.Machine.Threads()})
	}
	put(p.threads, text)
}
