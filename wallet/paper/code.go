package paper

import (
	"errors"
	"fmt"
	"image"
	"strings"

	"github.com/skip2/go-qrcode"
)

// The levels of error correction of ISO 18004. Beware of the library's own names:
// its High is Q, its Highest is H.
const (
	levelM = qrcode.Medium  // 15 %: what can be had again
	levelH = qrcode.Highest // 30 %: the secret
)

// quiet is the white zone around a code, in modules, that readers need.
const quiet = 4

// A code is a QR code on the page.
type code struct {
	text    string
	modules [][]bool // rows from the top; true is dark
}

func newCode(text string, level qrcode.RecoveryLevel) (code, error) {
	q, err := qrcode.New(text, level)
	if err != nil {
		return code{}, errors.New("the text is too long for a QR code")
	}
	q.DisableBorder = true
	return code{text, q.Bitmap()}, nil
}

// A rect is a dark part of a code, in millimetres on the page.
type rect struct{ x, y, w, h float64 }

// A drawnCode is a code where it stands on the page, with its quiet zone: what is
// drawn, and what is read back.
type drawnCode struct {
	code
	at    rect
	rects []rect
}

// place puts c into a square on the page.
func (c code) place(x, y, size float64) drawnCode {
	d := drawnCode{code: c, at: rect{x, y, size, size}}
	module := size / float64(len(c.modules)+2*quiet)
	for row, modules := range c.modules {
		for from := 0; from < len(modules); from++ {
			if !modules[from] {
				continue
			}
			to := from
			for to < len(modules) && modules[to] {
				to++
			}
			d.rects = append(d.rects, rect{x + float64(from+quiet)*module, y + float64(row+quiet)*module, float64(to-from) * module, module})
			from = to
		}
	}
	return d
}

// readBackScale is the pixels a millimetre of the picture that is read back: 203 dpi.
const readBackScale = 8

// raster returns what a printer makes of the rectangles.
func (d drawnCode) raster() *image.Gray {
	n := int(d.at.w * readBackScale)
	img := image.NewGray(image.Rect(0, 0, n, n))
	for i := range img.Pix {
		img.Pix[i] = 0xff
	}
	pixel := func(mm, from float64) int { return min(max(int((mm-from)*readBackScale+0.5), 0), n) }
	for _, r := range d.rects {
		for y := pixel(r.y, d.at.y); y < pixel(r.y+r.h, d.at.y); y++ {
			for x := pixel(r.x, d.at.x); x < pixel(r.x+r.w, d.at.x); x++ {
				img.Pix[y*img.Stride+x] = 0
			}
		}
	}
	return img
}

// readBack compares what the code says with what it was made of.
func (d drawnCode) readBack() error {
	got, err := readOne(d.raster())
	if err != nil {
		return fmt.Errorf("read a QR code back: %w", err)
	}
	if got != d.text {
		return errors.New("a QR code says something else than it was made of")
	}
	return nil
}

// compact returns an address in the letters that make its code smallest: bech32 and
// CashAddr mean the same in capitals, for which QR codes need less room.
func compact(address string) string {
	if strings.ToLower(address) != address || strings.HasPrefix(address, "0x") || !strings.ContainsAny(address, "1:") {
		return address
	}
	return strings.ToUpper(address)
}
