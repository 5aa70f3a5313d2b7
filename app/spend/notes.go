package spend

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/adit-mining/adit/miners/durable"
	"github.com/adit-mining/adit/wallet/clamd"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/program"
)

// notesForm is the version of the file's form.
const notesForm = 1

// notes are how far a Run got, in a file for each coin's network. There is nothing secret
// in them.
type notes struct {
	Form    int    `json:"form"`
	Coin    string `json:"coin"`
	Network string `json:"network"`
	Way     Way    `json:"way"`

	Program string        `json:"program,omitempty"`
	Version string        `json:"version,omitempty"`
	SHA256  string        `json:"sha256,omitempty"` // of the archive
	Scan    *clamd.Result `json:"scan,omitempty"`   // of that archive, or of what was in it

	Account string      `json:"account,omitempty"` // hash160 of the key that is moved
	To      string      `json:"to,omitempty"`      // the wallet's address for the coins
	TxIDs   []string    `json:"txids,omitempty"`   // signed and on their way
	Amount  coin.Amount `json:"amount,omitempty"`
	Fee     coin.Amount `json:"fee,omitempty"`
	Before  coin.Amount `json:"before,omitempty"` // what the wallet had then
	Moved   bool        `json:"moved,omitempty"`  // the network has the transactions
	// Imported is what came of giving the wallet the key.
	Imported *program.Imported `json:"imported,omitempty"`
	Copy     string            `json:"copy,omitempty"` // path of the wallet as it was before that

	Finished time.Time `json:"finished,omitzero"`
}

func notesPath(dir string, n *coin.Network) string {
	return filepath.Join(dir, n.Coin.ID+"-"+n.Name+".json")
}

// readNotes reads how far an earlier Run for o got. One that was finished, or of the
// other way, leaves what is known of the program, and coins that are on their way.
func readNotes(dir string, o Order) (notes, error) {
	fresh := notes{Form: notesForm, Coin: o.Network.Coin.ID, Network: o.Network.Name, Way: o.Way}
	text, err := os.ReadFile(notesPath(dir, o.Network))
	if errors.Is(err, fs.ErrNotExist) {
		return fresh, nil
	}
	if err != nil {
		return notes{}, fmt.Errorf("%w: %w", errNotes, err)
	}
	var n notes
	if err := json.Unmarshal(text, &n); err != nil {
		return notes{}, fmt.Errorf("%w: it is damaged: %w", errNotes, err)
	}
	if n.Form != notesForm || n.Coin != fresh.Coin || n.Network != fresh.Network {
		return notes{}, fmt.Errorf("%w: it is another one's", errNotes)
	}
	if n.Way == o.Way && n.Finished.IsZero() {
		return n, nil
	}
	fresh.Program, fresh.Version, fresh.SHA256, fresh.Scan = n.Program, n.Version, n.SHA256, n.Scan
	if len(n.TxIDs) > 0 && !n.Moved { // coins are on their way whatever is wanted now
		fresh.Account, fresh.To, fresh.TxIDs, fresh.Amount, fresh.Fee, fresh.Before = n.Account, n.To, n.TxIDs, n.Amount, n.Fee, n.Before
	}
	return fresh, nil
}

// errNotes is that the file cannot be read. It is not begun anew: it may say that coins
// are on their way.
var errNotes = errors.New("the note of how far spending got cannot be read")

// write writes the file, on the disk when it returns.
func (n notes) write(dir string) error {
	text, err := json.MarshalIndent(n, "", "  ")
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err == nil {
		err = durable.Replace(filepath.Join(dir, n.Coin+"-"+n.Network+".json"), append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("note how far spending got: %w", err)
	}
	return nil
}
