package view_test

import (
	"fmt"
	"math"
	"os"
	"strings"
	"time"

	"github.com/adit-mining/adit/app/doctor"
	"github.com/adit-mining/adit/app/manners"
	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/choice"
	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet/coin"
)

const poolURL = "https://pool.example"

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.Local)

func ptr(v float64) *float64 { return &v }

// machine has a processor that can mine, a card that can, and one that cannot.
var machine = hwdetect.Machine{OS: "linux", Devices: []hwdetect.Device{
	{ID: "cpu0", Kind: hwdetect.CPUKind, Name: "AMD Ryzen 7 5800X 8-Core Processor", TemperatureC: ptr(84), PowerW: ptr(88), Mineable: true,
		CPU: &hwdetect.CPU{Cores: 8, Threads: 16}},
	{ID: "gpu-0000:0a:00.0", Kind: hwdetect.GPUKind, Name: "NVIDIA GeForce RTX 3060", TemperatureC: ptr(61), FanPercent: ptr(48), PowerW: ptr(112), Mineable: true,
		GPU: &hwdetect.GPU{Memory: 12 << 30}},
	{ID: "gpu-0000:0b:00.0", Kind: hwdetect.GPUKind, Name: "NVIDIA GeForce GTX 1050 Ti", GPU: &hwdetect.GPU{},
		Reason: "The nouveau driver cannot run mining programs.", Advice: "Install NVIDIA's own driver, then start the computer again."},
}}

// info is a pool of two coins and a switch port.
var info = poolapi.PoolInfo{Version: 1, Name: "Example pool", FeePercent: 1,
	Rules: "One account for each person. Be nice to each other.", Contact: "help@pool.example",
	Coins: []poolapi.CoinInfo{
		{ID: "litecoin", Name: "Litecoin", Symbol: "LTC", Network: "main", Algorithm: "scrypt", PayoutScheme: "PPLNS", PayoutMinimum: "0.10000000",
			Ports:    []poolapi.PortInfo{{URL: "stratum+tcp://pool.example:3333", Difficulty: 0.001}},
			Estimate: &poolapi.Estimate{PerDay: 2.1e-7, Symbol: "LTC", Prices: map[string]float64{"EUR": 91.5}, At: noon.Add(-12 * time.Minute)}},
		{ID: "dogecoin", Name: "Dogecoin", Symbol: "DOGE", Network: "main", Algorithm: "scrypt", PayoutScheme: "PROP", PayoutMinimum: "20.00000000",
			Ports:    []poolapi.PortInfo{{URL: "stratum+tcp://pool.example:3334", Difficulty: 0.001}},
			Estimate: &poolapi.Estimate{PerDay: 1.2e-4, Symbol: "DOGE", At: noon.Add(-12 * time.Minute)}},
		{ID: "ravencoin", Name: "Ravencoin", Symbol: "RVN", Network: "main", Algorithm: "kawpow", PayoutScheme: "SOLO", PayoutMinimum: "5.00000000",
			Ports: []poolapi.PortInfo{{URL: "stratum+tcp://pool.example:3335", Difficulty: 0.1}}},
	},
	Switches: []poolapi.SwitchInfo{{ID: "switch-scrypt", Name: "Best Scrypt coin", Algorithm: "scrypt", Coins: []string{"litecoin", "dogecoin"}}},
}

var stats = &poolapi.MinerStats{
	Coins: []poolapi.CoinMiner{{Coin: "litecoin", Symbol: "LTC", Network: "main", Pending: "0.03140000", Immature: "0.00150000", Paid: "12.50000000",
		PayoutMinimum: "0.10000000", HashrateLow: 9100, HashrateHigh: 12700}},
	Payouts: []poolapi.Payout{
		{ID: 2, Coin: "litecoin", Symbol: "LTC", Status: "sent", Amount: "0.10120000", Time: noon.Add(-3 * time.Hour)},
		{ID: 1, Coin: "litecoin", Symbol: "LTC", Status: "confirmed", Amount: "0.10000000", Time: noon.AddDate(0, 0, -4)},
	},
}

// shelf has Adit's own program.
var shelf = model.ShelfSeen{Shelf: model.Shelf{Programs: []model.Program{
	{Name: "builtin", Path: "/opt/adit", CPU: true, Algorithms: []pow.Algorithm{pow.Scrypt}},
}}}

// fresh is a first start, joined one with a pool, both before anything is known.
func fresh() model.State {
	return model.First(noon, settings.Default(), nil, model.Past{}, choice.Records{}).After(shelf).After(model.LeftoversEnded{})
}

func joined() model.State {
	chosen := settings.Default()
	chosen.Pool = poolURL
	return model.First(noon, chosen, nil, model.Past{}, choice.Records{}).After(shelf).After(model.LeftoversEnded{})
}

func after(s model.State, events ...model.Event) model.State {
	for _, ev := range events {
		s = s.After(ev)
	}
	return s
}

func opened(s model.State) model.State {
	return after(s, model.KeyOpened{Public: "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5", Hash: coin.PubKeyHash{1, 2, 3}, Created: true, Words: 12},
		model.MachineSeen{Machine: machine})
}

func ready() model.State {
	return units(after(opened(joined()), model.PoolAnswered{URL: poolURL, Info: info, Miner: stats}))
}

// backedUp is a state in which the backup is done.
func backedUp(s model.State) model.State {
	return s.After(model.BackupReached{Stage: settings.BackupDone, Way: settings.ByHand})
}

// due is a state in which there is something to lose.
func due(s model.State) model.State {
	s.Settings.Backup = settings.Backup{Of: s.Key.Account[:8], Due: true}
	return s
}

// units gives a state its devices as the engine does, ready to mine.
func units(s model.State) model.State {
	s.Machine, s.Units = machine, nil
	for _, d := range machine.Devices {
		u := model.Unit{Device: d, Target: s.Target, Verdict: manners.Verdict{Percent: 100}}
		switch {
		case d.Kind == hwdetect.CPUKind:
			u.Pick = model.Pick{Program: "builtin"}
		case d.Mineable:
			u.Pick = model.Pick{Program: "example-miner", Version: "1.76", Closed: true, Fee: 1}
		}
		s.Units = append(s.Units, u)
	}
	return s
}

// working lets the processor compute, with so many shares.
func working(s model.State, rate pow.Hashrate, accepted, rejected int64) model.State {
	s.Wanted = true
	m := model.Miner{Running: true, Since: noon.Add(-time.Hour), Connected: true, HasJob: true, Hashrate: rate, Accepted: accepted, Rejected: rejected}
	if accepted > 0 {
		m.LastAccepted = noon.Add(-3 * time.Second)
	}
	if rejected > 0 {
		m.Reasons = map[string]int64{"stale share": rejected}
	}
	s.Units[0].Miner = m
	return s
}

// mining is an hour of work, measured.
func mining() model.State {
	s := due(working(ready(), 10530, 1234, 3))
	for i := range 240 {
		x := float64(i)
		s.Samples = append(s.Samples, model.Sample{At: noon.Add(time.Duration(i-240) * 15 * time.Second), Accepted: int64(4 + i%3), Symbol: "LTC", Earned: 1e-5,
			Hashrate: pow.Hashrate(10200 + 300*math.Sin(x/9) + 150*math.Sin(x/2.3)), Celsius: 70 + 8*math.Sin(x/40)})
	}
	for i := range 24 * 31 {
		at := noon.Add(time.Duration(i-24*31) * time.Hour)
		if at.Hour() < 7 {
			continue // the computer was off
		}
		s.Days = append(s.Days, model.Sample{At: at, Accepted: int64(1000 + i), Hashrate: pow.Hashrate(9800 + 600*math.Sin(float64(i)/7)), Celsius: 66 + 9*math.Sin(float64(i)/11)})
	}
	s.History = append([]model.Entry{
		{At: noon.AddDate(0, 0, -5), What: model.KeyMade},
		{At: noon.AddDate(0, 0, -5).Add(time.Second), What: model.PoolJoined, Args: map[string]any{"Pool": "Example pool"}},
		{At: noon.AddDate(0, 0, -1), What: model.PaidOut, Args: map[string]any{"Amount": "0.10000000", "Symbol": "LTC"}},
		{At: noon.Add(-61 * time.Minute), What: model.MiningStarted, Args: map[string]any{"Coin": "Litecoin"}},
	}, model.Entry{At: noon.Add(-60 * time.Minute), What: model.FirstShare, Args: map[string]any{"Seconds": 9}})
	return s
}

// resting waits for a reason.
func resting(why manners.Why, values map[string]any) model.State {
	s := mining()
	s.Units[0].Miner.Running = false
	for i := range s.Units {
		s.Units[i].Verdict = manners.Verdict{Why: why, Args: values}
	}
	return s
}

// troubled is all that can be seen at a device that is not well, and a checkup.
func troubled() model.State {
	s := mining()
	s.Units[0].Verdict = manners.Verdict{Percent: 60, Why: manners.Hot, Args: map[string]any{"Celsius": 84, "Limit": 88}}
	s.Parcels = []model.Parcel{{Program: "example-miner", Version: "1.76", Done: 7_340_000, Size: 21_800_000}}
	s.Checkup = model.Checkup{Asked: 1, At: noon, Findings: []doctor.Finding{
		{Check: "pool", Level: doctor.Good, Code: "ok", What: "The pool answers within 34 ms."},
		{Check: "clock", Level: doctor.Good, Code: "ok", What: "The clock is right."},
		{Check: "antivirus", Level: doctor.Trouble, Code: "removed", What: "An antivirus program removed a mining program.", Do: "Allow Adit's folder of programs in it, then try again."},
		{Check: "huge-pages", Level: doctor.Notice, Code: "off", What: "Large memory pages are off: some coins are mined more slowly.", Do: "An administrator can turn them on."},
	}}
	s.Bundle.Path = "/home/somebody/adit-support.zip"
	return s
}

// rich has more coins than there are, in the longest words.
func rich() model.State {
	s := mining()
	s.Balances = []model.Balance{{Coin: "litecoin", Symbol: "LTC", Network: "main", Pending: 123456789012345, Paid: 8765432109876543, Minimum: 1}}
	return s
}

// states are what a user can meet, by name.
func states() map[string]model.State {
	hinted := opened(fresh())
	hinted.Hint = "https://litepool.example"
	longHint := hinted
	longHint.Hint = "https://" + strings.Repeat("very-long-name.", 12) + "example"
	waiting := working(ready(), 0, 12, 0)
	waiting.Units[0].Miner.Connected = false
	waiting = after(waiting, model.PoolFailed{URL: poolURL, Err: os.ErrDeadlineExceeded})
	safe := mining()
	safe = backedUp(safe)
	safe.Settings.PricePerKWh = 0.31
	alone := working(ready(), 0, 0, 0)
	alone.Units = alone.Units[:1]
	return map[string]model.State{
		"hint": hinted, "long-hint": longHint, "rich": rich(), "opening": joined(), "no-pool": opened(fresh()),
		"stopped": ready(), "searching": working(ready(), 10530, 0, 0), "mining": mining(), "safe": safe, "waiting": waiting,
		"refused": after(alone, model.MinerSaid{Unit: "cpu0", Event: miners.Problem{Code: miners.CodeAuthFailed, Detail: "unknown key"}}),
		"no-key":  after(joined(), model.KeyFailed{Err: os.ErrPermission}),
		"resting": resting(manners.FullScreen, map[string]any{"Program": "Some Game"}),
		"too-hot": resting(manners.TooHot, map[string]any{"Celsius": 93, "Limit": 88}),
		"trouble": troubled(),
	}
}

// output is what a mining program prints.
func output(string) []string {
	var all []string
	for i := range 40 {
		all = append(all, fmt.Sprintf("[2026-05-01 11:59:%02d] accepted: %d/%d (99.8%%), 10.53 kH/s, 7 threads", i, 1195+i, 1198+i))
	}
	return all
}
