package pooltest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

// RPC is the way into a daemon that a harness runs.
type RPC struct {
	URL, User, Password string
}

// Call makes one call and decodes its result into result, unless that is nil. The
// daemon's error answer is an *RPCError.
func (r RPC) Call(result any, method string, params ...any) error {
	body, err := json.Marshal(map[string]any{"jsonrpc": "1.0", "id": 1, "method": method, "params": append([]any{}, params...)})
	if err != nil {
		return err
	}
	req, err := http.NewRequest(http.MethodPost, r.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(r.User+":"+r.Password)))
	client := http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var answer struct {
		Result json.RawMessage `json:"result"`
		Error  *RPCError       `json:"error"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return fmt.Errorf("%s: HTTP status %d: %w", method, resp.StatusCode, err)
	}
	if answer.Error != nil {
		return fmt.Errorf("%s: %w", method, answer.Error)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(answer.Result, result)
}

// Must is Call for answers that a test cannot do without.
func Must[T any](t testing.TB, r RPC, method string, params ...any) (result T) {
	t.Helper()
	if err := r.Call(&result, method, params...); err != nil {
		t.Fatalf("pooltest: %v", err)
	}
	return result
}

// process is a daemon's program while it runs.
type process struct {
	stdin  io.Closer
	output bytes.Buffer // read it only after exited is closed
	exited chan struct{}
}

// A daemon must not outlive the test, even one that dies of a time-out, when no
// cleanup runs. So a shell stands between: its standard input closes with the
// test's process, and then it kills the daemon.
const guard = `exec 3<&0
"$@" </dev/null & p=$!
(read x <&3; kill -9 $p) & g=$!
wait $p; s=$?
kill $g 2>/dev/null
exit $s`

func startProcess(path string, args ...string) (*process, error) {
	return startCommand(exec.Command("/bin/sh", append([]string{"-c", guard, "sh", path}, args...)...))
}

// startCommand starts a guard.
func startCommand(cmd *exec.Cmd) (*process, error) {
	p := &process{exited: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &p.output, &p.output
	cmd.WaitDelay = 10 * time.Second
	var err error
	if p.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		cmd.Wait()
		close(p.exited)
	}()
	return p, nil
}

// kill ends the process at once, as a power cut would.
func (p *process) kill() {
	p.stdin.Close()
	<-p.exited
}

// awaitRPC waits until the daemon answers, or says why it never will.
func (p *process) awaitRPC(r RPC) error {
	deadline := time.After(2 * time.Minute)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		err := r.Call(nil, "getblockcount")
		if err == nil {
			return nil
		}
		select {
		case <-p.exited:
			return fmt.Errorf("it ended at once: %s", p.output.String())
		case <-deadline:
			return fmt.Errorf("no answer within two minutes: %w", err)
		case <-tick.C:
		}
	}
}

// lacking skips the test, or fails it where daemons are demanded.
func lacking(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("ADIT_REQUIRE_DAEMONS") == "1" {
		t.Fatalf("%s (ADIT_REQUIRE_DAEMONS=1)", what)
	}
	t.Skip(what)
}

// freePorts returns n loopback ports that nothing listens on just now. Another
// process may take one before we do; start again then.
func freePorts(t testing.TB, n int) []string {
	t.Helper()
	ports := make([]string, n)
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatalf("pooltest: find a free port: %v", err)
		}
		defer l.Close() // all at the end, so that no port comes twice
		ports[i] = strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// eventually waits for something that a daemon does on its own.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("pooltest: %s: not within a minute", what)
		}
	}
}
