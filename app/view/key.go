package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
)

// keyCard shows the mining key, where payouts go, and how its backup stands.
type keyCard struct {
	content fyne.CanvasObject
	key     *widget.Label
	copy    *copyButton
	code    *qrCode
	address *widget.Label
	again   *copyButton // copies the address
	where   fyne.CanvasObject
	saved   *widget.Label
}

func newKeyCard(actions Actions) *keyCard {
	k := &keyCard{key: newText(theme.SizeNameText), address: newText(theme.SizeNameText), saved: newCaption(""),
		copy: newCopyButton(actions), again: newCopyButton(actions), code: newQR()}
	k.key.TextStyle.Monospace = true
	k.address.TextStyle.Monospace = true
	k.address.Wrapping = fyne.TextWrapBreak
	k.where = stacked(-6, newCaption("key.address"), between(nil, container.NewCenter(k.again.content), k.address))
	save := widget.NewButtonWithIcon(say("button.backup", nil), icon("shield"), func() { startBackup(actions) })
	prove := widget.NewButton(say("button.prove", nil), func() { startProof(actions) })
	restore := widget.NewButton(say("button.restore", nil), func() { startRestore(actions) })
	words := stacked(-4, k.key, newCaption("key.about"), newSpace(2), inset(container.New(&flow{}, k.copy.content, save, prove, restore)), k.saved)
	k.content = card("key.title",
		container.New(&fold{share: 0, least: codeSize + 240}, container.New(layout.NewCustomPaddedLayout(4, 4, textInset, 4), k.code.content), words), k.where)
	return k
}

func (k *keyCard) show(s model.State) {
	text := say("key.waiting", nil)
	if s.Key.Ready {
		text = short(s.Key.Public)
		k.code.set(s.Key.Public)
	}
	put(k.key, text)
	k.copy.set(s.Key.Public)
	_, elsewhere := s.Payee(s.Target.Coin.ID, s.Target.Coin.Network)
	put(k.address, s.Target.Address)
	k.again.set(s.Target.Address)
	reveal(k.where, s.Target.Address != "" && !elsewhere)
	saved := backupInWords(s)
	put(k.saved, saved)
	reveal(k.saved, saved != "")
}

func backupInWords(s model.State) string {
	b := s.Settings.Backup
	switch {
	case !s.BackedUp():
		return ""
	case b.Stage == settings.BackupProved:
		return say("key.proved", args{"Date": date(b.At)})
	}
	return say("key.backed-up", args{"Date": date(b.At)})
}
