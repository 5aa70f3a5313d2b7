package install

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Verify reads every file of i and compares its hash with the receipt's. It is for
// just before each start.
//
// A MissingError says that a file is gone, empty, or closed to us while the
// program's folder is there: an antivirus does that. A TamperedError says that it
// is there and another. Who can write into the folder can do so after Verify, too,
// and can write the receipt: this finds what scanners, disks and other programs do
// by chance or habit, and no attacker who already is who we are.
func (i Installed) Verify() error {
	if _, err := os.Stat(i.Dir); err != nil {
		return fmt.Errorf("verify %s %s: %w", i.Program, i.Version, err)
	}
	for _, f := range i.Files {
		if err := verifyFile(filepath.Join(i.Dir, filepath.FromSlash(f.Path)), f); err != nil {
			return fmt.Errorf("verify %s %s: %w", i.Program, i.Version, err)
		}
	}
	return nil
}

func verifyFile(path string, want File) error {
	info, err := os.Lstat(path)
	if err != nil {
		return gone(path, err)
	}
	if info.Mode().IsRegular() && info.Size() == 0 && want.Size > 0 {
		return &MissingError{Path: path}
	}
	if !info.Mode().IsRegular() {
		return &TamperedError{path, want.SHA256, "none: it is no ordinary file"}
	}
	f, err := os.Open(path)
	if err != nil {
		return gone(path, err)
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return gone(path, err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != want.SHA256 {
		return &TamperedError{path, want.SHA256, got}
	}
	return nil
}

// gone makes a MissingError of what a scanner causes, and leaves other errors, such
// as a failing disk's, what they are.
func gone(path string, err error) error {
	if virusFound(err) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return &MissingError{path, err, virusFound(err)}
	}
	return err
}
