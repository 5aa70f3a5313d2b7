package stratum_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-mining/adit/pool-server/stratum"
)

// start connects a program and returns the difficulty of its first job.
func start(t *testing.T, l *pipes, agent, user, password string, before ...string) float64 {
	t.Helper()
	m := l.connect(t, "192.0.2.1")
	defer m.conn.Close()
	m.call("mining.subscribe", agent)
	for _, line := range before {
		m.send(line)
		m.answer(77)
	}
	if answer := m.call("mining.authorize", user, password); answer["result"] != true {
		t.Fatalf("authorize: %v", answer)
	}
	return m.method("mining.set_difficulty")["params"].([]any)[0].(float64)
}

func TestWhatASessionBeginsWith(t *testing.T) {
	known := stratum.NewRates(0)
	if err := known.Read(strings.NewReader(`{"Account":"alice","Worker":"rig","Rate":2.5,"At":"2000-01-01T00:00:00Z"}`)); err != nil {
		t.Fatal(err)
	}
	vardiff := func(c *stratum.Config) { c.Difficulty, c.VarDiff, c.Rates = 0.5, &stratum.VarDiff{}, known }
	virtually(t, vardiff, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		tests := []struct {
			name, agent, user, password, before string
			want                                float64
		}{
			{"the port's", "unheard/1", "bob", "x", "", 0.5},
			{"of our app on a processor", "adit-cpu/1", "bob", "x", "", 0.00466},
			{"of our app on a graphics card", "adit-gpu/1", "bob", "x", "", 0.466},
			{"of our app's own miner", "adit/1", "bob", "x", "", 0.00466},
			{"of a program for processors", "cpuminer/2.5.1", "bob", "x", "", 0.00466},
			{"of an ASIC's", "bosminer-plus-tuner 0.9", "bob", "x", "", 1160},
			{"what the worker had", "cpuminer/2.5.1", "alice.rig", "x", "", 25},
			{"not what another worker had", "cpuminer/2.5.1", "alice.other", "x", "", 0.00466},
			{"what the password says", "cpuminer/2.5.1", "alice.rig", "d=7", "", 7},
			{"what the miner suggests", "cpuminer/2.5.1", "alice.rig", "x", `{"id":77,"method":"mining.suggest_difficulty","params":[9]}`, 9},
			{"the password, not the suggestion", "x", "bob", "d=8", `{"id":77,"method":"mining.suggest_difficulty","params":[9]}`, 8},
			{"no less than the miner's minimum", "x", "bob", "d=8", `{"id":77,"method":"mining.configure","params":[["minimum-difficulty"],{"minimum-difficulty.value":64}]}`, 64},
			{"no less than the lowest", "x", "bob", "d=1e-30", "", 1e-9},
			{"never more than the block's", "x", "bob", "d=1e9", "", 1},
		}
		for _, tt := range tests {
			var before []string
			if tt.before != "" {
				before = []string{tt.before}
			}
			want := min(tt.want, 1) // the difficulty of the tests' block
			if got := start(t, l, tt.agent, tt.user, tt.password, before...); got != want {
				t.Errorf("%s: got %v, want %v", tt.name, got, want)
			}
		}
	})
}

func TestWithoutVardiffNobodyBeginsBelowThePorts(t *testing.T) {
	virtually(t, func(c *stratum.Config) { c.Difficulty = 0.25 }, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		for _, agent := range []string{"adit-cpu/1", "x"} {
			if got := start(t, l, agent, "bob", "d=1e-5"); got != 0.25 {
				t.Errorf("%s began with %v", agent, got)
			}
		}
	})
}

// TestWorkersAreRememberedOverARestart: what vardiff has found out goes into a file,
// and the next run begins there.
func TestWorkersAreRememberedOverARestart(t *testing.T) {
	var file bytes.Buffer
	rates := stratum.NewRates(0)
	virtually(t, func(c *stratum.Config) { withVarDiff(c); c.Rates = rates }, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		m := l.connect(t, "192.0.2.1")
		m.call("mining.subscribe")
		m.call("mining.authorize", "alice.rig", "d=3e-9")
		m.method("mining.notify")
		m.submit("alice.rig", m.solve(true))
		s.NoteRates()
		if _, err := rates.WriteTo(&file); err != nil || file.Len() != 0 {
			t.Errorf("remembered after no time: %q, %v", file.String(), err)
		}
		for range 7 { // a share each 10 s is as it should be
			time.Sleep(10 * time.Second)
			m.submit("alice.rig", m.solve(true))
		}
		s.NoteRates()
		if _, err := rates.WriteTo(&file); err != nil || file.Len() == 0 {
			t.Errorf("not remembered: %v", err)
		}
	})
	again := stratum.NewRates(0)
	if err := again.Read(&file); err != nil {
		t.Fatal(err)
	}
	virtually(t, func(c *stratum.Config) { withVarDiff(c); c.Rates = again }, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		if got := start(t, l, "x", "alice.rig", "x"); got != 3e-9 {
			t.Errorf("began with %v, want 3e-9", got)
		}
		synctest.Wait()
	})
}

func TestRatesAreBoundedAndFade(t *testing.T) {
	r := stratum.NewRates(3)
	for i, day := range []int{1, 2, 3, 4, 3, 9} {
		line := fmt.Sprintf(`{"Account":"a%d","Worker":"","Rate":1,"At":"2030-01-0%dT00:00:00Z"}`, i, day)
		if err := r.Read(strings.NewReader(line)); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	r.WriteTo(&out)
	if got := strings.Count(out.String(), "\n"); got != 3 {
		t.Errorf("%d workers are remembered, want 3:\n%s", got, out.String())
	}
	r.Read(strings.NewReader(`{"Account":"z","Worker":"","Rate":1,"At":"2030-03-01T00:00:00Z"}`))
	out.Reset()
	r.WriteTo(&out)
	if got := strings.Count(out.String(), "\n"); got != 1 {
		t.Errorf("after two months %d workers are remembered:\n%s", got, out.String())
	}
}

func TestDamagedRatesAreReadAsFarAsTheyGo(t *testing.T) {
	r := stratum.NewRates(0)
	err := r.Read(strings.NewReader("{\"Account\":\"a\",\"Rate\":1,\"At\":\"2030-01-01T00:00:00Z\"}\n\x00\x00\n{\"Account\":\"b\",\"Rate\":-1}\n{\"Account\":\"c\",\"Rate\":2,\"At\":\"2030-01-01T00:00:00Z\"}\n"))
	if err == nil {
		t.Error("the damage was not reported")
	}
	var out bytes.Buffer
	r.WriteTo(&out)
	if got := out.String(); !strings.Contains(got, `"a"`) || !strings.Contains(got, `"c"`) || strings.Contains(got, `"b"`) {
		t.Errorf("got %s", got)
	}
}

func TestGrantDecidesAboutSoloAndPayoutLimits(t *testing.T) {
	var p pool
	c := p.config()
	c.Grant = func(id stratum.Identity, o stratum.Options) (stratum.Identity, error) {
		if o.Coin == "DOGE" {
			return id, errors.New("this port pays LTC")
		}
		id.Solo = o.Solo
		if o.PayoutLimit == "0.5" {
			id.Worker = "half"
		}
		return id, nil
	}
	s := newServer(t, c)
	s.SetJob(newJob(t, "1", 1, hardBits), true)
	m := dial(t, serve(t, s))
	m.call("mining.subscribe")
	if answer := m.call("mining.authorize", "alice", "c=doge"); code(answer) != 24 || answer["error"].([]any)[1] != "this port pays LTC" {
		t.Errorf("got %v", answer)
	}
	if answer := m.call("mining.authorize", "alice", "x,m=solo,pl=0.5,c=LTC,d=2e-9"); answer["result"] != true {
		t.Fatalf("got %v", answer)
	}
	want := stratum.Identity{Account: "alice", Worker: "half", Solo: true}
	if got := s.Sessions()[0].Workers[0]; got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestPasswordOptions(t *testing.T) {
	tests := []struct {
		password string
		want     stratum.Options
		ok       bool
	}{
		{"", stratum.Options{}, true},
		{"x", stratum.Options{}, true},
		{"123", stratum.Options{}, true},
		{"d", stratum.Options{}, true},
		{"secret=1=2,hd=5", stratum.Options{}, true},
		{"D=5", stratum.Options{}, true},
		{"d=1024", stratum.Options{Difficulty: 1024}, true},
		{"x d=0.5; m=solo ,pl=12.25,c=ltc", stratum.Options{Difficulty: 0.5, Solo: true, PayoutLimit: "12.25", Coin: "LTC"}, true},
		{"pl=7", stratum.Options{PayoutLimit: "7"}, true},
		{"d=", stratum.Options{}, false},
		{"d=NaN", stratum.Options{}, false},
		{"d=inf", stratum.Options{}, false},
		{"d=-1", stratum.Options{}, false},
		{"m=", stratum.Options{}, false},
		{"pl=", stratum.Options{}, false},
		{"pl=.5", stratum.Options{}, false},
		{"pl=5.", stratum.Options{}, false},
		{"pl=+5", stratum.Options{}, false},
		{"pl=0.0000000001", stratum.Options{}, false},
		{"pl=99999999999", stratum.Options{}, false},
		{"c=", stratum.Options{}, false},
		{"c=averyveryverylongsymbol", stratum.Options{}, false},
	}
	for _, tt := range tests {
		got, err := stratum.ParsePassword(tt.password)
		if got != tt.want || (err == nil) != tt.ok {
			t.Errorf("%q: got %+v, %v, want %+v", tt.password, got, err, tt.want)
		}
	}
}

func FuzzPassword(f *testing.F) {
	for _, password := range []string{"x", "d=1", "x,d=0.5;m=solo pl=1.5,c=LTC", "d=1e400", "pl=1.", "c=\x00", "m=solo,m=solo"} {
		f.Add(password)
	}
	f.Fuzz(func(t *testing.T, password string) {
		o, err := stratum.ParsePassword(password)
		switch {
		case err != nil && o != stratum.Options{}:
			t.Errorf("%q: %+v and an error", password, o)
		case !(o.Difficulty >= 0) || math.IsInf(float64(o.Difficulty), 1):
			t.Errorf("%q: difficulty %v", password, o.Difficulty)
		case strings.Trim(o.PayoutLimit, "0123456789.") != "" || strings.Count(o.PayoutLimit, ".") > 1:
			t.Errorf("%q: payout limit %q", password, o.PayoutLimit)
		case strings.ContainsFunc(o.Coin, func(r rune) bool { return r < '-' || r > '_' }):
			t.Errorf("%q: coin %q", password, o.Coin)
		}
	})
}
