package pooltest

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Redis is a running redis-server on a loopback port, with nothing in it.
type Redis struct {
	Addr    string
	t       testing.TB
	process *process
}

// StartRedis runs Debian's redis-server until the test ends. It keeps nothing on the disk.
func StartRedis(t testing.TB, args ...string) *Redis {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		lacking(t, "redis-server is not installed: "+err.Error())
	}
	for range 3 {
		port, dir := freePorts(t, 1)[0], t.TempDir()
		r := &Redis{Addr: net.JoinHostPort("127.0.0.1", port), t: t}
		if r.process, err = startProcess(path, append([]string{
			"--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", dir}, args...)...); err != nil {
			break
		}
		if err = r.await(); err == nil {
			t.Cleanup(r.process.kill)
			return r
		}
		r.process.kill()
	}
	t.Fatalf("pooltest: start redis: %v", err)
	return nil
}

func (r *Redis) await() (err error) {
	deadline := time.Now().Add(30 * time.Second)
	for {
		var answer string
		if answer, err = r.do("PING"); err == nil && (answer == "+PONG" || strings.HasPrefix(answer, "-NOAUTH")) {
			return nil
		}
		select {
		case <-r.process.exited:
			return errors.New("redis ended at once: " + r.process.output.String())
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return err
		}
	}
}

// Do runs a command, and fails the test if redis refuses it.
func (r *Redis) Do(words ...string) {
	r.t.Helper()
	if answer, err := r.do(words...); err != nil || strings.HasPrefix(answer, "-") {
		r.t.Fatalf("pooltest: redis %v: %s %v", words, answer, err)
	}
}

// DoAs is Do for a redis that wants a password.
func (r *Redis) DoAs(password string, words ...string) {
	r.t.Helper()
	if answer, err := r.ask([]string{"AUTH", password}, words); err != nil || strings.HasPrefix(answer, "-") {
		r.t.Fatalf("pooltest: redis %v: %s %v", words, answer, err)
	}
}

// do returns the first line of the answer.
func (r *Redis) do(words ...string) (string, error) { return r.ask(words) }

// ask returns the first line of the answer to the last command.
func (r *Redis) ask(commands ...[]string) (line string, err error) {
	c, err := net.DialTimeout("tcp", r.Addr, 5*time.Second)
	if err != nil {
		return "", err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(5 * time.Second))
	answers := bufio.NewReader(c)
	for _, words := range commands {
		var b strings.Builder
		fmt.Fprintf(&b, "*%d\r\n", len(words))
		for _, w := range words {
			fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(w), w)
		}
		if _, err := c.Write([]byte(b.String())); err != nil {
			return "", err
		}
		if line, err = answers.ReadString('\n'); err != nil {
			return "", err
		}
	}
	return strings.TrimSpace(line), nil
}
