package view_test

import (
	"image/color"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/manners"
	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/app/view"
	"github.com/adit-mining/adit/assets"
)

func TestEverythingThatCanHappenHasWords(t *testing.T) {
	english := translations(t)["en"]
	var names []string
	for _, p := range model.Phases() {
		names = append(names, "phase."+string(p), "about."+string(p))
	}
	for _, c := range model.Codes() {
		names = append(names, "problem."+string(c)+".what", "problem."+string(c)+".do")
	}
	for _, h := range model.Happenings() {
		names = append(names, "history."+string(h))
	}
	for _, standing := range model.Standings() {
		names = append(names, "standing."+string(standing))
	}
	for _, none := range model.NoPicks() {
		names = append(names, "no-pick."+string(none))
	}
	for _, refusal := range model.Refusals() {
		names = append(names, "refusal."+string(refusal))
	}
	for _, why := range manners.Whys() {
		names = append(names, "why."+string(why))
	}
	for _, power := range settings.Powers() {
		names = append(names, "power."+string(power))
	}
	for _, at := range view.Places() {
		names = append(names, "place."+string(at))
		if at != view.AtHome {
			names = append(names, "lead."+string(at))
		}
	}
	for _, name := range names {
		if english[name] == "" {
			t.Errorf("%s has no text", name)
		}
	}
}

// named is a text's name in the source: say("earned.title", nil).
var named = regexp.MustCompile(`"([a-z]+(?:-[a-z]+)*\.[A-Za-z0-9-]+)"`)

func TestEveryTextThatTheSourceNamesIsThere(t *testing.T) {
	english, files := translations(t)["en"], 0
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range sources {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range named.FindAllStringSubmatch(string(source), -1) {
			if name := found[1]; english[name] == "" && !strings.HasSuffix(name, ".svg") && !strings.HasSuffix(name, ".json") {
				t.Errorf("%s: %s has no text", path, name)
			}
			files++
		}
	}
	if files < 100 {
		t.Errorf("only %d names were found", files)
	}
}

// TestEveryIconThatTheSourceNamesIsThere looks for calls like icon("home").
func TestEveryIconThatTheSourceNamesIsThere(t *testing.T) {
	drawn := regexp.MustCompile(`(?:icon|tinted|newFigure)\("([a-z]+)"`)
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, path := range sources {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range drawn.FindAllStringSubmatch(string(source), -1) {
			if _, err := assets.Icons.ReadFile("icons/" + found[1] + ".svg"); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			n++
		}
	}
	for _, at := range view.Places() {
		if _, err := assets.Icons.ReadFile("icons/" + string(at) + ".svg"); err != nil {
			t.Error(err)
		}
	}
	if n < 10 {
		t.Errorf("only %d icons were found", n)
	}
}

func TestNoTextIsWithoutAUse(t *testing.T) {
	for name, s := range states() {
		for _, text := range []string{view.Sentence(s), view.About(s)} {
			if text == "" || strings.Contains(text, "{{") || strings.Contains(text, "<no value>") || strings.HasPrefix(text, "phase.") {
				t.Errorf("%s: %q", name, text)
			}
		}
		for _, e := range s.History {
			if text := view.History(e); strings.Contains(text, "no value") || strings.HasPrefix(text, "history.") {
				t.Errorf("%s: %q", name, text)
			}
		}
	}
}

// TestReasonsForRefusingSharesAreInPlainWords is about the pool's and the programs' own
// words, in the panel of the work and in the alarm.
func TestReasonsForRefusingSharesAreInPlainWords(t *testing.T) {
	s := states()["mining"]
	for language, want := range map[string][2]string{
		"en": {"they came too late", "sent twice"},
		"de": {"sie kamen zu spät", "doppelt gesendet"},
	} {
		if err := view.LoadWords(language); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := view.LoadWords(""); err != nil {
				t.Error(err)
			}
		})
		for reason, words := range map[string]string{
			"stale share": want[0], "Job not found (=stale)": want[0], "duplicate share": want[1], "I do not like you": "I do not like you",
		} {
			s.Units = slices.Clone(s.Units)
			for i := range s.Units {
				s.Units[i].Miner.Reasons = nil
			}
			s.Units[0].Miner.Reasons = map[string]int64{reason: 3}
			shell, w, _ := window(t)
			shell.Show(s)
			if len(findIn(w.Content(), func(l *widget.Label) bool { return strings.HasSuffix(l.Text, words) })) == 0 {
				t.Errorf("%s: %q is not told as %q", language, reason, words)
			}
		}
	}
}

func TestTestCoinsAreNotCalledMoney(t *testing.T) {
	s := states()["mining"]
	s.Target.Coin.Network = "regtest"
	if got := view.Sentence(s); !strings.Contains(got, "test coins") {
		t.Errorf("%q", got)
	}
}

// TestTextsCanBeRead measures the contrast as WCAG 2.1 defines it; 4.5 is its AA.
func TestTextsCanBeRead(t *testing.T) {
	panel, notice, alarm := fyne.ThemeColorName("aditPanel"), fyne.ThemeColorName("aditNotice"), fyne.ThemeColorName("aditAlarm")
	rail, well := fyne.ThemeColorName("aditRail"), fyne.ThemeColorName("aditWell")
	for variant, name := range map[fyne.ThemeVariant]string{theme.VariantDark: "dark", theme.VariantLight: "light"} {
		for _, pair := range [][2]fyne.ThemeColorName{
			{theme.ColorNameForeground, theme.ColorNameBackground}, {theme.ColorNameForeground, panel}, {theme.ColorNameForeground, notice},
			{theme.ColorNameForeground, alarm}, {theme.ColorNamePlaceHolder, panel}, {theme.ColorNameDisabled, panel},
			{theme.ColorNameDisabled, theme.ColorNameBackground}, {theme.ColorNameDisabled, notice}, {theme.ColorNameDisabled, alarm},
			{theme.ColorNameForegroundOnPrimary, theme.ColorNamePrimary}, {theme.ColorNameForeground, theme.ColorNameButton},
			{theme.ColorNameForeground, rail}, {theme.ColorNameDisabled, rail}, {theme.ColorNameHyperlink, theme.ColorNameButton},
			{theme.ColorNameForeground, well}, {theme.ColorNameForeground, theme.ColorNameInputBackground}, {theme.ColorNamePlaceHolder, theme.ColorNameInputBackground},
			{theme.ColorNameDisabled, theme.ColorNameDisabledButton},
			{theme.ColorNameError, panel}, {theme.ColorNameWarning, panel}, {theme.ColorNameSuccess, panel}, {theme.ColorNameHyperlink, panel},
		} {
			th := view.Theme{}
			if c := contrast(th.Color(pair[0], variant), th.Color(pair[1], variant)); c < 4.5 {
				t.Errorf("%s: %s on %s has contrast %.1f", name, pair[0], pair[1], c)
			}
		}
	}
}

func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		f := float64(v) / 0xffff
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func TestEveryFaultOfAKeyAndEveryWayHasWords(t *testing.T) {
	english := translations(t)["en"]
	var names []string
	for _, c := range model.KeyCodes() {
		names = append(names, "fault."+string(c))
	}
	for _, w := range settings.BackupWays() {
		names = append(names, "way."+string(w), "way."+string(w)+"-about", "done."+string(w))
	}
	for _, c := range model.SpendCodes() {
		names = append(names, "spending."+string(c))
	}
	for _, c := range model.StayCodes() {
		names = append(names, "stays."+string(c))
	}
	for _, c := range model.WarnCodes() {
		names = append(names, "warn."+string(c))
	}
	for _, w := range []model.SpendWay{model.MoveToWallet, model.UseInWallet, model.SendToAddress} {
		names = append(names, "spend."+string(w), "spend."+string(w)+"-about")
		for _, step := range model.SpendSteps(w) {
			names = append(names, "step."+string(step))
		}
	}
	for _, name := range names {
		if english[name] == "" {
			t.Errorf("%s has no text", name)
		}
	}
}
