package view

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
)

// change asks for other settings.
func (a Actions) change(with func(s *settings.Settings)) {
	a.Do(model.Change{With: func(s settings.Settings) settings.Settings {
		with(&s)
		return s
	}})
}

// setting is one line of the settings: what it is, what it means, and its control.
func setting(name string, control fyne.CanvasObject) fyne.CanvasObject {
	title := newText(theme.SizeNameText)
	title.Wrapping = fyne.TextWrapWord
	title.Text = say("set."+name, nil)
	texts := stacked(-10, title, newCaption("set."+name+"-about"))
	if _, small := control.(*toggle); small {
		return between(nil, container.NewCenter(control), texts)
	}
	return container.New(&fold{share: 1, least: 440, gap: 4}, texts, started(inset(control)))
}

// controlSize is that of lists and fields, so that they stand in a row.
var controlSize = fyne.NewSize(210, 36)

// setToggle is a setting that is on or off.
type setToggle struct {
	content fyne.CanvasObject
	toggle  *toggle
	is      func(settings.Settings) bool
}

func newSetToggle(actions Actions, name string, is func(settings.Settings) bool, with func(s *settings.Settings, on bool)) *setToggle {
	t := &setToggle{is: is}
	t.toggle = newToggle(func(on bool) { actions.change(func(s *settings.Settings) { with(s, on) }) })
	t.content = setting(name, t.toggle)
	return t
}

func (t *setToggle) show(s model.State) { t.toggle.set(t.is(s.Settings), true) }

// setChoice is a setting with a list of values.
type setChoice struct {
	content fyne.CanvasObject
	list    *widget.Select
	values  []string
	is      func(settings.Settings) string
	name    func(value string) string
	showing bool // what changes now is not the user's doing
}

func newSetChoice(actions Actions, name string, values []string, word func(value string) string,
	is func(settings.Settings) string, with func(s *settings.Settings, value string)) *setChoice {
	c := &setChoice{values: values, is: is, name: word}
	var words []string
	for _, v := range values {
		words = append(words, word(v))
	}
	c.list = widget.NewSelect(words, func(chosen string) {
		if i := slices.Index(words, chosen); i >= 0 && !c.showing {
			actions.change(func(s *settings.Settings) { with(s, values[i]) })
		}
	})
	c.content = setting(name, container.NewGridWrap(controlSize, c.list))
	return c
}

func (c *setChoice) show(s model.State) {
	word := c.name(c.is(s.Settings))
	if c.list.Selected != word {
		c.showing = true
		c.list.Selected = word // also one that is not in the list: somebody may have written the file
		c.list.Refresh()
		c.showing = false
	}
}

// setText is a setting that is typed.
type setText struct {
	content fyne.CanvasObject
	field   *field
	is      func(settings.Settings) string
	known   string // what the settings say
}

func newSetText(actions Actions, name, hint string, is func(settings.Settings) string, with func(s *settings.Settings, text string)) *setText {
	t := &setText{is: is}
	t.field = newField(hint, func(text string) {
		if text != t.known {
			actions.change(func(s *settings.Settings) { with(s, text) })
		}
	})
	t.content = setting(name, container.NewGridWrap(controlSize, t.field))
	return t
}

func (t *setText) show(s model.State) {
	t.known = t.is(s.Settings)
	t.field.set(t.known)
}
