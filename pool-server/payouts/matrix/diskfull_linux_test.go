package matrix_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	_ "modernc.org/sqlite" // to empty SQLite's log, so that its next write needs room
)

// The disk of the ledger is full at each step that writes: nothing is half done, and once
// there is room everything goes on. The test runs itself again in a name space in which
// it may mount a small disk.
func TestFullDisk(t *testing.T) {
	if !whole() {
		t.Skip("make chaos fills the disk at each step; the ledger's own tests do it once")
	}
	const inside = "ADIT_MATRIX_NAMESPACE"
	if os.Getenv(inside) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env = append(os.Environ(), inside+"=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL,
			UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}, GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}}
		out, err := cmd.CombinedOutput()
		var ended *exec.ExitError
		if err != nil && !errors.As(err, &ended) {
			t.Skipf("no name space for a small disk here: %v", err)
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	// These write nothing where there is nothing to write.
	steps := slices.DeleteFunc(slices.Clone(writes), func(s string) bool { return s == "purchases" || s == "unpayable" || s == "mark" })
	c := &chains{t: t}
	for _, step := range steps {
		t.Run(step, func(t *testing.T) {
			small := t.TempDir()
			if err := syscall.Mount("tmpfs", small, "tmpfs", 0, "size=8m"); err != nil {
				t.Fatalf("mount a small disk: %v", err)
			}
			t.Cleanup(func() { _ = syscall.Unmount(small, syscall.MNT_DETACH) })
			r := newRun(t, c.next(), &folder{path: small})
			r.weather.full = func() func() { return r.fill(small) }
			f := cell{step, fullDisk, map[string]string{"cancelled": "signed"}[step]}
			hit := false
			r.weather.set(f.weather(1, &hit))
			r.life()
			r.rest()
			if !hit || r.weather.refused() == 0 {
				t.Errorf("the disk was full %v, and refused %d writes", hit, r.weather.refused())
			}
		})
	}
}

// fill leaves no room on the disk until undo is called.
func (r *run) fill(disk string) (undo func()) {
	r.t.Helper()
	db, err := sql.Open("sqlite", r.disk.ledger())
	r.ok(err)
	defer db.Close()
	_, err = db.ExecContext(context.WithoutCancel(r.t.Context()), "PRAGMA wal_checkpoint(TRUNCATE)")
	r.ok(err)
	filler := filepath.Join(disk, "filler")
	if err := os.WriteFile(filler, make([]byte, 16<<20), 0o600); err == nil {
		r.t.Error("the disk is not full")
	}
	return func() { _ = os.Remove(filler) }
}
