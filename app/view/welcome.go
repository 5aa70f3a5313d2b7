package view

import (
	"net/url"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// welcome is what a first start shows: what this is, in three sentences, and the pool
// to join. Where a pool introduced itself by a file beside the program, one click
// joins it and mines; otherwise its address is typed.
type welcome struct {
	window  fyne.Window
	content fyne.CanvasObject
	hint    fyne.CanvasObject
	from    *widget.Label // whose hint it is
	known   *widget.Button
	other   *widget.Button // opens the entry below a hint
	typing  fyne.CanvasObject
	entry   *widget.Entry
	pool    string // of the hint
}

func newWelcome(window fyne.Window, actions Actions) *welcome {
	w := &welcome{window: window, entry: widget.NewEntry(), from: newBold("")}
	join := func(address string) {
		actions.Do(model.ChoosePool{URL: address})
		actions.Do(model.Start{})
	}
	picture := canvas.NewImageFromResource(appIcon())
	picture.FillMode = canvas.ImageFillContain
	picture.SetMinSize(fyne.NewSquareSize(88))
	title := newBold(say("welcome.title", nil))
	title.SizeName = sizeTitle
	title.Alignment = fyne.TextAlignCenter
	about := newSaying("welcome.about")
	about.Alignment = fyne.TextAlignCenter

	w.from.Wrapping, w.from.SizeName = fyne.TextWrapBreak, sizeLarge
	w.known = widget.NewButton(say("welcome.join", nil), func() { join(w.pool) })
	w.known.Importance = widget.HighImportance
	w.other = widget.NewButton(say("welcome.other", nil), func() { w.typing.Show(); w.other.Hide() })
	w.other.Importance = widget.LowImportance
	w.hint = newPanel(colorPanel, stacked(2, newCaption("welcome.from"), w.from, newCaption("welcome.check"), newSpace(4),
		inset(container.NewThemeOverride(w.known, big)), w.other))
	w.hint.Hide()

	w.entry.SetPlaceHolder(say("pool.placeholder", nil))
	w.entry.OnSubmitted = join
	typed := widget.NewButton(say("button.join", nil), func() { join(w.entry.Text) })
	typed.Importance = widget.HighImportance
	w.typing = newPanel(colorPanel, stacked(4, newSaying("welcome.type"), inset(between(nil, typed, w.entry))))

	steps := stacked(gap, stacked(4, newSpace(8), container.NewCenter(picture), title, about), w.hint, w.typing, newSteps())
	w.content = container.New(column{}, steps)
	w.content.Hide()
	return w
}

// newSteps tells what happens then.
func newSteps() fyne.CanvasObject {
	var all []fyne.CanvasObject
	for _, step := range []struct{ picture, name string }{{"devices", "welcome.work"}, {"coins", "welcome.coins"}, {"resting", "welcome.guest"}} {
		drawn := container.NewGridWrap(fyne.NewSquareSize(22), widget.NewIcon(icon(step.picture)))
		all = append(all, between(container.NewCenter(drawn), nil, newCaption(step.name)))
	}
	return stacked(-2, all...)
}

// show draws the welcome while first says that it is one. Where an address has to be
// typed, the keyboard goes there at once.
func (w *welcome) show(s model.State, first bool) {
	if first && !w.content.Visible() && s.Hint == "" {
		defer w.window.Canvas().Focus(w.entry)
	}
	reveal(w.content, first)
	if s.Hint != w.pool {
		w.pool = s.Hint
		w.from.SetText(host(s.Hint))
		w.hint.Show()
		w.typing.Hide()
	}
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

// column is a layout of one object that keeps it in the middle and no wider than text
// is read well.
type column struct{}

const columnWide = 560

// MinSize implements fyne.Layout.
func (column) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[0].MinSize() }

// Layout implements fyne.Layout.
func (column) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	width := min(size.Width, columnWide)
	place(objects[0], (size.Width-width)/2, 0, width, size.Height)
}
