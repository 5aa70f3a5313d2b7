package sharelog_test

import (
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/adit-mining/adit/pool-server/sharelog"
)

// onSlowDisk runs body where every fsync waits as long as body wants it to, which is
// what a dying or overloaded disk looks like from here. The test runs itself again in a
// process of its own whose kernel asks it before it carries out an fsync
// (seccomp_unotify(2)): nothing of the share log or of JetStream is replaced.
func onSlowDisk(t *testing.T, body func(t *testing.T, d *slowDisk)) {
	t.Helper()
	const inside = "ADIT_SHARELOG_SLOW_DISK"
	if os.Getenv(inside) != "" {
		d, err := interceptFsync()
		if err != nil {
			t.Fatal(err)
		}
		defer d.heal()
		body(t, d)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}

// slowDisk says how long an fsync takes.
type slowDisk struct {
	mu    sync.Mutex
	delay time.Duration
	hung  chan struct{} // closed when the disk goes on; nil if it does not hang
	syncs int
}

func (d *slowDisk) set(delay time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.delay = delay
}

func (d *slowDisk) hang() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hung = make(chan struct{})
}

// heal makes the disk as fast as it is.
func (d *slowDisk) heal() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.delay = 0
	if d.hung != nil {
		close(d.hung)
		d.hung = nil
	}
}

func (d *slowDisk) seen() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.syncs
}

// wait holds one fsync up.
func (d *slowDisk) wait() {
	d.mu.Lock()
	delay, hung := d.delay, d.hung
	d.syncs++
	d.mu.Unlock()
	time.Sleep(delay)
	if hung != nil {
		<-hung
	}
}

// notification and verdict are struct seccomp_notif and seccomp_notif_resp of
// linux/seccomp.h.
type notification struct {
	id         uint64
	pid, flags uint32
	data       [64]byte
}

type verdict struct {
	id    uint64
	value int64
	err   int32
	flags uint32
}

const notifySend = 0xc0182101 // SECCOMP_IOCTL_NOTIF_SEND

// interceptFsync has the kernel ask before each fsync of this process, from now on.
func interceptFsync() (*slowDisk, error) {
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}, // the call's number
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.SYS_FSYNC, Jt: 1},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.SYS_FDATASYNC, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_USER_NOTIF},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	runtime.LockOSThread() // both calls are of one thread, which gives the filter to all
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return nil, os.NewSyscallError("prctl", err)
	}
	const flags = unix.SECCOMP_FILTER_FLAG_NEW_LISTENER | unix.SECCOMP_FILTER_FLAG_TSYNC | unix.SECCOMP_FILTER_FLAG_TSYNC_ESRCH
	listener, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&program)))
	if errno != 0 {
		return nil, os.NewSyscallError("seccomp", errno)
	}
	d := &slowDisk{}
	go d.serve(listener)
	return d, nil
}

// serve lets each fsync through once it has waited, until the process ends.
func (d *slowDisk) serve(listener uintptr) {
	for {
		var n notification
		if _, _, errno := unix.Syscall(unix.SYS_IOCTL, listener, unix.SECCOMP_IOCTL_NOTIF_RECV, uintptr(unsafe.Pointer(&n))); errno != 0 {
			continue // interrupted, or its caller is gone
		}
		go func() {
			d.wait()
			v := verdict{id: n.id, flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE}
			unix.Syscall(unix.SYS_IOCTL, listener, notifySend, uintptr(unsafe.Pointer(&v)))
		}()
	}
}

func TestASlowDiskMakesSharesWaitAndLosesNone(t *testing.T) {
	onSlowDisk(t, func(t *testing.T, d *slowDisk) {
		l := open(t, sharelog.Options{Dir: t.TempDir()})
		l.mustAppend(t, share(0))
		d.set(300 * time.Millisecond)
		before := d.seen()
		want := shares(400)
		answers := make(chan error, len(want))
		go func() {
			for _, r := range want[1:] {
				l.Append(r, func(err error) { answers <- err })
			}
		}()
		for range want[1:] {
			if err := <-answers; err != nil {
				t.Fatalf("a share was refused by a disk that is only slow: %v", err)
			}
		}
		if d.seen() == before {
			t.Fatal("no fsync was seen: the test tests nothing")
		}
		if err := l.Status().Err; err != nil {
			t.Errorf("the status complains: %v", err)
		}
		d.heal()
		l.mustHold(t, 0, want)
	})
}

func TestADiskThatHangsRefusesSharesAndGoesOn(t *testing.T) {
	onSlowDisk(t, func(t *testing.T, d *slowDisk) {
		dir := t.TempDir()
		l := open(t, sharelog.Options{Dir: dir, AckTimeout: 200 * time.Millisecond})
		good := []sharelog.Record{l.accept(t, 100)}
		for round := range 2 {
			d.hang()
			refused := make(chan error, 10)
			for i := range cap(refused) {
				l.Append(share(1000*(round+1)+i), func(err error) { refused <- err })
			}
			for range cap(refused) { // while the disk hangs: nothing here heals it
				select {
				case err := <-refused:
					if err == nil {
						t.Fatal("a share was acknowledged that is not on the disk")
					}
				case <-time.After(20 * time.Second):
					t.Fatal("shares wait for a disk that hangs, without an answer")
				}
			}
			if l.Status().Err == nil {
				t.Error("the status says nothing of it")
			}
			d.heal()
			for deadline := time.Now().Add(20 * time.Second); l.Status().Err != nil; time.Sleep(10 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("not healed: %v", l.Status().Err)
				}
			}
			good = append(good, l.accept(t, 10_000*(round+1)))
		}
		if lost := l.Measures().Lost; lost < 20 {
			t.Errorf("%d shares are counted as refused, want 20 or more", lost)
		}
		l.mustContain(t, good)
		l.stop()
		open(t, sharelog.Options{Dir: dir}).mustContain(t, good)
	})
}

// accept appends a share, and others if the machine is so busy that the log refuses it.
func (r *running) accept(t *testing.T, number int) sharelog.Record {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; number++ {
		one := share(number)
		err := r.append(one)[0]
		if err == nil {
			return one
		}
		if time.Now().After(deadline) {
			t.Fatalf("no share is accepted: %v", err)
		}
	}
}
