package work

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/skim"
	"github.com/adit-mining/adit/wallet/coin"
)

// skim takes the template's fields out of the daemon's JSON.
func (t *Template) skim(raw []byte, f *rawTemplate) error {
	r := skim.New(raw)
	texts := map[string]*string{
		"previousblockhash": &f.PreviousBlockHash, "target": &f.Target, "bits": &f.Bits, "mweb": &f.MWEB,
		"longpollid": &t.LongPollID, "default_witness_commitment": &f.Commitment,
	}
	numbers := map[string]**int64{
		"version": &f.Version, "coinbasevalue": &f.CoinbaseValue, "curtime": &f.CurTime, "height": &f.Height,
	}
	times := map[string]*int64{"mintime": &f.MinTime, "maxtime": &f.MaxTime}
	key := ""
	r.Object(func(name []byte) {
		key = string(name)
		switch {
		case texts[key] != nil:
			*texts[key] = string(r.Text())
		case numbers[key] != nil:
			if n, ok := r.Int(); ok {
				*numbers[key] = &n
			}
		case times[key] != nil:
			*times[key], _ = r.Int()
		case key == "rules":
			r.Array(func(int) { f.Rules = append(f.Rules, string(r.Text())) })
		case key == "coinbaseaux":
			r.Object(func(name []byte) {
				if string(name) == "flags" {
					f.Flags = string(r.Text())
				}
			})
		case key == "transactions":
			t.skimTransactions(r)
		}
	})
	if err := r.Err(); err != nil && key != "transactions" { // these say which one
		return fmt.Errorf("%s: %w", key, err)
	}
	return r.End()
}

func (t *Template) skimTransactions(r *skim.Reader) {
	t.Transactions = t.Transactions[:0]
	r.Array(func(i int) {
		var tx Transaction
		if err := tx.skim(r); err != nil {
			r.Fail(fmt.Errorf("transactions[%d]: %w", i, err))
		}
		t.Transactions = append(t.Transactions, tx)
	})
}

// skim reads one transaction. Daemons from before segwit say only "hash".
func (tx *Transaction) skim(r *skim.Reader) (err error) {
	var txid, hash []byte
	r.Object(func(name []byte) {
		switch string(name) {
		case "data":
			tx.Hex = r.Text()
		case "txid":
			txid = r.Text()
		case "hash":
			hash = r.Text()
		case "fee":
			var fee int64
			fee, tx.HasFee = r.Int()
			tx.Fee = coin.Amount(fee)
		}
	})
	if len(txid) == 0 {
		txid = hash
	}
	if err = readHash(&tx.TxID, txid); err != nil {
		return fmt.Errorf("txid: %w", err)
	}
	tx.Hash = tx.TxID
	if len(hash) > 0 && !bytes.Equal(hash, txid) {
		if err = readHash(&tx.Hash, hash); err != nil {
			return fmt.Errorf("hash: %w", err)
		}
	}
	if len(tx.Hex) == 0 || len(tx.Hex)%2 != 0 {
		return errors.New("data: missing or not hex")
	}
	return nil
}

// readHash is pow.ParseHash without a copy of the text.
func readHash(h *pow.Hash, text []byte) (err error) {
	if len(text) == 2*len(h) {
		if _, err = hex.Decode(h[:], text); err == nil {
			return nil
		}
	}
	*h, err = pow.ParseHash(string(text))
	return err
}
