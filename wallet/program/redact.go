package program

import (
	"regexp"
	"strings"
	"unicode"
)

const hidden = "(secret)"

// keyForm is what a private key in WIF, or in BIP38's form, looks like whatever its
// coin: 51 to 58 base58 digits in a row. Addresses and extended keys have other lengths,
// and of the latter the private ones are no better in a log.
var keyForm = regexp.MustCompile(`[1-9A-HJ-NP-Za-km-z]{51,}`)

// Redact returns text without the secrets, and without what looks like a private key:
// wallet programs repeat what they were given in their errors.
//
// A hash in hex is 64 digits too; it may have zeros, which base58 has not, and what is
// hidden of one by chance nobody misses.
func Redact(text string, secrets ...string) string {
	for _, s := range secrets {
		if s != "" {
			text = strings.ReplaceAll(text, s, hidden)
		}
	}
	return keyForm.ReplaceAllString(text, hidden)
}

// printable returns text in one line, without control characters, trimmed.
func printable(text string) string {
	text = strings.ToValidUTF8(text, "?")
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}
