// Package past is the file that the app's memory is kept in: the hourly means and
// what happened. Losing it costs a chart, no money, so a damaged file is begun anew.
package past

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/miners/durable"
)

// FileName is the file's name in the data folder.
const FileName = "past.json"

// largest is far more than the file takes, in bytes.
const largest = 4 << 20

// Load reads the memory in the data folder dir; where there is none, or nonsense, it
// is empty.
func Load(dir string) (p model.Past) {
	path := filepath.Join(dir, FileName)
	if info, err := os.Stat(path); err != nil || info.Size() > largest {
		return p
	}
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, &p) != nil {
		return model.Past{}
	}
	return p.Trimmed()
}

// Save writes the memory into the data folder dir, in place of what was there.
func Save(dir string, p model.Past) error {
	text, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("keep the history: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("keep the history: %w", err)
	}
	return durable.Replace(filepath.Join(dir, FileName), text)
}
