package e2e_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/stratum/load"
)

const (
	// attackTime is how long each attack lasts; `ADIT_ATTACK_TIME=10s` for figures.
	attackTime = 3 * time.Second
	// honestWait is the median time to an answer that an honest miner may have to
	// bear meanwhile. Attackers, miner and server share the processor, and the disk
	// with other tests; without limits it is several hundred milliseconds.
	honestWait = 100.0
	// attackedMemory is what the server may use in all that: about 6 kB for each
	// half-open connection, and itself.
	attackedMemory = 200 << 20
)

// attackers are strangers from an address that is never banned, for all of this
// comes from loopback.
var attackers = []struct {
	name        string
	connections int
	attack      func(conn net.Conn, stop <-chan struct{})
}{
	{"half-open", 2000, func(_ net.Conn, stop <-chan struct{}) { <-stop }},
	{"slowloris", 1000, drip},
	{"unfinished TLS", 1000, func(conn net.Conn, stop <-chan struct{}) { helloOnly(conn); <-stop }},
	{"TLS and out again", 20, func(conn net.Conn, _ <-chan struct{}) { overTLS(conn).Handshake() }},
	{"garbage", 20, flood(strings.Repeat("\xff\x00{{{[[[]]]\"\\u0000\n", 200))},
	{"deep json", 20, flood(strings.Repeat("[", 4000) + "\n")},
	{"lines without end", 20, flood(strings.Repeat("x", 64<<10))},
	{"names that cannot be paid", 20, flood(strings.Repeat(`{"id":3,"method":"mining.authorize","params":["n\u00f6rd<script>\u202e","d=NaN"]}`+"\n", 100))},
	{"odd difficulties", 20, flood(oddDifficulties)},
	{"shares of no job", 20, flood(strings.Repeat(`{"id":4,"method":"mining.submit","params":["`+goodAccount+`","ffff","00000000","00000000","00000000"]}`+"\n", 200))},
	{"answers that nobody reads", 100, deaf},
	{"reconnects", 30, func(net.Conn, <-chan struct{}) {}},
}

const oddDifficulties = `{"id":1,"method":"mining.suggest_difficulty","params":[1e300]}
{"id":1,"method":"mining.suggest_difficulty","params":[-1]}
{"id":1,"method":"mining.suggest_difficulty","params":["NaN"]}
{"id":1,"method":"mining.suggest_difficulty","params":[1e-320]}
{"id":1,"method":"mining.suggest_target","params":["0000000000000000000000000000000000000000000000000000000000000001"]}
{"id":1,"method":"mining.configure","params":[["minimum-difficulty","version-rolling"],{"minimum-difficulty.value":1e308,"version-rolling.min-bit-count":-5}]}
`

// TestHonestMinersAreServedUnderAttack runs each attack against the built pool while
// honest miners work.
func TestHonestMinersAreServedUnderAttack(t *testing.T) {
	pool, _ := securePool(t)
	lasts := attackTime
	if text := os.Getenv("ADIT_ATTACK_TIME"); text != "" {
		var err error
		if lasts, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	report := func(t *testing.T) load.Report {
		var r load.Report
		out := must(t, "adit-pool", "load", "--addr", pool.Stratum, "--json", "--connections", "20", "--rate", "100", "--duration", lasts.String())
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatal(err)
		}
		memory := resident(t, pool.cmd.Process.Pid)
		t.Logf("honest: %d accepted, %d rejected, p50 %.1f ms, p99 %.1f ms; server: %d MB", r.Accepted, r.Rejected, r.Latency.P50, r.Latency.P99, memory>>20)
		if memory > attackedMemory {
			t.Errorf("the server has %d bytes of memory, want at most %d", memory, attackedMemory)
		}
		return r
	}
	report(t)
	for _, a := range attackers {
		t.Run(a.name, func(t *testing.T) {
			stop := make(chan struct{})
			var running sync.WaitGroup
			for range a.connections {
				running.Go(func() { attackUntil(stop, pool.Stratum, a.attack) })
			}
			time.Sleep(lasts / 3)
			r := report(t)
			close(stop)
			running.Wait()
			if r.Latency.P50 > honestWait {
				t.Errorf("half of the honest shares waited %.1f ms or longer, want at most %v", r.Latency.P50, honestWait)
			}
			if want := int64(lasts.Seconds() * 40); int64(r.Accepted) < want {
				t.Errorf("%d honest shares were accepted, want at least %d", r.Accepted, want)
			}
		})
	}
	pool.stop(t)
}

// attackUntil connects and attacks until stop, again and again if it is thrown out.
func attackUntil(stop <-chan struct{}, address string, attack func(net.Conn, <-chan struct{})) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(5 * time.Millisecond):
		}
		conn, err := net.Dial("tcp", address)
		if err != nil {
			continue
		}
		ended := make(chan struct{})
		go func() { // wakes an attacker who waits for the server
			select {
			case <-stop:
				conn.SetDeadline(time.Unix(1, 0))
			case <-ended:
			}
		}()
		attack(conn, stop)
		close(ended)
		conn.Close()
	}
}

// flood sends block without end, and reads what comes.
func flood(block string) func(net.Conn, <-chan struct{}) {
	return func(conn net.Conn, _ <-chan struct{}) {
		var reading sync.WaitGroup
		reading.Go(func() { io.Copy(io.Discard, conn) })
		defer reading.Wait()
		defer conn.Close()
		for _, err := io.WriteString(conn, signIn); err == nil; {
			_, err = io.WriteString(conn, block)
		}
	}
}

// deaf asks without end and reads nothing.
func deaf(conn net.Conn, _ <-chan struct{}) {
	for _, err := io.WriteString(conn, signIn); err == nil; {
		_, err = io.WriteString(conn, strings.Repeat(`{"id":4,"method":"mining.get_transactions","params":[]}`+"\n", 50))
	}
}

// helloOnly begins a TLS handshake, and hears what the server makes of it.
func helloOnly(conn net.Conn) {
	overTLS(&unanswered{conn}).Handshake()
}

// unanswered is a connection on which only the first is said.
type unanswered struct{ net.Conn }

func (u *unanswered) Read([]byte) (int, error) {
	b := make([]byte, 4096)
	u.Conn.Read(b)
	return 0, io.EOF
}

// drip sends a line a byte a second.
func drip(conn net.Conn, stop <-chan struct{}) {
	for {
		if _, err := io.WriteString(conn, "{"); err != nil {
			return
		}
		select {
		case <-stop:
			return
		case <-time.After(time.Second):
		}
	}
}

var signIn = fmt.Sprintf("{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}\n{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"%s\",\"x\"]}\n", goodAccount)

// TestAShareCountsOnceInWhateverSpelling sends one share to the built pool in every
// mixture of capitals, with zeros before and spaces behind.
func TestAShareCountsOnceInWhateverSpelling(t *testing.T) {
	pool := servedCoin(t)
	m := dialWhenReady(t, pool.Stratum, goodAccount+".spelling", pow.SHA256d)
	share := m.Solve()
	accepted := 0
	for spelling := range 200 {
		again := append([]any(nil), share...)
		for field := 2; field < 5; field++ {
			again[field] = respell(share[field].(string), spelling)
		}
		if spelling%7 == 1 {
			again = append(again, "00000000") // no rolled version bits, as none at all
		}
		if _, err := m.Call("mining.submit", again...); err == nil {
			accepted++
		}
	}
	if accepted != 1 {
		t.Errorf("a share counted %d times, want once", accepted)
	}
	pool.stop(t)
}

// respell writes hex with other capitals, and now and then as it must not be read.
func respell(hex string, spelling int) string {
	switch {
	case spelling%11 == 1:
		return "0x" + hex
	case spelling%11 == 2:
		return "00" + hex
	case spelling%11 == 3:
		return hex + " "
	}
	letters := []rune(hex)
	for i := range letters {
		if spelling>>(i%8)&1 == 1 {
			letters[i] = unicode.ToUpper(letters[i])
		}
	}
	return string(letters)
}
