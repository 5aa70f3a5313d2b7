package sevenzip

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// branches2 is BCJ2 for x86: the targets of calls and of jumps are in streams of their
// own, absolute, the first byte the highest. A fourth stream, of a range coder, tells
// for each instruction that looks like one whether its target was moved there.
type branches2 struct {
	main, call, jump, ranges *bufio.Reader

	started     bool
	code, width uint32 // of the range coder
	odds        [256 + 2]uint16

	position uint32 // bytes given, modulo 2^32
	previous byte   // the last of them
	branch   byte   // it may have had a target: E8, E9 or 80 to 8F; or 0
	before   byte   // the one before branch
	target   [4]byte
	left     int // bytes of target that are still to be given
}

const (
	oddsBits  = 11 // a range coder's odds are in 1/2048
	oddsShift = 5  // how quickly they learn
	leastWide = 1 << 24
)

func unpackBCJ2(_ coder, in []*bufio.Reader) (io.Reader, error) {
	b := &branches2{main: in[0], call: in[1], jump: in[2], ranges: in[3], width: 1<<32 - 1}
	for i := range b.odds {
		b.odds[i] = 1 << (oddsBits - 1)
	}
	return b, nil
}

// isBranch tells a call (E8), a jump (E9) and a conditional jump (0F 80 to 0F 8F).
func isBranch(previous, b byte) bool {
	return b&0xfe == 0xe8 || previous == 0x0f && b&0xf0 == 0x80
}

func (b *branches2) Read(p []byte) (int, error) {
	for n := range p {
		next, err := b.next()
		if err != nil {
			return n, err
		}
		p[n] = next
		b.position++
	}
	return len(p), nil
}

func (b *branches2) next() (byte, error) {
	if b.branch != 0 {
		if err := b.followBranch(); err != nil {
			return 0, err
		}
	}
	if b.left > 0 {
		b.left--
		b.previous = b.target[3-b.left]
		return b.previous, nil
	}
	next, err := b.main.ReadByte()
	if err != nil {
		return 0, err
	}
	if isBranch(b.previous, next) {
		b.branch, b.before = next, b.previous
	}
	b.previous = next
	return next, nil
}

// followBranch fetches the target of the instruction that was given last, if it was
// moved. This waits until there is more to give: the last byte of all needs no answer.
func (b *branches2) followBranch() error {
	branch := b.branch
	b.branch = 0
	index, source := 257, b.jump
	switch branch {
	case 0xe8:
		index, source = int(b.before), b.call
	case 0xe9:
		index = 256
	}
	moved, err := b.bit(&b.odds[index])
	if err != nil || !moved {
		return err
	}
	if _, err := io.ReadFull(source, b.target[:]); err != nil {
		return fmt.Errorf("the targets of branches: %w", err)
	}
	distance := binary.BigEndian.Uint32(b.target[:]) - (b.position + 4)
	binary.LittleEndian.PutUint32(b.target[:], distance)
	b.left = 4
	return nil
}

// bit reads one bit of the range coder, as LZMA's does.
func (b *branches2) bit(odds *uint16) (bool, error) {
	if !b.started {
		var first [5]byte
		if _, err := io.ReadFull(b.ranges, first[:]); err != nil {
			return false, err
		}
		b.code, b.started = binary.BigEndian.Uint32(first[1:]), true
	}
	if b.width < leastWide {
		next, err := b.ranges.ReadByte()
		if err != nil {
			return false, err
		}
		b.code, b.width = b.code<<8|uint32(next), b.width<<8
	}
	bound := b.width >> oddsBits * uint32(*odds)
	if b.code < bound {
		b.width = bound
		*odds += (1<<oddsBits - *odds) >> oddsShift
		return false, nil
	}
	b.width -= bound
	b.code -= bound
	*odds -= *odds >> oddsShift
	return true, nil
}
