// Package sevenzip reads 7z archives that strangers made.
//
// It reads what 7-Zip makes by default and what mining programs come in: Copy, LZMA,
// LZMA2, Deflate and BZip2, the filters BCJ, BCJ2 and Delta, solid or not, the
// header packed or not. Anything else is refused with its name: encryption, PPMd,
// archives in volumes, and those with something in front, such as a program that
// unpacks itself. The format is that of 7zFormat.txt in the LZMA SDK,
// https://7-zip.org/sdk.html.
//
// Nothing in an archive is believed: a count has to be covered by bytes that are there,
// each stream lies inside the file, and sizes stay below the limits of the caller. So
// no archive takes more memory than MostMemory, nor more work than to unpack three times
// the limit. What to do with names that lead elsewhere is up to the caller. A Reader
// starts no goroutine and is for one at a time. The LZMA library may panic on what is
// no LZMA; the caller recovers from that.
package sevenzip

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// MostMemory is more bytes than any archive makes a Reader hold: what LZMA looks back on,
// the header, and what was made of it.
const MostMemory = mostDictionary + 8*mostHeader

const (
	mostHeader     = 4 << 20   // bytes: 5,000 names of 400 letters
	mostDictionary = 320 << 20 // bytes of one folder's; 7-Zip's own choice is 256 MiB at most
	muchMemory     = 16 << 20  // bytes that are worth to be free early
)

// Limits are what a caller puts up with.
type Limits struct {
	Members int
	Size    int64 // bytes of all members together
}

// Its errors; each comes with what was wrong.
var (
	ErrFormat      = errors.New("not a sound 7z archive")
	ErrUnsupported = errors.New("a 7z archive of a kind that is not read here")
	ErrTooLarge    = errors.New("a 7z archive that unpacks to too much")
)

// A File is a member of an archive.
type File struct {
	Name    string // as it is in the archive
	Size    uint64
	Regular bool // a file: no folder, link or device

	contents *substream // nil if it is empty
}

// A Reader reads one archive.
type Reader struct {
	Files []File // in the order in which they are packed

	source io.ReaderAt
	folder *folder // the one that is being unpacked, or nil
	stream io.Reader
	offset uint64 // how much of it was unpacked
}

// The signature header, of a fixed size, says where the header is.
const signatureSize = 32

var signature = []byte("7z\xbc\xaf\x27\x1c")

// NewReader reads the header of an archive of size bytes. It refuses one that claims
// more than limits, and one with any method that Open does not know.
func NewReader(source io.ReaderAt, size int64, limits Limits) (*Reader, error) {
	var first [signatureSize]byte
	if size < signatureSize {
		return nil, fmt.Errorf("%w: it ends too early", ErrFormat)
	}
	if _, err := source.ReadAt(first[:], 0); err != nil {
		return nil, fmt.Errorf("read a 7z header: %w", err)
	}
	switch {
	case !bytes.HasPrefix(first[:], signature):
		return nil, fmt.Errorf("%w: it does not begin like one", ErrFormat)
	case first[6] != 0:
		return nil, fmt.Errorf("%w: version %d", ErrUnsupported, first[6])
	case crc32.ChecksumIEEE(first[12:]) != binary.LittleEndian.Uint32(first[8:]):
		return nil, fmt.Errorf("%w: its beginning has another checksum", ErrFormat)
	}
	at, length := binary.LittleEndian.Uint64(first[12:]), binary.LittleEndian.Uint64(first[20:])
	rest := uint64(size - signatureSize)
	if at > rest || length > rest-at {
		return nil, fmt.Errorf("%w: it ends before its header", ErrFormat)
	}
	if length > mostHeader {
		return nil, fmt.Errorf("%w: a header of %d bytes", ErrTooLarge, length)
	}
	r := &Reader{source: source}
	if length == 0 {
		return r, nil // an archive of nothing
	}
	header := make([]byte, length)
	if _, err := source.ReadAt(header, int64(signatureSize+at)); err != nil {
		return nil, fmt.Errorf("read a 7z header: %w", err)
	}
	if crc32.ChecksumIEEE(header) != binary.LittleEndian.Uint32(first[28:]) {
		return nil, fmt.Errorf("%w: its header has another checksum", ErrFormat)
	}
	packed := span{signatureSize, at}
	header, err := unpackHeader(source, header, packed)
	if err != nil {
		return nil, err
	}
	r.Files, err = parseHeader(header, packed, limits)
	return r, err
}

// unpackHeader returns the header itself, where it is packed.
func unpackHeader(source io.ReaderAt, header []byte, packed span) ([]byte, error) {
	if header[0] != idEncodedHeader {
		return header, nil
	}
	c := &cursor{rest: header[1:]}
	streams := c.streams(packed, Limits{Members: 1, Size: mostHeader})
	if c.end(); c.err != nil {
		return nil, c.err
	}
	if len(streams) != 1 {
		return nil, fmt.Errorf("%w: its header is in %d parts", ErrFormat, len(streams))
	}
	stream, err := streams[0].folder.open(source)
	if err != nil {
		return nil, err
	}
	header, err = io.ReadAll(streams[0].reader(stream))
	if err != nil {
		return nil, fmt.Errorf("unpack a 7z header: %w", err)
	}
	if len(header) == 0 {
		return nil, fmt.Errorf("%w: its header is empty", ErrFormat)
	}
	return header, nil
}

// Open returns the contents of Files[i], which are good until the next Open. To reach
// them, what is packed before them is unpacked, so it is quickest in the files' order.
func (r *Reader) Open(i int) (io.Reader, error) {
	s := r.Files[i].contents
	if s == nil {
		return bytes.NewReader(nil), nil
	}
	if r.folder != s.folder || r.offset > s.offset {
		r.folder, r.stream = nil, nil // its memory is free before the next takes its own
		stream, err := s.folder.open(r.source)
		if err != nil {
			return nil, err
		}
		r.folder, r.stream, r.offset = s.folder, stream, 0
	}
	counted := readerFunc(func(p []byte) (int, error) {
		n, err := r.stream.Read(p)
		r.offset += uint64(n)
		return n, err
	})
	if _, err := io.CopyN(io.Discard, counted, int64(s.offset-r.offset)); err != nil {
		return nil, fmt.Errorf("unpack what comes before: %w", err)
	}
	return s.reader(counted), nil
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// substream is a member's part of what a folder unpacks to.
type substream struct {
	folder       *folder
	offset, size uint64
	checksum     uint32
	checked      bool // there is a checksum
}

// reader returns what is left of the folder's stream as the contents of s.
func (s *substream) reader(stream io.Reader) io.Reader {
	sum, contents := crc32.NewIEEE(), &exactReader{r: stream, left: s.size}
	return readerFunc(func(p []byte) (int, error) {
		n, err := contents.Read(p)
		sum.Write(p[:n])
		if err == io.EOF && s.checked && sum.Sum32() != s.checksum {
			return n, fmt.Errorf("%w: a member has another checksum", ErrFormat)
		}
		return n, err
	})
}

// exactReader reads left bytes from r. That r ends earlier, or gives nothing time and
// again, is an error; what comes after is not looked at.
type exactReader struct {
	r    io.Reader
	left uint64
}

func (e *exactReader) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	p = p[:min(uint64(len(p)), e.left)]
	for range 100 {
		n, err := e.r.Read(p)
		e.left -= uint64(n)
		switch {
		case err == io.EOF && e.left > 0:
			return n, io.ErrUnexpectedEOF
		case err == io.EOF:
			return n, nil
		case n > 0 || err != nil:
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}
