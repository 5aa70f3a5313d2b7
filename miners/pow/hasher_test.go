package pow_test

import (
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/crypto/scrypt"

	"github.com/adit-mining/adit/miners/pow"
)

// genesis are the first headers of two chains and what their proof of work is.
var genesis = []struct {
	coin      string
	algorithm pow.Algorithm
	header    string
	hash      string
	bits      uint32
}{
	{"bitcoin", pow.SHA256d,
		"01000000" + strings.Repeat("00", 32) +
			"3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a" + "29ab5f49" + "ffff001d" + "1dac2b7c",
		"000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f", 0x1d00ffff},
	{"litecoin", pow.Scrypt,
		"01000000" + strings.Repeat("00", 32) +
			"d9ced4ed1130f7b7faad9be25323ffafa33232a17c3edf6cfd97bee6bafbdd97" + "b9aa8e4e" + "f0ff0f1e" + "cd513f7c",
		"0000050c34a64b415b6b15b37f2216634b5b1669cb9a2e38d76f7213b0671e00", 0x1e0ffff0},
}

func header(t testing.TB, digits string) *[80]byte {
	t.Helper()
	b, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	return (*[80]byte)(b)
}

func hasher(t testing.TB, a pow.Algorithm) pow.Hasher {
	t.Helper()
	h, err := pow.NewHasher(a)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestGenesisBlocksHaveTheirKnownProofOfWork(t *testing.T) {
	for _, g := range genesis {
		t.Run(g.coin, func(t *testing.T) {
			got := hasher(t, g.algorithm).Sum(header(t, g.header))
			if got.String() != g.hash {
				t.Errorf("hash = %v, want %v", got, g.hash)
			}
			target, err := pow.TargetFromBits(g.bits)
			if err != nil {
				t.Fatal(err)
			}
			if !target.MetBy(got) {
				t.Errorf("%v does not meet its own block's target %v", got, target)
			}
		})
	}
}

func TestScryptAgreesWithXCrypto(t *testing.T) {
	h, random := hasher(t, pow.Scrypt), rand.New(rand.NewPCG(1, 2))
	for range 100 {
		var input [80]byte
		for i := range input {
			input[i] = byte(random.Uint32())
		}
		before := input
		got := h.Sum(&input)
		want, err := scrypt.Key(input[:], input[:], 1024, 1, 1, 32)
		if err != nil {
			t.Fatal(err)
		}
		if got != pow.HashFromBytes([32]byte(want)) {
			t.Fatalf("scrypt of %x = %v, want %x reversed", input, got, want)
		}
		if input != before {
			t.Fatal("Sum changed the header")
		}
	}
}

func TestHashingAllocatesNothing(t *testing.T) {
	for _, a := range []pow.Algorithm{pow.SHA256d, pow.Scrypt} {
		h, input, sink := hasher(t, a), new([80]byte), pow.Hash{}
		if n := testing.AllocsPerRun(10, func() { sink = h.Sum(input) }); n != 0 {
			t.Errorf("%v: %v allocations for a hash, want none (%v)", a, n, sink)
		}
		// Under the race detector the standard library allocates once as the search begins.
		if n := testing.AllocsPerRun(10, func() { pow.Search(h, input, pow.Target{}, 10) }); n > 1 {
			t.Errorf("%v: %v allocations for a search, want none", a, n)
		}
	}
}

func TestSearchFindsTheGenesisNonce(t *testing.T) {
	for _, g := range genesis {
		target, err := pow.TargetFromBits(g.bits)
		if err != nil {
			t.Fatal(err)
		}
		start := header(t, g.header)
		want := *start
		start[76] -= 5 // five nonces before the one that the block has
		hash, tried, found := pow.Search(hasher(t, g.algorithm), start, target, 100)
		if !found || hash.String() != g.hash || *start != want || tried != 6 {
			t.Errorf("%s: Search = %v after %d, found %v, header %x", g.coin, hash, tried, found, start[76:])
		}
	}
}

func TestSearchWithoutLuckLeavesTheNextNonceAndWrapsRound(t *testing.T) {
	var start [80]byte
	copy(start[76:], "\xfe\xff\xff\xff")
	_, tried, found := pow.Search(hasher(t, pow.SHA256d), &start, pow.Target{}, 4)
	if found || tried != 4 || [4]byte(start[76:]) != [4]byte{2} {
		t.Errorf("found %v, tried %d, nonce %x; want false, 4, 02000000", found, tried, start[76:])
	}
}

func TestUnknownAlgorithmsHaveNoHasher(t *testing.T) {
	if _, err := pow.NewHasher("x11"); err == nil || !strings.Contains(err.Error(), "x11") {
		t.Errorf("NewHasher(x11) = %v, want an error that names it", err)
	}
}

func BenchmarkHash(b *testing.B) {
	for _, a := range []pow.Algorithm{pow.SHA256d, pow.Scrypt} {
		b.Run(string(a), func(b *testing.B) {
			h, input := hasher(b, a), new([80]byte)
			b.ReportAllocs()
			for b.Loop() {
				h.Sum(input)
			}
		})
		b.Run(string(a)+"/search", func(b *testing.B) {
			h, input := hasher(b, a), new([80]byte)
			for b.Loop() {
				pow.Search(h, input, pow.Target{}, 100)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100, "ns/hash")
		})
	}
}
