package paper_test

import (
	"testing"
	"time"

	"github.com/adit-mining/adit/wallet/paper"
)

// The secrets of the sheets in tests are published test vectors: nobody's.
const (
	// testWIF is the key of testWords at m/84'/0'/0'/0/0 (BIP84's vector).
	testWIF   = "KyZpNDKnfs94vbrwhJneDi77V6jF64PWPF8x5cdJb8ifgg2DUc9d"
	testBIP38 = "6PYNKZ1EAgYgmQfmNVamxyXVWHzK5s6DGhwP4J5o44cvXdoY7sRzhtpUeo" // BIP38's vector, compressed
	testKey   = "0330d54fd0dd420a6e5f8d3624f5f3482cae350f79d5f0753bf5beef9c2d91af3c"
)

var (
	testWords   = []string{"abandon", "abandon", "abandon", "abandon", "abandon", "abandon", "abandon", "abandon", "abandon", "abandon", "abandon", "about"}
	longWords   = []string{"dignity", "pass", "list", "indicate", "nasty", "swamp", "pool", "script", "soccer", "toe", "leaf", "photo", "multiply", "desk", "host", "tomato", "cradle", "drill", "spread", "actor", "shine", "dismiss", "champion", "exotic"}
	pretty      = []string{"legal", "winner", "thank", "year", "wave", "sausage", "worth", "useful", "legal", "winner", "thank", "yellow"}
	testCreated = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
)

// sheet returns a sheet of a kind as the app fills it, in a language.
func sheet(t testing.TB, kind paper.Kind, size paper.Size, language string) paper.Sheet {
	t.Helper()
	say, rtl, err := paper.Words(language)
	if err != nil {
		t.Fatal(err)
	}
	return paper.Sheet{
		Kind: kind, Size: size,
		MiningKey: testKey,
		Words:     pretty,
		BIP38:     testBIP38,
		Path:      "m/84'/0'/0'/0/0",
		Created:   testCreated,
		Version:   "1.0.0",
		Pool:      "pool.example",
		Addresses: []paper.Address{
			{Coin: "Litecoin", Symbol: "LTC", Address: "ltc1qcr8te4kr609gcawutmrza0j4xv80jy8zmfp6l0"},
			{Coin: "Dogecoin", Symbol: "DOGE", Address: "DNgkLSVuhJ8pAkQsH6gaPs3LmVBYGrXJ4f"},
			{Coin: "Bitcoin", Symbol: "BTC", Address: "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"},
			{Coin: "Bitcoin Cash", Symbol: "BCH", Address: "bitcoincash:qrqwd6jmcf8evruglv52dsluz63dssk5jgsgx65mmd"},
		},
		Say: say, RightToLeft: rtl,
	}
}
