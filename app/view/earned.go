package view

import (
	"image/color"
	"math"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// newSpace returns an invisible object of some height.
func newSpace(height float32) fyne.CanvasObject {
	r := canvas.NewRectangle(color.Transparent)
	r.SetMinSize(fyne.NewSize(1, height))
	return r
}

// sum is an amount with what it is, and what it is about worth.
type sum struct {
	content fyne.CanvasObject
	amount  *widget.Label
	worth   *widget.Label
}

func newSum(name string) *sum {
	m := &sum{amount: newText(sizeLarge), worth: newCaption("")}
	m.amount.TextStyle.Bold = true
	m.content = stacked(-8, m.amount, newCaption(name), m.worth)
	return m
}

func (m *sum) show(amount, value string) {
	put(m.amount, amount)
	put(m.worth, value)
	reveal(m.worth, value != "")
}

// earned says how much money there is and when more comes.
type earned struct {
	content          fyne.CanvasObject
	way, paid        *sum
	bar              *bar
	next, wait, rate *widget.Label
}

func newEarned() *earned {
	e := &earned{way: newSum("earned.way"), paid: newSum("earned.paid"), bar: newBar(), next: newCaption(""), wait: newCaption(""), rate: newCaption("")}
	e.content = card("earned.title",
		container.New(&fold{share: 0.5}, e.way.content, e.paid.content),
		container.New(layout.NewCustomPaddedLayout(4, 2, textInset, textInset), e.bar), stacked(-8, e.next, e.wait, e.rate))
	return e
}

func (e *earned) show(s model.State) {
	b, known := s.Balance()
	way, paid, wayWorth, paidWorth := unknown, unknown, "", ""
	if known {
		way, paid = coins(b.OnItsWay(), b.Symbol), coins(b.Paid, b.Symbol)
		if sum, currency, priced := worth(s, b.Coin, b.Network, b.OnItsWay()); priced && sum > 0 {
			wayWorth = say("about.worth", args{"Money": money(sum, currency)})
		}
		if sum, currency, priced := worth(s, b.Coin, b.Network, b.Paid); priced && sum > 0 {
			paidWorth = say("about.worth", args{"Money": money(sum, currency)})
		}
	}
	e.way.show(way, wayWorth)
	e.paid.show(paid, paidWorth)
	next, part := nextPayout(s, b, known)
	put(e.next, next)
	e.bar.set(part)
	if b.Immature > 0 {
		put(e.wait, say("earned.immature", args{"Amount": number(trim(b.Immature.String())), "Symbol": b.Symbol}))
	}
	reveal(e.wait, b.Immature > 0)
	put(e.rate, income(s))
}

// nextPayout says what is missing for the next payout, and about when it comes.
func nextPayout(s model.State, b model.Balance, known bool) (text string, part float64) {
	if !known || b.Minimum <= 0 {
		return say("earned.unknown", nil), 0
	}
	values := args{"Minimum": number(trim(b.Minimum.String())), "Symbol": b.Symbol}
	if part = float64(b.Pending) / float64(b.Minimum); part >= 1 {
		return say("earned.due", nil), 1
	}
	in := s.Income()
	missing, err := strconv.ParseFloat((b.Minimum - b.Pending).String(), 64)
	if err != nil || !in.Known || in.Symbol != b.Symbol || in.Coins <= 0 || s.Totals().Units == 0 {
		return say("earned.next", values), part
	}
	values["When"] = when(missing/in.Coins, s.Now)
	return say("earned.next-when", values), part
}

// when says how soon something is that is so many days away: the further, the less
// exactly.
func when(days float64, now time.Time) string {
	switch {
	case days < 1.0/24:
		return say("when.hour", nil)
	case days < 1.5:
		return say("when.hours", args{"Hours": int(math.Ceil(days * 24))})
	case days < 60:
		return say("when.date", args{"Date": day(now.Add(time.Duration(days*24)*time.Hour), now)})
	case days < 700:
		return say("when.months", args{"Months": int(math.Round(days / 30.4))})
	}
	return say("when.years", nil)
}

// income says what mining is expected to bring in a day, in coins and money.
func income(s model.State) string {
	in := s.Income()
	if !in.Known {
		return say("income.unknown", nil)
	}
	values := args{"Coins": figures(in.Coins, 3), "Symbol": in.Symbol, "Time": clock(in.At.Local())}
	if !in.Priced {
		return say("income.coins", values)
	}
	values["Money"] = money(in.Money, in.Currency)
	if !in.Costed {
		return say("income.money", values)
	}
	values["Cost"] = money(in.Cost, in.Currency)
	values["Rest"] = money(in.Money-in.Cost, in.Currency)
	return say("income.rest", values)
}
