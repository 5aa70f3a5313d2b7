package sweep

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/adit-mining/adit/miners/durable"
	"github.com/adit-mining/adit/wallet/coin"
)

// FolderName is the folder of the journal, below the folder that Move is given.
const FolderName = "sweeps"

// The states of a record.
const (
	stateSigned  = "signed"  // written down; whether it was sent is not known
	stateSent    = "sent"    // the network has it
	stateRefused = "refused" // the network does not take it
)

// record is a signed transaction, a file of its own. What it holds will be public
// once it is sent: no key.
type record struct {
	Version int         `json:"version"`
	State   string      `json:"state"`
	Reason  string      `json:"reason,omitempty"`
	Coin    string      `json:"coin"`
	Network string      `json:"network"`
	Account string      `json:"account"` // hash160 of the key
	To      string      `json:"to"`
	Amount  coin.Amount `json:"amount"`
	Fee     coin.Amount `json:"fee"`
	Size    int         `json:"size"`
	TxID    string      `json:"txid"`
	Raw     string      `json:"raw"`
	Time    time.Time   `json:"time"`
}

const recordVersion = 1

func newRecord(p Plan, s Signed) record {
	return record{
		Version: recordVersion, State: stateSigned, Coin: p.Network.Coin.ID, Network: p.Network.Name,
		Account: coin.HashPubKey(p.Public[:]).String(), To: p.To.String(), Amount: s.Amount, Fee: s.Fee, Size: s.Size,
		TxID: s.TxID, Raw: hex.EncodeToString(s.Raw), Time: time.Now().UTC(),
	}
}

func (r record) signed() Signed {
	raw, _ := hex.DecodeString(r.Raw) // checked when it was read
	return Signed{TxID: r.TxID, Raw: raw, Transaction: Transaction{Amount: r.Amount, Fee: r.Fee, Size: r.Size}}
}

// journal is the folder of records.
type journal struct{ dir string }

func (j journal) folder() string { return filepath.Join(j.dir, FolderName) }

func (j journal) write(r record) error {
	if err := os.MkdirAll(j.folder(), 0o700); err != nil {
		return err
	}
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	return durable.Replace(filepath.Join(j.folder(), r.TxID+".json"), append(text, '\n'))
}

// maxRecord bounds a record's file: a standard transaction of 400 kB in hex.
const maxRecord = 2 << 20

// pending returns the records of that coin, network and key whose fate is unknown.
func (j journal) pending(n *coin.Network, account coin.PubKeyHash) (all []record, err error) {
	names, err := j.names()
	if err != nil {
		return nil, fmt.Errorf("look for earlier sweeps: %w", err)
	}
	for _, name := range names {
		r, err := readRecord(name)
		if err != nil {
			return nil, fmt.Errorf("an earlier sweep cannot be read: %w; look at the file, and take it away if it is of no use", err)
		}
		if r.State == stateSigned && r.Coin == n.Coin.ID && r.Network == n.Name && r.Account == account.String() {
			all = append(all, r)
		}
	}
	return all, nil
}

// names returns the paths of all records.
func (j journal) names() (all []string, err error) {
	entries, err := os.ReadDir(j.folder())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".json") {
			all = append(all, filepath.Join(j.folder(), e.Name()))
		}
	}
	return all, err
}

func readRecord(path string) (r record, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return r, err
	}
	if info.Size() > maxRecord {
		return r, fmt.Errorf("%s: too large", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("%s: %w", path, err)
	}
	raw, err := hex.DecodeString(r.Raw)
	if err != nil {
		return r, fmt.Errorf("%s: %w", path, err)
	}
	tx, err := readTransaction(raw)
	if err != nil || tx.TxHash().String() != r.TxID || r.Version != recordVersion {
		return r, fmt.Errorf("%s: damaged, or of a newer version", path)
	}
	return r, nil
}
