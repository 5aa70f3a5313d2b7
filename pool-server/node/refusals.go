package node

import (
	"errors"
	"fmt"

	"github.com/adit-mining/adit/wallet/coin"
)

// Kinds of refusals of BuildAndSign that a payer can do something about. Nothing was
// signed, and no coin stays locked.
var (
	// ErrTooLarge: see TooLargeError.
	ErrTooLarge = errors.New("payment does not fit into one transaction")
	// ErrFee: the fee is above SignOptions.MaxFee.
	ErrFee = errors.New("fee is above the limit")
	// ErrAddress: an address that no payment to several can reach.
	ErrAddress = errors.New("address cannot be paid")
)

// FundsError says that the wallet's confirmed coins do not do. It is an ErrFunds.
type FundsError struct {
	Spendable coin.Amount // confirmed, mature and not locked
	Needed    coin.Amount
}

// Error says both amounts, and what to do.
func (e *FundsError) Error() string {
	return fmt.Sprintf("%v: %v are there, %v are needed (%s)", ErrFunds, e.Spendable, e.Needed, adviceFor(ErrFunds))
}

// Unwrap makes it an ErrFunds.
func (e *FundsError) Unwrap() error { return ErrFunds }

// TooLargeError says what would fit into one transaction instead. It is an
// ErrTooLarge.
type TooLargeError struct {
	Weight, Limit int // in BIP 141's units: of the whole payment, and allowed
	// Receivers is how many of the outputs fit, from the first on, outputs to one
	// address counted once; Amount is what they add up to. If even the first is owed
	// more than the coins that fit, Receivers is 0 and Amount what it could get: the
	// wallet's coins are too small, and a payment of Amount to the pool's own address
	// makes one of many.
	Receivers int
	Amount    coin.Amount
}

// Error says how large it is, and what fits.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("%v: weight %d, the limit is %d; %v to the first %d receivers would fit", ErrTooLarge, e.Weight, e.Limit, e.Amount, e.Receivers)
}

// Unwrap makes it an ErrTooLarge.
func (e *TooLargeError) Unwrap() error { return ErrTooLarge }

// TooSmallError says which output is not worth sending. It is an ErrTooSmall.
type TooSmallError struct {
	Address string // of the smallest of them
	Amount  coin.Amount
	Least   coin.Amount // what would have been enough in this transaction
}

// Error says which output it is, and what would do.
func (e *TooSmallError) Error() string {
	return fmt.Sprintf("%v: %v to %s; %v would do now", ErrTooSmall, e.Amount, e.Address, e.Least)
}

// Unwrap makes it an ErrTooSmall.
func (e *TooSmallError) Unwrap() error { return ErrTooSmall }
