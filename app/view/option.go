package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// options is a list of which one is chosen; each has a name and a sentence.
type options struct {
	content *fyne.Container
	chosen  string
	changed func()
	marks   map[string]*widget.Icon
	buttons map[string]*widget.Button
}

// option is one of them.
type option struct{ value, title, about string }

func newOptions(chosen string, changed func(), all ...option) *options {
	c := &options{content: stacked(6), chosen: chosen, changed: changed, marks: map[string]*widget.Icon{}, buttons: map[string]*widget.Button{}}
	for _, o := range all {
		c.content.Add(c.line(o))
	}
	c.mark()
	return c
}

// line makes an option. The button lies under its words, because a button's own cannot
// take a second line.
func (c *options) line(o option) fyne.CanvasObject {
	under := widget.NewButton("", func() { c.choose(o.value) })
	under.Importance = widget.LowImportance
	mark := widget.NewIcon(nil)
	c.marks[o.value], c.buttons[o.value] = mark, under
	about := newCaption("")
	about.Text = o.about
	texts := stacked(-10, newBold(o.title), about)
	picture := container.NewCenter(container.NewGridWrap(fyne.NewSquareSize(20), mark))
	line := between(container.New(&pad{left: textInset}, picture), nil, texts)
	return newWell(container.NewStack(under, line))
}

func (c *options) choose(value string) {
	c.chosen = value
	c.mark()
	if c.changed != nil {
		c.changed()
	}
}

func (c *options) mark() {
	for value, m := range c.marks {
		if value == c.chosen {
			m.SetResource(theme.NewPrimaryThemedResource(theme.RadioButtonCheckedIcon()))
		} else {
			m.SetResource(theme.RadioButtonIcon())
		}
	}
}
