package sevenzip

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

// delta adds to each byte the one that distance bytes before it came out.
type delta struct {
	r        io.Reader
	distance int
	last     [256]byte
	at       int
}

func (d *delta) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	for i := range p[:n] {
		d.last[d.at] += p[i]
		p[i] = d.last[d.at]
		d.at = (d.at + 1) % d.distance
	}
	return n, err
}

// branches is BCJ for x86: jumps and calls in a program were made absolute, which packs
// better, and become relative again. An instruction is five bytes, of which the last is
// 00 or FF; the rest of the rules keep the packer from mistaking other bytes for one.
type branches struct {
	r        io.Reader
	buffer   []byte // of it, [given:ready] is done, and [ready:] is not
	given    int
	ready    int
	position uint32
	// skipped tells, of the three bytes before, which looked like an instruction
	// and were left alone: bit 0 is the last.
	skipped uint8
	err     error
}

const (
	branchBuffer = 32 << 10
	branchSize   = 5
)

func unpackBCJ(_ coder, in []*bufio.Reader) (io.Reader, error) {
	return &branches{r: in[0], buffer: make([]byte, 0, branchBuffer)}, nil
}

func (b *branches) Read(p []byte) (int, error) {
	for b.given == b.ready {
		if b.err != nil {
			return 0, b.err
		}
		b.more()
	}
	n := copy(p, b.buffer[b.given:b.ready])
	b.given += n
	return n, nil
}

// more fills the buffer and converts what is in it. At the end, what is too short for
// an instruction stays as it is.
func (b *branches) more() {
	kept := copy(b.buffer[:cap(b.buffer)], b.buffer[b.ready:])
	n, err := io.ReadFull(b.r, b.buffer[kept:cap(b.buffer)])
	b.buffer, b.given = b.buffer[:kept+n], 0
	b.ready = b.convert(b.buffer)
	if err != nil {
		b.ready, b.err = len(b.buffer), err
		if errors.Is(err, io.ErrUnexpectedEOF) && n > 0 {
			b.err = io.EOF // the coder's size tells whether it came too early
		}
	}
}

func signByte(b byte) bool { return b == 0x00 || b == 0xff }

// convert returns how many bytes of p are done.
func (b *branches) convert(p []byte) int {
	i := 0
	for i+branchSize <= len(p) {
		if p[i]&0xfe != 0xe8 {
			b.skipped = b.skipped << 1 & 7
			i++
			continue
		}
		// width is how many bytes at the end of the address belong to it alone.
		width, plain := 4, true
		switch b.skipped {
		case 0:
		case 1, 2, 4:
			width = 3 - int(b.skipped)/2 // 3, 2, 1
			plain = !signByte(p[i+width])
		default:
			plain = false
		}
		if !plain || !signByte(p[i+4]) {
			b.skipped = (b.skipped<<1 | 1) & 7
			i++
			continue
		}
		address := p[i+1 : i+branchSize]
		binary.LittleEndian.PutUint32(address, relative(binary.LittleEndian.Uint32(address), b.position+uint32(i)+branchSize, width))
		b.skipped = 0
		i += branchSize
	}
	b.position += uint32(i)
	return i
}

// relative is the distance from next to target, a number of 25 bits with a sign. Where
// that would look like another sign byte at the place that counts, the packer has
// turned the bits below over and added once more; so do we, the other way.
func relative(target, next uint32, width int) uint32 {
	distance := target - next
	if width < 4 && signByte(byte(distance>>(8*width-8))) {
		distance = (distance ^ (1<<(8*width) - 1)) - next
	}
	distance &= 0x01ff_ffff
	return distance | -(distance & 0x0100_0000)
}
