package view

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
)

// settingsScreen is the user's choices.
type settingsScreen struct {
	scroll *container.Scroll
	parts  []part
}

func newSettingsScreen(actions Actions) *settingsScreen {
	p := &settingsScreen{}
	hours := newHoursCard(actions)
	p.scroll = newPage(AtSettings,
		p.group("set.group-work", p.power(actions), p.inUse(actions), p.number(actions, "idle", []int{1, 2, 5, 10, 15, 30, 60},
			"set.minutes", func(r *settings.Rules) *int { return &r.IdleMinutes })),
		p.group("set.group-wait",
			p.rule(actions, "battery", func(r *settings.Rules) *bool { return &r.OnBattery }),
			p.rule(actions, "full-screen", func(r *settings.Rules) *bool { return &r.FullScreen }),
			p.rule(actions, "metered", func(r *settings.Rules) *bool { return &r.Metered }),
			p.number(actions, "cpu-heat", limits, "set.degrees", func(r *settings.Rules) *int { return &r.CPUCelsius }),
			p.number(actions, "gpu-heat", limits, "set.degrees", func(r *settings.Rules) *int { return &r.GPUCelsius })),
		hours.content,
		p.group("set.group-computer", p.atLogin(actions), p.onClose(actions), p.notify(actions)),
		p.group("set.group-key", newSetPassword(actions), p.lock(actions)),
		p.group("set.group-money", p.currency(actions), p.price(actions)),
		p.group("set.group-look", p.language(actions), p.look(actions)),
		p.group("set.group-programs", p.closed(actions), p.worker(actions), p.miner(actions), p.threads(actions), p.server(actions)))
	p.parts = append(p.parts, hours)
	return p
}

func (p *settingsScreen) content() fyne.CanvasObject { return p.scroll }

func (p *settingsScreen) show(s model.State) {
	for _, one := range p.parts {
		one.show(s)
	}
}

// control is a setting that is shown.
type control interface {
	part
	object() fyne.CanvasObject
}

func (t *setToggle) object() fyne.CanvasObject { return t.content }
func (c *setChoice) object() fyne.CanvasObject { return c.content }
func (t *setText) object() fyne.CanvasObject   { return t.content }

func (p *settingsScreen) group(title string, controls ...control) fyne.CanvasObject {
	rows := stacked(2)
	for _, c := range controls {
		p.parts = append(p.parts, c)
		rows.Add(c.object())
	}
	return card(title, rows)
}

// limits are the temperatures that can be chosen.
var limits = []int{60, 65, 70, 75, 80, 85, 88, 90, 95, 100}

// rule is a toggle of a rule.
func (*settingsScreen) rule(actions Actions, name string, at func(*settings.Rules) *bool) control {
	return newSetToggle(actions, name, func(s settings.Settings) bool { return *at(&s.Rules) },
		func(s *settings.Settings, on bool) { *at(&s.Rules) = on })
}

// number is a choice of a rule's number, with its unit in the words called unit.
func (*settingsScreen) number(actions Actions, name string, values []int, unit string, at func(*settings.Rules) *int) control {
	var texts []string
	for _, v := range values {
		texts = append(texts, strconv.Itoa(v))
	}
	return newSetChoice(actions, name, texts, func(v string) string { return say(unit, args{"N": v}) },
		func(s settings.Settings) string { return strconv.Itoa(*at(&s.Rules)) },
		func(s *settings.Settings, v string) { *at(&s.Rules), _ = strconv.Atoi(v) })
}

func (*settingsScreen) power(actions Actions) control {
	var values []string
	for _, power := range settings.Powers() {
		values = append(values, string(power))
	}
	return newSetChoice(actions, "power", values, worded("power"), func(s settings.Settings) string { return string(s.Power) },
		func(s *settings.Settings, v string) { s.Power, s.Threads = settings.Power(v), 0 })
}

func (*settingsScreen) inUse(actions Actions) control {
	return newSetChoice(actions, "in-use", []string{string(settings.GoOn), string(settings.Slower), string(settings.Wait)}, worded("in-use"),
		func(s settings.Settings) string { return string(s.Rules.InUse) },
		func(s *settings.Settings, v string) { s.Rules.InUse = settings.InUse(v) })
}

func (*settingsScreen) atLogin(actions Actions) control {
	return newSetToggle(actions, "at-login", func(s settings.Settings) bool { return s.AtLogin == settings.Yes },
		func(s *settings.Settings, on bool) { s.AtLogin = answer(on) })
}

func answer(yes bool) settings.Answer {
	if yes {
		return settings.Yes
	}
	return settings.No
}

func (*settingsScreen) onClose(actions Actions) control {
	return newSetChoice(actions, "on-close", []string{string(settings.Unasked), string(settings.Yes), string(settings.No)}, worded("on-close"),
		func(s settings.Settings) string { return string(s.OnClose) },
		func(s *settings.Settings, v string) { s.OnClose = settings.Answer(v) })
}

// lock is after how long a key with a password is locked again.
func (*settingsScreen) lock(actions Actions) control {
	word := func(v string) string {
		if v == "0" {
			return say("set.never", nil)
		}
		return say("set.minutes", args{"N": v})
	}
	return newSetChoice(actions, "lock", []string{"1", "5", "10", "30", "60", "0"}, word,
		func(s settings.Settings) string { return strconv.Itoa(s.LockMinutes) },
		func(s *settings.Settings, v string) { s.LockMinutes, _ = strconv.Atoi(v) })
}

func (*settingsScreen) notify(actions Actions) control {
	return newSetToggle(actions, "notify", func(s settings.Settings) bool { return s.Notify },
		func(s *settings.Settings, on bool) { s.Notify = on })
}

// currencies are those that the list offers, the most used first; "" is the system's.
var currencies = strings.Split(" EUR USD GBP CHF PLN CZK HUF RON SEK NOK DKK TRY UAH RUB CAD AUD NZD BRL MXN ARS INR JPY CNY KRW IDR VND THB PHP ZAR NGN ILS AED SAR", " ")

func (*settingsScreen) currency(actions Actions) control {
	word := func(v string) string {
		if v == "" {
			return say("set.by-system", nil)
		}
		return v
	}
	return newSetChoice(actions, "currency", currencies, word, func(s settings.Settings) string { return s.Currency },
		func(s *settings.Settings, v string) { s.Currency = v })
}

func (*settingsScreen) price(actions Actions) control {
	return newSetText(actions, "price", say("set.price-hint", nil),
		func(s settings.Settings) string {
			if s.PricePerKWh == 0 {
				return ""
			}
			return point(strconv.FormatFloat(s.PricePerKWh, 'f', -1, 64))
		},
		func(s *settings.Settings, text string) {
			if v, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(text), ",", ".", 1), 64); err == nil || text == "" {
				s.PricePerKWh = v
			}
		})
}

func (*settingsScreen) language(actions Actions) control {
	codes, names := []string{""}, map[string]string{"": say("set.by-system", nil)}
	for _, l := range Languages() {
		codes = append(codes, l.Code)
		names[l.Code] = l.Name
	}
	return newSetChoice(actions, "language", codes, func(v string) string { return names[v] },
		func(s settings.Settings) string { return s.Language }, func(s *settings.Settings, v string) { s.Language = v })
}

func (*settingsScreen) look(actions Actions) control {
	return newSetChoice(actions, "theme", []string{"", "light", "dark"}, worded("theme"),
		func(s settings.Settings) string { return s.Theme }, func(s *settings.Settings, v string) { s.Theme = v })
}

// worded returns the words of values whose names begin with name; "" is called
// "none" there.
func worded(name string) func(value string) string {
	return func(value string) string {
		if value == "" {
			value = "none"
		}
		return say(name+"."+value, nil)
	}
}
