package view

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"github.com/adit-mining/adit/app/manners"
	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/assets"
)

// LoadWords makes Adit speak a language, by its code as in assets ("de"), or with ""
// the system's. It must be called before anything is drawn or said; what was drawn
// before keeps its words.
//
// Fyne asks the system which language to speak and cannot be told another one. So
// the chosen language's words are given to Fyne as those of the system's locale.
func LoadWords(language string) error {
	locale := lang.SystemLocale()
	if language == "" {
		language = nearest(locale.String())
	}
	// Fyne falls back to English, and keeps half a megabyte of each language it is given.
	return errors.Join(speak("en", "en"), speak(language, locale))
}

// speak gives a language's words to Fyne as those of locale.
func speak(language string, locale fyne.Locale) error {
	text, err := words(language)
	if err != nil {
		return err
	}
	if err := lang.AddTranslationsForLocale(text, locale); err != nil {
		return fmt.Errorf("read the translation %s: %w", language, err)
	}
	return nil
}

func words(language string) ([]byte, error) {
	text, err := assets.Translations.ReadFile(path.Join(assets.TranslationsDir, language+".json"))
	if err != nil {
		return nil, fmt.Errorf("there is no translation %q: %w", language, err)
	}
	return text, nil
}

// hasWords reports whether there is a text with that name.
func hasWords(name string) bool {
	var all map[string]string
	text, err := words("en")
	return err == nil && json.Unmarshal(text, &all) == nil && all[name] != ""
}

// nearest returns the language that there are words in for a system's locale:
// "pt-BR" before "pt", and English where there is neither.
func nearest(locale string) string {
	for locale != "" {
		if _, err := words(locale); err == nil {
			return locale
		}
		cut := strings.LastIndexByte(locale, '-')
		locale = locale[:max(cut, 0)]
	}
	return "en"
}

// A Language is one that Adit speaks.
type Language struct{ Code, Name string }

// Languages returns them with their names in themselves, by code.
func Languages() []Language {
	files, _ := assets.Translations.ReadDir(assets.TranslationsDir) // it is part of the program
	var all []Language
	for _, f := range files {
		code := strings.TrimSuffix(f.Name(), ".json")
		var said struct {
			Name string `json:"language.name"`
		}
		if text, err := words(code); err == nil && json.Unmarshal(text, &said) == nil {
			all = append(all, Language{code, said.Name})
		}
	}
	return all
}

// Speaking returns the code of the language that is spoken now.
func Speaking() string {
	name := say("language.name", nil)
	for _, l := range Languages() {
		if l.Name == name {
			return l.Code
		}
	}
	return "en"
}

// args are the values that a text has places for.
type args = map[string]any

func argsOf(values map[string]string) args {
	all := args{}
	for name, v := range values {
		all[name] = v
	}
	return all
}

// say returns the text with that name in the user's language.
func say(name string, values args) string {
	return lang.X(name, name, values)
}

// Sentence says in one line what is going on.
func Sentence(s model.State) string {
	return say("phase."+string(s.Phase()), phaseArgs(s))
}

// About says in another line what that means.
func About(s model.State) string {
	phase := string(s.Phase())
	switch {
	case s.Phase() == model.Resting:
		if why, rests := s.Rests(); rests {
			return Why(why)
		}
	case s.Phase() == model.Waiting && !s.Wanted:
		phase += "-stopped"
	case s.Phase() == model.NoPool && s.Hint != "":
		phase += "-hint"
	}
	return say("about."+phase, phaseArgs(s))
}

func phaseArgs(s model.State) args {
	coin := s.Target.Coin.Name
	if net := s.Target.Coin.Network; net != "" && net != "main" {
		coin = say("coin.test", args{"Coin": coin})
	}
	return args{"Pool": s.PoolName(), "Coin": coin, "Symbol": s.Target.Coin.Symbol}
}

// Problem says what happened and what to do about it.
func Problem(p model.Problem) (what, do string) {
	return say("problem."+string(p.Code)+".what", nil), say("problem."+string(p.Code)+".do", nil)
}

// History says what an entry of the history means.
func History(e model.Entry) string {
	values := e.Args
	if amount, ok := values["Amount"].(string); ok {
		values = args{"Amount": number(trim(amount)), "Symbol": values["Symbol"]}
	}
	if why, ok := values["Why"].(string); ok {
		values = args{"Reason": Why(manners.Verdict{Why: manners.Why(why), Args: values})}
	}
	return say("history."+string(e.What), values)
}

// short returns the beginning and the end of a long name.
func short(name string) string {
	if len(name) <= 24 {
		return name
	}
	return name[:10] + " … " + name[len(name)-10:]
}
