package sharelog_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/adit-mining/adit/pool-server/sharelog"
)

func (r *running) identity(t *testing.T) sharelog.Identity {
	t.Helper()
	id, err := r.Identity()
	if err != nil || id.ID == "" {
		t.Fatalf("got identity %+v, %v", id, err)
	}
	return id
}

func TestALogIsTheSameWhereverItLies(t *testing.T) {
	dir, moved := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	l := open(t, sharelog.Options{Dir: dir})
	was := l.identity(t)
	l.mustAppend(t, share(1))
	l.stop()
	if err := os.Rename(dir, moved); err != nil {
		t.Fatal(err)
	}
	l = open(t, sharelog.Options{Dir: moved})
	if is := l.identity(t); is != was {
		t.Errorf("got %+v, want %+v", is, was)
	}
	if another := open(t, sharelog.Options{Dir: t.TempDir()}).identity(t); another.ID == was.ID {
		t.Error("two logs are the same")
	}
}

func TestALogRemembersWhichOneItGoesOnBehind(t *testing.T) {
	dir := t.TempDir()
	l := open(t, sharelog.Options{Dir: dir})
	first := l.identity(t)
	if err := l.ContinueBehind(t.Context(), "other", 500); err != nil {
		t.Fatal(err)
	}
	want := sharelog.Identity{ID: first.ID, Before: "other", BeforeEnd: 500}
	if got := l.identity(t); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	l.mustAppend(t, share(1))
	l.mustHold(t, 500, []sharelog.Record{share(1)})
	l.stop()
	l = open(t, sharelog.Options{Dir: dir})
	if got := l.identity(t); got != want {
		t.Errorf("after a restart: got %+v, want %+v", got, want)
	}
}
