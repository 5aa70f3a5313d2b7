package view

import (
	"unicode"

	"fyne.io/fyne/v2"

	"github.com/adit-mining/adit/assets"
)

// Fyne's own fonts have Latin, Greek and Cyrillic letters; these have Hebrew ones.
var (
	hebrew     = letters("NotoSansHebrew-Regular.ttf")
	hebrewBold = letters("NotoSansHebrew-Bold.ttf")
)

// ownLetters returns the font for the user's language where Fyne's own fonts lack its
// letters, otherwise nil. Fyne takes what this font lacks from its own. The script is
// the one that the language writes its name in.
func ownLetters(style fyne.TextStyle) fyne.Resource {
	name := []rune(say("language.name", nil))
	switch {
	case len(name) == 0 || !unicode.Is(unicode.Hebrew, name[0]) || style.Monospace || style.Symbol:
		return nil
	case style.Bold:
		return hebrewBold
	}
	return hebrew
}

func letters(file string) fyne.Resource {
	font, err := assets.Fonts.ReadFile("fonts/" + file)
	if err != nil {
		panic(err) // it is part of the program
	}
	return fyne.NewStaticResource(file, font)
}
