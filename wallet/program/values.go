package program

import (
	"context"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
)

// Sync is how far a program has read its coin's chain.
type Sync struct {
	// Blocks of Headers are read; Headers is what the network is known to have, and
	// grows too. Both are 0 before the program knows.
	Blocks, Headers int64
	// Fraction is the program's own estimate of the work done, below 1 until Synced.
	Fraction float64
	Peers    int // that the program is connected to
	Synced   bool
	// Doing is what the program says that it is at while it starts, in its own words.
	Doing string
}

// Scan is how far a program has looked through its chain for a key's coins.
type Scan struct {
	Fraction float64
	Since    time.Duration // for how long it has looked
}

// Balance is what a wallet has.
type Balance struct {
	Spendable coin.Amount // confirmed, or its own change
	Pending   coin.Amount // not confirmed yet
	Immature  coin.Amount // of blocks, to be spent later
}

// Total is all of it.
func (b Balance) Total() coin.Amount { return b.Spendable + b.Pending + b.Immature }

// Imported is what came of giving a wallet a key.
type Imported struct {
	How       string   // the call that was taken: importdescriptors, importmulti, importprivkey, restore
	Addresses []string // of the key, that the wallet watches and can sign for
	// Received is all that these addresses ever got, as far as the program tells; at
	// least what they have now.
	Received coin.Amount
}

// A Passphrase asks the person for the passphrase of the wallet in the program; again is
// true when the last answer was wrong. An error ends the asking.
type Passphrase func(ctx context.Context, again bool) (string, error)
