package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
)

// A Cause is why money moves; see the table journal.
type Cause string

// The causes that change what an account can be paid, and Credited, which announces it.
const (
	Credited  Cause = "credit"     // for a block that may still be orphaned
	Matures   Cause = "mature"     // a block's credit becomes payable
	Orphans   Cause = "orphan"     // a matured block is gone, and its credit with it
	Purchased Cause = "purchase"   // the pool bought shares (PPS)
	Corrected Cause = "correction" // by a person, who says why
	Imported  Cause = "import"     // brought from another pool's books
	Borne     Cause = "loss"       // paid beyond the balance, at the pool's loss
	SetAside  Cause = "payout"     // a payout was begun
	GivenBack Cause = "cancel"     // it was given up before it was signed
	Abandoned Cause = "abandon"    // it was given up afterwards, by a person
)

// An Income is one movement of an account's money, with all that is needed to work its
// amount out again.
type Income struct {
	ID       int64 // of the movement: later ones have greater numbers
	Cause    Cause
	Time     time.Time
	Amount   coin.Amount // negative: it was taken
	Note     string
	Undone   bool        // of Credited: it was taken back, and nothing of it is owed
	Payout   int64       // that was begun or given up; otherwise 0
	Block    BlockPart   // zero without a block
	Purchase SharesPrice // zero if the pool bought nothing
}

// A BlockPart is how an account's part of a block comes about: of Net() its Difficulty
// over AllDifficulty, rounded down to the unit, and OwnPart.
type BlockPart struct {
	ID, Height int64
	Hash       string
	FoundAt    time.Time
	Status     BlockStatus
	Scheme     Scheme
	Reward     coin.Amount
	FeePPM     int64       // what the pool keeps, in parts per million of the reward
	Recipients coin.Amount // what goes to others by the pool's terms
	OwnPart    coin.Amount // what of that is this account's

	Shares, AllShares         int64
	Difficulty, AllDifficulty float64
	Accounts                  int64 // that did something for the block; the reserve that buys shares is one

	// Kept says that terms and work were written down. Without, the block was credited
	// by a version that did not, and only the amount is known.
	Kept bool
}

// Fee is what the pool keeps of the reward.
func (b BlockPart) Fee() coin.Amount { return perMillion(b.Reward, b.FeePPM) }

// Net is what is left for the miners.
func (b BlockPart) Net() coin.Amount { return b.Reward - b.Fee() - b.Recipients }

// sumWeights sums up what accounts did for a block, once that is written down.
func (t tx) sumWeights(ctx context.Context, block int64) error {
	if err := t.exec(ctx, "DELETE FROM block_sums WHERE block_id = ?", block); err != nil {
		return err
	}
	return t.exec(ctx, `INSERT INTO block_sums (block_id, accounts, shares, difficulty)
		SELECT block_id, count(*), sum(shares), sum(difficulty) FROM block_weights WHERE block_id = ? GROUP BY block_id`, block)
}

// perMillion is a's part of ppm millionths, rounded down, for all amounts and any ppm up
// to a million.
func perMillion(a coin.Amount, ppm int64) coin.Amount {
	const whole = 1_000_000
	return a/whole*coin.Amount(ppm) + a%whole*coin.Amount(ppm)/whole
}

// A SharesPrice is how the price of bought shares comes about: Carried and Worth
// together, rounded down to the unit. The rest is carried on.
type SharesPrice struct {
	Start, End time.Time // of the slice of time
	Shares     int64
	Difficulty float64
	Carried    float64 // from the purchase before, in units: less than one
	Worth      float64 // of the shares, in units
}

// Price is what a share of difficulty 1 was worth, in units, on average.
func (p SharesPrice) Price() float64 {
	if p.Difficulty <= 0 {
		return 0
	}
	return p.Worth / p.Difficulty
}

// incomeRows lists movements of the account ?1 in the pool ?2, as scanIncome reads them.
// A block that nobody has summed up is summed up here.
const incomeRows = `SELECT j.id, j.cause, j.made_at, j.note, coalesce(j.payout_id, 0), e.amount,
	CASE WHEN EXISTS (SELECT 1 FROM journal u WHERE u.block_id = j.block_id AND u.id > j.id AND u.cause IN ('orphan', 'uncredit')) THEN 1 ELSE 0 END,
	coalesce(b.id, 0), coalesce(b.height, 0), coalesce(b.hash, ''), coalesce(b.found_at, 0), coalesce(b.status, ''),
	coalesce(b.scheme, ''), coalesce(b.reward, 0), coalesce(b.fee_ppm, -1),
	(SELECT CAST(coalesce(sum(b.reward / 1000000 * r.ppm + b.reward % 1000000 * r.ppm / 1000000), 0) AS BIGINT)
		FROM block_recipients r WHERE r.block_id = b.id), coalesce(own.ppm, 0),
	coalesce(w.shares, 0), coalesce(w.difficulty, 0),
	coalesce(s.accounts, (SELECT count(*) FROM block_weights x WHERE x.block_id = b.id)),
	CAST(coalesce(s.shares, (SELECT sum(x.shares) FROM block_weights x WHERE x.block_id = b.id), 0) AS BIGINT),
	coalesce(s.difficulty, (SELECT sum(x.difficulty) FROM block_weights x WHERE x.block_id = b.id), 0),
	coalesce(p.slice, 0), coalesce(p.shares, 0), coalesce(p.difficulty, 0), coalesce(p.value, 0),
	coalesce((SELECT q.value - q.amount FROM purchases q JOIN journal k ON k.id = q.journal_id
		WHERE q.account_id = e.account_id AND q.journal_id < p.journal_id AND k.pool_id = j.pool_id ORDER BY q.journal_id DESC LIMIT 1), 0)
	FROM entries e JOIN journal j ON j.id = e.journal_id
	LEFT JOIN blocks b ON b.id = j.block_id
	LEFT JOIN block_weights w ON w.block_id = b.id AND w.account_id = e.account_id
	LEFT JOIN block_recipients own ON own.block_id = b.id AND own.account_id = e.account_id
	LEFT JOIN block_sums s ON s.block_id = b.id
	LEFT JOIN purchases p ON p.account_id = e.account_id AND p.journal_id = j.id
	WHERE e.account_id = ?1 AND j.pool_id = ?2 `

func scanIncome(rows *sql.Rows) (i Income, err error) {
	var made, undone, found, ownPPM, slices int64
	var value float64
	b, p := &i.Block, &i.Purchase
	err = rows.Scan(&i.ID, &i.Cause, &made, &i.Note, &i.Payout, &i.Amount, &undone,
		&b.ID, &b.Height, &b.Hash, &found, &b.Status, &b.Scheme, &b.Reward, &b.FeePPM, &b.Recipients, &ownPPM,
		&b.Shares, &b.Difficulty, &b.Accounts, &b.AllShares, &b.AllDifficulty,
		&slices, &p.Shares, &p.Difficulty, &value, &p.Carried)
	i.Time, i.Undone = date(made), undone != 0 && i.Cause == Credited
	if b.ID != 0 {
		b.FoundAt, b.OwnPart = date(found), perMillion(b.Reward, ownPPM)
		b.Kept = b.FeePPM >= 0 && b.Accounts > 0
		b.FeePPM = max(0, b.FeePPM)
	}
	if i.Cause == Purchased {
		p.Start = time.Unix(slices*int64(slice.Seconds()), 0).UTC()
		p.End = p.Start.Add(slice)
		p.Worth = value - p.Carried
	}
	return i, err
}

// credits are what announces money: a block's credit, of several the last, and what came
// without a block.
const creditRows = incomeRows + `AND (j.cause = 'credit' AND e.kind = 'immature'
		AND NOT EXISTS (SELECT 1 FROM journal n WHERE n.block_id = j.block_id AND n.cause = 'credit' AND n.id > j.id)
	OR j.cause IN ('purchase', 'correction', 'import', 'loss') AND e.kind = 'balance')
	AND e.journal_id < ?3 ORDER BY e.journal_id DESC LIMIT ?4`

// Credits returns the last n credits of an account whose ID is below before (0: all),
// newest first: one for each block, whatever became of it, and what the pool bought or a
// person corrected. What was less than a unit is not in it.
func (l *Ledger) Credits(ctx context.Context, pool, account string, before int64, n int) ([]Income, error) {
	if before == 0 {
		before = math.MaxInt64
	}
	owner, in, err := l.accountIn(ctx, account, pool)
	if err != nil || owner == 0 {
		return nil, err
	}
	rows, err := l.read.QueryContext(ctx, creditRows, owner, in, before, n)
	all, err := collect(rows, err, scanIncome)
	if err != nil {
		return nil, fmt.Errorf("credits of account %s: %w", account, err)
	}
	return all, nil
}

// accountIn returns the numbers of an account and a pool for readers, 0 if the book does
// not know both.
func (l *Ledger) accountIn(ctx context.Context, account, pool string) (owner, in int64, err error) {
	err = l.read.QueryRowContext(ctx, "SELECT a.id, p.id FROM accounts a CROSS JOIN pools p WHERE a.name = ? AND p.name = ?", account, pool).Scan(&owner, &in)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, fmt.Errorf("account %s of %s: %w", account, pool, err)
	}
	return owner, in, nil
}
