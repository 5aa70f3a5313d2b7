package view_test

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/manners"
	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/app/view"
)

// TestScreensLookAsTheyDid compares what is drawn with testdata. After a wanted change,
// look at testdata/failed and copy it.
func TestScreensLookAsTheyDid(t *testing.T) {
	for _, golden := range []struct {
		name, state string
		place       view.Place
	}{
		{"welcome", "hint", view.AtHome},
		{"home", "mining", view.AtHome},
		{"devices", "trouble", view.AtDevices},
		{"coins", "mining", view.AtCoins},
	} {
		t.Run(golden.name, func(t *testing.T) {
			shell, w, _ := window(t)
			shell.Show(states()[golden.state])
			shell.Open(golden.place)
			settle(w.Content())
			test.AssertRendersToMarkup(t, golden.name+".xml", w.Canvas())
		})
	}
}

func TestTheBigButtonDoesWhatItSays(t *testing.T) {
	for name, want := range map[string]struct {
		text  string
		event model.Event
	}{
		"stopped": {"Start mining", model.Start{}},
		"mining":  {"Stop", model.Stop{}},
		"waiting": {"Stop", model.Stop{}},
		"resting": {"Stop", model.Stop{}},
		"refused": {"Try again", model.Retry{}},
	} {
		shell, w, did := window(t)
		shell.Show(states()[name])
		test.Tap(button(t, w, want.text))
		if len(did.events) != 1 || did.events[0] != want.event {
			t.Errorf("%s: did %v, want %v", name, did.events, want.event)
		}
	}
}

func TestPoolOfTheHintIsJoinedAndMinedByOneClick(t *testing.T) {
	shell, w, did := window(t)
	shell.Show(states()["hint"])
	test.Tap(button(t, w, "Join and start mining"))
	if !slices.Equal(did.events, []model.Event{model.ChoosePool{URL: "https://litepool.example"}, model.Start{}}) {
		t.Errorf("did %v", did.events)
	}
	shell.Show(states()["stopped"])
	if says(w, "Join and start mining") {
		t.Error("the welcome is still there")
	}
}

func TestPoolIsJoinedByTypingItsAddress(t *testing.T) {
	shell, w, did := window(t)
	shell.Show(states()["no-pool"])
	typed, ok := w.Canvas().Focused().(*widget.Entry)
	if !ok {
		t.Fatalf("%T has the keyboard, want the entry", w.Canvas().Focused())
	}
	test.Type(typed, "pool.example")
	typed.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if !slices.Equal(did.events, []model.Event{model.ChoosePool{URL: "pool.example"}, model.Start{}}) {
		t.Errorf("did %v", did.events)
	}
}

func TestEveryScreenSaysWhatIsGoingOnAndWhy(t *testing.T) {
	shell, w, _ := window(t)
	for name, s := range states() {
		shell.Show(s)
		for _, at := range view.Places() {
			shell.Open(at)
			want := view.Sentence(s)
			if s.Phase() == model.NoPool && at == view.AtHome {
				want = "Welcome to Adit"
			}
			if !says(w, want) || !says(w, view.About(s)) && at != view.AtHome {
				t.Errorf("%s: %s does not say %q, %q", name, at, want, view.About(s))
			}
		}
	}
}

func TestARestIsExplainedAndCanBeOverruledButNotTheHeat(t *testing.T) {
	shell, w, did := window(t)
	shell.Show(states()["resting"])
	if !says(w, "Some Game fills the screen. Mining goes on when it is closed.") {
		t.Errorf("no reason in %q", texts(w.Content()))
	}
	test.Tap(button(t, w, "Mine anyway"))
	if did.last(t) != (model.Insist{}) {
		t.Errorf("did %v", did.events)
	}
	shell.Show(states()["too-hot"])
	if says(w, "Mine anyway") {
		t.Error("heat can be overruled")
	}
}

func TestMoneyIsAnEstimateOrUnknownAndNeverNothing(t *testing.T) {
	shell, w, _ := window(t)
	shell.Show(states()["safe"])
	all := strings.Join(texts(w.Content()), "\n")
	for _, want := range []string{"about 3.01 EUR", "Estimate: 0.00221 LTC a day, about 0.20 EUR; after 0.65 EUR for electricity about -0.45 EUR (price of 11:48)."} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in %s", want, all)
		}
	}
	shell.Show(states()["opening"])
	if all := strings.Join(texts(w.Content()), "\n"); strings.Contains(all, "0.00") || !strings.Contains(all, "not known yet") {
		t.Errorf("what is unknown is shown as nothing: %s", all)
	}
}

func TestADeviceIsTurnedByItsSwitch(t *testing.T) {
	shell, w, did := window(t)
	shell.Show(states()["mining"])
	shell.Open(view.AtDevices)
	toggles := switches(w)
	if len(toggles) != 3 {
		t.Fatalf("%d switches, want one for each device", len(toggles))
	}
	toggles[0].Tapped(nil)
	toggles[2].Tapped(nil) // cannot mine
	if len(did.events) != 1 || did.events[0] != (model.TurnDevice{ID: "cpu0", On: false}) {
		t.Errorf("did %v", did.events)
	}
}

// switches returns the visible switches in their order.
func switches(w fyne.Window) (all []fyne.Tappable) {
	walk(w.Content(), fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
		_, button := o.(*widget.Button)
		_, list := o.(*widget.Select)
		tapped, ok := o.(fyne.Tappable)
		if _, keyed := o.(fyne.Focusable); ok && keyed && !button && !list {
			if size := o.MinSize(); size.Width < 60 {
				all = append(all, tapped)
			}
		}
	})
	return all
}

func TestAReasonStandsAtADeviceThatDoesNotMine(t *testing.T) {
	shell, w, _ := window(t)
	shell.Show(states()["trouble"])
	shell.Open(view.AtDevices)
	for _, want := range []string{
		"84 °C is near the limit of 88 °C, so it works less.",
		"7.3 MB of 21.8 MB",
		"With example-miner 1.76: closed source; its makers keep 1 % of the work.",
		"The nouveau driver cannot run mining programs. Install NVIDIA's own driver, then start the computer again.",
	} {
		if !says(w, want) {
			t.Errorf("no %q in %q", want, texts(w.Content()))
		}
	}
}

func TestSettingsChangeWhatTheySay(t *testing.T) {
	shell, w, did := window(t)
	s := states()["mining"]
	shell.Show(s)
	shell.Open(view.AtSettings)
	switches(w)[0].Tapped(nil)
	if got := did.changed(t, s.Settings); !got.Rules.OnBattery || got.Validate() != nil {
		t.Errorf("the first switch made %+v", got.Rules)
	}
	for _, list := range findIn(w.Content(), func(*widget.Select) bool { return true }) {
		for i := range list.Options {
			before := len(did.events)
			list.SetSelectedIndex(i)
			for _, ev := range did.events[before:] {
				if changed := ev.(model.Change).With(s.Settings); changed.Validate() != nil {
					t.Errorf("%q makes settings that are refused: %v", list.Options[i], changed.Validate())
				}
			}
		}
	}
	before := len(did.events)
	shell.Show(s)
	if len(did.events) != before {
		t.Errorf("showing the settings changed them: %v", did.events[before:])
	}
}

func TestRawOutputIsReadOnlyWhileItIsSeen(t *testing.T) {
	shell, w, did := window(t)
	shell.Show(states()["mining"])
	shell.Open(view.AtHelp)
	shell.Show(states()["mining"])
	if did.asked != 0 {
		t.Fatal("it was read before somebody wanted to see it")
	}
	test.Tap(under(t, w, "Show the lines"))
	shell.Show(states()["mining"])
	if did.asked == 0 {
		t.Fatal("it was not read")
	}
	before := did.asked
	shell.Open(view.AtHome)
	shell.Show(states()["mining"])
	if did.asked != before {
		t.Error("it is read though another screen is open")
	}
}

func TestMyPageOpensOnce(t *testing.T) {
	shell, _, did := window(t)
	s := states()["mining"]
	s.Page = model.Page{Asked: 1, URL: "https://pool.example/in?x=1"}
	shell.Show(s)
	shell.Show(s)
	if !slices.Equal(did.opened, []string{s.Page.URL}) {
		t.Errorf("opened %q", did.opened)
	}
}

func TestTheLanguageChangesWhatIsOpen(t *testing.T) {
	shell, w, _ := window(t)
	s := states()["mining"]
	s.Settings.Language = "en"
	shell.Show(s)
	shell.Open(view.AtPool)
	s.Settings.Language = "xx" // there is none
	shell.Show(s)
	if !says(w, "Your page at the pool") {
		t.Error("an unknown language broke the window")
	}
}

func TestEveryReasonToRestHasWords(t *testing.T) {
	for _, why := range manners.Whys() {
		v := manners.Verdict{Why: why, Args: map[string]any{"Celsius": 90, "Limit": 88, "Program": "Some Game", "Minutes": 5, "From": "22:00"}}
		if text := view.Why(v); text == "" || strings.Contains(text, "why.") || strings.Contains(text, "no value") {
			t.Errorf("%s: %q", why, text)
		}
	}
}

func TestClosingAsksOnceAndRemembers(t *testing.T) {
	for text, want := range map[string]settings.Answer{"Keep mining": settings.Yes, "Quit Adit": settings.No} {
		_, w, did := window(t)
		hidden, ended := false, false
		view.AskClose(w, view.Actions{Do: func(ev model.Event) { did.events = append(did.events, ev) }}, func() { hidden = true }, func() { ended = true })
		sheet := w.Canvas().Overlays().Top()
		test.Tap(findIn(sheet, func(b *widget.Button) bool { return b.Text == text })[0])
		if got := did.changed(t, settings.Default()).OnClose; got != want || hidden == ended || hidden != (want == settings.Yes) {
			t.Errorf("%s: remembered %q, hidden %v, ended %v", text, got, hidden, ended)
		}
	}
}

// entry is a line to type into.
type entry interface {
	fyne.CanvasObject
	SetText(string)
	Validate() error
}

func TestShowingTheSameStateAgainDrawsNothing(t *testing.T) {
	shell, w, _ := window(t)
	s := states()["mining"]
	for _, at := range view.Places() {
		shell.Show(s)
		shell.Open(at)
		before := test.RenderToMarkup(w.Canvas())
		if n := testing.AllocsPerRun(5, func() { shell.Show(s) }); n > 12000 {
			t.Errorf("%s: %v allocations to show what is shown already", at, n)
		}
		if test.RenderToMarkup(w.Canvas()) != before {
			t.Errorf("%s has changed", at)
		}
	}
}
