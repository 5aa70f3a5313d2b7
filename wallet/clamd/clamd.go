// Package clamd asks ClamAV's daemon, where one runs on this computer, whether a file is
// known to be bad. It sends the bytes through clamd's socket and needs no rights, no
// program and no file that clamd could read.
//
// There are three answers, and NotScanned, the zero Verdict, is never shown as clean.
// It starts no goroutine, and a Scan never fails: what goes wrong is why a file was not
// scanned. Getting clamd, and its list of what is bad, is the person's matter.
package clamd

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
	"unicode"
)

// A Verdict is what is known of a file.
type Verdict int

// The verdicts.
const (
	NotScanned Verdict = iota // nothing is known; Result.Why says why
	OK                        // clamd looked at all of it and knows nothing against it
	Found                     // clamd knows it as bad; Result.Name is what it calls it
)

// String returns OK, FOUND or NOT SCANNED.
func (v Verdict) String() string {
	switch v {
	case OK:
		return "OK"
	case Found:
		return "FOUND"
	}
	return "NOT SCANNED"
}

// A Result is the answer for one file.
type Result struct {
	Verdict Verdict
	Name    string // of what was found
	Why     Reason // nothing was scanned
	Detail  string // more about Why, in clamd's or the system's words
	Engine  string // clamd's version with that of its list, "ClamAV 1.4.6/27500/..."
}

// Reason is why a file was not scanned.
type Reason string

// The reasons.
const (
	NoScanner Reason = "no scanner" // no clamd runs here
	TooLarge  Reason = "too large"  // for clamd's settings
	Silent    Reason = "silent"     // clamd did not answer in time
	Failed    Reason = "failed"     // clamd says that something went wrong
	Unread    Reason = "unread"     // the file could not be read
)

// A Client is the way to a clamd. The zero value looks in the usual places.
type Client struct {
	// Addresses are tried in turn: paths of sockets, or host:port of this computer.
	Addresses []string
	// Patience is how long clamd may do nothing; 0 is 2 minutes.
	Patience time.Duration
}

// usual are the places of clamd's socket: Debian, Fedora, its own default, Homebrew, and
// the port that Windows uses.
var usual = []string{
	"/run/clamav/clamd.ctl", "/var/run/clamav/clamd.ctl", "/run/clamd.scan/clamd.sock", "/run/clamav/clamd.sock",
	"/tmp/clamd.socket", "/tmp/clamd.sock", "/opt/homebrew/var/run/clamav/clamd.sock", "/usr/local/var/run/clamav/clamd.sock",
	"127.0.0.1:3310",
}

const (
	// mostLooked is what clamd looks into by default (MaxFileSize of clamd.conf). It
	// says OK of a larger file without having looked, if its stream limit was raised
	// above this: such an OK is not believed.
	mostLooked = 100 << 20
	chunk      = 128 << 10
	mostAnswer = 4 << 10
)

// ScanFile scans the file at path.
func (c Client) ScanFile(ctx context.Context, path string) Result {
	f, err := os.Open(path)
	if err != nil {
		return Result{Why: Unread, Detail: err.Error()}
	}
	defer f.Close()
	return c.Scan(ctx, f)
}

// Scan scans what r gives.
func (c Client) Scan(ctx context.Context, r io.Reader) Result {
	if c.Patience <= 0 {
		c.Patience = 2 * time.Minute
	}
	if c.Addresses == nil {
		c.Addresses = usual
	}
	engine, err := c.version(ctx)
	if err != nil {
		return refused(ctx, err)
	}
	result := c.scan(ctx, r)
	result.Engine = engine
	return result
}

// version asks for clamd's version, which also tells whether anybody is there.
func (c Client) version(ctx context.Context) (string, error) {
	answer, err := c.talk(ctx, "zVERSION\x00", func(io.Writer) error { return nil })
	if err == nil && !strings.HasPrefix(answer, "ClamAV ") {
		err = fmt.Errorf("%w: %q", errStranger, answer)
	}
	return answer, err
}

var (
	errNobody   = errors.New("no clamd answers")
	errStranger = errors.New("who answers is no clamd")
	errReading  = errors.New("read the file")
)

func (c Client) scan(ctx context.Context, r io.Reader) Result {
	sent := int64(0)
	answer, err := c.talk(ctx, "zINSTREAM\x00", func(w io.Writer) error {
		n, err := stream(w, r)
		sent = n
		return err
	})
	if err != nil {
		return refused(ctx, err)
	}
	return judge(answer, sent)
}

// judge reads clamd's answer to INSTREAM (clamd(8)).
func judge(answer string, sent int64) Result {
	answer = strings.TrimPrefix(answer, "stream: ")
	if name, found := strings.CutSuffix(answer, " FOUND"); found && name != "" {
		return Result{Verdict: Found, Name: name}
	}
	switch {
	case answer == "OK" && sent > mostLooked:
		return Result{Why: TooLarge, Detail: fmt.Sprintf("%d MB", sent>>20)}
	case answer == "OK":
		return Result{Verdict: OK}
	case strings.Contains(answer, "size limit exceeded"):
		return Result{Why: TooLarge, Detail: answer}
	}
	return Result{Why: Failed, Detail: answer}
}

// refused says why there is no answer.
func refused(ctx context.Context, err error) Result {
	switch {
	case ctx.Err() != nil:
		return Result{Why: Silent, Detail: context.Cause(ctx).Error()}
	case errors.Is(err, errNobody):
		return Result{Why: NoScanner}
	case errors.Is(err, errReading):
		return Result{Why: Unread, Detail: err.Error()}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return Result{Why: Silent, Detail: err.Error()}
	}
	return Result{Why: Failed, Detail: err.Error()}
}

// talk sends a command, with what send adds to it, and returns the answer. clamd answers
// and hangs up before everything is sent where the stream is too long for it, so an
// answer counts more than an error of sending.
func (c Client) talk(ctx context.Context, command string, send func(io.Writer) error) (string, error) {
	conn, err := c.dial(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	w := patient{conn, c.Patience}
	_, err = io.WriteString(w, command)
	if err == nil {
		err = send(w)
	}
	if errors.Is(err, errReading) {
		return "", err
	}
	_ = conn.SetReadDeadline(time.Now().Add(c.Patience))
	answer, readErr := io.ReadAll(io.LimitReader(conn, mostAnswer))
	if text := clean(answer); text != "" {
		return text, nil
	}
	if err == nil {
		err = readErr
	}
	if err == nil {
		err = errors.New("clamd hung up without an answer")
	}
	return "", err
}

func (c Client) dial(ctx context.Context) (net.Conn, error) {
	dialer := net.Dialer{Timeout: 5 * time.Second}
	for _, address := range c.Addresses {
		network := "unix"
		if _, _, err := net.SplitHostPort(address); err == nil && !strings.HasPrefix(address, "/") {
			network = "tcp"
		}
		if conn, err := dialer.DialContext(ctx, network, address); err == nil {
			return conn, nil
		}
	}
	return nil, errNobody
}

// stream sends r in chunks, each after its length, and an empty one at the end.
func stream(w io.Writer, r io.Reader) (sent int64, err error) {
	buffer := make([]byte, 4+chunk)
	for {
		n, err := io.ReadFull(r, buffer[4:])
		end := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !end {
			return sent, fmt.Errorf("%w: %w", errReading, err)
		}
		if n > 0 {
			binary.BigEndian.PutUint32(buffer, uint32(n))
			if _, err := w.Write(buffer[:4+n]); err != nil {
				return sent, err
			}
			sent += int64(n)
		}
		if end {
			_, err := w.Write([]byte{0, 0, 0, 0})
			return sent, err
		}
	}
}

// patient is a connection whose every write has its time.
type patient struct {
	net.Conn
	time time.Duration
}

func (p patient) Write(b []byte) (int, error) {
	_ = p.SetWriteDeadline(time.Now().Add(p.time))
	return p.Conn.Write(b)
}

// clean makes one line of an answer.
func clean(answer []byte) string {
	text := strings.ToValidUTF8(string(answer), "?")
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
	return strings.TrimSpace(text)
}
