package install

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/ulikunitz/xz/lzma"
)

// mostXZ is how many bytes of memory the unpacking of a tar.xz may take: xz's own
// choice is 64 MiB at most. The library takes at once what a block's header asks for,
// up to 4 GiB, and its DictCap is a lower bound and no upper one.
const mostXZ = 256 << 20

// longestXZHeader is the most bytes of a block's header: a quarter of its length, less
// one, is its first byte.
const longestXZHeader = 256 * 4

// checkXZ looks, before the library does, at every block header of the xz file r. It
// follows no lengths, of which its reading and the library's might differ: whatever
// stands at a multiple of four bytes, as all blocks do, and has a header's checksum is
// taken for one.
func checkXZ(r io.Reader) error {
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		b, err := in.Peek(longestXZHeader)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if len(b) < 4 {
			return nil
		}
		if asked := xzDictionary(b); asked > mostXZ {
			return fmt.Errorf("%w: it takes %d MiB of memory to unpack", ErrArchive, asked>>20)
		}
		if _, err := in.Discard(4); err != nil {
			return err
		}
	}
}

// xzDictionary returns how much memory the block asks for whose header b begins with;
// 0 if that is no header (.xz file format 1.2.1, sections 3.1 and 5.3.1).
func xzDictionary(b []byte) int64 {
	const reserved = 0x3c // flags that are 0
	n := (int(b[0]) + 1) * 4
	if b[0] == 0 || b[1]&reserved != 0 || n > len(b) {
		return 0
	}
	header, sum := b[:n-4], binary.LittleEndian.Uint32(b[n-4:n])
	if crc32.ChecksumIEEE(header) != sum {
		return 0
	}
	most := int64(0)
	for {
		_, rest, found := bytes.Cut(header, []byte{0x21, 1}) // LZMA2, one byte of properties
		if !found || len(rest) == 0 {
			return most
		}
		if size, err := lzma.DecodeDictCap(rest[0]); err == nil {
			most = max(most, size)
		}
		header = rest
	}
}
