package install

import (
	"os"
	"path/filepath"
)

// A Scanner is an antivirus that this computer seems to have. Whether it runs, and
// whether it took a file, cannot be told from here.
type Scanner struct {
	Name     string // as its maker spells it
	Evidence string // the file or the registry key that it was told by
}

// Scanners lists the antivirus products that the file system, on Windows the
// registry, tells of, so that advice can name them. An empty list proves nothing.
func Scanners() []Scanner { return scanners("/") }

// found returns the scanners of whose files one exists below root, each once.
func found(root string, signs []Scanner) (there []Scanner) {
	seen := make(map[string]bool)
	for _, sign := range signs {
		path := filepath.Join(root, filepath.FromSlash(sign.Evidence))
		if _, err := os.Stat(path); err == nil && !seen[sign.Name] {
			seen[sign.Name] = true
			there = append(there, Scanner{sign.Name, path})
		}
	}
	return there
}
