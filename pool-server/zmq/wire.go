package zmq

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The flags of a frame.
const (
	flagMore    = 1
	flagLong    = 2 // the length has 8 bytes instead of 1
	flagCommand = 4
)

// Bounds of what a peer may send. The largest block of any coin has 32 MB.
const (
	maxFrame   = 64 << 20
	maxCommand = 4 << 10
	maxParts   = 8
)

const greetingSize = 64

// errProtocol says that the peer does not speak ZMTP 3 with the NULL mechanism.
var errProtocol = errors.New("not a ZeroMQ publisher")

// greeting is what each side sends first: signature, version 3.0, mechanism.
func greeting() []byte {
	g := make([]byte, greetingSize)
	g[0], g[9], g[10] = 0xff, 0x7f, 3
	copy(g[12:], "NULL")
	return g
}

func readGreeting(r io.Reader) error {
	var g [greetingSize]byte
	if _, err := io.ReadFull(r, g[:]); err != nil {
		return fmt.Errorf("read the greeting: %w", err)
	}
	mechanism, _, _ := bytes.Cut(g[12:32], []byte{0})
	switch {
	case g[0] != 0xff || g[9] != 0x7f || g[10] < 3:
		return errProtocol
	case string(mechanism) != "NULL":
		return fmt.Errorf("%w: it wants the mechanism %.20q", errProtocol, mechanism)
	}
	return nil
}

// appendFrame appends a frame with its head.
func appendFrame(b []byte, flags byte, body []byte) []byte {
	if len(body) < 256 {
		b = append(b, flags, byte(len(body)))
	} else {
		b = binary.BigEndian.AppendUint64(append(b, flags|flagLong), uint64(len(body)))
	}
	return append(b, body...)
}

// ready is the command that ends the handshake, for a socket of that type.
func ready(socketType string) []byte {
	body := append([]byte("\x05READY\x0bSocket-Type\x00\x00\x00"), byte(len(socketType)))
	body = append(body, socketType...)
	return appendFrame(nil, flagCommand, body)
}

// reader takes frames off a connection.
type reader struct {
	in   *bufio.Reader
	keep int // bytes kept of a frame
}

// frame reads a frame. body holds its first bytes, size says how many it has.
func (r *reader) frame() (flags byte, body []byte, size int64, err error) {
	if flags, err = r.in.ReadByte(); err != nil {
		return 0, nil, 0, err
	}
	if flags&^(flagMore|flagLong|flagCommand) != 0 || flags&flagCommand != 0 && flags&flagMore != 0 {
		return 0, nil, 0, fmt.Errorf("%w: a frame with flags %#x", errProtocol, flags)
	}
	if size, err = r.size(flags); err != nil {
		return 0, nil, 0, err
	}
	body = make([]byte, min(size, int64(r.keep)))
	if _, err = io.ReadFull(r.in, body); err == nil {
		_, err = io.CopyN(io.Discard, r.in, size-int64(len(body)))
	}
	return flags, body, size, err
}

func (r *reader) size(flags byte) (int64, error) {
	var length [8]byte
	short := length[7:]
	if flags&flagLong != 0 {
		short = length[:]
	}
	if _, err := io.ReadFull(r.in, short); err != nil {
		return 0, err
	}
	size := binary.BigEndian.Uint64(length[:])
	switch {
	case size > maxFrame:
		return 0, fmt.Errorf("%w: a frame of %d bytes", errProtocol, size)
	case flags&flagCommand != 0 && size > maxCommand:
		return 0, fmt.Errorf("%w: a command of %d bytes", errProtocol, size)
	}
	return int64(size), nil
}

// readReady reads the peer's end of the handshake.
func (r *reader) readReady() error {
	flags, body, _, err := r.frame()
	switch {
	case err != nil:
		return fmt.Errorf("read the handshake: %w", err)
	case flags&flagCommand == 0 || !bytes.HasPrefix(body, []byte("\x05READY")):
		return fmt.Errorf("%w: the handshake ends with %.32q", errProtocol, body)
	}
	return nil
}

// message reads the parts of the next message; commands in between, such as
// heartbeats, which nobody asked for, are passed over. sizes are the parts' lengths.
// It waits before each frame: a publisher gone mad costs no processor.
func (r *reader) message(wait func() error) (parts [][]byte, sizes []int64, err error) {
	for {
		if err := wait(); err != nil {
			return nil, nil, err
		}
		flags, body, size, err := r.frame()
		switch {
		case err != nil:
			return nil, nil, err
		case flags&flagCommand != 0:
			continue
		}
		parts, sizes = append(parts, body), append(sizes, size)
		if flags&flagMore == 0 {
			return parts, sizes, nil
		}
		if len(parts) == maxParts {
			return nil, nil, fmt.Errorf("%w: a message of more than %d parts", errProtocol, maxParts)
		}
	}
}
