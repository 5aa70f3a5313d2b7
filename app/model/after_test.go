package model_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/choice"
	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
)

const poolURL = "https://pool.example"

var (
	noon     = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	hash     = coin.PubKeyHash{1, 2, 3}
	opened   = model.KeyOpened{Public: "02" + fmt.Sprintf("%064x", 7), Hash: hash}
	seen     = model.MachineSeen{Machine: machine(4)}
	answered = model.PoolAnswered{URL: poolURL, Info: pool("litecoin", "scrypt")}
	stocked  = model.ShelfSeen{Shelf: model.Shelf{Programs: []model.Program{
		{Name: "builtin", Path: "/opt/adit", CPU: true, Algorithms: []pow.Algorithm{pow.Scrypt, pow.SHA256d}},
	}}}
	started = model.MinerSaid{Unit: "cpu0", Event: miners.Started{PID: 1}}
	letIn   = model.MinerSaid{Unit: "cpu0", Event: miners.Connected{Pool: "pool.example:3333"}}
	hashing = model.MinerSaid{Unit: "cpu0", Event: miners.Hashrate{Hashrate: 1000, Device: miners.Whole}}
	taken   = model.MinerSaid{Unit: "cpu0", Event: miners.Accepted{N: 1}}
	cut     = model.MinerSaid{Unit: "cpu0", Event: miners.Disconnected{Code: miners.CodeDisconnected, Reason: "reset"}}
	silent  = model.PoolFailed{URL: poolURL, Err: &net.OpError{Op: "dial", Err: errors.New("refused")}}
)

// later is a test's event: so many seconds pass, with a tick each.
type later int

func machine(threads int) hwdetect.Machine {
	return hwdetect.Machine{Devices: []hwdetect.Device{
		{ID: "cpu0", Kind: hwdetect.CPUKind, Name: "Test CPU", Mineable: true, CPU: &hwdetect.CPU{Cores: threads, Threads: threads}},
		{ID: "gpu-1", Kind: hwdetect.GPUKind, Name: "Test GPU", Mineable: true, GPU: &hwdetect.GPU{}},
	}}
}

func pool(id, algorithm string) poolapi.PoolInfo {
	return poolapi.PoolInfo{Version: 1, Name: "Example pool", FeePercent: 1, Coins: []poolapi.CoinInfo{{
		ID: id, Name: "Litecoin", Symbol: "LTC", Network: "regtest", Algorithm: algorithm, PayoutMinimum: "0.1",
		Ports: []poolapi.PortInfo{{URL: "stratum+tcp://pool.example:3333", Difficulty: 0.001}},
	}}}
}

func first() model.State {
	chosen := settings.Default()
	chosen.Pool = poolURL
	return model.First(noon, chosen, nil, model.Past{}, choice.Records{}).After(stocked).After(model.LeftoversEnded{})
}

// live plays events; a later is time that passes.
func live(s model.State, events ...any) model.State {
	for _, ev := range events {
		switch ev := ev.(type) {
		case later:
			for range int(ev) {
				s = s.After(model.Tick{Now: s.Now.Add(time.Second)})
			}
		case model.Event:
			s = s.After(ev)
		}
	}
	return s
}

func TestPhaseFollowsWhatHappens(t *testing.T) {
	ready := []any{opened, seen, answered}
	mining := append(ready, model.Start{}, started, letIn, hashing, taken)
	for _, test := range []struct {
		name   string
		events []any
		want   model.Phase
	}{
		{"a fresh start", nil, model.Opening},
		{"key but no hardware yet", []any{opened}, model.Opening},
		{"the pool has not answered", []any{opened, seen}, model.Joining},
		{"the pool does not answer", []any{opened, seen, silent}, model.Waiting},
		{"all is ready", ready, model.Stopped},
		{"another pool's late answer", []any{opened, seen, model.PoolAnswered{URL: "https://old.example", Info: pool("litecoin", "scrypt")}}, model.Joining},
		{"the button", append(ready, model.Start{}), model.Preparing},
		{"the program runs", append(ready, model.Start{}, started), model.Preparing},
		{"the program computes", append(ready, model.Start{}, started, letIn, hashing), model.Searching},
		{"the first share", mining, model.Mining},
		{"no button, no mining", append(ready, started, letIn, hashing), model.Stopping},
		{"stop", append(mining, model.Stop{}), model.Stopping},
		{"stopped", append(mining, model.Stop{}, model.MinerSaid{Unit: "cpu0", Event: miners.Ended{}}, model.MinerGone{Unit: "cpu0"}), model.Stopped},
		{"connection lost", append(mining, cut), model.Waiting},
		{"connection back", append(mining, cut, letIn, hashing), model.Mining},
		{"site away, shares taken", append(mining, silent, taken), model.Mining},
		{"site and port away", append(mining, silent, cut, later(30)), model.Waiting},
		{"pool refuses the key", append(ready, model.Start{}, started, model.MinerSaid{Unit: "cpu0", Event: miners.Problem{Code: miners.CodeAuthFailed}}), model.Blocked},
		{"nothing to mine", []any{opened, seen, model.PoolAnswered{URL: poolURL, Info: pool("litecoin", "x11")}}, model.Blocked},
		{"key damaged", []any{model.KeyFailed{Err: wallet.ErrDamaged}, seen}, model.Blocked},
		{"program gone", append(ready, model.Start{}, model.MinerGone{Unit: "cpu0", Err: miners.ErrNotStarted}), model.Blocked},
		{"tried again", append(ready, model.Start{}, model.MinerGone{Unit: "cpu0", Err: miners.ErrNotStarted}, model.Retry{}), model.Preparing},
		{"program fails for good", append(mining, model.MinerGone{Unit: "cpu0", Err: miners.ErrGaveUp}), model.Blocked},
		{"and is tried again", append(mining, model.MinerGone{Unit: "cpu0", Err: miners.ErrGaveUp}, later(130), started, letIn, hashing, taken), model.Mining},
		{"no pool", []any{opened, seen, model.ChoosePool{URL: ""}}, model.NoPool},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := live(first(), test.events...).Phase(); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestMiningIsSaidOnlyWhileSharesComeAsPredicted(t *testing.T) {
	// scrypt at difficulty 0.001 is 65.5 hashes a share: 0.2 a second are expected
	// at most, so 7 shares fail to come within 35 s.
	s := live(first(), opened, seen, answered, model.Start{}, started, letIn, hashing, taken, later(20))
	if got := s.Phase(); got != model.Mining {
		t.Fatalf("after 20 s: %s", got)
	}
	s = live(s, later(20))
	if got := s.Phase(); got != model.Faltering {
		t.Errorf("after 40 s without a share: %s, want %s", got, model.Faltering)
	}
	if p, ok := s.Problem(); !ok || p.Code != model.TooFewShares {
		t.Errorf("problem = %v", p)
	}
	if got := live(s, taken).Phase(); got != model.Mining {
		t.Errorf("with the next share: %s", got)
	}
	// One share in 20 s is a quarter of what is predicted.
	for range 30 {
		s = live(s, later(20), taken)
	}
	if got := s.Phase(); got != model.Faltering {
		t.Errorf("at a quarter of the shares: %s, want %s", got, model.Faltering)
	}
	for range 200 {
		s = live(s, later(5), taken)
	}
	if got := s.Phase(); got != model.Mining {
		t.Errorf("at the predicted rate again: %s", got)
	}
}

func TestAProgramThatClaimsSharesThePoolHasNotIsNotMining(t *testing.T) {
	counted := func(n int64) model.Event {
		answer := answered
		answer.Miner = &poolapi.MinerStats{Coins: []poolapi.CoinMiner{{Coin: "litecoin", Symbol: "LTC", Network: "regtest", Accepted: n}}}
		return answer
	}
	s := live(first(), opened, seen, counted(500), model.Start{}, started, letIn, hashing, taken, counted(501))
	for n := int64(502); n < 560; n++ {
		s = live(s, later(5), taken, counted(n))
	}
	if got := s.Phase(); got != model.Mining {
		t.Fatalf("with shares that the pool has: %s", got)
	}
	for range 70 {
		s = live(s, later(5), taken, counted(560))
	}
	if got := s.Phase(); got != model.Faltering {
		t.Errorf("with shares that the pool has not: %s", got)
	}
	if p, _ := s.Problem(); p.Code != model.TooFewShares {
		t.Errorf("problem %+v", p)
	}
	if got := live(s, counted(900)).Phase(); got != model.Mining {
		t.Errorf("when the pool has them after all: %s", got)
	}
}

func TestAProgramThatFallsSilentIsNotMining(t *testing.T) {
	s := live(first(), opened, seen, answered, model.Start{}, started, letIn, taken)
	if got := live(s, later(60)).Phase(); got != model.Mining {
		t.Errorf("a minute after a share: %s", got)
	}
	if got := live(s, later(130)).Phase(); got != model.Faltering {
		t.Errorf("two minutes without a share or a speed: %s", got)
	}
}

func TestThePoolIsAskedRarelyWhereNobodyLooks(t *testing.T) {
	events := []any{opened, seen, model.Start{}}
	for range 25 { // it asks faster at first
		events = append(events, answered)
	}
	s := live(first(), events...)
	watched := s.Pool.AskAt.Sub(s.Now)
	s = live(s, model.Watch{}, answered)
	if hidden := s.Pool.AskAt.Sub(s.Now); hidden < 2*watched {
		t.Errorf("asks again in %v from the tray, in %v from the window", hidden, watched)
	}
	if s = live(s, model.Watch{On: true}); s.Pool.AskAt.After(s.Now) {
		t.Errorf("the window opens with what was known long ago, until %v", s.Pool.AskAt)
	}
}

func TestProgramRestsWhileThePoolIsAwayAndGoesOnByItself(t *testing.T) {
	s := live(first(), opened, seen, answered, model.Start{}, started, letIn, hashing, taken, silent, cut, later(25))
	if !s.Pool.Lost {
		t.Fatal("neither site nor port answer and the program is not stopped")
	}
	s = live(s, model.MinerGone{Unit: "cpu0"}, silent, silent, silent)
	if wait := s.Pool.AskAt.Sub(s.Now); wait < 4*time.Second || wait > time.Minute {
		t.Errorf("asks again in %v, want a growing pause of at most a minute", wait)
	}
	s = live(s, answered)
	if s.Pool.Lost || !s.Wanted || s.Phase() != model.Preparing {
		t.Errorf("the pool is back: lost %v, wanted %v, %s", s.Pool.Lost, s.Wanted, s.Phase())
	}
	if !happened(s, model.PoolLost) || !happened(s, model.PoolBack) {
		t.Errorf("history = %v", s.History)
	}
}

func TestSharesAreCounted(t *testing.T) {
	reject := func(n int64, reason string) model.Event {
		return model.MinerSaid{Unit: "cpu0", Event: miners.Rejected{N: n, Reason: reason}}
	}
	s := live(first(), opened, seen, answered, model.Start{}, started, letIn, model.MinerSaid{Unit: "cpu0", Event: miners.Accepted{N: 5}},
		reject(1, "stale"), reject(2, "low difficulty"), reject(1, ""))
	before := s.Totals()
	after := live(s, reject(7, "stale")).Totals()
	if before.Accepted != 5 || before.Rejected != 4 || before.MainReason() != "low difficulty" {
		t.Errorf("%+v", before)
	}
	if s.Totals().Reasons["stale"] != 1 || after.Reasons["stale"] != 8 {
		t.Error("a state that was handed out has changed")
	}
	// The program crashes and starts again: counts of this run of the app stay.
	s = live(s, model.MinerSaid{Unit: "cpu0", Event: miners.Ended{Err: miners.ErrEnded, Restart: time.Second}}, started, letIn, taken)
	if m := s.Units[0].Miner; m.Accepted != 6 || m.Restarts != 1 {
		t.Errorf("after a restart: %+v", m)
	}
}

func TestHashrateOfDevicesAddsUpUnlessATotalIsTold(t *testing.T) {
	device := func(n int, rate pow.Hashrate) model.Event {
		return model.MinerSaid{Unit: "cpu0", Event: miners.Hashrate{Hashrate: rate, Device: n}}
	}
	s := live(first(), opened, seen, answered, started, device(0, 10), device(1, 20), device(0, 15))
	if got := s.Totals().Hashrate; got != 35 {
		t.Errorf("sum = %v, want 35", got)
	}
	if s = live(s, hashing, device(0, 1)); s.Totals().Hashrate != 1000 {
		t.Errorf("with a total: %v, want 1000", s.Totals().Hashrate)
	}
}

func TestBalancesAndPayoutsAreShown(t *testing.T) {
	miner := func(pending, immature, paying, paid string) model.Event {
		answer := answered
		answer.Miner = &poolapi.MinerStats{Coins: []poolapi.CoinMiner{{Coin: "litecoin", Symbol: "LTC", Network: "regtest",
			Pending: pending, Immature: immature, Paying: paying, Paid: paid, PayoutMinimum: "0.10000000", HashrateLow: 1, HashrateHigh: 3}}}
		return answer
	}
	s := live(first(), opened, seen, miner("1.00000000", "2.50000000", "0.50000000", "0.00000000"))
	b, known := s.Balance()
	if !known || b.OnItsWay() != 4e8 || b.Paid != 0 || b.Minimum != 1e7 {
		t.Errorf("balance = %+v", b)
	}
	s = live(s, miner("0.00000000", "2.50000000", "0.00000000", "1.50000000"))
	if last := s.History[len(s.History)-1]; last.What != model.PaidOut || last.Args["Amount"] != "1.50000000" {
		t.Errorf("a payout is not in the history: %+v", last)
	}
	if again := live(s, miner("0.00000000", "2.50000000", "0.00000000", "1.50000000")); len(again.History) != len(s.History) {
		t.Error("a payout is told twice")
	}
}

func TestTargetIsWhatTheProgramCanDo(t *testing.T) {
	info := pool("litecoin", "x11")
	info.Coins = append(info.Coins, pool("bitcoin", "sha256d").Coins[0], pool("litecoin", "scrypt").Coins[0])
	s := live(first(), opened, seen, model.PoolAnswered{URL: poolURL, Info: info})
	if s.Target.Coin.ID != "bitcoin" || s.Target.Choice != 1 {
		t.Errorf("target = %s of %d, want the first that can be mined", s.Target.Coin.ID, s.Target.Choice)
	}
	if s.Target.Address != "bcrt1qqypqxqqqqqqqqqqqqqqqqqqqqqqqqqqqarmh9j" && len(s.Target.Address) < 30 {
		t.Errorf("payout address = %q", s.Target.Address)
	}
	if s = live(s, model.ChooseCoin{ID: "litecoin"}); s.Target.Coin.ID != "litecoin" || s.Target.Algorithm != pow.Scrypt {
		t.Errorf("target = %+v, want the coin that was asked for", s.Target)
	}
	// A port without encryption goes first, one with it serves as well.
	tls := pool("litecoin", "scrypt")
	tls.Coins[0].Ports = append([]poolapi.PortInfo{{URL: "stratum+ssl://pool.example:3334"}}, tls.Coins[0].Ports...)
	if s := live(first(), opened, seen, model.PoolAnswered{URL: poolURL, Info: tls}); s.Target.Port.URL != "stratum+tcp://pool.example:3333" {
		t.Errorf("target = %+v", s.Target)
	}
	tls.Coins[0].Ports = tls.Coins[0].Ports[:1]
	if s := live(first(), opened, seen, model.PoolAnswered{URL: poolURL, Info: tls}); s.Target.Port.URL != "stratum+ssl://pool.example:3334" {
		t.Errorf("target = %+v", s.Target)
	}
}

func TestEveryErrorBecomesAProblemWithAdvice(t *testing.T) {
	for _, test := range []struct {
		event model.Event
		want  model.Code
	}{
		{model.KeyFailed{Err: fmt.Errorf("open: %w", wallet.ErrDamaged)}, model.KeyDamaged},
		{model.KeyFailed{Err: fmt.Errorf("open: %w", wallet.ErrPassphrase)}, model.KeyDamaged},
		{model.KeyFailed{Err: os.ErrPermission}, model.KeyUnreadable},
		{model.PoolFailed{URL: poolURL, Err: poolapi.ErrVersion}, model.PoolVersion},
		{model.PoolFailed{URL: poolURL, Err: &poolapi.StatusError{Status: 404}}, model.PoolStrange},
		{model.PoolFailed{URL: poolURL, Err: &poolapi.StatusError{Status: 503}}, model.PoolFaulty},
		{model.PoolFailed{URL: poolURL, Err: &net.DNSError{IsNotFound: true}}, model.PoolUnknown},
		{model.PoolFailed{URL: poolURL, Err: &net.DNSError{IsTemporary: true}}, model.PoolUnreachable},
		{model.PoolFailed{URL: poolURL, Err: errors.New("not json")}, model.PoolStrange},
		{model.MinerGone{Unit: "cpu0", Err: fmt.Errorf("%w: no file", miners.ErrNotStarted)}, model.MinerMissing},
		{model.MinerGone{Unit: "cpu0", Err: miners.ErrGaveUp}, model.MinerFailed},
		{model.ChoosePool{URL: "ftp://what"}, model.PoolAddress},
		{model.SettingsSaved{Err: os.ErrPermission}, model.SettingsUnsaved},
		{model.MinerSaid{Unit: "cpu0", Event: miners.Problem{Code: miners.CodeOutOfMemory}}, "out-of-memory"},
	} {
		s := live(first(), opened, seen, answered, model.Start{}, test.event)
		p, ok := s.Problem()
		if !ok || p.Code != test.want {
			t.Errorf("%T: problem %q, want %q", test.event, p.Code, test.want)
		}
	}
}

func TestEveryIdleDeviceHasAReason(t *testing.T) {
	s := live(first(), opened, seen, answered, model.Start{})
	if got, why := s.Standing(1), s.Units[1].Pick.None; got != model.UnitNoProgram || why != model.NoCatalogue {
		t.Errorf("a card without a catalogue: %s %s", got, why)
	}
	if got := live(s, model.TurnDevice{ID: "gpu-1", On: false}).Standing(1); got != model.UnitOff {
		t.Errorf("a card that is turned off: %s", got)
	}
	s = live(s, model.TurnDevice{ID: "cpu0", On: false})
	if p, _ := live(s, model.TurnDevice{ID: "gpu-1", On: false}).Problem(); p.Code != model.AllOff {
		t.Errorf("all off: %+v", p)
	}
}

func TestChoosingAPoolForgetsTheOldOne(t *testing.T) {
	s := live(first(), opened, seen, answered, model.ChoosePool{URL: " other.example/ "})
	if s.Settings.Pool != "https://other.example" || s.Pool.Known || s.Target.Port.URL != "" || s.Settings.Equal(s.Saved) {
		t.Errorf("%q known %v target %q", s.Settings.Pool, s.Pool.Known, s.Target.Port.URL)
	}
}

func TestAPoolsLinkIsAsGoodAsItsAddress(t *testing.T) {
	s := live(first(), opened, seen, answered, model.ChoosePool{URL: "adit://join?pool=https%3A%2F%2Fother.example"})
	if s.Settings.Pool != "https://other.example" {
		t.Errorf("pool = %q", s.Settings.Pool)
	}
	s = live(s, model.Invite{URL: "https://third.example"})
	if s.Invitation != "https://third.example" || s.Settings.Pool != "https://other.example" {
		t.Errorf("an invitation changes the pool to %q unasked", s.Settings.Pool)
	}
	if s = live(s, model.Decline{}); s.Invitation != "" {
		t.Error("a declined invitation stays")
	}
}

func TestTheFirstPoolIsJoinedToMine(t *testing.T) {
	chosen := settings.Default()
	s := model.First(noon, chosen, nil, model.Past{}, choice.Records{}).After(stocked).After(model.LeftoversEnded{})
	if s = live(s, opened, seen, model.ChoosePool{URL: poolURL}, answered); !s.Wanted || s.Phase() != model.Preparing {
		t.Errorf("after one click: wanted %v, %s", s.Wanted, s.Phase())
	}
}

func TestHistoryIsBounded(t *testing.T) {
	s := first()
	for range 900 {
		s = live(s, model.KeyReplaced{By: model.KeyRestored})
	}
	if len(s.History) > 300 {
		t.Errorf("%d entries", len(s.History))
	}
}

func happened(s model.State, what model.Happening) bool {
	for _, e := range s.History {
		if e.What == what {
			return true
		}
	}
	return false
}
