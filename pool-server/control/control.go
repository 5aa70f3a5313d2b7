// Package control is the command line's way into a running server on the same
// computer: a port of the loopback interface and a file, which only the server's user
// can read, with the port's address and a token. Unlike a socket in the file system
// this is the same on every system, and no folder's name is too long for it.
//
// What can be asked for is the caller's: an http.Handler, whose answers are text. Run
// owns the goroutines, and they are gone when it returns. A server that was killed
// leaves its file behind; the next one writes it anew.
package control

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// ErrNotRunning says that no server with this file answers.
var ErrNotRunning = errors.New("no running server found")

const (
	answerWithin = 5 * time.Second
	grace        = time.Second // for calls under way at the end
	maxAnswer    = 64 << 10
)

// entry is what stands in the file.
type entry struct {
	Address string `json:"address"`
	Token   string `json:"token"`
}

// Door is an open way in. It must be closed.
type Door struct {
	file     string
	listener net.Listener
	token    string
}

// Open opens the port and writes the file. Nobody is let in before Run.
func Open(file string) (*Door, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open the control port: %w", err)
	}
	d := &Door{file: file, listener: listener, token: rand.Text()}
	text, err := json.Marshal(entry{listener.Addr().String(), d.token})
	if err == nil {
		err = writePrivate(file, append(text, '\n'))
	}
	if err != nil {
		listener.Close()
		return nil, fmt.Errorf("write the control file: %w", err)
	}
	return d, nil
}

// writePrivate replaces a file by one that was never readable to others.
func writePrivate(file string, text []byte) error {
	aside := file + ".new"
	if err := os.Remove(aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(aside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(aside, file)
}

// Close takes the file away, unless another server has written its own, and closes the
// port.
func (d *Door) Close() error {
	err := d.listener.Close()
	if errors.Is(err, net.ErrClosed) { // after Run
		err = nil
	}
	if e, readErr := read(d.file); readErr == nil && e.Token == d.token {
		err = errors.Join(err, os.Remove(d.file))
	}
	return err
}

// Run answers calls until ctx ends, which is no error.
func (d *Door) Run(ctx context.Context, h http.Handler) error {
	server := &http.Server{
		Handler:           d.guard(h),
		ReadHeaderTimeout: answerWithin,
		ReadTimeout:       answerWithin,
		WriteTimeout:      2 * answerWithin,
		IdleTimeout:       answerWithin,
		MaxHeaderBytes:    8 << 10,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(d.listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("control port: %w", err)
	case <-ctx.Done():
	}
	limit, stop := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer stop()
	if server.Shutdown(limit) != nil {
		server.Close()
	}
	<-failed
	return nil
}

// guard lets in only who has read the file. It compares digests, so that the time
// tells nothing.
func (d *Door) guard(h http.Handler) http.Handler {
	want := sha256.Sum256([]byte("Bearer " + d.token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		have := sha256.Sum256([]byte(r.Header.Get("Authorization")))
		if subtle.ConstantTimeCompare(want[:], have[:]) != 1 {
			http.Error(w, "read the token from the control file", http.StatusUnauthorized)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxAnswer)
		h.ServeHTTP(w, r)
	})
}

func read(file string) (e entry, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal(text, &e); err != nil || e.Address == "" || e.Token == "" {
		return e, fmt.Errorf("%s is no control file", file)
	}
	return e, nil
}

// Call asks the server of that control file for something and returns its answer. The
// error says in the server's words why it was refused, or is ErrNotRunning.
func Call(ctx context.Context, file, action string, values url.Values) (string, error) {
	return CallFor(ctx, file, action, values, answerWithin)
}

// CallFor is Call for something that may take as long as within. The handler has to
// grant itself that time.
func CallFor(ctx context.Context, file, action string, values url.Values, within time.Duration) (string, error) {
	e, err := read(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w: there is no %s", ErrNotRunning, file)
	}
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+e.Address+"/"+action, strings.NewReader(values.Encode()))
	if err != nil {
		return "", fmt.Errorf("%s is no control file: %w", file, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "Bearer "+e.Token)
	// No proxy, and no connection that is kept: this is one call.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNotRunning, errors.Unwrap(err))
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	switch text := strings.TrimSpace(string(answer)); {
	case err != nil:
		return "", fmt.Errorf("read the server's answer: %w", err)
	case resp.StatusCode == http.StatusUnauthorized:
		return "", fmt.Errorf("%w: another program answers at %s", ErrNotRunning, e.Address)
	case resp.StatusCode != http.StatusOK:
		return "", errors.New(text)
	default:
		return text, nil
	}
}
