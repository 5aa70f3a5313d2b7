package payouts

import (
	"context"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
)

const day = 24 * time.Hour

// ripe reports whether a run may begin now, or has to go on.
func (k *Keeper) ripe(ctx context.Context) (bool, error) {
	if k.unfinished {
		return true, nil
	}
	if len(k.c.At) == 0 {
		return !time.Now().Before(k.due), nil
	}
	done, err := k.c.Ledger.Mark(ctx, k.c.Pool, ledger.MarkScheduled)
	if err != nil {
		return false, err
	}
	slot := lastSlot(time.Now(), k.c.At)
	if done.At.IsZero() { // the first run is the next one: nobody expected one earlier
		return false, k.c.Ledger.SetMark(ctx, k.c.Pool, ledger.MarkScheduled, ledger.Mark{At: slot})
	}
	return done.At.Before(slot), nil // also if the server was down at that time
}

// scheduleDone notes that the run of the last time that At names is done.
func (k *Keeper) scheduleDone(ctx context.Context) error {
	if len(k.c.At) == 0 {
		return nil
	}
	slot := lastSlot(time.Now(), k.c.At)
	done, err := k.c.Ledger.Mark(ctx, k.c.Pool, ledger.MarkScheduled)
	if err != nil || !done.At.Before(slot) {
		return err
	}
	// A crash here runs once more, for whom is due by then.
	return k.c.Ledger.SetMark(ctx, k.c.Pool, ledger.MarkScheduled, ledger.Mark{At: slot})
}

// nextRun is when the next run begins; zero: as soon as somebody is due.
func (k *Keeper) nextRun(now time.Time) time.Time {
	if len(k.c.At) == 0 {
		return k.due
	}
	midnight := now.UTC().Truncate(day)
	for _, at := range k.c.At {
		if slot := midnight.Add(at); slot.After(now) {
			return slot
		}
	}
	return midnight.Add(day + k.c.At[0])
}

// lastSlot is the last time that at names, now included.
func lastSlot(now time.Time, at []time.Duration) time.Time {
	midnight := now.UTC().Truncate(day)
	for i := len(at) - 1; i >= 0; i-- {
		if slot := midnight.Add(at[i]); !slot.After(now) {
			return slot
		}
	}
	return midnight.Add(at[len(at)-1] - day)
}
