package view

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/assets"
)

// head is the line at the top: whose app, whose pool.
type head struct {
	content fyne.CanvasObject
	pool    *widget.Label
	change  *widget.Button
	address string
}

func newHead(window fyne.Window, actions Actions) *head {
	icon := canvas.NewImageFromResource(fyne.NewStaticResource("adit.svg", assets.Icon))
	icon.FillMode = canvas.ImageFillContain
	icon.SetMinSize(fyne.NewSquareSize(36))
	name := widget.NewLabelWithStyle("Adit", fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	name.SizeName = sizeLarge

	h := &head{pool: newText(theme.SizeNameText)}
	h.pool.Importance = widget.LowImportance
	h.pool.Truncation = fyne.TextTruncateEllipsis
	h.pool.Alignment = fyne.TextAlignTrailing
	h.change = widget.NewButton(say("button.change-pool", nil), func() { askPool(window, h.address, actions) })
	h.change.Hide()
	pool := container.NewVBox(layout.NewSpacer(), h.pool, layout.NewSpacer())
	h.content = container.NewBorder(nil, nil, container.NewHBox(icon, name), container.NewCenter(h.change), pool)
	return h
}

func (h *head) show(s model.State) {
	h.address = s.Settings.Pool
	text := say("pool.none", nil)
	switch {
	case s.Pool.Known:
		fee := strconv.FormatFloat(s.Pool.Info.FeePercent, 'f', -1, 64)
		text = say("pool.fee", args{"Pool": s.PoolName(), "Fee": fee})
	case s.Settings.Pool != "":
		text = s.Settings.Pool
	}
	put(h.pool, text)
	reveal(h.change, s.Settings.Pool != "")
}

// alarm tells the one problem that matters most, and what to do about it.
type alarm struct {
	content  *panel
	what, do *widget.Label
	detail   *widget.Label
	again    *widget.Button
}

func newAlarm(actions Actions) *alarm {
	a := &alarm{what: widget.NewLabelWithStyle("", fyne.TextAlignLeading, fyne.TextStyle{Bold: true}), do: widget.NewLabel(""), detail: newProse()}
	a.what.Wrapping, a.do.Wrapping = fyne.TextWrapWord, fyne.TextWrapWord
	a.detail.SizeName = theme.SizeNameCaptionText
	a.again = widget.NewButtonWithIcon(say("button.retry", nil), theme.ViewRefreshIcon(), func() { actions.Do(model.Retry{}) })
	texts := container.New(layout.NewCustomPaddedVBoxLayout(-6), a.what, a.do, a.detail)
	icon := widget.NewIcon(theme.NewErrorThemedResource(theme.WarningIcon()))
	told := container.NewBorder(nil, nil, container.NewCenter(icon), nil, texts)
	row := container.New(&fold{share: 1, least: 420}, told, container.NewCenter(a.again))
	a.content = newPanel(colorAlarm, row)
	a.content.Hide()
	return a
}

func (a *alarm) show(s model.State) {
	p, trouble := s.Problem()
	if trouble {
		what, do := Problem(p)
		put(a.what, what)
		put(a.do, do)
		put(a.detail, firstLine(p.Detail))
		reveal(a.detail, p.Detail != "")
		reveal(a.again, p.Code != model.TooFewShares && p.Code != model.SettingsDamaged && p.Code != model.SettingsUnsaved)
	}
	reveal(a.content, trouble)
}
