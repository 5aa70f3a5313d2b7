package ledger

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
)

// The trail is the order of a pool's last shares, which PPLNS pays by: sums per slice
// of time would not tell which shares of a slice are within the window.
//
// A piece of it is a run-length code, in segments one after the other:
//
//	segment = kinds kind* runs run*       numbers are varints of encoding/binary
//	kind    = account difficulty          difficulty: 8 bytes little endian
//	run     = kind count                  kind: its number in this segment, from 0
//
// so that a share takes two or three bytes however miners alternate.
const (
	trailBytes = 32 << 10 // a piece that is longer gets no more segments
	keepWindow = 2        // so many windows are remembered, for the network's difficulty may rise meanwhile
	exactBits  = 256      // of mantissa: enough for sums of any shares from 1e-9 to 1e15 without rounding
)

// errTrail says that a piece is not what this file writes.
var errTrail = errors.New("the order of the last shares is damaged")

// A run is shares that came one after the other from one account.
type run struct {
	account    int64
	difficulty float64
	count      uint64
}

// appendSegment encodes runs, in their order.
func appendSegment(b []byte, runs []run) []byte {
	type kind struct {
		account    int64
		difficulty float64
	}
	numbers := map[kind]uint64{}
	var kinds []kind
	for _, r := range runs {
		k := kind{r.account, r.difficulty}
		if _, ok := numbers[k]; !ok {
			numbers[k] = uint64(len(kinds))
			kinds = append(kinds, k)
		}
	}
	b = binary.AppendUvarint(b, uint64(len(kinds)))
	for _, k := range kinds {
		b = binary.AppendUvarint(b, uint64(k.account))
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(k.difficulty))
	}
	b = binary.AppendUvarint(b, uint64(len(runs)))
	for _, r := range runs {
		b = binary.AppendUvarint(b, numbers[kind{r.account, r.difficulty}])
		b = binary.AppendUvarint(b, r.count)
	}
	return b
}

// readRuns decodes the segments of a piece.
func readRuns(b []byte) (runs []run, err error) {
	number := func() uint64 {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			b, err = nil, errTrail
			return 0
		}
		b = b[n:]
		return v
	}
	for len(b) > 0 && err == nil {
		kinds := make([]run, 0, min(number(), uint64(len(b))))
		for range cap(kinds) {
			k := run{account: int64(number())}
			if len(b) < 8 {
				return nil, errTrail
			}
			k.difficulty = math.Float64frombits(binary.LittleEndian.Uint64(b))
			b, kinds = b[8:], append(kinds, k)
		}
		for n := number(); n > 0 && err == nil; n-- {
			k := number()
			if k >= uint64(len(kinds)) {
				return nil, errTrail
			}
			r := kinds[k]
			r.count = number()
			runs = append(runs, r)
		}
	}
	return runs, err
}

// follow adds runs to the end of a pool's trail.
func (t tx) follow(ctx context.Context, pool int64, terms *Terms, sliceOf int64, runs []run) error {
	var shares uint64
	var difficulty float64
	for _, r := range runs {
		shares += r.count
		difficulty += float64(r.count) * r.difficulty
	}
	var id, last int64
	var piece []byte
	err := t.get(ctx, "SELECT id, slice, runs FROM trail WHERE pool_id = ? ORDER BY id DESC LIMIT 1", []any{pool}, &id, &last, &piece)
	switch {
	case err == nil && last == sliceOf && len(piece) < trailBytes:
		return t.exec(ctx, "UPDATE trail SET shares = shares + ?, difficulty = difficulty + ?, runs = ? WHERE id = ?",
			int64(shares), difficulty, appendSegment(piece, runs), id)
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return err
	}
	if _, err := t.insert(ctx, "INSERT INTO trail (pool_id, slice, shares, difficulty, runs) VALUES (?, ?, ?, ?, ?)",
		pool, sliceOf, int64(shares), difficulty, appendSegment(nil, runs)); err != nil {
		return err
	}
	return t.forget(ctx, pool, keepWindow*terms.Window*terms.NetworkDifficulty)
}

// forget drops what is more than keep behind the end of a pool's trail.
func (t tx) forget(ctx context.Context, pool int64, keep float64) error {
	if keep <= 0 {
		return nil
	}
	return t.exec(ctx, `DELETE FROM trail WHERE pool_id = ?1 AND id < coalesce((SELECT id FROM (
		SELECT id, sum(difficulty) OVER (ORDER BY id DESC) AS behind FROM trail WHERE pool_id = ?1) s
		WHERE behind > ?2 ORDER BY id DESC LIMIT 1), 0)`, pool, keep)
}

// setWindow freezes what a PPLNS block pays for: the last shares up to the one that
// found it, whose difficulties add up to window exactly. The share at the edge counts
// with the part of it that is inside. If there are not that many shares, it is all.
func (t tx) setWindow(ctx context.Context, block, pool int64, window float64) error {
	w := newWindow(window)
	for last := int64(math.MaxInt64); !w.full(); {
		var piece []byte
		err := t.get(ctx, "SELECT id, runs FROM trail WHERE pool_id = ? AND id < ? ORDER BY id DESC LIMIT 1", []any{pool, last}, &last, &piece)
		if errors.Is(err, sql.ErrNoRows) {
			break
		}
		if err != nil {
			return err
		}
		runs, err := readRuns(piece)
		if err != nil {
			return fmt.Errorf("piece %d: %w", last, err)
		}
		for _, r := range slices.Backward(runs) {
			w.add(r)
		}
	}
	for _, account := range w.accounts() {
		sum := w.sums[account]
		difficulty, _ := sum.difficulty.Float64()
		if err := t.exec(ctx, "INSERT INTO block_weights (block_id, account_id, shares, difficulty) VALUES (?, ?, ?, ?)",
			block, account, sum.shares, difficulty); err != nil {
			return err
		}
	}
	return nil
}

// A window is filled with shares from the newest to the oldest. Its arithmetic does
// not round.
type window struct {
	room *big.Float // what is left of it
	sums map[int64]*windowSum
}

type windowSum struct {
	shares     int64
	difficulty *big.Float
}

func exact(f float64) *big.Float { return new(big.Float).SetPrec(exactBits).SetFloat64(f) }

func newWindow(size float64) *window {
	return &window{room: exact(size), sums: map[int64]*windowSum{}}
}

func (w *window) full() bool { return w.room.Sign() <= 0 }

// add takes of r what has room.
func (w *window) add(r run) {
	if w.full() || r.count == 0 {
		return
	}
	sum := w.sums[r.account]
	if sum == nil {
		sum = &windowSum{difficulty: exact(0)}
		w.sums[r.account] = sum
	}
	all := exact(r.difficulty)
	all.Mul(all, new(big.Float).SetPrec(exactBits).SetUint64(r.count))
	if all.Cmp(w.room) <= 0 {
		sum.shares += int64(r.count)
	} else {
		all.Set(w.room)
		// The share at the edge is one of them, though only a part of it counts.
		whole, _ := new(big.Float).SetPrec(exactBits).Quo(all, exact(r.difficulty)).Uint64()
		sum.shares += int64(min(whole+1, r.count))
	}
	sum.difficulty.Add(sum.difficulty, all)
	w.room.Sub(w.room, all)
}

// accounts returns whose shares are inside, in a fixed order.
func (w *window) accounts() []int64 {
	all := make([]int64, 0, len(w.sums))
	for account := range w.sums {
		all = append(all, account)
	}
	slices.Sort(all)
	return all
}
