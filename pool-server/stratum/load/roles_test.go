package load_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/stratum"
	"github.com/adit-mining/adit/pool-server/stratum/load"
)

// TestWhoMisbehavesIsReportedApart runs every role at once against the real server:
// nothing that is wrong gets true, and the honest notice nothing.
func TestWhoMisbehavesIsReportedApart(t *testing.T) {
	t.Parallel()
	var accepted atomic.Int64
	addr, s := serve(t, pow.SHA256d, 1e-9, func(_ stratum.Share, done func(error)) { accepted.Add(1); done(nil) })
	r, err := load.Run(t.Context(), load.Options{
		Addr: addr, Connections: 40, Rate: 200, Duration: 1500 * time.Millisecond, Mix: load.Bad(50),
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.Accepted == 0 || r.Rejected+r.Lost+r.Failed+r.Unanswered != 0 {
		t.Errorf("honest connections: got %+v", r)
	}
	if r.WronglyAccepted() != 0 {
		t.Errorf("wrong lines got true: %+v", r.Bad)
	}
	told := r.Accepted
	for role, b := range r.Bad {
		told += b.Accepted
		if role != load.HalfOpen && b.Sent == 0 {
			t.Errorf("%s did nothing: %+v", role, b)
		}
		if b.TurnedAway != 0 {
			t.Errorf("%s could not connect: %+v", role, b)
		}
	}
	for _, role := range []load.Role{load.Duplicate, load.StaleJob, load.LowDiff, load.Unauthorised, load.Garbage, load.Floods} {
		if r.Bad[role].Refused == 0 {
			t.Errorf("%s was never refused: %+v", role, r.Bad[role])
		}
	}
	if r.Bad[load.Huge].Dropped == 0 {
		t.Errorf("lines without end are listened to: %+v", r.Bad[load.Huge])
	}
	if told != accepted.Load() {
		t.Errorf("%d shares got true, the pool has %d", told, accepted.Load())
	}
	if rejected := s.Stats().Rejected; len(rejected) < 4 {
		t.Errorf("the server knows of these rejects: %v", rejected)
	}
}

// TestMisbehaviourThatIsTakenForGoodIsTold: a pool that says true to everything.
func TestMisbehaviourThatIsTakenForGoodIsTold(t *testing.T) {
	t.Parallel()
	addr := scripted(t, nil)
	r, err := load.Run(t.Context(), load.Options{Addr: addr, Connections: 4, Rate: -1, Duration: 300 * time.Millisecond, Mix: load.Mix{load.Honest: 1, load.Duplicate: 1, load.LowDiff: 1, load.StaleJob: 1}})
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []load.Role{load.Duplicate, load.LowDiff, load.StaleJob} {
		if r.Bad[role].Wrong == 0 {
			t.Errorf("%s: got %+v", role, r.Bad[role])
		}
	}
	if !noted(r, "that are wrong") {
		t.Errorf("got %v", r.Notes)
	}
}

// TestChurnLosesNoShare: connections leave when their last answer is there, and come
// back with shares that the pool has not seen.
func TestChurnLosesNoShare(t *testing.T) {
	t.Parallel()
	var accepted atomic.Int64
	addr, _ := serve(t, pow.SHA256d, 1e-9, func(_ stratum.Share, done func(error)) { accepted.Add(1); done(nil) })
	r, err := load.Run(t.Context(), load.Options{Addr: addr, Connections: 10, Rate: 500, Churn: 100, Duration: 700 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if r.Churned < 20 || r.Returned < r.Churned-10 || r.Rejected+r.Lost+r.Failed+r.Unanswered != 0 || r.Accepted != accepted.Load() {
		t.Errorf("%d arrived; got %+v", accepted.Load(), r)
	}
}

// TestResumedSessionsAreCounted asks a pool that gives everybody the same extranonce1.
func TestResumedSessionsAreCounted(t *testing.T) {
	t.Parallel()
	r, err := load.Run(t.Context(), load.Options{Addr: scripted(t, nil), Connections: 2, Rate: 100, Churn: 40, Duration: 400 * time.Millisecond})
	if err != nil || r.Resumed == 0 || r.Resumed >= r.Returned {
		t.Errorf("%d of %d resumed, %v; want about half", r.Resumed, r.Returned, err)
	}
}

// TestBrokenConnectionsComeBack: the server hangs up after every tenth share.
func TestBrokenConnectionsComeBack(t *testing.T) {
	t.Parallel()
	addr, s := serve(t, pow.SHA256d, 1e-9, func(_ stratum.Share, done func(error)) { done(nil) })
	front := listen(t, func(conn net.Conn) {
		back, err := net.Dial("tcp", addr)
		if err != nil {
			return
		}
		defer back.Close()
		go func() { bufio.NewReader(back).WriteTo(conn) }()
		for lines := bufio.NewScanner(conn); lines.Scan(); {
			if strings.Contains(lines.Text(), `"id":19,`) { // the tenth in the pipeline
				return
			}
			fmt.Fprintln(back, lines.Text())
		}
	})
	r, err := load.Run(t.Context(), load.Options{Addr: front, Connections: 2, Duration: 400 * time.Millisecond, Reconnect: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if r.Lost < 3 || r.Returned < 3 || r.Rejected != 0 || r.Accepted+r.Unanswered != r.Sent || int64(s.Stats().Accepted) < r.Accepted {
		t.Errorf("got %+v", r)
	}
}

func TestExtranonceMayChangeUnderWay(t *testing.T) {
	t.Parallel()
	addr := scripted(t, map[string]string{
		"mining.submit": `true,"error":null` + "\n" + `{"id":null,"method":"mining.set_extranonce","params":["0102",8]}` + "\n" + `{"id":null,"method":"client.show_message","params":["hello"]}`,
	})
	r, err := load.Run(t.Context(), load.Options{Addr: addr, Connections: 1, Rate: 200, Duration: 100 * time.Millisecond})
	if err != nil || r.Accepted == 0 || r.Lost != 0 {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"pool.example"}, NotAfter: time.Now().Add(time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: key}}}
	plain := scripted(t, nil)
	addr := listen(t, func(conn net.Conn) {
		back, err := net.Dial("tcp", plain)
		if err != nil {
			return
		}
		defer back.Close()
		front := tls.Server(conn, config)
		go func() { bufio.NewReader(back).WriteTo(front) }()
		bufio.NewReader(front).WriteTo(back)
	})
	o := load.Options{Addr: addr, Connections: 2, Rate: 100, Duration: 100 * time.Millisecond, TLS: &tls.Config{}}
	if _, err := load.Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "--insecure") {
		t.Errorf("got %v, want a refusal of the certificate", err)
	}
	o.TLS = anyCertificate()
	r, err := load.Run(t.Context(), o)
	if err != nil || r.Accepted == 0 || r.Lost != 0 || !r.TLS {
		t.Errorf("got %+v, %v", r, err)
	}
}

// TestBroadcastIsMeasuredFromTheBlock tells of blocks in the three ways.
func TestBroadcastIsMeasuredFromTheBlock(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "blocks")
	web := "http://" + closedPort(t)
	for name, source := range map[string]string{"memory": "", "file": file, "web": web} {
		t.Run(name, func(t *testing.T) {
			addr, s := serve(t, pow.SHA256d, 1e-9, func(_ stratum.Share, done func(error)) { done(nil) })
			memory := make(chan time.Time, 10)
			o := load.Options{Addr: addr, Connections: 20, Rate: -1, Duration: 600 * time.Millisecond, Blocks: memory}
			announce := func() { memory <- time.Now() }
			if source != "" {
				blocks, stop, err := load.BlocksFrom(t.Context(), source)
				if err != nil {
					t.Fatal(err)
				}
				defer stop()
				o.Blocks = blocks
				announce = func() { tellBlock(t, source) }
			}
			ran := make(chan load.Report, 1)
			go func() {
				r, err := load.Run(t.Context(), o)
				if err != nil {
					t.Error(err)
				}
				ran <- r
			}()
			for s.Stats().Sessions < 20 {
				time.Sleep(time.Millisecond)
			}
			time.Sleep(100 * time.Millisecond) // all wait now
			for i := range 3 {
				announce()
				s.SetJob(newJob(t, fmt.Sprint("block", i), pow.SHA256d), true)
				time.Sleep(50 * time.Millisecond)
			}
			r := <-ran
			// On a busy machine a job may come after the next block, or not in time.
			if r.Jobs < 2 || r.CleanSpread.Count < 1 || r.BlockFirst.Count < 1 || r.BlockLast.Count != r.BlockFirst.Count {
				t.Fatalf("got %d jobs, %+v, %+v, %+v", r.Jobs, r.CleanSpread, r.BlockFirst, r.BlockLast)
			}
			if r.BlockLast.Max < r.BlockFirst.Max {
				t.Errorf("first %+v, last %+v, between %+v", r.BlockFirst, r.BlockLast, r.CleanSpread)
			}
		})
	}
	if _, _, err := load.BlocksFrom(t.Context(), filepath.Join(file, "no", "folder")); err == nil {
		t.Error("a file that cannot be is followed")
	}
}

func TestBroadcastsCountFromFirstToLastAndFromTheBlock(t *testing.T) {
	t.Parallel()
	at := func(ms int) time.Time { return time.UnixMilli(int64(ms)) }
	arrivals := []load.Arrival{
		{"old", true, at(50)}, {"old", true, at(60)}, // before any block
		{"a", true, at(110)}, {"a", true, at(104)},
		{"refresh", false, at(150)}, {"refresh", false, at(151)},
		{"b", true, at(203)}, {"b", true, at(223)},
		{"half", true, at(301)}, // came to one only
		{"at login", true, at(402)}, {"at login", true, at(403)},
	}
	blocks := []time.Time{at(100), at(200), at(300), at(400)}
	spread, clean, first, last := load.MeasureBroadcasts(2, 0, blocks, arrivals)
	for name, test := range map[string]struct {
		got      load.Latency
		count    int64
		min, max float64
	}{
		"spread": {spread, 5, 1, 20},
		"clean":  {clean, 4, 1, 20},
		"first":  {first, 3, 2, 4},
		"last":   {last, 3, 3, 23},
	} {
		if g := test.got; g.Count != test.count || g.Min != test.min || g.Max < test.max || g.Max > test.max*1.001 {
			t.Errorf("%s: got %+v, want %d from %v to %v", name, g, test.count, test.min, test.max)
		}
	}
	if spread, _, _, _ := load.MeasureBroadcasts(3, 1, nil, arrivals); spread.Count != 5 {
		t.Errorf("with one who left: got %+v, want five that came to all others", spread)
	}
	if spread, _, _, _ := load.MeasureBroadcasts(3, 0, nil, arrivals); spread.Count != 0 {
		t.Errorf("with one who got nothing: got %+v", spread)
	}
}

func tellBlock(t *testing.T, source string) {
	t.Helper()
	if strings.HasPrefix(source, "http") {
		resp, err := http.Get(source)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return
	}
	f, err := os.OpenFile(source, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = fmt.Fprintf(f, "%.6f\n", float64(time.Now().UnixMicro())/1e6)
		f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestProgressIsToldEachSecond(t *testing.T) {
	t.Parallel()
	addr, _ := serve(t, pow.SHA256d, 1e-9, func(_ stratum.Share, done func(error)) { done(nil) })
	var told []string
	_, err := load.Run(t.Context(), load.Options{
		Addr: addr, Connections: 2, Rate: 50, Ramp: 100 * time.Millisecond, Duration: 1200 * time.Millisecond,
		Progress: func(p load.Progress) { told = append(told, p.String()) },
	})
	if err != nil || len(told) == 0 || !strings.Contains(told[0], "  1 s: ") || !strings.Contains(told[0], "accepted") {
		t.Errorf("got %q, %v", told, err)
	}
}
