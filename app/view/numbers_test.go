package view

import (
	"strings"
	"testing"
)

// TestNumbersAreWrittenAsInEachLanguage is after the Unicode CLDR, but for the width of
// the space: where it has any, ours is the thin one that does not break.
func TestNumbersAreWrittenAsInEachLanguage(t *testing.T) {
	t.Cleanup(func() {
		if err := LoadWords(""); err != nil {
			t.Error(err)
		}
	})
	wants := map[string][2]string{ // 1234.5, 1234567.89
		"cs": {"1_234,5", "1_234_567,89"},
		"de": {"1.234,5", "1.234.567,89"},
		"en": {"1,234.5", "1,234,567.89"},
		"es": {"1234,5", "1.234.567,89"},
		"fr": {"1_234,5", "1_234_567,89"},
		"he": {"1,234.5", "1,234,567.89"},
		"it": {"1.234,5", "1.234.567,89"},
		"nl": {"1.234,5", "1.234.567,89"},
		"pl": {"1234,5", "1_234_567,89"},
		"pt": {"1.234,5", "1.234.567,89"},
		"ru": {"1_234,5", "1_234_567,89"},
		"tr": {"1.234,5", "1.234.567,89"},
		"uk": {"1_234,5", "1_234_567,89"},
	}
	for _, l := range Languages() {
		want, known := wants[l.Code]
		if !known {
			t.Errorf("%s: how are its numbers written?", l.Code)
			continue
		}
		if err := LoadWords(l.Code); err != nil {
			t.Fatal(err)
		}
		for i, plain := range []string{"1234.5", "1234567.89"} {
			for _, sign := range []string{"", "-"} {
				if got, want := number(sign+plain), sign+strings.ReplaceAll(want[i], "_", "\u202f"); got != want {
					t.Errorf("%s: %q, want %q", l.Code, got, want)
				}
			}
		}
		if point, between := say("number.point", nil), say("number.thousands", nil); point == between || number("123.5") != "123"+point+"5" {
			t.Errorf("%s: %q between thousands, %q for the point, 123.5 is %q", l.Code, between, point, number("123.5"))
		}
	}
}

type amountText string

func (a amountText) String() string { return string(a) }

func TestThousandsAreApartInAmountsAndEstimates(t *testing.T) {
	if err := LoadWords("de"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := LoadWords(""); err != nil {
			t.Error(err)
		}
	})
	for _, tt := range []struct{ got, want string }{
		{coins(amountText("12345.67800000"), "DOGE"), "12.345,678 DOGE"},
		{coins(amountText("0.00012345"), "LTC"), "0,00012345 LTC"},
		{money(1234567.891, "EUR"), "1.234.567,89 EUR"},
		{money(-1234, "EUR"), "-1.234,00 EUR"},
		{figures(1234567, 3), "1.234.567"},
		{group(999), "999"}, {group(1000), "1.000"}, {group(-1000000), "-1.000.000"},
		{number("12345.60 kH/s"), "12.345,60 kH/s"}, {number("–"), "–"}, {number(""), ""}, {number("n/a"), "n/a"},
	} {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
}
