package install_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/install"
	"github.com/adit-mining/adit/packaging/bubble"
)

var (
	good = random(1, 300_000)
	evil = random(2, 300_000)
)

// quick is a Fetcher whose pauses nobody notices.
var quick = install.Fetcher{Pause: time.Millisecond, Rounds: 3}

// mirror is a server whose n-th request, from 0, is answered by the n-th handler,
// or the last.
type mirror struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*http.Request
}

func newMirror(t *testing.T, handlers ...http.HandlerFunc) *mirror {
	m := &mirror{}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		handle := handlers[min(len(m.requests), len(handlers)-1)]
		m.requests = append(m.requests, r)
		m.mu.Unlock()
		handle(w, r)
	}))
	t.Cleanup(m.Close)
	return m
}

func (m *mirror) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.requests)
}

// serve answers like a good server, with ranges and an ETag.
func serve(contents []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"`+digest(contents)[:16]+`"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(contents))
	}
}

// cut answers like a good server that is gone after n bytes more.
func cut(contents []byte, n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		from, code := 0, http.StatusOK
		if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from); err == nil {
			code = http.StatusPartialContent
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(contents)-1, len(contents)))
		}
		w.Header().Set("ETag", `"`+digest(contents)[:16]+`"`)
		w.Header().Set("Content-Length", strconv.Itoa(len(contents)-from))
		w.WriteHeader(code)
		w.Write(contents[from:min(from+n, len(contents))])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
}

// deaf answers with everything whatever it is asked for.
func deaf(contents []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { w.Write(contents) }
}

// tail answers with the range that is asked for, whatever If-Range says.
func tail(contents []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("If-Range")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(contents))
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no", code) }
}

// headers answers with contents under headers of its own making.
func headers(code int, contents []byte, pairs ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(pairs); i += 2 {
			w.Header().Set(pairs[i], pairs[i+1])
		}
		w.WriteHeader(code)
		w.Write(contents)
	}
}

func download(mirrors ...*mirror) install.Download {
	d := install.Download{Size: int64(len(good)), SHA256: digest(good)}
	for _, m := range mirrors {
		d.URLs = append(d.URLs, m.URL+"/file")
	}
	return d
}

func wantGood(t *testing.T, path string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, good) {
		t.Errorf("the file has %d bytes (%v), not the right ones", len(got), err)
	}
	if _, err := os.Stat(path + ".origin"); !os.IsNotExist(err) {
		t.Errorf("the note beside a whole file is left: %v", err)
	}
}

func TestFetchGetsTheFileFromServersOfAllKinds(t *testing.T) {
	zipped := func() []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		w.Write(good)
		w.Close()
		return b.Bytes()
	}()
	loop := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }
	for name, mirrors := range map[string][][]http.HandlerFunc{
		"a good server":              {{serve(good)}},
		"no ranges":                  {{cut(good, 100_000), deaf(good)}},
		"busy at first":              {{status(503), status(429), serve(good)}},
		"not found, then a mirror":   {{status(404)}, {serve(good)}},
		"tampered, then a mirror":    {{serve(evil)}, {serve(good)}},
		"a loop, then a mirror":      {{loop}, {serve(good)}},
		"changed between, told":      {{cut(evil, 100_000), serve(good)}},
		"changed between, not told":  {{cut(evil, 100_000), tail(good), serve(good)}},
		"half from each":             {{cut(good, 100_000)}, {cut(evil, 0), tail(good)}},
		"gzip in name only":          {{headers(200, good, "Content-Encoding", "gzip")}},
		"gzip, then a mirror":        {{headers(200, zipped, "Content-Encoding", "gzip")}, {serve(good)}},
		"too long, then a mirror":    {{serve(append(bytes.Clone(good), 'x'))}, {serve(good)}},
		"too short, then a mirror":   {{serve(good[1:])}, {serve(good)}},
		"another range, then better": {{cut(good, 1000), headers(206, good[5:], "Content-Range", "bytes 5-299999/300000")}, {serve(good)}},
		"range refused, then whole":  {{cut(good, 1000), status(416), serve(good)}},
		"many cuts":                  {{cut(good, 66_000)}},
	} {
		t.Run(name, func(t *testing.T) {
			var list []*mirror
			for _, handlers := range mirrors {
				list = append(list, newMirror(t, handlers...))
			}
			path := filepath.Join(t.TempDir(), "file")
			var last int64
			if err := quick.Fetch(t.Context(), download(list...), path, func(done int64) { last = done }); err != nil {
				t.Fatalf("Fetch = %v", err)
			}
			wantGood(t, path)
			if last != int64(len(good)) {
				t.Errorf("progress ends at %d, want %d", last, len(good))
			}
		})
	}
}

func TestFetchGoesOnWhereTheLineBroke(t *testing.T) {
	for _, n := range []int{1, 64<<10 - 1, 64 << 10, 64<<10 + 1, len(good) / 2, len(good) - 1} {
		m := newMirror(t, cut(good, n), serve(good))
		path := filepath.Join(t.TempDir(), "file")
		if err := quick.Fetch(t.Context(), download(m), path, nil); err != nil {
			t.Fatalf("cut at %d: Fetch = %v", n, err)
		}
		wantGood(t, path)
		if got, want := m.requests[1].Header.Get("Range"), fmt.Sprintf("bytes=%d-", n); got != want {
			t.Errorf("cut at %d: the second request asks for %q, want %q", n, got, want)
		}
		if got := m.requests[1].Header.Get("If-Range"); got == "" {
			t.Errorf("cut at %d: the second request does not say which file it means", n)
		}
	}
}

func TestFetchGoesOnAfterACrash(t *testing.T) {
	for name, c := range map[string]struct {
		there    []byte
		requests int
	}{
		"nothing":              {nil, 1},
		"a byte":               {good[:1], 1},
		"half":                 {good[:150_000], 1},
		"all":                  {good, 0},
		"half, torn":           {append(bytes.Clone(good[:100_000]), make([]byte, 50_000)...), 2},
		"as much, but another": {evil, 1},
		"more":                 {append(bytes.Clone(good), 1, 2, 3), 1},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMirror(t, serve(good))
			path := saved(t, c.there)
			if err := quick.Fetch(t.Context(), download(m), path, nil); err != nil {
				t.Fatalf("Fetch = %v", err)
			}
			wantGood(t, path)
			if got := m.count(); got != c.requests {
				t.Errorf("%d requests, want %d", got, c.requests)
			}
		})
	}
}

func TestFetchSaysWhyItGaveUp(t *testing.T) {
	loop := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }
	for name, c := range map[string]struct {
		handler  http.HandlerFunc
		want     error
		requests int
	}{
		"not found":     {status(404), install.ErrUnavailable, 1},
		"broken server": {status(500), install.ErrUnavailable, 3},
		"a loop":        {loop, install.ErrUnavailable, 30},
		"tampered":      {serve(evil), install.ErrWrongFile, 1},
		"another size":  {serve(good[1:]), install.ErrWrongFile, 1},
		"empty":         {serve(nil), install.ErrWrongFile, 1},
		"a web page":    {headers(200, []byte("<html>")), install.ErrWrongFile, 1},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMirror(t, c.handler)
			path := filepath.Join(t.TempDir(), "file")
			err := quick.Fetch(t.Context(), download(m), path, nil)
			if !errors.Is(err, c.want) || !errors.Is(err, install.ErrUnavailable) {
				t.Errorf("Fetch = %v, want %v", err, c.want)
			}
			if got := m.count(); got != c.requests {
				t.Errorf("%d requests, want %d", got, c.requests)
			}
			if _, err := os.Stat(path); !os.IsNotExist(err) {
				t.Errorf("wrong bytes are left: %v", err)
			}
		})
	}
}

func TestFetchNamesBothHashes(t *testing.T) {
	m := newMirror(t, serve(evil))
	err := quick.Fetch(t.Context(), download(m), filepath.Join(t.TempDir(), "file"), nil)
	var wrong *install.WrongFileError
	if !errors.As(err, &wrong) || wrong.Want != digest(good) || wrong.Got != digest(evil) || wrong.URL != m.URL+"/file" {
		t.Errorf("Fetch = %v, want a WrongFileError with both hashes and the address", err)
	}
}

func TestFetchKeepsThePartWhenItIsStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	m := newMirror(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(good)))
		w.Write(good[:100_000])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}, serve(good))
	path := filepath.Join(t.TempDir(), "file")
	err := quick.Fetch(ctx, download(m), path, func(done int64) {
		if done == 100_000 {
			stop()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("Fetch = %v, want its context's end", err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != 100_000 {
		t.Fatalf("the part: %v, %v; want 100000 bytes", info, err)
	}
	if err := quick.Fetch(t.Context(), download(m), path, nil); err != nil {
		t.Fatalf("second Fetch = %v", err)
	}
	wantGood(t, path)
}

// pipes is a network without a machine, whose time a test can own.
type pipes struct{ conns chan net.Conn }

func (p pipes) Accept() (net.Conn, error) {
	conn, ok := <-p.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}
func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }
func (p pipes) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	p.conns <- there
	return here, nil
}

func TestFetchLeavesServersThatHoldIt(t *testing.T) {
	for name, drip := range map[string]func(w io.Writer, done <-chan struct{}){
		"silence": func(w io.Writer, done <-chan struct{}) { <-done },
		"a byte each second": func(w io.Writer, done <-chan struct{}) {
			for tick := time.NewTicker(time.Second); ; {
				select {
				case <-tick.C:
					w.Write([]byte{'x'})
					w.(http.Flusher).Flush()
				case <-done:
					return
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Test(t, func(t *testing.T) {
				network := pipes{make(chan net.Conn)}
				server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Length", strconv.Itoa(len(good)))
					w.Write(good[:20_000])
					w.(http.Flusher).Flush()
					drip(w, r.Context().Done())
				})}
				go server.Serve(network)
				transport := &http.Transport{DialContext: network.dial}
				fetcher := install.Fetcher{Client: &http.Client{Transport: transport}, Rounds: 2}
				d := install.Download{URLs: []string{"http://pool.example/file"}, Size: int64(len(good)), SHA256: digest(good)}
				began := time.Now()
				err := fetcher.Fetch(t.Context(), d, filepath.Join(t.TempDir(), "file"), nil)
				if !errors.Is(err, install.ErrStalled) {
					t.Errorf("Fetch = %v, want %v", err, install.ErrStalled)
				}
				if took := time.Since(began); took < time.Minute || took > 3*time.Minute {
					t.Errorf("Fetch took %v of virtual time for two rounds, want each to take 30 s to 60 s", took)
				}
				close(network.conns)
				server.Close()
				transport.CloseIdleConnections()
			})
		})
	}
}

func TestFetchTellsAFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil || runtime.GOOS == "windows" { // wine shows it, but cannot link to it
		t.Skip("this system has no disk that is always full")
	}
	path := filepath.Join(t.TempDir(), "file")
	if err := os.Symlink("/dev/full", path); err != nil {
		t.Fatal(err)
	}
	m := newMirror(t, serve(good))
	err := quick.Fetch(t.Context(), download(m), path, nil)
	if !errors.Is(err, install.ErrDiskFull) || strings.Contains(err.Error(), "mirror is of no use") {
		t.Errorf("Fetch = %v, want %v", err, install.ErrDiskFull)
	}
	if got := m.count(); got != 1 {
		t.Errorf("%d requests, want 1: another try cannot help", got)
	}
}
