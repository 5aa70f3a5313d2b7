package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/hwdetect"
)

// unitCard is one device: its switch, how it stands and why, what it measures, and
// the program that it mines with.
type unitCard struct {
	content  *panel
	id       string
	picture  *widget.Icon
	kind     hwdetect.Kind
	name     *widget.Label
	about    *widget.Label
	turn     *toggle
	lamp     *lamp
	standing *widget.Label
	why      *widget.Label
	figures  *fyne.Container
	rate     *figure
	heat     *figure
	fan      *figure
	watts    *figure
	program  *widget.Label
	bar      *bar
}

func newUnitCard(actions Actions) *unitCard {
	c := &unitCard{picture: widget.NewIcon(nil), name: newBold(""), about: newCaption(""), lamp: newLamp(),
		standing: newText(theme.SizeNameText), why: newProse(), program: newCaption(""), bar: newBar(),
		rate: newFigure("history", "figure.rate"), heat: newFigure("temperature", "figure.heat"),
		fan: newFigure("fan", "figure.fan"), watts: newFigure("power", "figure.watts")}
	c.turn = newToggle(func(on bool) { actions.Do(model.TurnDevice{ID: c.id, On: on}) })
	c.name.SizeName = theme.SizeNameSubHeadingText
	c.standing.Wrapping = fyne.TextWrapWord
	picture := container.NewCenter(container.NewGridWrap(fyne.NewSquareSize(34), c.picture))
	head := between(picture, container.NewCenter(c.turn), stacked(-10, c.name, c.about))
	c.figures = container.New(&tiles{least: 116}, c.rate.content, c.heat.content, c.fan.content, c.watts.content)
	state := between(container.NewCenter(c.lamp), nil, c.standing)
	c.content = newPanel(colorPanel, stacked(0, head, newSpace(4), stacked(-8, state, c.why), inset(c.bar), c.figures, c.program))
	return c
}

func (c *unitCard) show(s model.State, i int) {
	u, standing := s.Units[i], s.Standing(i)
	c.id = u.Device.ID
	c.showDevice(u.Device)
	can := standing != model.UnitCannot
	c.turn.set(can && !s.Settings.IsOff(c.id), can)
	put(c.standing, say("standing."+string(standing), unitArgs(u)))
	c.lamp.set(standingColor(standing))
	why := unitWhy(u, standing)
	put(c.why, why)
	reveal(c.why, why != "")
	c.showParcel(s, u, standing)
	c.showFigures(u)
	program := programInWords(u)
	put(c.program, program)
	reveal(c.program, program != "" && can)
}

func (c *unitCard) showDevice(d hwdetect.Device) {
	if c.kind != d.Kind {
		c.kind = d.Kind
		picture := "card"
		if d.Kind == hwdetect.CPUKind {
			picture = "devices"
		}
		c.picture.SetResource(icon(picture))
	}
	put(c.name, d.Name)
	about := say("devices.card", nil)
	switch {
	case d.CPU != nil:
		about = say("devices.cores", args{"Cores": d.CPU.Cores, "Threads": d.CPU.Threads})
	case d.GPU != nil && d.GPU.Memory > 0:
		about = say("devices.card-memory", args{"Memory": figures(float64(d.GPU.Memory)/(1<<30), 2)})
	}
	put(c.about, about)
}

func (c *unitCard) showParcel(s model.State, u model.Unit, standing model.Standing) {
	part := -1.0
	for _, p := range s.Parcels {
		if standing == model.UnitGetting && p.Program == u.Pick.Program && p.Size > 0 {
			part = float64(p.Done) / float64(p.Size)
			put(c.why, say("parcel.progress", args{"Done": megabytes(p.Done), "Size": megabytes(p.Size)}))
			reveal(c.why, true)
		}
	}
	c.bar.set(max(part, 0))
	reveal(c.bar, part >= 0)
}

func (c *unitCard) showFigures(u model.Unit) {
	c.rate.show(number(u.Miner.Hashrate.String()), u.Miner.Running && u.Miner.Hashrate > 0)
	c.heat.showOptional(u.Device.TemperatureC, degrees)
	c.fan.showOptional(u.Device.FanPercent, func(v float64) string { return figures(v, 2) + " %" })
	c.watts.showOptional(u.Device.PowerW, func(v float64) string { return figures(v, 3) + " W" })
	importance := widget.MediumImportance
	if t := u.Device.TemperatureC; t != nil {
		importance = warmth(*t)
	}
	tint(c.heat.value, importance)
	any := c.rate.content.Visible() || c.heat.content.Visible() || c.fan.content.Visible() || c.watts.content.Visible()
	reveal(c.figures, any)
}

func standingColor(standing model.Standing) fyne.ThemeColorName {
	switch standing {
	case model.UnitMining:
		return theme.ColorNameSuccess
	case model.UnitGetting, model.UnitPreparing:
		return theme.ColorNamePrimary
	case model.UnitWaiting, model.UnitSlow:
		return theme.ColorNameWarning
	case model.UnitBroken:
		return theme.ColorNameError
	}
	return theme.ColorNameDisabled
}
