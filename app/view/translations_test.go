package view_test

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2/lang"

	"github.com/adit-mining/adit/app/doctor"
	"github.com/adit-mining/adit/app/view"
	"github.com/adit-mining/adit/assets"
	"github.com/adit-mining/adit/hwdetect"
)

// translations returns all texts by language and name.
func translations(t *testing.T) map[string]map[string]string {
	t.Helper()
	files, err := assets.Translations.ReadDir(assets.TranslationsDir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]string{}
	for _, f := range files {
		text, err := assets.Translations.ReadFile(path.Join(assets.TranslationsDir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		words := map[string]string{}
		if err := json.Unmarshal(text, &words); err != nil {
			t.Fatalf("%s: %v", f.Name(), err)
		}
		all[strings.TrimSuffix(f.Name(), ".json")] = words
	}
	return all
}

func TestAditSpeaksTenLanguages(t *testing.T) {
	if n := len(translations(t)); n < 10 {
		t.Errorf("there are %d languages", n)
	}
}

var place = regexp.MustCompile(`\{\{\.\w+\}\}`)

func TestEveryLanguageHasEveryTextWithItsPlaces(t *testing.T) {
	all := translations(t)
	for language, words := range all {
		for name, text := range all["en"] {
			if got, want := places(words[name]), places(text); strings.TrimSpace(words[name]) == "" || got != want {
				t.Errorf("%s: %s is %q with places %s, want %s", language, name, words[name], got, want)
			}
		}
		for name := range words {
			if all["en"][name] == "" {
				t.Errorf("%s: %s is not used", language, name)
			}
		}
	}
}

func places(text string) string {
	seen := map[string]int{}
	for _, p := range place.FindAllString(text, -1) {
		seen[p]++
	}
	out, _ := json.Marshal(seen) // sorted by name
	return string(out)
}

// sharedWords are texts that may be the same in English and in another language: names,
// units, and by language the words that both have.
var sharedWords = map[string][]string{
	"":   {"ltr", "https://pool.example", "Adit {{.Version}}", "{{.Size}} MB", "{{.N}} min", "{{.N}} °C"},
	"cs": {"Pool", "Stop"},
	"de": {"Coins", "Pool", "April", "August", "September", "November"},
	"es": {"Pool", "No", "no"},
	"fr": {"Pool", "Notifications", "Questions"},
	"it": {"Pool", "No", "no"},
	"nl": {"Pool", "Stop", "Contact: {{.Contact}}"},
	"pl": {"Stop"},
	"pt": {"Pool"},
	"tr": {"fan"},
}

func TestNoTextIsLeftInEnglish(t *testing.T) {
	all := translations(t)
	for language, words := range all {
		if language == "en" {
			continue
		}
		for name, text := range words {
			if text != all["en"][name] || !strings.ContainsFunc(place.ReplaceAllString(text, ""), unicode.IsLetter) {
				continue
			}
			if !slices.Contains(sharedWords[""], text) && !slices.Contains(sharedWords[language], text) {
				t.Errorf("%s: %s is in English: %q", language, name, text)
			}
		}
	}
}

// TestWhatMustBeShortIsShort holds button labels and the names of the screens near
// their English length: they stand in lines that do not break.
func TestWhatMustBeShortIsShort(t *testing.T) {
	all := translations(t)
	for language, words := range all {
		for name, text := range words {
			if !strings.HasPrefix(name, "button.") && !strings.HasPrefix(name, "place.") {
				continue
			}
			length, english := utf8.RuneCountInString(text), utf8.RuneCountInString(all["en"][name])
			if length > max(14, english*8/5) {
				t.Errorf("%s: %s has %d letters where English has %d: %q", language, name, length, english, text)
			}
		}
	}
}

func TestEveryFindingAndEveryCauseHasWords(t *testing.T) {
	english := translations(t)["en"]
	var names []string
	for _, code := range doctor.Codes() {
		names = append(names, "doctor."+code+".what")
		if doctor.HasAdvice(code) {
			names = append(names, "doctor."+code+".do")
		}
	}
	for _, cause := range hwdetect.Causes() {
		names = append(names, "cause."+string(cause)+".reason", "cause."+string(cause)+".advice")
	}
	for _, name := range names {
		if english[name] == "" {
			t.Errorf("%s has no text", name)
		}
	}
}

// TestACauseIsSaidInTheUsersLanguage shows a device that cannot mine and a finding
// about it: neither may be left as hwdetect says it.
func TestACauseIsSaidInTheUsersLanguage(t *testing.T) {
	words, err := json.Marshal(map[string]string{"cause.nouveau.reason": "Nein.", "cause.nouveau.advice": "Nimm {{.driver}}.",
		"doctor.drivers.cannot.what": "{{.device}}: {{.reason}}", "doctor.drivers.cannot.do": "{{.advice}}"})
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
	s := states()["trouble"]
	card := &s.Units[2].Device
	card.Cause, card.CauseArgs = hwdetect.Nouveau, map[string]string{"driver": "den Treiber"}
	s.Checkup.Findings = []doctor.Finding{{Check: "drivers", Code: "cannot", What: "in English", Do: "in English", Args: map[string]string{
		"device": "Die Karte", "reason": "in English", "advice": "in English", "cause": "nouveau", "driver": "den Treiber"}}}
	shell, w, _ := window(t)
	shell.Show(s)
	for at, wants := range map[view.Place][]string{view.AtDevices: {"Nein. Nimm den Treiber."}, view.AtHelp: {"Die Karte: Nein.", "Nimm den Treiber."}} {
		shell.Open(at)
		for _, want := range wants {
			if !says(w, want) {
				t.Errorf("%s: no %q in %q", at, want, texts(w.Content()))
			}
		}
	}
}
