package view

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// poolScreen says whose pool this is, on what terms, and leads to the person's page
// there.
type poolScreen struct {
	scroll  *container.Scroll
	alarm   *alarm
	address string
	name    *widget.Label
	host    *widget.Label
	terms   []*term
	rules   *widget.Label
	contact *widget.Label
	extras  fyne.CanvasObject
	page    *pageCard
}

// term is one of the pool's conditions.
type term struct {
	content fyne.CanvasObject
	value   *widget.Label
}

func newTerm(name string) *term {
	t := &term{value: newBold("")}
	t.content = stacked(-10, newCaption(name), t.value)
	return t
}

func newPoolScreen(window fyne.Window, actions Actions) *poolScreen {
	p := &poolScreen{alarm: newAlarm(actions), name: newBold(""), host: newProse(), rules: newProse(), contact: newProse(), page: newPageCard(actions)}
	p.name.SizeName = sizeLarge
	p.host.Wrapping, p.rules.Wrapping = fyne.TextWrapBreak, fyne.TextWrapWord
	p.terms = []*term{newTerm("pool.fee"), newTerm("pool.scheme"), newTerm("pool.minimum"), newTerm("pool.coins")}
	var terms []fyne.CanvasObject
	for _, t := range p.terms {
		terms = append(terms, t.content)
	}
	change := widget.NewButton(say("button.change-pool", nil), func() { askPool(window, p.address, actions) })
	head := container.New(&fold{share: 1, least: 420}, stacked(-8, p.name, p.host), started(inset(change)))
	p.extras = card("pool.rules", p.rules, p.contact)
	p.scroll = newPage(AtPool, p.alarm.content, newPanel(colorPanel, stacked(4, head, container.New(&tiles{least: 170}, terms...))), p.page.content, p.extras)
	return p
}

func (p *poolScreen) content() fyne.CanvasObject { return p.scroll }

func (p *poolScreen) show(s model.State) {
	p.alarm.show(s)
	p.address = s.Settings.Pool
	name, where := say("pool.none", nil), say("about.no-pool", nil)
	if s.Settings.Pool != "" {
		name, where = s.PoolName(), host(s.Settings.Pool)
		if !s.Pool.Known {
			where = say("pool.asking", args{"Pool": where})
		}
	}
	put(p.name, name)
	put(p.host, where)
	info := s.Pool.Info
	put(p.rules, info.Rules)
	reveal(p.rules, info.Rules != "")
	put(p.contact, say("pool.contact", args{"Contact": info.Contact}))
	reveal(p.contact, info.Contact != "")
	reveal(p.extras, info.Rules != "" || info.Contact != "")
	p.showTerms(s)
	p.page.show(s)
}

func (p *poolScreen) showTerms(s model.State) {
	c := s.Target.Coin
	values := []string{unknown, unknown, unknown, unknown}
	if s.Pool.Known {
		values[0] = strconv.FormatFloat(s.Pool.Info.FeePercent, 'f', -1, 64) + " %"
		values[3] = coinNames(s)
	}
	if c.PayoutScheme != "" {
		values[1] = schemeInWords(c.PayoutScheme)
	}
	if c.PayoutMinimum != "" {
		values[2] = say("amount", args{"Amount": number(trim(c.PayoutMinimum)), "Symbol": c.Symbol})
	}
	for i, t := range p.terms {
		put(t.value, values[i])
	}
}

// schemeInWords says how a pool shares out what it finds.
func schemeInWords(scheme string) string {
	switch scheme {
	case "PPLNS", "PROP", "SOLO", "PPS":
		return say("scheme."+scheme, nil)
	}
	return scheme
}

func coinNames(s model.State) string {
	names := ""
	for i, c := range s.Pool.Info.Coins {
		switch {
		case i == 0:
			names = c.Name
		case i < 4:
			names = say("list.and", args{"First": names, "Next": c.Name})
		case i == 4:
			names = say("list.more", args{"First": names, "More": len(s.Pool.Info.Coins) - 4})
		}
	}
	return names
}

// pageCard opens the person's page at the pool, here and on a phone.
type pageCard struct {
	content fyne.CanvasObject
	open    *widget.Button
	about   *widget.Label
	code    *qrCode
	copy    *copyButton
}

func newPageCard(actions Actions) *pageCard {
	p := &pageCard{about: newCaption(""), code: newQR(), copy: newCopyButton(actions)}
	p.open = widget.NewButton(say("button.page", nil), func() { actions.Do(model.OpenPage{}) })
	p.open.Importance = widget.HighImportance
	words := stacked(2, newSaying("page.about"), inset(inLine(p.open, p.copy.content)), p.about)
	code := container.New(layout.NewCustomPaddedLayout(4, 4, textInset, 4), p.code.content)
	p.content = card("page.title", container.New(&fold{share: 0, least: codeSize + 230}, code, words))
	return p
}

func (p *pageCard) show(s model.State) {
	address := s.MyPage()
	reveal(p.content, address != "")
	p.copy.set(address)
	if address != "" {
		p.code.set(address)
	}
	about := say("page.phone", nil)
	switch {
	case s.Page.Busy:
		about = say("page.busy", nil)
	case s.Page.Fault.Code != "":
		what, do := Problem(s.Page.Fault)
		about = say("unit.broken", args{"What": what, "Do": do})
	}
	put(p.about, about)
	caption(p.open, p.open.Text, nil, widget.HighImportance, !s.Page.Busy)
}
