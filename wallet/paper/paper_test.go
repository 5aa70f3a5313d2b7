package paper_test

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/go-text/typesetting/font"
	"github.com/makiuchi-d/gozxing"
	multi "github.com/makiuchi-d/gozxing/multi/qrcode"

	"github.com/adit-mining/adit/assets"
	"github.com/adit-mining/adit/wallet/bip39"
	"github.com/adit-mining/adit/wallet/paper"
)

var update = flag.Bool("update", false, "write the golden pictures anew")

// goldenSheets are all kinds, both sizes, and languages of three scripts.
func goldenSheets(t *testing.T) map[string]paper.Sheet {
	all := map[string]paper.Sheet{
		"by-hand-a4-en":        sheet(t, paper.ByHand, paper.A4, "en"),
		"everything-a4-en":     sheet(t, paper.Everything, paper.A4, "en"),
		"everything-letter-de": sheet(t, paper.Everything, paper.Letter, "de"),
		"encrypted-letter-ru":  sheet(t, paper.Encrypted, paper.Letter, "ru"),
		"encrypted-a4-he":      sheet(t, paper.Encrypted, paper.A4, "he"),
	}
	full := sheet(t, paper.Everything, paper.A4, "de")
	full.Words = longWords
	for i := range 20 {
		full.Addresses = append(full.Addresses, full.Addresses[i%4])
	}
	all["24-words-many-coins"] = full
	key := sheet(t, paper.Everything, paper.Letter, "fr")
	key.Words, key.Path, key.WIF, key.WIFCoin = nil, "", testWIF, "Litecoin"
	all["key-letter-fr"] = key
	key.Kind, key.Addresses = paper.ByHand, nil
	all["key-by-hand-letter-fr"] = key
	return all
}

// TestSheetsLookAsTheyDid compares the rendered pages with pictures that were looked
// at. Renderers differ by a shade at the edges.
func TestSheetsLookAsTheyDid(t *testing.T) {
	for name, s := range goldenSheets(t) {
		pdf, err := paper.PDF(s)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := rendered(t, pdf, "45")
		file := filepath.Join("testdata", "golden", name+".png")
		if *update {
			if err := os.WriteFile(file, asPNG(t, got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		want, ok := img.(*image.Gray)
		if !ok || want.Rect != got.Rect {
			t.Errorf("%s: the page has %v, want %v", name, got.Rect, img.Bounds())
			continue
		}
		far := 0
		for i, v := range want.Pix {
			if d := int(v) - int(got.Pix[i]); d > 64 || d < -64 {
				far++
			}
		}
		if far*500 > len(want.Pix) { // 0.2 %: a word
			t.Errorf("%s: %d of %d pixels differ", name, far, len(want.Pix))
			if dir := os.Getenv("ADIT_ARTIFACTS"); dir != "" {
				_ = os.WriteFile(filepath.Join(dir, "sheet-"+name+".png"), asPNG(t, got), 0o644)
			}
		}
	}
}

func TestEqualSheetsAreEqualBytes(t *testing.T) {
	for name, s := range goldenSheets(t) {
		a, err := paper.PDF(s)
		if err != nil {
			t.Fatal(err)
		}
		b, err := paper.PDF(s)
		if err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s: two files differ, %v", name, err)
		}
	}
}

var stream = regexp.MustCompile(`(?s)stream\r?\n(.*?)\r?\nendstream`)

// plain returns a PDF with its streams uncompressed, as bytes and as the text that
// is in it in two bytes a letter.
func plain(t *testing.T, pdf []byte) string {
	t.Helper()
	all := [][]byte{pdf}
	for _, m := range stream.FindAllSubmatch(pdf, -1) {
		r, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			continue // it is not compressed
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data)
	}
	return string(bytes.Join(all, nil))
}

// inUTF16 is how text stands in the page's stream.
func inUTF16(text string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(text)) {
		b.WriteByte(byte(u >> 8))
		b.WriteByte(byte(u))
	}
	return b.String()
}

// TestASheetByHandHasNothingSecret looks for the words and the keys in the file and
// in its streams; that they would be found is seen on the other sheets. A sheet by
// hand is also the same, byte for byte, whatever the secret is.
func TestASheetByHandHasNothingSecret(t *testing.T) {
	says := func(content, secret string) bool {
		for _, form := range []string{secret, strings.ToUpper(secret)} {
			if strings.Contains(content, form) || strings.Contains(content, inUTF16(form)) {
				return true
			}
		}
		return false
	}
	s := sheet(t, paper.ByHand, paper.A4, "en")
	s.WIF = testWIF
	content := func(s paper.Sheet) string {
		pdf, err := paper.PDF(s)
		if err != nil {
			t.Fatal(err)
		}
		return plain(t, pdf)
	}
	byHand := content(s)
	group := testWIF[4:8]
	for _, secret := range append([]string{testWIF, testBIP38, group, testBIP38[4:8]}, pretty...) {
		if says(byHand, secret) {
			t.Errorf("%q is in a sheet to fill in by hand", secret)
		}
	}
	other := s
	other.Words = testWords
	other.WIF, other.BIP38 = strings.Repeat("K", 52), ""
	if content(other) != byHand {
		t.Error("sheets by hand of two secrets differ")
	}
	s.Kind = paper.Everything
	if everything := content(s); !says(everything, pretty[1]) {
		t.Error("words are not found where they are")
	}
	s.Words = nil
	if key := content(s); !says(key, group) {
		t.Error("the key is not found where it is")
	}
	s = sheet(t, paper.Encrypted, paper.A4, "en")
	s.WIF = testWIF
	locked := content(s)
	if !says(locked, testBIP38[4:8]) {
		t.Error("the locked key is not found where it is")
	}
	for _, secret := range append([]string{testWIF, group}, pretty...) {
		if says(locked, secret) {
			t.Errorf("%q is in an encrypted sheet", secret)
		}
	}
}

func TestASheetNamesNobodyAndLinksNowhere(t *testing.T) {
	for name, s := range goldenSheets(t) {
		pdf, err := paper.PDF(s)
		if err != nil {
			t.Fatal(err)
		}
		content := plain(t, pdf)
		for _, key := range []string{"/Author", "/Creator", "/Producer", "/Title", "/Annots", "/URI", "/Metadata", "/JavaScript", "/OpenAction<", "http://", "https://"} {
			if strings.Contains(content, key) {
				t.Errorf("%s: there is %s in it", name, key)
			}
		}
		for _, date := range regexp.MustCompile(`/(?:Creation|Mod)Date \(D:(\d*)`).FindAllStringSubmatch(content, -1) {
			if date[1] != "20261125120000" {
				t.Errorf("%s: it is dated %s, which is not the key's birthday", name, date[1])
			}
		}
	}
}

// TestTheSecretsCodesCorrectMost: level H twice, and M for what can be had again.
func TestTheSecretsCodesCorrectMost(t *testing.T) {
	for name, s := range secretSheets(t) {
		pdf, err := paper.PDF(s)
		if err != nil {
			t.Fatal(err)
		}
		bitmap, err := gozxing.NewBinaryBitmapFromImage(rendered(t, pdf, "200"))
		if err != nil {
			t.Fatal(err)
		}
		results, err := multi.NewQRCodeMultiReader().DecodeMultiple(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		levels := map[string]int{}
		for _, r := range results {
			what := "public"
			if r.GetText() == secretOf(s) {
				what = "secret"
			}
			levels[fmt.Sprint(what, " ", r.GetResultMetadata()[gozxing.ResultMetadataType_ERROR_CORRECTION_LEVEL])]++
		}
		if levels["secret H"] != 2 || levels["public M"] != 1 || len(levels) != 2 {
			t.Errorf("%s: codes %v, want the secret twice at H, the public one at M", name, levels)
		}
	}
}

// languages returns the codes of all that the app speaks.
func languages(t *testing.T) map[string]map[string]string {
	t.Helper()
	files, err := assets.Translations.ReadDir(assets.TranslationsDir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]string{}
	for _, f := range files {
		data, err := assets.Translations.ReadFile(path.Join(assets.TranslationsDir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		var words map[string]string
		if err := json.Unmarshal(data, &words); err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(f.Name(), ".json")] = words
	}
	return all
}

// TestEveryLanguageFitsOnTheSheet: no prose has to become smaller than can be read.
func TestEveryLanguageFitsOnTheSheet(t *testing.T) {
	for language := range languages(t) {
		for kind := paper.ByHand; kind <= paper.Encrypted; kind++ {
			for _, words := range [][]string{pretty, nil} {
				s := sheet(t, kind, paper.A4, language)
				s.Words = words
				if words == nil {
					s.WIF, s.WIFCoin = testWIF, "Bitcoin Cash"
				}
				points, err := paper.SmallestLetters(s)
				if err != nil || points < 6.25 {
					t.Errorf("%s, %v: letters of %v points, %v", language, kind, points, err)
				}
			}
		}
	}
}

func TestEveryLetterIsInTheFonts(t *testing.T) {
	for _, file := range []string{"NotoSansPaper-Regular.ttf", "NotoSansPaper-Bold.ttf"} {
		data, err := assets.Fonts.ReadFile("fonts/" + file)
		if err != nil {
			t.Fatal(err)
		}
		face, err := font.ParseTTF(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		for language, words := range languages(t) {
			for name, text := range words {
				if !strings.HasPrefix(name, "paper.") {
					continue
				}
				for _, r := range text {
					if _, ok := face.NominalGlyph(r); !ok {
						t.Errorf("%s: %s: %s lacks %q", language, name, file, r)
					}
				}
			}
		}
	}
}

func TestHebrewIsDrawnFromTheRight(t *testing.T) {
	for text, want := range map[string]string{
		"שלום":                  "םולש",
		"בלי Adit: הקלידו":      "ודילקה :Adit ילב",
		"12 מילים (BIP39)":      "(BIP39) םילימ 12",
		"הנתיב m/84'/0'/0'/0/0": "m/84'/0'/0'/0/0 ביתנה",
		"Adit 1.0.0":            "Adit 1.0.0",
	} {
		if got := paper.Visual(text); got != want {
			t.Errorf("%q is drawn as %q, want %q", text, got, want)
		}
	}
}

func TestASheetThatCannotBeIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*paper.Sheet){
		"no mining key": func(s *paper.Sheet) { s.MiningKey = "" },
		"no words":      func(s *paper.Sheet) { s.Words = nil },
		"an empty word": func(s *paper.Sheet) { s.Words = []string{"legal", ""} },
		"too many":      func(s *paper.Sheet) { s.Words = append(longWords, "legal") },
		"no word":       func(s *paper.Sheet) { s.Words = []string{"ключ"} },
		"no BIP38":      func(s *paper.Sheet) { s.Kind, s.BIP38 = paper.Encrypted, "" },
		"no kind":       func(s *paper.Sheet) { s.Kind = 3 },
		"no size":       func(s *paper.Sheet) { s.Size = -1 },
	} {
		s := sheet(t, paper.Everything, paper.A4, "en")
		spoil(&s)
		if pdf, err := paper.PDF(s); err == nil || pdf != nil {
			t.Errorf("%s: there is a sheet", name)
		} else if strings.Contains(err.Error(), "winner") {
			t.Errorf("%s: the error shows a word: %v", name, err)
		}
	}
}

func TestTheLeastSheetIsInEnglish(t *testing.T) {
	pdf, err := paper.PDF(paper.Sheet{MiningKey: testKey})
	if err != nil || !strings.Contains(plain(t, pdf), inUTF16("Private: whoever reads this can spend your coins")) {
		t.Errorf("%d bytes, %v", len(pdf), err)
	}
}

func TestNamesOfKindsAndSizes(t *testing.T) {
	for _, name := range []string{"by-hand", "everything", "encrypted"} {
		if k, err := paper.ParseKind(name); err != nil || k.String() != name {
			t.Errorf("%s is %v, %v", name, k, err)
		}
	}
	for _, name := range []string{"a4", "letter"} {
		if s, err := paper.ParseSize(name); err != nil || s.String() != name {
			t.Errorf("%s is %v, %v", name, s, err)
		}
	}
	if _, err := paper.ParseKind("x"); err == nil {
		t.Error("there is a kind x")
	}
	if _, _, err := paper.Words("xx"); err == nil {
		t.Error("there is a language xx")
	}
}

func TestCheckWordsTellALine(t *testing.T) {
	lines := paper.Lines(testWIF)
	if len(lines) != 4 || len(lines[0]) != 4 || len(lines[3]) != 1 || lines[3][0] != "Uc9d" {
		t.Fatalf("lines %q", lines)
	}
	first := strings.Join(lines[0], "")
	word := paper.CheckWord(0, first)
	if !bip39.Known(word) || word != paper.CheckWord(0, strings.Join(lines[0], " ")) {
		t.Errorf("check word %q", word)
	}
	if word == paper.CheckWord(1, first) {
		t.Error("another line has the same check word")
	}
	wrong := 0
	for i := range first {
		for _, c := range "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz" {
			if typed := first[:i] + string(c) + first[i+1:]; typed != first && paper.CheckWord(0, typed) == word {
				wrong++
			}
		}
	}
	if wrong > 3 { // of 912, with one in 2048 by chance
		t.Errorf("%d wrong letters go unseen", wrong)
	}
}
