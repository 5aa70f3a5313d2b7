package pooltest

import (
	"embed"
	"testing"
)

//go:embed testdata/*.json
var recordings embed.FS

// Recorded returns an answer of a real daemon, kept in testdata:
//
//	litecoin-plain.json         getblocktemplate of litecoind 0.21.2 without transactions, regtest, before MWEB
//	litecoin-transactions.json  the same with transactions, some with a witness
//	litecoin-mweb.json          the same with MWEB, a HogEx and a peg-in
//	btcd.json                   getblocktemplate of btcd 0.26.2, regtest
//
// The tests of package work make them anew with -record.
func Recorded(t testing.TB, name string) []byte {
	t.Helper()
	text, err := recordings.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatalf("pooltest: %v", err)
	}
	return text
}
