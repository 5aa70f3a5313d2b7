package spend

import (
	"context"
	"errors"
	"time"

	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/program"
)

// use starts the program, does with it what the order says, and ends it.
func (r *running) use(ctx context.Context, have installed) error {
	r.say(func(p *Progress) { p.Step, p.State, p.Done, p.Total, p.Fraction = Starting, Running, 0, 0, 0 })
	starting := func(doing string) { r.say(func(p *Progress) { p.Sync.Doing = doing }) }
	d := r.drive(r.Config, have, r.order)
	return r.at(string(Starting), func() error {
		return d.Run(ctx, starting, func(ctx context.Context, w Wallet) error {
			r.say(func(p *Progress) { p.State, p.Fraction, p.Sync.Doing = Done, 1, "" })
			return r.with(ctx, w)
		})
	})
}

// with does what the order says with the program that runs.
func (r *running) with(ctx context.Context, w Wallet) error {
	if err := r.step(ctx, Syncing, func() error { return w.Sync(ctx, r.synced) }); err != nil {
		return err
	}
	way, step := r.move, Moving
	if r.order.Way == Import {
		way, step = r.importKey, Importing
	}
	if err := r.step(ctx, step, func() error { return way(ctx, w) }); err != nil {
		return err
	}
	if err := r.step(ctx, Balancing, func() error { return r.balance(ctx, w) }); err != nil {
		return err
	}
	return r.note("note finished", func(n *notes) { n.Finished = time.Now().UTC() })
}

func (r *running) synced(s program.Sync) {
	r.say(func(p *Progress) {
		p.Sync, p.Done, p.Total, p.Fraction = s, s.Blocks, s.Headers, min(s.Fraction, 0.999)
	})
}

// move sends everything to an address of the wallet, once.
func (r *running) move(ctx context.Context, w Wallet) error {
	k, _, err := r.Key(ctx)
	if err != nil {
		return &keyError{err}
	}
	mover, err := r.Mover(w)
	if err != nil {
		return err
	}
	account := k.PubKeyHash().String()
	if r.notes.Account != account && r.notes.Account != "" {
		// The key was changed meanwhile. What the old one has on its way is the Mover's
		// to find: it is not this order's.
		if err := r.note("note other key", func(n *notes) { n.Account, n.TxIDs, n.Moved, n.Amount, n.Fee = "", nil, false, 0, 0 }); err != nil {
			return err
		}
	}
	if len(r.notes.TxIDs) > 0 && !r.notes.Moved {
		if err := r.resume(ctx, mover, k.PublicKey()); err != nil {
			return err
		}
	}
	if !r.notes.Moved {
		err = r.sweep(ctx, w, mover, k)
	}
	r.say(func(p *Progress) {
		p.To, p.TxIDs, p.Amount, p.Fee = r.notes.To, r.notes.TxIDs, r.notes.Amount, r.notes.Fee
	})
	return err
}

// resume sends again what an earlier Run signed and perhaps sent.
func (r *running) resume(ctx context.Context, mover Mover, public [33]byte) error {
	err := r.at("resume", func() error { return mover.Resume(ctx, public, r.order.Network, r.notes.TxIDs) })
	if errors.Is(err, ErrNotTaken) {
		return r.forget() // what the key has now is looked for anew
	}
	if err != nil {
		return err
	}
	return r.note("note moved", func(n *notes) { n.Moved = true })
}

// forget notes that the transactions will never be.
func (r *running) forget() error {
	return r.note("note not taken", func(n *notes) { n.TxIDs, n.Amount, n.Fee = nil, 0, 0 })
}

// sweep moves the coins. A crash before the transactions are noted leaves none; after
// it, resume sends the same ones.
func (r *running) sweep(ctx context.Context, w Wallet, mover Mover, k wallet.Key) error {
	to, err := r.address(ctx, w, k.PubKeyHash().String())
	if err != nil {
		return err
	}
	before, err := w.Balance(ctx)
	if err != nil {
		return err
	}
	err = r.at("sweep", func() error {
		txids, amount, fee, err := mover.Sweep(ctx, k, r.order.Network, to, func(s Sending) error {
			r.say(func(p *Progress) { p.To, p.Amount, p.Fee = s.To, s.Amount, s.Fee })
			if s.To != to {
				return errOtherAddress
			}
			if r.Ask.Confirm != nil {
				if yes, err := r.Ask.Confirm(ctx, s); err != nil || !yes {
					return errors.Join(errDeclined, err)
				}
			}
			return r.note("note sending", func(n *notes) { n.TxIDs, n.Amount, n.Fee, n.Before = s.TxIDs, s.Amount, s.Fee, before.Total() })
		})
		if err == nil {
			r.notes.TxIDs, r.notes.Amount, r.notes.Fee = txids, amount, fee
		}
		return err
	})
	if errors.Is(err, ErrNotTaken) && len(r.notes.TxIDs) > 0 {
		err = errors.Join(err, r.forget())
	}
	if err != nil {
		return err
	}
	return r.note("note moved", func(n *notes) { n.Moved = true })
}

var (
	errDeclined     = errors.New("the person did not confirm")
	errOtherAddress = errors.New("the transaction pays another address than it should")
)

// address returns the address to move to: a noted one if the wallet still has it. One of
// a wallet that is gone would be the coins' end.
func (r *running) address(ctx context.Context, w Wallet, account string) (string, error) {
	if r.notes.To != "" {
		owns, err := w.Owns(ctx, r.notes.To)
		if err != nil {
			return "", err
		}
		if owns {
			return r.notes.To, nil
		}
	}
	var to string
	err := r.at("address", func() (err error) {
		to, err = w.NewAddress(ctx)
		return err
	})
	if err != nil {
		return "", err
	}
	return to, r.note("note address", func(n *notes) { n.To, n.Account = to, account })
}

// importKey gives the key to the wallet, and has it look again for what is missing.
func (r *running) importKey(ctx context.Context, w Wallet) error {
	k, birthday, err := r.Key(ctx)
	if err != nil {
		return &keyError{err}
	}
	if err := r.settleMove(ctx, w, k); err != nil {
		return err
	}
	account := k.PubKeyHash().String()
	known, err := r.hasKey(ctx, w, account)
	if err != nil {
		return err
	}
	if !known {
		if err := r.copyWallet(ctx, w); err != nil {
			return err
		}
		var done program.Imported
		err := r.at("give key", func() (err error) {
			done, err = w.Import(ctx, k, birthday, r.scans)
			return err
		})
		if err != nil {
			return err
		}
		if err := r.note("note imported", func(n *notes) { n.Imported, n.Account = &done, account }); err != nil {
			return err
		}
	}
	return r.lookAgain(ctx, w, k)
}

// A copier is a wallet program that can copy its wallet while it runs. The path is ""
// where there is nothing to lose.
type copier interface {
	Backup(ctx context.Context) (path string, err error)
}

// copyWallet keeps the wallet as it is, before it is given a key that cannot be taken
// back. A wallet that cannot be copied is not changed.
func (r *running) copyWallet(ctx context.Context, w Wallet) error {
	c, ok := w.(copier)
	if !ok {
		return nil // Electrum: the key gets a wallet of its own, see electrumwallet.Program
	}
	var path string
	err := r.at("copy wallet", func() (err error) {
		path, err = c.Backup(ctx)
		return err
	})
	if err != nil || path == "" {
		return err
	}
	return r.note("note copy", func(n *notes) { n.Copy = path })
}

// hasKey reports whether an earlier Run gave the wallet the key, and the wallet still
// has it.
func (r *running) hasKey(ctx context.Context, w Wallet, account string) (bool, error) {
	if r.notes.Imported == nil || r.notes.Account != account {
		return false, nil
	}
	for _, address := range r.notes.Imported.Addresses {
		if owns, err := w.Owns(ctx, address); err != nil || !owns {
			return false, err
		}
	}
	// After a hard end a program may have the key and have lost what it had found.
	b, err := w.Balance(ctx)
	return err == nil && b.Total() >= r.notes.Imported.Received, err
}

// settleMove ends an earlier move of which nobody knows whether it arrived.
func (r *running) settleMove(ctx context.Context, w Wallet, k wallet.Key) error {
	if len(r.notes.TxIDs) == 0 || r.notes.Moved || r.Mover == nil || r.notes.Account != k.PubKeyHash().String() {
		return nil
	}
	mover, err := r.Mover(w)
	if err == nil {
		err = r.resume(ctx, mover, k.PublicKey())
	}
	return err
}

// lookAgain compares what was found with what should be there.
func (r *running) lookAgain(ctx context.Context, w Wallet, k wallet.Key) error {
	for {
		found := *r.notes.Imported
		missing := max(0, r.order.Expect-found.Received)
		r.say(func(p *Progress) { p.Imported, p.Missing, p.Copy = found, missing, r.notes.Copy })
		if missing == 0 || r.Ask.Rescan == nil {
			return nil
		}
		from, again, err := r.Ask.Rescan(ctx, found, missing)
		if err != nil || !again {
			return err
		}
		done, err := w.Rescan(ctx, k, from, r.scans)
		if err != nil {
			return err
		}
		if err := r.note("note looked again", func(n *notes) { n.Imported = &done }); err != nil {
			return err
		}
	}
}

func (r *running) scans(s program.Scan) {
	r.say(func(p *Progress) { p.Fraction = min(s.Fraction, 0.999) })
}

// A relayer is a wallet program that other nodes hear of transactions by.
type relayer interface {
	Relayed(ctx context.Context, txid string) (bool, error)
}

// relayed reports whether the network has what was moved. A program that is ended before
// keeps it to itself until it runs again.
func (r *running) relayed(ctx context.Context, w Wallet) (bool, error) {
	by, ok := w.(relayer)
	if !ok || r.order.Way != Move {
		return true, nil
	}
	for _, id := range r.notes.TxIDs {
		if done, err := by.Relayed(ctx, id); err != nil || !done {
			return false, err
		}
	}
	return true, nil
}

// balance shows what the wallet has. Moved coins take some moments to be seen by it and
// to be relayed; if that takes too long, they are still on their way.
func (r *running) balance(ctx context.Context, w Wallet) error {
	var want coin.Amount
	if r.order.Way == Move {
		want = r.notes.Before + r.notes.Amount
	}
	for patience := time.Now().Add(r.Settle); ; {
		b, err := w.Balance(ctx)
		if err != nil {
			return err
		}
		r.say(func(p *Progress) { p.Balance = b })
		relayed, err := r.relayed(ctx, w)
		if err != nil {
			return err
		}
		if b.Total() >= want && relayed || time.Now().After(patience) {
			return nil
		}
		if err := program.Pause(ctx, r.Poll); err != nil {
			return err
		}
	}
}

// keyError is that the key could not be had.
type keyError struct{ err error }

func (e *keyError) Error() string { return "open the mining key: " + e.err.Error() }
func (e *keyError) Unwrap() error { return e.err }
