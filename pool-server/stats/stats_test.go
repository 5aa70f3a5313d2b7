package stats_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/stats"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// hashes is what one share of difficulty 1 of these tests takes.
var hashes = pow.Scrypt.Hashes(1)

func share(worker string, connected, at time.Time) stats.Share {
	return stats.Share{
		Pool: "ltc", Account: "alice", Worker: worker, Algorithm: pow.Scrypt,
		Difficulty: 1, Connected: connected, Time: at,
	}
}

func near(got, want pow.Hashrate, tolerance float64) bool {
	return math.Abs(float64(got-want)) <= tolerance*float64(want)
}

func TestErrorBarIsTheExactPoissonInterval(t *testing.T) {
	for _, c := range []struct{ n, low, high float64 }{ // Garwood 1936, 95 %
		{1, 0.0253, 5.572}, {2, 0.2422, 7.225}, {10, 4.795, 18.39}, {29, 19.42, 41.65}, {30, 20.24, 42.83}, {100, 81.36, 121.6}, {1000, 938.9, 1063.9},
	} {
		r := stats.Estimate(c.n, c.n, time.Second)
		if !near(r.Hashrate, pow.Hashrate(c.n), 1e-9) || !near(r.Low, pow.Hashrate(c.low), 0.002) || !near(r.High, pow.Hashrate(c.high), 0.002) {
			t.Errorf("%v shares: %v in [%v, %v], want [%v, %v]", c.n, float64(r.Hashrate), float64(r.Low), float64(r.High), c.low, c.high)
		}
	}
	if r := stats.Estimate(0, 0, time.Minute); r != (stats.Rate{}) {
		t.Errorf("no shares: %v", r)
	}
}

func TestHashrateIsRightFromTheFirstShare(t *testing.T) {
	s := stats.New(stats.Options{})
	connected := start.Add(47 * time.Second)
	at := connected.Add(20 * time.Second)
	s.ShareAccepted(share("rig", connected, at))
	r := s.Hashrate("ltc", "alice", "rig", at)
	if want := pow.Hashrate(hashes / 20); !near(r.Hashrate, want, 1e-9) || r.Low >= r.Hashrate/10 || r.High <= 5*r.Hashrate {
		t.Errorf("after one share in 20 s: %+v, want %v with a wide bar", r, want)
	}
}

// TestErrorBarsHoldWhatTheyPromise lets many miners of known hashrate mine, with
// the difficulty changing on the way, and looks at their estimates at some moment.
// TestEqualSharesOfOneMomentAllCount: sets of "difficulty:worker:time" lose them.
func TestEqualSharesOfOneMomentAllCount(t *testing.T) {
	s := stats.New(stats.Options{})
	for range 10_000 {
		s.ShareAccepted(share("rig", start, start.Add(time.Minute)))
	}
	got := s.Account("ltc", "alice", start.Add(2*time.Minute))
	if got.Accepted != 10_000 {
		t.Errorf("got %d shares, want 10,000", got.Accepted)
	}
	if want := pow.Hashrate(10_000 * hashes / 120); !near(got.Rate.Hashrate, want, 0.01) {
		t.Errorf("got %v, want %v", got.Rate.Hashrate, want)
	}
}

func TestErrorBarsHoldWhatTheyPromise(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, after := range []time.Duration{30 * time.Second, 5 * time.Minute, 45 * time.Minute} {
		const miners = 1000
		inside, sum := 0, 0.0
		perSecond := 0.2 // shares of difficulty 1
		for m := range miners {
			s := stats.New(stats.Options{})
			connected := start.Add(time.Duration(m) * 777 * time.Millisecond)
			for at, d := connected, 1.0; ; d = float64(1 + m%2*int(at.Unix()/60%3)) {
				at = at.Add(time.Duration(random.ExpFloat64() * d / perSecond * 1e9))
				if at.Sub(connected) > after {
					break
				}
				one := share("rig", connected, at)
				one.Difficulty = pow.Difficulty(d)
				s.ShareAccepted(one)
			}
			r := s.Hashrate("ltc", "alice", "rig", connected.Add(after))
			truth := pow.Hashrate(perSecond * hashes)
			if r.Low <= truth && truth <= r.High {
				inside++
			}
			sum += float64(r.Hashrate / truth)
		}
		if inside < 930 {
			t.Errorf("after %v: the error bar holds the truth for %d of %d miners, want 950", after, inside, miners)
		}
		if mean := sum / miners; mean < 0.96 || mean > 1.04 {
			t.Errorf("after %v: estimates are %.3f of the truth on average", after, mean)
		}
	}
}

func TestPoolIsTheSumOfItsWorkers(t *testing.T) {
	s := stats.New(stats.Options{})
	for w := range 50 {
		for i := 1; i <= 60; i++ {
			one := share(fmt.Sprint("rig", w), start, start.Add(time.Duration(i)*10*time.Second))
			one.Account = fmt.Sprint("account", w%25)
			s.ShareAccepted(one)
		}
	}
	p := s.Pool("ltc", start.Add(10*time.Minute))
	want := pow.Hashrate(50 * hashes / 10)
	if !near(p.Rate.Hashrate, want, 0.01) || p.Rate.Low < want*9/10 || p.Rate.High > want*11/10 {
		t.Errorf("pool %+v, want %v within 4 %%", p.Rate, want)
	}
	if p.Miners != 25 || p.Workers != 50 || p.Accepted != 3000 {
		t.Errorf("%d miners, %d workers, %d shares", p.Miners, p.Workers, p.Accepted)
	}
	if other := s.Pool("doge", start); other.Miners != 0 || other.Rate != (stats.Rate{}) {
		t.Errorf("an unknown pool has %+v", other)
	}
}

func TestASilentWorkerGoesOfflineAndComesBackWithAFreshEstimate(t *testing.T) {
	s := stats.New(stats.Options{})
	for i := range 300 {
		s.ShareAccepted(share("rig", start, start.Add(time.Duration(i)*time.Second)))
	}
	off := start.Add(299*time.Second + 5*time.Minute + time.Second)
	a := s.Account("ltc", "alice", off)
	if a.Online != 0 || a.Workers[0].Online || a.Rate != (stats.Rate{}) || a.Accepted != 300 {
		t.Errorf("after six minutes of silence: %+v", a)
	}
	back := off.Add(4 * time.Minute)
	s.ShareAccepted(share("rig", back, back.Add(10*time.Second)))
	r := s.Hashrate("ltc", "alice", "rig", back.Add(10*time.Second))
	if want := pow.Hashrate(hashes / 10); !near(r.Hashrate, want, 1e-9) {
		t.Errorf("back after a pause: %v, want %v", r.Hashrate, want)
	}
}

func TestARareSharerIsNotCalledOffline(t *testing.T) {
	s := stats.New(stats.Options{})
	for i := 1; i <= 5; i++ {
		s.ShareAccepted(share("slow", start, start.Add(time.Duration(i)*4*time.Minute)))
	}
	last := start.Add(20 * time.Minute)
	if w := s.Account("ltc", "alice", last.Add(12*time.Minute)).Workers[0]; !w.Online || w.Rate.Hashrate <= 0 {
		t.Errorf("a share each four minutes, silent for 12: %+v, want online", w)
	}
	if w := s.Account("ltc", "alice", last.Add(40*time.Minute)).Workers[0]; w.Online {
		t.Errorf("silent for 40 minutes: %+v, want offline", w)
	}
}

func TestAHashrateThatFallsIsSeenWithinTenMinutes(t *testing.T) {
	s := stats.New(stats.Options{})
	at := start
	for at.Before(start.Add(30 * time.Minute)) {
		at = at.Add(time.Second)
		s.ShareAccepted(share("rig", start, at))
	}
	for at.Before(start.Add(41 * time.Minute)) {
		at = at.Add(10 * time.Second)
		s.ShareAccepted(share("rig", start, at))
	}
	if r, want := s.Hashrate("ltc", "alice", "rig", at), pow.Hashrate(hashes/10); !near(r.Hashrate, want, 0.02) {
		t.Errorf("%v, want %v", r.Hashrate, want)
	}
}

func TestRejectsAreCountedByReasonAndReasonsAreBounded(t *testing.T) {
	s := stats.New(stats.Options{})
	for range 3 {
		s.ShareRejected(stats.Reject{Pool: "ltc", Account: "alice", Worker: "rig", Reason: "stale", Time: start})
	}
	for i := range 1000 {
		s.ShareRejected(stats.Reject{Pool: "ltc", Account: "alice", Worker: "rig", Reason: fmt.Sprint("made up ", i), Time: start})
	}
	a := s.Account("ltc", "alice", start)
	if a.Rejected != 1003 || a.Reasons["stale"] != 3 || len(a.Reasons) > 17 || a.Workers[0].Online {
		t.Errorf("%+v", a)
	}
	a.Reasons["stale"] = 77 // a caller's copy
	if again := s.Account("ltc", "alice", start); again.Reasons["stale"] != 3 {
		t.Error("a caller can change the counts")
	}
}

func TestMadeUpWorkersDoNotPushOutRealOnes(t *testing.T) {
	s := stats.New(stats.Options{MaxWorkers: 100})
	for w := range 50 {
		s.ShareAccepted(share(fmt.Sprint("real", w), start, start.Add(time.Second)))
	}
	for i := range 10_000 {
		s.ShareRejected(stats.Reject{Pool: "ltc", Account: fmt.Sprint("nobody", i), Worker: "x", Reason: "stale", Time: start.Add(time.Minute)})
	}
	if n := len(s.Account("ltc", "alice", start.Add(time.Minute)).Workers); n != 50 {
		t.Errorf("%d of 50 real workers are left", n)
	}
	if p := s.Pool("ltc", start.Add(time.Minute)); p.Rejected != 10_000 || p.Workers != 50 {
		t.Errorf("%+v", p)
	}
}

func TestHoursAreAveragedAndSnapshotsAreBounded(t *testing.T) {
	s := stats.New(stats.Options{})
	var rows []stats.Hour
	for i := range 3 * 3600 {
		at := start.Add(time.Duration(i) * time.Second)
		if i < 2*3600 {
			s.ShareAccepted(share("rig", start, at))
		}
		if i%10 == 0 {
			rows = append(rows, s.Tick(at)...)
		}
	}
	byName := map[string][]stats.Hour{}
	for _, r := range rows {
		byName[r.Account+"/"+r.Worker] = append(byName[r.Account+"/"+r.Worker], r)
	}
	for name, want := range map[string]int{"/": 2, "alice/rig": 2} {
		got := byName[name]
		if len(got) != want {
			t.Fatalf("%d rows of %q, want %d", len(got), name, want)
		}
		if r := got[0]; !r.Start.Equal(start) || r.Accepted < 3599 || !near(r.Hashrate, pow.Hashrate(hashes), 0.001) {
			t.Errorf("first hour of %q: %+v", name, r)
		}
	}
	snapshots := s.Snapshots("ltc")
	if len(snapshots) != 360 || snapshots[359].Time.Sub(snapshots[0].Time) != 3590*time.Second {
		t.Errorf("%d snapshots", len(snapshots))
	}
	if hours := s.Hours("ltc"); len(hours) != 2 {
		t.Errorf("%d hours", len(hours))
	}
}

func TestSlidingHourShowsEachMinute(t *testing.T) {
	s := stats.New(stats.Options{})
	now := start.Add(2*time.Hour + 30*time.Second)
	for i := range 7200 {
		if i/60%2 == 0 { // every other minute
			s.ShareAccepted(share("rig", start, start.Add(time.Duration(i)*time.Second)))
		}
	}
	minutes := s.SlidingHour("ltc", "alice", now)
	if len(minutes) != 60 || !minutes[0].Start.Equal(start.Add(time.Hour)) {
		t.Fatalf("%d minutes from %v", len(minutes), minutes[0].Start)
	}
	for i, m := range minutes {
		if want := pow.Hashrate(hashes * float64(1-i%2)); !near(m.Hashrate, want, 1e-9) {
			t.Errorf("minute %d: %v, want %v", i, m.Hashrate, want)
		}
	}
}

func TestWhoIsSilentForADayIsForgotten(t *testing.T) {
	s := stats.New(stats.Options{})
	s.Tick(start)
	s.ShareAccepted(share("rig", start, start.Add(time.Second)))
	s.Tick(start.Add(24 * time.Hour))
	if len(s.Account("ltc", "alice", start).Workers) != 1 {
		t.Error("forgotten too early")
	}
	s.Tick(start.Add(26 * time.Hour))
	if len(s.Account("ltc", "alice", start).Workers) != 0 {
		t.Error("not forgotten after 26 hours")
	}
}

func TestConcurrentUse(t *testing.T) {
	s := stats.New(stats.Options{MaxWorkers: 50})
	done := make(chan bool)
	for g := range 4 {
		go func() {
			for i := range 2000 {
				at := start.Add(time.Duration(i) * time.Second)
				s.ShareAccepted(share(fmt.Sprint(g, i%40), start, at))
				if i%50 == 0 {
					s.Account("ltc", "alice", at)
					s.Tick(at)
				}
			}
			done <- true
		}()
	}
	for range 4 {
		<-done
	}
}

func BenchmarkShareAccepted(b *testing.B) {
	s := stats.New(stats.Options{})
	names := make([]string, 10_000)
	for i := range names {
		names[i] = fmt.Sprint("rig", i)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s.ShareAccepted(share(names[i%len(names)], start, start.Add(time.Duration(i)*time.Millisecond)))
	}
}

func BenchmarkPoolOf10000Workers(b *testing.B) {
	s := stats.New(stats.Options{})
	for i := range 600_000 {
		s.ShareAccepted(share(fmt.Sprint("rig", i%10_000), start, start.Add(time.Duration(i)*6*time.Millisecond)))
	}
	for b.Loop() {
		s.Pool("ltc", start.Add(time.Hour))
	}
}
