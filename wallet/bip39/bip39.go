// Package bip39 reads and makes the words that a key is kept as on paper (BIP 39):
// 12, 15, 18, 21 or 24 of a list of 2048, with a checksum in the last one.
// https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki
//
// Only the English list is read; a seed is made of any text, as the standard says. It
// draws no random numbers, keeps nothing and derives no key: that is bip32. Everything
// is safe for several goroutines. What is wrong with somebody's words is an *Error,
// which says where and never repeats a word.
package bip39

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/sha512"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

//go:embed english.txt
var english string

// list is the word list, sorted: a word's number is its place.
var list = sync.OnceValue(func() []string { return strings.Fields(english) })

// List returns the 2048 words in their order.
func List() []string { return slices.Clone(list()) }

// bitsPerWord is what one word of 2048 says.
const bitsPerWord = 11

// Counts are the numbers of words that the standard knows.
var counts = []int{12, 15, 18, 21, 24}

// A Fault is a kind of mistake in words.
type Fault string

// The faults.
const (
	FaultCount    Fault = "count"    // so many words are never used
	FaultUnknown  Fault = "unknown"  // a word is not in the list
	FaultChecksum Fault = "checksum" // the words do not belong together
)

// An Error says what is wrong with somebody's words. It holds none of them.
type Error struct {
	Fault Fault
	Index int // of the unknown word, from 0; else -1
	Count int // of words there are
}

// Error says it to the person who typed the words.
func (e *Error) Error() string {
	switch e.Fault {
	case FaultUnknown:
		return fmt.Sprintf("word %d of %d is not in the list of words", e.Index+1, e.Count)
	case FaultCount:
		if e.Count == 1 {
			return "1 word: want 12, 15, 18, 21 or 24"
		}
		return fmt.Sprintf("%d words: want 12, 15, 18, 21 or 24", e.Count)
	}
	return fmt.Sprintf("these %d words do not belong together: one of them is another word, or two have changed places", e.Count)
}

// Split returns the words in text in lower case, whatever stands between them: spaces,
// commas, numbers, ends of lines.
func Split(text string) []string {
	return strings.FieldsFunc(strings.ToLower(norm.NFKD.String(text)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r)
	})
}

// Parse returns the words in text, if they are 12, 15, 18, 21 or 24 of the list and
// their checksum is right; the error is an *Error.
func Parse(text string) ([]string, error) {
	words := Split(text)
	if _, err := Entropy(words); err != nil {
		return nil, err
	}
	return words, nil
}

// New returns the words for 16, 20, 24, 28 or 32 bytes, which should be random.
func New(entropy []byte) ([]string, error) {
	n := len(entropy) * 8 / 32 * 3
	if len(entropy)%4 != 0 || !slices.Contains(counts, n) {
		return nil, fmt.Errorf("%d bytes: want 16, 20, 24, 28 or 32", len(entropy))
	}
	sum := sha256.Sum256(entropy)
	bits := append(slices.Clone(entropy), sum[0]) // the checksum never has more than 8 bits
	words := make([]string, n)
	for i := range words {
		number := 0
		for bit := i * bitsPerWord; bit < (i+1)*bitsPerWord; bit++ {
			number = number<<1 | int(bits[bit/8]>>(7-bit%8)&1)
		}
		words[i] = list()[number]
	}
	return words, nil
}

// Entropy returns the bytes that New made the words of. The error is an *Error.
func Entropy(words []string) ([]byte, error) {
	numbers := make([]int, len(words))
	for i, w := range words {
		n, known := slices.BinarySearch(list(), w)
		if !known {
			return nil, &Error{FaultUnknown, i, len(words)}
		}
		numbers[i] = n
	}
	if !slices.Contains(counts, len(words)) {
		return nil, &Error{FaultCount, -1, len(words)}
	}
	bits := make([]byte, (len(words)*bitsPerWord+7)/8)
	for i, n := range numbers {
		for j := range bitsPerWord {
			bit := i*bitsPerWord + j
			bits[bit/8] |= byte(n>>(bitsPerWord-1-j)&1) << (7 - bit%8)
		}
	}
	size := len(words) / 3 * 4
	sum := sha256.Sum256(bits[:size])
	mask := byte(0xff) << (8 - size/4)
	if bits[size] != sum[0]&mask {
		return nil, &Error{FaultChecksum, -1, len(words)}
	}
	return bits[:size:size], nil
}

// Seed returns the 64 bytes that keys are derived from. The words may be any text in
// any language, and nothing is checked: Parse does that. Every passphrase is right:
// another one makes another seed.
func Seed(mnemonic, passphrase string) []byte {
	seed, err := pbkdf2.Key(sha512.New, norm.NFKD.String(mnemonic), []byte("mnemonic"+norm.NFKD.String(passphrase)), 2048, 64)
	if err != nil {
		panic("bip39: " + err.Error()) // only for a length or a count that is no sane number
	}
	return seed
}
