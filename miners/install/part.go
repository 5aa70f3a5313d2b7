package install

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"
)

// A part is a download on the disk, whole or not, hashed as far as it goes.
type part struct {
	file     *os.File
	want     Download
	size     int64 // that is there
	hash     hash.Hash
	progress func(done int64)
}

// openPart opens what an earlier download left at path, or an empty file. What is
// there is read once, for its hash: of a power cut it may hold nonsense, which
// shows in the end.
func openPart(path string, want Download) (*part, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	p := &part{file: file, want: want, hash: sha256.New(), progress: func(int64) {}}
	info, err := file.Stat()
	if err == nil && info.Size() > want.Size {
		err = p.reset()
	} else if err == nil {
		p.size, err = io.Copy(p.hash, io.LimitReader(file, info.Size()))
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return p, nil
}

// write adds b, unless that makes p too long. What would is an end of the file that
// a mirror made up; the hash over the right length decides.
func (p *part) write(b []byte) error {
	b = b[:min(int64(len(b)), p.want.Size-p.size)]
	n, err := p.file.Write(b)
	p.hash.Write(b[:n])
	p.size += int64(n)
	if err != nil {
		return fmt.Errorf("%w: %w", errDisk, writing(err))
	}
	p.progress(p.size)
	return nil
}

// verify says whether p is the whole file; if it is, it is on the disk.
func (p *part) verify() error {
	if p.size != p.want.Size || p.sum() != p.want.SHA256 {
		return ErrWrongFile
	}
	if err := p.file.Sync(); err != nil {
		return writing(err)
	}
	os.Remove(p.originPath())
	return nil
}

func (p *part) sum() string { return hex.EncodeToString(p.hash.Sum(nil)) }

// reset forgets all bytes.
func (p *part) reset() error {
	p.size = 0
	p.hash.Reset()
	if info, err := p.file.Stat(); err == nil && info.Size() > 0 {
		if err := p.file.Truncate(0); err != nil {
			return err
		}
	}
	_, err := p.file.Seek(0, io.SeekStart)
	return err
}

// Close closes the file and keeps it, unless there is nothing in it.
func (p *part) Close() error {
	err := p.file.Close()
	if p.size == 0 && p.want.Size > 0 {
		os.Remove(p.file.Name())
		os.Remove(p.originPath())
	}
	return err
}

// origin is which server gave the beginning of a part, and its name for the file.
type origin struct{ url, etag string }

func (p *part) originPath() string { return p.file.Name() + ".origin" }

// origin reads the note beside the part. The hash decides in the end, so a missing
// or wrong note costs a second download at worst.
func (p *part) origin() origin {
	text, _ := os.ReadFile(p.originPath())
	url, etag, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	return origin{url, strongTag(etag)}
}

func (p *part) setOrigin(o origin) {
	_ = os.WriteFile(p.originPath(), []byte(o.url+"\n"+o.etag+"\n"), 0o600)
}
