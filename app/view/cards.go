package view

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// card is a panel with a heading.
func card(title string, rows ...fyne.CanvasObject) *panel {
	return newPanel(colorPanel, container.New(layout.NewCustomPaddedVBoxLayout(0), append([]fyne.CanvasObject{newTitle(title)}, rows...)...))
}

// newSpace returns an invisible object of some height.
func newSpace(height float32) fyne.CanvasObject {
	r := canvas.NewRectangle(color.Transparent)
	r.SetMinSize(fyne.NewSize(1, height))
	return r
}

// unknownAmount stands where the pool has not told an amount: that is not 0.
const unknownAmount = "–"

// earned says how much money there is.
type earned struct {
	content    fyne.CanvasObject
	way, paid  *widget.Label
	bar        *bar
	next, wait *widget.Label
}

func newEarned() *earned {
	e := &earned{way: newText(sizeLarge), paid: newText(sizeLarge), bar: newBar(), next: newProse(), wait: newProse()}
	e.way.TextStyle.Bold = true
	e.next.SizeName, e.wait.SizeName = theme.SizeNameCaptionText, theme.SizeNameCaptionText
	column := func(amount *widget.Label, name string) fyne.CanvasObject {
		caption := newProse()
		caption.SizeName = theme.SizeNameCaptionText
		caption.SetText(say(name, nil))
		return container.New(layout.NewCustomPaddedVBoxLayout(-8), amount, caption)
	}
	e.content = card("earned.title",
		container.New(&fold{share: 0.5}, column(e.way, "earned.way"), column(e.paid, "earned.paid")),
		container.New(layout.NewCustomPaddedLayout(4, 2, 6, 6), e.bar), e.next, e.wait)
	return e
}

func (e *earned) show(s model.State) {
	b, known := s.Balance()
	way, paid := unknownAmount, unknownAmount
	if known {
		way, paid = trim(b.OnItsWay().String())+" "+b.Symbol, trim(b.Paid.String())+" "+b.Symbol
	}
	put(e.way, way)
	put(e.paid, paid)
	next, part := say("earned.unknown", nil), 0.0
	if known && b.Minimum > 0 {
		next = say("earned.next", args{"Minimum": trim(b.Minimum.String()), "Symbol": b.Symbol})
		if part = float64(b.Pending) / float64(b.Minimum); part >= 1 {
			next, part = say("earned.due", nil), 1
		}
	}
	put(e.next, next)
	e.bar.set(part)
	if b.Immature > 0 {
		put(e.wait, say("earned.immature", args{"Amount": trim(b.Immature.String()), "Symbol": b.Symbol}))
	}
	reveal(e.wait, b.Immature > 0)
}

// work says what became of the shares.
type work struct {
	content            fyne.CanvasObject
	accepted, rejected *widget.Label
	about              *widget.Label
}

func newWork() *work {
	w := &work{accepted: newText(sizeLarge), rejected: newText(theme.SizeNameText), about: newProse()}
	w.accepted.TextStyle.Bold = true
	w.about.SizeName = theme.SizeNameCaptionText
	bottomed := container.NewVBox(layout.NewSpacer(), w.rejected, newSpace(1))
	w.content = card("shares.title", container.NewHBox(w.accepted, bottomed), w.about)
	return w
}

func (w *work) show(s model.State) {
	m := s.Totals()
	total := m.Accepted + m.Rejected
	about := say("shares.none", nil)
	reason, many := m.MainReason(), args{"Percent": percent(m.Rejected, total)}
	switch {
	case m.Rejected > 0 && reason != "":
		many["Reason"] = reason
		about = say("shares.some-bad", many)
	case m.Rejected > 0:
		about = say("shares.some-bad-unknown", many)
	case total > 0:
		about = say("shares.all-good", nil)
	}
	put(w.accepted, say("shares.accepted", args{"Accepted": group(m.Accepted)}))
	put(w.rejected, say("shares.rejected", args{"Rejected": group(m.Rejected)}))
	importance := widget.LowImportance
	if m.Rejected*10 > total {
		importance = widget.WarningImportance
	}
	tint(w.rejected, importance)
	put(w.about, about)
}

// history lists the last things that happened, the newest first.
type history struct {
	content *panel
	when    []*widget.Label
	what    []*widget.Label
}

const historyRows = 5

func newHistory() *history {
	h := &history{}
	rows := container.New(layout.NewCustomPaddedVBoxLayout(-10))
	for range historyRows {
		when, what := newText(theme.SizeNameCaptionText), newText(theme.SizeNameCaptionText)
		when.Importance = widget.LowImportance
		what.Wrapping = fyne.TextWrapWord
		h.when, h.what = append(h.when, when), append(h.what, what)
		row := container.NewBorder(nil, nil, when, nil, what)
		row.Hide()
		rows.Add(row)
	}
	h.content = card("history.title", rows)
	h.content.Hide()
	return h
}

func (h *history) show(s model.State) {
	rows := h.content.content.(*fyne.Container).Objects[1].(*fyne.Container).Objects
	for i, row := range rows {
		at := len(s.History) - 1 - i
		if at < 0 {
			reveal(row, false)
			continue
		}
		put(h.when[i], s.History[at].At.Format("15:04"))
		put(h.what[i], History(s.History[at]))
		reveal(row, true)
	}
	reveal(h.content, len(s.History) > 0)
}

// firstLine returns the beginning of what somebody else's program says.
func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	if runes := []rune(line); len(runes) > 200 {
		return string(runes[:200]) + " …"
	}
	return line
}
