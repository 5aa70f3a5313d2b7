package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// work says what became of the shares.
type work struct {
	content            fyne.CanvasObject
	accepted, rejected *widget.Label
	about              *widget.Label
}

func newWork() *work {
	w := &work{accepted: newText(sizeLarge), rejected: newText(theme.SizeNameText), about: newCaption("")}
	w.accepted.TextStyle.Bold = true
	bottomed := container.NewVBox(layout.NewSpacer(), w.rejected, newSpace(1))
	w.content = card("shares.title", inLine(w.accepted, bottomed), w.about)
	return w
}

func (w *work) show(s model.State) {
	t := s.Totals()
	total := t.Accepted + t.Rejected
	put(w.accepted, say("shares.accepted", args{"Accepted": group(t.Accepted)}))
	put(w.rejected, say("shares.rejected", args{"Rejected": group(t.Rejected)}))
	importance := widget.LowImportance
	if t.Rejected*10 > total {
		importance = widget.WarningImportance
	}
	tint(w.rejected, importance)
	put(w.about, sharesInWords(t))
}

// sharesInWords says what the counts mean.
func sharesInWords(t model.Totals) string {
	reason := refusalInWords(t)
	values := args{"Percent": percent(t.Rejected, t.Accepted+t.Rejected), "Reason": reason}
	switch {
	case t.Rejected > 0 && reason != "":
		return say("shares.some-bad", values)
	case t.Rejected > 0:
		return say("shares.some-bad-unknown", values)
	case t.Accepted > 0:
		return say("shares.all-good", nil)
	}
	return say("shares.none", nil)
}

// refusalInWords says why most of the refused shares were refused, or nothing. A reason
// that Adit does not know stays in the pool's words.
func refusalInWords(t model.Totals) string {
	why, said := t.MainRefusal()
	if why != "" {
		return say("refusal."+string(why), nil)
	}
	return firstLine(said)
}

// heat says how warm the computer is, and leads to its devices.
type heat struct {
	content fyne.CanvasObject
	celsius *widget.Label
	about   *widget.Label
}

func newHeat(open func(Place)) *heat {
	h := &heat{celsius: newText(sizeLarge), about: newCaption("")}
	h.celsius.TextStyle.Bold = true
	more := widget.NewButton(say("button.devices", nil), func() { open(AtDevices) })
	more.Importance = widget.LowImportance
	row := between(nil, container.NewCenter(more), h.celsius)
	h.content = card("heat.title", row, h.about)
	return h
}

func (h *heat) show(s model.State) {
	t := s.Totals()
	text, importance := unknown, widget.LowImportance
	about := say("heat.none", nil)
	if t.Celsius != nil {
		text, importance = degrees(*t.Celsius), warmth(*t.Celsius)
		about = say("heat."+warmthWord(*t.Celsius), nil)
	}
	if t.Watts != nil {
		about = say("heat.watts", args{"Heat": about, "Watts": figures(*t.Watts, 3)})
	}
	put(h.celsius, text)
	tint(h.celsius, importance)
	put(h.about, about)
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

func warmthWord(celsius float64) string {
	switch warmth(celsius) {
	case widget.DangerImportance:
		return "hot"
	case widget.WarningImportance:
		return "warm"
	}
	return "fine"
}
