package sweep_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/btcsuite/btcd/address/v2/bech32"
	"github.com/btcsuite/btcd/wire/v2"

	"github.com/adit-mining/adit/wallet/coin"
)

type timeDuration = time.Duration

func weightOf(t testing.TB, raw []byte) int {
	t.Helper()
	var tx wire.MsgTx
	if err := tx.Deserialize(bytes.NewReader(raw)); err != nil {
		t.Fatal(err)
	}
	return 3*tx.SerializeSizeStripped() + tx.SerializeSize()
}

// taprootOf makes a taproot address of n.
func taprootOf(n *coin.Network) (string, error) {
	data, err := bech32.ConvertBits(bytes.Repeat([]byte{7}, 32), 8, 5, true)
	if err != nil {
		return "", err
	}
	return bech32.EncodeM(n.Bech32Prefix, append([]byte{1}, data...))
}

// swap changes a letter of bech32's alphabet to another one.
func swap(letter string) string {
	if letter == "q" {
		return "p"
	}
	return "q"
}
