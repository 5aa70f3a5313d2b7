package view

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	"github.com/skip2/go-qrcode"

	"github.com/adit-mining/adit/app/model"
)

// keyCard shows the mining key, where payouts go, and reminds of the backup.
type keyCard struct {
	content fyne.CanvasObject
	public  string
	folder  string // where backups go unless the user says otherwise
	key     *widget.Label
	copy    *widget.Button
	code    *canvas.Image
	address *widget.Label
	where   fyne.CanvasObject
	notice  *panel
	saved   *widget.Label
}

const codeSize = 118

func newKeyCard(window fyne.Window, actions Actions) *keyCard {
	k := &keyCard{key: newText(theme.SizeNameText), address: newText(theme.SizeNameCaptionText), saved: newProse()}
	k.key.TextStyle.Monospace = true
	k.key.SetText(say("key.waiting", nil))
	k.address.TextStyle.Monospace = true
	k.address.Wrapping = fyne.TextWrapBreak
	k.saved.SizeName = theme.SizeNameCaptionText
	k.copy = widget.NewButtonWithIcon(say("button.copy", nil), theme.ContentCopyIcon(), func() {
		actions.Copy(k.public)
		k.copy.SetText(say("button.copied", nil))
	})
	k.copy.Disable()
	k.code = canvas.NewImageFromImage(nil)
	k.code.ScaleMode, k.code.FillMode = canvas.ImageScalePixels, canvas.ImageFillContain // a stretched code is none
	k.code.SetMinSize(fyne.NewSquareSize(codeSize))

	about := newProse()
	about.SizeName = theme.SizeNameCaptionText
	about.SetText(say("key.about", nil))
	goes := newProse()
	goes.SizeName = theme.SizeNameCaptionText
	goes.SetText(say("key.address", nil))
	k.where = container.New(layout.NewCustomPaddedVBoxLayout(-12), goes, k.address)
	words := container.New(layout.NewCustomPaddedVBoxLayout(-4), k.key, about, newSpace(2), inset(container.NewHBox(k.copy)))
	k.notice = newBackupNotice(func() { askBackup(window, k.folder, actions) })
	k.content = card("key.title",
		container.New(&fold{share: 0, least: codeSize + 160}, container.New(layout.NewCustomPaddedLayout(4, 4, textInset, 4), k.code), words), k.where, k.notice, k.saved)
	return k
}

func newBackupNotice(pressed func()) *panel {
	title := widget.NewLabelWithStyle(say("key.backup-title", nil), fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	about := newProse()
	about.SizeName = theme.SizeNameCaptionText
	about.SetText(say("key.backup-about", nil))
	save := widget.NewButtonWithIcon(say("button.backup", nil), theme.DocumentSaveIcon(), pressed)
	texts := container.New(layout.NewCustomPaddedVBoxLayout(-8), title, about)
	return newPanel(colorNotice, container.New(&fold{share: 1, least: 330}, texts, container.NewCenter(save)))
}

func (k *keyCard) show(s model.State) {
	if s.Key.Ready && k.public != s.Key.Public {
		k.public = s.Key.Public
		k.key.SetText(short(k.public))
		k.copy.Enable()
		k.code.Image = qr(k.public)
		k.code.Refresh()
	}
	k.folder = s.Backup.Folder
	put(k.address, s.Target.Address)
	reveal(k.where, s.Target.Address != "")
	reveal(k.notice, s.Key.Ready && !s.Settings.BackedUp)
	text := ""
	switch {
	case s.Backup.Fault != "":
		text = say("backup.failed", args{"Error": s.Backup.Fault})
	case s.Backup.Path != "":
		text = say("backup.saved", args{"Path": s.Backup.Path})
	case s.Settings.BackedUp:
		text = say("key.backed-up", nil)
	}
	put(k.saved, text)
	reveal(k.saved, text != "")
}

// qr draws text as a QR code: black on white in both themes, one pixel a module,
// with the quiet zone that readers need.
func qr(text string) image.Image {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return nil // a key is 66 characters; the code holds thousands
	}
	modules := code.Bitmap()
	img := image.NewGray(image.Rect(0, 0, len(modules), len(modules)))
	for y, row := range modules {
		for x, dark := range row {
			shade := color.Gray{Y: 0xff}
			if dark {
				shade.Y = 0
			}
			img.SetGray(x, y, shade)
		}
	}
	return img
}
