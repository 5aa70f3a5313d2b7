package view_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/view"
)

// TestNothingIsCutOffInANarrowWindow looks at each screen in windows from that of a
// phone on, in words as long as a wordy language's: all texts and buttons must lie
// within the window and have the room they need.
func TestNothingIsCutOffInANarrowWindow(t *testing.T) {
	speakAtLength(t)
	for _, name := range []string{"rich", "trouble", "long-hint", "refused", "resting", "opening"} {
		s := states()[name]
		shell, w, _ := window(t)
		shell.Show(s)
		for _, at := range view.Places() {
			shell.Open(at)
			for _, width := range []float32{1000, 860, 640, 639, 480, 360} {
				w.Resize(fyne.NewSize(width, 800))
				settle(shell.Content())
				if least := shell.Content().MinSize().Width; least > 360 {
					t.Errorf("%s of %s: the window cannot be made narrower than %v", at, name, least)
				}
				whole(t, string(at)+" of "+name, w.Content(), width)
			}
		}
	}
}

// speakAtLength makes every text two fifths longer until the test ends.
func speakAtLength(t *testing.T) {
	t.Helper()
	long := map[string]string{}
	for name, text := range translations(t)["en"] {
		long[name] = lengthened(name, text)
	}
	words, err := json.Marshal(long)
	if err != nil {
		t.Fatal(err)
	}
	if err := lang.AddTranslationsForLocale(words, lang.SystemLocale()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := view.LoadWords(""); err != nil {
			t.Error(err)
		}
	})
}

var word = regexp.MustCompile(`[a-z]{3,}`)

// lengthened writes the vowels of a text's words twice, which is two fifths more; what
// is no word stays.
func lengthened(name, text string) string {
	if strings.HasPrefix(name, "language.") || strings.HasPrefix(name, "number.") || name == "amount" || name == "money" {
		return text
	}
	parts := place.FindAllStringIndex(text, -1)
	var b strings.Builder
	at := 0
	stretch := func(s string) string {
		return word.ReplaceAllStringFunc(s, func(w string) string {
			return strings.NewReplacer("a", "aa", "e", "ee", "i", "ii", "o", "oo", "u", "uu").Replace(w)
		})
	}
	for _, p := range parts {
		b.WriteString(stretch(text[at:p[0]]) + text[p[0]:p[1]])
		at = p[1]
	}
	return b.String() + stretch(text[at:])
}

// whole reports what of a content is cut off at its right side.
func whole(t *testing.T, screen string, content fyne.CanvasObject, width float32) {
	t.Helper()
	seen := 0
	walk(content, fyne.Position{}, func(o fyne.CanvasObject, at fyne.Position) {
		var text string
		switch o := o.(type) {
		case *canvas.Text:
			text = o.Text
		case *widget.Button:
			text = o.Text
		case *canvas.Image:
			if size := o.Size(); o.Image != nil && o.FillMode == canvas.ImageFillStretch && size.Width != size.Height {
				t.Errorf("%s, %v wide: the code is stretched to %v", screen, width, size)
			}
		}
		if text == "" {
			return
		}
		seen++
		if right := at.X + max(o.MinSize().Width, o.Size().Width); at.X < -0.5 || right > width+0.5 {
			t.Errorf("%s, %v wide: %q reaches from %v to %v", screen, width, text, at.X, right)
		}
	})
	if seen < 4 {
		t.Errorf("%s, %v wide: only %d texts", screen, width, seen)
	}
}

func TestQuestionsFitIntoANarrowWindow(t *testing.T) {
	for _, ask := range []struct {
		at    view.Place
		opens string
	}{{view.AtPool, "Change pool"}, {view.AtHelp, "Save a file for support"}} {
		shell, w, _ := window(t)
		w.Resize(fyne.NewSize(360, 640))
		shell.Show(states()["stopped"])
		shell.Open(ask.at)
		settle(shell.Content())
		test.Tap(button(t, w, ask.opens))
		sheet := w.Canvas().Overlays().Top()
		if sheet == nil {
			t.Fatalf("%s: no question", ask.opens)
		}
		settle(sheet)
		whole(t, ask.opens, sheet, 360)
		entry := w.Canvas().Focused()
		if entry == nil {
			t.Fatalf("%s: nothing has the keyboard", ask.opens)
		}
		entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
		if w.Canvas().Overlays().Top() != nil {
			t.Errorf("%s: escape does not close it", ask.opens)
		}
	}
}

func TestTheNavigationGoesToTheBottomOfANarrowWindow(t *testing.T) {
	shell, w, _ := window(t)
	shell.Show(states()["mining"])
	if !says(w, "Devices") {
		t.Error("1000 wide: the navigation has no words")
	}
	w.Resize(fyne.NewSize(420, 800))
	settle(shell.Content())
	low := 0
	walk(w.Content(), fyne.Position{}, func(o fyne.CanvasObject, at fyne.Position) {
		if b, ok := o.(*widget.Button); ok && b.Icon != nil && b.Text == "" && at.Y > 700 {
			low++
		}
	})
	if low != len(view.Places()) {
		t.Errorf("420 wide: %d buttons at the bottom, want %d", low, len(view.Places()))
	}
}

func TestASecondAditSaysSoAndCloses(t *testing.T) {
	_, w, _ := window(t)
	closed := false
	w.SetContent(view.Running(func() { closed = true }))
	w.Resize(fyne.NewSize(360, 300))
	whole(t, "running", w.Content(), 360)
	test.Tap(button(t, w, "Close"))
	if !closed {
		t.Error("the button does not close")
	}
}
