package gateway

import "encoding/binary"

// whole reports whether b holds as many inputs, outputs and witnesses as it says. It
// makes room for none of them: package wire does, for millions on a stranger's word,
// and so ten bytes would cost the server a hundred megabytes.
func whole(b []byte) bool {
	s := skimmer{rest: b}
	s.skip(4) // version
	witnesses := len(s.rest) > 1 && s.rest[0] == 0
	if witnesses {
		s.skip(2) // BIP 144's marker and flag
	}
	inputs := s.count()
	s.each(inputs, func() { s.skip(36); s.skip(s.count()); s.skip(4) })
	s.each(s.count(), func() { s.skip(8); s.skip(s.count()) })
	if witnesses {
		s.each(inputs, func() { s.each(s.count(), func() { s.skip(s.count()) }) })
	}
	s.skip(4) // lock time
	return !s.short
}

// skimmer passes over bytes; once they do not suffice it is short.
type skimmer struct {
	rest  []byte
	short bool
}

func (s *skimmer) skip(n uint64) {
	if n > uint64(len(s.rest)) {
		s.rest, s.short = nil, true
		return
	}
	s.rest = s.rest[n:]
}

// each does something n times, or until the bytes do not suffice.
func (s *skimmer) each(n uint64, do func()) {
	for ; n > 0 && !s.short; n-- {
		do()
	}
}

// count reads a number of 1, 3, 5 or 9 bytes.
func (s *skimmer) count() uint64 {
	var b [9]byte
	copy(b[:], s.rest)
	switch b[0] {
	case 0xfd:
		s.skip(3)
		return uint64(binary.LittleEndian.Uint16(b[1:]))
	case 0xfe:
		s.skip(5)
		return uint64(binary.LittleEndian.Uint32(b[1:]))
	case 0xff:
		s.skip(9)
		return binary.LittleEndian.Uint64(b[1:])
	}
	s.skip(1)
	return uint64(b[0])
}
