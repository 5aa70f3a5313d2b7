package choice_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/choice"
)

func number(v float64) *float64 { return &v }

// income is a coin that brings so much a day, before electricity.
func income(id string, perDay float64) choice.Income {
	return choice.Income{ID: id, PerHashDay: number(perDay / 1000), AsOf: today, Hashrate: 1000}
}

func TestProfitIsUnknownWhereAnyPartIs(t *testing.T) {
	good := income("coin", 3)
	good.Watts = number(100)
	edit := func(change func(*choice.Income)) choice.Income {
		i := good
		change(&i)
		return i
	}
	for name, c := range map[string]struct {
		income choice.Income
		price  float64
		want   float64
		ok     bool
	}{
		"all known":           {good, 0.25, 3 - 0.1*24*0.25, true},
		"a loss":              {good, 2, 3 - 0.1*24*2, true},
		"electricity is free": {edit(func(i *choice.Income) { i.Watts = nil }), 0, 3, true},
		"worth nothing":       {edit(func(i *choice.Income) { i.PerHashDay = number(0) }), 0, 0, true},
		"no estimate":         {edit(func(i *choice.Income) { i.PerHashDay = nil }), 0, 0, false},
		"nonsense":            {edit(func(i *choice.Income) { i.PerHashDay = number(math.NaN()) }), 0, 0, false},
		"endless":             {edit(func(i *choice.Income) { i.PerHashDay = number(math.Inf(1)) }), 0, 0, false},
		"negative":            {edit(func(i *choice.Income) { i.PerHashDay = number(-1) }), 0, 0, false},
		"too much":            {edit(func(i *choice.Income) { i.PerHashDay = number(1e308) }), 0, 0, false},
		"stale":               {edit(func(i *choice.Income) { i.AsOf = today.Add(-31 * time.Minute) }), 0, 0, false},
		"from the future":     {edit(func(i *choice.Income) { i.AsOf = today.Add(6 * time.Minute) }), 0, 0, false},
		"no time":             {edit(func(i *choice.Income) { i.AsOf = time.Time{} }), 0, 0, false},
		"not measured":        {edit(func(i *choice.Income) { i.Hashrate = 0 }), 0, 0, false},
		"power unknown":       {edit(func(i *choice.Income) { i.Watts = nil }), 0.25, 0, false},
		"power nonsense":      {edit(func(i *choice.Income) { i.Watts = number(math.NaN()) }), 0.25, 0, false},
		"price nonsense":      {good, math.NaN(), 0, false},
	} {
		got, ok := choice.Profit(c.income, c.price, today)
		if ok != c.ok || math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %v, %v; want %v, %v", name, got, ok, c.want, c.ok)
		}
	}
}

func TestBestChangesForGoodReasonsOnly(t *testing.T) {
	unknown := choice.Income{ID: "unknown"}
	costly := func(id string, perDay, watts float64) choice.Income {
		i := income(id, perDay)
		i.Watts = &watts
		return i
	}
	for name, c := range map[string]struct {
		offers  []choice.Income
		current string
		since   time.Duration
		price   float64
		want    int
	}{
		"no offers":                    {nil, "", 0, 0, -1},
		"one":                          {[]choice.Income{unknown}, "", 0, 0, 0},
		"a start":                      {[]choice.Income{income("a", 1), income("b", 2)}, "", 0, 0, 1},
		"a start, hardly better":       {[]choice.Income{income("a", 1), income("b", 1.04)}, "", 0, 0, 0},
		"a start, first unknown":       {[]choice.Income{unknown, income("b", 9)}, "", 0, 0, 0},
		"better":                       {[]choice.Income{income("a", 1), income("b", 2)}, "a", time.Hour, 0, 1},
		"better, too early":            {[]choice.Income{income("a", 1), income("b", 2)}, "a", 9 * time.Minute, 0, 0},
		"hardly better":                {[]choice.Income{income("a", 1), income("b", 1.04)}, "a", time.Hour, 0, 0},
		"back to the first":            {[]choice.Income{income("a", 2), income("b", 1)}, "b", time.Hour, 0, 0},
		"present unknown":              {[]choice.Income{income("a", 9), unknown}, "unknown", time.Hour, 0, 1},
		"other unknown":                {[]choice.Income{income("a", 1), unknown}, "a", time.Hour, 0, 0},
		"present gone":                 {[]choice.Income{income("a", 1), income("b", 1)}, "gone", time.Minute, 0, 0},
		"the best of three":            {[]choice.Income{income("a", 1), income("b", 2), income("c", 3)}, "a", time.Hour, 0, 2},
		"electricity decides":          {[]choice.Income{costly("a", 3, 200), costly("b", 2.5, 50)}, "a", time.Hour, 0.3, 1},
		"less of a loss":               {[]choice.Income{costly("a", 1, 200), costly("b", 1, 150)}, "a", time.Hour, 0.5, 1},
		"hardly less of a loss":        {[]choice.Income{costly("a", 1, 200), costly("b", 1, 198)}, "a", time.Hour, 0.5, 0},
		"power of the present unknown": {[]choice.Income{income("a", 1), costly("b", 3, 1)}, "a", time.Hour, 0.3, 0},
	} {
		if got := choice.Best(c.offers, c.current, today.Add(-c.since), c.price, today); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// Prices jump about for a month: no stay is shorter than ten minutes, and no change
// is to what nobody can value.
func TestBestNeverFlutters(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	offers := []choice.Income{income("a", 1), income("b", 1), income("c", 1)}
	current, since, changes := "a", today, 0
	for now := today; now.Before(today.Add(30 * 24 * time.Hour)); now = now.Add(time.Minute) {
		for i := range offers {
			switch r.IntN(20) {
			case 0:
				offers[i].PerHashDay = nil
			case 1:
				// its estimate grows old
			default:
				offers[i].PerHashDay, offers[i].AsOf = number(r.Float64()), now
			}
		}
		next := offers[choice.Best(offers, current, since, 0, now)]
		if next.ID == current {
			continue
		}
		if now.Sub(since) < 10*time.Minute {
			t.Fatalf("a stay of %v", now.Sub(since))
		}
		if _, ok := choice.Profit(next, 0, now); !ok {
			t.Fatalf("a change to %s, which nobody can value", next.ID)
		}
		current, since = next.ID, now
		changes++
	}
	if changes == 0 {
		t.Error("nothing ever changes")
	}
}
