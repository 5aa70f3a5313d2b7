// Package api talks to the interfaces that mining programs open on this computer.
// Most programs share one of a few: cgminer's, cpuminer's, Claymore's, or JSON over
// HTTP. None of them asks for a password, so the programs are told to listen on
// 127.0.0.1 alone, on a port that is free at the moment.
//
// Each function is one conversation and starts nothing that outlives it. What a
// program answers is a stranger's text: its size is bounded, and numbers that
// cannot be are left out.
package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

const (
	// longest is the largest answer that is read, in bytes.
	longest = 1 << 20
	// patience is how long a program may take for an answer.
	patience = 4 * time.Second
)

// ErrNoAnswer is that a program's interface is not open or does not answer.
var ErrNoAnswer = errors.New("the program's interface does not answer")

// FreePort returns a TCP port of 127.0.0.1 that nobody listens on now. The system
// deals out ports in turn, so nobody else is likely to get it in the next moment.
func FreePort() (int, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// Get asks a program for path over HTTP and reads its JSON into into. token is
// sent as a bearer token unless it is empty.
func Get(ctx context.Context, port int, path, token string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address(port)+path, nil)
	if err != nil {
		return fmt.Errorf("ask the program: %w", err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	// A connection of its own, through no proxy: the program is on this computer.
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoAnswer, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, longest))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoAnswer, err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%w: %s", ErrNoAnswer, resp.Status)
	}
	return Decode(body, into)
}

// Decode reads a program's JSON. Several programs write numbers that are none
// (nan, -nan, inf) or control characters into it; those count as null and spaces.
func Decode(body []byte, into any) error {
	if err := json.Unmarshal(body, into); err == nil {
		return nil
	}
	if err := json.Unmarshal(mend(body), into); err != nil {
		return fmt.Errorf("the program's answer makes no sense: %w", err)
	}
	return nil
}

// mend returns body without what no JSON may hold.
func mend(body []byte) []byte {
	mended := make([]byte, 0, len(body))
	quoted, escaped := false, false
	for i := 0; i < len(body); i++ {
		c := body[i]
		switch {
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case c < ' ':
			c = ' '
		}
		if n := notNumber(body[i:]); n > 0 && !quoted {
			mended = append(mended, "null"...)
			i += n - 1
			continue
		}
		mended = append(mended, c)
	}
	return bytes.TrimRight(mended, " ")
}

// notNumber returns the length of the nan or inf that text begins with, or 0.
func notNumber(text []byte) int {
	n := 0
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		n = 1
	}
	for _, word := range []string{"infinity", "nan", "inf"} {
		if len(text) >= n+len(word) && bytes.EqualFold(text[n:n+len(word)], []byte(word)) {
			return n + len(word)
		}
	}
	return 0
}

// Ask sends request over TCP and returns what the program answers until it closes
// the connection, or until a byte of end when that is not 0.
func Ask(ctx context.Context, port int, request string, end byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp4", address(port))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoAnswer, err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := io.WriteString(conn, request); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoAnswer, err)
	}
	answer, err := readUntil(io.LimitReader(conn, longest), end)
	if err != nil && len(answer) == 0 {
		return nil, fmt.Errorf("%w: %w", ErrNoAnswer, err)
	}
	return answer, nil
}

// readUntil reads to the end, or to the first end byte after something else.
func readUntil(r io.Reader, end byte) ([]byte, error) {
	var answer []byte
	piece := make([]byte, 4096)
	for {
		n, err := r.Read(piece)
		answer = append(answer, piece[:n]...)
		if end != 0 {
			if at := bytes.IndexByte(answer, end); at > 0 {
				return answer[:at], nil
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return answer, nil
		case err != nil:
			return answer, err
		}
	}
}

// Number returns a pointer to v, or nil when no device can have it: temperatures,
// percents and watts that programs print where they know nothing.
func Number(v, least, most float64) *float64 {
	if v >= least && v <= most { // false for NaN
		return &v
	}
	return nil
}

// Celsius, Percent and Watts bound what sensors say; 0 degrees and 0 watts are
// what programs print for no sensor.
func Celsius(v float64) *float64 { return Number(v, 1, 130) }

// Percent is a fan's speed; 0 is a fan that stands still.
func Percent(v float64) *float64 { return Number(v, 0, 100) }

// Watts is a device's power.
func Watts(v float64) *float64 { return Number(v, 0.1, 2000) }
