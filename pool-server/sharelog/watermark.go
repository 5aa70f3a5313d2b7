package sharelog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
)

// watermark remembers in a small file the last position that was acknowledged.
// It is the only way to notice on the next start that the store lost its end:
// JetStream cuts a damaged tail off and would give the same positions out again.
//
// The file is written after each batch and not synced: a kill loses nothing of
// it, and after a power cut it may name an older position or be torn, which makes
// the check weaker but never wrong, for the batch was synced before.
type watermark struct {
	f        *os.File
	position uint64
}

const watermarkSize = 12 // position and CRC-32C, little endian

func openWatermark(dir string) (*watermark, error) {
	f, err := os.OpenFile(filepath.Join(dir, "acknowledged"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	var b [watermarkSize]byte
	switch _, err := io.ReadFull(f, b[:]); {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &watermark{f: f}, nil
	case err != nil:
		f.Close()
		return nil, fmt.Errorf("read %s: %w", f.Name(), err)
	}
	w := &watermark{f: f}
	if crc32.Checksum(b[:8], castagnoli) == binary.LittleEndian.Uint32(b[8:]) {
		w.position = binary.LittleEndian.Uint64(b[:])
	}
	return w, nil
}

// set writes position down. An error (disk full) is not worth failing a share
// for that is durable already.
func (w *watermark) set(position uint64) {
	if w == nil {
		return
	}
	var b [watermarkSize]byte
	binary.LittleEndian.PutUint64(b[:], position)
	binary.LittleEndian.PutUint32(b[8:], crc32.Checksum(b[:8], castagnoli))
	if _, err := w.f.WriteAt(b[:], 0); err == nil {
		w.position = position
	}
}

func (w *watermark) close() {
	if w != nil {
		w.f.Close()
	}
}
