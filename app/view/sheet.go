package view

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// sheets is where the sheets of a window meet what goes on around them: time goes by,
// the window loses the keyboard, the window gets another size.
type sheets struct {
	window fyne.Window
	open   *sheet      // nil: none
	last   model.State // as last shown, whatever was drawn of it
	away   bool        // the window does not have the keyboard
}

// show tells the open sheet the state.
func (a *sheets) show(s model.State) {
	a.last = s
	if a.open == nil {
		return
	}
	if a.open.size != a.window.Canvas().Size() {
		a.open.fit()
	}
	if tick := a.open.tick; tick != nil {
		tick(s)
	}
}

// blur tells the open sheet that nobody may be before the window any more.
func (a *sheets) blur() {
	a.away = true
	if a.open != nil && a.open.blurred != nil {
		a.open.blurred()
	}
}

func (a *sheets) focus() { a.away = false }

func (a *sheets) now() time.Time { return a.last.Now }

// sheet is a card over the window that leads through some pages. Escape closes it.
type sheet struct {
	all     *sheets
	popup   *widget.PopUp
	title   *widget.Label
	rows    *fyne.Container
	fault   *widget.Label
	buttons *fyne.Container
	scroll  *container.Scroll
	size    fyne.Size // of the window that it was fitted to
	wide    float32   // how wide it would like to be

	tick    func(model.State) // called with each state
	blurred func()            // called when the window loses the keyboard
	wipe    []func()          // called when a page is left: what was typed or shown is forgotten
	closed  func()
	gone    bool
}

const (
	sheetWide  = 500
	sheetWider = 660 // for words
)

// newSheet opens a sheet without a page.
func (a *sheets) newSheet() *sheet {
	if a.open != nil {
		a.open.close()
	}
	f := &sheet{all: a, title: newBold(""), rows: stacked(8), fault: newProse(), wide: sheetWide}
	f.fault.Importance = widget.DangerImportance
	f.fault.Hide()
	f.buttons = container.New(&wrap{})
	f.scroll = container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, 0, 16, 16), f.rows))
	head := container.New(layout.NewCustomPaddedLayout(12, 0, 16, 16), stacked(4, f.title, f.fault))
	foot := container.New(layout.NewCustomPaddedLayout(4, 12, 16, 16), f.buttons)
	canvas := a.window.Canvas()
	f.popup = widget.NewModalPopUp(container.NewBorder(head, foot, nil, nil, f.scroll), canvas)
	if keys, ok := canvas.(desktop.Canvas); ok {
		keys.SetOnKeyDown(func(key *fyne.KeyEvent) {
			if key.Name == fyne.KeyEscape {
				f.close()
			}
		})
	}
	a.open = f
	return f
}

// page shows a page in the place of the one before, whose secrets are wiped. The last
// button is the one to press.
func (f *sheet) page(title string, rows []fyne.CanvasObject, buttons ...fyne.CanvasObject) {
	if f.gone {
		return
	}
	f.leave()
	f.title.SetText(title)
	f.fill("", rows, buttons...)
}

// fill fills a page, whose fields were made after it began, with a fault of the one
// before.
func (f *sheet) fill(fault string, rows []fyne.CanvasObject, buttons ...fyne.CanvasObject) {
	put(f.fault, fault)
	reveal(f.fault, fault != "")
	f.rows.Objects = rows
	f.rows.Refresh()
	f.buttons.Objects = buttons
	f.buttons.Refresh()
	f.scroll.ScrollToTop()
	f.popup.Show()
	f.fit()
	for _, b := range buttons {
		if b, ok := b.(*widget.Button); ok && b.Importance == widget.HighImportance && b.Visible() {
			f.focus(b)
		}
	}
}

// leave wipes what the page has that nobody else may see.
func (f *sheet) leave() {
	for _, wipe := range f.wipe {
		wipe()
	}
	f.wipe, f.tick, f.blurred = nil, nil, nil
}

func (f *sheet) focus(on fyne.Focusable) { f.all.window.Canvas().Focus(on) }

// say shows what is wrong, "" nothing.
func (f *sheet) say(fault string) {
	if f.gone {
		return
	}
	put(f.fault, fault)
	reveal(f.fault, fault != "")
	f.fit()
}

// fit gives the sheet the height that its page takes in its width, and no more than
// the window has.
func (f *sheet) fit() {
	f.size = f.all.window.Canvas().Size()
	if !f.popup.Visible() {
		return
	}
	width := min(f.wide, f.size.Width-2*sideNarrow)
	for range 3 { // text has to be wrapped to the width before its height is known
		height := f.popup.MinSize().Height - f.scroll.MinSize().Height + f.rows.MinSize().Height + 6
		f.popup.Resize(fyne.NewSize(width, min(height, f.size.Height-2*sideNarrow)))
	}
}

func (f *sheet) close() {
	if f.gone {
		return
	}
	f.leave()
	f.gone = true
	f.popup.Hide()
	if keys, ok := f.all.window.Canvas().(desktop.Canvas); ok {
		keys.SetOnKeyDown(nil)
	}
	if f.all.open == f {
		f.all.open = nil
	}
	if f.closed != nil {
		f.closed()
	}
}

func (f *sheet) cancel() *widget.Button { return widget.NewButton(say("button.cancel", nil), f.close) }
func (f *sheet) done() *widget.Button   { return loud(say("button.close", nil), f.close) }

// loud is the button to press.
func loud(text string, pressed func()) *widget.Button {
	b := widget.NewButton(text, pressed)
	b.Importance = widget.HighImportance
	return b
}

// quiet is a button beside the way.
func quiet(text string, pressed func()) *widget.Button {
	b := widget.NewButton(text, pressed)
	b.Importance = widget.LowImportance
	return b
}

// secret is a field of the page for what nobody may see. It is wiped with the page.
func (f *sheet) secret(hint string, submitted func()) *field {
	e := newSecret(hint)
	f.own(e, submitted)
	return e
}

// entry is a field of the page.
func (f *sheet) entry(hint string, submitted func()) *field {
	e := newField(hint, nil)
	f.own(e, submitted)
	return e
}

func (f *sheet) own(e *field, submitted func()) {
	e.OnSubmitted = func(string) { submitted() }
	e.escape = f.close
	f.wipe = append(f.wipe, func() { e.SetText("") })
}

// wait shows that something is being done.
func (f *sheet) wait(text string) {
	f.page(text, []fyne.CanvasObject{inset(newBusy())}, f.cancel())
}

func newBusy() fyne.CanvasObject {
	b := widget.NewProgressBarInfinite()
	return b
}

// prose returns a paragraph.
func prose(text string) *widget.Label {
	l := newProse()
	l.Text = text
	return l
}

// wrap lays out buttons at the end of a line, and in more lines where one is too
// narrow. The last one stands where the line ends.
type wrap struct{ height float32 }

const wrapGap = 6

func (*wrap) lines(objects []fyne.CanvasObject, width float32) (lines [][]fyne.CanvasObject) {
	room := float32(0)
	for i := len(objects) - 1; i >= 0; i-- {
		if !objects[i].Visible() {
			continue
		}
		w := objects[i].MinSize().Width
		if len(lines) == 0 || room+wrapGap+w > width {
			lines, room = append(lines, nil), 0
		} else {
			room += wrapGap
		}
		lines[len(lines)-1] = append(lines[len(lines)-1], objects[i])
		room += w
	}
	return lines
}

// MinSize implements fyne.Layout.
func (w *wrap) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(0, w.height)
	for _, o := range objects {
		if o.Visible() {
			size = size.Max(o.MinSize())
		}
	}
	return size
}

// Layout implements fyne.Layout.
func (w *wrap) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, line := range w.lines(objects, size.Width) {
		x, high := float32(0), float32(0)
		for _, o := range line {
			least := o.MinSize()
			left := size.Width - x - least.Width
			if rightToLeft() {
				left = x
			}
			place(o, left, y, least.Width, least.Height)
			x += least.Width + wrapGap
			high = max(high, least.Height)
		}
		y += high + wrapGap
	}
	w.height = max(y-wrapGap, 0)
}

// flow lays out buttons from where a line begins, in more lines where one is too
// narrow.
type flow struct{ wrap }

// Layout implements fyne.Layout.
func (w *flow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	x, y, high := float32(0), float32(0), float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		least := o.MinSize()
		if x > 0 && x+least.Width > size.Width {
			x, y, high = 0, y+high+wrapGap, 0
		}
		place(o, beginAt(x, least.Width, size.Width), y, least.Width, least.Height)
		x += least.Width + wrapGap
		high = max(high, least.Height)
	}
	w.height = y + high
}
