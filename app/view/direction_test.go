package view_test

import (
	"encoding/json"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/view"
)

// TestAWindowReadFromTheRightIsTheOtherWayRound shows the same words as if they were
// Arabic: the navigation stands on the right, lines begin there, and nothing is cut off.
func TestAWindowReadFromTheRightIsTheOtherWayRound(t *testing.T) {
	words := translations(t)["en"]
	words["language.direction"] = "rtl"
	text, err := json.Marshal(words)
	if err != nil {
		t.Fatal(err)
	}
	if err := lang.AddTranslationsForLocale(text, lang.SystemLocale()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := view.LoadWords(""); err != nil {
			t.Error(err)
		}
	})
	shell, w, _ := window(t)
	shell.Show(states()["mining"])
	for _, width := range []float32{1000, 360} {
		w.Resize(fyne.NewSize(width, 800))
		for _, at := range view.Places() {
			shell.Open(at)
			settle(shell.Content())
			whole(t, string(at), w.Content(), width)
		}
	}
	w.Resize(fyne.NewSize(1000, 800))
	shell.Open(view.AtDevices)
	settle(shell.Content())
	walk(w.Content(), fyne.Position{}, func(o fyne.CanvasObject, at fyne.Position) {
		switch o := o.(type) {
		case *widget.Button:
			if o.Text == "Wallet" && at.X < 700 {
				t.Errorf("the navigation stands at %v", at)
			}
		case *widget.Label:
			if o.Text == machine.Devices[0].Name && o.Alignment != fyne.TextAlignTrailing {
				t.Error("a line begins on the left")
			}
		}
	})
}

func TestTheNearestLanguageIsSpoken(t *testing.T) {
	t.Cleanup(func() {
		if err := view.LoadWords(""); err != nil {
			t.Error(err)
		}
	})
	for _, l := range view.Languages() {
		if err := view.LoadWords(l.Code); err != nil {
			t.Errorf("%s: %v", l.Code, err)
		}
		if got, want := view.Sentence(states()["opening"]), translations(t)[l.Code]["phase.opening"]; got != want {
			t.Errorf("%s: says %q, want %q", l.Code, got, want)
		}
	}
	if view.LoadWords("xx") == nil {
		t.Error("a language that there is not was taken")
	}
}
