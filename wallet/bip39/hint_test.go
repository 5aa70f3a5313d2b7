package bip39_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/adit-mining/adit/wallet/bip39"
)

func TestComplete(t *testing.T) {
	for _, v := range []struct {
		prefix string
		want   []string
	}{
		{"", nil},
		{"zo", []string{"zone", "zoo"}},
		{" ZOO", []string{"zoo"}},
		{"able", []string{"able"}},
		{"act", []string{"act", "action", "actor", "actress", "actual"}},
		{"xy", nil},
		{"zz", nil},
		{"aban", []string{"abandon"}},
	} {
		if got := bip39.Complete(v.prefix); !slices.Equal(got, v.want) {
			t.Errorf("Complete(%q) = %v, want %v", v.prefix, got, v.want)
		}
	}
	for _, w := range bip39.List() { // a word is the first of its own completion
		if got := bip39.Complete(w); len(got) == 0 || got[0] != w {
			t.Errorf("Complete(%s) = %v", w, got)
		}
	}
}

func TestHintFindsWhatWasMeant(t *testing.T) {
	for _, v := range []struct {
		typed, meant string
	}{
		{"abondon", "abandon"}, {"yaer", "year"}, {"sausge", "sausage"}, {"wiinner", "winner"},
		{"thnak", "thank"}, {"legall", "legal"}, {"usefull", "useful"}, {"yello", "yellow"},
		{"abou", "about"}, {"actualy", "actual"}, {"recieve", "receive"}, {"aban", "abandon"},
	} {
		words := []string{"zoo", v.typed, "nonsens"}
		index, suggestions := bip39.Hint(words)
		if index != 1 || !slices.Contains(suggestions, v.meant) || len(suggestions) > 6 {
			t.Errorf("Hint(%s) = %d, %v, want %s", v.typed, index, suggestions, v.meant)
		}
	}
	if index, suggestions := bip39.Hint([]string{"zoo", "abandon"}); index != -1 || suggestions != nil {
		t.Errorf("good words: %d, %v", index, suggestions)
	}
	if index, suggestions := bip39.Hint([]string{strings.Repeat("a", 1<<20)}); index != 0 || suggestions != nil {
		t.Errorf("a long word: %d, %v", index, suggestions)
	}
	if index, suggestions := bip39.Hint([]string{""}); index != 0 || len(suggestions) != 0 {
		t.Errorf("an empty word: %d, %v", index, suggestions)
	}
	if index, _ := bip39.Hint([]string{"дом"}); index != 0 {
		t.Errorf("another alphabet: %d", index)
	}
}

func TestLastGivesTheWordsThatFit(t *testing.T) {
	eleven := strings.Fields(strings.Repeat("abandon ", 11))
	got := bip39.Last(eleven)
	if len(got) != 128 || !slices.Contains(got, "about") || slices.Contains(got, "abandon") {
		t.Errorf("%d words", len(got))
	}
	if got := bip39.Last(strings.Fields(strings.Repeat("abandon ", 23))); len(got) != 8 || !slices.Contains(got, "art") {
		t.Errorf("after 23: %v", got)
	}
	for _, words := range [][]string{nil, eleven[:10], append(slices.Clone(eleven[:10]), "nonsens")} {
		if got := bip39.Last(words); got != nil {
			t.Errorf("after %d words: %v", len(words), got)
		}
	}
}

func TestRepairsFindAMistakenWord(t *testing.T) {
	right := strings.Fields("legal winner thank year wave sausage worth useful legal winner thank yellow")
	if got := bip39.Repairs(right); got != nil {
		t.Errorf("right words are repaired: %v", got)
	}
	wrong := slices.Clone(right)
	wrong[4] = "save" // is in the list, as wave is
	if got := bip39.Repairs(wrong); !slices.Contains(got, bip39.Repair{Index: 4, Word: "wave"}) {
		t.Errorf("Repairs = %v", got)
	}
	for _, r := range bip39.Repairs(wrong) {
		tried := slices.Clone(wrong)
		tried[r.Index] = r.Word
		if _, err := bip39.Entropy(tried); err != nil {
			t.Errorf("%v repairs nothing: %v", r, err)
		}
	}
	if got := bip39.Repairs([]string{"nonsens"}); got != nil {
		t.Errorf("unknown words are repaired: %v", got)
	}
}
