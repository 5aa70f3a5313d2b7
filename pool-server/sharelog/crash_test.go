package sharelog_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/sharelog"
)

// The test binary runs itself as the process that is going to be killed.
const crashDir = "ADIT_SHARELOG_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		if err := appendUntilKilled(dir, os.Getenv("ADIT_SHARELOG_FROM")); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// appendUntilKilled appends numbered shares from many goroutines, as fast as the
// log takes them, and prints the number of each that was acknowledged. Now and
// then it trims what is old, as the ledger's owner does.
func appendUntilKilled(dir, from string) error {
	n, err := strconv.ParseInt(from, 10, 64)
	if err != nil {
		return err
	}
	l, err := sharelog.Open(sharelog.Options{Dir: dir, Log: quiet, MaxBatch: 50})
	if err != nil {
		return err
	}
	next := new(atomic.Int64)
	next.Store(n)
	acknowledged := make(chan int64, 1000)
	for range 20 {
		go func() {
			for {
				r, number := share(0), next.Add(1)
				r.Height = number
				done := make(chan error)
				l.Append(r, func(err error) { done <- err })
				if err := <-done; err == nil {
					acknowledged <- number
				}
			}
		}()
	}
	go func() {
		for number := range acknowledged {
			fmt.Println(number)
		}
	}()
	return l.Run(context.Background())
}

// killed runs the appending process for a moment, kills it and returns the
// numbers that it was told to be durable.
func killed(t *testing.T, dir string, from int64) (acknowledged []int64) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashDir+"="+dir, fmt.Sprint("ADIT_SHARELOG_FROM=", from))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	fuse := 1 + rand.IntN(400)
	for lines.Scan() {
		number, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil {
			t.Fatalf("the process said %q", lines.Text())
		}
		acknowledged = append(acknowledged, number)
		if len(acknowledged) == fuse {
			go func() { // a random moment inside or between writes
				time.Sleep(rand.N(3 * time.Millisecond))
				_ = cmd.Process.Kill()
			}()
		}
	}
	var ended *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &ended) || ended.Exited() {
		t.Fatalf("the process ended by itself: %v", err)
	}
	return acknowledged
}

func TestKilledProcessLosesNothingAcknowledged(t *testing.T) {
	dir := t.TempDir()
	seen := map[int64]int{} // number of a share: how often it came out of the log
	var applied uint64
	var from int64
	for kill := range 20 {
		acknowledged := killed(t, dir, from)
		from += 1_000_000
		l := open(t, sharelog.Options{Dir: dir})
		rs, err := l.consume(t, applied)
		if err != nil {
			t.Fatalf("kill %d: %v", kill, err)
		}
		for _, r := range rs {
			seen[r.Height]++
		}
		for _, number := range acknowledged {
			if seen[number] != 1 {
				t.Errorf("kill %d: acknowledged share %d is there %d times", kill, number, seen[number])
			}
		}
		applied = l.Status().LastPosition
		if kill%3 == 2 { // the ledger has applied all this
			if err := l.Trim(t.Context(), applied-applied%7); err != nil {
				t.Fatal(err)
			}
		}
		l.stop()
		t.Logf("kill %d: %d acknowledged, %d in the log, which ends at %d", kill, len(acknowledged), len(rs), applied)
	}
	for number, times := range seen {
		if times != 1 {
			t.Errorf("share %d is there %d times", number, times)
		}
	}
}
