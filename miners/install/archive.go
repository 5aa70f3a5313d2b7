package install

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/ulikunitz/xz"

	"github.com/adit-mining/adit/miners/install/sevenzip"
)

// What an archive may do to us. Mining programs have some ten files and pack to a
// half or a third.
const (
	mostMembers = 5_000
	mostRatio   = 200
	ratioGrace  = 16 << 20 // bytes that an archive of any size may unpack to
)

// member is one thing in an archive.
type member struct {
	name    string
	regular bool // a file with contents of its own: no folder, link or device
	open    func() (io.ReadCloser, error)
}

// walk calls visit for each member of the archive at path, in its order. The
// libraries parse what strangers wrote, so a panic of theirs is an error.
func walk(kind Archive, path string, visit func(member) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: its reader gave up: %v", ErrArchive, r)
		}
	}()
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	size, limit := info.Size(), min(mostRatio*info.Size()+ratioGrace, mostUnpacked)
	switch kind {
	case Zip:
		return walkZip(f, size, limit, visit)
	case SevenZip:
		return walkSevenZip(f, size, limit, visit)
	case TarGzip:
		unzipped, err := gzip.NewReader(bufio.NewReader(f))
		if err != nil {
			return damaged(err)
		}
		return walkTar(unzipped, limit, visit)
	case TarXZ:
		if err := checkXZ(f); err != nil {
			return err
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		unzipped, err := xz.NewReader(bufio.NewReader(f))
		if err != nil {
			return damaged(err)
		}
		return walkTar(unzipped, limit, visit)
	case Plain:
		return visit(member{"", true, func() (io.ReadCloser, error) { return io.NopCloser(f), nil }})
	}
	return fmt.Errorf("%w: %q is no kind of archive that we know", ErrArchive, kind)
}

func damaged(err error) error { return fmt.Errorf("%w: %w", ErrArchive, err) }

func walkZip(r io.ReaderAt, size, limit int64, visit func(member) error) error {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return damaged(err)
	}
	var sum tally
	for _, f := range archive.File {
		if err := sum.add(f.UncompressedSize64, limit); err != nil {
			return err
		}
		if err := visit(member{f.Name, f.Mode().IsRegular(), f.Open}); err != nil {
			return err
		}
	}
	return nil
}

func walkSevenZip(r io.ReaderAt, size, limit int64, visit func(member) error) error {
	archive, err := sevenzip.NewReader(r, size, sevenzip.Limits{Members: mostMembers, Size: limit})
	if err != nil {
		return damaged(err)
	}
	for i, f := range archive.Files {
		open := func() (io.ReadCloser, error) {
			contents, err := archive.Open(i)
			return io.NopCloser(contents), err
		}
		if err := visit(member{f.Name, f.Regular, open}); err != nil {
			return err
		}
	}
	return nil
}

func walkTar(r io.Reader, limit int64, visit func(member) error) error {
	bounded := &boundedReader{r, limit}
	archive, count := tar.NewReader(bounded), 0
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return damaged(err)
		}
		if count++; count > mostMembers {
			return fmt.Errorf("%w: it has more than %d members", ErrArchive, mostMembers)
		}
		open := func() (io.ReadCloser, error) { return io.NopCloser(archive), nil }
		if err := visit(member{header.Name, header.Typeflag == tar.TypeReg, open}); err != nil {
			return err
		}
	}
}

// tally adds up what an archive says of its members, to stop before a bomb.
type tally struct {
	members int
	size    uint64
}

func (t *tally) add(size uint64, limit int64) error {
	t.members++
	t.size += min(size, mostUnpacked+1) // so that the sum cannot wrap around
	if t.members > mostMembers {
		return fmt.Errorf("%w: it has more than %d members", ErrArchive, mostMembers)
	}
	if t.size > uint64(limit) {
		return fmt.Errorf("%w: it unpacks to more than %d bytes", ErrArchive, limit)
	}
	return nil
}

// boundedReader is a reader that fails, instead of ending, after a number of bytes.
type boundedReader struct {
	r    io.Reader
	left int64
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("%w: it unpacks to too much", ErrArchive)
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
