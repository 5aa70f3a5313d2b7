package instance_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/adit-mining/adit/app/instance"
	"github.com/adit-mining/adit/packaging/bubble"
)

// first takes dir's lock and collects messages until the test is over.
func first(t *testing.T, dir string) (messages func() []string) {
	t.Helper()
	lock, err := instance.Take(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	var running sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	running.Go(func() { lock.Run(ctx, func(m string) { got = append(got, m) }) })
	return func() []string {
		cancel()
		running.Wait()
		if err := lock.Release(); err != nil {
			t.Error(err)
		}
		return got
	}
}

func noLetters(t *testing.T, dir string) {
	t.Helper()
	if left, _ := filepath.Glob(filepath.Join(dir, "message-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestMessagesArriveOnceAndInFull(t *testing.T) {
	dir := t.TempDir()
	messages := first(t, dir)
	sent := []string{"adit://join?pool=https%3A%2F%2Fpool.example", "", strings.Repeat("x", 4096), "größer"}
	var running sync.WaitGroup
	for _, m := range sent {
		running.Go(func() {
			if err := instance.Deliver(t.Context(), dir, m); err != nil {
				t.Errorf("Deliver: %v", err)
			}
		})
	}
	running.Wait()
	got := messages()
	slices.Sort(got)
	slices.Sort(sent)
	if !slices.Equal(got, sent) {
		t.Errorf("%q arrived, want %q", got, sent)
	}
	noLetters(t, dir)
}

func TestAMessageThatNobodyTakesIsWithdrawn(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		lock, err := instance.Take(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer lock.Release()
		if err := instance.Deliver(t.Context(), dir, "hello"); !errors.Is(err, instance.ErrUnread) {
			t.Errorf("Deliver = %v, want ErrUnread", err)
		}
		noLetters(t, dir)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := instance.Deliver(ctx, dir, "hello"); !errors.Is(err, context.Canceled) {
			t.Errorf("Deliver = %v, want the context's end", err)
		}
		noLetters(t, dir)
	})
}

func TestMessagesToAnEarlierAditAreNotForTheNext(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"message-1.letter", "message-2.draft"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	messages := first(t, dir)
	noLetters(t, dir)
	if err := instance.Deliver(t.Context(), dir, "new"); err != nil {
		t.Fatal(err)
	}
	if got := messages(); !slices.Equal(got, []string{"new"}) {
		t.Errorf("%q arrived", got)
	}
}

func TestWhatIsNoMessageIsRefusedAtBothEnds(t *testing.T) {
	for name, m := range map[string]string{"too long": strings.Repeat("x", 4097), "two lines": "two\nlines", "control": "\x00", "not UTF-8": "\xff"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			messages := first(t, dir)
			if err := instance.Deliver(t.Context(), dir, m); err == nil {
				t.Errorf("%.10q was delivered", m)
			}
			draft := filepath.Join(dir, "message-1.draft")
			if err := os.WriteFile(draft, []byte(m), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(draft, filepath.Join(dir, "message-1.letter")); err != nil {
				t.Fatal(err)
			}
			if err := instance.Deliver(t.Context(), dir, "after"); err != nil {
				t.Fatal(err)
			}
			if got := messages(); !slices.Equal(got, []string{"after"}) {
				t.Errorf("%.20q arrived", got)
			}
			noLetters(t, dir)
		})
	}
}
