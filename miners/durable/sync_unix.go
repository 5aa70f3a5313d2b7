//go:build !windows

package durable

import (
	"errors"
	"fmt"
	"os"
)

// SyncDir makes the names in dir durable: without it a power cut may undo a rename
// that has returned.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	return nil
}
