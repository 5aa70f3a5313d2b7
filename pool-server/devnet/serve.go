package devnet

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	maxRequest = 32 << 20 // bytes, Core's limit
	cookieUser = "__cookie__"
	grace      = 5 * time.Second // for calls in progress when Serve ends
)

// Credentials are the user and password that the front asks for.
func (c *Chain) Credentials() (user, password string) { return c.user, c.password }

// makeCookie invents credentials when none are given.
func (c *Chain) makeCookie() error {
	if c.user != "" {
		return nil
	}
	c.user, c.password = cookieUser, rand.Text()
	path := filepath.Join(c.dir, ".cookie")
	if err := writeFile(path, []byte(c.user+":"+c.password), 0o600); err != nil {
		return err
	}
	c.cookie = path
	return nil
}

// Serve answers JSON-RPC over HTTP, as Core does, until ctx ends. It owns the
// listener and every goroutine that the HTTP server starts: they are gone when it
// returns. An end by ctx is no error. The chain stays open.
func (c *Chain) Serve(ctx context.Context, listener net.Listener) error {
	// Long polls must end with ctx, before Shutdown waits for them.
	base, cancel := context.WithCancel(ctx)
	defer cancel()
	server := &http.Server{
		Handler:           c.Handler(),
		BaseContext:       func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       5 * time.Minute,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	limit, stop := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer stop()
	err := server.Shutdown(limit)
	if err != nil {
		err = errors.Join(err, server.Close())
	}
	<-failed
	return err
}

// Handler is the JSON-RPC front for a server of one's own.
func (c *Chain) Handler() http.Handler {
	table := methods()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !c.authorized(r) {
			w.Header().Set("WWW-Authenticate", `Basic realm="jsonrpc"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if r.Method != http.MethodPost {
			http.Error(w, "JSONRPC server handles only POST requests", http.StatusMethodNotAllowed)
			return
		}
		body, err := readBody(w, r)
		if err != nil {
			http.Error(w, "request too large or incomplete", http.StatusRequestEntityTooLarge)
			return
		}
		status, answer := c.answer(r, table, body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write(append(answer, '\n')) // a client that has gone needs no answer
	})
}

// readBody gives the client a time limit for the body alone: a limit for the whole
// request would end long polls.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(time.Minute)) // not every writer has deadlines
	defer func() { _ = control.SetReadDeadline(time.Time{}) }()
	return io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
}

// authorized compares digests, so that the time tells nothing.
func (c *Chain) authorized(r *http.Request) bool {
	user, password, given := r.BasicAuth()
	want, have := sha256.Sum256([]byte(c.user+":"+c.password)), sha256.Sum256([]byte(user+":"+password))
	return given && subtle.ConstantTimeCompare(want[:], have[:]) == 1
}

// request and response are JSON-RPC in the form that Core takes for 1.0: all three
// fields are always there.
type request struct {
	ID     json.RawMessage `json:"id"`
	Method *string         `json:"method"`
	Params json.RawMessage `json:"params"`
}

type response struct {
	Result any             `json:"result"`
	Error  *RPCError       `json:"error"`
	ID     json.RawMessage `json:"id"`
}

// answer handles a single call or a batch and chooses the HTTP status as Core does.
func (c *Chain) answer(r *http.Request, table map[string]method, body []byte) (status int, answer []byte) {
	if trimmed := bytes.TrimSpace(body); len(trimmed) > 0 && trimmed[0] == '[' {
		var batch []json.RawMessage
		if err := json.Unmarshal(trimmed, &batch); err != nil {
			return encode(http.StatusInternalServerError, response{Error: &RPCError{codeParse, "Parse error"}})
		}
		answers := []response{}
		for _, one := range batch {
			answers = append(answers, c.respond(r, table, one))
		}
		return encode(http.StatusOK, answers)
	}
	one := c.respond(r, table, body)
	status = http.StatusOK
	if one.Error != nil {
		status = http.StatusInternalServerError
		switch one.Error.Code {
		case codeInvalidRequest:
			status = http.StatusBadRequest
		case codeNoMethod:
			status = http.StatusNotFound
		}
	}
	return encode(status, one)
}

func encode(status int, v any) (int, []byte) {
	raw, err := json.Marshal(v)
	if err != nil { // a result of ours that is no JSON: a bug, told to the client
		return http.StatusInternalServerError, []byte(`{"result":null,"error":{"code":-1,"message":"answer cannot be encoded"},"id":null}`)
	}
	return status, raw
}

// respond runs one call and is the only place that makes its response.
func (c *Chain) respond(r *http.Request, table map[string]method, body []byte) response {
	var q request
	if err := json.Unmarshal(body, &q); err != nil {
		if !json.Valid(body) {
			return response{Error: &RPCError{codeParse, "Parse error"}}
		}
		return response{Error: &RPCError{codeInvalidRequest, "Invalid Request object"}}
	}
	reply := response{ID: q.ID}
	if reply.ID == nil {
		reply.ID = json.RawMessage("null")
	}
	a, err := q.arguments(r)
	var result any
	if err == nil {
		result, err = c.call(r.Context(), table, *q.Method, a)
	}
	if err != nil {
		// call and arguments return nothing else.
		reply.Error = err.(*RPCError)
		return reply
	}
	reply.Result = result
	return reply
}

func (q request) arguments(r *http.Request) (arguments, error) {
	if q.Method == nil {
		return nil, &RPCError{codeInvalidRequest, "Missing method"}
	}
	if wallet, named := strings.CutPrefix(r.URL.Path, "/wallet/"); named && wallet != "" {
		return nil, &RPCError{codeWalletNotFound, "Requested wallet does not exist or is not loaded"}
	}
	if len(q.Params) == 0 || bytes.Equal(q.Params, []byte("null")) {
		return nil, nil
	}
	var a arguments
	if err := json.Unmarshal(q.Params, &a); err != nil {
		return nil, &RPCError{codeInvalidRequest, "Params must be an array"}
	}
	return a, nil
}

// removeCookie deletes the cookie file, if there is one.
func (c *Chain) removeCookie() error {
	if c.cookie == "" {
		return nil
	}
	return os.Remove(c.cookie)
}
