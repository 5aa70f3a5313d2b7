package sevenzip

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"unicode/utf16"
)

// The property ids of 7zFormat.txt.
const (
	idEnd                   = 0x00
	idHeader                = 0x01
	idArchiveProperties     = 0x02
	idAdditionalStreamsInfo = 0x03
	idMainStreamsInfo       = 0x04
	idFilesInfo             = 0x05
	idPackInfo              = 0x06
	idUnpackInfo            = 0x07
	idSubStreamsInfo        = 0x08
	idSize                  = 0x09
	idCRC                   = 0x0a
	idFolder                = 0x0b
	idCodersUnpackSize      = 0x0c
	idNumUnpackStream       = 0x0d
	idEmptyStream           = 0x0e
	idEmptyFile             = 0x0f
	idAnti                  = 0x10
	idNames                 = 0x11
	idWinAttributes         = 0x15
	idEncodedHeader         = 0x17
	idDummy                 = 0x19
)

// Attributes of a file, Windows' and, in the upper half, Unix' st_mode.
const (
	attributeDirectory = 0x10
	attributeReparse   = 0x400
	modeType           = 0xf000
	modeRegular        = 0x8000
)

// cursor goes through a header. After its first error it reads zeros, so that only
// loops and the last step look at err.
type cursor struct {
	rest []byte
	err  error
}

func (c *cursor) fail(kind error, format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("%w: %s", kind, fmt.Sprintf(format, args...))
	}
	c.rest = nil
}

// take returns the next n bytes, or nil.
func (c *cursor) take(n uint64) []byte {
	if n > uint64(len(c.rest)) {
		c.fail(ErrFormat, "its header ends too early")
		return nil
	}
	taken := c.rest[:n:n]
	c.rest = c.rest[n:]
	return taken
}

func (c *cursor) byte() byte {
	if b := c.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (c *cursor) uint32() uint32 {
	if b := c.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// number reads a NUMBER: the ones that the first byte begins with count the bytes that
// follow, the lowest first; what is left of the first byte are the highest bits.
func (c *cursor) number() uint64 {
	first := c.byte()
	more := bits.LeadingZeros8(^first)
	var n uint64
	for i, b := range c.take(uint64(more)) {
		n |= uint64(b) << (8 * i)
	}
	if more < 7 {
		n |= uint64(first&(0x7f>>more)) << (8 * more)
	}
	return n
}

// count reads the number of things that follow, each of which takes a byte at least.
func (c *cursor) count(what string, most int) int {
	n := c.number()
	if n > uint64(most) {
		c.fail(ErrTooLarge, "it claims %d %s, and %d are the most", n, what, most)
		return 0
	}
	if n > uint64(len(c.rest)) {
		c.fail(ErrFormat, "it claims %d %s in %d bytes", n, what, len(c.rest))
		return 0
	}
	return int(n)
}

func (c *cursor) want(id byte) {
	if have := c.byte(); have != id && c.err == nil {
		c.fail(ErrFormat, "%#x in its header instead of %#x", have, id)
	}
}

// skips reports whether id comes next, and passes it.
func (c *cursor) skips(id byte) bool {
	if len(c.rest) == 0 || c.rest[0] != id {
		return false
	}
	c.rest = c.rest[1:]
	return true
}

func (c *cursor) end() {
	if len(c.rest) > 0 {
		c.fail(ErrFormat, "%d bytes too much in its header", len(c.rest))
	}
}

// bits reads n bits, the first of a byte is its highest.
func (c *cursor) bits(n int) []bool {
	packed := c.take(uint64(n+7) / 8)
	set := make([]bool, n)
	for i := range packed {
		for j := range min(8, n-8*i) {
			set[8*i+j] = packed[i]&(0x80>>j) != 0
		}
	}
	return set
}

// defined reads which of n things have a value: all, or those of a bit field.
func (c *cursor) defined(n int) []bool {
	if c.byte() == 0 {
		return c.bits(n)
	}
	all := make([]bool, n)
	for i := range all {
		all[i] = true
	}
	return all
}

// checksum is a CRC32, where there is one.
type checksum struct {
	sum     uint32
	defined bool
}

func (c *cursor) checksums(n int) []checksum {
	all := make([]checksum, n)
	for i, defined := range c.defined(n) {
		if defined {
			all[i] = checksum{c.uint32(), true}
		}
	}
	return all
}

// parseHeader reads the whole header of an archive whose streams lie in packed.
func parseHeader(header []byte, packed span, limits Limits) ([]File, error) {
	c := &cursor{rest: header}
	if c.want(idHeader); c.skips(idArchiveProperties) || c.skips(idAdditionalStreamsInfo) {
		return nil, fmt.Errorf("%w: with properties of its own", ErrUnsupported)
	}
	var streams []substream
	if c.skips(idMainStreamsInfo) {
		streams = c.streams(packed, limits)
	}
	var files []File
	if c.skips(idFilesInfo) {
		files = c.files(streams, limits)
	} else if len(streams) > 0 {
		c.fail(ErrFormat, "it has contents without names")
	}
	c.want(idEnd)
	if c.end(); c.err != nil {
		return nil, c.err
	}
	return files, nil
}

// streams reads StreamsInfo: the contents of members, in their order.
func (c *cursor) streams(packed span, limits Limits) []substream {
	var packs []span
	var folders []*folder
	if c.skips(idPackInfo) {
		packs = c.packs(packed, limits)
	}
	if c.skips(idUnpackInfo) {
		folders = c.folders(packs, limits)
	} else if len(packs) > 0 {
		c.fail(ErrFormat, "it has streams that belong nowhere")
	}
	streams := c.substreams(folders, limits)
	c.want(idEnd)
	if c.err != nil {
		return nil
	}
	return streams
}

// span is a part of the file.
type span struct{ offset, size uint64 }

// packs reads PackInfo: where the packed streams lie, one behind the other.
func (c *cursor) packs(packed span, limits Limits) []span {
	start := c.number()
	n := c.count("packed streams", mostCoders*limits.Members)
	if start > packed.size {
		c.fail(ErrFormat, "its streams begin behind its end")
	}
	packs, at := make([]span, n), packed.offset+start
	if n > 0 {
		c.want(idSize)
	}
	for i := range packs {
		size := c.number()
		if size > packed.offset+packed.size-at {
			c.fail(ErrFormat, "a stream of it ends behind its end")
		}
		if c.err != nil {
			return nil
		}
		packs[i] = span{at, size}
		at += size
	}
	if c.skips(idCRC) {
		c.checksums(n) // of what is packed; what is unpacked is checked
	}
	c.want(idEnd)
	return packs
}

// substreams reads SubStreamsInfo: how what folders unpack to is shared out to files.
func (c *cursor) substreams(folders []*folder, limits Limits) []substream {
	present := c.skips(idSubStreamsInfo)
	counts, total := make([]int, len(folders)), 0
	counted := present && c.skips(idNumUnpackStream)
	for i := range counts {
		counts[i] = 1
		if counted {
			n := c.number()
			counts[i] = int(min(n, uint64(limits.Members)+1))
		}
		if total += counts[i]; total > limits.Members {
			c.fail(ErrTooLarge, "it has more than %d members", limits.Members)
		}
		if c.err != nil {
			return nil
		}
	}
	streams := make([]substream, 0, total)
	sized := present && c.skips(idSize)
	for i, f := range folders {
		if !sized && counts[i] > 1 {
			c.fail(ErrFormat, "it does not say how large its members are")
			return nil
		}
		streams = c.shares(streams, f, counts[i])
	}
	if present {
		c.substreamChecksums(streams, counts)
		c.want(idEnd)
	} else {
		c.inherit(streams, counts)
	}
	return streams
}

// shares appends the n members of f: all sizes but the last are in the header.
func (c *cursor) shares(streams []substream, f *folder, n int) []substream {
	var offset uint64
	for i := range n {
		size := f.size() - offset
		if i < n-1 {
			if stated := c.number(); stated <= size {
				size = stated
			} else {
				c.fail(ErrFormat, "its members are larger than what it unpacks to")
			}
		}
		if c.err != nil {
			return nil
		}
		streams = append(streams, substream{folder: f, offset: offset, size: size})
		offset += size
	}
	return streams
}

// inherit gives members that have a folder to themselves the folder's checksum, and
// returns those that have none.
func (c *cursor) inherit(streams []substream, counts []int) (without []*substream) {
	if c.err != nil {
		return nil
	}
	next := 0
	for _, n := range counts {
		for i := range n {
			s := &streams[next+i]
			if n == 1 && s.folder.checksum.defined {
				s.checksum, s.checked = s.folder.checksum.sum, true
			} else {
				without = append(without, s)
			}
		}
		next += n
	}
	return without
}

func (c *cursor) substreamChecksums(streams []substream, counts []int) {
	without := c.inherit(streams, counts)
	if !c.skips(idCRC) {
		return
	}
	for i, sum := range c.checksums(len(without)) {
		without[i].checksum, without[i].checked = sum.sum, sum.defined
	}
}

// files reads FilesInfo: names, and what has no contents.
func (c *cursor) files(streams []substream, limits Limits) []File {
	n := c.count("members", limits.Members)
	files, names := make([]File, n), false
	empty, emptyFile, attributes := make([]bool, n), []bool(nil), make([]uint32, n)
	for c.err == nil {
		id := c.byte()
		if id == idEnd {
			break
		}
		property := &cursor{rest: c.take(c.number())}
		switch id {
		case idNames:
			property.names(files)
			names = true
		case idEmptyStream:
			empty, emptyFile = property.bits(n), nil
		case idEmptyFile:
			emptyFile = property.bits(count(empty))
		case idAnti:
			property.fail(ErrUnsupported, "it says what to delete")
		case idWinAttributes:
			property.attributes(attributes)
		default: // times, and padding
			property.rest = nil
		}
		if property.end(); property.err != nil && c.err == nil {
			c.err = property.err
		}
	}
	if n > 0 && !names {
		c.fail(ErrFormat, "its members have no names")
	}
	if c.err != nil {
		return nil
	}
	c.fill(files, streams, empty, emptyFile, attributes)
	return files
}

// names reads a name for each of files: UTF-16 up to a zero.
func (c *cursor) names(files []File) {
	c.want(0) // they are here, not in another stream
	for i := range files {
		end := 0
		for end+1 < len(c.rest) && (c.rest[end] != 0 || c.rest[end+1] != 0) {
			end += 2
		}
		letters := make([]uint16, end/2)
		for j := range letters {
			letters[j] = binary.LittleEndian.Uint16(c.rest[2*j:])
		}
		if c.take(uint64(end + 2)); c.err != nil {
			return
		}
		files[i].Name = string(utf16.Decode(letters))
	}
}

func (c *cursor) attributes(all []uint32) {
	defined := c.defined(len(all))
	c.want(0)
	for i := range all {
		if defined[i] {
			all[i] = c.uint32()
		}
	}
}

// fill gives the files that are not empty the streams, in order. An empty one is a
// folder unless it is said to be a file.
func (c *cursor) fill(files []File, streams []substream, empty, emptyFile []bool, attributes []uint32) {
	if full := len(files) - count(empty); full != len(streams) {
		c.fail(ErrFormat, "it has %d members with contents, and contents for %d", full, len(streams))
		return
	}
	for i := range files {
		directory := false
		if empty[i] {
			directory = len(emptyFile) == 0 || !emptyFile[0]
			emptyFile = emptyFile[min(1, len(emptyFile)):]
		} else {
			files[i].Size, files[i].contents = streams[0].size, &streams[0]
			streams = streams[1:]
		}
		mode := attributes[i] >> 16 & modeType
		files[i].Regular = !directory && (mode == 0 || mode == modeRegular) && attributes[i]&(attributeDirectory|attributeReparse) == 0
	}
}

func count(set []bool) (n int) {
	for _, s := range set {
		if s {
			n++
		}
	}
	return n
}
