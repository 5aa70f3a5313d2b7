package instance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/fsnotify/fsnotify"

	"github.com/adit-mining/adit/miners/durable"
)

// longestMessage is far more than a link takes, in bytes.
const longestMessage = 4096

// A message is looked for, which costs a look into a folder, and waited for: who
// started Adit a second time sits there and wants to see something happen.
const (
	collectEvery = time.Second      // where the system does not tell of changes in a folder
	recheckEvery = 30 * time.Second // where it does
	askEvery     = 100 * time.Millisecond
	patience     = 5 * time.Second
)

// ErrUnread is that the Adit that uses the folder does not take messages: it has no
// window, or hangs.
var ErrUnread = errors.New("the other Adit did not answer")

// Deliver hands message, a line of text which may be empty, to the Adit that has dir's
// lock, and waits until it was taken. The error is ErrUnread when it was not; it is
// then withdrawn.
func Deliver(ctx context.Context, dir, message string) error {
	if !validMessage(message) {
		return errors.New("a message to the other Adit is one line of text, up to 4096 bytes")
	}
	letter, err := post(dir, message)
	if err != nil {
		return fmt.Errorf("leave a message to the other Adit: %w", err)
	}
	defer os.Remove(letter)
	ctx, cancel := context.WithTimeoutCause(ctx, patience, ErrUnread)
	defer cancel()
	look := time.NewTicker(askEvery)
	defer look.Stop()
	for {
		select {
		case <-look.C:
			if _, err := os.Lstat(letter); errors.Is(err, fs.ErrNotExist) {
				return nil
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// post writes a letter, which has its name only when it is complete.
func post(dir, message string) (path string, err error) {
	f, err := os.CreateTemp(dir, "message-*.draft")
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(message)
	if err = errors.Join(err, f.Close()); err == nil {
		path = strings.TrimSuffix(f.Name(), ".draft") + ".letter"
		err = durable.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return path, err
}

// Run takes the messages that others leave and hands them to on, until ctx is done.
// It stops before the lock is released.
func (l *Lock) Run(ctx context.Context, on func(message string)) {
	dir := filepath.Dir(l.file.Name())
	every, changes := recheckEvery, (<-chan fsnotify.Event)(nil)
	if w, err := watch(dir); err == nil {
		defer w.Close()
		changes = w.Events
	} else {
		every = collectEvery
	}
	look := time.NewTicker(every)
	defer look.Stop()
	for {
		for _, letter := range letters(dir, ".letter") {
			if message, ok := open(letter); ok {
				on(message)
			}
		}
		for changed := false; !changed; {
			select {
			case <-look.C:
				changed = true
			case ev := <-changes:
				changed = isLetter(filepath.Base(ev.Name), ".letter")
			case <-ctx.Done():
				return
			}
		}
	}
}

// watch tells of what happens in dir. What it cannot tell, the next look finds.
func watch(dir string) (*fsnotify.Watcher, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	if err := w.Add(dir); err != nil {
		_ = w.Close()
		return nil, err
	}
	go func() {
		for range w.Errors { // until it is closed
		}
	}()
	return w, nil
}

// letters returns the paths of dir's messages in that state, "*" for any.
func letters(dir, state string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var paths []string
	for _, e := range entries {
		if e.Type().IsRegular() && isLetter(e.Name(), state) {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	return paths
}

func isLetter(name, state string) bool {
	return strings.HasPrefix(name, "message-") && (state == "*" || strings.HasSuffix(name, state))
}

// open reads a letter and throws it away. One that cannot be thrown away does not
// count: it would be read every second.
func open(letter string) (message string, ok bool) {
	f, err := os.Open(letter)
	if err != nil {
		return "", false
	}
	text, err := io.ReadAll(io.LimitReader(f, longestMessage+1))
	if err = errors.Join(err, f.Close(), os.Remove(letter)); err != nil {
		return "", false
	}
	return string(text), validMessage(string(text))
}

func validMessage(m string) bool {
	return len(m) <= longestMessage && utf8.ValidString(m) && !strings.ContainsFunc(m, unicode.IsControl)
}
