package install

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// Unpack writes the files that b lists, and nothing else, from the archive at path
// into dir, an empty folder, and checks each against its hash on the way.
//
// It refuses an archive in which any name leads out of the folder, in which a file
// to keep is a link or a device, comes twice or only in another letter case, and
// one that unpacks to too much. What it had written by then stays: the caller owns
// dir. A 7z takes sevenzip.MostMemory at most, and each block of a tar.xz 256 MiB.
func Unpack(archive string, b Build, dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("unpack %s: %w", archive, err)
	}
	defer root.Close()
	u := unpacking{root: root, build: b, wanted: make(map[string]File), seen: make(map[string]bool)}
	for _, f := range b.Files {
		if err := checkPath(f.Path); err != nil {
			return fmt.Errorf("unpack %q: %w", f.Path, err)
		}
		u.wanted[strings.ToLower(f.Path)] = f
	}
	if err := walk(b.Archive, archive, u.visit); err != nil {
		return fmt.Errorf("unpack %s: %w", archive, err)
	}
	for key, f := range u.wanted {
		if !u.seen[key] {
			return fmt.Errorf("unpack %s: %w: it lacks %s", archive, ErrArchive, f.Path)
		}
	}
	return nil
}

// unpacking is one run of Unpack. Its keys are paths in lower case, as some file
// systems do not tell the cases apart.
type unpacking struct {
	root   *os.Root
	build  Build
	wanted map[string]File
	seen   map[string]bool
}

func (u *unpacking) visit(m member) error {
	if escapes(m.name) {
		return fmt.Errorf("%w: the name %q leads out of it", ErrArchive, m.name)
	}
	name := path.Clean(m.name)
	if u.build.Archive == Plain {
		name = u.build.Executable
	}
	key := strings.ToLower(name)
	file, wanted := u.wanted[key]
	if !wanted {
		return nil
	}
	switch {
	case file.Path != name:
		return fmt.Errorf("%w: %s is written %s in it", ErrArchive, file.Path, name)
	case u.seen[key]:
		return fmt.Errorf("%w: %s is in it twice", ErrArchive, name)
	case !m.regular:
		return fmt.Errorf("%w: %s is no ordinary file in it", ErrArchive, name)
	}
	u.seen[key] = true
	contents, err := m.open()
	if err != nil {
		return damaged(err)
	}
	if err := u.write(file, contents); err != nil {
		return errors.Join(err, contents.Close())
	}
	if err := contents.Close(); err != nil {
		return damaged(err)
	}
	return nil
}

// write writes one file and lets nothing stay in the system's memory alone: a
// receipt follows that says it is there.
func (u *unpacking) write(file File, contents io.Reader) error {
	if err := u.root.MkdirAll(path.Dir(file.Path), 0o755); err != nil {
		return writing(err)
	}
	mode := os.FileMode(0o644)
	if file.Path == u.build.Executable || file.Path == u.build.Window {
		mode = 0o755
	}
	out, err := u.root.OpenFile(file.Path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return writing(err)
	}
	sum := sha256.New()
	n, err := io.Copy(diskWriter{out}, io.TeeReader(io.LimitReader(contents, file.Size+1), sum))
	if err == nil {
		err = inDisk(out.Sync())
	}
	if err := errors.Join(err, inDisk(out.Close())); err != nil {
		if errors.Is(err, errDisk) {
			return fmt.Errorf("write %s: %w", file.Path, err)
		}
		return fmt.Errorf("read %s: %w", file.Path, damaged(err))
	}
	if got := hex.EncodeToString(sum.Sum(nil)); n != file.Size || got != file.SHA256 {
		return fmt.Errorf("%w: %s in it has sha256 %s, want %s", ErrArchive, file.Path, got, file.SHA256)
	}
	return nil
}

// diskWriter marks the errors of writing, to tell them from those of reading.
type diskWriter struct{ f *os.File }

func (w diskWriter) Write(b []byte) (int, error) {
	n, err := w.f.Write(b)
	return n, inDisk(err)
}

func inDisk(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", errDisk, writing(err))
}
