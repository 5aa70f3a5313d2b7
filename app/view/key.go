package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// keyCard shows the mining key, where payouts go, and how its backup stands.
type keyCard struct {
	content fyne.CanvasObject
	folder  string // where backups go unless the user says otherwise
	key     *widget.Label
	copy    *copyButton
	code    *qrCode
	address *widget.Label
	again   *copyButton // copies the address
	where   fyne.CanvasObject
	saved   *widget.Label
}

func newKeyCard(window fyne.Window, actions Actions) *keyCard {
	k := &keyCard{key: newText(theme.SizeNameText), address: newText(theme.SizeNameText), saved: newCaption(""),
		copy: newCopyButton(actions), again: newCopyButton(actions), code: newQR()}
	k.key.TextStyle.Monospace = true
	k.address.TextStyle.Monospace = true
	k.address.Wrapping = fyne.TextWrapBreak
	k.where = stacked(-6, newCaption("key.address"), between(nil, container.NewCenter(k.again.content), k.address))
	save := widget.NewButtonWithIcon(say("button.backup", nil), icon("shield"), func() { askBackup(window, k.folder, actions) })
	words := stacked(-4, k.key, newCaption("key.about"), newSpace(2), inset(inLine(k.copy.content, save)), k.saved)
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
	k.folder = s.Backup.Folder
	put(k.address, s.Target.Address)
	k.again.set(s.Target.Address)
	reveal(k.where, s.Target.Address != "")
	saved := backupInWords(s)
	put(k.saved, saved)
	reveal(k.saved, saved != "")
}

func backupInWords(s model.State) string {
	switch {
	case s.Backup.Busy:
		return say("backup.busy", nil)
	case s.Backup.Fault != "":
		return say("backup.failed", args{"Error": s.Backup.Fault})
	case s.Backup.Path != "":
		return say("backup.saved", args{"Path": s.Backup.Path})
	case s.Settings.BackedUp:
		return say("key.backed-up", nil)
	}
	return ""
}
