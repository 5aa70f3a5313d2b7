package sevenzip_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/adit-mining/adit/miners/install/sevenzip"
)

const signatureSize = 32

// archiveOf is an archive with this header behind these packed streams; the checksums
// are right, so that a fuzzer gets past them.
func archiveOf(packed, header []byte) []byte {
	start := binary.LittleEndian.AppendUint64(nil, uint64(len(packed)))
	start = binary.LittleEndian.AppendUint64(start, uint64(len(header)))
	start = binary.LittleEndian.AppendUint32(start, crc32.ChecksumIEEE(header))
	archive := []byte{'7', 'z', 0xbc, 0xaf, 0x27, 0x1c, 0, 4}
	archive = binary.LittleEndian.AppendUint32(archive, crc32.ChecksumIEEE(start))
	archive = append(archive, start...)
	return append(append(archive, packed...), header...)
}

// partsOf is the other way.
func partsOf(archive []byte) (packed, header []byte) {
	at := signatureSize + binary.LittleEndian.Uint64(archive[12:])
	return archive[signatureSize:at], archive[at:]
}

// allocated is how much memory was taken by f, whether or not it was given back.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// wantBounded reads all of an archive, and fails if that takes more memory than is
// promised, or gives more than the limits.
func wantBounded(t *testing.T, archive []byte, limits sevenzip.Limits) error {
	t.Helper()
	var r *sevenzip.Reader
	var err error
	// What a header claims takes no memory that its bytes do not cover: a packed
	// header is mostHeader at most, and what is made of a header eight times that.
	if took := allocated(func() { r, err = sevenzip.NewReader(bytes.NewReader(archive), int64(len(archive)), limits) }); took > 64<<20 {
		t.Errorf("the header took %d bytes", took)
	}
	if err != nil {
		return err
	}
	if len(r.Files) > limits.Members {
		t.Errorf("it has %d members", len(r.Files))
	}
	var all, opens int64
	took := allocated(func() {
		for i := range r.Files {
			contents, failed := r.Open(i)
			if failed != nil {
				err = failed
				continue
			}
			n, failed := io.Copy(io.Discard, contents)
			if failed != nil {
				err = failed
			}
			all += n
			opens++
		}
	})
	if all > limits.Size {
		t.Errorf("it unpacks to %d bytes", all)
	}
	// Each file may be in a folder of its own, which takes some buffers.
	if took > sevenzip.MostMemory+uint64(len(r.Files))*8<<20 {
		t.Errorf("its %d files took %d bytes", len(r.Files), took)
	}
	return err
}

func FuzzHeader(f *testing.F) {
	names, err := filepath.Glob("testdata/*.7z")
	if err != nil || len(names) == 0 {
		f.Fatal(err)
	}
	for _, name := range names {
		archive, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		packed, header := partsOf(archive)
		f.Add(packed, header)
	}
	for _, c := range claims() {
		f.Add([]byte("packed"), c.header)
	}
	f.Fuzz(func(t *testing.T, packed, header []byte) {
		wantBounded(t, archiveOf(packed, header), sevenzip.Limits{Members: 100, Size: 1 << 20})
	})
}

// claim is a header that asks for more than it gives.
type claim struct {
	name   string
	header []byte
	want   error
}

// number is a NUMBER in its longest form.
func number(n uint64) []byte { return binary.LittleEndian.AppendUint64([]byte{0xff}, n) }

func join(parts ...any) (all []byte) {
	for _, part := range parts {
		switch part := part.(type) {
		case int:
			all = append(all, byte(part))
		case []byte:
			all = append(all, part...)
		}
	}
	return all
}

// claims are headers for the six bytes "packed".
func claims() []claim {
	stored := join(1, 0x01, 0x00)                        // one coder: Copy
	pack := join(0x06, 0, 1, 0x09, 6, 0)                 // one stream of six bytes
	unpack := join(0x07, 0x0b, 1, 0, stored, 0x0c, 6, 0) // one folder of it
	lzma := func(dictionary uint32, size uint64) []byte {
		return join(0x07, 0x0b, 1, 0, 1, 0x23, 3, 1, 1, 5, 0x5d, binary.LittleEndian.AppendUint32(nil, dictionary), 0x0c, number(size), 0)
	}
	all := []claim{
		{"sound", join(1, 4, pack, unpack, 0, 5, 1, 0x11, 5, 0, 0x61, 0, 0, 0, 0, 0), nil},
		{"a link for a name", join(1, 4, pack, unpack, 0, 5, 1, 0x11, 5, 1, 0x61, 0, 0, 0, 0, 0), sevenzip.ErrFormat},
		{"no names", join(1, 4, pack, unpack, 0, 5, 1, 0, 0), sevenzip.ErrFormat},
		{"no files", join(1, 4, pack, unpack, 0, 0), sevenzip.ErrFormat},
		{"too few streams", join(1, 4, 0, 5, 1, 0x11, 5, 0, 0x61, 0, 0, 0, 0, 0), sevenzip.ErrFormat},
		{"stream of no folder", join(1, 4, pack, 0, 0), sevenzip.ErrFormat},
		{"stream behind the end", join(1, 4, 0x06, 0, 1, 0x09, 7, 0, unpack, 0, 0), sevenzip.ErrFormat},
		{"streams that begin behind the end", join(1, 4, 0x06, 7, 1, 0x09, 0, 0, unpack, 0, 0), sevenzip.ErrFormat},
		{"sizes that wrap around", join(1, 4, 0x06, 1, 2, 0x09, 5, number(1<<64-1), 0, unpack, 0, 0), sevenzip.ErrFormat},
		{"members larger than their folder", join(1, 4, pack, unpack, 0x08, 0x0d, 2, 0x09, 7, 0, 0, 0), sevenzip.ErrFormat},
		{"bomb", join(1, 4, pack, lzma(1<<16, 1<<40), 0, 0), sevenzip.ErrTooLarge},
		{"dictionary", join(1, 4, pack, lzma(1<<32-1, 500<<20), 0, 0), sevenzip.ErrTooLarge},
		{"packed header that is a bomb", join(0x17, pack, lzma(1<<16, 1<<40), 0), sevenzip.ErrTooLarge},
		{"packed header that is none", join(0x17, pack, unpack, 0), sevenzip.ErrFormat},
		{"empty packed header", join(0x17, 0x06, 0, 1, 0x09, 0, 0, 0x07, 0x0b, 1, 0, stored, 0x0c, 0, 0, 0), sevenzip.ErrFormat},
		{"two packed headers", join(0x17, 0x06, 0, 2, 0x09, 3, 3, 0, 0x07, 0x0b, 2, 0, stored, stored, 0x0c, 3, 3, 0, 0), sevenzip.ErrTooLarge},
		{"property that ends behind the end", join(1, 5, 1, 0x11, number(1<<63), 0, 0x61, 0, 0, 0, 0, 0), sevenzip.ErrFormat},
		{"coders in a circle", join(1, 4, pack, 0x07, 0x0b, 1, 0, 2, 0x01, 0x00, 0x01, 0x00, 0, 0, 0x0c, 6, 6, 0, 0, 0), sevenzip.ErrFormat},
		{"coders bound to nothing", join(1, 4, pack, 0x07, 0x0b, 1, 0, 2, 0x01, 0x00, 0x01, 0x00, 9, 9, 0x0c, 6, 6, 0, 0, 0), sevenzip.ErrFormat},
		{"unknown method", join(1, 4, pack, 0x07, 0x0b, 1, 0, 1, 0x02, 0x55, 0x66, 0x0c, 6, 0, 0, 0), sevenzip.ErrUnsupported},
		{"nothing", join(1), sevenzip.ErrFormat},
		{"something behind", join(1, 0, 0), sevenzip.ErrFormat},
	}
	// Every count, in a header that goes on for a while, as no bytes would cover it
	// otherwise, and in one that does not.
	for _, n := range []uint64{1 << 13, 1 << 31, 1 << 32, 1 << 62, 1<<64 - 1} {
		rest := bytes.Repeat([]byte{1}, 1<<14)
		for name, before := range map[string][]byte{
			"members": join(1, 5, number(n)), "packed streams": join(1, 4, 6, 0, number(n)), "folders": join(1, 4, pack, 7, 0x0b, number(n)),
			"coders": join(1, 4, pack, 7, 0x0b, 1, 0, number(n)), "substreams": join(1, 4, pack, unpack, 8, 0x0d, number(n)),
			"inputs": join(1, 4, pack, 7, 0x0b, 1, 0, 1, 0x11, 0, number(n), 1), "outputs": join(1, 4, pack, 7, 0x0b, 1, 0, 1, 0x11, 0, 1, number(n)),
			"properties": join(1, 4, pack, 7, 0x0b, 1, 0, 1, 0x21, 0, number(n)),
		} {
			all = append(all, claim{fmt.Sprintf("%d %s", n, name), before, errAny}, claim{fmt.Sprintf("%d %s and more", n, name), append(before, rest...), errAny})
		}
	}
	return all
}

var errAny = errors.New("any error")

func TestBelievesNoClaim(t *testing.T) {
	for _, c := range claims() {
		t.Run(c.name, func(t *testing.T) {
			err := wantBounded(t, archiveOf([]byte("packed"), c.header), limits)
			if c.want == errAny && err == nil || c.want != errAny && !errors.Is(err, c.want) {
				t.Errorf("it is read with %v, want %v", err, c.want)
			}
		})
	}
}

// Where an archive is cut off it is refused. Where a byte of it is another one, it is
// refused or gives what it gave, as members have checksums.
func TestDamageIsFound(t *testing.T) {
	for _, name := range []string{"bcj2", "bcj-lzma", "lzma2", "packed-header"} {
		whole, err := os.ReadFile(filepath.Join("testdata", name+".7z"))
		if err != nil {
			t.Fatal(err)
		}
		for i := range whole {
			if i%7 != 0 && i > 2*signatureSize {
				continue
			}
			if wantBounded(t, whole[:i], limits) == nil {
				t.Errorf("%s cut off after %d of %d bytes is read", name, i, len(whole))
			}
			changed := bytes.Clone(whole)
			changed[i] ^= 0x55
			if err := wantBounded(t, changed, limits); err == nil {
				wantThings(t, changed, things(1_500)) // in what no reader looks at
			}
		}
	}
}

// An archive may ask for as much memory as it likes: what counts is what it unpacks to.
func TestMemoryIsWhatIsUnpackedAtMost(t *testing.T) {
	for _, name := range []string{"lzma-far", "lzma2-far"} {
		archive, err := os.ReadFile(filepath.Join("testdata", name+".7z"))
		if err != nil {
			t.Fatal(err)
		}
		if took := allocated(func() { wantThings(t, archive, things(1_500)) }); took > 16<<20 {
			t.Errorf("%s took %d bytes", name, took)
		}
	}
}
