package sharelog_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/sharelog"
)

// written makes a log of n batches in a new folder and closes it.
func written(t *testing.T, n int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	l := open(t, sharelog.Options{Dir: dir, MaxBatch: 1})
	l.mustAppend(t, shares(n)...)
	l.stop()
	return dir
}

// blockFiles returns the files of the store that hold the batches.
func blockFiles(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", "shares", "msgs", "*.blk"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no block files in %s: %v", dir, err)
	}
	slices.Sort(names)
	return names
}

// forgetIndex removes what the store only writes at a clean end.
func forgetIndex(t *testing.T, dir string) {
	t.Helper()
	for _, name := range blockFiles(t, dir) {
		if err := os.Remove(filepath.Join(filepath.Dir(name), "index.db")); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
}

// firstDamage opens the log, reads it from the start and returns what was read
// and the damage that was reported.
func firstDamage(t *testing.T, dir string) ([]sharelog.Record, *sharelog.DamageError) {
	t.Helper()
	var damage *sharelog.DamageError
	l, err := sharelog.Open(sharelog.Options{Dir: dir, Log: quiet})
	if errors.As(err, &damage) {
		return nil, damage
	}
	if err != nil {
		t.Fatalf("Open = %v, want a DamageError or none", err)
	}
	defer l.Close()
	rs, err := (&running{Log: l}).consume(t, 0)
	if !errors.As(err, &damage) {
		t.Fatalf("read %d records and Consume = %v, want a DamageError", len(rs), err)
	}
	return rs, damage
}

func TestDamageIsNamedAndNothingBehindItIsRead(t *testing.T) {
	change := func(t *testing.T, name string, edit func([]byte) []byte) {
		b, err := os.ReadFile(name)
		if err == nil {
			err = os.WriteFile(name, edit(b), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	damages := map[string]func(t *testing.T, dir string){
		"a byte changed": func(t *testing.T, dir string) {
			change(t, blockFiles(t, dir)[0], func(b []byte) []byte { b[len(b)/2] ^= 0x40; return b })
		},
		"the end cut off": func(t *testing.T, dir string) {
			change(t, blockFiles(t, dir)[0], func(b []byte) []byte { return b[:len(b)*3/4] })
		},
		"zeros in the middle": func(t *testing.T, dir string) {
			change(t, blockFiles(t, dir)[0], func(b []byte) []byte { clear(b[len(b)/2 : len(b)/2+512]); return b })
		},
		"a file lost": func(t *testing.T, dir string) {
			if err := os.Remove(blockFiles(t, dir)[0]); err != nil {
				t.Fatal(err)
			}
		},
		"the whole store lost": func(t *testing.T, dir string) {
			if err := os.RemoveAll(filepath.Join(dir, "jetstream")); err != nil {
				t.Fatal(err)
			}
		},
	}
	const n = 60
	for name, damage := range damages {
		for _, clean := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, clean end %v", name, clean), func(t *testing.T) {
				dir := written(t, n)
				if !clean {
					forgetIndex(t, dir)
				}
				damage(t, dir)
				rs, found := firstDamage(t, dir)
				if !strings.Contains(found.Error(), dir) || !strings.Contains(found.Error(), fmt.Sprint("position ", found.Position)) {
					t.Errorf("%q does not name folder and position", found)
				}
				if found.Position < 1 || found.Position > n || len(rs) >= int(found.Position) {
					t.Errorf("damage at %d after reading %d records of %d", found.Position, len(rs), n)
				}
				t.Log(found)
			})
		}
	}
}

func TestATornWriteBehindTheLastAcknowledgedOneIsHarmless(t *testing.T) {
	for _, torn := range []int{1, 7, 22, 60, 1000} {
		dir := written(t, 40)
		forgetIndex(t, dir)
		name := blockFiles(t, dir)[0]
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		// A record begins as the first one does, and then the power goes.
		tail := append(bytes.Clone(b[:min(torn, 90)]), make([]byte, max(0, torn-90))...)
		if err := os.WriteFile(name, append(b, tail...), 0o600); err != nil {
			t.Fatal(err)
		}
		l := open(t, sharelog.Options{Dir: dir})
		l.mustAppend(t, share(40))
		l.stop()
		open(t, sharelog.Options{Dir: dir}).mustHold(t, 0, shares(41))
	}
}

func TestALogBehindItsLedgerIsReported(t *testing.T) {
	l := open(t, sharelog.Options{Dir: t.TempDir()})
	l.mustAppend(t, share(1))
	var damage *sharelog.DamageError
	if err := l.Consume(t.Context(), 50, nil); !errors.As(err, &damage) || damage.Position != 2 {
		t.Errorf("Consume after 50 = %v, want a DamageError at 2", err)
	}
}

// TestALogThatLostItsEndOpensOnRequest is the operator's way on: what is there
// is kept, and the next start asks nothing.
func TestALogThatLostItsEndOpensOnRequest(t *testing.T) {
	dir := written(t, 6)
	if err := os.RemoveAll(filepath.Join(dir, "jetstream")); err != nil {
		t.Fatal(err)
	}
	var damage *sharelog.DamageError
	if _, err := sharelog.Open(sharelog.Options{Dir: dir, Log: quiet}); !errors.As(err, &damage) {
		t.Fatalf("Open = %v, want a DamageError", err)
	}
	for _, accept := range []bool{true, false} {
		l, err := sharelog.Open(sharelog.Options{Dir: dir, Log: quiet, AcceptLost: accept})
		if err != nil {
			t.Fatalf("AcceptLost %v: %v", accept, err)
		}
		l.Close()
	}
}
