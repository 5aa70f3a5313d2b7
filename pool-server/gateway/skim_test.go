package gateway_test

import (
	"bytes"
	"encoding/hex"
	"runtime"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/wire/v2"

	"github.com/adit-mining/adit/pool-server/gateway"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// hollow are transactions of a few bytes that say they have hundreds of thousands of
// inputs, outputs or parts of a witness.
var hollow = map[string]string{
	"inputs":  "01000000" + "fe00000c00",
	"outputs": "01000000" + "01" + strings.Repeat("11", 36) + "00" + "ffffffff" + "fe00003000",
	"witness": "01000000" + "0001" + "01" + strings.Repeat("11", 36) + "00" + "ffffffff" + "01" + strings.Repeat("00", 8) + "00" + "fe00003000",
}

func TestSendMakesNoRoomOnAStrangersWord(t *testing.T) {
	for name, raw := range hollow {
		t.Run(name, func(t *testing.T) {
			d := &daemon{}
			g := gateway.New(gateway.Config{Network: cointest.Network(t, "litecoin", "regtest"), Daemon: d})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := g.Send(t.Context(), raw)
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Fatal("a hollow transaction was handed on")
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > 4<<20 {
				t.Errorf("%d bytes of hex took %d bytes of memory", len(raw), took)
			}
		})
	}
}

// FuzzSend checks that what package wire takes for a transaction is handed on, and
// nothing else.
func FuzzSend(f *testing.F) {
	f.Add([]byte("no transaction"))
	for _, raw := range hollow {
		b, _ := hex.DecodeString(raw)
		f.Add(b)
	}
	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Index: 1}, []byte{1, 2}, wire.TxWitness{{1}, {}, make([]byte, 300)}))
	tx.AddTxOut(wire.NewTxOut(5, make([]byte, 22)))
	for _, write := range []func(*bytes.Buffer) error{func(b *bytes.Buffer) error { return tx.Serialize(b) }, func(b *bytes.Buffer) error { return tx.SerializeNoWitness(b) }} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 4096 {
			return
		}
		var tx wire.MsgTx
		good := tx.Deserialize(bytes.NewReader(raw)) == nil && len(tx.TxIn) > 0 && len(tx.TxOut) > 0
		g := gateway.New(gateway.Config{Network: cointest.Network(t, "litecoin", "regtest"), Daemon: &daemon{}})
		if _, err := g.Send(t.Context(), hex.EncodeToString(raw)); (err == nil) != good {
			t.Errorf("Send(%x): %v; wire says %t", raw, err, good)
		}
	})
}
