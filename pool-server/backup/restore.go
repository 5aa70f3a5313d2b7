package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/ledger"
)

// Target is where a backup is restored to.
type Target struct {
	Dir      string // the configuration folder; it must not be there, or be empty
	Database string // where the ledger goes: an address of PostgreSQL with its password; "": a file in Dir
}

// Restore makes a pool of the backup at name. It checks the whole backup first, and
// what it has made afterwards. If anything is wrong it leaves nothing behind.
//
// The wallet may have paid since the backup was made, and the new ledger knows nothing
// of that: the payouts of all pools are halted until a person has looked.
func Restore(ctx context.Context, name string, to Target) (m Manifest, err error) {
	f, err := os.Open(name)
	if err != nil {
		return m, fmt.Errorf("read the backup: %w", err)
	}
	defer f.Close()
	if m, err = Verify(f); err != nil {
		return m, fmt.Errorf("%s: %w", name, err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return m, fmt.Errorf("read the backup again: %w", err)
	}
	s, err := NewStaging(to.Dir)
	if err != nil {
		return m, err
	}
	r := restorer{Target: to, staging: s.Path, source: filepath.Base(name), manifest: m}
	err = r.run(ctx, f)
	if err == nil {
		err = s.Publish()
	}
	if err != nil {
		return m, errors.Join(err, s.Remove())
	}
	return m, nil
}

// restorer is one Restore under way.
type restorer struct {
	Target
	staging  string
	source   string
	manifest Manifest
}

// ledger is where the ledger is made.
func (r restorer) ledger() string {
	if r.Database != "" {
		return r.Database
	}
	return config.LedgerFileIn(r.staging)
}

// reason is why payouts are halted.
func (r restorer) reason() string {
	return fmt.Sprintf("restored from a backup of %s: payouts made after it are not in this ledger. "+
		"Compare it with what the wallet has sent since, so that nobody is paid twice: \"adit-pool payout adopt\" or \"ignore\" for each such payment, then \"payout resume\".",
		r.manifest.Made.UTC().Format("2006-01-02 15:04 UTC"))
}

func (r restorer) run(ctx context.Context, backup io.Reader) error {
	current := false
	err := ledger.Fill(ctx, r.ledger(), r.manifest.Schema, func(inner context.Context, load *ledger.Load) error {
		if err := r.fill(ctx, inner, backup, load); err != nil {
			return err
		}
		if current = load.Current(); !current {
			return nil
		}
		if err := load.MarkRestored(inner, r.manifest.Pools, r.source, r.reason(), r.manifest.Made); err != nil {
			return err
		}
		return load.Check(inner)
	})
	if err != nil || current {
		return err
	}
	book, err := ledger.Open(ctx, r.ledger())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	if err = book.MarkRestored(ctx, r.manifest.Pools, r.source, r.reason(), r.manifest.Made); err == nil {
		err = book.Check(ctx)
	}
	return err
}

// fill loads what is in the backup, and compares what came of it. ctx ends it, which
// inner, the transaction's, does not.
func (r restorer) fill(ctx, inner context.Context, backup io.Reader, load *ledger.Load) error {
	again, err := read(backup, func(Manifest) error { return nil }, func(m Member, content io.Reader) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if m.table() {
			return load.Table(inner, *m.Table, untilDone{ctx, content})
		}
		if m.Name == serverName {
			return r.writeServer(content)
		}
		return r.writeFile(m.Name, content)
	})
	if err != nil {
		return err
	}
	if len(again.Members) != len(r.manifest.Members) || again.Schema != r.manifest.Schema {
		return errors.New("the backup has changed while it was read")
	}
	for _, name := range load.Tables() {
		if !again.has(tableName(name)) {
			return fmt.Errorf("%w: table %s of the ledger is not in it", ErrDamaged, name)
		}
	}
	for _, m := range again.Members {
		if !m.table() {
			continue
		}
		if err := compare(ctx, inner, load, m); err != nil {
			return err
		}
	}
	return nil
}

// compare reads a table back and makes sure that it holds what the backup says.
func compare(ctx, inner context.Context, load *ledger.Load, m Member) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := counter{sum: sha256.New()}
	tally, err := load.Write(inner, *m.Table, &c)
	if err != nil {
		return err
	}
	if got := hex.EncodeToString(c.sum.Sum(nil)); got != m.SHA256 || !tally.Equal(*m.Tally) {
		return fmt.Errorf("table %s of the new ledger is not what the backup says: %d rows with sums %v, want %d with %v",
			m.Table.Name, tally.Rows, tally.Sums, m.Tally.Rows, m.Tally.Sums)
	}
	return nil
}

// untilDone is a reader that ends with its context.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u untilDone) Read(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(b)
}

// writeServer writes server.json, which says where the ledger lies now.
func (r restorer) writeServer(content io.Reader) error {
	text, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	move, err := config.MoveLedger(text, r.Database)
	if err != nil {
		return err
	}
	if move.PasswordFile != "" {
		if err := r.writeFile(move.PasswordFile, strings.NewReader(move.Password.Reveal()+"\n")); err != nil {
			return err
		}
	}
	return r.writeFile(serverName, bytes.NewReader(move.Server))
}

// writeFile writes a file of the configuration, whose name was checked. The database's
// password may take the place of an old one.
func (r restorer) writeFile(relative string, content io.Reader) (err error) {
	name := filepath.Join(r.staging, filepath.FromSlash(relative))
	folder, mode := os.FileMode(0o755), os.FileMode(0o644)
	if strings.HasPrefix(relative, secretsDir+"/") {
		folder, mode = 0o700, 0o600
	}
	if err := os.MkdirAll(filepath.Dir(name), folder); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := io.Copy(f, content); err != nil {
		return err
	}
	return f.Sync()
}
