package load_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/stratum"
	"github.com/adit-mining/adit/pool-server/stratum/load"
	"github.com/adit-mining/adit/pool-server/work"
)

// serve runs a real server and returns its address.
func serve(t testing.TB, a pow.Algorithm, d pow.Difficulty, accept func(stratum.Share, func(error))) (string, *stratum.Server) {
	t.Helper()
	s, err := stratum.New(stratum.Config{
		Algorithm: a, Difficulty: d,
		Authorize: func(user, _ string) (stratum.Identity, error) {
			if user == "nobody" {
				return stratum.Identity{}, errors.New("who?")
			}
			return stratum.Identity{Account: user}, nil
		},
		Accept:    accept,
		Candidate: func(s stratum.Share, _ *work.Candidate, done func(error)) { accept(s, done) },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.SetJob(newJob(t, "1", a), true)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}
	})
	return l.Addr().String(), s
}

func newJob(t testing.TB, id string, a pow.Algorithm) *work.Job {
	t.Helper()
	const bits = 0x1a00ffff
	target, err := pow.TargetFromBits(bits)
	if err != nil {
		t.Fatal(err)
	}
	template := &work.Template{
		Version: 0x20000000, PreviousHash: pow.Hash{1, 2, 3}, Height: 7, Bits: bits, Target: target,
		CurTime: 1_700_000_000, MinTime: 1_699_996_400, CoinbaseValue: 50_0000_0000,
		Transactions: []work.Transaction{{Hex: []byte("01"), TxID: pow.Hash{9}}, {Hex: []byte("02"), TxID: pow.Hash{8}}},
	}
	job, err := work.NewJob(id, template, work.Params{Algorithm: a, PayTo: []byte{0x51}, Extranonce2Size: 4})
	if err != nil {
		t.Fatal(err)
	}
	return job
}

func TestEverySharesIsRealAndAnswered(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		algorithm  pow.Algorithm
		difficulty pow.Difficulty
		rate       float64
	}{{pow.SHA256d, 1e-9, 0}, {pow.SHA256d, 1e-9, 400}, {pow.SHA256d, 1e-6, 0}, {pow.Scrypt, 1e-5, 0}, {pow.Scrypt, 1e-5, 100}} {
		t.Run(fmt.Sprintf("%s %g rate %g", test.algorithm, float64(test.difficulty), test.rate), func(t *testing.T) {
			var accepted atomic.Int64
			addr, s := serve(t, test.algorithm, test.difficulty, func(_ stratum.Share, done func(error)) {
				accepted.Add(1)
				done(nil)
			})
			go func() {
				for s.Stats().Sessions < 8 && t.Context().Err() == nil {
					time.Sleep(time.Millisecond)
				}
				time.Sleep(100 * time.Millisecond)
				s.SetJob(newJob(t, "2", test.algorithm), false)
			}()
			r, err := load.Run(t.Context(), load.Options{
				Addr: addr, Connections: 8, Rate: test.rate, Duration: 500 * time.Millisecond, Algorithm: test.algorithm,
			})
			if err != nil {
				t.Fatal(err)
			}
			if r.Sent == 0 || r.Accepted != r.Sent || r.Accepted != accepted.Load() || r.Rejected+r.Unanswered+r.Failed+r.Lost != 0 {
				t.Errorf("%d arrived; got %+v", accepted.Load(), r)
			}
			if test.rate > 0 && (float64(r.Sent) < test.rate/4 || float64(r.Sent) > test.rate) {
				t.Errorf("sent %d in half a second at a rate of %v", r.Sent, test.rate)
			}
			if r.Connections != 8 || r.Jobs != 2 || r.Latency.P50 <= 0 || r.Latency.P50 > r.Latency.P99 || r.Login.Max <= 0 {
				t.Errorf("got %+v", r)
			}
		})
	}
}

func TestRejectsAndErrorsAreCounted(t *testing.T) {
	t.Parallel()
	addr, _ := serve(t, pow.SHA256d, 1e-9, func(_ stratum.Share, done func(error)) { done(errors.New("no")) })
	r, err := load.Run(t.Context(), load.Options{Addr: addr, Connections: 2, Rate: 100, Duration: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if r.Accepted != 0 || r.Rejected == 0 || r.Rejects["20 the pool could not record this share"] != r.Rejected {
		t.Errorf("got %+v", r)
	}
	if _, err := load.Run(t.Context(), load.Options{Addr: addr, Connections: 2, User: "nobody", Duration: time.Second}); err == nil || !strings.Contains(err.Error(), "who?") {
		t.Errorf("got %v, want the server's reason", err)
	}
	for _, o := range []load.Options{{}, {Addr: addr}, {Addr: addr, Connections: 1}, {Addr: addr, Connections: 1, Duration: 1, Algorithm: "x"}} {
		if _, err := load.Run(t.Context(), o); err == nil {
			t.Errorf("%+v: got no error", o)
		}
	}
}

func TestIdleConnectionsSendNothing(t *testing.T) {
	t.Parallel()
	addr, s := serve(t, pow.SHA256d, 1e-9, func(_ stratum.Share, done func(error)) { done(nil) })
	r, err := load.Run(t.Context(), load.Options{Addr: addr, Connections: 20, Rate: -1, Duration: 50 * time.Millisecond})
	if err != nil || r.Sent != 0 || r.Connections != 20 {
		t.Errorf("got %+v, %v", r, err)
	}
	if got := s.Stats(); got.Connections != 20 {
		t.Errorf("got %+v", got)
	}
}

// TestServerThatMisbehaves: nothing it says ends the program or hangs it.
func TestServerThatMisbehaves(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	answers := []string{
		"", "garbage\n", `{"id":1,"result":[[],"zz",4],"error":null}` + "\n", `{"id":1,"result":[[],"00",99],"error":null}` + "\n",
		`{"id":null,"method":"mining.notify","params":["1"]}` + "\n", `{"id":null,"method":"mining.set_difficulty","params":["x"]}` + "\n",
		`{"id":null,"method":"mining.notify","params":["1","00","zz","","[]","x","y","z",true]}` + "\n",
	}
	go func() {
		for i := 0; ; i++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			bufio.NewReader(conn).ReadString('\n')
			conn.Write([]byte(answers[i%len(answers)]))
			conn.Close()
		}
	}()
	r, err := load.Run(t.Context(), load.Options{Addr: l.Addr().String(), Connections: 2 * len(answers), Duration: time.Second, Grace: time.Second})
	if err == nil || r.Failed != int64(2*len(answers)) {
		t.Errorf("got %+v, %v", r, err)
	}
}
