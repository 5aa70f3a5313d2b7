package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/pool-server/sharelog"
)

// home is a pool's folder with a share log that is not trimmed.
type home struct {
	t      *testing.T
	daemon *pooltest.Daemon
	dir    string
}

func newHome(t *testing.T) home {
	d := pooltest.NewDaemon(t, pooltest.Recorded(t, "litecoin-plain.json"))
	return home{t, d, newFolder(t, d, nil)}
}

func (h home) path(name string) string { return filepath.Join(h.dir, "data", name) }

// log opens the share log, lets f work with it, and closes it.
func (h home) log(f func(*sharelog.Log)) {
	h.t.Helper()
	l, err := sharelog.Open(sharelog.Options{Dir: h.path("sharelog"), MaxBatch: 1, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		h.t.Fatal(err)
	}
	f(l)
	if err := l.Close(); err != nil {
		h.t.Fatal(err)
	}
}

// share puts n shares into the log, a position each.
func (h home) share(n int) {
	h.t.Helper()
	h.log(func(l *sharelog.Log) {
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error)
		go func() { ended <- l.Run(ctx) }()
		for range n {
			done := make(chan error)
			l.Append(sharelog.Record{Pool: "litecoin-regtest", Account: testAccount, Worker: "a", Difficulty: 1, Time: time.Now(), Height: 1},
				func(err error) { done <- err })
			if err := <-done; err != nil {
				h.t.Fatal(err)
			}
		}
		stop()
		<-ended
	})
}

// start opens the server as serve does; it says why it does not.
func (h home) start(acceptLost bool) error {
	h.t.Helper()
	c, err := config.Load(h.dir)
	if err != nil {
		h.t.Fatal(err)
	}
	s, err := newServer(h.t.Context(), c, slog.New(slog.DiscardHandler), acceptLost)
	if err == nil {
		s.close()
	}
	return err
}

// counts runs the server until it has counted so many shares in all.
func (h home) counts(want int64) {
	h.t.Helper()
	r := serve(h.t, h.dir)
	defer r.stop()
	book := openBook(h.t, h.dir)
	var n int64
	eventually(h.t, "the shares are counted", func() (ok bool) {
		var err error
		n, _, err = book.CountShares(h.t.Context(), "litecoin-regtest", testAccount, "a")
		return err == nil && n >= want
	})
	time.Sleep(300 * time.Millisecond) // no more come
	if n, _, _ = book.CountShares(h.t.Context(), "litecoin-regtest", testAccount, "a"); n != want {
		h.t.Errorf("%d shares were counted, want %d", n, want)
	}
}

func (h home) backup() (file string) {
	h.t.Helper()
	file = filepath.Join(h.t.TempDir(), "b.adit")
	if _, err := runCommand(h.t, "backup", "--dir", h.dir, "--secrets", file); err != nil {
		h.t.Fatal(err)
	}
	return file
}

func (h home) restore(file string) home {
	h.t.Helper()
	dir := filepath.Join(h.t.TempDir(), "restored")
	if _, err := runCommand(h.t, "restore", "--dir", dir, file); err != nil {
		h.t.Fatal(err)
	}
	return home{h.t, h.daemon, dir}
}

// takeLog moves the share log of other to h.
func (h home) takeLog(other home) {
	h.t.Helper()
	os.RemoveAll(h.path("sharelog"))
	if err := os.CopyFS(h.path("sharelog"), os.DirFS(other.path("sharelog"))); err != nil {
		h.t.Fatal(err)
	}
}

func (h home) refuses(why string, acceptLost bool) {
	h.t.Helper()
	if err := h.start(acceptLost); err == nil || !strings.Contains(err.Error(), why) {
		h.t.Errorf("got %v, want a refusal with %q", err, why)
	}
}

func TestARestoredLedgerBeginsANewLog(t *testing.T) {
	h := newHome(t)
	h.share(10)
	h.counts(10)
	r := h.restore(h.backup())
	r.counts(10)
	r.share(5)
	r.counts(15)

	// The old log has other shares at the same positions.
	h.share(7)
	new := home{t, h.daemon, t.TempDir()}
	os.MkdirAll(new.path(""), 0o700)
	new.takeLog(r)
	r.takeLog(h)
	r.refuses("not the one that the ledger follows", false)
	r.refuses("not the one that the ledger follows", true)
	r.takeLog(new)
	r.counts(15)
}

func TestARestoredLedgerTakesWhatItsOwnLogHasMore(t *testing.T) {
	h := newHome(t)
	h.share(10)
	h.counts(10)
	file := h.backup()
	h.share(6) // after the backup, before the disaster
	r := h.restore(file)
	r.takeLog(h)
	r.counts(16)
	r.share(3)
	r.counts(19)
}

func TestALogThatBeganBehindABackupIsCountedFromIt(t *testing.T) {
	h := newHome(t)
	h.share(10)
	h.counts(10)
	file := h.backup()
	first := h.restore(file)
	if err := first.start(false); err != nil { // a new log begins
		t.Fatal(err)
	}
	first.share(4)
	second := h.restore(file) // the restored machine is lost, too, but its log is not
	second.takeLog(first)
	second.counts(14)

	h.share(2) // a later backup of the first machine has other shares there
	h.counts(12)
	later := h.restore(h.backup())
	later.takeLog(first)
	later.refuses("not the one that the ledger follows", false)
}

func TestALedgerOlderThanItsLogIsRefused(t *testing.T) {
	h := newHome(t)
	h.share(10)
	h.counts(10)
	file := h.backup()
	h.share(10)
	h.counts(20)
	h.log(func(l *sharelog.Log) {
		if err := l.Trim(t.Context(), 20); err != nil {
			t.Fatal(err)
		}
	})
	r := h.restore(file)
	r.takeLog(h)
	r.refuses("older than the share log", false)
	os.RemoveAll(r.path("sharelog"))
	r.counts(10)
}

// TestALogIsNotBegunAnewWithoutAWord: only a restored ledger begins a log by itself.
func TestALogIsNotBegunAnewWithoutAWord(t *testing.T) {
	h := newHome(t)
	h.share(10)
	h.counts(10)
	os.RemoveAll(h.path("sharelog"))
	h.refuses("--accept-lost-shares", false)
	if err := h.start(true); err != nil {
		t.Error(err)
	}
	r := h.restore(h.backup())
	r.counts(10)
	os.RemoveAll(r.path("sharelog")) // it has begun its log, and loses it
	r.refuses("--accept-lost-shares", false)
}
