package install_test

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"runtime"
	"strings"
	"testing"

	"github.com/ulikunitz/xz"

	"github.com/adit-mining/adit/miners/install"
)

// xzOf packs parts, each as a stream of its own, in blocks of some bytes.
func xzOf(t *testing.T, block int64, parts ...[]byte) []byte {
	t.Helper()
	var all bytes.Buffer
	for _, part := range parts {
		w, err := xz.WriterConfig{BlockSize: block, DictCap: 1 << 20}.NewWriter(&all)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(part); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return all.Bytes()
}

// asking returns archive with another code for the dictionary's size in the last of
// its block headers, of which it has want.
func asking(t *testing.T, archive []byte, code byte, want int) []byte {
	t.Helper()
	const start = 12 // after the stream's own header
	header := archive[start : start+(int(archive[start])+1)*4]
	if got := bytes.Count(archive, header); got != want {
		t.Fatalf("%d blocks were made, want %d", got, want)
	}
	archive = bytes.Clone(archive)
	last := archive[bytes.LastIndex(archive, header):][:len(header)]
	last[bytes.Index(last, []byte{0x21, 1})+2] = code
	binary.LittleEndian.PutUint32(last[len(last)-4:], crc32.ChecksumIEEE(last[:len(last)-4]))
	return archive
}

// A block's header says how much memory its unpacking takes, whatever is in it. The
// codes are those of section 5.3.1 of the .xz file format.
func TestUnpackTakesNoMoreMemoryThanATarXZMayAskFor(t *testing.T) {
	var b bytes.Buffer
	if err := packTar(tar.NewWriter(&b), []thing{library, program}); err != nil {
		t.Fatal(err)
	}
	plain := b.Bytes()
	const most = 1 << 40
	shapes := map[string]struct {
		archive []byte
		blocks  int
	}{
		"in the only block":     {xzOf(t, most, plain), 1},
		"in a later block":      {xzOf(t, 4096, plain), (len(plain) + 4095) / 4096},
		"in the second stream":  {xzOf(t, most, plain[:1024], plain[1024:]), 2},
		"in a stream after all": {xzOf(t, most, plain, []byte("more")), 2},
	}
	for name, shape := range shapes {
		for code, good := range map[byte]bool{28: true, 32: true, 33: false, 40: false} { // 64, 256, 384 MiB, 4 GiB
			archive := asking(t, shape.archive, code, shape.blocks)
			path, dir := saved(t, archive), t.TempDir()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := install.Unpack(path, buildOf(install.TarXZ, archive, library, program), dir)
			runtime.ReadMemStats(&after)
			if good != (err == nil) || !good && !errors.Is(err, install.ErrArchive) {
				t.Errorf("code %d %s: Unpack = %v, want it to be taken: %v", code, name, err, good)
			}
			if err != nil && !strings.Contains(err.Error(), "memory") {
				t.Errorf("code %d %s: %v says nothing of memory", code, name, err)
			}
			if took := after.TotalAlloc - before.TotalAlloc; !good && took > 64<<20 {
				t.Errorf("code %d %s: it took %d MiB", code, name, took>>20)
			}
		}
	}
}
