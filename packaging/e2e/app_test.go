package e2e_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/past"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

// told is a line of `adit mine --json`.
type told struct {
	Event    string
	Phase    string
	Account  string
	Program  string
	Hashrate float64
	Accepted int64
	Rejected int64
	Restarts int
	Rests    string
	Problem  struct{ Code, What, Do, Detail string }
	Devices  []struct {
		ID, Name, State, Program, Version string
		Hashrate                          float64
		TemperatureC                      *float64 `json:"temperature_c"`
	}
}

// appProcess is a running `adit mine --json`.
type appProcess struct {
	data   string // its folder
	cmd    *exec.Cmd
	stderr *pooltest.Log
	ended  chan struct{}
	err    error // of the process, once ended is closed

	mu    sync.Mutex
	lines []told
}

// appOptions are what a test wants of an app, beside the pool.
type appOptions struct {
	data string   // its folder; empty: a new one
	args []string // more of the command line
	env  []string
	over []string // a command that runs it, as nice does
}

// startApp runs the app until the test ends. It mines with one thread, so that
// tests beside it get on, too.
func startApp(t testing.TB, site string, o appOptions) *appProcess {
	t.Helper()
	if o.data == "" {
		o.data = t.TempDir()
	}
	a := &appProcess{data: o.data, stderr: &pooltest.Log{}, ended: make(chan struct{})}
	line := append(slices.Clone(o.over), program(t, "adit"), "mine", "--json", "--threads", "1", "--pool", site, "--data", o.data)
	line = append(line, o.args...)
	a.cmd = exec.Command(line[0], line[1:]...)
	a.cmd.Env, a.cmd.Stderr = append(os.Environ(), o.env...), a.stderr
	stdout, err := a.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := a.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go a.read(bufio.NewScanner(stdout))
	t.Cleanup(func() {
		a.signal(syscall.SIGKILL)
		<-a.ended
		if t.Failed() {
			t.Logf("adit %s said at last %+v\n%s", strings.Join(a.cmd.Args[1:], " "), a.last(), tail(a.stderr.String(), 3000))
		}
	})
	return a
}

func (a *appProcess) read(lines *bufio.Scanner) {
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line told
		if json.Unmarshal(lines.Bytes(), &line) == nil {
			a.mu.Lock()
			a.lines = append(a.lines, line)
			a.mu.Unlock()
		}
	}
	a.err = a.cmd.Wait()
	close(a.ended)
}

// said returns all lines so far.
func (a *appProcess) said() []told {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.lines)
}

// last returns the last line.
func (a *appProcess) last() (line told) {
	if all := a.said(); len(all) > 0 {
		line = all[len(all)-1]
	}
	return line
}

// await waits for a state of the app.
func (a *appProcess) await(t testing.TB, within time.Duration, what string, is func(told) bool) told {
	t.Helper()
	var seen told
	eventually(t, within, what, func() bool {
		seen = a.last()
		select {
		case <-a.ended:
			if !is(seen) {
				t.Fatalf("adit ended (%v) before: %s", a.err, what)
			}
		default:
		}
		return is(seen)
	})
	return seen
}

// awaitShares waits until the pool has taken n shares of this run.
func (a *appProcess) awaitShares(t testing.TB, within time.Duration, n int64) told {
	t.Helper()
	return a.await(t, within, fmt.Sprintf("the pool has taken %d shares", n), func(l told) bool { return l.Accepted >= n })
}

func (a *appProcess) signal(s syscall.Signal) { _ = a.cmd.Process.Signal(s) }

// stop asks the app to end, and returns its result.
func (a *appProcess) stop(t testing.TB) told {
	t.Helper()
	a.signal(syscall.SIGINT)
	return a.result(t)
}

// result waits for the app's end.
func (a *appProcess) result(t testing.TB) told {
	t.Helper()
	select {
	case <-a.ended:
	case <-time.After(time.Minute):
		t.Fatal("adit did not end within a minute")
	}
	last := a.last()
	if last.Event != "result" {
		t.Errorf("the last line is no result but %+v", last)
	}
	return last
}

// history returns what the app has written down of what happened; it does so when
// it ends. Each line is a happening and its values.
func (a *appProcess) history() (lines []string) {
	for _, entry := range past.Load(a.data).History {
		lines = append(lines, fmt.Sprint(entry.What, " ", entry.Args))
	}
	return lines
}

// happened returns how often something stands in the history.
func (a *appProcess) happened(what string) (n int) {
	for _, line := range a.history() {
		if word, _, _ := strings.Cut(line, " "); word == what {
			n++
		}
	}
	return n
}

// child is a process that was seen: a number is given out again, a number with a
// time of birth is not.
type child struct{ pid, born int }

// children returns the processes that pid has started, and theirs.
func children(t testing.TB, pid int) (found []child) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	kin := map[int][]child{}
	for _, path := range stats {
		c, parent, state := readStat(path)
		if state != "" && state != "Z" {
			kin[parent] = append(kin[parent], c)
		}
	}
	for next := []int{pid}; len(next) > 0; next = next[1:] {
		for _, c := range kin[next[0]] {
			found, next = append(found, c), append(next, c.pid)
		}
	}
	return found
}

// readStat reads /proc/PID/stat; state is empty where the process is gone.
func readStat(path string) (c child, parent int, state string) {
	text, err := os.ReadFile(path)
	if err != nil {
		return c, 0, ""
	}
	c.pid, _ = strconv.Atoi(filepath.Base(filepath.Dir(path)))
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	parent, _ = strconv.Atoi(fields[1])
	c.born, _ = strconv.Atoi(fields[19])
	return c, parent, fields[0]
}

// lives reports whether the process is there; its exit status alone is no process.
func (c child) lives() bool {
	now, _, state := readStat(fmt.Sprintf("/proc/%d/stat", c.pid))
	return state != "" && state != "Z" && state != "X" && now == c
}

// awaitGone waits for the processes' end and tells how long it took.
func awaitGone(t testing.TB, all []child) {
	t.Helper()
	began := time.Now()
	eventually(t, 20*time.Second, fmt.Sprintf("the processes %v are gone", all), func() bool {
		return !slices.ContainsFunc(all, child.lives)
	})
	t.Logf("the %d processes were gone after %v", len(all), time.Since(began).Round(time.Millisecond))
}

// startDemo runs the demo's pool at addresses that are free.
func startDemo(t testing.TB) *poolProcess {
	t.Helper()
	return startPool(t, "demo", "--dir", t.TempDir(), "--http", "127.0.0.1:0", "--stratum", "127.0.0.1:0")
}
