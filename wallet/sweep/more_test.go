package sweep_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/btcsuite/btcd/wire/v2"
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
