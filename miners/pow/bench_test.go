package pow_test

import (
	"testing"

	"golang.org/x/crypto/scrypt"

	"github.com/adit-mining/adit/miners/pow"
)

// BenchmarkScrypt compares the ways to a hash: golang.org/x/crypto's, in Go, and what
// this machine can do for one header, for a batch, and in a search.
func BenchmarkScrypt(b *testing.B) {
	h, input := hasher(b, pow.Scrypt), new([80]byte)
	headers, hashes := make([][80]byte, h.Lanes()), make([]pow.Hash, h.Lanes())
	perCore(b, "xcrypto", 1, func() { scrypt.Key(input[:], input[:], 1024, 1, 1, 32) })
	b.Run("pure", func(b *testing.B) {
		pow.ForcePure(b)
		perCore(b, "alone", 1, func() { h.Sum(input) })
	})
	perCore(b, "alone", 1, func() { h.Sum(input) })
	perCore(b, "batch", h.Lanes(), func() { h.SumAll(headers, hashes) })
	perCore(b, "search", 60, func() { pow.Search(h, input, pow.Target{}, 60) })
}

func BenchmarkSHA256d(b *testing.B) {
	h, input := hasher(b, pow.SHA256d), new([80]byte)
	search := func() { pow.Search(h, input, pow.Target{}, 10_000) }
	perCore(b, "sum", 1, func() { h.Sum(input) })
	b.Run("pure", func(b *testing.B) {
		pow.ForcePure(b)
		perCore(b, "search", 10_000, search)
	})
	perCore(b, "search", 10_000, search)
}

// perCore runs a benchmark of what does so many hashes at a time.
func perCore(b *testing.B, name string, hashes int, hash func()) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		n, before := 0, cpuTime()
		for b.Loop() {
			hash()
			n += hashes
		}
		b.ReportMetric(float64(n)/(cpuTime()-before).Seconds(), "hashes/core-s")
	})
}
