package sweep

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
)

// sendTries and sendPause: how often and when a transaction is sent again of which
// nobody knows whether it arrived.
const (
	sendTries = 3
	sendPause = 2 * time.Second
)

// Send gives s to the network and returns where it stands. One that is there already
// is fine. After an answer that was lost it looks, and then sends the same bytes
// again, which the network takes for one transaction. ErrRefused says that nothing
// was moved; ErrUnknown that somebody has to look later, with another source perhaps.
func Send(ctx context.Context, src Source, s Signed) (Status, error) {
	var last error
	for try := range sendTries {
		if try > 0 {
			if err := sleep(ctx, sendPause<<(try-1)); err != nil {
				break
			}
		}
		txid, err := src.Send(ctx, s.Raw)
		if err == nil && txid == s.TxID {
			return Status{Known: true}, nil
		}
		if err == nil {
			err = fmt.Errorf("%w: it speaks of another transaction", ErrSource)
		}
		last = err
		// Taken before, perhaps: "already in the chain", "inputs are spent".
		if st, lookErr := src.Status(ctx, s); lookErr == nil && st.Known {
			return st, nil
		} else if lookErr == nil && errors.Is(err, ErrRefused) {
			return Status{}, fmt.Errorf("send transaction %s by %s: %w", s.TxID, src.Name(), err)
		}
	}
	return Status{}, fmt.Errorf("send transaction %s by %s: %w: %w", s.TxID, src.Name(), ErrUnknown, last)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Sent is a transaction that was sent, or was to be.
type Sent struct {
	Signed
	Status Status
	Err    error // nil if it arrived
}

// Move signs p with k and sends it. What was signed is written to dir first: if this
// ends early, by a crash or because nobody answers, Resume sends the same
// transactions again. The error is the first one of the transactions, each of which
// is tried.
func Move(ctx context.Context, dir string, src Source, p Plan, k wallet.Key) ([]Sent, error) {
	signed, err := Sign(p, k)
	if err != nil {
		return nil, err
	}
	j := journal{dir: dir}
	records := make([]record, len(signed))
	for i, s := range signed {
		records[i] = newRecord(p, s)
		if err := j.write(records[i]); err != nil {
			return nil, fmt.Errorf("write down the signed sweep: %w", err)
		}
	}
	// A crash from here on leaves records that Resume finds.
	return deliver(ctx, j, src, records)
}

// Pending returns the transactions of earlier sweeps of n by the key with that public
// key that were signed and, as far as is known, did not arrive.
func Pending(dir string, n *coin.Network, public [33]byte) ([]Signed, error) {
	records, err := journal{dir: dir}.pending(n, coin.HashPubKey(public[:]))
	var all []Signed
	for _, r := range records {
		all = append(all, r.signed())
	}
	return all, err
}

// Resume sends again what Pending returns. It neither plans nor signs anything, and
// needs no key. A transaction that the network refuses for good, because its coins
// were spent otherwise, is not pending any more.
func Resume(ctx context.Context, dir string, src Source, n *coin.Network, public [33]byte) ([]Sent, error) {
	j := journal{dir: dir}
	records, err := j.pending(n, coin.HashPubKey(public[:]))
	if err != nil {
		return nil, err
	}
	return deliver(ctx, j, src, records)
}

// deliver sends what is written down, and writes down what became of it.
func deliver(ctx context.Context, j journal, src Source, records []record) (all []Sent, first error) {
	for _, r := range records {
		sent := Sent{Signed: r.signed()}
		sent.Status, sent.Err = Send(ctx, src, sent.Signed)
		switch {
		case sent.Err == nil:
			r.State = stateSent
		case errors.Is(sent.Err, ErrRefused):
			r.State, r.Reason = stateRefused, sent.Err.Error()
		}
		if err := j.write(r); err != nil && sent.Err == nil {
			sent.Err = fmt.Errorf("the transaction was sent; write that down: %w", err)
		}
		if first == nil {
			first = sent.Err
		}
		all = append(all, sent)
	}
	return all, first
}
