package admin

import (
	"fmt"

	"github.com/adit-mining/adit/pool-server/web"
)

// tell says what the order would do, in figures.
func (v *askView) tell(p Prospect) {
	switch v.Order.Action {
	case Resume:
		v.tellResume(p)
	case Abandon:
		v.tellAbandon(p)
	case Settle:
		v.tellSettle(p)
	case Adopt, Ignore:
		v.tellSend(p)
	case Hold, Release:
		v.tellHold(p)
	case Pay:
		v.Heading, v.Button = "Pay now", "Pay who is due"
		v.Will = []string{
			fmt.Sprintf("Everybody who is due at %s is paid now, whatever the schedule says.", v.Pool.ID),
			fmt.Sprintf("Owed and payable to all accounts together are %s.", v.money(p.Totals.Balance)),
		}
	}
}

const staysHalted = "Payouts stay halted until you say that all is sound."

func (v *askView) tellResume(p Prospect) {
	v.Heading, v.Button = "Go on paying", "It is sound: go on paying"
	v.Will = []string{fmt.Sprintf("Payouts of %s go on at once.", v.Pool.ID)}
	open, more := first(p.Open, shownOpen)
	for _, one := range open {
		v.Will = append(v.Will, fmt.Sprintf("Payout %d of %s to %s is carried on: the same transaction, until it is in the chain.", one.ID, v.money(one.Total()), people(len(one.Outputs))))
	}
	if more > 0 {
		v.Will = append(v.Will, fmt.Sprintf("So are %s more.", web.Count(more)))
	}
	v.Will = append(v.Will, fmt.Sprintf("New payouts may be made from %s that are owed and payable.", v.money(p.Totals.Balance)))
	v.Warning = "If what payouts are halted at is still so, they halt again. If you have not looked, somebody may be paid twice."
}

func (v *askView) tellAbandon(p Prospect) {
	v.Heading, v.Button = fmt.Sprintf("Give up payout %d", p.Payout.ID), "This payout can never be mined: give its money back"
	total, n := v.money(p.Payout.Total()), len(p.Payout.Outputs)
	v.Will = []string{
		fmt.Sprintf("Payout %d of %s to %s is given up. Its transaction is %s.", p.Payout.ID, total, people(n), p.Payout.TxID),
		fmt.Sprintf("%s go back to the balances of these accounts, and a later payout pays them again, with another transaction.", total),
		staysHalted,
	}
	v.Who, v.More = first(p.Payout.Outputs, shownAccounts)
	who := "this account is"
	if n > 1 {
		who = fmt.Sprintf("these %s are", people(n))
	}
	v.Warning = fmt.Sprintf("If the transaction is mined after all, %s paid twice, and the pool loses %s. This cannot be undone.", who, total)
}

func (v *askView) tellSettle(p Prospect) {
	reward := v.money(p.Block.Reward)
	v.Heading, v.Button = fmt.Sprintf("Let block %d go", p.Block.Height), "The block is gone: the pool bears the loss"
	v.Will = []string{
		fmt.Sprintf("Block %s at height %d, which was to bring %s, is not looked at any more.", p.Block.Hash, p.Block.Height, reward),
		fmt.Sprintf("Miners keep what they were credited for it. The pool bears it: its losses grow by up to %s, and the wallet has that much less than the book.", reward),
		staysHalted,
	}
	v.Warning = "If the block comes back into the chain, the book takes no notice. This cannot be undone."
}

func (v *askView) tellSend(p Prospect) {
	if v.Order.Action == Ignore {
		v.Heading, v.Button = "It was no payout", "It was no payout: leave the balances alone"
		v.Will = []string{
			fmt.Sprintf("Transaction %s is noted as none of the pool's payouts. No balance changes.", v.Order.TxID),
			staysHalted,
		}
		v.Warning = "If it did pay miners, they are paid the same money again."
		return
	}
	v.Heading, v.Button = "Book a payment", "It paid our miners: book it"
	v.Will = []string{
		fmt.Sprintf("Transaction %s is booked as a payout that was made: what it paid leaves the balances of the accounts that it paid.", v.Order.TxID),
		"What an account got beyond its balance is the pool's loss.",
		staysHalted,
	}
	if p.Known.Payout != 0 {
		v.Will = append(v.Will[:1:1], append([]string{fmt.Sprintf("The book has it as payout %d, which was given up.", p.Known.Payout)}, v.Will[1:]...)...)
	}
	v.Warning = "If it paid somebody for something else, these accounts wait for money that they never got. This cannot be undone."
}

func (v *askView) tellHold(p Prospect) {
	has := fmt.Sprintf("It has %s that are payable, %s that are not mature, and %s in open payouts.", v.money(p.Account.Balance), v.money(p.Account.Immature), v.money(p.Account.Paying))
	if v.Order.Action == Release {
		v.Heading, v.Button = "Pay an account again", "Pay it again"
		v.Will = []string{fmt.Sprintf("Account %s is paid again when it is due.", v.Order.Account), has}
		return
	}
	v.Heading, v.Button = "Hold an account", "Do not pay this account"
	v.Will = []string{
		fmt.Sprintf("Account %s is not paid until you release it. It goes on earning, and nothing is taken from it.", v.Order.Account), has,
		"What is in an open payout is paid all the same.", "Its owner reads your reason on its page.",
	}
}
