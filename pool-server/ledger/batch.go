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
	at   map[cell]int // index in sums
	sums []sum        // in the order in which they first came
}

// A cell is what shares are summed by within a round.
type cell struct {
	pool, account, worker string
	slice                 int64
}

type sum struct {
	cell
	shares     int64
	difficulty float64
	last       int64 // ms
}

func (b *batch) add(s Share) {
	at := s.Time.UnixMilli()
	c := cell{s.Pool, s.Account, s.Worker, at / slice.Milliseconds()}
	i, ok := b.at[c]
	if !ok {
		i = len(b.sums)
		b.at[c] = i
		b.sums = append(b.sums, sum{cell: c})
	}
	one := &b.sums[i]
	one.shares++
	one.difficulty += s.Difficulty
	one.last = max(one.last, at)
}

// flush adds b to the open rounds of its pools and empties it.
func (t tx) flush(ctx context.Context, b *batch) error {
	rounds := map[string]*openRound{}
	rows := make([]row, len(b.sums))
	for i, s := range b.sums {
		r, err := t.openRound(ctx, rounds, s)
		if err != nil {
			return err
		}
		worker, err := t.worker(ctx, s.account, s.worker)
		if err != nil {
			return err
		}
		r.shares += s.shares
		r.difficulty += s.difficulty
		rows[i] = row{worker, r, s}
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
		if err := t.exec(ctx, "UPDATE rounds SET shares = shares + ?, difficulty = difficulty + ? WHERE id = ?",
			r.shares, r.difficulty, r.id); err != nil {
			return err
		}
	}
	clear(b.at)
	b.sums = b.sums[:0]
	return nil
}

// A row is a sum as SQL gets it.
type row struct {
	worker int64
	round  *openRound
	sum    sum
}

// chunkRows is how many rows one statement takes: a statement for each row
// would cost more than the row.
const chunkRows = 50

// add adds up to chunkRows rows to shares and totals. As a chunk is either full
// or the last one, few different statements are made.
func (t tx) add(ctx context.Context, rows []row) error {
	shares, totals := make([]any, 0, 5*len(rows)), make([]any, 0, 5*len(rows))
	for i, r := range rows {
		shares = append(shares, r.round.id, r.worker, r.sum.slice, r.sum.shares, r.sum.difficulty)
		if i > 0 && r.worker == rows[i-1].worker && r.round == rows[i-1].round {
			// Slices of one worker: a statement may change a row of totals once.
			last := totals[len(totals)-3:]
			last[0], last[1], last[2] = last[0].(int64)+r.sum.shares, last[1].(float64)+r.sum.difficulty, max(last[2].(int64), r.sum.last)
			continue
		}
		totals = append(totals, r.worker, r.round.pool, r.sum.shares, r.sum.difficulty, r.sum.last)
	}
	values := func(args []any) string {
		return "VALUES (?, ?, ?, ?, ?)" + strings.Repeat(", (?, ?, ?, ?, ?)", len(args)/5-1)
	}
	if err := t.exec(ctx, "INSERT INTO shares (round_id, worker_id, slice, shares, difficulty) "+values(shares)+
		" ON CONFLICT (round_id, worker_id, slice) DO UPDATE SET shares = shares.shares + excluded.shares, difficulty = shares.difficulty + excluded.difficulty", shares...); err != nil {
		return err
	}
	return t.exec(ctx, "INSERT INTO totals (worker_id, pool_id, shares, difficulty, last_at) "+values(totals)+
		` ON CONFLICT (worker_id, pool_id) DO UPDATE SET shares = totals.shares + excluded.shares, difficulty = totals.difficulty + excluded.difficulty,
		last_at = CASE WHEN totals.last_at > excluded.last_at THEN totals.last_at ELSE excluded.last_at END`, totals...)
}

// openRound is the round that shares of a pool go into, and what a batch adds.
type openRound struct {
	pool, id   int64
	shares     int64
	difficulty float64
}

// openRound finds the open round of s's pool, first in known.
func (t tx) openRound(ctx context.Context, known map[string]*openRound, s sum) (*openRound, error) {
	if r, ok := known[s.pool]; ok {
		return r, nil
	}
	pool, err := t.pool(ctx, s.pool)
	if err != nil {
		return nil, err
	}
	r := &openRound{pool: pool}
	err = t.get(ctx, "SELECT id FROM rounds WHERE pool_id = ? AND closed_at IS NULL", []any{pool}, &r.id)
	if errors.Is(err, sql.ErrNoRows) {
		r.id, err = t.insert(ctx, "INSERT INTO rounds (pool_id, opened_at) VALUES (?, ?)", pool, s.last)
	}
	known[s.pool] = r
	return r, err
}
