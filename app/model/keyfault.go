package model

import (
	"errors"
	"io/fs"

	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/bip39"
)

// KeyCode names why something with a key did not go; the view has a text for each.
type KeyCode string

// The codes.
const (
	KeyLocked       KeyCode = "locked"
	PasswordNeeded  KeyCode = "password-needed"
	PasswordWrong   KeyCode = "password-wrong"
	WordWrong       KeyCode = "word"       // Word
	WordsUnfit      KeyCode = "checksum"   // all are in the list, but do not fit together
	WordCount       KeyCode = "word-count" // there are not so many
	NotAKey         KeyCode = "not-a-key"
	PublicOnly      KeyCode = "public" // a mining key, which opens nothing
	KeyTextDamaged  KeyCode = "damaged"
	KeyMistyped     KeyCode = "typo" // Word, Right
	KeyFileNewer    KeyCode = "newer"
	KeyFileMissing  KeyCode = "missing"
	NoPrinter       KeyCode = "no-printer"
	NoViewer        KeyCode = "no-viewer" // for PDF
	NoCode          KeyCode = "no-code"   // there is no code in the picture
	OtherKeyThere   KeyCode = "other-key"
	KeyFaultUnknown KeyCode = "unknown" // Detail
)

// KeyCodes lists them.
func KeyCodes() []KeyCode {
	return []KeyCode{KeyLocked, PasswordNeeded, PasswordWrong, WordWrong, WordsUnfit, WordCount, NotAKey, PublicOnly, KeyTextDamaged, KeyMistyped, KeyFileNewer,
		KeyFileMissing, NoPrinter, NoViewer, NoCode, OtherKeyThere, KeyFaultUnknown}
}

// Errors that are not wallet's.
var (
	ErrPasswordNeeded = wallet.ErrPassphraseNeeded
	// ErrNoPrinter is that there is nothing to print with.
	ErrNoPrinter = errors.New("no printer was found")
	// ErrNoViewer is that there is nothing to look at a PDF file with.
	ErrNoViewer = errors.New("the sheet could not be shown")
	// ErrNoCode is that a picture has no code that can be read.
	ErrNoCode = errors.New("no code was found in the picture")
)

// KeyFault is why something with a key did not go. Nothing secret is in it, but for
// Right, a character or two.
type KeyFault struct {
	Code   KeyCode
	Word   int    // which word or character is wrong, counted from 0
	Right  string // what probably stands there
	Count  int    // how many words there are
	Detail string // in the words of whoever reported it; only for unknown
}

// KeyFaultOf turns an error of a key into what its owner is told.
func KeyFaultOf(err error) KeyFault {
	var word *bip39.Error
	var typo *wallet.TypoError
	f := KeyFault{Code: KeyFaultUnknown}
	switch {
	case errors.Is(err, wallet.ErrLocked):
		f.Code = KeyLocked
	case errors.Is(err, wallet.ErrPassphraseNeeded):
		f.Code = PasswordNeeded
	case errors.Is(err, wallet.ErrPassphrase):
		f.Code = PasswordWrong
	case errors.As(err, &word):
		return wordFault(word)
	case errors.As(err, &typo):
		return KeyFault{Code: KeyMistyped, Word: typo.At, Right: typo.Want}
	case errors.Is(err, wallet.ErrNewer):
		f.Code = KeyFileNewer
	case errors.Is(err, wallet.ErrPublic):
		f.Code = PublicOnly
	case errors.Is(err, wallet.ErrUnknown):
		f.Code = NotAKey
	case errors.Is(err, wallet.ErrDamaged), errors.Is(err, wallet.ErrWIF), errors.Is(err, wallet.ErrRange):
		f.Code = KeyTextDamaged
	case errors.Is(err, wallet.ErrOtherKey):
		f.Code = OtherKeyThere
	case errors.Is(err, fs.ErrNotExist):
		f.Code = KeyFileMissing
	case errors.Is(err, ErrNoPrinter):
		f.Code = NoPrinter
	case errors.Is(err, ErrNoViewer):
		f.Code = NoViewer
	case errors.Is(err, ErrNoCode):
		f.Code = NoCode
	default:
		f.Detail = err.Error()
	}
	return f
}

func wordFault(err *bip39.Error) KeyFault {
	switch err.Fault {
	case bip39.FaultUnknown:
		return KeyFault{Code: WordWrong, Word: err.Index}
	case bip39.FaultCount:
		return KeyFault{Code: WordCount, Count: err.Count}
	}
	return KeyFault{Code: WordsUnfit}
}
