package view

import (
	"net/url"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// joinForm asks for the pool on a first start that came without one. Where a pool
// introduced itself by a file beside the program, one click joins that.
type joinForm struct {
	content fyne.CanvasObject
	entry   *widget.Entry
	hint    fyne.CanvasObject
	from    *widget.Label  // whose hint it is
	known   *widget.Button // joins the pool of the hint
	typed   *widget.Button // joins what was typed
	pool    string         // of the hint
}

func newJoinForm(actions Actions) *joinForm {
	j := &joinForm{entry: widget.NewEntry()}
	j.entry.SetPlaceHolder(say("pool.placeholder", nil))
	join := func() { actions.Do(model.ChoosePool{URL: j.entry.Text}) }
	j.entry.OnSubmitted = func(string) { join() }
	j.typed = widget.NewButton(say("button.join", nil), join)
	j.typed.Importance = widget.HighImportance

	j.from = widget.NewLabelWithStyle("", fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	j.from.Wrapping = fyne.TextWrapBreak
	j.known = widget.NewButton(say("hint.join", nil), func() { actions.Do(model.ChoosePool{URL: j.pool}) })
	j.known.Importance = widget.HighImportance
	about, other := newProse(), newProse()
	about.SetText(say("hint.about", nil))
	other.SetText(say("hint.other", nil))
	other.SizeName = theme.SizeNameCaptionText
	j.hint = container.New(layout.NewCustomPaddedVBoxLayout(4), container.New(layout.NewCustomPaddedVBoxLayout(-8), about, j.from), inset(container.NewThemeOverride(j.known, big{})), newSpace(4), other)
	j.hint.Hide()

	form := container.NewBorder(nil, nil, nil, j.typed, j.entry)
	j.content = container.New(layout.NewCustomPaddedVBoxLayout(2), j.hint, inset(form))
	j.content.Hide()
	return j
}

func (j *joinForm) show(s model.State) {
	if s.Hint != j.pool {
		j.pool = s.Hint
		j.from.SetText(host(s.Hint))
		j.typed.Importance = widget.MediumImportance // one button is the one to press
		j.typed.Refresh()
	}
	reveal(j.hint, s.Hint != "")
	reveal(j.content, s.Phase() == model.NoPool)
}

// host returns the part of an address that says whose it is, and all of one that is
// not https, so that nobody takes it for safe.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return address
	}
	return u.Host
}
