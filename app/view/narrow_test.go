package view_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/view"
)

// TestNothingIsCutOffInANarrowWindow looks at each screen in windows from that of a
// phone on: all texts and buttons must lie within the window and have the room they
// need.
func TestNothingIsCutOffInANarrowWindow(t *testing.T) {
	for name, s := range states() {
		t.Run(name, func(t *testing.T) {
			home, w, _ := window(t)
			home.Show(s)
			for _, width := range []float32{980, 740, 700, 699, 520, 420, 360} {
				w.Resize(fyne.NewSize(width, 800))
				settle(home.Content())
				if least := home.Content().MinSize().Width; least > 360 {
					t.Errorf("the window cannot be made narrower than %v", least)
				}
				if got := w.Canvas().Size().Width; got != width {
					t.Fatalf("the window is %v wide, want %v", got, width)
				}
				whole(t, w.Content(), width)
				if width == 420 {
					picture(t, "narrow-"+name, w)
				}
			}
		})
	}
}

// whole reports what of a content is cut off at its right side.
func whole(t *testing.T, content fyne.CanvasObject, width float32) {
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
				t.Errorf("%v wide: the code is stretched to %v", width, size)
			}
		}
		if text == "" {
			return
		}
		seen++
		if right := at.X + max(o.MinSize().Width, o.Size().Width); at.X < 0 || right > width {
			t.Errorf("%v wide: %q reaches from %v to %v", width, text, at.X, right)
		}
	})
	if seen < 4 {
		t.Errorf("%v wide: only %d texts", width, seen)
	}
}

func TestQuestionsFitIntoANarrowWindow(t *testing.T) {
	for _, opens := range []string{"Change", "Save a backup"} {
		home, w, _ := window(t)
		w.Resize(fyne.NewSize(360, 640))
		home.Show(states()["stopped"])
		settle(home.Content())
		test.Tap(find(w, func(b *widget.Button) bool { return b.Text == opens }))
		sheet := w.Canvas().Overlays().Top()
		if sheet == nil {
			t.Fatalf("%s: no question", opens)
		}
		settle(sheet)
		whole(t, sheet, 360)
	}
}

func TestCardsStandInOneColumnWhereTwoDoNotFit(t *testing.T) {
	home, w, _ := window(t)
	home.Show(states()["mining"])
	left := func(text string) (place fyne.Position) {
		walk(w.Content(), fyne.Position{}, func(o fyne.CanvasObject, at fyne.Position) {
			if l, ok := o.(*canvas.Text); ok && l.Text == text {
				place = at
			}
		})
		return place
	}
	settle(home.Content())
	if state, earned := left("Mining Litecoin"), left("Earned"); earned.X < state.X+300 {
		t.Errorf("980 wide: %v and %v are one column", state, earned)
	}
	w.Resize(fyne.NewSize(420, 800))
	settle(home.Content())
	earned, work, devices := left("Earned"), left("Work"), left("This computer")
	if earned.X != work.X || !(earned.Y < work.Y && work.Y < devices.Y) {
		t.Errorf("420 wide: earned %v, work %v, devices %v, want one column in this order", earned, work, devices)
	}
}

func TestPoolOfTheHintIsJoinedByOneClick(t *testing.T) {
	home, w, done := window(t)
	home.Show(states()["hint"])
	test.Tap(find(w, func(b *widget.Button) bool { return b.Text == "Join this pool" }))
	if len(*done) != 1 || (*done)[0] != (model.ChoosePool{URL: "https://litepool.example"}) {
		t.Errorf("did %v", *done)
	}
	home.Show(states()["stopped"])
	walk(w.Content(), fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
		if b, ok := o.(*widget.Button); ok && strings.HasPrefix(b.Text, "Join") {
			t.Errorf("%q is still there", b.Text)
		}
	})
}

func TestASecondAditSaysSoAndCloses(t *testing.T) {
	_, w, _ := window(t)
	closed := false
	w.SetContent(view.Running(func() { closed = true }))
	w.Resize(fyne.NewSize(360, 300))
	whole(t, w.Content(), 360)
	test.Tap(find(w, func(b *widget.Button) bool { return b.Text == "Close" }))
	if !closed {
		t.Error("the button does not close")
	}
}
