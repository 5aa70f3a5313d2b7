package view

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"fyne.io/fyne/v2/lang"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/assets"
)

// LoadWords adds Adit's words to Fyne's, in every language there is. It must be
// called once before anything is drawn or said; the user's language is found out
// then.
func LoadWords() error {
	if err := lang.AddTranslationsFS(assets.Translations, assets.TranslationsDir); err != nil {
		return fmt.Errorf("read the translations: %w", err)
	}
	return nil
}

// args are the values that a text has places for.
type args = map[string]any

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
		values = args{"Amount": trim(amount), "Symbol": values["Symbol"]}
	}
	return say("history."+string(e.What), values)
}

// trim returns an amount for people: without the zeros at its end and, from a
// whole coin on, with four decimals: "1.50000000" is "1.5". It cuts and never
// rounds up, so nobody is promised more than there is.
func trim(amount string) string {
	whole, decimals, found := strings.Cut(amount, ".")
	if !found {
		return amount
	}
	if strings.Trim(whole, "0-") != "" && len(decimals) > 4 {
		decimals = decimals[:4]
	}
	decimals = strings.TrimRight(decimals, "0")
	if decimals == "" {
		return whole
	}
	return whole + "." + decimals
}

// group returns a count with thin spaces between thousands, which no language
// takes for a decimal point.
func group(n int64) string {
	digits := strconv.FormatInt(n, 10)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 && d != '-' {
			b.WriteRune('\u202f')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// percent returns a share of a whole for people: two digits where it is small.
func percent(part, whole int64) string {
	if whole <= 0 {
		return "0"
	}
	p := float64(part) * 100 / float64(whole)
	if p >= 10 {
		return strconv.FormatFloat(math.Round(p), 'f', 0, 64)
	}
	return strconv.FormatFloat(p, 'g', 2, 64)
}

// short returns the beginning and the end of a long name.
func short(name string) string {
	if len(name) <= 24 {
		return name
	}
	return name[:10] + " … " + name[len(name)-10:]
}
