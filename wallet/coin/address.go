package coin

import (
	"bytes"
	"slices"
)

// A Kind says what has to be shown to spend from an address.
type Kind string

// The kinds of address. KindWitnessUnknown is a witness program that no rule
// guards yet: whatever is paid to it anybody can take.
const (
	KindP2PKH          Kind = "p2pkh"
	KindP2SH           Kind = "p2sh"
	KindP2WPKH         Kind = "p2wpkh"
	KindP2WSH          Kind = "p2wsh"
	KindP2TR           Kind = "p2tr"
	KindWitnessUnknown Kind = "witness_unknown"
)

// An Address is where coins can be paid to on a Network, which makes and reads it.
// Two addresses are equal if they are written equally; each script has one text on
// a network, whatever form it was typed in. The zero value is no address.
type Address struct {
	kind   Kind
	text   string
	script string
}

// String returns the canonical text: bech32 and cashaddr in lower case, cashaddr
// with its prefix, scripts' addresses with the newer version where there are two.
func (a Address) String() string { return a.text }

// Kind returns what has to be shown to spend from a.
func (a Address) Kind() Kind { return a.kind }

// Script returns the output script that pays to a (scriptPubKey), a fresh copy.
func (a Address) Script() []byte { return []byte(a.script) }

// Bytes of scripts that are used here.
const (
	opBeforeOne   = 0x50 // OP_1 is the one after it
	opDup         = 0x76
	opEqual       = 0x87
	opEqualVerify = 0x88
	opHash160     = 0xa9
	opCheckSig    = 0xac
)

// P2PKH returns the old form of the key's address, base58check, which every
// network has.
func (n *Network) P2PKH(h PubKeyHash) Address {
	return n.keyAddress(h, EncodeBase58Check(n.P2PKHVersion, h[:]))
}

// CashAddr returns the key's address in the form of Bitcoin Cash. It panics on a
// network whose CashAddrPrefix is empty.
func (n *Network) CashAddr(h PubKeyHash) Address {
	if n.CashAddrPrefix == "" {
		panic("coin: no cashaddr on " + n.String())
	}
	return n.keyAddress(h, encodeCashAddr(n.CashAddrPrefix, cashP2PKH, h))
}

// P2WPKH returns the key's segwit address. It panics on a network without
// Segwit, where anybody could take what is paid to it.
func (n *Network) P2WPKH(h PubKeyHash) Address {
	if !n.Segwit() {
		panic("coin: no segwit on " + n.String())
	}
	return n.witnessAddress(program{0, h[:]})
}

// P2SHP2WPKH returns the key's segwit address wrapped in a script's, for payers who
// do not know bech32. It panics where P2WPKH does.
func (n *Network) P2SHP2WPKH(h PubKeyHash) Address {
	if !n.Segwit() {
		panic("coin: no segwit on " + n.String())
	}
	return n.scriptAddress(hash160(program{0, h[:]}.script()))
}

// Segwit reports whether n's keys have segwit addresses, P2WPKH and P2SHP2WPKH.
func (n *Network) Segwit() bool { return n.Coin.Segwit && n.Bech32Prefix != "" }

// PayoutAddress returns the address at which the pool pays the key with that hash:
// segwit where the network has it, else cashaddr, else P2PKH. The coin's usual
// wallet finds all of them when the key is imported.
func (n *Network) PayoutAddress(h PubKeyHash) Address { return n.Addresses(h)[0] }

// Addresses returns every address of the key with that hash, the one for payouts
// first.
func (n *Network) Addresses(h PubKeyHash) []Address {
	switch {
	case n.Segwit():
		return []Address{n.P2WPKH(h), n.P2SHP2WPKH(h), n.P2PKH(h)}
	case n.CashAddrPrefix != "":
		return []Address{n.CashAddr(h), n.P2PKH(h)}
	}
	return []Address{n.P2PKH(h)}
}

func (n *Network) keyAddress(h PubKeyHash, text string) Address {
	script := slices.Concat([]byte{opDup, opHash160, byte(len(h))}, h[:], []byte{opEqualVerify, opCheckSig})
	return Address{KindP2PKH, text, string(script)}
}

// scriptAddress returns the address of a script with that hash160 in n's usual form.
func (n *Network) scriptAddress(h [20]byte) Address {
	script := slices.Concat([]byte{opHash160, byte(len(h))}, h[:], []byte{opEqual})
	text := ""
	if n.CashAddrPrefix != "" {
		text = encodeCashAddr(n.CashAddrPrefix, cashP2SH, h)
	} else {
		text = EncodeBase58Check(n.P2SHVersion, h[:])
	}
	return Address{KindP2SH, text, string(script)}
}

func (n *Network) witnessAddress(p program) Address {
	return Address{p.kind(), p.encode(n.Bech32Prefix), string(p.script())}
}

// fromBase58 makes an address of what was in a base58check text, if it is one of n.
func (n *Network) fromBase58(payload []byte) (Address, bool) {
	if h, ok := cutVersion(payload, n.P2PKHVersion); ok {
		if n.CashAddrPrefix != "" {
			return n.CashAddr(h), true
		}
		return n.P2PKH(h), true
	}
	for _, version := range [][]byte{n.P2SHVersion, n.P2SHLegacy} {
		if h, ok := cutVersion(payload, version); ok {
			return n.scriptAddress(h), true
		}
	}
	return Address{}, false
}

// cutVersion returns the 20 bytes after version, if that is what payload is.
func cutVersion(payload, version []byte) (h [20]byte, ok bool) {
	rest, ok := bytes.CutPrefix(payload, version)
	if !ok || version == nil || len(rest) != len(h) {
		return h, false
	}
	return [20]byte(rest), true
}
