// Package cointest is for the tests of whatever has to do with coins.
package cointest

import (
	"testing"

	"github.com/adit-mining/adit/wallet/coin"
)

// Network returns a coin's network, main, test or regtest, and ends the test if there
// is none.
func Network(t testing.TB, id, name string) *coin.Network {
	t.Helper()
	c, err := coin.Lookup(id)
	if err != nil {
		t.Fatal(err)
	}
	n, err := c.Network(name)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
