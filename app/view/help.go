package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// helpScreen answers questions, looks for what is wrong, and has what support needs.
type helpScreen struct {
	scroll *container.Scroll
	parts  []part
}

// questions are those that people ask most; each has a text and an answer.
var questions = []string{"what", "safe", "earn", "money", "key", "paper", "pool-gone", "slow", "antivirus", "fee", "stop"}

func newHelpScreen(window fyne.Window, actions Actions) *helpScreen {
	checkup, output, bundle := newCheckupCard(actions), newOutputCard(actions), newBundleCard(window, actions)
	var answers []fyne.CanvasObject
	for _, q := range questions {
		answers = append(answers, newFoldout(say("ask."+q, nil), newSaying("answer."+q)).content)
	}
	h := &helpScreen{parts: []part{checkup, output, bundle}}
	restore := widget.NewButton(say("button.restore", nil), func() { startRestore(actions) })
	prove := widget.NewButton(say("button.prove", nil), func() { startProof(actions) })
	key := card("set.group-key", newSaying("help.key"), inset(container.New(&flow{}, prove, restore)))
	h.scroll = newPage(AtHelp, card("help.questions", answers...), key, checkup.content, output.content, bundle.content, newAboutCard(actions))
	return h
}

func (h *helpScreen) content() fyne.CanvasObject { return h.scroll }

func (h *helpScreen) show(s model.State) {
	for _, p := range h.parts {
		p.show(s)
	}
}

// foldout is a line that shows more when it is pressed.
type foldout struct {
	content fyne.CanvasObject
	picture *widget.Icon
	inner   fyne.CanvasObject
}

// newFoldout makes one. The button lies under its words, because a button's own cannot
// take a second line.
func newFoldout(title string, inner fyne.CanvasObject) *foldout {
	f := &foldout{picture: widget.NewIcon(icon("open")), inner: container.New(&pad{left: 20}, inner)}
	f.inner.Hide()
	under := widget.NewButton("", f.turn)
	under.Importance = widget.LowImportance
	picture := container.NewCenter(container.NewGridWrap(fyne.NewSquareSize(18), f.picture))
	line := between(container.New(&pad{left: textInset}, picture), nil, newBold(title))
	f.content = stacked(0, container.NewStack(under, line), f.inner)
	return f
}

func (f *foldout) turn() {
	reveal(f.inner, !f.inner.Visible())
	picture := "open"
	if f.inner.Visible() {
		picture = "more"
	}
	f.picture.SetResource(icon(picture))
}

// bundleCard saves the file that helps support.
type bundleCard struct {
	content fyne.CanvasObject
	folder  string
	save    *widget.Button
	about   *widget.Label
}

func newBundleCard(window fyne.Window, actions Actions) *bundleCard {
	b := &bundleCard{about: newCaption("")}
	b.save = widget.NewButton(say("bundle.save", nil), func() { askBundle(window, b.folder, actions) })
	b.content = card("bundle.title", newSaying("bundle.about"), inset(inLine(b.save)), b.about)
	return b
}

func (b *bundleCard) show(s model.State) {
	b.folder = s.Bundle.Folder
	text := ""
	switch {
	case s.Bundle.Busy:
		text = say("bundle.busy", nil)
	case s.Bundle.Fault != "":
		text = say("bundle.failed", args{"Error": s.Bundle.Fault})
	case s.Bundle.Path != "":
		text = say("bundle.saved", args{"Path": s.Bundle.Path})
	}
	put(b.about, text)
	reveal(b.about, text != "")
	caption(b.save, b.save.Text, nil, widget.MediumImportance, !s.Bundle.Busy)
}

// newAboutCard says what this program is and where it keeps things.
func newAboutCard(actions Actions) fyne.CanvasObject {
	folder := newText(theme.SizeNameText)
	folder.TextStyle.Monospace = true
	folder.Wrapping = fyne.TextWrapBreak
	folder.Text = actions.DataDir
	copyFolder := newCopyButton(actions)
	copyFolder.set(actions.DataDir)
	version := newText(theme.SizeNameText)
	version.Text = say("help.version", args{"Version": actions.Version})
	return card("help.about", version, newCaption("help.licence"),
		stacked(-6, newCaption("help.folder"), between(nil, container.NewCenter(copyFolder.content), folder)))
}
