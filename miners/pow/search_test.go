package pow_test

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/adit-mining/adit/miners/pow"
)

func TestSearchFindsTheGenesisNonce(t *testing.T) {
	bothWays(t, func(t *testing.T) {
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
	})
}

// plainSearch is what Search promises, in the plainest way.
func plainSearch(h pow.Hasher, header *[80]byte, t pow.Target, tries uint32) (hash pow.Hash, tried uint32, found bool) {
	nonce := binary.LittleEndian.Uint32(header[76:])
	for range tries {
		binary.LittleEndian.PutUint32(header[76:], nonce)
		hash = h.Sum(header)
		tried++
		if t.MetBy(hash) {
			return hash, tried, true
		}
		nonce++
	}
	binary.LittleEndian.PutUint32(header[76:], nonce)
	return pow.Hash{}, tried, false
}

// TestSearchFindsWhatThePlainWayFinds goes through many shares, hits and misses, with
// numbers of tries that no batch divides, and over the end of the nonces.
func TestSearchFindsWhatThePlainWayFinds(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		for _, a := range []pow.Algorithm{pow.SHA256d, pow.Scrypt} {
			h, plain, random := hasher(t, a), hasher(t, a), rand.New(rand.NewPCG(5, 6))
			hits, rounds := 0, 300
			if a == pow.Scrypt {
				rounds = 12
			}
			for range rounds {
				start := randomHeader(random)
				if random.IntN(3) == 0 {
					copy(start[76:], []byte{byte(random.Uint32()), 0xff, 0xff, 0xff})
				}
				// From every hash is a share to one in 2^12, and a bound within its last bits.
				target := pow.Target{0xff >> random.IntN(8), byte(random.Uint32())}
				if a == pow.SHA256d && random.IntN(2) == 0 {
					target = pow.Target{0, 0xff >> random.IntN(5), byte(random.Uint32())}
				}
				tries := uint32(random.IntN(14))
				if a == pow.SHA256d && random.IntN(2) == 0 {
					tries = uint32(random.IntN(1000))
				}
				want := start
				wantHash, wantTried, wantFound := plainSearch(plain, &want, target, tries)
				before := start
				hash, tried, found := pow.Search(h, &start, target, tries)
				if hash != wantHash || tried != wantTried || found != wantFound || start != want {
					t.Fatalf("%v: Search(%x, %v, %d) = %v, %d, %v, nonce %x; want %v, %d, %v, nonce %x",
						a, before, target, tries, hash, tried, found, start[76:], wantHash, wantTried, wantFound, want[76:])
				}
				if found {
					hits++
				}
			}
			if hits < rounds/10 || hits > rounds-rounds/10 {
				t.Errorf("%v: %d of %d searches found something: the test tells too little", a, hits, rounds)
			}
		}
	})
}

// TestALongSearchIsASearch: the assembly gets a search in pieces of 2^13 nonces.
func TestALongSearchIsASearch(t *testing.T) {
	target := pow.Target{0, 4}
	start := &[80]byte{9} // whose first share by this target is the 10299th
	want := *start
	wantHash, wantTried, wantFound := plainSearch(hasher(t, pow.SHA256d), &want, target, 1<<20)
	if wantTried <= 1<<13 {
		t.Fatalf("found after %d tries, which is no long search", wantTried)
	}
	hash, tried, found := pow.Search(hasher(t, pow.SHA256d), start, target, 1<<20)
	if hash != wantHash || tried != wantTried || found != wantFound || *start != want {
		t.Errorf("Search = %v after %d, %v; want %v after %d, %v", hash, tried, found, wantHash, wantTried, wantFound)
	}
}

func TestSearchWithoutLuckLeavesTheNextNonceAndWrapsRound(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		var start [80]byte
		copy(start[76:], "\xfe\xff\xff\xff")
		_, tried, found := pow.Search(hasher(t, pow.SHA256d), &start, pow.Target{}, 4)
		if found || tried != 4 || [4]byte(start[76:]) != [4]byte{2} {
			t.Errorf("found %v, tried %d, nonce %x; want false, 4, 02000000", found, tried, start[76:])
		}
	})
}
