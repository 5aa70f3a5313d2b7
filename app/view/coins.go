package view

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// coinsScreen lists what the pool has to mine and what each would bring. The choice
// is Adit's unless the user makes it.
type coinsScreen struct {
	scroll  *container.Scroll
	actions Actions
	auto    *offerCard
	list    *fyne.Container
	cards   []*offerCard
	none    *panel
}

func newCoinsScreen(actions Actions) *coinsScreen {
	c := &coinsScreen{actions: actions, list: stacked(gap)}
	c.auto = newOfferCard(actions)
	c.none = newPanel(colorPanel, newSaying("coins.none"))
	c.scroll = newPage(AtCoins, c.none, c.auto.content, c.list, newCaption("coins.estimates"))
	return c
}

func (c *coinsScreen) content() fyne.CanvasObject { return c.scroll }

func (c *coinsScreen) show(s model.State) {
	offers := s.Offers()
	reveal(c.none, len(offers) == 0)
	reveal(c.auto.content, len(offers) > 0)
	c.auto.showAutomatic(s)
	for len(c.cards) < len(offers) {
		card := newOfferCard(c.actions)
		c.cards = append(c.cards, card)
		c.list.Add(card.content)
	}
	for i, card := range c.cards {
		reveal(card.content, i < len(offers))
		if i < len(offers) {
			card.show(offers[i])
		}
	}
}

// offerCard is one coin or switch port, or the choice of Adit's.
type offerCard struct {
	content *panel
	id      string
	name    *widget.Label
	about   *widget.Label
	brings  *widget.Label
	money   *widget.Label
	choose  *widget.Button
	chosen  bool
}

func newOfferCard(actions Actions) *offerCard {
	c := &offerCard{name: newBold(""), about: newCaption(""), brings: newText(theme.SizeNameText), money: newText(theme.SizeNameCaptionText)}
	c.name.SizeName = theme.SizeNameSubHeadingText
	c.brings.TextStyle.Bold = true
	c.brings.Alignment, c.money.Alignment = trailing(), trailing()
	c.money.Importance = widget.LowImportance
	c.choose = widget.NewButton("", func() { actions.Do(model.ChooseCoin{ID: c.id}) })
	texts := stacked(-8, c.name, c.about)
	figures := inLine(container.NewCenter(stacked(-10, c.brings, c.money)), container.NewCenter(c.choose))
	c.content = newPanel(colorPanel, container.New(&fold{share: 1, least: 520}, texts, started(figures)))
	return c
}

func (c *offerCard) showAutomatic(s model.State) {
	put(c.name, say("coins.auto", nil))
	put(c.about, say("coins.auto-about", nil))
	reveal(c.brings, false)
	reveal(c.money, false)
	c.showChoice(s.Settings.Coin == "", true)
}

func (c *offerCard) show(o model.Offer) {
	c.id = o.ID
	values := args{"Coin": o.Name, "Symbol": o.Symbol, "Algorithm": o.Algorithm, "Fee": number(strconv.FormatFloat(o.Fee, 'f', -1, 64)),
		"Scheme": o.Scheme, "Minimum": number(trim(o.Minimum))}
	put(c.name, o.Name)
	about := say("coins.about", values)
	if o.Switch {
		about = say("coins.switch", values)
	}
	switch {
	case !o.Minable:
		about = say("coins.cannot", args{"About": about})
	case o.Current:
		about = say("coins.current", args{"About": about})
	}
	put(c.about, about)
	brings, sum := offerInWords(o)
	put(c.brings, brings)
	put(c.money, sum)
	reveal(c.brings, o.Minable)
	reveal(c.money, o.Minable && sum != "")
	c.showChoice(o.Chosen, o.Minable)
}

func (c *offerCard) showChoice(chosen, possible bool) {
	if c.chosen != chosen || c.choose.Text == "" {
		c.chosen = chosen
		c.choose.Icon, c.choose.Importance = nil, widget.MediumImportance
		c.choose.Text = say("coins.choose", nil)
		if chosen {
			c.choose.Icon, c.choose.Importance = tinted("good", theme.ColorNameSuccess), widget.LowImportance
			c.choose.Text = say("coins.chosen", nil)
		}
		c.choose.Refresh()
	}
	caption(c.choose, c.choose.Text, c.choose.Icon, c.choose.Importance, possible)
}

// offerInWords says what an offer would bring in a day, and about how much money
// that is after electricity.
func offerInWords(o model.Offer) (brings, sum string) {
	in := o.Income
	if !in.Known {
		return say("coins.unknown", nil), ""
	}
	brings = say("coins.brings", args{"Coins": figures(in.Coins, 3), "Symbol": in.Symbol})
	switch at := clock(in.At.Local()); {
	case in.Priced && in.Costed:
		return brings, say("coins.money-rest", args{"Money": money(in.Money-in.Cost, in.Currency), "Time": at})
	case in.Priced:
		return brings, say("coins.money", args{"Money": money(in.Money, in.Currency), "Time": at})
	}
	return brings, say("coins.no-price", nil)
}
