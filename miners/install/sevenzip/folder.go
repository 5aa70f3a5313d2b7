package sevenzip

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
	"runtime"

	"github.com/ulikunitz/xz/lzma"
)

// mostCoders is the most coders of a folder, and the most inputs of them: BCJ2 has four,
// three of which are LZMA's.
const mostCoders = 8

// folder is 7z's word for what is unpacked together: coders, each of which reads what is
// in the file or what another coder gives.
type folder struct {
	coders   []coder
	main     int // the coder that gives the contents
	checksum checksum
}

type coder struct {
	method     string
	properties []byte
	size       uint64 // bytes that it gives
	inputs     []input
}

type input struct {
	coder int // or -1:
	pack  span
}

func (f *folder) size() uint64 { return f.coders[f.main].size }

// folders reads UnpackInfo. Each packed stream belongs to one folder, in their order.
func (c *cursor) folders(packs []span, limits Limits) []*folder {
	c.want(idFolder)
	n := c.count("folders", limits.Members)
	c.want(0) // they are here, not in another stream
	folders := make([]*folder, 0, n)
	for range n {
		var f *folder
		f, packs = c.folder(packs)
		if c.err != nil {
			return nil
		}
		folders = append(folders, f)
	}
	if len(packs) > 0 {
		c.fail(ErrFormat, "it has streams that belong nowhere")
	}
	c.want(idCodersUnpackSize)
	for _, f := range folders {
		for i := range f.coders {
			f.coders[i].size = c.number()
		}
	}
	if c.skips(idCRC) {
		for i, sum := range c.checksums(n) {
			folders[i].checksum = sum
		}
	}
	c.want(idEnd)
	if c.err != nil {
		return nil
	}
	c.bound(folders, limits)
	return folders
}

// bound refuses folders that unpack to too much, on the way or in the end, or that look
// back too far.
func (c *cursor) bound(folders []*folder, limits Limits) {
	size, work := uint64(0), uint64(0)
	for _, f := range folders {
		size += min(f.size(), uint64(limits.Size)+1)
		for _, coder := range f.coders {
			work += min(coder.size, 3*uint64(limits.Size)+1)
		}
		if d := f.dictionary(); d > mostDictionary {
			c.fail(ErrTooLarge, "it takes %d MiB of memory to unpack", d>>20)
		}
		if size > uint64(limits.Size) || work > 3*uint64(limits.Size) {
			c.fail(ErrTooLarge, "to more than %d bytes", limits.Size)
		}
		if c.err != nil {
			return
		}
	}
}

// folder reads one folder and takes its packed streams from packs.
func (c *cursor) folder(packs []span) (*folder, []span) {
	n := c.count("coders", mostCoders)
	if n == 0 {
		c.fail(ErrFormat, "a folder without coders")
	}
	f, inputs := &folder{coders: make([]coder, n)}, 0
	for i := range f.coders {
		f.coders[i] = c.coder()
		inputs += len(f.coders[i].inputs)
	}
	if c.err != nil {
		return nil, nil
	}
	// All inputs of the folder are numbered through; as are outputs, one of each coder.
	all := make([]*input, 0, inputs)
	for i := range f.coders {
		for j := range f.coders[i].inputs {
			all = append(all, &f.coders[i].inputs[j])
		}
	}
	bound, used := make([]bool, inputs), make([]bool, n)
	for range n - 1 {
		in, out := c.number(), c.number()
		if in >= uint64(inputs) || out >= uint64(n) || bound[in] || used[out] {
			c.fail(ErrFormat, "coders that are bound to what is not there")
			return nil, nil
		}
		all[in].coder = int(out)
		bound[in], used[out] = true, true
	}
	for i := range used {
		if !used[i] {
			f.main = i // the only one: n-1 others are used
		}
	}
	packs = c.feed(all, bound, packs)
	if f.reached(f.main) != n {
		c.fail(ErrFormat, "coders that go round in circles")
	}
	return f, packs
}

// feed gives the inputs that no coder feeds the next of packs.
func (c *cursor) feed(all []*input, bound []bool, packs []span) []span {
	free := len(all) - count(bound)
	if free > len(packs) {
		c.fail(ErrFormat, "it has fewer streams than its coders read")
		return nil
	}
	for i := range free {
		at := uint64(0)
		if free == 1 { // the number of the only one is left out
			for bound[at] {
				at++
			}
		} else {
			at = c.number()
		}
		if at >= uint64(len(all)) || bound[at] {
			c.fail(ErrFormat, "a stream for an input that is not there")
			return nil
		}
		all[at].pack, bound[at] = packs[i], true
	}
	return packs[free:]
}

// reached counts the coders that i reads from, itself included. It ends: an output feeds
// one input only, so the way from the main coder, which feeds none, never meets itself.
func (f *folder) reached(i int) int {
	n := 1
	for _, in := range f.coders[i].inputs {
		if in.coder >= 0 {
			n += f.reached(in.coder)
		}
	}
	return n
}

// coder reads the method of one coder, and refuses it if it is not among ours.
func (c *cursor) coder() coder {
	flags := c.byte()
	read := coder{method: string(c.take(uint64(flags & 0x0f)))}
	inputs, outputs := uint64(1), uint64(1)
	if flags&0x10 != 0 {
		inputs, outputs = c.number(), c.number()
	}
	if flags&0x20 != 0 {
		read.properties = c.take(c.number())
	}
	if c.err != nil {
		return coder{}
	}
	m, known := methods[read.method]
	switch {
	case flags&0xc0 != 0:
		c.fail(ErrUnsupported, "coders of a newer form")
	case read.method == methodAES:
		c.fail(ErrUnsupported, "it is encrypted")
	case !known:
		c.fail(ErrUnsupported, "packed with method %x%s", read.method, foreign[read.method])
	case inputs != uint64(m.inputs) || outputs != 1:
		c.fail(ErrFormat, "%s with %d inputs and %d outputs", m.name, inputs, outputs)
	case len(read.properties) != m.properties && m.properties >= 0, m.properties < 0 && len(read.properties) > -m.properties:
		c.fail(ErrFormat, "%s with %d bytes of properties", m.name, len(read.properties))
	case read.method == methodLZMA2 && read.properties[0] > 40:
		c.fail(ErrFormat, "LZMA2 that looks back on %d", read.properties[0])
	}
	if c.err != nil {
		return coder{}
	}
	read.inputs = make([]input, m.inputs)
	for i := range read.inputs {
		read.inputs[i].coder = -1
	}
	return read
}

// open returns what f unpacks to.
func (f *folder) open(source io.ReaderAt) (io.Reader, error) {
	if f.dictionary() > muchMemory {
		runtime.GC() // or the memory of the folder before would be held as well
	}
	return f.decode(source, f.main)
}

// dictionary is how many bytes its coders look back on together.
func (f *folder) dictionary() (sum uint64) {
	for _, c := range f.coders {
		sum += c.dictionary()
	}
	return sum
}

func (f *folder) decode(source io.ReaderAt, i int) (io.Reader, error) {
	c := f.coders[i]
	inputs := make([]*bufio.Reader, len(c.inputs))
	for j, in := range c.inputs {
		var r io.Reader = io.NewSectionReader(source, int64(in.pack.offset), int64(in.pack.size))
		if in.coder >= 0 {
			var err error
			if r, err = f.decode(source, in.coder); err != nil {
				return nil, err
			}
		}
		inputs[j] = bufio.NewReaderSize(r, 32<<10)
	}
	decoded, err := methods[c.method].decode(c, inputs)
	if err != nil {
		return nil, fmt.Errorf("unpack %s: %w", methods[c.method].name, err)
	}
	return &exactReader{decoded, c.size}, nil
}

// method is a way of packing or filtering.
type method struct {
	name       string
	inputs     int
	properties int // how many bytes; if negative, so many at most
	decode     func(c coder, inputs []*bufio.Reader) (io.Reader, error)
}

const (
	methodLZMA  = "\x03\x01\x01"
	methodLZMA2 = "\x21"
	methodAES   = "\x06\xf1\x07\x01"
)

var methods = map[string]method{
	"\x00": {"Copy", 1, 0, func(_ coder, in []*bufio.Reader) (io.Reader, error) { return in[0], nil }},
	"\x03": {"Delta", 1, 1, func(c coder, in []*bufio.Reader) (io.Reader, error) {
		return &delta{r: in[0], distance: int(c.properties[0]) + 1}, nil
	}},
	methodLZMA:  {"LZMA", 1, 5, unpackLZMA},
	methodLZMA2: {"LZMA2", 1, 1, unpackLZMA2},
	"\x04\x01\x08": {"Deflate", 1, 0, func(_ coder, in []*bufio.Reader) (io.Reader, error) {
		return flate.NewReader(in[0]), nil
	}},
	"\x04\x02\x02": {"BZip2", 1, -1, func(_ coder, in []*bufio.Reader) (io.Reader, error) {
		return bzip2.NewReader(in[0]), nil
	}},
	"\x03\x03\x01\x03": {"BCJ", 1, 0, unpackBCJ},
	"\x04":             {"BCJ", 1, 0, unpackBCJ},
	"\x03\x03\x01\x1b": {"BCJ2", 4, 0, unpackBCJ2},
}

// foreign are methods that archives in the wild have and that are not read here.
var foreign = map[string]string{
	"\x03\x04\x01": " (PPMd)", "\x04\x01\x09": " (Deflate64)", "\x04\xf7\x11\x01": " (Zstandard)", "\x0a": " (ARM64)",
	"\x03\x03\x02\x05": " (PPC)", "\x03\x03\x05\x01": " (ARM)", "\x03\x03\x07\x01": " (ARMT)", "\x03\x03\x08\x05": " (SPARC)",
}

// The least that LZMA looks back on, by its library.
const leastDictionary = lzma.MinDictCap

// dictionary is how many bytes of what it gave c keeps: never more than it gives at all,
// whatever the archive asks for.
func (c coder) dictionary() uint64 {
	asked := uint64(0)
	switch c.method {
	case methodLZMA:
		asked = uint64(binary.LittleEndian.Uint32(c.properties[1:]))
	case methodLZMA2:
		asked = 1<<32 - 1
		if p := c.properties[0]; p < 40 {
			asked = uint64(2|p&1) << (p/2 + 11)
		}
	default:
		return 0
	}
	return max(leastDictionary, min(asked, c.size))
}

// unpackLZMA puts the header of a lone LZMA file before the stream.
func unpackLZMA(c coder, in []*bufio.Reader) (io.Reader, error) {
	header := append(make([]byte, 0, lzma.HeaderLen), c.properties[0])
	header = binary.LittleEndian.AppendUint32(header, uint32(c.dictionary()))
	header = binary.LittleEndian.AppendUint64(header, c.size)
	return lzma.NewReader(bufio.NewReader(io.MultiReader(bytes.NewReader(header), in[0])))
}

func unpackLZMA2(c coder, in []*bufio.Reader) (io.Reader, error) {
	return lzma.Reader2Config{DictCap: int(c.dictionary())}.NewReader2(in[0])
}
