package view

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// devices lists the processor and the graphics cards.
type devices struct {
	content fyne.CanvasObject
	list    *fyne.Container
	rows    []*deviceRow
	looking *widget.Label
}

// deviceRow is one device: name and what it is, temperature, and why it is idle.
type deviceRow struct {
	content     fyne.CanvasObject
	name        *widget.Label
	about       *widget.Label
	temperature *widget.Label
	lamp        *lamp
}

func newDevices() *devices {
	d := &devices{list: container.New(layout.NewCustomPaddedVBoxLayout(2)), looking: newProse()}
	d.looking.SetText(say("devices.looking", nil))
	d.content = card("devices.title", d.looking, d.list)
	return d
}

func newDeviceRow() *deviceRow {
	r := &deviceRow{name: newText(theme.SizeNameText), about: newProse(), temperature: newText(theme.SizeNameText), lamp: newLamp()}
	r.name.Truncation = fyne.TextTruncateEllipsis
	r.about.SizeName = theme.SizeNameCaptionText
	r.temperature.Alignment = fyne.TextAlignTrailing
	top := container.NewBorder(nil, nil, container.NewCenter(r.lamp), r.temperature, r.name)
	r.content = container.New(layout.NewCustomPaddedVBoxLayout(-8), top,
		container.New(layout.NewCustomPaddedLayout(0, 0, textInset+lampSize+theme.Padding(), 0), r.about))
	return r
}

func (d *devices) show(s model.State) {
	reveal(d.looking, !s.Seen)
	for len(d.rows) < len(s.Machine.Devices) {
		row := newDeviceRow()
		d.rows = append(d.rows, row)
		d.list.Add(row.content)
	}
	for i, row := range d.rows {
		reveal(row.content, i < len(s.Machine.Devices))
		if i < len(s.Machine.Devices) {
			row.show(s, i)
		}
	}
}

func (r *deviceRow) show(s model.State, i int) {
	d := s.Machine.Devices[i]
	put(r.name, d.Name)
	about, color := d.Reason+" "+d.Advice, theme.ColorNameDisabled
	if d.Mineable && d.CPU != nil {
		about = say("devices.cores", args{"Cores": d.CPU.Cores, "Threads": d.CPU.Threads})
	}
	if d.Mineable && s.Units[i].Miner.Hashrate > 0 {
		color = theme.ColorNameSuccess
	}
	put(r.about, about)
	r.lamp.set(color)
	temperature, importance := say("devices.no-temperature", nil), widget.LowImportance
	if d.TemperatureC != nil {
		temperature, importance = fmt.Sprintf("%.0f °C", *d.TemperatureC), warmth(*d.TemperatureC)
	}
	put(r.temperature, temperature)
	tint(r.temperature, importance)
}

// warmth returns the colour of a temperature: most chips slow themselves down
// between 90 and 100 degrees.
func warmth(celsius float64) widget.Importance {
	switch {
	case celsius >= 92:
		return widget.DangerImportance
	case celsius >= 82:
		return widget.WarningImportance
	}
	return widget.MediumImportance
}
