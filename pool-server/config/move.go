package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

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
	changes := map[string]any{}
	text, err := hujson.Parse(server)
	if err != nil {
		return m, fmt.Errorf("%s: %w", serverFile, err)
	}
	for key, value := range map[string]string{"/database": address, "/databasePasswordFile": m.PasswordFile} {
		if value != "" || text.Find(key) != nil {
			changes[key] = value
		}
	}
	m.Server, err = Edit(server, changes)
	return m, err
}

// Edit changes values in the text of a configuration file, by their JSON pointers such as
// "/http/listen", and leaves its comments and all else as they are.
func Edit(text []byte, changes map[string]any) ([]byte, error) {
	file, err := hujson.Parse(text)
	if err != nil {
		return nil, err
	}
	type step struct {
		Op    string `json:"op"`
		Path  string `json:"path"`
		Value any    `json:"value"`
	}
	var steps []step
	for _, key := range slices.Sorted(maps.Keys(changes)) {
		steps = append(steps, step{"add", key, changes[key]}) // which replaces what is there
	}
	patch, err := json.Marshal(steps)
	if err == nil {
		err = file.Patch(patch)
	}
	if err != nil {
		return nil, fmt.Errorf("change the configuration: %w", err)
	}
	return file.Pack(), nil
}

// LedgerFileIn is where the ledger of the configuration folder dir lies, if it is a file.
func LedgerFileIn(dir string) string { return filepath.Join(dir, dataDir, ledgerFile) }
