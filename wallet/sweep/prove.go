package sweep

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/btcsuite/btcd/chainhash/v2"
	"golang.org/x/sync/errgroup"

	"github.com/adit-mining/adit/wallet/coin"
)

// maxTransaction bounds a transaction that a source shows, in bytes: no block of
// these coins is much larger.
const maxTransaction = 4_000_000

// prove looks at the transaction that made each coin, and says there what of it is a
// block's reward. A signature commits to what its own input is worth at most, and
// that of an old input to nothing at all: without this a source that lies about
// amounts could turn coins into fees (with witnesses by two sweeps and a part of the
// signatures of each). Coins whose transaction the source does not have are in the
// answer with a nil.
func prove(ctx context.Context, src Source, outputs []Output) ([]*made, error) {
	by, err := fetch(ctx, src, outputs)
	if err != nil {
		return nil, err
	}
	proofs := make([]*made, len(outputs))
	for i, o := range outputs {
		m := by[o.TxID]
		if m == nil {
			continue
		}
		if int64(o.Index) >= int64(len(m.outputs)) {
			return nil, fmt.Errorf("transaction %s from %s: %w: it has no output %d", o.TxID, src.Name(), ErrSource, o.Index)
		}
		out := m.outputs[o.Index]
		if out.amount != o.Amount || !bytes.Equal(out.script, o.Script) {
			return nil, fmt.Errorf("%s says something else of output %d of transaction %s than the transaction itself: %w. Use another source", src.Name(), o.Index, o.TxID, ErrSource)
		}
		proofs[i] = m
	}
	return proofs, nil
}

// fetching is how many transactions are asked for at once.
const fetching = 4

// fetch returns the transactions that made the coins, by their ids; nil for those
// that the source does not have.
func fetch(ctx context.Context, src Source, outputs []Output) (map[string]*made, error) {
	var mu sync.Mutex // guards by
	by := map[string]*made{}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(fetching)
	for _, o := range outputs {
		mu.Lock()
		_, asked := by[o.TxID]
		if !asked {
			by[o.TxID] = nil
		}
		mu.Unlock()
		if asked {
			continue
		}
		group.Go(func() error {
			raw, err := src.Transaction(ctx, o)
			if errors.Is(err, ErrNotFound) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("ask %s for transaction %s: %w", src.Name(), o.TxID, err)
			}
			m, err := readMade(raw, o.TxID)
			if err != nil {
				return fmt.Errorf("transaction %s from %s: %w", o.TxID, src.Name(), err)
			}
			mu.Lock()
			defer mu.Unlock()
			by[o.TxID] = m
			return nil
		})
	}
	return by, group.Wait()
}

// made is what a transaction made.
type made struct {
	coinbase bool
	outputs  []madeOutput
}

type madeOutput struct {
	amount coin.Amount
	script []byte
}

// readMade reads the outputs of the transaction with this id. It reads no further
// than them: what follows differs between coins (witnesses, Litecoin's MWEB part,
// Dash's payloads), and the id proves that the outputs are the right ones.
func readMade(raw []byte, txid string) (*made, error) {
	if len(raw) > maxTransaction {
		return nil, fmt.Errorf("%w: %d bytes", ErrSource, len(raw))
	}
	r := reader{rest: raw}
	version := r.take(4)
	marked := len(r.rest) > 2 && r.rest[0] == 0 && r.rest[1] != 0 // no inputs: BIP 144's marker and flags
	if marked {
		r.take(2)
	}
	body := r.rest
	var m made
	inputs := r.count()
	for i := uint64(0); i < inputs && !r.short; i++ {
		previous := r.take(36)
		m.coinbase = inputs == 1 && bytes.Equal(previous, nullOutpoint)
		r.take(r.count())
		r.take(4)
	}
	outputs := r.count()
	for i := uint64(0); i < outputs && !r.short; i++ {
		amount := r.take(8)
		script := r.take(r.count())
		if !r.short {
			m.outputs = append(m.outputs, madeOutput{coin.Amount(binary.LittleEndian.Uint64(amount)), script})
		}
	}
	if r.short || inputs == 0 || len(r.rest) < 4 {
		return nil, fmt.Errorf("%w: no transaction", ErrSource)
	}
	hashed := raw
	if marked { // the id leaves out the marker and what stands between outputs and lock time
		hashed = slices.Concat(version, body[:len(body)-len(r.rest)], raw[len(raw)-4:])
	}
	if chainhash.DoubleHashH(hashed).String() != txid {
		return nil, fmt.Errorf("%w: it is another transaction", ErrSource)
	}
	return &m, nil
}

// nullOutpoint is what a reward's input spends.
var nullOutpoint = append(make([]byte, 32), 0xff, 0xff, 0xff, 0xff)

// reader takes bytes apart; once they do not suffice it is short, and gives zeros.
type reader struct {
	rest  []byte
	short bool
}

func (r *reader) take(n uint64) []byte {
	if r.short || n > uint64(len(r.rest)) {
		r.short = true
		return make([]byte, min(n, 36))
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

// count reads a length of 1, 3, 5 or 9 bytes.
func (r *reader) count() uint64 {
	switch first := r.take(1)[0]; first {
	case 0xfd:
		return uint64(binary.LittleEndian.Uint16(r.take(2)))
	case 0xfe:
		return uint64(binary.LittleEndian.Uint32(r.take(4)))
	case 0xff:
		return binary.LittleEndian.Uint64(r.take(8))
	default:
		return uint64(first)
	}
}
