package corewallet

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"sync"
	"time"

	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/program"
)

type unspent struct {
	Amount json.Number `json:"amount"`
}

// Rescan has the wallet look through the chain again, from an earlier time than its
// keys say, the zero time standing for the beginning; then it counts what the key got.
// on is as for Import.
func (w *Wallet) Rescan(ctx context.Context, k wallet.Key, from time.Time, on func(program.Scan)) (program.Imported, error) {
	err := w.unlocked(ctx, func() error { // descriptor wallets derive keys on the way
		return w.scanning(ctx, on, func(ctx context.Context) error { return w.rescanFrom(ctx, since(from)) })
	})
	if err != nil {
		return program.Imported{}, fmt.Errorf("look through the chain again: %w", err)
	}
	return w.imported(ctx, k, "rescanblockchain")
}

func (w *Wallet) rescanFrom(ctx context.Context, from int64) error {
	if !w.is.Has("rescanblockchain") {
		return fmt.Errorf("%w: it cannot look through the chain again", ErrCannot)
	}
	height, err := w.heightAt(ctx, from)
	if err != nil {
		return err
	}
	var done struct {
		Stop *int64 `json:"stop_height"`
	}
	err = w.rpc.Do(ctx, program.Call{Path: w.path, Method: "rescanblockchain", Params: []any{height}, Long: true}, &done)
	if err != nil {
		return refused(err)
	}
	if done.Stop == nil {
		return errAborted
	}
	return nil
}

// heightAt returns the first block that is not older than from, in seconds. The times
// of blocks grow only by and large; who asks has some hours to spare.
func (w *Wallet) heightAt(ctx context.Context, from int64) (int64, error) {
	var tip int64
	if err := w.node(ctx, "getblockcount", nil, &tip); err != nil || from <= 0 {
		return 0, err
	}
	var fault error
	height := sort.Search(int(tip), func(h int) bool {
		if fault != nil {
			return true
		}
		var at int64
		at, fault = w.timeAt(ctx, int64(h))
		return at >= from
	})
	return int64(height), fault
}

func (w *Wallet) timeAt(ctx context.Context, height int64) (int64, error) {
	var hash string
	if err := w.node(ctx, "getblockhash", []any{height}, &hash); err != nil {
		return 0, err
	}
	var header struct {
		Time int64 `json:"time"`
	}
	err := w.node(ctx, "getblockheader", []any{hash}, &header)
	return header.Time, err
}

func (w *Wallet) receivedBy(ctx context.Context, address string) (coin.Amount, error) {
	var text json.Number
	if err := w.wallet(ctx, "getreceivedbyaddress", []any{address, 0}, &text); err != nil {
		return 0, err
	}
	return w.amount(text)
}

// scanning runs do, in which the daemon looks through its chain, and tells how far it is
// meanwhile. If ctx ends, the daemon is told to break off.
func (w *Wallet) scanning(ctx context.Context, on func(program.Scan), do func(context.Context) error) error {
	doing, hangs := context.WithCancelCause(ctx)
	defer hangs(nil)
	watching, stop := context.WithCancel(doing)
	var watch sync.WaitGroup
	watch.Go(func() {
		if err := w.watchScan(watching, on); err != nil {
			hangs(err)
		}
	})
	err := do(doing)
	stop()
	watch.Wait()
	if doing.Err() == nil || err == nil {
		return err
	}
	if w.is.Has("abortrescan") {
		aborting, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		_ = w.wallet(aborting, "abortrescan", nil, nil) // the daemon's end, which is near, does it too
	}
	return context.Cause(doing)
}

// watchScan asks the wallet how far it is until ctx ends. An error says that the daemon
// does not answer any more. One of before 2018 answers nobody while it looks, so that
// says nothing of those.
func (w *Wallet) watchScan(ctx context.Context, on func(program.Scan)) error {
	answered := time.Now()
	for program.Pause(ctx, w.program.Poll) == nil {
		var info struct {
			Scanning json.RawMessage `json:"scanning"`
		}
		err := w.wallet(ctx, "getwalletinfo", nil, &info)
		if err != nil {
			if ctx.Err() == nil && w.is.Has("rescanblockchain") && time.Since(answered) > w.program.Patience {
				return fmt.Errorf("%w: no answer for %v", ErrHangs, w.program.Patience)
			}
			continue
		}
		answered = time.Now()
		var scan struct {
			Duration float64 `json:"duration"`
			Progress float64 `json:"progress"`
		}
		if json.Unmarshal(info.Scanning, &scan) != nil || on == nil { // false, where it does not look
			continue
		}
		on(program.Scan{Fraction: min(max(scan.Progress, 0), almost), Since: time.Duration(scan.Duration * float64(time.Second))})
	}
	return nil
}
