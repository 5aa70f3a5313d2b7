package wallet_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/adit-mining/adit/wallet"
)

func TestASlipInAPrivateKeyIsFoundAndNotMended(t *testing.T) {
	at := func(i int, s string) string { return wifOne[:i] + s + wifOne[i+len(s):] }
	for _, c := range []struct {
		name, text string
		at         int // of the slip that is found; -1: none
		want       string
	}{
		{"one letter", at(17, "z"), 17, wifOne[17:18]},
		{"the first", at(0, "J"), 0, "K"},
		{"the last", at(51, "m"), 51, "n"},
		{"another case", at(2, "d"), 2, "D"},
		{"no digit of base58", at(20, "0"), 20, wifOne[20:21]},
		{"two neighbours", at(30, wifOne[31:32]+wifOne[30:31]), 30, wifOne[30:32]},
		{"the old form", strings.Replace(wifOneOld, "zG1", "zGi", 1), strings.Index(wifOneOld, "zG1") + 2, "1"},
		{"in groups of four", "KwDi Bf89 QgGb jEhK nhXJ zH7L" + wifOne[24:], 20, "u"},
		{"two letters", at(17, "z")[:40] + "1" + wifOne[41:], -1, ""},
		{"one is missing", wifOne[:51], -1, ""},
		{"not ASCII", at(17, "é"), -1, ""},
	} {
		r, err := wallet.Read(c.text, "")
		if err == nil || !r.Keyring.Secret.IsZero() {
			t.Errorf("%s: a mistyped key was read: %v", c.name, err)
			continue
		}
		var typo *wallet.TypoError
		found := errors.As(err, &typo)
		if found != (c.at >= 0) || found && (typo.At != c.at || typo.Want != c.want) {
			t.Errorf("%s: %+v (%v), want %q at %d", c.name, typo, err, c.want, c.at)
		}
		if found && !errors.Is(err, wallet.ErrWIF) {
			t.Errorf("%s: %v is not %v", c.name, err, wallet.ErrWIF)
		}
	}
}
