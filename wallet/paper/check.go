package paper

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"github.com/adit-mining/adit/wallet/bip39"
)

const (
	groupLength   = 4 // letters of a key that stand together
	groupsPerLine = 4
)

// Lines returns a key as it stands on the sheet: in lines of four groups of four
// letters, the last ones shorter. Each line has its CheckWord.
func Lines(key string) [][]string {
	var all [][]string
	for len(key) > 0 {
		var line []string
		for len(key) > 0 && len(line) < groupsPerLine {
			n := min(groupLength, len(key))
			line = append(line, key[:n])
			key = key[n:]
		}
		all = append(all, line)
	}
	return all
}

// CheckWord returns the word that stands beside a line of a key, counted from 0. Who
// types the key sees by it which line is wrong: a mistake goes unseen once in 2048,
// and lines in the wrong order have other words. Spaces do not count. It is one of
// the words of BIP 39, from the first 11 bits of
//
//	SHA-256("Adit check word" || one byte, the line || the line's letters)
func CheckWord(line int, letters string) string {
	text := append([]byte("Adit check word"), byte(line))
	text = append(text, strings.ReplaceAll(letters, " ", "")...)
	hash := sha256.Sum256(text)
	return bip39.List()[binary.BigEndian.Uint16(hash[:])>>5]
}

func joinWords(words []string) string { return strings.Join(words, " ") }
