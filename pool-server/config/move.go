package config

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/tailscale/hujson"
)

// A Move is what changes in a configuration whose ledger moves to another place.
type Move struct {
	Server       []byte // server.json, its comments as they were
	PasswordFile string // where the password goes, relative to the configuration folder; empty: there is none
	Password     Secret
}

// MoveLedger returns server, the text of a server.json, with the ledger at database, an
// address of PostgreSQL, which may hold a password, or "" for a file.
func MoveLedger(server []byte, database string) (m Move, err error) {
	var address string
	if database != "" {
		u, password, err := parseDatabase(database)
		if err != nil {
			return m, fmt.Errorf("database: %w", err)
		}
		address = u.String()
		if password != "" {
			m.PasswordFile, m.Password = databaseSecret, NewSecret(password)
		}
	}
	text, err := hujson.Parse(server)
	if err != nil {
		return m, fmt.Errorf("%s: %w", serverFile, err)
	}
	type step struct {
		Op    string `json:"op"`
		Path  string `json:"path"`
		Value string `json:"value"`
	}
	var steps []step
	for key, value := range map[string]string{"database": address, "databasePasswordFile": m.PasswordFile} {
		if value != "" || text.Find("/"+key) != nil {
			steps = append(steps, step{"add", "/" + key, value}) // which replaces what is there
		}
	}
	patch, err := json.Marshal(steps)
	if err == nil {
		err = text.Patch(patch)
	}
	if err != nil {
		return m, fmt.Errorf("%s: %w", serverFile, err)
	}
	m.Server = text.Pack()
	return m, nil
}

// LedgerFileIn is where the ledger of the configuration folder dir lies, if it is a file.
func LedgerFileIn(dir string) string { return filepath.Join(dir, dataDir, ledgerFile) }
