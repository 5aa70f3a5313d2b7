package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// HintName is the name of the file beside the program by which a pool introduces
// itself: the program is the same for everybody, the file is the pool's.
const HintName = "pool.json"

// largestHint is far more than a hint takes, in bytes.
const largestHint = 64 << 10

// LoadHint returns the address of the pool that the pool.json in dir suggests, or
// "" where there is none. It is a hint, {"pool": "https://pool.example"}: whoever
// gets it asks the user before anything is done with it. Other keys are left alone,
// for later versions. The error says what is wrong with the file.
func LoadHint(dir string) (pool string, err error) {
	path := filepath.Join(dir, HintName)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the pool's hint: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, largestHint))
	if err != nil {
		return "", fmt.Errorf("read the pool's hint: %w", err)
	}
	var hint struct {
		Pool string `json:"pool"`
	}
	if err := json.Unmarshal(text, &hint); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	if hint.Pool == "" || !validPool(hint.Pool) {
		return "", fmt.Errorf("%s: pool: want an address like https://pool.example, have %q", path, hint.Pool)
	}
	return hint.Pool, nil
}
