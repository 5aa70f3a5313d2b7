// Package paper makes the sheet of paper that a mining key is kept on: it draws it
// as a PDF, prints it, opens it in the system's viewer, and reads its QR codes back
// from a photograph or a scan.
//
// It knows nothing of keys: who calls it hands it the texts that are to stand on the
// sheet, and what ReadQR finds is for package wallet to understand. The words of the
// sheet come from assets, or from the caller's Say. A sheet of the kind ByHand has
// nothing secret in it, whatever the Sheet holds.
//
// PDF and ReadQR touch no file, start no goroutine and may be called from several.
// Equal sheets give equal bytes. Errors never repeat a secret.
package paper

import (
	"bytes"
	"errors"
	"fmt"
	"time"
)

// A Kind is how much of the secret is printed.
type Kind int

// The kinds of sheets.
const (
	// ByHand has numbered empty boxes for a pen, so that nothing secret goes
	// through a printer.
	ByHand Kind = iota
	// Everything has the words, or the private key where there are none.
	Everything
	// Encrypted has the private key locked with a passphrase (BIP38).
	Encrypted
)

var kindNames = []string{ByHand: "by-hand", Everything: "everything", Encrypted: "encrypted"}

// ParseKind reads "by-hand", "everything" or "encrypted".
func ParseKind(name string) (Kind, error) { return parse[Kind]("kind", name, kindNames) }

// String returns what ParseKind reads.
func (k Kind) String() string { return nameOf(k, kindNames) }

// A Size is a size of paper. Both have the same layout in the middle.
type Size int

// The sizes of paper.
const (
	A4     Size = iota // 210 by 297 mm
	Letter             // 8.5 by 11 inches
)

var sizeNames = []string{A4: "a4", Letter: "letter"}

// ParseSize reads "a4" or "letter".
func ParseSize(name string) (Size, error) { return parse[Size]("size", name, sizeNames) }

// String returns what ParseSize reads.
func (s Size) String() string { return nameOf(s, sizeNames) }

func (s Size) millimetres() (width, height float64) {
	if s == Letter {
		return 215.9, 279.4
	}
	return 210, 297
}

func parse[T ~int](what, name string, names []string) (T, error) {
	for i, n := range names {
		if n == name {
			return T(i), nil
		}
	}
	return 0, fmt.Errorf("%s %q: want one of %q", what, name, names)
}

func nameOf[T ~int](v T, names []string) string {
	if int(v) < 0 || int(v) >= len(names) {
		return fmt.Sprint(int(v))
	}
	return names[v]
}

// A Sheet is what stands on the paper. MiningKey must be there, and the secret that
// the kind prints; all else may be missing.
type Sheet struct {
	Kind Kind
	Size Size

	MiningKey string // public

	// Words are 12 to 24; ByHand uses only how many they are, and has 12 boxes
	// where neither Words nor WIF are given.
	Words []string
	// WIF is the private key of an owner without words, as WIFCoin's wallets
	// import it. ByHand uses only its length.
	WIF, WIFCoin string
	BIP38        string // for Encrypted

	Path      string    // of the key from the words: m/84'/0'/0'/0/0
	Created   time.Time // the key's birthday
	Version   string    // of Adit
	Pool      string    // its name
	Addresses []Address

	// Say returns the text of that name in the user's language; nil is English.
	// See Words, which has those of package assets.
	Say         func(id string, args map[string]any) string
	RightToLeft bool // the language's direction
}

// An Address is where a coin's payouts go.
type Address struct{ Coin, Symbol, Address string }

// secret is a text that is printed as QR codes and in readable lines.
func (s Sheet) secret() string {
	switch {
	case s.Kind == Encrypted:
		return s.BIP38
	case s.Kind == Everything && len(s.Words) > 0:
		return joinWords(s.Words)
	case s.Kind == Everything:
		return s.WIF
	}
	return ""
}

// hasWords reports whether words are what the sheet keeps, rather than a key.
func (s Sheet) hasWords() bool {
	return s.Kind != Encrypted && (len(s.Words) > 0 || s.WIF == "")
}

func (s Sheet) validate() error {
	var errs []error
	check := func(ok bool, fault string) {
		if !ok {
			errs = append(errs, errors.New(fault))
		}
	}
	check(s.Kind >= ByHand && s.Kind <= Encrypted, "there is no such kind of sheet")
	check(s.Size == A4 || s.Size == Letter, "there is no such size of paper")
	check(s.MiningKey != "" && len(s.MiningKey) <= 80, "the mining key is missing or too long")
	check(s.Kind == ByHand || s.secret() != "", "the secret is missing")
	check(len(s.Words) <= 24, "more than 24 words")
	for _, w := range s.Words {
		check(s.Kind != Everything || w != "" && len(w) <= 12 && isPlain(w), "a word is none")
	}
	check(len(s.WIF) <= 64 && len(s.BIP38) <= 64 && isPlain(s.WIF) && isPlain(s.BIP38), "the private key is none")
	return errors.Join(errs...)
}

// isPlain reports whether s has only letters and digits that every font has.
func isPlain(s string) bool {
	for _, c := range []byte(s) {
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z') {
			return false
		}
	}
	return true
}

// PDF draws the sheet. Before it returns, the QR codes are read back by another
// library than made them, from the very rectangles that were drawn, and compared.
func PDF(s Sheet) ([]byte, error) {
	if err := s.validate(); err != nil {
		return nil, fmt.Errorf("draw the sheet: %w", err)
	}
	p, err := newPage(s)
	if err != nil {
		return nil, fmt.Errorf("draw the sheet: %w", err)
	}
	p.draw()
	if err := p.readBack(); err != nil {
		return nil, fmt.Errorf("draw the sheet: %w", err)
	}
	var out bytes.Buffer
	if err := p.pdf.Output(&out); err != nil {
		return nil, fmt.Errorf("draw the sheet: %w", err)
	}
	return out.Bytes(), nil
}
