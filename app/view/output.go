package view

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// outputCard shows what the mining programs print, for whoever wants to see it. It is
// read only while it is open.
type outputCard struct {
	content fyne.CanvasObject
	actions Actions
	fold    *foldout
	choice  *widget.Select
	ids     []string // of the units, in the choice's order
	names   []string
	grid    *widget.TextGrid
	scroll  *container.Scroll
	empty   *widget.Label
	copy    *copyButton
	lines   []string
}

func newOutputCard(actions Actions) *outputCard {
	o := &outputCard{actions: actions, grid: widget.NewTextGrid(), empty: newSaying("output.none"), copy: newCopyButton(actions)}
	o.choice = widget.NewSelect(nil, func(string) { o.read() })
	o.scroll = container.NewScroll(o.grid)
	o.scroll.SetMinSize(fyne.NewSize(200, 220))
	inner := stacked(6, between(nil, container.NewCenter(o.copy.content), o.choice), o.empty, newWell(container.NewThemeOverride(o.scroll, small)))
	o.fold = newFoldout(say("output.show", nil), inner)
	o.content = card("output.title", newSaying("output.about"), o.fold.content)
	return o
}

func (o *outputCard) show(s model.State) {
	var ids, names []string
	for _, u := range s.Units {
		if u.Device.Mineable {
			ids, names = append(ids, u.Device.ID), append(names, u.Device.Name)
		}
	}
	if !slices.Equal(o.ids, ids) || !slices.Equal(o.names, names) {
		o.ids, o.names, o.choice.Options = ids, names, names
		o.choice.ClearSelected()
	}
	if o.choice.SelectedIndex() < 0 && len(names) > 0 {
		o.choice.SetSelectedIndex(0)
	}
	o.read()
}

// read asks for the lines that were printed and draws them if there are others.
func (o *outputCard) read() {
	at := o.choice.SelectedIndex()
	if !o.fold.inner.Visible() || at < 0 || at >= len(o.ids) || o.actions.Output == nil {
		return
	}
	lines := o.actions.Output(o.ids[at])
	reveal(o.empty, len(lines) == 0)
	if slices.Equal(lines, o.lines) {
		return
	}
	end := o.scroll.Offset.Y+o.scroll.Size().Height >= o.grid.MinSize().Height-4
	o.lines = lines
	text := strings.Join(lines, "\n")
	o.copy.set(text)
	o.grid.SetText(text)
	if end {
		o.scroll.ScrollToBottom()
	}
}
