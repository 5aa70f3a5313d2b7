package website

import (
	"slices"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/poolapi"
)

// causes are the ledger's words as documents say them.
var causes = map[ledger.Cause]string{
	ledger.Credited: poolapi.CreditBlock, ledger.Matures: poolapi.CreditBlock, ledger.Orphans: poolapi.CreditOrphan,
	ledger.Purchased: poolapi.CreditShares, ledger.Corrected: poolapi.CreditCorrection, ledger.Imported: poolapi.CreditImport, ledger.Borne: poolapi.CreditBorne,
	ledger.SetAside: poolapi.CreditPayout, ledger.GivenBack: poolapi.CreditReturned, ledger.Abandoned: poolapi.CreditReturned,
}

func causeOf(c ledger.Cause) string {
	if word, ok := causes[c]; ok {
		return word
	}
	return string(c)
}

// credit tells of a movement of an account's money.
func (p Pool) credit(i ledger.Income) poolapi.Credit {
	c := poolapi.Credit{
		ID: i.ID, Coin: p.Info.ID, Symbol: p.Info.Symbol, Cause: causeOf(i.Cause), Time: i.Time.UTC(),
		Amount: p.amount(i.Amount), Undone: i.Undone, Payout: i.Payout,
	}
	if i.Cause == ledger.Corrected || i.Cause == ledger.Imported {
		c.Note = i.Note // written for the miner; the other notes are the operator's own
	}
	if i.Block.ID != 0 {
		c.Block = p.blockPart(i.Block)
	}
	if i.Cause == ledger.Purchased {
		b := i.Purchase
		c.Shares = &poolapi.SharesPrice{
			From: b.Start, To: b.End, Shares: b.Shares, Difficulty: b.Difficulty, Price: p.fraction(b.Price()), Carried: p.fraction(b.Carried),
		}
	}
	return c
}

func (p Pool) credits(incomes []ledger.Income) []poolapi.Credit {
	all := make([]poolapi.Credit, len(incomes))
	for i, one := range incomes {
		all[i] = p.credit(one)
	}
	return all
}

func (p Pool) blockPart(b ledger.BlockPart) *poolapi.BlockPart {
	part := &poolapi.BlockPart{
		Height: b.Height, Hash: b.Hash, Time: b.FoundAt.UTC(), Status: string(b.Status), Reward: p.amount(b.Reward), Explained: b.Kept,
	}
	if !b.Kept {
		return part
	}
	part.Scheme, part.FeePPM, part.Fee = string(b.Scheme), b.FeePPM, p.amount(b.Fee())
	part.Recipients, part.OwnPart, part.Net = p.amount(b.Recipients), p.amount(b.OwnPart), p.amount(b.Net())
	part.Shares, part.Difficulty = b.Shares, b.Difficulty
	part.AllShares, part.AllDifficulty, part.Accounts = b.AllShares, b.AllDifficulty, b.Accounts
	return part
}

// receipt tells what a payout gives the account of at, whose address only its owner is
// shown if it is not the account's own.
func (at minerAt) receipt(y ledger.Payout) poolapi.Receipt {
	p, o := at.pool, y.Outputs[0]
	r := poolapi.Receipt{
		ID: y.ID, Coin: p.Info.ID, Symbol: p.Info.Symbol, Status: string(y.Status), Time: y.Created.UTC(),
		Amount: p.amount(o.Amount), TxID: y.TxID,
	}
	if !y.Adopted.IsZero() { // it has arrived, even where it had been given up
		r.Time, r.Status = y.Adopted.UTC(), string(ledger.Confirmed)
	}
	if !y.Confirmed.IsZero() {
		r.Time = y.Confirmed.UTC()
	}
	if y.TxID != "" {
		r.Fee, r.Net = p.amount(o.Amount-o.Net), p.amount(o.Net)
	}
	if at.owner || o.Address == at.own {
		r.Address = o.Address
	}
	return r
}

func (at minerAt) receipts(payouts []ledger.Payout) []poolapi.Receipt {
	all := []poolapi.Receipt{}
	for _, y := range payouts {
		if len(y.Outputs) > 0 {
			all = append(all, at.receipt(y))
		}
	}
	return all
}

// explanation tells why a payout gave the account of at what it gave, with some of the
// movements that it is made of.
func (at minerAt) explanation(e ledger.Explanation, some []ledger.Income) poolapi.PayoutExplanation {
	p := at.pool
	doc := poolapi.PayoutExplanation{
		Account: at.account, Payout: at.receipt(e.Payout), Begun: e.Begun.UTC(), Previous: e.Previous,
		Opening: p.amount(e.Opening), Sums: p.sums(e.Sums), Rest: p.amount(e.Rest), Credits: p.credits(some),
	}
	if !e.Since.IsZero() {
		since := e.Since.UTC()
		doc.Since = &since
	}
	return doc
}

// ExplainPayout is the document for who may see everything, the operator: why a payout
// of p gave account what it gave.
func ExplainPayout(p Pool, account string, e ledger.Explanation, some []ledger.Income) poolapi.PayoutExplanation {
	return minerAt{pool: p, account: account, owner: true}.explanation(e, some)
}

// causeOrder is the order in which sums are told.
var causeOrder = []string{
	poolapi.CreditBlock, poolapi.CreditShares, poolapi.CreditImport, poolapi.CreditCorrection, poolapi.CreditBorne,
	poolapi.CreditOrphan, poolapi.CreditPayout, poolapi.CreditReturned,
}

// sums adds up what documents have one word for.
func (p Pool) sums(all []ledger.IncomeSum) []poolapi.CauseSum {
	var words []string
	merged := map[string]ledger.IncomeSum{}
	for _, s := range all {
		word := causeOf(s.Cause)
		m, known := merged[word]
		if !known {
			words = append(words, word)
		}
		m.Number += s.Number
		m.Amount += s.Amount
		merged[word] = m
	}
	slices.SortStableFunc(words, func(a, b string) int { return slices.Index(causeOrder, a) - slices.Index(causeOrder, b) })
	docs := make([]poolapi.CauseSum, 0, len(words))
	for _, word := range words {
		docs = append(docs, poolapi.CauseSum{Cause: word, Number: merged[word].Number, Amount: p.amount(merged[word].Amount)})
	}
	return docs
}
