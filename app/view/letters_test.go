package view_test

import (
	"bytes"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"github.com/go-text/typesetting/font"

	"github.com/adit-mining/adit/app/view"
)

// written are the signs that the view writes itself, beside those of the texts.
const written = "0123456789 \u202f–°…·.,:%/-+"

// TestEveryLetterCanBeDrawn looks in the fonts that come with the app, so that no
// language depends on what the system has.
func TestEveryLetterCanBeDrawn(t *testing.T) {
	t.Cleanup(func() {
		if err := view.LoadWords(""); err != nil {
			t.Error(err)
		}
	})
	for language, words := range translations(t) {
		if err := view.LoadWords(language); err != nil {
			t.Fatal(err)
		}
		for _, style := range []fyne.TextStyle{{}, {Bold: true}} {
			lacks := missing(t, words, view.Theme{}.Font(style), theme.DefaultTheme().Font(style), theme.DefaultSymbolFont())
			if len(lacks) > 0 {
				t.Errorf("%s: no font, bold %v, has %q", language, style.Bold, string(lacks))
			}
		}
	}
}

// TestNamesInHebrewStandWhereTheyAreRead: what comes first stands on the right.
func TestNamesInHebrewStandWhereTheyAreRead(t *testing.T) {
	t.Cleanup(func() {
		if err := view.LoadWords(""); err != nil {
			t.Error(err)
		}
	})
	if err := view.LoadWords("he"); err != nil {
		t.Fatal(err)
	}
	shell, w, _ := window(t)
	shell.Show(states()["mining"])
	settle(w.Content())
	shell.Show(states()["mining"])
	sentence := strings.Split(view.Sentence(states()["mining"]), "Litecoin") // "mining ", ""
	want := "\u200e\u200eLitecoin\u200e\u200f" + sentence[0] + "\u200f"
	if !says(w, want) {
		t.Errorf("there is no %q in %q", want, texts(w.Content()))
	}
}

// missing returns the letters of texts that none of the fonts has.
func missing(t *testing.T, texts map[string]string, fonts ...fyne.Resource) []rune {
	t.Helper()
	var faces []*font.Face
	for _, f := range fonts {
		face, err := font.ParseTTF(bytes.NewReader(f.Content()))
		if err != nil {
			t.Fatalf("%s: %v", f.Name(), err)
		}
		faces = append(faces, face)
	}
	seen := map[rune]bool{}
	var lacks []rune
	look := func(text string) {
		for _, r := range text {
			if !seen[r] && !has(faces, r) {
				lacks = append(lacks, r)
			}
			seen[r] = true
		}
	}
	look(written)
	for _, text := range texts {
		look(text)
	}
	return lacks
}

func has(faces []*font.Face, r rune) bool {
	for _, face := range faces {
		if _, ok := face.NominalGlyph(r); ok {
			return true
		}
	}
	return false
}
