package program

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/adit-mining/adit/miners/durable"
	"github.com/adit-mining/adit/wallet/coin"
)

// ErrNotOurs is that a folder belongs to somebody else: to another program, or to
// another coin's wallet.
var ErrNotOurs = errors.New("the folder is not one that Adit made for this wallet")

// markName is the file by which a folder is known as ours.
const markName = "adit-wallet.json"

type mark struct {
	Coin    string `json:"coin"`
	Network string `json:"network"`
	Driver  string `json:"driver"`
}

// Own makes dir the folder of a wallet program: private, and marked before anything
// else is in it. A folder that has something in it and no mark is refused: no wallet
// that Adit did not make is ever touched.
func Own(dir string, n *coin.Network, driver string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the wallet's folder: %w", err)
	}
	want := mark{n.Coin.ID, n.Name, driver}
	path := filepath.Join(dir, markName)
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return adopt(dir, path, want)
	case err != nil:
		return fmt.Errorf("look at the wallet's folder: %w", err)
	}
	var have mark
	if err := json.Unmarshal(text, &have); err != nil || have != want {
		return fmt.Errorf("%w: %s", ErrNotOurs, dir)
	}
	return nil
}

func adopt(dir, path string, m mark) error {
	things, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("look at the wallet's folder: %w", err)
	}
	for _, thing := range things {
		if half, _ := filepath.Match(markName+".new-*", thing.Name()); !half { // of a crash here
			return fmt.Errorf("%w: %s", ErrNotOurs, dir)
		}
	}
	text, err := json.Marshal(m)
	if err == nil {
		err = durable.Replace(path, append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("mark the wallet's folder: %w", err)
	}
	return nil
}
