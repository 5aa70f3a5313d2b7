package pooltest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Postgres is a running PostgreSQL with databases of the tests' own, on a loopback port.
// It asks for no password.
type Postgres struct {
	Addr string // host:port

	dir       string // owned by the user whom the server runs as
	programs  string
	strategy  string // the quickest way to copy a small database
	durable   bool
	process   *process
	databases atomic.Int64
}

// ErrNoPostgres is returned where PostgreSQL is not installed.
var ErrNoPostgres = errors.New("PostgreSQL is not installed: apt-get install postgresql")

// It ends as if it had crashed: at once, without writing what it has not written yet,
// but with its shared memory given back. See guard for why there is a shell.
const postgresGuard = `exec 3<&0
"$@" </dev/null & p=$!
(read x <&3; kill -CONT $p; kill -QUIT $p) & g=$!
wait $p; s=$?
kill $g 2>/dev/null
[ -z "$REMOVE" ] || rm -rf "$REMOVE"
exit $s`

// RunPostgres makes a server for all tests of a binary, for TestMain; Close, or the
// binary's end, ends it. It does not sync to the disk.
func RunPostgres() (*Postgres, error) { return newPostgres(false) }

// StartPostgres runs a server that writes to the disk in earnest, until the test ends.
func StartPostgres(t testing.TB) *Postgres {
	t.Helper()
	p, err := newPostgres(true)
	if errors.Is(err, ErrNoPostgres) {
		lacking(t, err.Error())
	}
	if err != nil {
		t.Fatalf("pooltest: start PostgreSQL: %v", err)
	}
	t.Cleanup(p.Close)
	return p
}

func newPostgres(durable bool) (p *Postgres, err error) {
	p = &Postgres{durable: durable}
	if p.programs, err = postgresPrograms(); err != nil {
		return nil, err
	}
	if postgresVersion(p.programs) >= 15 { // before it was the only one
		p.strategy = " STRATEGY file_copy"
	}
	// Not below a test's folder, into which another user cannot look.
	folder := ""
	if !durable {
		folder = inMemory()
	}
	if p.dir, err = os.MkdirTemp(folder, "adit-postgres-"); err != nil {
		return nil, err
	}
	if err := giveAway(p.dir); err != nil {
		return nil, errors.Join(err, os.RemoveAll(p.dir))
	}
	initdb := p.command("initdb", "-D", p.data(), "-U", "adit", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync", "--no-instructions")
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("initdb: %w\n%s", err, out), os.RemoveAll(p.dir))
	}
	for range 3 { // another process may take the port
		if err = p.run(); err == nil {
			return p, nil
		}
	}
	return nil, errors.Join(err, os.RemoveAll(p.dir))
}

// postgresPrograms finds the folder of the newest version that is installed: Debian has
// none of them in the path.
func postgresPrograms() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) == 0 {
		path, err := exec.LookPath("postgres")
		if err != nil {
			return "", ErrNoPostgres
		}
		return filepath.Dir(path), nil
	}
	newest := slices.MaxFunc(found, func(a, b string) int {
		return cmp.Compare(postgresVersion(filepath.Dir(a)), postgresVersion(filepath.Dir(b)))
	})
	return filepath.Dir(newest), nil
}

// postgresVersion is the version of Debian's programs, 0 for others.
func postgresVersion(programs string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(programs)))
	return n
}

func (p *Postgres) data() string { return filepath.Join(p.dir, "data") }

func (p *Postgres) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(p.programs, program), args...)
	cmd.Dir = p.dir
	asNobody(cmd)
	return cmd
}

func (p *Postgres) run() error {
	if p.Addr == "" {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		p.Addr = l.Addr().String()
		l.Close()
	}
	_, port, _ := net.SplitHostPort(p.Addr)
	args := []string{"-D", p.data(), "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
		"-c", "max_connections=100", "-c", "shared_buffers=32MB", "-c", "log_destination=stderr", "-c", "logging_collector=off",
		"-c", "wal_level=minimal", "-c", "max_wal_senders=0", "-c", "dynamic_shared_memory_type=mmap"}
	if !p.durable {
		args = append(args, "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "checkpoint_flush_after=0",
			"-c", "wal_init_zero=off", "-c", "autovacuum=off", "-c", "jit=off")
	}
	cmd := exec.Command("/bin/sh", append([]string{"-c", postgresGuard, "sh", filepath.Join(p.programs, "postgres")}, args...)...)
	cmd.Dir = p.dir
	asNobody(cmd)
	if !p.durable { // and never started again
		cmd.Env = append(os.Environ(), "REMOVE="+p.dir)
	}
	var err error
	if p.process, err = startCommand(cmd); err != nil {
		return err
	}
	if err = p.await(); err != nil {
		p.process.kill()
		p.Addr = "" // the port may be somebody else's
	}
	return err
}

// await waits until the server answers, or says why it never will.
func (p *Postgres) await() error {
	deadline := time.After(time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := p.do(context.Background(), "SELECT 1")
		if err == nil {
			return nil
		}
		select {
		case <-p.process.exited:
			return fmt.Errorf("PostgreSQL ended at once: %s", p.process.output.String())
		case <-deadline:
			return fmt.Errorf("no answer within a minute: %w", err)
		case <-tick.C:
		}
	}
}

// do runs a statement on a connection of its own: one that lived longer could not be
// used in several bubbles.
func (p *Postgres) do(ctx context.Context, statement string) error {
	c, err := pgx.Connect(ctx, p.URL("postgres"))
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, statement)
	return errors.Join(err, c.Close(ctx))
}

// URL is how a database is reached.
func (p *Postgres) URL(database string) string {
	return "postgres://adit@" + p.Addr + "/" + database + "?sslmode=disable"
}

// Make makes the database of that name, as a copy of template unless that is "".
func (p *Postgres) Make(name, template string) error {
	statement := "CREATE DATABASE " + name
	if template != "" {
		statement += " TEMPLATE " + template + p.strategy
	}
	if err := p.do(context.Background(), statement); err != nil {
		return fmt.Errorf("make database %s: %w", name, err)
	}
	return nil
}

// Database makes a database for one test and returns its URL.
func (p *Postgres) Database(t testing.TB, template string) string {
	t.Helper()
	n := p.databases.Add(1)
	name := fmt.Sprintf("test%d", n)
	if err := p.Make(name, template); err != nil {
		t.Fatalf("pooltest: %v", err)
	}
	t.Cleanup(func() {
		if n < 64 {
			return // they go with the server: dropping one takes longer than making it
		}
		if err := p.do(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Logf("pooltest: drop database %s: %v", name, err)
		}
	})
	return p.URL(name)
}

// Kill ends the server as a crash does: what was not committed is lost, and what was is
// not. Only one of StartPostgres can be started again.
func (p *Postgres) Kill() { p.process.kill() }

// Start runs the server again after Kill, at the same port and with the same data.
func (p *Postgres) Start(t testing.TB) {
	t.Helper()
	if err := p.run(); err != nil {
		t.Fatalf("pooltest: start PostgreSQL again: %v", err)
	}
}

// Close ends the server and removes its data.
func (p *Postgres) Close() {
	p.process.kill()
	_ = os.RemoveAll(p.dir) // what is left in a temporary folder does no harm
}
