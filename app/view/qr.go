package view

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"github.com/skip2/go-qrcode"
)

// qrCode is a text for a phone's camera.
type qrCode struct {
	content *canvas.Image
	text    string
}

const codeSize = 118

func newQR() *qrCode {
	q := &qrCode{content: canvas.NewImageFromImage(nil)}
	q.content.ScaleMode, q.content.FillMode = canvas.ImageScalePixels, canvas.ImageFillContain // a stretched code is none
	q.content.SetMinSize(fyne.NewSquareSize(codeSize))
	return q
}

func (q *qrCode) set(text string) {
	if q.text == text {
		return
	}
	q.text = text
	q.content.Image = qr(text)
	q.content.Refresh()
}

// qr draws text as a QR code: black on white in both themes, one pixel a module,
// with the quiet zone that readers need.
func qr(text string) image.Image {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return nil // keys and addresses are short; the code holds thousands
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
