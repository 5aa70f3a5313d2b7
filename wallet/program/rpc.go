package program

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

var (
	// ErrUnreachable is that nobody answers at the program's port.
	ErrUnreachable = errors.New("the wallet program does not answer")
	// ErrLogin is that the program refuses our login.
	ErrLogin = errors.New("the wallet program refuses the login")
	// ErrNonsense is that what answers does not talk as a wallet program does.
	ErrNonsense = errors.New("the wallet program answers nonsense")
)

// An RPCError is the program's own error answer, without secrets.
type RPCError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// Error returns the program's words and the code.
func (e *RPCError) Error() string { return fmt.Sprintf("%s (code %d)", e.Message, e.Code) }

// Code returns the program's error code in err, 0 if there is none.
func Code(err error) int {
	var answer *RPCError
	if errors.As(err, &answer) {
		return answer.Code
	}
	return 0
}

const (
	callTime   = time.Minute // for a call that is not Long
	mostAnswer = 64 << 20
)

// RPC is the way into a running program. It is safe for concurrent use.
type RPC struct {
	Address string                                             // 127.0.0.1:port
	Login   func() (user, password string, err error)          // read anew for each call
	Dial    func(context.Context) (net.Conn, error)            // nil dials Address
	Log     func(method string, took time.Duration, err error) // may be nil; gets no secrets
}

// A Call is one call.
type Call struct {
	Path    string // "/", or "/wallet/NAME"
	Method  string
	Params  any      // a slice, or a map of names; nil is none
	Long    bool     // as long as it takes; otherwise a minute
	Secrets []string // in Params, to be kept out of errors
}

// Do makes the call and decodes its answer into result, unless that is nil.
func (r *RPC) Do(ctx context.Context, c Call, result any) error {
	began := time.Now()
	err := r.do(ctx, c, result)
	if r.Log != nil {
		r.Log(c.Method, time.Since(began), err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", c.Method, err)
	}
	return nil
}

func (r *RPC) do(ctx context.Context, c Call, result any) error {
	if c.Params == nil {
		c.Params = []any{}
	}
	body, err := json.Marshal(map[string]any{"jsonrpc": "1.0", "id": 1, "method": c.Method, "params": c.Params})
	if err != nil {
		return errors.New("the call cannot be written as JSON") // err may quote what is secret
	}
	if !c.Long {
		limited, cancel := context.WithTimeoutCause(ctx, callTime, ErrUnreachable)
		defer cancel()
		ctx = limited
	}
	status, answer, err := r.post(ctx, c.Path, body)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		return err
	}
	return read(status, answer, result, c.Secrets)
}

// post sends body. Each call has a connection of its own: one kept open would die with
// the program.
func (r *RPC) post(ctx context.Context, path string, body []byte) (status int, answer []byte, err error) {
	user, password, err := r.Login()
	if err != nil {
		return 0, nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+r.Address+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.SetBasicAuth(user, password)
	transport := &http.Transport{DisableKeepAlives: true} // no Proxy: the login stays here
	if r.Dial != nil {
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return r.Dial(ctx) }
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return response.StatusCode, answer, nil
}

// read takes an answer apart. Programs send errors with status 500 or 404 and a JSON
// body, so the status counts only where there is none.
func read(status int, answer []byte, result any, secrets []string) error {
	if status == http.StatusUnauthorized || status == http.StatusForbidden {
		return ErrLogin
	}
	var r struct {
		Result json.RawMessage `json:"result"`
		Error  json.RawMessage `json:"error"`
	}
	if err := json.Unmarshal(answer, &r); err != nil {
		return fmt.Errorf("%w: HTTP status %d and no JSON", ErrNonsense, status)
	}
	if len(r.Error) > 0 && !bytes.Equal(r.Error, []byte("null")) {
		var e RPCError
		if err := json.Unmarshal(r.Error, &e); err != nil {
			e.Message = string(r.Error) // Electrum's servers send a text sometimes
		}
		e.Message = Redact(printable(e.Message), secrets...)
		return &e
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(r.Result, result); err != nil {
		return fmt.Errorf("%w: another kind of answer than expected", ErrNonsense)
	}
	return nil
}

// FreePort returns a port of the loopback that nobody listens on just now.
func FreePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
