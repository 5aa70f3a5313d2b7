package stratum_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/stratum"
)

// simulated is a miner in virtual time: its shares are a Poisson process, and a new
// difficulty reaches it after a delay.
type simulated struct {
	random  *rand.Rand
	rate    float64 // difficulty per second
	vardiff *stratum.VarDiff
	e       stratum.Estimator
	now     time.Duration
	told    float64       // by the server
	worksOn float64       // what the miner works on
	arrives time.Duration // when told reaches it
	pending float64       // waits for the next job
	nextJob time.Duration
	aliases int // of the present job
	shares  int
	changes int
}

const (
	delay    = 100 * time.Millisecond
	jobEvery = 30 * time.Second
)

func newSimulated(seed uint64, rate, start float64, v *stratum.VarDiff) *simulated {
	s := &simulated{
		random: rand.New(rand.NewPCG(seed, 7)), rate: rate, vardiff: v,
		told: start, worksOn: start, pending: start, nextJob: jobEvery,
	}
	s.e.Restart(0)
	return s
}

// off is by what factor the difficulty is wrong.
func (s *simulated) off() float64 {
	ideal := max(s.rate*s.vardiff.ShareEvery.Seconds(), float64(s.vardiff.Min))
	return max(s.told/ideal, ideal/s.told)
}

// apply makes the pending difficulty the one told.
func (s *simulated) apply() {
	if s.pending != s.told {
		s.told, s.arrives = s.pending, s.now+delay
		s.e.Restart(s.now)
		s.changes++
	}
}

func (s *simulated) adapt() {
	d, urgent := s.e.Next(s.vardiff, s.told, s.now)
	if d == s.told {
		return
	}
	s.pending = d
	if urgent && s.aliases < 6 {
		s.aliases++
		s.apply()
	}
}

// run lets time pass: a house-keeping look every second, jobs, shares.
func (s *simulated) run(until time.Duration) {
	look := s.now + time.Second
	for s.now < until {
		mean := float64(time.Second) * s.worksOn / s.rate
		share := s.now + time.Duration(min(s.random.ExpFloat64()*mean, 1e18)) + 50*time.Microsecond // no link is faster
		next := min(share, look, s.nextJob)
		if s.worksOn != s.told {
			next = min(next, max(s.arrives, s.now+1)) // Poisson has no memory: the share may be drawn anew
		}
		s.now = next
		switch {
		case s.worksOn != s.told && s.now >= s.arrives:
			s.worksOn = s.told
		case s.now == share:
			s.shares++
			s.e.Share(s.now, s.worksOn == s.told)
			s.adapt()
		case s.now == s.nextJob:
			s.nextJob += jobEvery
			s.aliases = 0
			s.apply()
		case s.now == look:
			look += time.Second
			s.adapt()
		}
	}
}

// settled is by what factor a difficulty may be wrong: a share comes every 3 to 30
// seconds instead of every 10. That is as well as can be known after so few.
const settled = 3

// TestVarDiffSettlesFrom1kHTo1PH: within 30 seconds, from wherever a port starts.
func TestVarDiffSettlesFrom1kHTo1PH(t *testing.T) {
	v := &stratum.VarDiff{}
	v.Fill()
	miners, least := 300, 85
	if bubble.RaceDetector {
		miners, least = 40, 70 // there is no goroutine to be watched
	}
	all, early := 0, 0
	for _, start := range []float64{1e-6, 0.001, 1, 1024, 65536} {
		for hashrate := 1e3; hashrate <= 1e15; hashrate *= 10 {
			good, most := 0, 0
			for i := range miners {
				s := newSimulated(uint64(i), hashrate/(1<<32), start, v)
				s.run(30 * time.Second)
				if s.off() < settled {
					good++
				}
				most = max(most, s.shares)
			}
			t.Logf("from %g, %g H/s: %d %%, at most %d shares", start, hashrate, good*100/miners, most)
			if good < miners*least/100 {
				t.Errorf("from %g, %g H/s: only %d of %d settled after 30 s", start, hashrate, good, miners)
			}
			all, early = all+miners, early+good
		}
	}
	t.Logf("settled after 30 s: %.1f %%", float64(early)*100/float64(all))
	if early < all*96/100 {
		t.Errorf("only %d of %d settled after 30 s", early, all)
	}
}

func TestVarDiffLeavesASteadyMinerAlone(t *testing.T) {
	v := &stratum.VarDiff{}
	v.Fill()
	const miners, hours = 200, 6
	changes, off := 0, 0.0
	for i := range uint64(miners) {
		s := newSimulated(i, 1, 10, v)
		s.run(hours * time.Hour)
		changes += s.changes
		off += math.Log2(s.off())
	}
	hourly, factor := float64(changes)/miners/hours, math.Exp2(off/miners)
	t.Logf("changes an hour: %.2f; off by a factor of %.2f", hourly, factor)
	if hourly > 2 || factor > 1.3 {
		t.Errorf("got %.2f changes an hour, off by a factor of %.2f, want at most 2 and 1.3", hourly, factor)
	}
}

func TestVarDiffFollowsAMinerThatSlowsDown(t *testing.T) {
	v := &stratum.VarDiff{}
	v.Fill()
	const miners = 200
	late := 0
	for i := range uint64(miners) {
		s := newSimulated(i, 1000, 10_000, v)
		s.run(time.Hour)
		s.rate = 10
		s.run(time.Hour + 5*time.Minute)
		if s.off() > 3 {
			late++
		}
	}
	if late > miners/10 {
		t.Errorf("%d of %d still had the wrong difficulty after 5 minutes", late, miners)
	}
}

// withVarDiff lets the test of a bubble see difficulties move.
func withVarDiff(c *stratum.Config) {
	c.Difficulty, c.VarDiff = 1e-6, &stratum.VarDiff{}
}

func TestSilentMinerGetsAnEasierJobAndOldSharesStillCount(t *testing.T) {
	virtually(t, withVarDiff, func(t *testing.T, s *stratum.Server, l *pipes, p *pool) {
		m := l.connect(t, "192.0.2.1")
		m.login("alice")
		old := m.solve(true)
		if message := m.method("mining.set_difficulty"); message["params"].([]any)[0] != 3.33e-8 {
			t.Fatalf("got %v, want 3.33e-8", message)
		}
		if message := m.method("mining.notify"); message["params"].([]any)[0] != "1x1" {
			t.Fatalf("got %v, want the job again as 1x1", message)
		}
		if answer := m.submit("alice", old); answer["result"] != true {
			t.Errorf("share of the job as it was: %v", answer)
		}
		if answer := m.submit("alice", m.solve(true)); answer["result"] != true {
			t.Errorf("share of the job as it is: %v", answer)
		}
		if p.shares[0].Difficulty != 1e-6 || p.shares[1].Difficulty != 3.33e-8 {
			t.Errorf("they weigh %v and %v, want 1e-6 and 3.33e-8", p.shares[0].Difficulty, p.shares[1].Difficulty)
		}
		if p.shares[1].JobID != "1" {
			t.Errorf("got job %q, want 1", p.shares[1].JobID)
		}
	})
}

// TestHonestSharesAreNeverRejectedWhenTheDifficultyChanges: a miner gets faster and
// slower; each share is found for a job as it was sent, and submitted whenever.
func TestHonestSharesAreNeverRejectedWhenTheDifficultyChanges(t *testing.T) {
	virtually(t, withVarDiff, func(t *testing.T, s *stratum.Server, l *pipes, p *pool) {
		random := rand.New(rand.NewPCG(1, 2))
		m := l.connect(t, "192.0.2.1")
		m.login("alice")
		levels := map[pow.Target]bool{}
		var kept [][]string
		for i := range 300 {
			rate := 1e-9 * math.Pow(100, math.Sin(float64(i)/30)+1) / 10 // difficulty per second
			target := m.targets[m.notify[0].(string)]
			levels[target] = true
			for wait := random.ExpFloat64() * float64(target.Difficulty(pow.SHA256d)) / rate; wait > 0; wait-- {
				time.Sleep(time.Duration(min(wait, 1) * float64(time.Second)))
				m.call("mining.ping")
			}
			if i%50 == 49 {
				s.SetJob(newJob(t, fmt.Sprint("n", i), 1, hardBits), i%100 == 99)
				m.call("mining.ping")
			}
			kept = append(kept, m.solve(true))
			if len(kept) < 3 {
				continue
			}
			pick := random.IntN(len(kept)) // an older one may come later
			share := kept[pick]
			kept = slices.Delete(kept, pick, pick+1)
			if answer := m.submit("alice", share); answer["result"] != true && code(answer) != 21 {
				t.Fatalf("share %d, %v: got %v", i, share, answer)
			}
		}
		if shares, _ := p.count(); shares < 290 {
			t.Errorf("%d shares were accepted, want nearly 298", shares)
		}
		if len(levels) < 10 {
			t.Errorf("only %d difficulties were seen", len(levels))
		}
	})
}
