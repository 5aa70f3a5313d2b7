package sweep

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/adit-mining/adit/wallet/coin"
)

// An AddressError says why coins are not sent to what was typed. It never repeats
// the text, which may be a secret.
type AddressError struct {
	Code string // one of the Address codes
	Text string // for the person who typed it
}

// The codes of an AddressError.
const (
	AddressEmpty    = "empty"
	AddressSecret   = "secret"    // a private key or words
	AddressKey      = "key"       // a mining key instead of an address
	AddressLink     = "link"      // a payment link
	AddressOther    = "other"     // another coin's address
	AddressNetwork  = "network"   // the same coin's address of another network
	AddressTyped    = "typed"     // its checksum is wrong
	AddressForm     = "form"      // damaged in another way, or no address at all
	AddressMWEB     = "mweb"      // Litecoin's confidential form
	AddressTaproot  = "taproot"   // where it is not known to be safe
	AddressUnguard  = "unguarded" // a witness version that anybody could spend
	AddressEthereum = "ethereum"  // 0x…
)

func (e *AddressError) Error() string { return e.Text }

// ParseDestination reads the address that coins of n are to be sent to.
func ParseDestination(n *coin.Network, text string) (coin.Address, error) {
	no := func(code, format string, args ...any) (coin.Address, error) {
		return coin.Address{}, &AddressError{code, fmt.Sprintf(format, args...)}
	}
	text = strings.TrimSpace(text)
	_, unpayable := n.ParsePayable(text)
	scheme, _, link := strings.Cut(text, ":")
	switch {
	case text == "":
		return no(AddressEmpty, "the address is empty")
	case errors.Is(unpayable, coin.ErrPrivateKey):
		return no(AddressSecret, "this looks like a private key or its words: never give them to anybody, and copy the address that begins your wallet's \"receive\" page instead")
	case errors.Is(unpayable, coin.ErrMiningKey):
		return no(AddressKey, "this is a mining key, not an address: copy the %s address of the wallet that is to get the coins", n.Coin.Name)
	case errors.Is(unpayable, coin.ErrEthereum):
		return no(AddressEthereum, "this is an address of the Ethereum family, where %s does not exist", n.Coin.Name)
	case strings.ContainsAny(text, "?/ ") || link && !strings.EqualFold(scheme, n.CashAddrPrefix) && !isCashPrefix(scheme):
		return no(AddressLink, "this is a link or a sentence with more than an address in it: copy the address alone")
	case hasPrefix(text, n.MWEBPrefix) || n.Coin.ID == "litecoin" && (hasPrefix(text, "ltcmweb") || hasPrefix(text, "tmweb")):
		return no(AddressMWEB, "this is a confidential (MWEB) address: Adit cannot pay to it; take an ordinary address of the same wallet")
	}
	a, err := n.ParseAddress(text)
	switch {
	case err != nil && ofOtherNetwork(n, text):
		return no(AddressNetwork, "%v", err)
	case err != nil && len(homes(n, text, false)) > 0:
		return no(AddressOther, "%v", err)
	case errors.Is(err, coin.ErrChecksum):
		return no(AddressTyped, "%v; a letter is wrong or missing: copy it again", err)
	case err != nil:
		return no(AddressForm, "%v; a letter is wrong or missing: copy it again", err)
	case a.Kind() == coin.KindWitnessUnknown:
		return no(AddressUnguard, "nobody owns an address of this kind (a witness version without rules) yet: anybody could take the coins")
	case a.Kind() == coin.KindP2TR && !n.Coin.Taproot:
		return no(AddressTaproot, "this is a taproot address, and it is not known that %s guards those: anybody might take the coins; take another kind of address of the same wallet", n.Coin.Name)
	}
	return a, nil
}

func hasPrefix(s, prefix string) bool {
	return prefix != "" && len(s) > len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) && s[len(prefix)] == '1'
}

// isCashPrefix reports whether a colon after s is part of an address of some coin.
func isCashPrefix(s string) bool {
	for _, c := range coin.All() {
		for _, n := range c.Networks() {
			if n.CashAddrPrefix != "" && strings.EqualFold(s, n.CashAddrPrefix) {
				return true
			}
		}
	}
	return false
}

// ofOtherNetwork reports whether text is an address of n's coin on another network.
func ofOtherNetwork(n *coin.Network, text string) bool {
	return slices.ContainsFunc(n.Coin.Networks(), func(other *coin.Network) bool {
		_, err := other.ParseAddress(text)
		return other != n && err == nil
	})
}

// homes names the coins, other than n's, on whose networks text is an address too.
// With same true only networks of n's name count.
func homes(n *coin.Network, text string, same bool) (names []string) {
	for _, c := range coin.All() {
		for _, other := range c.Networks() {
			if other == n || same && (c == n.Coin || other.Name != n.Name) {
				continue
			}
			if _, err := other.ParseAddress(text); err == nil {
				names = append(names, other.String())
			}
		}
	}
	return names
}

// Warning is something to be shown before a plan is confirmed.
type Warning struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// The codes of a Warning.
const (
	WarnOwnAddress = "own"       // it is the mining key's own address
	WarnSameForm   = "same-form" // other coins write such an address alike
	WarnFeeShare   = "fee-share" // the fee is a large part
	WarnUnproved   = "unproved"  // amounts were taken on trust
)

// warnAddress tells what is odd about a good address.
func warnAddress(n *coin.Network, typed string, a coin.Address, scripts []Script) (all []Warning) {
	if slices.ContainsFunc(scripts, func(s Script) bool { return string(s.Bytes) == string(a.Script()) }) {
		all = append(all, Warning{WarnOwnAddress, "This is the mining key's own address: the coins would stay where they are, less the fee."})
	}
	if same := homes(n, strings.TrimSpace(typed), true); len(same) > 0 {
		const most = 4
		names := strings.Join(same[:min(most, len(same))], ", ")
		if len(same) > most {
			names += " and others"
		}
		all = append(all, Warning{WarnSameForm, fmt.Sprintf("An address of this form is also one of %s. Be sure that the wallet it is from is for %s: coins sent to another coin's wallet are lost.", names, n.Coin.Name)})
	}
	return all
}
