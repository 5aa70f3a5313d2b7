package stratum_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/stratum"
)

func newBatches(t testing.TB, batches, lanes int) stratum.Hashing {
	t.Helper()
	h, err := stratum.NewBatches(pow.Scrypt, batches, lanes)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// numbered returns a header that is like no other, and what its hash is.
func numbered(h pow.Hasher, n int) (header [80]byte, hash pow.Hash) {
	binary.LittleEndian.PutUint64(header[40:], uint64(n))
	return header, h.Sum(&header)
}

func newHasher(t testing.TB, a pow.Algorithm) pow.Hasher {
	t.Helper()
	h, err := pow.NewHasher(a)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestEverybodyGetsTheHashOfTheirOwnHeader(t *testing.T) {
	for _, row := range []struct{ batches, lanes int }{{1, 6}, {2, 6}, {5, 6}, {2, 2}, {0, 1}} {
		h := newBatches(t, row.batches, row.lanes)
		var all sync.WaitGroup
		for i := range 15 {
			all.Go(func() {
				plain := newHasher(t, pow.Scrypt)
				for n := range 6 {
					header, want := numbered(plain, 1000*i+n)
					if got := h.Sum(&header); got != want {
						t.Errorf("%d batches of %d: hash of header %d of goroutine %d = %v, want %v", row.batches, row.lanes, n, i, got, want)
					}
				}
			})
		}
		all.Wait()
	}
}

// TestThoseWhoWaitAreHashedTogether: as many as the hasher has lanes, the oldest first,
// and the rest after them without being asked for.
func TestThoseWhoWaitAreHashedTogether(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		const lanes = 6
		h, plain := newBatches(t, 1, lanes), newHasher(t, pow.Scrypt)
		finish := h.Hold([80]byte{1})
		got := make(chan int, 100)
		const waiting = 20
		for i := range waiting {
			go func() {
				header, want := numbered(plain, i)
				if hash := h.Sum(&header); hash != want {
					t.Errorf("hash of %d = %v, want %v", i, hash, want)
				}
				got <- i
			}()
			synctest.Wait() // one after the other: plain is no good for two, and the order counts
		}
		if others := finish(); others != lanes-1 {
			t.Errorf("%d were hashed with the first, want %d", others, lanes-1)
		}
		synctest.Wait()
		if len(got) != waiting {
			t.Fatalf("%d of %d got a hash", len(got), waiting)
		}
		for range lanes - 1 {
			if i := <-got; i >= lanes-1 {
				t.Errorf("%d got its hash before an older one", i)
			}
		}
	})
}

// TestALoneShareIsHashedAtOnce: nobody else has to come, and no time to pass.
func TestALoneShareIsHashedAtOnce(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		h, plain := newBatches(t, 2, 6), newHasher(t, pow.Scrypt)
		finish := h.Hold([80]byte{1}) // somebody else's batch is being hashed
		header, want := numbered(plain, 7)
		if got := h.Sum(&header); got != want {
			t.Errorf("hash = %v, want %v", got, want)
		}
		if others := finish(); others != 0 {
			t.Errorf("%d waited for the other batch, want nobody", others)
		}
	})
}

// BenchmarkHashing is what a header costs with nobody, and with many, beside it.
func BenchmarkHashing(b *testing.B) {
	for _, a := range []pow.Algorithm{pow.SHA256d, pow.Scrypt} {
		h, err := stratum.NewHashing(a, runtime.GOMAXPROCS(0))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(a, "/alone"), func(b *testing.B) {
			var header [80]byte
			b.ReportAllocs()
			for b.Loop() {
				h.Sum(&header)
			}
		})
		b.Run(fmt.Sprint(a, "/crowd"), func(b *testing.B) {
			b.SetParallelism(50)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for header := new([80]byte); pb.Next(); {
					h.Sum(header)
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "hashes/s")
		})
	}
}

// BenchmarkScryptShares is the whole way of a scrypt share, from the connection through
// the check to the answer. Every hash is a share, so that nearly all time is the pool's.
func BenchmarkScryptShares(b *testing.B) {
	for _, sessions := range []int{1, 10, 200} {
		b.Run(fmt.Sprint("sessions=", sessions), func(b *testing.B) {
			var p pool
			c := p.config()
			c.Algorithm, c.Difficulty = pow.Scrypt, 1e-12
			c.Accept = func(_ stratum.Share, done func(error)) { done(nil) }
			s := newServer(b, c)
			s.SetJob(newJob(b, "1", 1, hardBits), true)
			address := serve(b, s)
			var miners []*miner
			for range sessions {
				m := dial(b, address)
				m.login("m")
				miners = append(miners, m)
			}
			b.ResetTimer()
			var all sync.WaitGroup
			for i, m := range miners {
				all.Go(func() { m.flood(b, b.N/sessions+min(1, max(0, b.N%sessions-i))) })
			}
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "shares/s")
		})
	}
}

// flood submits n shares, one after the other.
func (m *miner) flood(b *testing.B, n int) {
	lines := bufio.NewReader(m.conn)
	for nonce := range n {
		submit(b, m.conn, m.notify, nonce)
		if _, err := lines.ReadSlice('\n'); err != nil {
			b.Error(err)
			return
		}
	}
}

func submit(b *testing.B, conn net.Conn, notify []any, nonce int) {
	_, err := io.WriteString(conn, fmt.Sprintf(`{"id":9,"method":"mining.submit","params":["m","%s","00000000","%s","%08x"]}`+"\n", notify[0], notify[7], nonce))
	if err != nil {
		b.Error(err)
	}
}
