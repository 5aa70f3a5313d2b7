package stratum_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/adit-mining/adit/pool-server/stratum"
)

// TestConversations plays testdata/conversations/*.txt over TCP. In a file
//
//	> LINE      the miner sends; {share} is a new good share's job, extranonce2,
//	            ntime and nonce, {SHARE} in capitals, {same} the last one, {upper} it in
//	            capitals, {low} a new one below its target, {rolled BITS} a good one with these version
//	            bits, {job} the newest job, {session} the id that
//	            mining.subscribe gave, {extranonce1} what came with it at first
//	< JSON      the server sends; "*" stands for anything, {...} as above
//	! job ID TIP [clean] | raw "TEXT" | stale REASON | closed
//	            a new job; bytes sent without a line's end; no work; the server hangs up
//	! reconnect | mask HEX | extranonces | size N | message TEXT | return
//	            the miner hangs up and comes back; Server's methods: SetVersionMask,
//	            NewExtranonces, a job with that size of extranonce2, ShowMessage, Reconnect
//	# comment
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/conversations/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no conversations: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) { converse(t, file) })
	}
}

type conversation struct {
	t       *testing.T
	server  *stratum.Server
	address string
	miner   *miner
	last    []string // share
	session string
	en1     string
}

func converse(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var p pool
	s := newServer(t, p.config())
	s.SetJob(newJob(t, "1", 1, hardBits), true)
	c := conversation{t: t, server: s, address: serve(t, s)}
	c.miner = dial(t, c.address)
	for i, line := range strings.Split(string(text), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		if problem := c.step(line[0], strings.TrimPrefix(line[1:], " ")); problem != "" {
			t.Fatalf("%s:%d: %s: %s", file, i+1, line, problem)
		}
	}
}

// step plays one line and says what is wrong with the server's part.
func (c *conversation) step(mark byte, rest string) string {
	switch mark {
	case '>':
		c.miner.send(c.fill(rest))
	case '<':
		var want any
		if err := json.Unmarshal([]byte(c.fill(rest)), &want); err != nil {
			return err.Error()
		}
		got, err := c.miner.read()
		if err != nil {
			return err.Error()
		}
		c.learn(got)
		if !matches(want, got) {
			text, _ := json.Marshal(got)
			return "got " + string(text)
		}
	case '!':
		return c.command(rest)
	default:
		return "no such mark"
	}
	return ""
}

func (c *conversation) command(line string) string {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "job":
		fields := strings.Fields(rest)
		tip, err := strconv.Atoi(fields[1])
		if err != nil {
			return err.Error()
		}
		c.server.SetJob(newJob(c.t, fields[0], byte(tip), hardBits), len(fields) > 2)
	case "stale":
		c.server.Stale(rest)
	case "raw":
		text, err := strconv.Unquote(rest)
		if err != nil {
			return err.Error()
		}
		if _, err := io.WriteString(c.miner.conn, text); err != nil {
			return err.Error()
		}
	case "reconnect":
		tried := c.miner.tried
		c.miner.conn.Close()
		c.miner = dial(c.t, c.address)
		c.miner.tried = tried // with the same extranonce1 it would find the same again
	case "mask":
		mask, err := strconv.ParseUint(rest, 16, 32)
		if err != nil {
			return err.Error()
		}
		c.server.SetVersionMask(uint32(mask))
	case "extranonces":
		c.server.NewExtranonces()
	case "size":
		size, err := strconv.Atoi(rest)
		if err != nil {
			return err.Error()
		}
		c.server.SetJob(newJobSized(c.t, "s"+rest, 1, hardBits, size), true)
	case "message":
		c.server.ShowMessage(rest)
	case "return":
		if err := c.server.Reconnect("", 0, 0); err != nil {
			return err.Error()
		}
	case "closed":
		if message, err := c.miner.read(); !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
			return "got " + strings.TrimSpace(strings.Join([]string{toText(message), errText(err)}, " "))
		}
	default:
		return "no such command"
	}
	return ""
}

func toText(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func (c *conversation) fill(line string) string {
	switch {
	case strings.Contains(line, "{share}"):
		c.last = c.miner.solve(true)
	case strings.Contains(line, "{SHARE}"):
		c.last = c.miner.solve(true)
		line = strings.Replace(line, "{SHARE}", "{upper}", 1)
	case strings.Contains(line, "{low}"):
		c.last = c.miner.solve(false)
	case strings.Contains(line, "{rolled "):
		_, rest, _ := strings.Cut(line, "{rolled ")
		bits, _, _ := strings.Cut(rest, "}")
		c.last = c.miner.solveRolled(bits)
		line = strings.Replace(line, "{rolled "+bits+"}", "{same}", 1)
	}
	same := `"` + strings.Join(c.last, `","`) + `"`
	newest := ""
	if c.miner.notify != nil {
		newest = c.miner.notify[0].(string)
	}
	return strings.NewReplacer("{share}", same, "{low}", same, "{same}", same,
		"{upper}", strings.ToUpper(same), "{job}", newest,
		"{session}", c.session, "{extranonce1}", c.en1).Replace(line)
}

// learn keeps what the first answer to mining.subscribe said.
func (c *conversation) learn(message map[string]any) {
	result, _ := message["result"].([]any)
	if len(result) != 3 || c.session != "" {
		return
	}
	c.en1 = result[1].(string)
	c.session = result[0].([]any)[1].([]any)[1].(string)
}

// matches reports whether got is what was wanted, where "*" is anything.
func matches(want, got any) bool {
	if want == "*" {
		return true
	}
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		if !ok || len(got) != len(want) {
			return false
		}
		for key := range want {
			if _, has := got[key]; !has || !matches(want[key], got[key]) {
				return false
			}
		}
		return true
	case []any:
		got, ok := got.([]any)
		if !ok || len(got) != len(want) {
			return false
		}
		for i := range want {
			if !matches(want[i], got[i]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(want, got)
}
