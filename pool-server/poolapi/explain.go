package poolapi

import (
	"context"
	"net/url"
	"strconv"
	"time"
)

// Paths about where an account's money comes from, after MinersPath + account. All take
// coin=ID; the lists page by page with before= and limit=.
const (
	CreditsPath      = "/credits"      // CreditList
	MinerPayoutsPath = "/payouts"      // PayoutList; + "/" + id: PayoutExplanation
	CreditsCSVPath   = "/credits.csv"  // all credits, newest first
	CreditsJSONPath  = "/credits.json" // the same, a list of Credit
	PayoutsCSVPath   = "/payouts.csv"  // all payouts that have arrived, newest first
	PayoutsJSONPath  = "/payouts.json" // the same, a list of Receipt
)

// MaxCredits is the most entries of one page, and DefaultCredits how many there are if
// nobody says.
const (
	MaxCredits     = 200
	DefaultCredits = 50
)

// CreditList is a page of what brought an account money, newest first, at CreditsPath.
type CreditList struct {
	Account string   `json:"account"`
	Coin    string   `json:"coin"`
	Symbol  string   `json:"symbol"`
	Credits []Credit `json:"credits"`
	// Next is the before= of the page that follows; absent: there is none.
	Next int64 `json:"next,omitempty"`
}

// What a Credit is for.
const (
	CreditBlock      = "block"      // an account's part of a block
	CreditOrphan     = "orphan"     // a block that had matured is gone, and the credit with it
	CreditShares     = "shares"     // the pool bought shares (PPS)
	CreditCorrection = "correction" // by a person; Note says why
	CreditImport     = "import"     // brought from other books
	CreditBorne      = "borne"      // paid beyond the balance, at the pool's loss
	CreditPayout     = "payout"     // set aside for a payout that was given up later
	CreditReturned   = "returned"   // the money of a payout that was given up
)

// Credit is one movement of an account's money.
type Credit struct {
	ID     int64     `json:"id"` // later ones have greater numbers
	Coin   string    `json:"coin"`
	Symbol string    `json:"symbol"`
	Cause  string    `json:"cause"`
	Time   time.Time `json:"time"` // when it was booked
	Amount string    `json:"amount"`
	// Undone says that a block's credit was taken back, because the block is gone:
	// nothing of it is owed.
	Undone bool   `json:"undone,omitempty"`
	Note   string `json:"note,omitempty"`
	Payout int64  `json:"payout,omitempty"` // that was begun or given up
	// Block explains the part of a block.
	Block *BlockPart `json:"block,omitempty"`
	// Shares explains the price of bought shares.
	Shares *SharesPrice `json:"shares,omitempty"`
}

// BlockPart is how an account's part of a block comes about:
//
//	fee        = reward * fee_ppm / 1000000, rounded down to the unit
//	net        = reward - fee - recipients
//	the amount = net * difficulty / all_difficulty, rounded down, + own_part
//
// What rounding leaves over is less than a unit for each account and belongs to the
// pool's dust. Difficulties are exact to about 16 digits.
type BlockPart struct {
	Height int64     `json:"height"`
	Hash   string    `json:"hash"`
	Time   time.Time `json:"time"`   // when it was found
	Status string    `json:"status"` // as in Block. Of one that was gone after it was paid for, the pool bears the loss
	Reward string    `json:"reward"`
	// Explained says that what follows was kept. Without, the block was credited by a
	// version of the pool that did not.
	Explained     bool    `json:"explained"`
	Scheme        string  `json:"scheme,omitempty"`
	FeePPM        int64   `json:"fee_ppm"`
	Fee           string  `json:"fee,omitempty"`
	Recipients    string  `json:"recipients,omitempty"` // to the operator or a donation, by the pool's terms
	OwnPart       string  `json:"own_part,omitempty"`   // of which so much is this account's
	Net           string  `json:"net,omitempty"`
	Shares        int64   `json:"shares"`     // of the account
	Difficulty    float64 `json:"difficulty"` // their sum
	AllShares     int64   `json:"all_shares"`
	AllDifficulty float64 `json:"all_difficulty"`
	Accounts      int64   `json:"accounts"` // that had shares; under PPS the pool itself with those it bought is one
}

// SharesPrice is how the price of bought shares comes about: carried + difficulty *
// price, rounded down to the unit. The rest is carried on.
type SharesPrice struct {
	From       time.Time `json:"from"`
	To         time.Time `json:"to"`
	Shares     int64     `json:"shares"`
	Difficulty float64   `json:"difficulty"` // their sum
	Price      string    `json:"price"`      // of difficulty 1 on average, after the pool's fee; in coins, to 12 digits
	Carried    string    `json:"carried"`    // from the purchase before, less than a unit; as Price
}

// PayoutList is a page of an account's payouts, newest first, at MinerPayoutsPath.
type PayoutList struct {
	Account string    `json:"account"`
	Coin    string    `json:"coin"`
	Symbol  string    `json:"symbol"`
	Payouts []Receipt `json:"payouts"`
	Next    int64     `json:"next,omitempty"` // as in CreditList
}

// Receipt is what a payout gives one account.
type Receipt struct {
	ID     int64  `json:"id"`
	Coin   string `json:"coin"`
	Symbol string `json:"symbol"`
	Status string `json:"status"` // as in Payout
	// Time is when it was confirmed, or until then begun.
	Time    time.Time `json:"time"`
	Amount  string    `json:"amount"`        // what left the balance
	Fee     string    `json:"fee,omitempty"` // this account's part of the transaction's; absent until signed
	Net     string    `json:"net,omitempty"` // what arrived
	TxID    string    `json:"txid,omitempty"`
	Address string    `json:"address,omitempty"` // if it is the key's own, or for the owner
}

// PayoutExplanation says why a payout gave an account what it gave:
//
//	opening + the sum of Sums = the payout's amount + rest
//
// to the unit. Credits are the movements that Sums adds up, oldest first.
type PayoutExplanation struct {
	Account  string     `json:"account"`
	Payout   Receipt    `json:"payout"`
	Begun    time.Time  `json:"begun"`              // when the money was set aside
	Previous int64      `json:"previous,omitempty"` // the payout before; absent: none
	Since    *time.Time `json:"since,omitempty"`    // when that was begun
	Opening  string     `json:"opening"`            // what it left in the balance
	Sums     []CauseSum `json:"sums"`
	Rest     string     `json:"rest"` // what this payout left in the balance
	Credits  []Credit   `json:"credits"`
	Next     int64      `json:"next,omitempty"` // the after= of the page that follows
}

// CauseSum is all movements of one cause.
type CauseSum struct {
	Cause  string `json:"cause"`
	Number int64  `json:"number"`
	Amount string `json:"amount"`
}

// Credits asks for a page of an account's credits of a coin. before and limit may be 0:
// from the newest on, and DefaultCredits.
func (c *Client) Credits(ctx context.Context, account, coin string, before int64, limit int) (CreditList, error) {
	var list CreditList
	err := c.get(ctx, MinersPath+url.PathEscape(account)+CreditsPath+paging(coin, "before", before, limit), &list)
	return list, err
}

// MinerPayouts asks for a page of an account's payouts of a coin, as Credits does.
func (c *Client) MinerPayouts(ctx context.Context, account, coin string, before int64, limit int) (PayoutList, error) {
	var list PayoutList
	err := c.get(ctx, MinersPath+url.PathEscape(account)+MinerPayoutsPath+paging(coin, "before", before, limit), &list)
	return list, err
}

// ExplainPayout asks why a payout gave an account what it gave. after is 0 or the Next
// of the page before. A payout that gave it nothing answers 404.
func (c *Client) ExplainPayout(ctx context.Context, account string, payout, after int64) (PayoutExplanation, error) {
	var e PayoutExplanation
	path := MinersPath + url.PathEscape(account) + MinerPayoutsPath + "/" + strconv.FormatInt(payout, 10)
	err := c.get(ctx, path+paging("", "after", after, 0), &e)
	return e, err
}

func paging(coin, key string, from int64, limit int) string {
	q := url.Values{}
	if coin != "" {
		q.Set("coin", coin)
	}
	if from > 0 {
		q.Set(key, strconv.FormatInt(from, 10))
	}
	if limit > 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}
