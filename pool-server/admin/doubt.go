package admin

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/adit-mining/adit/pool-server/ledger"
)

// A doubt is what a pool's payouts have halted at, as far as the reason names it. A
// reason always names the transactions or the block that a person has to look at; that,
// and not its wording, is what is looked for here.
type doubt struct {
	Payout *ledger.Payout // its transaction may never be mined
	Block  *ledger.Block  // miners were paid for it, and it is not in the chain
	Sends  []string       // transactions of the wallet that the book does not know, or has given up
}

func (p *Panel) doubtOf(ctx context.Context, pool Pool, reason string, open, recent []ledger.Payout) (d doubt, err error) {
	blocks, err := p.c.Book.UnsettledBlocks(ctx, pool.ID)
	if err != nil {
		return d, err
	}
	if at := slices.IndexFunc(blocks, func(b ledger.Block) bool { return strings.Contains(reason, b.Hash) }); at >= 0 {
		d.Block = &blocks[at]
		return d, nil // a reason about a block may tell of payouts too
	}
	named := func(p ledger.Payout) bool { return p.TxID != "" && strings.Contains(reason, p.TxID) }
	if at := slices.IndexFunc(open, named); at >= 0 {
		d.Payout = &open[at]
		return d, nil
	}
	if d.Sends, err = p.unbooked(ctx, pool, reason); err != nil {
		return d, err
	}
	if at := slices.IndexFunc(recent, named); at >= 0 && len(d.Sends) == 0 {
		d.Payout = &recent[at]
	}
	return d, nil
}

// unbooked lists the transactions that a reason names and the wallet has sent, but the
// book has not, or has given up. It is the wallet that tells them from a block's hash.
func (p *Panel) unbooked(ctx context.Context, pool Pool, reason string) (sends []string, err error) {
	ask, cancel := context.WithTimeout(ctx, walletTime)
	defer cancel()
	for _, txid := range txids.FindAllString(reason, -1) {
		is, err := p.c.Book.Transaction(ctx, pool.ID, txid)
		if err != nil {
			return nil, err
		}
		if is.Paid || is.Noted || is.Payout != 0 && is.Status != ledger.Cancelled || slices.Contains(sends, txid) {
			continue
		}
		n, known, err := pool.Wallet.Confirmations(ask, txid)
		if err == nil && known && (n > 0 || n == 0 && is.Payout == 0) {
			sends = append(sends, txid)
		}
	}
	return sends, nil
}

// A step is one thing to look at, and what to type for it, if anything.
type step struct{ Text, Command string }

// steps is what to look at before a button is pressed, in order.
func (d doubt) steps() []step {
	switch {
	case d.Block != nil:
		return blockSteps(*d.Block)
	case d.Payout != nil:
		return payoutSteps(*d.Payout)
	case len(d.Sends) > 0:
		return sendSteps(d.Sends)
	}
	return []step{
		{Text: "Read the reason above to its end: it names what to look at. If you have mended all that it names, press “It is sound”."},
		{Text: "Look at the log of errors, which may say more.", Command: "logs/errors.log"},
		{Text: "Compare what the wallet has sent with the payouts below.", Command: "listtransactions"},
	}
}

func payoutSteps(p ledger.Payout) []step {
	steps := []step{
		{"Ask the wallet for the payout's transaction. With confirmations above 0 it is paid: press “It is sound”.", "gettransaction " + p.TxID},
		{"With confirmations below 0 another transaction has spent the same coins. Its id is under “walletconflicts”. Look it up, there and in an explorer: whom did it pay?", "gettransaction ID-OF-THE-OTHER"},
		{"Look whether your daemon is on the right chain and has all of it: an explorer must know the same newest block.", "getblockchaininfo"},
	}
	if canAbandon(p) {
		return append(steps,
			step{Text: "If the other one paid these miners, they have their money: give this payout back, but do not go on before that transaction is booked.", Command: "adit-pool payout adopt --txid ID-OF-THE-OTHER"},
			step{Text: "If the payout can never be mined and nobody of these miners got the money otherwise, give it back."})
	}
	if p.Status == ledger.Cancelled {
		return []step{{Text: fmt.Sprintf("Payout %d was given up, and its money is back in the balances. If nothing else is in doubt, press “It is sound”.", p.ID)}}
	}
	return append(steps, step{Text: fmt.Sprintf("Payout %d is booked as %s. If its miners have not got their money, keep a note of it before you go on: the book takes it for paid.", p.ID, p.Status)})
}

func sendSteps(sends []string) []step {
	steps := []step{{Text: "Is the book a copy from before these payments, or did somebody use the wallet by hand? Look at each of them: whom did it pay?"}}
	for _, txid := range sends {
		steps = append(steps, step{Command: "gettransaction " + txid})
	}
	return append(steps,
		step{Text: "If it paid miners what the pool owed them, book it: then nobody gets it twice."},
		step{Text: "If it was something else, such as your own withdrawal, note that it was no payout: balances stay as they are."})
}

func blockSteps(b ledger.Block) []step {
	return []step{
		{fmt.Sprintf("Ask each daemon which block it has at height %d. If one still has %s…, the daemons disagree: mend the wrong one and press “It is sound”.", b.Height, b.Hash[:min(12, len(b.Hash))]), fmt.Sprintf("getblockhash %d", b.Height)},
		{"Ask for the block itself. Confirmations of -1 mean that it is not in the chain.", "getblockheader " + b.Hash},
		{"Look whether your daemon is on the right chain and has all of it, and what an explorer shows at this height.", "getchaintips"},
		{Text: "If it is gone for good, what miners were paid for it is lost, and the pool bears it. Nothing is taken from the miners."},
	}
}
