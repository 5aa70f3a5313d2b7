package sharelog_test

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/sharelog"
)

var epoch = time.UnixMilli(1_790_000_000_123).UTC()

// share returns the n-th of a run of records that differ in every field.
func share(n int) sharelog.Record {
	return sharelog.Record{
		Pool: "litecoin", Account: fmt.Sprintf("%040x", n%7), Worker: fmt.Sprintf("rig%d", n%3),
		Difficulty: 0.001 * float64(1+n%5), Time: epoch.Add(time.Duration(n*37) * time.Millisecond), Height: int64(n / 10),
	}
}

func shares(n int) []sharelog.Record {
	rs := make([]sharelog.Record, n)
	for i := range rs {
		rs[i] = share(i)
	}
	return rs
}

func encode(position uint64, rs []sharelog.Record) []byte {
	return sharelog.Batch{Position: position, Writer: 5, Records: rs}.Encode()
}

func withBlock(r sharelog.Record, size int) sharelog.Record {
	r.Block = &sharelog.Block{
		Hash: strings.Repeat("0f", 32), Height: r.Height, Reward: 625_000_000, Raw: bytes.Repeat([]byte{0, 1, 0xff}, size/3),
	}
	return r
}

func alone(r sharelog.Record) sharelog.Record {
	r.Solo = true
	return r
}

func at(r sharelog.Record, price float64) sharelog.Record {
	r.Price = price
	return r
}

// What a program of version 1 has left in the log is still read; it has no solo shares
// and no prices.
func TestBatchesOfVersion1AreRead(t *testing.T) {
	for _, rs := range [][]sharelog.Record{shares(20), {alone(share(1))}, {at(share(1), 2)}} {
		old := encode(9, rs)
		old[1] = 1
		got, err := sharelog.DecodeBatch(withChecksum(old[:len(old)-4]))
		if plain := !rs[0].Solo && rs[0].Price == 0; plain && (err != nil || !reflect.DeepEqual(got.Records, rs)) {
			t.Errorf("got %v, %v, want %v", got.Records, err, rs)
		} else if !plain && err == nil {
			t.Errorf("%v of version 1 was taken", rs)
		}
	}
}

func TestBatchComesBackAsItWas(t *testing.T) {
	extreme := share(1)
	extreme.Difficulty, extreme.Height = math.SmallestNonzeroFloat64, math.MinInt64
	extreme.Time = time.UnixMilli(-1).UTC()
	for name, want := range map[string][]sharelog.Record{
		"one":        shares(1),
		"thousand":   shares(1000),
		"block":      {share(0), withBlock(share(1), 300), share(2), withBlock(share(3), 4<<20)},
		"no worker":  {{Pool: "p", Account: "a", Difficulty: 1, Time: epoch}},
		"extreme":    {extreme, share(0), extreme},
		"solo":       {share(0), alone(share(1)), alone(share(1)), share(2)},
		"prices":     {at(share(0), 0), at(share(1), 0.75), at(share(2), 0.75), at(share(3), 1e-300), share(4)},
		"empty name": {{Difficulty: 1, Time: time.UnixMilli(0).UTC()}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := sharelog.DecodeBatch(encode(77, want))
			if err != nil || got.Position != 77 || got.Writer != 5 {
				t.Fatalf("position %d, err %v", got.Position, err)
			}
			if !reflect.DeepEqual(got.Records, want) {
				t.Errorf("got %v, want %v", got.Records, want)
			}
		})
	}
}

func TestAMinersNextShareTakesFewBytes(t *testing.T) {
	rs := make([]sharelog.Record, 1000)
	for i := range rs {
		rs[i] = share(0)
		rs[i].Time = epoch.Add(time.Duration(i) * time.Millisecond)
	}
	if n := len(encode(1, rs)); n > 3*len(rs) {
		t.Errorf("%d bytes for %d shares, want at most 3 each", n, len(rs))
	}
}

func TestEveryChangedBitIsNoticed(t *testing.T) {
	good := encode(5, append(shares(3), withBlock(share(4), 30)))
	for i := range good {
		for bit := range 8 {
			bad := bytes.Clone(good)
			bad[i] ^= 1 << bit
			if _, err := sharelog.DecodeBatch(bad); err == nil {
				t.Fatalf("bit %d of byte %d changed: no error", bit, i)
			}
		}
		if _, err := sharelog.DecodeBatch(good[:i]); err == nil {
			t.Fatalf("cut to %d bytes: no error", i)
		}
	}
	if _, err := sharelog.DecodeBatch(append(good, 0)); err == nil {
		t.Error("a byte too many: no error")
	}
}

// FuzzDecodeBatch makes sure that no bytes crash the decoder or make it take
// memory beyond their size, and that what it accepts is a batch like any other.
// The checksum is put right, for a fuzzer would never find it.
func FuzzDecodeBatch(f *testing.F) {
	f.Add([]byte{})
	for _, rs := range [][]sharelog.Record{nil, shares(1), shares(20), {withBlock(share(1), 30)}} {
		b := encode(9, rs)
		f.Add(b[:len(b)-4])
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		_, _ = sharelog.DecodeBatch(body)
		batch, err := sharelog.DecodeBatch(withChecksum(body))
		if err != nil {
			return
		}
		again, err := sharelog.DecodeBatch(batch.Encode())
		if err != nil || !reflect.DeepEqual(again, batch) {
			t.Fatalf("accepted %x as %v, but it comes back as %v, %v", body, batch, again, err)
		}
	})
}

func BenchmarkEncodeBatch(b *testing.B) {
	rs := shares(1000)
	b.ReportAllocs()
	for b.Loop() {
		encode(1, rs)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(rs)), "ns/share")
	b.ReportMetric(float64(len(encode(1, rs)))/float64(len(rs)), "bytes/share")
}

func BenchmarkDecodeBatch(b *testing.B) {
	batch := encode(1, shares(1000))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sharelog.DecodeBatch(batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*1000), "ns/share")
}
