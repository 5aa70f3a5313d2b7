package sharelog_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"syscall"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/sharelog"
)

const insideNamespace = "ADIT_SHARELOG_NAMESPACE"

// onSmallDisk runs body with a file system of its own of that size. The test runs
// itself again in a name space where it may mount one, which also takes the mount
// away at the end, whatever happens.
func onSmallDisk(t *testing.T, size string, body func(t *testing.T, dir string)) {
	t.Helper()
	if os.Getenv(insideNamespace) == "" {
		runInNamespace(t)
		return
	}
	dir := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Fatalf("mount a small disk: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	body(t, dir)
}

func runInNamespace(t *testing.T) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), insideNamespace+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
	out, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Skipf("no name space for a small disk here: %v", err)
	}
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}

// fill takes all the space that is left on dir's disk and returns how to free it.
func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 16; size > 0; size /= 2 {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
	return func() {
		if err := os.Remove(f.Name()); err != nil {
			t.Fatal(err)
		}
	}
}

// accepted returns those of rs that were answered without an error.
func accepted(rs []sharelog.Record, errs []error) (good []sharelog.Record) {
	for i := range rs {
		if errs[i] == nil {
			good = append(good, rs[i])
		}
	}
	return good
}

// mustContain checks that want is in the log in its order, each record once.
// Between them may be records that were answered with an error, also once.
func (r *running) mustContain(t *testing.T, want []sharelog.Record) {
	t.Helper()
	got, err := r.consume(t, 0)
	if err != nil {
		t.Fatal(err)
	}
	extra, times := 0, map[time.Time]int{}
	for _, g := range got {
		if times[g.Time]++; times[g.Time] > 1 {
			t.Fatalf("share of %v is there twice", g.Time)
		}
		if len(want) > 0 && reflect.DeepEqual(g, want[0]) {
			want = want[1:]
		} else {
			extra++
		}
	}
	if len(want) > 0 {
		t.Errorf("%d acknowledged shares are lost, the first is %v", len(want), want[0])
	}
	t.Logf("%d records in the log, %d of them were answered with an error", len(got), extra)
}

func TestAFullDiskAcknowledgesNothingAndHealsWhenThereIsSpace(t *testing.T) {
	onSmallDisk(t, "32m", fillAndFree)
}

func fillAndFree(t *testing.T, dir string) {
	folder := filepath.Join(dir, "log")
	l := open(t, sharelog.Options{Dir: folder, MaxBatch: 20})
	all := shares(4000)
	good := accepted(all[:100], l.append(all[:100]...))
	if len(good) != 100 {
		t.Fatalf("%d of 100 accepted with space", len(good))
	}
	rest := all[100:]
	for round := range 3 {
		free := fill(t, dir)
		began, refused := time.Now(), 0
		for refused < 100 { // the last page of the block file may still take some
			errs := l.append(rest[:20]...)
			good = append(good, accepted(rest[:20], errs)...)
			if refused > 0 && errs[0] == nil {
				t.Fatalf("round %d: accepted again on a full disk", round)
			}
			for _, err := range errs {
				if err != nil {
					refused++
				}
			}
			rest = rest[20:]
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("round %d: it took %v to refuse 100 shares", round, took)
		}
		if err := l.Status().Err; err == nil {
			t.Errorf("round %d: the status does not tell", round)
		} else {
			t.Log(err)
		}
		free()
		for deadline := time.Now().Add(20 * time.Second); l.Status().Err != nil; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("round %d: not healed: %v", round, l.Status().Err)
			}
		}
		good = append(good, accepted(rest[:50], l.append(rest[:50]...))...)
		rest = rest[50:]
	}
	if len(good) < 100+3*50 {
		t.Errorf("%d accepted, want all that were sent with space", len(good))
	}
	l.mustContain(t, good)
	l.stop()
	open(t, sharelog.Options{Dir: folder}).mustContain(t, good)
}

func TestADiskThatTheLogItselfFillsLosesNothing(t *testing.T) {
	onSmallDisk(t, "40m", fillByLog)
}

func fillByLog(t *testing.T, dir string) {
	folder := filepath.Join(dir, "log")
	l := open(t, sharelog.Options{Dir: folder, MaxBatch: 1})
	var good []sharelog.Record
	for i := range 80 {
		r := withBlock(share(i), 1<<20)
		if l.append(r)[0] == nil {
			good = append(good, r)
		}
	}
	if len(good) < 20 || len(good) > 40 {
		t.Fatalf("%d blocks of 1 MiB accepted on 40 MiB", len(good))
	}
	l.stop()
	// A restart on the full disk must not lose anything either, whether it succeeds or not.
	if again, err := sharelog.Open(sharelog.Options{Dir: folder, Log: quiet}); err == nil {
		again.Close()
	} else {
		t.Logf("opening on the full disk: %v", err)
	}
	grow(t, dir, "120m")
	open(t, sharelog.Options{Dir: folder}).mustContain(t, good)
}

// grow gives the small disk more room, keeping what is on it.
func grow(t *testing.T, dir, size string) {
	t.Helper()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size="+size); err != nil {
		t.Fatal(err)
	}
}
