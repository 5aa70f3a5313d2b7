package install

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/adit-mining/adit/miners/durable"
)

// receiptName is the file in a program's folder that says what was installed.
const receiptName = "adit-receipt.json"

// A Receipt is where an installed program came from, written when it was.
type Receipt struct {
	Program string `json:"program"`
	Version string `json:"version"`

	Licence    string      `json:"licence"`
	Publisher  string      `json:"publisher"`
	Homepage   string      `json:"homepage"`
	Source     string      `json:"source,omitempty"`
	Algorithms []Algorithm `json:"algorithms,omitempty"` // with the fee for each
	Kind       Kind        `json:"kind,omitempty"`
	Wallet     *Wallet     `json:"wallet,omitempty"`

	URLs      []string  `json:"urls"`   // that the catalogue named
	SHA256    string    `json:"sha256"` // of what was downloaded
	Installed time.Time `json:"installed"`
	// Good is when the program was last known to have mined; zero: never.
	Good time.Time `json:"good,omitzero"`

	Executable string `json:"executable"`
	Window     string `json:"window,omitempty"`
	Files      []File `json:"files"`
}

// Installed is a program on the disk.
type Installed struct {
	Receipt
	Dir string // its folder
}

// Path returns the executable file's path.
func (i Installed) Path() string {
	return filepath.Join(i.Dir, filepath.FromSlash(i.Executable))
}

// WindowPath returns the path of a wallet's program with a window, or "".
func (i Installed) WindowPath() string {
	if i.Window == "" {
		return ""
	}
	return filepath.Join(i.Dir, filepath.FromSlash(i.Window))
}

func receiptFor(p Program, b Build) Receipt {
	return Receipt{
		Program: p.Name, Version: p.Version,
		Licence: p.Licence, Publisher: p.Publisher, Homepage: p.Homepage, Source: p.Source, Algorithms: p.Algorithms,
		Kind: p.Kind, Wallet: p.Wallet,
		URLs: b.URLs, SHA256: b.SHA256, Installed: time.Now().UTC(),
		Executable: b.Executable, Window: b.Window, Files: b.Files,
	}
}

func (r Receipt) write(dir string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("write the receipt: %w", err)
	}
	return durable.Replace(filepath.Join(dir, receiptName), append(text, '\n'))
}

// readInstalled reads a program's folder. The receipt lies where other programs
// can write, so its paths are checked like a catalogue's.
func readInstalled(dir string) (Installed, error) {
	text, err := os.ReadFile(filepath.Join(dir, receiptName))
	if err != nil {
		return Installed{}, err
	}
	i := Installed{Dir: dir}
	if err := json.Unmarshal(text, &i.Receipt); err != nil {
		return Installed{}, fmt.Errorf("the receipt in %s is damaged: %w", dir, err)
	}
	found, window := false, i.Window == ""
	for _, f := range i.Files {
		if err := checkPath(f.Path); err != nil {
			return Installed{}, fmt.Errorf("the receipt in %s is damaged: %q: %w", dir, f.Path, err)
		}
		found, window = found || f.Path == i.Executable, window || f.Path == i.Window
	}
	if !found || !window || folderName(i.Program, i.Version, i.SHA256) != filepath.Base(dir) {
		return Installed{}, fmt.Errorf("the receipt in %s is another program's", dir)
	}
	return i, nil
}

// FilePath returns the path of one of the files.
func (i Installed) FilePath(f File) string {
	return filepath.Join(i.Dir, filepath.FromSlash(f.Path))
}
