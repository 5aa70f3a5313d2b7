package pow_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"slices"
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

// bothWays runs a test as this machine hashes, and without its special instructions.
func bothWays(t *testing.T, test func(t *testing.T)) {
	t.Run("machine", test)
	t.Run("pure", func(t *testing.T) {
		pow.ForcePure(t)
		test(t)
	})
}

func randomHeader(random *rand.Rand) (header [80]byte) {
	for i := range header {
		header[i] = byte(random.Uint32())
	}
	return header
}

func TestGenesisBlocksHaveTheirKnownProofOfWork(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		for _, g := range genesis {
			got := hasher(t, g.algorithm).Sum(header(t, g.header))
			if got.String() != g.hash {
				t.Errorf("%s: hash = %v, want %v", g.coin, got, g.hash)
			}
			target, err := pow.TargetFromBits(g.bits)
			if err != nil {
				t.Fatal(err)
			}
			if !target.MetBy(got) {
				t.Errorf("%s: %v does not meet its own block's target %v", g.coin, got, target)
			}
		}
	})
}

// litecoinBlocks are headers of Litecoin's chain and what their proof of work is, as
// Litecoin Core's own test has them (src/test/scrypt_tests.cpp).
var litecoinBlocks = []struct{ header, hash string }{
	{"020000004c1271c211717198227392b029a64a7971931d351b387bb80db027f270411e398a07046f7d4a08dd815412a8712f874a7ebf0507e3878bd24e20a3b73fd750a667d2f451eac7471b00de6659",
		"00000000002bef4107f882f6115e0b01f348d21195dacd3582aa2dabd7985806"},
	{"0200000011503ee6a855e900c00cfdd98f5f55fffeaee9b6bf55bea9b852d9de2ce35828e204eef76acfd36949ae56d1fbe81c1ac9c0209e6331ad56414f9072506a77f8c6faf551eac7471b00389d01",
		"00000000003a0d11bdd5eb634e08b7feddcfbbf228ed35d250daf19f1c88fc94"},
	{"02000000a72c8a177f523946f42f22c3e86b8023221b4105e8007e59e81f6beb013e29aaf635295cb9ac966213fb56e046dc71df5b3f7f67ceaeab24038e743f883aff1aaafaf551eac7471b0166249b",
		"00000000000b40f895f288e13244728a6c2d9d59d8aff29c65f8dd5114a8ca81"},
}

func TestLitecoinsBlocksHaveTheirKnownProofOfWork(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		h := hasher(t, pow.Scrypt)
		var headers [][80]byte
		for _, b := range litecoinBlocks {
			if got := h.Sum(header(t, b.header)); got.String() != b.hash {
				t.Errorf("hash alone = %v, want %v", got, b.hash)
			}
			headers = append(headers, *header(t, b.header))
		}
		hashes := make([]pow.Hash, len(headers))
		h.SumAll(headers, hashes)
		for i, b := range litecoinBlocks {
			if hashes[i].String() != b.hash {
				t.Errorf("hash with others = %v, want %v", hashes[i], b.hash)
			}
		}
	})
}

// TestSalsaCoreIsThatOfTheRFC: RFC 7914, section 8.
func TestSalsaCoreIsThatOfTheRFC(t *testing.T) {
	words := func(digits string) (w [16]uint32) {
		b, err := hex.DecodeString(digits)
		if err != nil {
			t.Fatal(err)
		}
		for i := range w {
			w[i] = binary.LittleEndian.Uint32(b[4*i:])
		}
		return w
	}
	got := words("7e879a214f3ec9867ca940e641718f26baee555b8c61c1b50df846116dcd3b1d" +
		"ee24f319df9b3d8514121e4b5ac5aa3276021d2909c74829edebc68db8b8c25e")
	want := words("a41f859c6608cc993b81cacb020cef05044b2181a2fd337dfd7b1c6396682f29" +
		"b4393168e3c9e6bcfe6bc5b7a06d96bae424cc102c91745c24ad673dc7618f81")
	if pow.Salsa8(&got, new([16]uint32)); got != want {
		t.Errorf("Salsa20/8 core = %08x, want %08x", got, want)
	}
}

// TestLanesAgreeWithXCrypto hashes batches of every size up to two full ones and one.
func TestLanesAgreeWithXCrypto(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		h, random := hasher(t, pow.Scrypt), rand.New(rand.NewPCG(1, 2))
		for n := range 2*h.Lanes() + 2 {
			headers, hashes := make([][80]byte, n), make([]pow.Hash, n+1)
			for i := range headers {
				headers[i] = randomHeader(random)
			}
			before := slices.Clone(headers)
			h.SumAll(headers, hashes)
			for i, input := range before {
				want, err := scrypt.Key(input[:], input[:], 1024, 1, 1, 32)
				if err != nil {
					t.Fatal(err)
				}
				if hashes[i] != pow.HashFromBytes([32]byte(want)) {
					t.Fatalf("scrypt of %x, %d of %d, = %v, want %x reversed", input, i, n, hashes[i], want)
				}
				if alone := h.Sum(&headers[i]); alone != hashes[i] {
					t.Fatalf("scrypt of %x = %v alone, %v with others", input, alone, hashes[i])
				}
			}
			if !slices.Equal(headers, before) || hashes[n] != (pow.Hash{}) {
				t.Fatalf("SumAll of %d changed the headers, or more hashes than it was asked for", n)
			}
		}
	})
}

// FuzzScrypt compares all the ways to a hash: six at once, one alone, in Go, and
// golang.org/x/crypto's.
func FuzzScrypt(f *testing.F) {
	for _, b := range litecoinBlocks {
		f.Add(header(f, b.header)[:])
	}
	f.Add(make([]byte, 6*80))
	f.Fuzz(func(t *testing.T, raw []byte) {
		headers := make([][80]byte, len(raw)/80%8)
		for i := range headers {
			copy(headers[i][:], raw[80*i:])
		}
		h, hashes, pure := hasher(t, pow.Scrypt), make([]pow.Hash, len(headers)), make([]pow.Hash, len(headers))
		h.SumAll(headers, hashes)
		for i := range headers {
			want, err := scrypt.Key(headers[i][:], headers[i][:], 1024, 1, 1, 32)
			if err != nil {
				t.Fatal(err)
			}
			if alone := h.Sum(&headers[i]); alone != hashes[i] || alone != pow.HashFromBytes([32]byte(want)) {
				t.Errorf("scrypt of %x = %v with others, %v alone, want %x reversed", headers[i], hashes[i], alone, want)
			}
		}
		pow.ForcePure(t)
		h.SumAll(headers, pure)
		if !slices.Equal(pure, hashes) {
			t.Errorf("scrypt of %x = %v in Go, %v with vectors", headers, pure, hashes)
		}
	})
}

// FuzzCompress compares SHA-256's compression function in both ways.
func FuzzCompress(f *testing.F) {
	f.Add([]byte("a block of 64 bytes and the state before it, which are 32 more  0123456789abcdef0123456789abcdef"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var words [24]uint32
		for i := range words {
			if len(raw) >= 4*i+4 {
				words[i] = binary.BigEndian.Uint32(raw[4*i:])
			}
		}
		block, state := [16]uint32(words[:]), [8]uint32(words[16:])
		a, b := state, state
		pow.Compress(&a, block)
		pow.CompressPure(&b, block)
		if a != b {
			t.Errorf("state %08x after %08x = %08x, in Go %08x", state, block, a, b)
		}
	})
}

func TestCompressionIsSHA256(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(3, 4))
		for range 100 {
			header := randomHeader(random)
			message := [128]byte{80: 0x80, 126: 640 >> 8, 127: 640 & 0xff}
			copy(message[:], header[:])
			state := pow.CompressStart()
			for half := range 2 {
				var words [16]uint32
				for i := range words {
					words[i] = binary.BigEndian.Uint32(message[64*half+4*i:])
				}
				pow.Compress(&state, words)
			}
			var got [32]byte
			for i, word := range state {
				binary.BigEndian.PutUint32(got[4*i:], word)
			}
			if want := sha256.Sum256(header[:]); got != want {
				t.Fatalf("SHA-256 of %x = %x, want %x", header, got, want)
			}
		}
	})
}

func TestHashingAllocatesNothing(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		for _, a := range []pow.Algorithm{pow.SHA256d, pow.Scrypt} {
			h, input, sink := hasher(t, a), new([80]byte), pow.Hash{}
			headers, hashes := make([][80]byte, 7), make([]pow.Hash, 7)
			if n := testing.AllocsPerRun(3, func() { sink = h.Sum(input) }); n != 0 {
				t.Errorf("%v: %v allocations for a hash, want none (%v)", a, n, sink)
			}
			if n := testing.AllocsPerRun(3, func() { h.SumAll(headers, hashes) }); n != 0 {
				t.Errorf("%v: %v allocations for seven hashes, want none", a, n)
			}
			// Under the race detector the standard library allocates once as the search begins.
			if n := testing.AllocsPerRun(3, func() { pow.Search(h, input, pow.Target{}, 10) }); n > 1 {
				t.Errorf("%v: %v allocations for a search, want none", a, n)
			}
		}
	})
}

func TestUnknownAlgorithmsHaveNoHasher(t *testing.T) {
	if _, err := pow.NewHasher("x11"); err == nil || !strings.Contains(err.Error(), "x11") {
		t.Errorf("NewHasher(x11) = %v, want an error that names it", err)
	}
}
