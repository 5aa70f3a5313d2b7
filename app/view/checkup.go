package view

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/doctor"
	"github.com/adit-mining/adit/app/model"
)

// checkupCard lets the doctor look for what keeps this computer from mining.
type checkupCard struct {
	content fyne.CanvasObject
	run     *widget.Button
	when    *widget.Label
	rows    *fyne.Container
	shown   []doctor.Finding
}

func newCheckupCard(actions Actions) *checkupCard {
	c := &checkupCard{when: newCaption(""), rows: stacked(0)}
	c.run = widget.NewButton(say("doctor.run", nil), func() { actions.Do(model.RunDoctor{}) })
	c.content = card("doctor.title", newSaying("doctor.about"), inset(inLine(c.run)), c.when, c.rows)
	return c
}

func (c *checkupCard) show(s model.State) {
	k := s.Checkup
	caption(c.run, c.run.Text, nil, widget.MediumImportance, !k.Busy)
	text := ""
	switch {
	case k.Busy:
		text = say("doctor.busy", nil)
	case !k.At.IsZero():
		text = say("doctor.when", args{"Time": clock(k.At.Local())})
	}
	put(c.when, text)
	reveal(c.when, text != "")
	if sameSlice(c.shown, k.Findings) {
		return
	}
	c.shown = k.Findings
	c.rows.RemoveAll()
	worstFirst := slices.Clone(k.Findings)
	slices.SortStableFunc(worstFirst, func(a, b doctor.Finding) int { return rank(a.Level) - rank(b.Level) })
	for _, f := range worstFirst {
		c.rows.Add(newFindingRow(f))
	}
}

// levels are from what the user should see first on.
var levels = []doctor.Level{doctor.Trouble, doctor.Notice, doctor.Unknown, doctor.Good}

func rank(l doctor.Level) int { return slices.Index(levels, l) }

func newFindingRow(f doctor.Finding) fyne.CanvasObject {
	picture, color := "unknown", theme.ColorNameDisabled
	switch f.Level {
	case doctor.Good:
		picture, color = "good", theme.ColorNameSuccess
	case doctor.Notice:
		picture, color = "notice", theme.ColorNameWarning
	case doctor.Trouble:
		picture, color = "trouble", theme.ColorNameError
	}
	what, do := findingInWords(f)
	label := newText(theme.SizeNameText)
	label.Wrapping = fyne.TextWrapWord
	label.Text = what
	texts := stacked(-10, label)
	if do != "" {
		todo := newCaption("")
		todo.Text = do
		texts.Add(todo)
	}
	drawn := container.NewGridWrap(fyne.NewSquareSize(20), widget.NewIcon(tinted(picture, color)))
	return between(container.New(&pad{left: textInset}, container.NewVBox(newSpace(0), drawn)), nil, texts)
}

// findingInWords returns what was found and what to do, in the user's language where
// it has the words, else as the doctor says it.
func findingInWords(f doctor.Finding) (what, do string) {
	values := argsOf(f.Args)
	if cause := f.Args["cause"]; cause != "" {
		values["reason"], values["advice"] = causeInWords(cause, f.Args, f.Args["reason"], f.Args["advice"])
	}
	name := "doctor." + f.Check + "." + f.Code
	what, do = f.What, f.Do
	if hasWords(name + ".what") {
		what = say(name+".what", values)
	}
	if do != "" && hasWords(name+".do") {
		do = say(name+".do", values)
	}
	return what, do
}
