// Package payouts decides who is owed what, and pays it.
//
// Split deals a block's reward out; it is a pure function. Whose work the block pays
// for, and on which terms, is the ledger's: see its schemes. A Keeper watches one
// pool: the fate of its blocks, which it asks the coin's daemons, and its
// payouts, which it carries out with the coin's wallet. All that it knows is in
// the ledger; the ledger is written before anything irrevocable is done and again
// after it, so that a crash at any point is made good by the next Pass:
//
//	block    candidate -> immature -> matured      or orphaned, and back
//	payout   intent -> signed -> sent -> confirmed or cancelled before it is signed
//
// The signed transaction is in the ledger before the first daemon sees it. What
// is sent again is the same bytes, which the network takes for one payment.
//
// A run makes as many payouts as it takes to pay all that are due: each of so many
// accounts as fit into a transaction, and as long as the wallet has confirmed coins.
// Several may be open at once. That is as safe as one: what a payout holds has left
// the balances with its intent, so that no other one can pay it. One is begun when
// the one before it is signed. Plan says what a run would do; Pay is one by hand.
//
// Before anything is begun, signed or first sent, what the wallet has sent is held
// against the ledger: a payment to the pool's miners that the ledger does not know,
// say because it is a restored copy, halts the payouts until a person has adopted
// or ignored it.
//
// Trouble that time or the operator can mend (a locked wallet, too few mature
// coins, a daemon that is away) is waited out, and Status says so. Doubt about
// the fate of money halts the pool's payouts, in the ledger, with what a person
// has to look at; blocks are still followed.
//
// A payout that has its confirmations is still looked at until it is as deep as
// a block has to be to mature: if a reorganisation throws it out, the same bytes
// are sent again.
//
// The package leaves SQL to ledger and the daemons' dialects to node. Only one of
// Run, Pay, Adopt, Ignore and Abandon works at a time; all methods may be called from
// any goroutine.
package payouts

import (
	"context"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/wallet/coin"
)

// Chain is the coin's daemons; *node.Group is one.
type Chain interface {
	BlockStatus(ctx context.Context, hash pow.Hash) (node.BlockStatus, error)
	SubmitBlock(ctx context.Context, raw []byte, hash pow.Hash) (node.Verdict, error)
	// BlockReward returns what the coinbase of a block on the main chain pays to script.
	BlockReward(ctx context.Context, hash pow.Hash, script []byte) (coin.Amount, error)
}

// Wallet is the wallet that payouts are paid from; *node.Client is one.
type Wallet interface {
	ValidateAddress(ctx context.Context, address string) (node.AddressInfo, error)
	BuildAndSign(ctx context.Context, outputs []node.Output, o node.SignOptions) (node.SignedTx, error)
	Broadcast(ctx context.Context, raw string) error
	TxStatus(ctx context.Context, txid string) (node.TxStatus, error)
	ReleaseExcept(ctx context.Context, keep []string) error
	Unlock(ctx context.Context, passphrase node.Secret, seconds int) error
	Lock(ctx context.Context) error
	FeeRates(ctx context.Context) (estimate, relay coin.Amount, err error)
	// Sends lists what left the wallet and is not in the chain before the block since;
	// all if that is empty.
	Sends(ctx context.Context, since string) ([]node.Send, error)
	BestBlock(ctx context.Context) (pow.Hash, error)
	ChainInfo(ctx context.Context) (node.ChainInfo, error)
	Holdings(ctx context.Context) (node.Holdings, error)
	// InputsGone reports whether a transaction can never be mined, because one that is
	// in the chain has spent what it spends.
	InputsGone(ctx context.Context, raw string) (bool, error)
}

// Blocks is the ledger's part about blocks; see *ledger.Ledger, here and below.
type Blocks interface {
	UnsettledBlocks(ctx context.Context, pool string) ([]ledger.Block, error)
	RecentBlocks(ctx context.Context, pool string, n int) ([]ledger.Block, error)
	RawBlock(ctx context.Context, id int64) ([]byte, error)
	RoundShares(ctx context.Context, id int64) ([]ledger.AccountWeight, error)
	BlockRecipients(ctx context.Context, id int64) ([]ledger.Recipient, error)
	BookPurchases(ctx context.Context, pool string) error
	SetBlockAccepted(ctx context.Context, id int64, a ledger.Acceptance) error
	SetBlockConfirmations(ctx context.Context, confirmations map[int64]int64) error
	MatureBlock(ctx context.Context, id int64) error
	OrphanBlock(ctx context.Context, id int64, reason string) error
	RestoreBlock(ctx context.Context, id int64) error
	SettleBlock(ctx context.Context, id int64) error
}

// Payments is the ledger's part about payouts.
type Payments interface {
	Due(ctx context.Context, pool string, d ledger.Demand) ([]ledger.PayoutOutput, error)
	NoteUnpayable(ctx context.Context, pool string, reasons map[string]string) error
	BeginPayout(ctx context.Context, pool string, outputs []ledger.PayoutOutput) (ledger.Payout, error)
	OpenPayouts(ctx context.Context, pool string) ([]ledger.Payout, error)
	LastConfirmed(ctx context.Context, pool string, n int) ([]ledger.Payout, error)
	SetSigned(ctx context.Context, id int64, raw, txid string, nets map[string]coin.Amount, fee coin.Amount) error
	SetSent(ctx context.Context, id int64) error
	SetConfirmed(ctx context.Context, id int64) error
	CancelUnsigned(ctx context.Context, id int64, reason string) error
	AbandonPayout(ctx context.Context, id int64, reason string) error
	Halt(ctx context.Context, pool, reason string) error
	Halted(ctx context.Context, pool string) (reason string, halted bool, err error)
	Mark(ctx context.Context, pool, name string) (ledger.Mark, error)
	SetMark(ctx context.Context, pool, name string, m ledger.Mark) error
}

// Claims is the ledger's part about who has something to get.
type Claims interface {
	Claims(ctx context.Context, pool string) ([]ledger.Claim, error)
	Payout(ctx context.Context, id int64) (ledger.Payout, error)
}

// Sends is the ledger's part about what the wallet sent.
type Sends interface {
	Transaction(ctx context.Context, pool, txid string) (ledger.TxRecord, error)
	PaidAt(ctx context.Context, pool, address string) ([]string, error)
	LastSigned(ctx context.Context, pool string) (time.Time, error)
	NoteSend(ctx context.Context, pool string, s ledger.OtherSend) error
	AdoptPayout(ctx context.Context, pool string, a ledger.Adoption) (id int64, short map[string]coin.Amount, err error)
}

// Book is the ledger.
type Book interface {
	Blocks
	Payments
	Claims
	Sends
}
