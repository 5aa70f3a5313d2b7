package load_test

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

// listen accepts connections until the test ends, each on a goroutine of its own.
func listen(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				handle(conn)
			}()
		}
	}()
	return l.Addr().String()
}

// answering answers the first bytes of each connection with a text and hangs up.
func answering(t *testing.T, answer func() string) string {
	return listen(t, func(conn net.Conn) {
		conn.Read(make([]byte, 1000))
		io.WriteString(conn, answer())
	})
}

// closedPort is a port at which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func anyCertificate() *tls.Config { return &tls.Config{InsecureSkipVerify: true} }

// aJob is a mining.notify, and with it the difficulty that makes every fourth hash a
// share.
const aJob = `{"id":null,"method":"mining.set_difficulty","params":[1e-9]}
{"id":null,"method":"mining.notify","params":["a","0000000000000000000000000000000000000000000000000000000000000000","01","02",[],"20000000","1d00ffff","65000000",true]}
`

// silence is no answer at all.
const silence = "silence"

// scripted is a pool that says true to everything but what answers says otherwise, as
// the rest of a line after "result":.
func scripted(t *testing.T, answers map[string]string) string {
	return listen(t, func(conn net.Conn) {
		lines := bufio.NewScanner(conn)
		for lines.Scan() {
			var request struct {
				ID     json.RawMessage
				Method string
			}
			if json.Unmarshal(lines.Bytes(), &request) != nil {
				return
			}
			answer, ok := answers[request.Method]
			switch {
			case answer == silence:
				continue
			case ok:
			case request.Method == "mining.subscribe":
				answer = `[["mining.notify","session-1"],"00aabbcc",4],"error":null`
			default:
				answer = `true,"error":null`
			}
			line, more, _ := strings.Cut(answer, "\n")
			fmt.Fprintf(conn, "{\"id\":%s,\"result\":%s}\n", request.ID, line)
			if more != "" {
				fmt.Fprintln(conn, more)
			}
			if request.Method == "mining.authorize" {
				io.WriteString(conn, aJob)
			}
		}
	})
}
