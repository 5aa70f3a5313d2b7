package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
)

// A batch sums shares in memory, so that SQL sees few rows.
type batch struct {
	at     map[cell]int // index in sums
	sums   []sum        // in the order in which they first came
	trails map[string][]step
}

// A cell is what shares are summed by within a round.
type cell struct {
	pool, account, worker string
	slice                 int64
	solo                  bool
}

type sum struct {
	cell
	scheme     Scheme
	terms      *Terms
	shares     int64
	difficulty float64
	value      float64 // by their prices, in units
	last       int64   // ms
}

// A step is a run of shares as a batch has it: whose they are stands in a sum.
type step struct {
	sum        int
	difficulty float64
	count      uint64
}

func (b *batch) add(s *Share) {
	at := s.Time.UnixMilli()
	c := cell{s.Pool, s.Account, s.Worker, at / slice.Milliseconds(), s.Solo}
	i, ok := b.at[c]
	if !ok {
		i = len(b.sums)
		b.at[c] = i
		b.sums = append(b.sums, sum{cell: c, scheme: s.scheme(), terms: s.Terms})
	}
	one := &b.sums[i]
	one.shares++
	one.difficulty += s.Difficulty
	one.value += s.Difficulty * s.Price
	one.last = max(one.last, at)
	if one.scheme == PPLNS {
		b.step(s.Pool, i, s.Difficulty)
	}
}

// step adds a share to the order of those that PPLNS pays for.
func (b *batch) step(pool string, sum int, difficulty float64) {
	trail := b.trails[pool]
	if n := len(trail); n > 0 && trail[n-1].sum == sum && trail[n-1].difficulty == difficulty {
		trail[n-1].count++
		return
	}
	if b.trails == nil {
		b.trails = map[string][]step{}
	}
	b.trails[pool] = append(trail, step{sum, difficulty, 1})
}

// flush adds b to the open rounds of its pools and empties it.
func (t tx) flush(ctx context.Context, b *batch) error {
	rounds := map[stream]*openRound{}
	rows := make([]row, len(b.sums))
	for i := range b.sums {
		var err error
		if rows[i], err = t.row(ctx, rounds, &b.sums[i]); err != nil {
			return err
		}
		if err := t.count(ctx, rows[i]); err != nil {
			return err
		}
	}
	if err := t.leaveTrails(ctx, b); err != nil {
		return err
	}
	// In the order of the tables' keys, so that neighbours are on one page.
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.round.id, b.round.id), cmp.Compare(a.worker, b.worker), cmp.Compare(a.sum.slice, b.sum.slice))
	})
	for chunk := range slices.Chunk(rows, chunkRows) {
		if err := t.add(ctx, chunk); err != nil {
			return err
		}
	}
	for _, r := range rounds {
		if err := t.owe(ctx, r); err != nil {
			return err
		}
		if err := t.exec(ctx, "UPDATE rounds SET shares = shares + ?, difficulty = difficulty + ? WHERE id = ?",
			r.shares, r.difficulty, r.id); err != nil {
			return err
		}
		if err := t.exec(ctx, "UPDATE pools SET shares = shares + ? WHERE id = ?", r.shares, r.pool); err != nil {
			return err
		}
	}
	clear(b.at)
	clear(b.trails)
	b.sums = b.sums[:0]
	return nil
}

// count counts an account when the pool has its first share.
func (t tx) count(ctx context.Context, r row) error {
	one := [2]int64{r.round.pool, r.account}
	if _, counted := t.ids.counted[one]; counted {
		return nil
	}
	var known bool
	if err := t.get(ctx, "SELECT EXISTS (SELECT 1 FROM pool_accounts WHERE pool_id = ? AND account_id = ?)", []any{one[0], one[1]}, &known); err != nil {
		return err
	}
	remember(&t.ids.counted, one, 0)
	if known {
		return nil
	}
	if err := t.exec(ctx, "INSERT INTO pool_accounts (pool_id, account_id) VALUES (?, ?)", one[0], one[1]); err != nil {
		return err
	}
	return t.exec(ctx, "UPDATE pools SET accounts = accounts + 1 WHERE id = ?", one[0])
}

// A row is a sum as SQL gets it.
type row struct {
	worker, account int64
	round           *openRound
	sum             *sum
	bought          float64 // difficulty that the pool has bought: all of it or nothing
}

// row finds what s belongs to, and has its shares bought where the pool buys them.
func (t tx) row(ctx context.Context, rounds map[stream]*openRound, s *sum) (row, error) {
	account, err := t.account(ctx, s.account)
	if err != nil {
		return row{}, err
	}
	worker, err := t.worker(ctx, s.account, s.worker)
	if err != nil {
		return row{}, err
	}
	r, err := t.openRound(ctx, rounds, s, account)
	if err != nil {
		return row{}, err
	}
	r.shares += s.shares
	r.difficulty += s.difficulty
	one := row{worker: worker, account: account, round: r, sum: s}
	if s.scheme == PPS && s.value > 0 {
		if err := t.openReserve(ctx, r, s); err != nil {
			return row{}, err
		}
		if r.reserve.buy(account, s) {
			one.bought = s.difficulty
		}
	}
	return one, nil
}

// leaveTrails writes down the order of the shares that PPLNS pays for.
func (t tx) leaveTrails(ctx context.Context, b *batch) error {
	for name, steps := range b.trails {
		if len(steps) == 0 {
			continue
		}
		pool, err := t.pool(ctx, name)
		if err != nil {
			return err
		}
		runs := make([]run, len(steps))
		for i, s := range steps {
			account, err := t.account(ctx, b.sums[s.sum].account)
			if err != nil {
				return err
			}
			runs[i] = run{account, s.difficulty, s.count}
		}
		last := &b.sums[steps[len(steps)-1].sum]
		if err := t.follow(ctx, pool, last.terms, last.slice, runs); err != nil {
			return err
		}
	}
	return nil
}

// chunkRows is how many rows one statement takes: a statement for each row
// would cost more than the row.
const chunkRows = 50

// add adds up to chunkRows rows to shares and totals. As a chunk is either full
// or the last one, few different statements are made.
func (t tx) add(ctx context.Context, rows []row) error {
	shares, totals := make([]any, 0, 6*len(rows)), make([]any, 0, 5*len(rows))
	at := make(map[[2]int64]int, len(rows)) // in totals
	for _, r := range rows {
		shares = append(shares, r.round.id, r.worker, r.sum.slice, r.sum.shares, r.sum.difficulty, r.bought)
		one := [2]int64{r.worker, r.round.pool}
		i, known := at[one]
		if !known {
			at[one] = len(totals)
			totals = append(totals, r.worker, r.round.pool, r.sum.shares, r.sum.difficulty, r.sum.last)
			continue
		}
		// Slices or rounds of one worker: a statement may change a row of totals once.
		totals[i+2], totals[i+3], totals[i+4] = totals[i+2].(int64)+r.sum.shares, totals[i+3].(float64)+r.sum.difficulty, max(totals[i+4].(int64), r.sum.last)
	}
	if err := t.exec(ctx, "INSERT INTO shares (round_id, worker_id, slice, shares, difficulty, bought) VALUES (?, ?, ?, ?, ?, ?)"+
		strings.Repeat(", (?, ?, ?, ?, ?, ?)", len(rows)-1)+
		" ON CONFLICT (round_id, worker_id, slice) DO UPDATE SET shares = shares.shares + excluded.shares,"+
		" difficulty = shares.difficulty + excluded.difficulty, bought = shares.bought + excluded.bought", shares...); err != nil {
		return err
	}
	return t.exec(ctx, "INSERT INTO totals (worker_id, pool_id, shares, difficulty, last_at) VALUES (?, ?, ?, ?, ?)"+
		strings.Repeat(", (?, ?, ?, ?, ?)", len(totals)/5-1)+
		" ON CONFLICT (worker_id, pool_id) DO UPDATE SET shares = totals.shares + excluded.shares,"+
		" difficulty = totals.difficulty + excluded.difficulty, last_at = CASE WHEN totals.last_at > excluded.last_at THEN totals.last_at ELSE excluded.last_at END", totals...)
}

// A stream is whose shares a block pays for: everybody's of the pool, or one account's.
type stream struct {
	pool string
	solo int64 // the account; 0: everybody's
}

// openRound is the round that shares of a stream go into, and what a batch adds.
type openRound struct {
	pool, id   int64
	shares     int64
	difficulty float64
	reserve    *purse // what shares are bought from; nil: none were yet
}

// openRound finds the open round that the shares s of account go into, first in known.
func (t tx) openRound(ctx context.Context, known map[stream]*openRound, s *sum, account int64) (*openRound, error) {
	in := stream{pool: s.pool}
	if s.solo {
		in.solo = account
	}
	if r, ok := known[in]; ok {
		return r, nil
	}
	pool, err := t.pool(ctx, s.pool)
	if err != nil {
		return nil, err
	}
	r := &openRound{pool: pool}
	err = t.get(ctx, "SELECT id FROM rounds WHERE pool_id = ? AND coalesce(solo_id, 0) = ? AND closed_at IS NULL", []any{pool, in.solo}, &r.id)
	if errors.Is(err, sql.ErrNoRows) {
		r.id, err = t.insert(ctx, "INSERT INTO rounds (pool_id, solo_id, opened_at) VALUES (?, nullif(CAST(? AS BIGINT), 0), ?)", pool, in.solo, s.last)
	}
	known[in] = r
	return r, err
}
