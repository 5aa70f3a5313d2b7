package view

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
)

// alarm tells the one problem that matters most, and what to do about it.
type alarm struct {
	content  *panel
	what, do *widget.Label
	detail   *widget.Label
	again    *widget.Button
}

func newAlarm(actions Actions) *alarm {
	a := &alarm{what: newBold(""), do: newText(theme.SizeNameText), detail: newCaption("")}
	a.do.Wrapping = fyne.TextWrapWord
	a.again = widget.NewButtonWithIcon(say("button.retry", nil), icon("again"), func() { actions.Do(model.Retry{}) })
	a.content = newNotice(colorAlarm, tinted("trouble", theme.ColorNameError), a.again, a.what, a.do, a.detail)
	a.content.Hide()
	return a
}

func (a *alarm) show(s model.State) {
	p, trouble := s.Problem()
	if trouble {
		what, do := Problem(p)
		put(a.what, what)
		put(a.do, do)
		detail := firstLine(p.Detail)
		if p.Code == model.TooFewShares { // its detail is why shares are refused
			detail = refusalInWords(s.Totals())
		}
		put(a.detail, detail)
		reveal(a.detail, detail != "")
		reveal(a.again, p.Code != model.TooFewShares && p.Code != model.SettingsDamaged && p.Code != model.SettingsUnsaved)
	}
	reveal(a.content, trouble)
}

// newNotice makes a coloured strip: a picture, texts, and a button.
func newNotice(fill fyne.ThemeColorName, picture fyne.Resource, button fyne.CanvasObject, texts ...fyne.CanvasObject) *panel {
	drawn := widget.NewIcon(picture)
	told := between(container.NewCenter(container.NewGridWrap(fyne.NewSquareSize(26), drawn)), nil, stacked(-8, texts...))
	return newPanel(fill, container.New(&fold{share: 1, least: 460, gap: 6}, told, started(inset(button))))
}

// reminder asks for the backup of the key, from when there is something to lose until
// it is done; and for a new key after the key was spent from.
type reminder struct {
	content     *panel
	title, text *widget.Label
	act         *widget.Button
	spent       bool // it is about a new key
}

func newReminder(actions Actions) *reminder {
	r := &reminder{title: newBold(""), text: newCaption("")}
	r.act = widget.NewButton("", func() {
		if r.spent {
			startRenewal(actions)
		} else {
			startBackup(actions)
		}
	})
	r.content = newNotice(colorNotice, tinted("shield", theme.ColorNameWarning), r.act, r.title, r.text)
	r.content.Hide()
	return r
}

func (r *reminder) show(s model.State) {
	r.spent = s.WantsNewKey()
	name := "remind.backup"
	switch {
	case r.spent:
		name = "remind.renew"
	case s.Settings.Backup.Stage == settings.WordsShown:
		name = "remind.finish"
	}
	put(r.title, say(name, nil))
	put(r.text, say(name+"-about", nil))
	text := say("button.backup", nil)
	if r.spent {
		text = say("button.renew", nil)
	}
	caption(r.act, text, nil, widget.MediumImportance, true)
	reveal(r.content, r.spent || s.WantsBackup())
}

// loginOffer asks once whether Adit shall start with the computer, when it has shown
// what it is good for and nothing more urgent is asked.
type loginOffer struct{ content *panel }

func newLoginOffer(actions Actions) *loginOffer {
	choose := func(yes bool) func() {
		return func() { actions.change(func(s *settings.Settings) { s.AtLogin = answer(yes) }) }
	}
	yes, no := widget.NewButton(say("login.yes", nil), choose(true)), widget.NewButton(say("login.no", nil), choose(false))
	no.Importance = widget.LowImportance
	o := &loginOffer{newNotice(colorPanel, icon("power"), inLine(no, yes), newBold(say("login.title", nil)), newCaption("login.about"))}
	o.content.Hide()
	return o
}

func (o *loginOffer) show(s model.State) {
	reveal(o.content, s.Settings.AtLogin == settings.Unasked && s.BackedUp() && s.Totals().Accepted > 0)
}

// firstLine returns the beginning of what somebody else's program says.
func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	if runes := []rune(line); len(runes) > 200 {
		return string(runes[:200]) + " …"
	}
	return line
}
