package wallet

import (
	"fmt"

	"github.com/adit-mining/adit/wallet/coin"
)

// A TypoError is the error about a private key in WIF that one wrong character, or two
// neighbours that changed places, would explain. It is a guess for the key's owner to
// compare with paper, and is used nowhere else.
type TypoError struct {
	At   int    // the place of the first wrong character, counted from 0, spaces left out
	Want string // what most likely stands there: one character, or two exchanged
}

func (e *TypoError) Error() string {
	return fmt.Sprintf("%v: %v, perhaps character %d", ErrWIF, coin.ErrChecksum, e.At+1)
}

// Unwrap says that it is no WIF.
func (e *TypoError) Unwrap() error { return ErrWIF }

const base58Digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// findTypo returns the only slip that makes text a private key. It tries some three
// thousand texts, of which a 32-bit checksum lets a wrong one pass once in a million
// times; nil is returned if there is none or more than one.
func findTypo(text string) (only *TypoError) {
	tried, several := []byte(text), false
	try := func(at, n int) {
		if _, _, err := DecodeWIF(string(tried)); err == nil {
			several = only != nil
			only = &TypoError{at, string(tried[at : at+n])}
		}
	}
	for i := range text {
		for _, digit := range []byte(base58Digits) {
			if tried[i] = digit; digit != text[i] && !several {
				try(i, 1)
			}
		}
		tried[i] = text[i]
		if i > 0 && text[i] != text[i-1] && !several {
			tried[i-1], tried[i] = text[i], text[i-1]
			try(i-1, 2)
			tried[i-1], tried[i] = text[i-1], text[i]
		}
	}
	if several {
		return nil
	}
	return only
}
