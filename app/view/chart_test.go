package view

import (
	"image/color"
	"math"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/model"
)

func TestALineIsDrawnWhereItsValuesAre(t *testing.T) {
	nan := math.NaN()
	for name, tt := range map[string]struct {
		graph graph
		high  []int // first row with the line's colour in columns 0, 50 and 99 of 100; -1 for none
	}{
		"flat at half":     {graph{values: []float64{5, 5, 5}, top: 10}, []int{49, 49, 49}},
		"rising":           {graph{values: []float64{0, 5, 10}, top: 10}, []int{97, 48, 1}},
		"a hole":           {graph{values: []float64{5, 5, nan, nan, nan, 5, 5}, top: 10}, []int{49, -1, 49}},
		"one value":        {graph{values: []float64{5}, top: 10}, []int{-1, -1, 48}},
		"one of many":      {graph{values: []float64{nan, nan, 5, nan, nan}, top: 10}, []int{-1, 48, -1}},
		"one at the start": {graph{values: []float64{5, nan, nan}, top: 10}, []int{48, -1, -1}},
		"one at the edge":  {graph{values: []float64{nan, nan, 20}, top: 10}, []int{-1, -1, 1}},
		"nothing":          {graph{values: []float64{nan, nan}, top: 10}, []int{-1, -1, -1}},
		"above its top":    {graph{values: []float64{20, 20}, top: 10}, []int{1, 1, 1}},
		"bars of the full": {graph{values: []float64{10}, top: 10, bars: true}, []int{-1, 0, -1}},
	} {
		img := tt.graph.paint(100, 100, 1, color.NRGBA{R: 0xff, A: 0xff})
		for i, x := range []int{0, 50, 99} {
			row := -1
			for y := 99; y >= 0; y-- {
				if _, _, _, a := img.At(x, y).RGBA(); a > 0x8000 {
					row = y
				}
			}
			if d := row - tt.high[i]; d < -1 || d > 1 {
				t.Errorf("%s: column %d begins at %d, want about %d", name, x, row, tt.high[i])
			}
		}
	}
}

// TestTheChartChangesWithASampleOnly is what makes an open window cheap.
func TestTheChartChangesWithASampleOnly(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	var samples []model.Sample
	for i := range 100 {
		samples = append(samples, model.Sample{At: now.Add(time.Duration(i) * 10 * time.Second), Hashrate: 1000})
	}
	a, b := lastHour(samples), lastHour(append(samples[:100:100], model.Sample{At: now.Add(1000 * time.Second), Hashrate: 2000}))
	if !a.same(lastHour(samples)) || a.same(b) {
		t.Error("the graph does not follow the samples")
	}
	for i, v := range a.values {
		if math.IsNaN(v) {
			t.Errorf("a hole at %d of %d though it was measured all the time", i, len(a.values))
		}
	}
	if !lastHour(nil).same(graph{}) {
		t.Error("without samples there is a graph")
	}
}

// TestOneSampleIsAPoint is about the first minute of mining.
func TestOneSampleIsAPoint(t *testing.T) {
	c := newChart(100, "chart.empty")
	if c.drawn() {
		t.Error("nothing is drawn")
	}
	c.set(rateGraph([]float64{math.NaN(), 1000, math.NaN()}))
	if !c.drawn() {
		t.Error("one value is not drawn")
	}
	c.set(rateGraph([]float64{math.NaN(), math.NaN()}))
	if c.drawn() {
		t.Error("values that nobody knows are drawn")
	}
}

func TestRoundNumbersAreLargerAndShort(t *testing.T) {
	for in, want := range map[float64]float64{0: 1, 0.9: 1, 1: 1, 1.1: 1.2, 11: 12, 4100: 5000, 9000: 10000, 123456: 150000} {
		if got := round(in); math.Abs(got-want) > want/1e9 {
			t.Errorf("round(%v) = %v, want %v", in, got, want)
		}
	}
}

func TestNumbersForPeople(t *testing.T) {
	if err := LoadWords(""); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ got, want string }{
		{figures(0.00342, 2), "0.0034"}, {figures(1234.5, 3), "1,234"}, {figures(1.999, 2), "2"}, {figures(0, 3), "0"}, {figures(-0.5, 2), "-0.5"},
		{money(0.0034, "EUR"), "0.0034 EUR"}, {money(12.3, "EUR"), "12.30 EUR"}, {money(0, "EUR"), "0 EUR"},
		{trim("1.50000000"), "1.5"}, {trim("0.00000001"), "0.00000001"}, {trim("12.345678"), "12.3456"}, {trim("3.00000000"), "3"},
		{percent(3, 1237), "0.24"}, {percent(1, 4), "25"}, {percent(0, 0), "0"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}
