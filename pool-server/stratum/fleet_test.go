package stratum_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/stratum"
)

// A fleet is thousands of miners on a real server, in virtual time: real sessions,
// real lines, real answers. Only the hashing is left out, for nobody here has a
// petahash: a nonce holds the difficulty that its miner worked at, and the header
// hashes to what just meets that. So a share that is judged by any other difficulty
// than its miner was told with its job is refused, and the test sees it.

// honest hashes a header to what meets the difficulty in its nonce, and nothing much
// harder. The low half makes each header's hash another one.
type honest struct{ algorithm pow.Algorithm }

func (s honest) Sum(header *[pow.HeaderSize]byte) pow.Hash {
	d := math.Float32frombits(binary.LittleEndian.Uint32(header[76:]))
	h := pow.Hash(pow.TargetFromDifficulty(s.algorithm, pow.Difficulty(d)*1.000001))
	unique := sha256.Sum256(header[:])
	copy(h[16:], unique[:16])
	return h
}

// nonceOf is the nonce that honest makes a share of that difficulty from.
func nonceOf(difficulty float64) string {
	return fmt.Sprintf("%08x", math.Float32bits(float32(difficulty)*1.000001))
}

// noBlock are the bits of a network on which no share here is a block.
const noBlock = 0x03000001

// machine is one miner of a fleet.
type machine struct {
	kind  string
	rate  func(since time.Duration) float64 // difficulty per second
	lag   time.Duration                     // from the wire to the chips
	agent string

	mu         sync.Mutex
	told       float64 // by the last mining.set_difficulty
	job        string  // worked on
	difficulty float64 // that job's
	changed    chan struct{}
	accepted   int
	refused    []string
	track      []float64 // off by what factor, each second
}

// listen takes in what the server says, after the lag.
func (m *machine) listen(conn net.Conn) {
	lines := bufio.NewScanner(conn)
	lines.Buffer(make([]byte, 4096), 1<<16)
	for lines.Scan() {
		line := lines.Text()
		m.mu.Lock()
		switch {
		case strings.Contains(line, `"mining.set_difficulty","params":`):
			_, rest, _ := strings.Cut(line, `"params":[`)
			m.told, _ = strconv.ParseFloat(strings.TrimSuffix(rest, "]}"), 64)
		case strings.Contains(line, `"mining.notify","params":`):
			_, rest, _ := strings.Cut(line, `"params":["`)
			job, _, _ := strings.Cut(rest, `"`)
			difficulty := m.told
			time.AfterFunc(m.lag, func() { m.take(strings.Clone(job), difficulty) })
		case strings.Contains(line, `"error":[`):
			m.refused = append(m.refused, line)
		case strings.Contains(line, `"result":true`):
			m.accepted++
		}
		m.mu.Unlock()
	}
}

func (m *machine) take(job string, difficulty float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.job, m.difficulty = job, difficulty
	close(m.changed)
	m.changed = make(chan struct{})
}

// mine finds shares, a Poisson process that may be drawn anew whenever something
// changes, until the end.
func (m *machine) mine(conn net.Conn, random *rand.Rand, begin time.Time, lasts time.Duration) {
	fmt.Fprintf(conn, `{"id":1,"method":"mining.subscribe","params":["%s"]}`+"\n", m.agent)
	fmt.Fprintf(conn, `{"id":2,"method":"mining.authorize","params":["%s","x"]}`+"\n", m.kind)
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for n := uint32(1); ; {
		m.mu.Lock()
		job, difficulty, changed := m.job, m.difficulty, m.changed
		m.mu.Unlock()
		since := time.Since(begin)
		if since >= lasts {
			return
		}
		var share <-chan time.Time
		if rate := m.rate(since); rate > 0 && job != "" {
			wait := random.ExpFloat64() * difficulty / rate
			share = time.After(time.Duration(min(wait, 1e6)*float64(time.Second)) + 200*time.Microsecond)
		}
		select {
		case <-share:
			fmt.Fprintf(conn, `{"id":%d,"method":"mining.submit","params":["%s","%s","%08x","%08x","%s"]}`+"\n",
				n+9, m.kind, job, n, 1_700_000_000, nonceOf(difficulty))
			n++
		case <-changed:
		case <-second.C:
			m.note(since)
		}
	}
}

// note keeps by what factor the difficulty is wrong now.
func (m *machine) note(since time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ideal := max(m.rate(since)*10, 1e-9)
	m.track = append(m.track, max(m.told/ideal, ideal/m.told))
}

// steady and the others are kinds of machines, by how fast they are when.
func steady(rate float64) func(time.Duration) float64 {
	return func(time.Duration) float64 { return rate }
}

func step(rate, factor float64, at time.Duration) func(time.Duration) float64 {
	return func(since time.Duration) float64 {
		if since >= at {
			return rate * factor
		}
		return rate
	}
}

func bursts(rate float64) func(time.Duration) float64 {
	return func(since time.Duration) float64 {
		if since%(time.Minute) < 20*time.Second {
			return rate
		}
		return 0
	}
}

// proxy has machines of its own that come one after the other.
func proxy(rate float64) func(time.Duration) float64 {
	return func(since time.Duration) float64 {
		return rate * float64(1+min(since, 4*time.Minute)/(5*time.Second))
	}
}

const fleetLasts = 10 * time.Minute

// newFleet makes n machines from 1 kH/s to 1 PH/s.
func newFleet(n int) []*machine {
	random := rand.New(rand.NewPCG(5, 5))
	fleet := make([]*machine, n)
	for i := range fleet {
		rate := math.Pow(10, 3+12*random.Float64()) / (1 << 32)
		m := &machine{kind: "steady", rate: steady(rate), agent: "test/1"}
		m.lag = time.Duration(10+random.IntN(190)) * time.Millisecond
		switch i % 10 {
		case 5:
			m.kind, m.rate = "silent", step(rate, 0, 2*time.Minute)
		case 6:
			m.kind, m.rate = "faster", step(rate, 50, 3*time.Minute)
		case 7:
			m.kind, m.rate = "slower", step(rate, 0.02, 3*time.Minute)
		case 8:
			m.kind, m.rate = "bursts", bursts(rate)
		case 9:
			m.kind, m.rate = "proxy", proxy(rate)
		}
		fleet[i] = m
	}
	return fleet
}

// run lets a fleet mine on a server for fleetLasts.
func run(t *testing.T, fleet []*machine) {
	bubble.Test(t, func(t *testing.T) {
		var p pool
		c := p.config()
		c.Difficulty, c.VarDiff = 1, &stratum.VarDiff{}
		c.Accept = func(_ stratum.Share, done func(error)) { done(nil) }
		s := newServer(t, c)
		s.UseHasher(honest{pow.SHA256d}.Sum)
		s.SetJob(newJob(t, "0", 1, noBlock), true)
		l := newPipes()
		ctx, cancel := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- s.Serve(ctx, l) }()
		begin := time.Now()
		var mining, listening sync.WaitGroup
		var conns []io.Closer
		for i, m := range fleet {
			m.changed = make(chan struct{}) // of this bubble
			ours, theirs := net.Pipe()
			l.conns <- addressed{theirs, fmt.Sprintf("10.0.%d.%d", i/250, i%250)}
			conns = append(conns, ours)
			random := rand.New(rand.NewPCG(9, uint64(i)))
			listening.Go(func() { m.listen(ours) })
			mining.Go(func() { m.mine(ours, random, begin, fleetLasts) })
		}
		for i := 1; time.Since(begin) < fleetLasts; i++ {
			time.Sleep(30 * time.Second)
			s.SetJob(newJob(t, fmt.Sprint(i), 1, noBlock), i%4 == 0)
		}
		mining.Wait()
		time.Sleep(time.Second)
		cancel()
		for _, c := range conns {
			c.Close()
		}
		listening.Wait()
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}
		synctest.Wait()
	})
}

// TestFleet: no honest share is refused, whatever a machine does, and the difficulty
// finds every kind of it. ADIT_FLEET sets how many there are.
func TestFleet(t *testing.T) {
	n := 300
	if bubble.RaceDetector {
		n = 60
	}
	if set, err := strconv.Atoi(os.Getenv("ADIT_FLEET")); err == nil {
		n = set
	}
	fleet := newFleet(n)
	run(t, fleet)
	at := map[string][]int{ // seconds after which a kind is looked at
		"steady": {30, 120, 600}, "silent": {30, 600}, "faster": {30, 240, 600}, "slower": {30, 420, 600}, "proxy": {600},
	}
	good, all := map[string]int{}, map[string]int{}
	shares := 0
	for i, m := range fleet {
		shares += m.accepted
		if len(m.refused) > 0 {
			t.Errorf("machine %d (%s): %d shares were refused, such as %s", i, m.kind, len(m.refused), m.refused[0])
		}
		if m.accepted == 0 {
			t.Errorf("machine %d (%s) has no share", i, m.kind)
		}
		for _, second := range at[m.kind] {
			key := fmt.Sprintf("%s after %3d s", m.kind, second)
			all[key]++
			if off := m.track[min(second, len(m.track)-1)]; off < settled {
				good[key]++
			}
		}
	}
	t.Logf("%d machines, %d shares, none refused", n, shares)
	for key, of := range all {
		t.Logf("%s: %d of %d settled", key, good[key], of)
		if want := of*4/5 - 1; good[key] < want { // chance has its say, the more so the fewer they are
			t.Errorf("%s: %d of %d settled, want at least %d", key, good[key], of, want)
		}
	}
}
