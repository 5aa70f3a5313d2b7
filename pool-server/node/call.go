package node

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

	"github.com/adit-mining/adit/pool-server/skim"
)

// maxAnswer bounds an answer. The largest is a template with a full block of 32
// MB in hex.
const maxAnswer = 256 << 20

// maxGrow bounds what is made room for before it has come.
const maxGrow = 16 << 20

type request struct {
	Version string `json:"jsonrpc"`
	ID      int    `json:"id"`
	Method  string `json:"method"`
	Params  []any  `json:"params"`
}

// Call makes one RPC call and decodes its result into result, which may be nil.
// The error is a *CallError, or ctx's if ctx ended.
func (c *Client) Call(ctx context.Context, method string, params []any, result any) error {
	return c.call(ctx, c.root, c.config.Timeout, method, params, result)
}

func (c *Client) call(ctx context.Context, url string, timeout time.Duration, method string, params []any, result any) error {
	return c.callGated(ctx, func() {}, url, timeout, method, params, result)
}

// callGated is call that runs gate when the answer is there, before it is read.
func (c *Client) callGated(ctx context.Context, gate func(), url string, timeout time.Duration, method string, params []any, result any) error {
	body, err := json.Marshal(request{"1.0", 1, method, append([]any{}, params...)})
	if err != nil {
		return fmt.Errorf("encode %s: %w", method, err)
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	begun := time.Now()
	raw, kind, err := c.post(limited, gate, url, body)
	c.measures.call(ctx, begun, timeout, kind)
	if err == nil {
		if err = decode(raw, result); err != nil {
			kind = ErrNotDaemon
		}
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%s at %s: %w", method, c.name, ctx.Err())
	}
	var rpc *RPCError
	if errors.As(err, &rpc) {
		kind = rpc.kind()
	}
	return &CallError{Node: c.name, Method: method, Kind: kind, Cause: err, Advice: adviceFor(kind)}
}

// decode decodes raw into result, which may be nil. Who wants raw itself gets it
// uncopied.
func decode(raw json.RawMessage, result any) error {
	switch result := result.(type) {
	case nil:
		return nil
	case *json.RawMessage:
		*result = raw
		return nil
	}
	return json.Unmarshal(raw, result)
}

// post sends body and returns the result, or an error with its kind.
func (c *Client) post(ctx context.Context, gate func(), url string, body []byte) (result json.RawMessage, kind, err error) {
	user, password, err := c.login()
	if err != nil {
		return nil, ErrAuth, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, ErrUnreachable, err
	}
	req.Header.Set("Content-Type", "application/json")
	if user != "" || password != "" {
		req.SetBasicAuth(user, string(password))
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, transportKind(err), errors.Unwrap(err) // without http's "Post URL:"
	}
	defer resp.Body.Close()
	gate()
	answer, err := readAll(resp)
	if err != nil {
		return nil, ErrUnanswered, err
	}
	return read(resp.StatusCode, answer)
}

// readAll reads the body, which may be some megabytes, without growing from small
// beginnings if its length is told.
func readAll(resp *http.Response) ([]byte, error) {
	var b bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= maxGrow {
		b.Grow(int(n) + bytes.MinRead)
	}
	_, err := b.ReadFrom(io.LimitReader(resp.Body, maxAnswer))
	return b.Bytes(), err
}

// transportKind tells a call that never left from one whose fate is unknown.
func transportKind(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return ErrUnreachable
	}
	return ErrUnanswered
}

// read takes a daemon's answer apart. Daemons send errors with status 500 or 404
// and a JSON body, so the status counts only where there is none.
func read(status int, answer []byte) (result json.RawMessage, kind, err error) {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return nil, ErrAuth, fmt.Errorf("HTTP status %d", status)
	case http.StatusServiceUnavailable:
		return nil, ErrBusy, fmt.Errorf("HTTP status %d", status)
	}
	var failure json.RawMessage
	r := skim.New(answer)
	r.Object(func(name []byte) {
		switch string(name) {
		case "result":
			result = r.Skip()
		case "error":
			failure = r.Skip()
		}
	})
	if err := r.End(); err != nil {
		return nil, ErrNotDaemon, fmt.Errorf("HTTP status %d and an answer that is no JSON-RPC", status)
	}
	if len(failure) == 0 || bytes.Equal(failure, []byte("null")) {
		if result == nil {
			return nil, ErrNotDaemon, fmt.Errorf("HTTP status %d and an answer without a result", status)
		}
		return result, nil, nil
	}
	var rpc RPCError
	if err := json.Unmarshal(failure, &rpc); err != nil {
		rpc.Message = string(failure) // some proxies send a text
	}
	return nil, nil, &rpc
}
