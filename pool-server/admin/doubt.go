package admin

import (
	"fmt"
	"strings"

	"github.com/adit-mining/adit/pool-server/ledger"
)

// A doubt is what a pool's payouts have halted at, as far as the reason names it. A
// reason always names the transaction or the block that a person has to look at; that,
// and not its wording, is what is looked for here.
type doubt struct {
	Payout *ledger.Payout // its transaction may never be mined
	Block  *ledger.Block  // miners were paid for it, and it is not in the chain
}

func doubtOf(reason string, open, recent []ledger.Payout, blocks []ledger.Block) (d doubt) {
	for _, all := range [][]ledger.Payout{open, recent} {
		for i := range all {
			if d.Payout == nil && all[i].TxID != "" && strings.Contains(reason, all[i].TxID) {
				d.Payout = &all[i]
			}
		}
	}
	for i := range blocks {
		if strings.Contains(reason, blocks[i].Hash) {
			d.Block = &blocks[i]
			d.Payout = nil // a reason about a block may tell of payouts too
			break
		}
	}
	return d
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
	}
	return []step{
		{Text: "Read the reason above to its end: it names what to look at."},
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
			step{Text: "If the other one paid these miners, they have their money: do not give it back. Ask for help before you press anything."},
			step{Text: "If the payout can never be mined and nobody of these miners got the money otherwise, give it back."})
	}
	return append(steps, step{Text: fmt.Sprintf("Payout %d is booked as %s. If its miners have not got their money, keep a note of it before you go on: the book takes it for paid.", p.ID, p.Status)})
}

func blockSteps(b ledger.Block) []step {
	return []step{
		{fmt.Sprintf("Ask each daemon which block it has at height %d. If one still has %s…, the daemons disagree: mend the wrong one and press “It is sound”.", b.Height, b.Hash[:min(12, len(b.Hash))]), fmt.Sprintf("getblockhash %d", b.Height)},
		{"Ask for the block itself. Confirmations of -1 mean that it is not in the chain.", "getblockheader " + b.Hash},
		{"Look whether your daemon is on the right chain and has all of it, and what an explorer shows at this height.", "getchaintips"},
		{Text: "If it is gone for good, what miners were paid for it is lost, and the pool bears it. Nothing is taken from the miners."},
	}
}
