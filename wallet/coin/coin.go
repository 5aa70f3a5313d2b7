// Package coin knows the coins: their units, block times, address forms and
// prefixes, all of it data (coins/*.json, one file a coin), and reads and writes
// what people type: amounts, addresses, account names.
//
// It decides nothing about keys (package wallet holds them), about work (miners/pow)
// or about what a coin is worth, does no input or output, starts no goroutine and
// keeps no state: everything it returns is immutable and safe to share. Whatever
// a stranger types comes back as a value or as an error that tells that person
// what to change; nothing panics on it. Only a fault in our own coins/*.json
// panics, at the first use, and the tests read every file.
//
// Sources of the data: each file names the repository and commit its numbers were
// read from.
package coin

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// NoSLIP44 is the SLIP44 number of a coin that has none registered. No registered
// number can be as large: the top bit marks hardened derivation.
const NoSLIP44 uint32 = 1 << 31

// A Coin is what the program knows of one coin. Treat it as read-only: everybody
// shares the same one. Lookup, All and Parse are the only ways to get one.
type Coin struct {
	ID     string // lower case, as in "litecoin"; stable, used in files and addresses of pages
	Name   string // "Litecoin"
	Symbol string // "LTC"

	// Algorithm is the proof of work, "scrypt", in the words of package pow, which
	// does not know all of them. Coins with several have them all in Algorithms,
	// and here the first one.
	Algorithm  string
	Algorithms []string

	SLIP44    uint32        // number in SLIP-0044, or NoSLIP44
	BlockTime time.Duration // aimed at by the chain, all algorithms together
	Maturity  int           // confirmations before a block's reward can be spent on the main network
	Decimals  int           // digits after the point of the coin's own unit; an Amount of 1 is 10^-Decimals
	Segwit    bool          // the chain knows segregated witness
	Taproot   bool          // taproot is known to be enforced, so that paying to it is safe
	Rules     []string      // rules to name in getblocktemplate (BIP 9), nil if none
	Minable   string        // "yes", "low" (few miners left), "uncertain" or "no" (no proof of work any more)

	// ShieldedCoinbase says that a reward can only be spent to a shielded address
	// first (Zcash and its kin), so it must never go straight to a mining key.
	ShieldedCoinbase bool

	Source string   // repository, file and commit that the numbers were read from
	Notes  []string // what a careful reader of the numbers should know

	networks []*Network
}

// Lookup returns the coin with that id ("litecoin") or symbol ("LTC"), in any
// letter case. The error names the coins there are.
func Lookup(id string) (*Coin, error) {
	for _, c := range known() {
		if strings.EqualFold(id, c.ID) || strings.EqualFold(id, c.Symbol) {
			return c, nil
		}
	}
	ids := make([]string, 0, len(known()))
	for _, c := range known() {
		ids = append(ids, c.ID)
	}
	return nil, fmt.Errorf("unknown coin %s; known are %s", quote(id), strings.Join(ids, ", "))
}

// All returns every coin that comes with the program, sorted by id.
func All() []*Coin { return slices.Clone(known()) }

// Network returns the coin's network of that name: "main", "test" or "regtest",
// the words that the coin's daemon uses in getblockchaininfo.
func (c *Coin) Network(name string) (*Network, error) {
	for _, n := range c.networks {
		if n.Name == name {
			return n, nil
		}
	}
	return nil, fmt.Errorf("%s has no network %s; want main, test or regtest", c.Name, quote(name))
}

// Networks returns the coin's networks, main first.
func (c *Coin) Networks() []*Network { return slices.Clone(c.networks) }

// String returns the coin's name.
func (c *Coin) String() string { return c.Name }

//go:embed coins/*.json
var files embed.FS

// known reads the embedded coins once. A fault in them is a fault of the program.
var known = sync.OnceValue(func() []*Coin {
	coins, err := readAll()
	if err != nil {
		panic(fmt.Sprintf("coin: embedded data: %v", err))
	}
	return coins
})

func readAll() ([]*Coin, error) {
	entries, err := files.ReadDir("coins")
	if err != nil {
		return nil, err
	}
	var coins []*Coin
	var errs []error
	for _, e := range entries {
		data, err := files.ReadFile(path.Join("coins", e.Name()))
		if err != nil {
			return nil, err
		}
		c, err := Parse(data)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", e.Name(), err))
			continue
		}
		coins = append(coins, c)
	}
	slices.SortFunc(coins, func(a, b *Coin) int { return cmp.Compare(a.ID, b.ID) })
	return coins, errors.Join(errs...)
}
