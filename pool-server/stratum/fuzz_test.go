package stratum_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/stratum"
)

// seeds adds what miners say in the conversations.
func seeds(f *testing.F, add func(line string)) {
	files, err := filepath.Glob("testdata/conversations/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if said, ok := strings.CutPrefix(line, "> "); ok {
				add(strings.TrimSuffix(said, "\n"))
			}
		}
	}
}

// FuzzPlainLine holds the fast reader against encoding/json: what it accepts means
// the same to both.
func FuzzPlainLine(f *testing.F) {
	seeds(f, func(line string) { f.Add(line) })
	for _, line := range []string{
		`{"id":01,"method":"a"}`, `{"id":1,"method":"a","params":[1e5,-2]}`, `{"id":1,"id":2,"method":"a"}`, `{"ID":1,"method":"a"}`,
		`{"id":"\u0041","method":"a"}`, `{"id":1,"method":"a","params":["é"]}`, `{"id":1,"method":"a",}`, `{ "id" : null , "method" : "a" , "params" : [ null , "b" ] }`,
		`{"id":1,"method":"a","params":["1","2","3","4","5","6","7","8"]}`, "{\"id\":1,\"method\":\"a\x7f\"}", `{"id":1,"method":"a"}}`,
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		line = strings.Trim(line, " \t\r")
		plain, any := stratum.ParsePlain(line), stratum.ParseAny(line)
		if plain.OK && plain != any {
			t.Errorf("%q:\nplain %+v\njson  %+v", line, plain, any)
		}
		if !json.Valid([]byte(any.ID)) {
			t.Errorf("%q: id %q is no JSON", line, any.ID)
		}
	})
}

func TestOrdinaryLinesAreRead(t *testing.T) {
	for _, line := range []string{
		`{"id": 4, "method": "mining.submit", "params": ["alice.rig", "1", "00000001", "6553f100", "0000abcd"]}`,
		`{"params":["alice","1","00000001","6553f100","0000abcd","00002000"],"id":"7","method":"mining.submit"}`,
		`{"id":1,"method":"mining.subscribe","params":[]}`, `{"id":2,"jsonrpc":"2.0","method":"mining.ping"}`,
	} {
		if !stratum.ParsePlain(line).OK {
			t.Errorf("the fast reader does not read %s", line)
		}
	}
}

// FuzzSession lets a stranger say anything. The server answers in JSON, at most
// once a line, and lives on.
func FuzzSession(f *testing.F) {
	var all []byte
	seeds(f, func(line string) {
		f.Add([]byte(line + "\n"))
		all = append(all, line+"\n"...)
	})
	f.Add(all)
	f.Add([]byte("\x16\x03\x01"))
	f.Add(bytes.Repeat([]byte("a"), 20_000))
	f.Fuzz(func(t *testing.T, said []byte) {
		var p pool
		s := newServer(t, p.config())
		s.SetJob(newJob(t, "1", 1, hardBits), true)
		l := newPipes()
		ctx, cancel := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- s.Serve(ctx, l) }()
		m := l.connect(t, "192.0.2.1")

		heard := make(chan int)
		go func() {
			answers := 0
			for lines := bufio.NewScanner(m.conn); lines.Scan(); {
				var message struct {
					ID     json.RawMessage
					Method string
				}
				if err := json.Unmarshal(lines.Bytes(), &message); err != nil {
					t.Errorf("said %q, heard %q: %v", said, lines.Bytes(), err)
				}
				if message.Method == "" {
					answers++
				}
			}
			heard <- answers
		}()
		m.conn.Write(said)
		m.conn.Write([]byte("\n"))
		cancel()
		if answers, lines := <-heard, bytes.Count(said, []byte("\n"))+1; answers > lines {
			t.Errorf("%d answers to %d lines", answers, lines)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}
	})
}
