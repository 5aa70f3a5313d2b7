package coin

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ParseAddress reads any address of n: P2PKH, P2SH, segwit of every version,
// cashaddr with or without its prefix, and older forms that the coin's own wallet
// still reads. MimbleWimble addresses (MWEB) are refused: they cannot stand in a
// coinbase or beside other outputs. The error says what is wrong in words for the
// person who typed s, and never repeats s.
func (n *Network) ParseAddress(s string) (Address, error) {
	switch {
	case s == "":
		return Address{}, errors.New("the address is empty")
	case len(s) > maxText:
		return Address{}, fmt.Errorf("%d characters are too many for an address", len(s))
	case hasBech32Prefix(s, n.MWEBPrefix):
		return Address{}, fmt.Errorf("this is a MimbleWimble (MWEB) address, which a pool cannot pay to; %s", n.want())
	}
	a, err := n.read(s)
	if err == nil {
		return a, nil
	}
	if others := homes(s); others != "" {
		return Address{}, fmt.Errorf("this is an address of %s; %s", others, n.want())
	}
	return Address{}, fmt.Errorf("not a %s address: %w; %s", n, err, n.want())
}

// read reads s in the form that its beginning shows.
func (n *Network) read(s string) (Address, error) {
	switch {
	case n.Segwit() && hasBech32Prefix(s, n.Bech32Prefix):
		prefix, p, err := decodeSegwit(s)
		if err != nil {
			return Address{}, err
		}
		if prefix != n.Bech32Prefix {
			return Address{}, errors.New("the prefix is another one")
		}
		return n.witnessAddress(p), nil
	case n.looksLikeCashAddr(s):
		kind, h, err := decodeCashAddr(s, n.CashAddrPrefix)
		if err != nil {
			return Address{}, err
		}
		if kind == cashP2PKH {
			return n.CashAddr(h), nil
		}
		return n.scriptAddress(h), nil
	}
	if len(s) > longestBase58 {
		return Address{}, errors.New("its beginning is another one, or it is too long")
	}
	payload, err := DecodeBase58Check(s)
	if err != nil {
		return Address{}, err
	}
	a, ok := n.fromBase58(payload)
	if !ok {
		return Address{}, errors.New("its version is of something else")
	}
	return a, nil
}

const (
	// bareCashAddrLength is that of a cashaddr of 20 bytes without its prefix.
	bareCashAddrLength = 42
	// longestBase58 is that of two bytes of version, 20 of hash and 4 of checksum.
	longestBase58 = 36
)

func (n *Network) looksLikeCashAddr(s string) bool {
	if n.CashAddrPrefix == "" {
		return false
	}
	prefix, _, found := strings.Cut(s, ":")
	return found && strings.EqualFold(prefix, n.CashAddrPrefix) || !found && len(s) == bareCashAddrLength
}

// homes names the networks on which s is an address, the likely ones first and at
// most four, or returns "".
func homes(s string) string {
	const most = 4
	type home struct {
		name   string
		rarity int // people hold addresses of main networks, and of keys more than of scripts
	}
	var found []home
	for _, c := range known() {
		for _, n := range c.networks {
			a, err := n.read(s)
			if err != nil {
				continue
			}
			h := home{name: n.String()}
			if n.Name != "main" {
				h.rarity += 2
			}
			if a.Kind() == KindP2SH {
				h.rarity++
			}
			found = append(found, h)
		}
	}
	slices.SortStableFunc(found, func(a, b home) int { return cmp.Compare(a.rarity, b.rarity) })
	var names []string
	for _, h := range found[:min(most, len(found))] {
		names = append(names, h.name)
	}
	text := strings.Join(names, ", ")
	if len(found) > most {
		text += " or others"
	}
	return text
}

// want says what an address of n looks like.
func (n *Network) want() string {
	return fmt.Sprintf("use a %s address, like %s", n, n.sample())
}

// sample returns the beginning of n's payout addresses: "ltc1q...". The letter that
// a base58 version makes is known if the smallest and the largest hash agree on it.
func (n *Network) sample() string {
	switch {
	case n.Segwit():
		return n.Bech32Prefix + "1q..."
	case n.CashAddrPrefix != "":
		return n.CashAddrPrefix + ":q..."
	}
	var low, high PubKeyHash
	for i := range high {
		high[i] = 0xff
	}
	a, b := n.P2PKH(low).String(), n.P2PKH(high).String()
	same := 0
	for same < len(a) && same < len(b) && a[same] == b[same] {
		same++
	}
	if same == 0 {
		return a[:1] + "... or " + b[:1] + "..."
	}
	return a[:same] + "..."
}
