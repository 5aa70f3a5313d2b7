// Package backup keeps a pool's ledger and configuration in one file, and makes a
// pool of such a file again: on an empty machine, in another folder, or with another
// database.
//
// A backup is a tar archive in gzip, which every system can open. Its first member,
// manifest.json, says what the others are, with their sizes and SHA-256 sums, and what
// each table of the ledger comes to:
//
//	manifest.json
//	server.json, pools/*.json, coins/*.json     the configuration
//	secrets/*                                   only if it was asked for
//	ledger/TABLE.jsonl                          a row a line, the values in a list
//
// The ledger is read in one transaction: the backup is the book of one moment, though
// the server goes on writing. Memory stays flat, for tables are read twice, once for the
// manifest and once for the file, instead of being kept. A backup is written beside its
// place, read back, and only then given its name.
//
// What a backup holds is not trusted. Restore checks the whole file before it writes
// anything, takes only the names that a backup can have, and afterwards compares what
// the new ledger holds with the manifest, row by row. The log of shares is not in a
// backup; see the ledger's LogMark for how a restored ledger and a log find each other.
//
// Weakness: nothing says who made a backup. Whoever can write to where backups lie
// decides what is restored; keep its SHA-256, which Write returns, elsewhere.
package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
)

// Version is the form of a backup that this package writes.
const Version = 1

// Limits of what is read from a backup, beside the ledger's.
const (
	maxManifest = 4 << 20 // bytes
	maxFile     = 1 << 20 // bytes of a file of the configuration
	maxFiles    = 10_000  // members
)

const (
	manifestName = "manifest.json"
	serverName   = "server.json"
	ledgerDir    = "ledger"
	secretsDir   = "secrets"
)

// configDirs are the folders of the configuration, and what their files' names end with.
var configDirs = map[string]string{"pools": ".json", "coins": ".json", secretsDir: ""}

// ErrDamaged is returned for a file that is no backup, not a whole one, or was changed.
var ErrDamaged = errors.New("not a sound backup")

// A Manifest says what is in a backup.
type Manifest struct {
	Format      string    `json:"format"`
	Version     int       `json:"version"`
	Made        time.Time `json:"made"`
	Program     string    `json:"program"`     // version of the adit-pool that made it
	Server      string    `json:"server"`      // the pool's name
	Pools       []string  `json:"pools"`       // ids
	Schema      int       `json:"schema"`      // of the ledger
	LogPosition uint64    `json:"logPosition"` // of the share log, up to which the ledger has it
	Log         string    `json:"log"`         // the share log's identity; empty: not known
	Secrets     bool      `json:"secrets"`     // whether secrets/ is in it
	Missing     []string  `json:"missing"`     // files that the configuration needs, which are not in it
	Members     []Member  `json:"members"`     // in the order of the file
}

const format = "adit-pool backup"

// A Member is a file in a backup.
type Member struct {
	Name   string        `json:"name"`
	Size   int64         `json:"size"`
	SHA256 string        `json:"sha256"`
	Table  *ledger.Table `json:"table,omitempty"` // of a table of the ledger
	Tally  *ledger.Tally `json:"tally,omitempty"` // what its rows come to
}

// Rows is the number of the ledger's rows.
func (m Manifest) Rows() (n int64) {
	for _, member := range m.Members {
		if member.Tally != nil {
			n += member.Tally.Rows
		}
	}
	return n
}

// parseManifest reads a manifest and refuses one that this program cannot follow.
func parseManifest(text []byte) (m Manifest, err error) {
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("%w: its manifest cannot be read: %w", ErrDamaged, err)
	}
	switch {
	case m.Format != format:
		return m, fmt.Errorf("%w: it is something else (%.40q)", ErrDamaged, m.Format)
	case m.Version > Version:
		return m, fmt.Errorf("the backup is of form %d, which a newer version wrote; this one knows %d", m.Version, Version)
	case m.Version < 1 || m.Schema < 1 || len(m.Members) > maxFiles:
		return m, fmt.Errorf("%w: its manifest makes no sense", ErrDamaged)
	}
	seen := map[string]bool{}
	for _, member := range m.Members {
		if err := member.check(); err != nil {
			return m, fmt.Errorf("%w: member %.80q: %w", ErrDamaged, member.Name, err)
		}
		if seen[strings.ToLower(member.Name)] {
			return m, fmt.Errorf("%w: member %.80q stands twice", ErrDamaged, member.Name)
		}
		seen[strings.ToLower(member.Name)] = true
	}
	if !seen[serverName] {
		return m, fmt.Errorf("%w: it has no %s", ErrDamaged, serverName)
	}
	return m, nil
}

// check refuses names that could lead out of the folder, and members that are too big.
func (m Member) check() error {
	switch {
	case !knownName(m.Name):
		return errors.New("no file of a backup is called so")
	case m.Size < 0:
		return fmt.Errorf("size %d", m.Size)
	case m.table() && (m.Table == nil || m.Tally == nil || m.Name != tableName(m.Table.Name)):
		return errors.New("it does not say which table it is")
	case !m.table() && m.Size > maxFile:
		return fmt.Errorf("%d bytes, want at most %d", m.Size, maxFile)
	}
	return nil
}

func (m Member) table() bool { return strings.HasPrefix(m.Name, ledgerDir+"/") }

func tableName(table string) string { return ledgerDir + "/" + table + ".jsonl" }

// knownName reports whether a member of a backup may have this name: on every system it
// is a plain file in one of the known folders.
func knownName(name string) bool {
	if name == serverName {
		return true
	}
	dir, file := path.Split(name)
	if !fs.ValidPath(name) || len(name) > 200 || strings.ContainsAny(file, `\:`) || strings.ContainsFunc(name, odd) {
		return false
	}
	dir = strings.TrimSuffix(dir, "/")
	if dir == ledgerDir {
		return strings.HasSuffix(file, ".jsonl")
	}
	ending, known := configDirs[dir]
	return known && strings.HasSuffix(file, ending)
}

func odd(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }

// has reports whether a member of this name is in the backup.
func (m Manifest) has(name string) bool {
	return slices.ContainsFunc(m.Members, func(o Member) bool { return o.Name == name })
}
