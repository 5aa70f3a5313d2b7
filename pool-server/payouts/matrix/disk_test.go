package matrix_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/pooltest"
)

// A disk is where a run's ledger lies.
type disk interface {
	// ledger is what ledger.Open opens.
	ledger() string
	// crash leaves what the disk has when the process is gone, for the next one; the old
	// process's ledger is still open, and may be closed afterwards.
	crash(t testing.TB)
}

// A folder is a disk with an SQLite file: a crash is a copy of the file and of its log
// as they are, with nobody there to tidy up.
type folder struct {
	path  string
	lives int
}

func (f *folder) ledger() string { return filepath.Join(f.path, fmt.Sprintf("life%d.db", f.lives)) }

func (f *folder) crash(t testing.TB) {
	t.Helper()
	old := f.ledger()
	f.lives++
	for _, end := range []string{"", "-wal"} {
		text, err := os.ReadFile(old + end)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.WriteFile(f.ledger()+end, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A database is one of PostgreSQL, behind a proxy: a crash cuts the connections, whatever
// is on its way.
type database struct {
	url   string
	proxy *pooltest.Proxy
}

func newDatabase(t testing.TB, server *pooltest.Postgres) *database {
	t.Helper()
	d := &database{proxy: pooltest.NewProxy(t, server.Addr)}
	d.url = strings.Replace(server.Database(t, ""), server.Addr, d.proxy.Addr, 1)
	return d
}

func (d *database) ledger() string { return d.url }

func (d *database) crash(testing.TB) { d.proxy.Cut() }
