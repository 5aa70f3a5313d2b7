package coin

import "bytes"

// A Network is one of a coin's networks, with the prefixes of everything that
// people write down on it. Read-only, like Coin. Prefixes of other coins and
// networks collide with these: an address never identifies its coin.
type Network struct {
	Coin *Coin
	Name string // "main", "test" or "regtest"

	P2PKHVersion   []byte // base58check version of a key's hash, one or two bytes
	P2SHVersion    []byte // base58check version of a script's hash
	P2SHLegacy     []byte // an older version that is still read (Litecoin, MonaCoin), or nil
	WIFVersion     []byte // base58check version of a private key
	WIFLegacy      []byte // an older version that is still read (DigiByte, MonaCoin), or nil
	Bech32Prefix   string // human-readable part, "ltc", or "" where the network has none
	MWEBPrefix     string // human-readable part of MimbleWimble addresses, which are only refused, or ""
	CashAddrPrefix string // "bitcoincash", or ""

	// Steady says when the next block's rules are those of the last one; nil where
	// that is not so or not known.
	Steady *Steady
}

// Steady is a chain whose blocks have the target and the subsidy of the block before,
// and need nothing that only the daemon can make, but for those whose height is a
// multiple of one of these numbers.
type Steady struct {
	Window  int64 `json:"window"`  // blocks between two changes of the target, or of what miners vote on
	Halving int64 `json:"halving"` // blocks between two changes of the subsidy
}

// Holds reports whether the block of that height has the rules of the one before.
func (s *Steady) Holds(height int64) bool {
	return s != nil && height%s.Window != 0 && height%s.Halving != 0
}

// String returns the coin's and the network's name, "Litecoin main".
func (n *Network) String() string { return n.Coin.Name + " " + n.Name }

// WIFNetworks returns the networks on which payload, as DecodeBase58Check returns
// it, is a private key: 32 bytes after the network's version, and a 1 after them if
// the key's public key is compressed. Coins share versions, so there can be many.
func WIFNetworks(payload []byte) []*Network {
	var found []*Network
	for _, c := range known() {
		for _, n := range c.networks {
			if isWIFOf(payload, n.WIFVersion) || isWIFOf(payload, n.WIFLegacy) {
				found = append(found, n)
			}
		}
	}
	return found
}

func isWIFOf(payload, version []byte) bool {
	key, ok := bytes.CutPrefix(payload, version)
	return ok && version != nil && (len(key) == 32 || len(key) == 33 && key[32] == 1)
}
