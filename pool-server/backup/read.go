package backup

import (
	"archive/tar"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
)

// Verify reads a whole backup and reports everything in it that is not as its manifest
// says.
func Verify(r io.Reader) (Manifest, error) {
	return read(r, func(Manifest) error { return nil }, func(_ Member, r io.Reader) error {
		_, err := io.Copy(io.Discard, r)
		return err
	})
}

// VerifyFile is Verify for a file.
func VerifyFile(name string) (Manifest, error) {
	f, err := os.Open(name)
	if err != nil {
		return Manifest{}, fmt.Errorf("read the backup: %w", err)
	}
	defer f.Close()
	return Verify(f)
}

// read gives the manifest and then each member to a function, and checks that they are
// what the manifest says. A member is known to be sound only after its function returns;
// what a function leaves unread is read for it.
func read(r io.Reader, begin func(Manifest) error, each func(Member, io.Reader) error) (m Manifest, err error) {
	zip, err := gzip.NewReader(r)
	if err != nil {
		return m, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	archive := tar.NewReader(zip)
	if m, err = readManifest(archive); err != nil {
		return m, err
	}
	if err := begin(m); err != nil {
		return m, err
	}
	for _, member := range m.Members {
		if err := readMember(archive, member, each); err != nil {
			return m, fmt.Errorf("%s: %w", member.Name, err)
		}
	}
	if h, err := archive.Next(); !errors.Is(err, io.EOF) {
		if err != nil {
			return m, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		return m, fmt.Errorf("%w: member %.80q is not in its manifest", ErrDamaged, h.Name)
	}
	return m, readEnd(zip)
}

// readEnd makes sure that the archive is whole: gzip's own sum stands at the end.
func readEnd(zip *gzip.Reader) error {
	const padding = 64 << 10 // zeros, which tar fills its last record up with
	n, err := io.Copy(io.Discard, io.LimitReader(zip, padding+1))
	if err != nil {
		return fmt.Errorf("%w: its end: %w", ErrDamaged, err)
	}
	if n > padding {
		return fmt.Errorf("%w: something follows its end", ErrDamaged)
	}
	return nil
}

func readManifest(archive *tar.Reader) (m Manifest, err error) {
	h, err := next(archive)
	if err != nil {
		return m, err
	}
	if h.Name != manifestName || h.Size > maxManifest {
		return m, fmt.Errorf("%w: it does not begin with its manifest", ErrDamaged)
	}
	text, err := io.ReadAll(archive)
	if err != nil {
		return m, fmt.Errorf("%w: its manifest: %w", ErrDamaged, err)
	}
	return parseManifest(text)
}

// next returns the header of the next member, which must be a plain file: no link, no
// hole in it, nothing that tar can do besides.
func next(archive *tar.Reader) (*tar.Header, error) {
	h, err := archive.Next()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: it ends too early", ErrDamaged)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if h.Typeflag != tar.TypeReg || len(h.PAXRecords) > 0 {
		return nil, fmt.Errorf("%w: member %.80q is no plain file", ErrDamaged, h.Name)
	}
	return h, nil
}

func readMember(archive *tar.Reader, member Member, each func(Member, io.Reader) error) error {
	h, err := next(archive)
	if err != nil {
		return err
	}
	if h.Name != member.Name || h.Size != member.Size {
		return fmt.Errorf("%w: there is %.80q of %d bytes where %d bytes should be", ErrDamaged, h.Name, h.Size, member.Size)
	}
	sum := sha256.New()
	content := io.TeeReader(archive, sum)
	if err := each(member, content); err != nil {
		return damagedIf(err)
	}
	if _, err := io.Copy(io.Discard, content); err != nil {
		return damagedIf(err)
	}
	want, err := hex.DecodeString(member.SHA256)
	if err != nil || !bytes.Equal(sum.Sum(nil), want) {
		return fmt.Errorf("%w: its content was changed: SHA-256 %x, the manifest says %.64s", ErrDamaged, sum.Sum(nil), member.SHA256)
	}
	return nil
}

// damagedIf says what errors of reading mean. Those of the caller stay.
func damagedIf(err error) error {
	var corrupt flate.CorruptInputError
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || errors.As(err, &corrupt) {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}
