package view

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// historyScreen looks back: charts of an hour, a day, a month, and what happened in
// sentences.
type historyScreen struct {
	scroll *container.Scroll
	last   model.State
	span   string
	choice *segments
	rate   *chart
	heat   *chart
	shares *chart
	earned *chart
	income *panel // around earned
	events *eventList
}

// spans are the stretches of time that the charts can show.
var spans = []string{"hour", "day", "month"}

func newHistoryScreen() *historyScreen {
	h := &historyScreen{span: "hour", rate: newChart(150, "chart.empty"), heat: newChart(120, "chart.empty"),
		shares: newChart(120, "chart.empty"), earned: newChart(120, "chart.empty"), events: newEventList()}
	h.choice = newSegments("span", spans, func(value string) {
		h.span = value
		h.show(h.last)
	})
	h.income = card("chart.earned", inset(h.earned))
	charts := container.New(&board{right: []bool{false, true, false}},
		card("chart.heat", inset(h.heat)), card("chart.shares", inset(h.shares)), h.income)
	h.scroll = newPage(AtHistory, inset(h.choice.content), card("chart.rate", inset(h.rate)), charts, h.events.content)
	return h
}

func (h *historyScreen) content() fyne.CanvasObject { return h.scroll }

func (h *historyScreen) show(s model.State) {
	h.last = s
	h.choice.set(h.span)
	b, begin, end := spread(s, h.span)
	label := func(g graph) graph {
		g.begin, g.end = begin, end
		return g
	}
	h.rate.set(label(rateGraph(b.mean(hashrateOf))))
	h.heat.set(label(heatGraph(b.mean(celsiusOf))))
	shares := b.sum(acceptedOf)
	top := round(largest(shares))
	h.shares.set(label(graph{values: shares, top: top, bars: true, most: group(int64(top))}))
	symbol := s.Target.Coin.Symbol
	coins := b.sum(earnedIn(symbol))
	top = round(largest(coins))
	h.earned.set(label(graph{values: coins, top: top, bars: true, most: say("amount", args{"Amount": figures(top, 2), "Symbol": symbol})}))
	reveal(h.income, largest(coins) > 0)
	h.events.show(s)
}

// spread sorts a state's samples for a span, and names its ends.
func spread(s model.State, span string) (b buckets, begin, end string) {
	now := s.Now
	switch span {
	case "day":
		at := now.Truncate(time.Hour).Add(time.Hour)
		return sorted(s.Days, at, time.Hour, 24), clock(at.Add(-24 * time.Hour)), clock(at)
	case "month":
		at := now.Truncate(6 * time.Hour).Add(6 * time.Hour)
		return sorted(s.Days, at, 6*time.Hour, 31*4), day(at.AddDate(0, 0, -31), now), say("day.today", nil)
	}
	at := now.Truncate(time.Minute).Add(time.Minute)
	return sorted(s.Samples, at, time.Minute, 60), clock(at.Add(-time.Hour)), clock(at)
}

// eventList is what happened, the newest first, under the days.
type eventList struct {
	content *panel
	rows    *fyne.Container
	shown   int       // entries that are drawn
	newest  time.Time // of them
	today   string    // when they were
}

// longestList is how many entries are drawn; more are kept by the model.
const longestList = 40

func newEventList() *eventList {
	l := &eventList{rows: stacked(-8), today: "-"}
	l.content = card("history.title", l.rows)
	return l
}

func (l *eventList) show(s model.State) {
	var newest time.Time
	if n := len(s.History); n > 0 {
		newest = s.History[n-1].At
	}
	today := s.Now.Format(time.DateOnly)
	if l.shown == len(s.History) && l.newest.Equal(newest) && l.today == today {
		return
	}
	l.shown, l.newest, l.today = len(s.History), newest, today
	l.rows.RemoveAll()
	if len(s.History) == 0 {
		l.rows.Add(newSaying("history.none"))
	}
	under := ""
	for i := len(s.History) - 1; i >= max(len(s.History)-longestList, 0); i-- {
		e := s.History[i]
		if d := day(e.At, s.Now); d != under {
			under = d
			heading := newBold(d)
			l.rows.Add(heading)
		}
		l.rows.Add(newEventRow(e))
	}
}

func newEventRow(e model.Entry) fyne.CanvasObject {
	when, what := newText(theme.SizeNameCaptionText), newText(theme.SizeNameText)
	when.Importance = widget.LowImportance
	when.Text, what.Text = clock(e.At), History(e)
	what.Wrapping = fyne.TextWrapWord
	return between(container.NewVBox(newSpace(-1), when), nil, what)
}
