package sweep_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"github.com/adit-mining/adit/wallet/sweep"
)

// TestTransactionsOfOtherKindsAreRead: what stands behind the outputs differs between
// coins, the id proves the outputs all the same.
func TestTransactionsOfOtherKindsAreRead(t *testing.T) {
	tx := wire.NewMsgTx(1)
	tx.AddTxIn(wire.NewTxIn(wire.NewOutPoint(&chainhash.Hash{9}, 1), []byte{1, 2, 3}, nil))
	tx.AddTxOut(wire.NewTxOut(77, []byte{0x51}))
	tx.AddTxOut(wire.NewTxOut(78, make([]byte, 300)))
	tx.LockTime = 5
	var plain bytes.Buffer
	if err := tx.Serialize(&plain); err != nil {
		t.Fatal(err)
	}
	b := plain.Bytes()
	body, end := b[4:len(b)-4], b[len(b)-4:]
	witness := slices.Concat(b[:4], []byte{0, 1}, body, []byte{1, 2, 0xaa, 0xbb}, end)
	// Litecoin's, with the flag of MWEB and an empty part of it (LIP 3), and with a
	// witness too.
	mweb := slices.Concat(b[:4], []byte{0, 8}, body, []byte{0}, end)
	both := slices.Concat(b[:4], []byte{0, 9}, body, []byte{1, 2, 0xaa, 0xbb}, []byte{0}, end)
	id := tx.TxHash().String()
	for name, raw := range map[string][]byte{"plain": b, "with a witness": witness, "with MWEB": mweb, "with both": both} {
		if outputs, coinbase, err := sweep.ReadMade(raw, id); err != nil || outputs != 2 || coinbase {
			t.Errorf("%s: %d outputs, %v", name, outputs, err)
		}
	}
	// Dash's, with a payload behind the lock time, which the id covers.
	special := slices.Concat(b, []byte{3, 7, 7, 7})
	if _, _, err := sweep.ReadMade(special, id); err == nil {
		t.Error("a payload that the id does not cover")
	}
	if outputs, _, err := sweep.ReadMade(special, chainhash.DoubleHashH(special).String()); err != nil || outputs != 2 {
		t.Errorf("special: %d outputs, %v", outputs, err)
	}
	for cut := range b {
		if _, _, err := sweep.ReadMade(b[:cut], id); err == nil {
			t.Errorf("cut off after %d bytes: read", cut)
		}
	}
}
