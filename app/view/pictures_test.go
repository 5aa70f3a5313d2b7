package view_test

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/theme"

	"github.com/adit-mining/adit/app/view"
)

// shots are the pictures that are worth looking at.
var shots = []struct {
	state string
	place view.Place
}{
	{"hint", view.AtHome}, {"no-pool", view.AtHome}, {"stopped", view.AtHome}, {"mining", view.AtHome}, {"safe", view.AtHome}, {"waiting", view.AtHome},
	{"refused", view.AtHome}, {"resting", view.AtHome}, {"opening", view.AtHome},
	{"mining", view.AtDevices}, {"trouble", view.AtDevices}, {"resting", view.AtDevices}, {"opening", view.AtDevices},
	{"mining", view.AtCoins}, {"opening", view.AtCoins},
	{"mining", view.AtWallet}, {"opening", view.AtWallet},
	{"mining", view.AtHistory}, {"opening", view.AtHistory},
	{"mining", view.AtPool}, {"no-pool", view.AtPool},
	{"mining", view.AtSettings}, {"mining", view.AtHelp}, {"trouble", view.AtHelp},
}

// TestPictures paints the screens for somebody to look at, into ADIT_ARTIFACTS.
func TestPictures(t *testing.T) {
	dir := os.Getenv("ADIT_ARTIFACTS")
	if dir == "" {
		return // there is nobody to look
	}
	all := states()
	for _, shot := range shots {
		name := "screen-" + string(shot.place) + "-" + shot.state
		shell, w, _ := window(t)
		shell.Show(all[shot.state])
		shell.Open(shot.place)
		picture(t, filepath.Join(dir, name), w, 1)
		w.Resize(fyne.NewSize(420, 860))
		picture(t, filepath.Join(dir, name+"-narrow"), w, 1)
		w.Resize(fyne.NewSize(1000, 720))
		picture(t, filepath.Join(dir, name+"-2x"), w, 2)
	}
}

// TestPicturesOfLanguages paints the first screen in languages with other letters.
func TestPicturesOfLanguages(t *testing.T) {
	dir := os.Getenv("ADIT_ARTIFACTS")
	if dir == "" {
		return
	}
	for _, language := range []string{"he", "ru"} {
		if err := view.LoadWords(language); err != nil {
			t.Fatal(err)
		}
		shell, w, _ := window(t)
		shell.Show(states()["mining"])
		settle(w.Content())
		shell.Show(states()["mining"]) // as it is shown every second
		picture(t, filepath.Join(dir, "language-"+language), w, 1)
		w.Resize(fyne.NewSize(420, 860))
		picture(t, filepath.Join(dir, "language-"+language+"-narrow"), w, 1)
	}
	if err := view.LoadWords(""); err != nil {
		t.Fatal(err)
	}
}

// picture writes what a window looks like in both looks.
func picture(t *testing.T, path string, w fyne.Window, scale float32) {
	t.Helper()
	w.Canvas().(interface{ SetScale(float32) }).SetScale(scale)
	defer w.Canvas().(interface{ SetScale(float32) }).SetScale(1)
	settle(w.Content())
	for variant, th := range map[string]fyne.Theme{"dark": pinned{theme.VariantDark}, "light": pinned{theme.VariantLight}} {
		fyne.CurrentApp().Settings().SetTheme(th)
		f, err := os.Create(path + "-" + variant + ".png")
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, software.RenderCanvas(w.Canvas(), th)); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	fyne.CurrentApp().Settings().SetTheme(view.Theme{})
}
