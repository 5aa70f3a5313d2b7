package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/adit-mining/adit/app/settings"
)

// What is little on a disk, in bytes: a mining program with its update takes some
// hundred megabytes, a log and a settings file almost nothing.
const (
	fewBytes = 1 << 30
	noBytes  = 64 << 20
)

// volume is a file system as far as it matters here.
type volume struct {
	Free             uint64 // bytes, for the user
	ReadOnly, NoExec bool
}

// disk looks for room where the data folder is, or will be.
func (c Config) disk(context.Context) []Finding {
	if c.Data == "" {
		return []Finding{finding(checkDisk, Unknown, "unknown")}
	}
	v, err := volumeOf(nearest(c.Data))
	if err != nil {
		return []Finding{finding(checkDisk, Unknown, "unknown")}
	}
	return []Finding{judgeDisk(v.Free)}
}

func judgeDisk(free uint64) Finding {
	text := fmt.Sprintf("%.1f GB", float64(free)/1e9)
	switch {
	case free < noBytes:
		return finding(checkDisk, Trouble, "full", "free", text)
	case free < fewBytes:
		return finding(checkDisk, Notice, "low", "free", text)
	}
	return finding(checkDisk, Good, "ok", "free", text)
}

// nearest returns path or the folder above it that is there.
func nearest(path string) string {
	for {
		if _, err := os.Stat(path); err == nil || filepath.Dir(path) == path {
			return path
		}
		path = filepath.Dir(path)
	}
}

// folder is what is known of the data folder.
type folder struct {
	path    string
	info    fs.FileInfo
	missing bool  // and will be made when it is needed
	stat    error // why it cannot be looked at
	write   error // why a file cannot be made in it
}

// folder looks whether key and settings can be kept.
func (c Config) folder(context.Context) []Finding {
	if c.Data == "" {
		return []Finding{finding(checkFolder, Unknown, "unknown")}
	}
	f := folder{path: c.Data}
	f.info, f.stat = os.Stat(c.Data)
	if errors.Is(f.stat, fs.ErrNotExist) {
		f.missing = true
		f.info, f.stat = os.Stat(nearest(c.Data))
	}
	if f.stat == nil && f.info.IsDir() && !f.missing {
		f.write = tryWriting(c.Data)
	}
	return []Finding{f.judge(tellsModes)}
}

// tryWriting makes a file in dir and removes it.
func tryWriting(dir string) error {
	file, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return err
	}
	_, err = file.WriteString("a file of adit doctor, which may be removed\n")
	return errors.Join(err, file.Close(), os.Remove(file.Name()))
}

func (f folder) judge(modes bool) Finding {
	args := []string{"folder", f.path}
	switch {
	case f.stat != nil:
		return finding(checkFolder, Trouble, "unreadable", append(args, "detail", f.stat.Error())...)
	case !f.info.IsDir():
		return finding(checkFolder, Trouble, "not-folder", args...)
	case f.missing:
		return finding(checkFolder, Good, "new", args...)
	case errors.Is(f.write, errnoReadOnly):
		return finding(checkFolder, Trouble, "read-only", args...)
	case f.write != nil:
		return finding(checkFolder, Trouble, "not-writable", append(args, "detail", f.write.Error())...)
	case modes && f.info.Mode().Perm()&0o077 != 0:
		return finding(checkFolder, Notice, "open", append(args, "mode", fmt.Sprintf("%04o", f.info.Mode().Perm()))...)
	}
	return finding(checkFolder, Good, "ok", args...)
}

// settings looks whether the user's choices can be read.
func (c Config) settings(context.Context) []Finding {
	if c.Data == "" {
		return []Finding{finding(checkSettings, Unknown, "unknown")}
	}
	if _, err := settings.Load(c.Data); err != nil {
		return []Finding{finding(checkSettings, Notice, "damaged", "file", filepath.Join(c.Data, settings.FileName), "detail", printable(err.Error()))}
	}
	return []Finding{finding(checkSettings, Good, "ok")}
}
