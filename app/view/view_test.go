package view_test

import (
	"os"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/app/view"
)

func TestMain(m *testing.M) {
	for _, name := range []string{"LANG", "LC_ALL", "LC_MESSAGES", "LANGUAGE"} {
		os.Setenv(name, "en_US.UTF-8")
	}
	if err := view.LoadWords(""); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// deeds is what the user did, as the engine would hear of it.
type deeds struct {
	events  []model.Event
	opened  []string
	copied  string
	asked   int // how often for raw output
	keys    *safekeeper
	actions view.Actions
}

// window returns a shell with what it was told to do.
func window(t *testing.T) (*view.Shell, fyne.Window, *deeds) {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(view.Theme{})
	did := &deeds{keys: &safekeeper{}}
	w := test.NewTempWindow(t, nil)
	did.actions = view.Actions{
		Do:   func(ev model.Event) { did.events = append(did.events, ev) },
		Copy: func(text string) { did.copied = text },
		Open: func(url string) { did.opened = append(did.opened, url) },
		Output: func(id string) []string {
			did.asked++
			return output(id)
		},
		DataDir: "/home/somebody/.config/adit", Version: "0.1.0", Keys: did.keys.keys(),
	}
	return did.rebuilt(t, w), w, did
}

// rebuilt gives the window a new shell with the actions as they are now.
func (d *deeds) rebuilt(t *testing.T, w fyne.Window) *view.Shell {
	t.Helper()
	shell := view.New(w, d.actions)
	w.SetContent(shell.Content())
	w.SetPadded(false)
	w.Resize(fyne.NewSize(1000, 720))
	return shell
}

func (d *deeds) last(t *testing.T) model.Event {
	t.Helper()
	if len(d.events) == 0 {
		t.Fatal("nothing was done")
	}
	return d.events[len(d.events)-1]
}

// changed returns what a change makes of settings.
func (d *deeds) changed(t *testing.T, s settings.Settings) settings.Settings {
	t.Helper()
	change, ok := d.last(t).(model.Change)
	if !ok {
		t.Fatalf("did %T, want a change", d.last(t))
	}
	return change.With(s)
}

// settle lays a content out until heights follow from widths, as Fyne's driver
// does before it paints.
func settle(content fyne.CanvasObject) {
	for range 4 {
		walk(content, fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
			switch o := o.(type) {
			case *fyne.Container:
				if o.Layout != nil {
					o.Layout.Layout(o.Objects, o.Size())
				}
			case fyne.Widget:
				test.WidgetRenderer(o).Layout(o.Size())
			}
		})
	}
}

// button finds the visible button with a text.
func button(t *testing.T, w fyne.Window, text string) *widget.Button {
	t.Helper()
	var found *widget.Button
	walk(w.Content(), fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
		if b, ok := o.(*widget.Button); ok && b.Text == text && found == nil {
			found = b
		}
	})
	if found == nil {
		t.Fatalf("there is no button %q", text)
	}
	return found
}

// under finds the button that lies under a label.
func under(t *testing.T, w fyne.Window, text string) *widget.Button {
	t.Helper()
	var found, last *widget.Button
	walk(w.Content(), fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
		switch o := o.(type) {
		case *widget.Button:
			last = o
		case *widget.Label:
			if o.Text == text {
				found = last
			}
		}
	})
	if found == nil {
		t.Fatalf("there is no %q", text)
	}
	return found
}

// says reports whether a text is to be seen.
func says(w fyne.Window, text string) bool {
	for _, seen := range texts(w.Content()) {
		if seen == text {
			return true
		}
	}
	return false
}

// texts returns all texts of labels and buttons that are visible.
func texts(root fyne.CanvasObject) (all []string) {
	walk(root, fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
		switch o := o.(type) {
		case *widget.Label:
			all = append(all, o.Text)
		case *widget.Button:
			all = append(all, o.Text)
		}
	})
	return all
}
