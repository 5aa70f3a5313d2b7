package cpuminer_test

import (
	"bufio"
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/cpuminer"
	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/packaging/bubble"
)

// mineFor runs a miner for a time that passes virtually, against what dial
// connects it to.
func mineFor(t *testing.T, d time.Duration, dial func() (net.Conn, error)) *recorder {
	out := &recorder{t: t, parser: cpuminer.Driver{}.NewParser()}
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	err := cpuminer.Run(ctx, cpuminer.Options{
		URL: "stratum+tcp://pool.invalid:3333", User: "KEY", Algorithm: pow.Scrypt, Threads: 2, JSON: out,
		Dial: func(context.Context, string, string) (net.Conn, error) { return dial() },
	})
	if err != nil {
		t.Errorf("Run = %v", err)
	}
	return out
}

func TestAPoolThatIsAwayIsTriedAgainMoreAndMoreSeldom(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		var attempts int
		out := mineFor(t, time.Hour, func() (net.Conn, error) {
			attempts++
			return nil, &net.DNSError{Err: "no such host", Name: "pool.invalid"}
		})
		if attempts < 50 || attempts > 70 {
			t.Errorf("%d attempts in an hour, want about one a minute", attempts)
		}
		if got := out.problems(miners.CodeDNSFailed); got != attempts {
			t.Errorf("%d of %d failures were told", got, attempts)
		}
	})
}

// play answers each line of the miner with what answer returns, and hangs up
// when that is "hang up". What it has to say waits while the miner writes, as it
// would in the buffers of a network.
func play(answer func(line string) string) func() (net.Conn, error) {
	return func() (net.Conn, error) {
		ours, theirs := net.Pipe()
		replies := make(chan string, 100)
		go func() {
			defer ours.Close()
			for reply := range replies {
				if reply == "hang up" {
					return
				}
				if _, err := ours.Write([]byte(reply)); err != nil {
					return
				}
			}
		}()
		go func() {
			defer close(replies)
			lines := bufio.NewScanner(ours)
			for lines.Scan() {
				replies <- answer(lines.Text())
			}
		}()
		return theirs, nil
	}
}

const subscribed = `{"id":1,"result":[[],"01020304",4],"error":null}` + "\n"

func TestWhatAPoolDoesWrongIsTold(t *testing.T) {
	for _, row := range []struct {
		name   string
		answer func(line string) string
		code   miners.Code
	}{
		{"silence", func(string) string { return "" }, miners.CodeTimeout},
		{"hangs up", func(string) string { return "hang up" }, miners.CodeDisconnected},
		{"not JSON", func(string) string { return "HTTP/1.1 400 Bad Request\r\n" }, miners.CodeProtocolError},
		{"endless line", func(string) string { return strings.Repeat("x", 2<<20) }, miners.CodeProtocolError},
		{"odd subscription", func(string) string { return `{"id":1,"result":[]}` + "\n" }, miners.CodeProtocolError},
		{"huge extranonce", func(string) string { return `{"id":1,"result":[[],"00",99]}` + "\n" }, miners.CodeProtocolError},
		{"refuses us", func(string) string { return `{"id":1,"result":null,"error":[20,"full",null]}` + "\n" }, miners.CodePoolDown},
		{"refuses the user", func(line string) string {
			if strings.Contains(line, "subscribe") {
				return subscribed
			}
			return `{"id":2,"result":false,"error":[24,"bad address",null]}` + "\n"
		}, miners.CodeAuthFailed},
		{"bad job", func(line string) string { return subscribed + `{"method":"mining.notify","params":["1",2]}` + "\n" }, miners.CodeProtocolError},
		{"bad difficulty", func(line string) string {
			return subscribed + `{"method":"mining.set_difficulty","params":[-1]}` + "\n"
		}, miners.CodeProtocolError},
	} {
		t.Run(row.name, func(t *testing.T) {
			bubble.Test(t, func(t *testing.T) {
				out := mineFor(t, 10*time.Minute, play(row.answer))
				if n := out.problems(row.code); n < 8 || n > 20 {
					t.Errorf("%s was told %d times in ten minutes; all: %v", row.code, n, out.events)
				}
			})
		})
	}
}

func TestASilentPoolIsLeft(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		out := mineFor(t, 25*time.Minute, play(func(line string) string {
			switch {
			case strings.Contains(line, "mining.subscribe"):
				return subscribed
			case strings.Contains(line, "mining.authorize"):
				return `{"id":2,"result":true,"error":null}` + "\n"
			}
			return ""
		}))
		timeouts := out.count(func(e miners.Event) bool {
			d, ok := e.(miners.Disconnected)
			return ok && d.Code == miners.CodeTimeout
		})
		if timeouts != 2 {
			t.Errorf("%d time-outs in 25 minutes, want 2; all: %v", timeouts, out.events)
		}
	})
}
