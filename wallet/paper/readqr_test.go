package paper_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/skip2/go-qrcode"

	"github.com/adit-mining/adit/wallet/paper"
)

// codePicture returns a code of n pixels a module.
func codePicture(t testing.TB, text string, level qrcode.RecoveryLevel, n int) image.Image {
	t.Helper()
	q, err := qrcode.New(text, level)
	if err != nil {
		t.Fatal(err)
	}
	return q.Image(-n)
}

// claiming returns a PNG's beginning that claims a size.
func claiming(w, h uint32, depth, colours byte) []byte {
	b := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")
	b = binary.BigEndian.AppendUint32(b, w)
	b = binary.BigEndian.AppendUint32(b, h)
	b = append(b, depth, colours, 0, 0, 0)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[12:]))
}

// TestAPictureTooLargeIsNotUnpacked: what a file claims is believed before memory is
// given to it.
func TestAPictureTooLargeIsNotUnpacked(t *testing.T) {
	jpeg := asJPEG(t, image.NewGray(image.Rect(0, 0, 8, 8)), 50)
	sized := func(sof byte, w, h uint16) []byte {
		b := bytes.Clone(jpeg)
		i := bytes.Index(b, []byte{0xff, 0xc0})
		b[i+1] = sof
		binary.BigEndian.PutUint16(b[i+5:], h)
		binary.BigEndian.PutUint16(b[i+7:], w)
		return b
	}
	for name, picture := range map[string][]byte{
		"png":              claiming(60000, 60000, 8, 2),
		"deep png":         claiming(8000, 8000, 16, 6),
		"thin png":         claiming(1<<30, 1, 1, 0),
		"jpeg":             sized(0xc0, 65000, 65000),
		"progressive jpeg": sized(0xc2, 6000, 6000),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := paper.ReadQR(bytes.NewReader(picture))
		runtime.ReadMemStats(&after)
		if !errors.Is(err, paper.ErrTooLarge) {
			t.Errorf("%s: %v, want ErrTooLarge", name, err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
			t.Errorf("%s: took %d bytes", name, used)
		}
	}
	endless := struct{ zeros }{}
	if _, err := paper.ReadQR(endless); !errors.Is(err, paper.ErrTooLarge) {
		t.Errorf("a file without end: %v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestWhatIsNoPictureOrHasNoCode(t *testing.T) {
	var gifFile bytes.Buffer
	if err := gif.Encode(&gifFile, image.NewPaletted(image.Rect(0, 0, 9, 9), color.Palette{color.White}), nil); err != nil {
		t.Fatal(err)
	}
	for name, picture := range map[string][]byte{"nothing": nil, "text": []byte("abandon"), "gif": gifFile.Bytes(), "cut off": claiming(9, 9, 8, 0)} {
		if _, err := paper.ReadQR(bytes.NewReader(picture)); err == nil || errors.Is(err, paper.ErrNoCode) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, r := range []image.Rectangle{image.Rect(0, 0, 1, 1), image.Rect(0, 0, 3000, 1), image.Rect(0, 0, 200, 200)} {
		if texts, err := paper.ReadQR(bytes.NewReader(asPNG(t, image.NewGray(r)))); !errors.Is(err, paper.ErrNoCode) {
			t.Errorf("%v black pixels: %q, %v", r, texts, err)
		}
	}
}

// TestCodesOfEverySizeAndTurn reads what other programs make, too.
func TestCodesOfEverySizeAndTurn(t *testing.T) {
	text := "abandon ability able about above absent absorb abstract absurd abuse access accident"
	for _, n := range []int{2, 3, 7, 20} {
		if underRace && n > 3 {
			break
		}
		for _, level := range []qrcode.RecoveryLevel{qrcode.Low, qrcode.Highest} {
			for _, turn := range []float64{0, 90, 180, 37} {
				img := codePicture(t, text, level, n)
				grey := image.NewGray(img.Bounds())
				draw.Draw(grey, grey.Rect, img, image.Point{}, draw.Src)
				if n < 3 && turn == 37 {
					continue // too few pixels to turn
				}
				texts, err := paper.ReadQR(bytes.NewReader(asPNG(t, turned(grey, turn))))
				if err != nil || !slices.Equal(texts, []string{text}) {
					t.Errorf("%d pixels, level %d, %v degrees: %q, %v", n, level, turn, texts, err)
				}
			}
		}
	}
}

// TestColoursAndClearPartsAreRead: PNG may have both.
func TestColoursAndClearPartsAreRead(t *testing.T) {
	code := codePicture(t, testWIF, qrcode.High, 6)
	img := image.NewNRGBA(code.Bounds())
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			if r, _, _, _ := code.At(x, y).RGBA(); r == 0 {
				img.SetNRGBA(x, y, color.NRGBA{R: 40, B: 120, A: 255})
			} // else clear
		}
	}
	if texts, err := paper.ReadQR(bytes.NewReader(asPNG(t, img))); err != nil || texts[0] != testWIF {
		t.Errorf("%q, %v", texts, err)
	}
}

// TestAPictureOfCornersTakesNoLongTime: thousands of corners of codes, which belong
// together in billions of ways.
func TestAPictureOfCornersTakesNoLongTime(t *testing.T) {
	if underRace {
		t.Skip("pixels take long under the race detector")
	}
	img := image.NewGray(image.Rect(0, 0, 1600, 1600))
	for y := range 1600 {
		for x := range 1600 {
			u, v := max(x%18-8, 8-x%18), max(y%18-8, 8-y%18)
			if ring := max(u, v); ring > 7 || ring == 5 || ring == 4 {
				img.Pix[y*img.Stride+x] = 0xff
			}
		}
	}
	start := time.Now()
	texts, err := paper.ReadQR(bytes.NewReader(asPNG(t, img)))
	if took := time.Since(start); took > time.Minute { // on a busy machine
		t.Errorf("%q, %v: took %v", texts, err, took)
	}
}

func FuzzReadQR(f *testing.F) {
	for _, text := range []string{"x", testWIF, testBIP38} {
		f.Add(asPNG(f, codePicture(f, text, qrcode.Medium, 2)))
		f.Add(asJPEG(f, codePicture(f, text, qrcode.Medium, 3), 60))
	}
	f.Add(claiming(300, 300, 8, 6))
	f.Fuzz(func(t *testing.T, picture []byte) {
		config, _, err := image.DecodeConfig(bytes.NewReader(picture))
		if err == nil && config.Width*config.Height > 1<<20 {
			return // slow, and no other way through the code
		}
		texts, err := paper.ReadQR(bytes.NewReader(picture))
		if (err == nil) != (len(texts) > 0) {
			t.Errorf("%q, %v", texts, err)
		}
	})
}
