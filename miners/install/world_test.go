package install_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/ulikunitz/xz"

	"github.com/adit-mining/adit/miners/install"
)

// thing is a member of an archive to make.
type thing struct {
	name string
	text string
	mode fs.FileMode // of what it is: 0 for a file, fs.ModeSymlink, ...
}

func random(seed uint64, size int) []byte {
	b := make([]byte, size)
	r := rand.NewChaCha8([32]byte{byte(seed)})
	r.Read(b)
	return b
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// pack makes an archive of things.
func pack(t testing.TB, kind install.Archive, things ...thing) []byte {
	t.Helper()
	var err error
	var b bytes.Buffer
	switch kind {
	case install.Plain:
		b.WriteString(things[0].text)
	case install.Zip:
		err = packZip(&b, things)
	case install.SevenZip:
		packSevenZip(&b, things)
	case install.TarGzip:
		w := gzip.NewWriter(&b)
		if err = packTar(tar.NewWriter(w), things); err == nil {
			err = w.Close()
		}
	case install.TarXZ:
		var w *xz.Writer
		if w, err = xz.NewWriter(&b); err == nil {
			if err = packTar(tar.NewWriter(w), things); err == nil {
				err = w.Close()
			}
		}
	}
	if err != nil {
		t.Fatalf("make a %s: %v", kind, err)
	}
	return b.Bytes()
}

func packZip(b *bytes.Buffer, things []thing) error {
	w := zip.NewWriter(b)
	for _, thing := range things {
		header := &zip.FileHeader{Name: thing.name, Method: zip.Deflate}
		header.SetMode(thing.mode | 0o644)
		f, err := w.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := f.Write([]byte(thing.text)); err != nil {
			return err
		}
	}
	return w.Close()
}

func packTar(w *tar.Writer, things []thing) error {
	for _, thing := range things {
		header := &tar.Header{Name: thing.name, Mode: 0o644, Size: int64(len(thing.text)), Typeflag: tar.TypeReg}
		switch {
		case thing.mode&fs.ModeSymlink != 0:
			header.Typeflag, header.Linkname, header.Size = tar.TypeSymlink, thing.text, 0
		case thing.mode&fs.ModeIrregular != 0:
			header.Typeflag, header.Linkname, header.Size = tar.TypeLink, thing.text, 0
		case thing.mode&fs.ModeDevice != 0:
			header.Typeflag, header.Size = tar.TypeChar, 0
		case thing.mode&fs.ModeDir != 0:
			header.Typeflag, header.Size = tar.TypeDir, 0
		}
		if err := w.WriteHeader(header); err != nil {
			return err
		}
		if header.Size > 0 {
			if _, err := w.Write([]byte(thing.text)); err != nil {
				return err
			}
		}
	}
	return w.Close()
}

// packSevenZip makes a 7z of one folder without compression, as 7zFormat.txt of
// the LZMA SDK describes it: no library writes one.
func packSevenZip(b *bytes.Buffer, things []thing) {
	var data, sizes, sums, names, attributes []byte
	for i, thing := range things {
		data = append(data, thing.text...)
		if i < len(things)-1 {
			sizes = append(sizes, number(len(thing.text))...)
		}
		sums = binary.LittleEndian.AppendUint32(sums, crc32.ChecksumIEEE([]byte(thing.text)))
		for _, c := range utf16.Encode([]rune(thing.name)) {
			names = binary.LittleEndian.AppendUint16(names, c)
		}
		names = append(names, 0, 0)
		mode := uint32(0o100644)
		if thing.mode&fs.ModeSymlink != 0 {
			mode = 0o120777
		}
		attributes = binary.LittleEndian.AppendUint32(attributes, mode<<16|0x8000)
	}
	join := func(parts ...any) (all []byte) {
		for _, part := range parts {
			switch part := part.(type) {
			case int:
				all = append(all, byte(part))
			case []byte:
				all = append(all, part...)
			}
		}
		return all
	}
	header := join(0x01, 0x04,
		0x06, 0, 1, 0x09, number(len(data)), 0,
		0x07, 0x0b, 1, 0, 1, 0x01, 0x00, 0x0c, number(len(data)), 0,
		0x08, 0x0d, number(len(things)), 0x09, sizes, 0x0a, 1, sums, 0,
		0,
		0x05, number(len(things)),
		0x11, number(len(names)+1), 0, names,
		0x15, number(len(attributes)+2), 1, 0, attributes,
		0, 0)
	start := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	start = binary.LittleEndian.AppendUint64(start, uint64(len(header)))
	start = binary.LittleEndian.AppendUint32(start, crc32.ChecksumIEEE(header))
	b.Write([]byte{'7', 'z', 0xbc, 0xaf, 0x27, 0x1c, 0, 4})
	b.Write(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(start)))
	b.Write(start)
	b.Write(data)
	b.Write(header)
}

// number is 7z's NUMBER, always in its longest form.
func number(n int) []byte { return binary.LittleEndian.AppendUint64([]byte{0xff}, uint64(n)) }

// buildOf describes an archive in which the listed things are to be kept.
func buildOf(kind install.Archive, archive []byte, listed ...thing) install.Build {
	b := install.Build{
		OS: "linux", Arch: "amd64", Devices: []install.Hardware{install.CPU},
		URLs: []string{"http://127.0.0.1:1/x"}, Size: int64(len(archive)), SHA256: digest(archive), Archive: kind,
	}
	for _, l := range listed {
		b.Files = append(b.Files, install.File{Path: l.name, Size: int64(len(l.text)), SHA256: digest([]byte(l.text))})
	}
	if len(listed) > 0 {
		b.Executable = listed[0].name
	}
	return b
}

func programOf(b install.Build) install.Program {
	return install.Program{
		Name: "xmrig", Version: "6.26.0", Licence: "GPL-3.0-or-later", Publisher: "The xmrig authors",
		Homepage: "https://xmrig.example", Source: "https://xmrig.example/source",
		Algorithms: []install.Algorithm{{Name: "randomx", Devices: []install.Hardware{install.CPU}, FeePercent: 1}},
		Builds:     []install.Build{b},
	}
}

func catalogueOf(programs ...install.Program) install.Catalogue {
	return install.Catalogue{Version: install.Form, Issued: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Programs: programs}
}

func saved(t testing.TB, contents []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "archive")
	if err := os.WriteFile(path, contents, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
