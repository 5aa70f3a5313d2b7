package sharelog_test

import (
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/sharelog"
)

// TestNobodyWaitsForADiskThatHangs holds the store while two shares wait for it, one
// that is being written and one behind it. Both are refused in time; when the disk goes
// on so does the log, and it holds what it acknowledged.
func TestNobodyWaitsForADiskThatHangs(t *testing.T) {
	l := open(t, sharelog.Options{Dir: t.TempDir(), AckTimeout: 500 * time.Millisecond})
	l.mustAppend(t, share(0))
	goOn := sharelog.Hang(l.Log)
	answers := make(chan error, 2)
	go l.Write(share(1), func(err error) { answers <- err })
	sharelog.AwaitWriting(l.Log)
	l.Append(share(2), func(err error) { answers <- err })
	for range 2 {
		if err := <-answers; err == nil {
			t.Error("a share was acknowledged that is not on the disk")
		}
	}
	if err := l.Status().Err; err == nil {
		t.Error("the status says nothing of it")
	}
	goOn()
	for l.Status().Err != nil {
		time.Sleep(time.Millisecond)
	}
	l.mustAppend(t, share(3))
	if err := l.Status().Err; err != nil {
		t.Errorf("afterwards: %v", err)
	}
	rs, err := l.consume(t, 0)
	if err != nil || rs[0] != share(0) || rs[len(rs)-1] != share(3) {
		t.Errorf("the log holds %v, %v", rs, err)
	}
}

// TestALoneShareIsWrittenByWhoBringsIt holds that Write has told the outcome when it
// returns, where nothing else is under way.
func TestALoneShareIsWrittenByWhoBringsIt(t *testing.T) {
	l := open(t, sharelog.Options{Dir: t.TempDir()})
	for i := range 3 {
		told := false
		l.Write(share(i), func(err error) { told = err == nil })
		if !told {
			t.Error("Write returned before the share was durable")
		}
	}
}

// TestWriteIsAppendAtOnce writes from many goroutines: some write by themselves, the
// others are written for.
func TestWriteIsAppendAtOnce(t *testing.T) {
	l := open(t, sharelog.Options{Dir: t.TempDir()})
	want := shares(400)
	answers := make(chan error, len(want))
	for i := range want {
		go l.Write(want[i], func(err error) { answers <- err })
	}
	for range want {
		if err := <-answers; err != nil {
			t.Fatal(err)
		}
	}
	rs, err := l.consume(t, 0)
	if err != nil || len(rs) != len(want) {
		t.Fatalf("the log holds %d records, want %d; %v", len(rs), len(want), err)
	}
	there := map[sharelog.Record]bool{}
	for _, r := range rs {
		there[r] = true
	}
	for _, r := range want {
		if !there[r] {
			t.Errorf("%v is missing", r)
		}
	}
	l.stop()
	var after error
	l.Write(share(1), func(err error) { after = err })
	if after == nil {
		t.Error("a closed log took a share")
	}
}
