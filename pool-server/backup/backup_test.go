package backup_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/backup"
	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

func TestAPoolIsRestoredWithEverythingButItsSecrets(t *testing.T) {
	c := newPool(t)
	file, m := write(t, c, false)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup has mode %v, %v; want 0600", info.Mode(), err)
	}
	if m.LogPosition != 3 || m.Server != "A pool" || len(m.Pools) != 1 || m.Rows() < 300 || m.Secrets {
		t.Errorf("the manifest is %+v", m)
	}
	if len(m.Missing) != 1 || m.Missing[0] != "secrets/"+poolID+".rpc" {
		t.Errorf("missing are %v, want the daemon's password", m.Missing)
	}
	for _, o := range unpack(t, file) {
		if bytes.Contains(o.text, []byte(password)) {
			t.Errorf("the password is in %s", o.Name)
		}
	}
	dir := filepath.Join(t.TempDir(), "below", "restored")
	if _, err := backup.Restore(t.Context(), file, backup.Target{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"server.json", "pools/" + poolID + ".json"} {
		was, err := os.ReadFile(filepath.Join(c.Dir, name))
		is, err2 := os.ReadFile(filepath.Join(dir, name))
		if err != nil || err2 != nil || !bytes.Equal(was, is) {
			t.Errorf("%s is not as it was: %v %v\n%s", name, err, err2, is)
		}
	}
	var faults config.Faults
	if _, err := config.Load(dir); !errors.As(err, &faults) || len(faults) != 1 || !strings.Contains(err.Error(), poolID+".rpc") {
		t.Errorf("got %v, want the missing password as the only fault", err)
	}
	wantMoney(t, config.LedgerFileIn(dir))
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 3 {
		t.Errorf("the folder has %v, %v; want server.json, pools and data", entries, err)
	}
}

// wantMoney looks for what newPool has put into the ledger, and for the halt.
func wantMoney(t *testing.T, where string) {
	t.Helper()
	l, err := ledger.Open(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if s, err := l.AccountSummary(t.Context(), poolID, account); err != nil || s.Balance != 49_0000_0000 {
		t.Errorf("the balance is %v, %v", s.Balance, err)
	}
	if reason, halted, err := l.Halted(t.Context(), poolID); err != nil || !halted || !strings.Contains(reason, "restored from a backup of") {
		t.Errorf("halted: %v %q %v", halted, reason, err)
	}
	if err := l.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestSecretsComeAlongIfTheyAreAskedFor(t *testing.T) {
	file, m := write(t, newPool(t), true)
	if len(m.Missing) != 0 || !m.Secrets {
		t.Errorf("the manifest is %+v", m)
	}
	dir := t.TempDir()
	if _, err := backup.Restore(t.Context(), file, backup.Target{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(dir) // refuses passwords that others can read
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.ReadSecret("secrets/" + poolID + ".rpc"); err != nil || got.Reveal() != password {
		t.Errorf("the password is %q, %v", got.Reveal(), err)
	}
}

func TestAPoolMovesToPostgreSQLAndBack(t *testing.T) {
	server, err := pooltest.RunPostgres()
	if errors.Is(err, pooltest.ErrNoPostgres) && os.Getenv("ADIT_REQUIRE_DAEMONS") != "1" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	c := newPool(t)
	file, _ := write(t, c, true)
	dir, back := filepath.Join(t.TempDir(), "there"), filepath.Join(t.TempDir(), "back")
	database := strings.Replace(server.Database(t, ""), "adit@", "adit:its%20password@", 1)
	if _, err := backup.Restore(t.Context(), file, backup.Target{Dir: dir, Database: database}); err != nil {
		t.Fatal(err)
	}
	there, err := config.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := there.LedgerFile(); ok || strings.Contains(there.Server.Database, "password") {
		t.Errorf("server.json says %q", there.Server.Database)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "server.json")); err != nil || !strings.Contains(string(text), "// ") {
		t.Errorf("the comments are gone: %v", err)
	}
	wantMoney(t, database)
	if _, err := backup.Restore(t.Context(), file, backup.Target{Dir: filepath.Join(t.TempDir(), "twice"), Database: database}); !errors.Is(err, ledger.ErrNotEmpty) {
		t.Errorf("into a database that is in use: %v", err)
	}
	file, _ = write(t, there, false)
	if _, err := backup.Restore(t.Context(), file, backup.Target{Dir: back}); err != nil {
		t.Fatal(err)
	}
	wantMoney(t, config.LedgerFileIn(back))
	if text, err := os.ReadFile(filepath.Join(back, "server.json")); err != nil || !strings.Contains(string(text), `"database": "",`) {
		t.Errorf("server.json still names the database: %v\n%s", err, text)
	}
}

func TestRestoreTouchesNoFolderThatHoldsSomething(t *testing.T) {
	file, _ := write(t, newPool(t), false)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "note"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(t.Context(), file, backup.Target{Dir: dir}); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("got %v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("the folder has %v", entries)
	}
	interrupted := t.TempDir()
	if err := os.Mkdir(filepath.Join(interrupted, ".restoring"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(t.Context(), file, backup.Target{Dir: interrupted}); err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("got %v", err)
	}
}

func TestABackupTakesNobodysPlace(t *testing.T) {
	c := newPool(t)
	file, _ := write(t, c, false)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	source := backup.Source{Config: c}
	if _, err := backup.WriteFile(t.Context(), source, file, false); err == nil || !strings.Contains(err.Error(), "--force") {
		t.Errorf("got %v", err)
	}
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
		t.Error("the refused backup has changed the file")
	}
	if _, err := backup.WriteFile(t.Context(), source, file, true); err != nil {
		t.Error(err)
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := backup.WriteFile(stopped, source, filepath.Join(filepath.Dir(file), "other"), false); err == nil {
		t.Error("a backup that was stopped: no error")
	}
	if entries, _ := os.ReadDir(filepath.Dir(file)); len(entries) != 1 {
		t.Errorf("left over: %v", entries)
	}
}

func TestAStreamIsTheSameAsAFile(t *testing.T) {
	var out bytes.Buffer
	m, err := backup.WriteStream(t.Context(), backup.Source{Config: newPool(t)}, &out)
	if err != nil {
		t.Fatal(err)
	}
	again, err := backup.Verify(&out)
	if err != nil || again.Rows() != m.Rows() {
		t.Errorf("got %+v, %v", again, err)
	}
	if _, err := backup.WriteStream(t.Context(), backup.Source{Config: newPool(t)}, full{}); err == nil {
		t.Error("a stream that takes nothing: no error")
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestARestoreThatIsStoppedLeavesNothing(t *testing.T) {
	file, _ := write(t, newPool(t), false)
	dir := filepath.Join(t.TempDir(), "restored")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := backup.Restore(ctx, file, backup.Target{Dir: dir}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("something is left")
	}
}
