package paper_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/adit-mining/adit/packaging/needs"
	"github.com/adit-mining/adit/wallet/paper"
)

// rendered returns the page as a printer shows it, in grey.
func rendered(t testing.TB, pdf []byte, dpi string) *image.Gray {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "sheet.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), needs.Program(t, "pdftoppm"), "-gray", "-png", "-r", dpi, "-singlefile", file, filepath.Join(dir, "sheet")).CombinedOutput()
	if err != nil {
		t.Fatalf("pdftoppm: %v: %s", err, out)
	}
	data, err := os.ReadFile(filepath.Join(dir, "sheet.png"))
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	grey := image.NewGray(img.Bounds())
	draw.Draw(grey, grey.Rect, img, image.Point{}, draw.Src)
	return grey
}

// zbar returns what another reader of QR codes finds.
func zbar(t testing.TB, picture []byte, name string) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, picture, 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ := exec.CommandContext(t.Context(), needs.Program(t, "zbarimg"), "--quiet", "--raw", file).Output() // 4 means that it found none
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' })
}

func asPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func asJPEG(t testing.TB, img image.Image, quality int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// secretSheets are the kinds with codes, of words and of keys.
func secretSheets(t testing.TB) map[string]paper.Sheet {
	words, long, key := sheet(t, paper.Everything, paper.A4, "en"), sheet(t, paper.Everything, paper.Letter, "de"), sheet(t, paper.Everything, paper.A4, "ru")
	long.Words = longWords
	key.Words, key.WIF, key.WIFCoin = nil, testWIF, "Bitcoin"
	return map[string]paper.Sheet{"12 words": words, "24 words": long, "key": key, "locked": sheet(t, paper.Encrypted, paper.Letter, "he")}
}

func secretOf(s paper.Sheet) string {
	switch {
	case s.Kind == paper.Encrypted:
		return s.BIP38
	case len(s.Words) > 0:
		return strings.Join(s.Words, " ")
	}
	return s.WIF
}

// A place is a square on the page in parts of its width, where a code is.
type place struct{ x, y, side float64 }

// codePlaces are where the two codes of the secret lie, as layout.go has it.
func codePlaces(size paper.Size) [2]place {
	w, dy := 210.0, 9.0
	dx := 0.0
	if size == paper.Letter {
		w, dx, dy = 215.9, 2.95, 0.2
	}
	const quiet = 4 // millimetres at most, around what is dark
	return [2]place{{(16 + dx + quiet) / w, (101.3 + dy + quiet) / w, (50.0 - 2*quiet) / w}, {(144 + dx + quiet) / w, (101.3 + dy + quiet) / w, (50.0 - 2*quiet) / w}}
}

// A spoiling is how a sheet is photographed badly.
type spoiling struct {
	turn    float64 // degrees
	blur    float64 // standard deviation in pixels
	blot    float64 // part of each code's area, at a random place of it
	quality int     // of JPEG
}

// photographed spoils a page as said; random says where.
func photographed(t testing.TB, page *image.Gray, size paper.Size, s spoiling, random *rand.Rand) []byte {
	t.Helper()
	img := image.NewGray(page.Rect)
	copy(img.Pix, page.Pix)
	w := float64(img.Rect.Dx())
	for _, c := range codePlaces(size) {
		side := c.side * math.Sqrt(s.blot)
		x, y := c.x+random.Float64()*(c.side-side), c.y+random.Float64()*(c.side-side)
		shade := uint8(random.IntN(256))
		draw.Draw(img, image.Rect(int(x*w), int(y*w), int((x+side)*w), int((y+side)*w)), image.NewUniform(color.Gray{Y: shade}), image.Point{}, draw.Src)
	}
	return asJPEG(t, gauss(turned(img, s.turn), s.blur), s.quality)
}

// turned rotates a picture around its middle, on a grey table.
func turned(img *image.Gray, degrees float64) *image.Gray {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	w, h := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	nw, nh := int(w*math.Abs(cos)+h*math.Abs(sin)), int(w*math.Abs(sin)+h*math.Abs(cos))
	out := image.NewGray(image.Rect(0, 0, nw, nh))
	for y := range nh {
		for x := range nw {
			dx, dy := float64(x)-float64(nw)/2, float64(y)-float64(nh)/2
			sx, sy := dx*cos+dy*sin+w/2, -dx*sin+dy*cos+h/2
			x0, y0 := int(math.Floor(sx)), int(math.Floor(sy))
			v := 110.0
			if x0 >= 0 && y0 >= 0 && x0+1 < img.Rect.Dx() && y0+1 < img.Rect.Dy() {
				fx, fy := sx-float64(x0), sy-float64(y0)
				at := func(x, y int) float64 { return float64(img.Pix[y*img.Stride+x]) }
				v = (at(x0, y0)*(1-fx)+at(x0+1, y0)*fx)*(1-fy) + (at(x0, y0+1)*(1-fx)+at(x0+1, y0+1)*fx)*fy
			}
			out.Pix[y*out.Stride+x] = uint8(v)
		}
	}
	return out
}

// gauss blurs a picture.
func gauss(img *image.Gray, sigma float64) *image.Gray {
	radius := int(3*sigma + 0.5)
	var kernel []int // of 1/65536
	for i := -radius; i <= radius; i++ {
		kernel = append(kernel, int(65536*math.Exp(-float64(i*i)/(2*sigma*sigma))/(sigma*math.Sqrt(2*math.Pi))))
	}
	sum := 0
	for _, k := range kernel {
		sum += k
	}
	pass := func(src *image.Gray, step, from, to int) *image.Gray {
		out := image.NewGray(src.Rect)
		copy(out.Pix, src.Pix)
		for i := from; i < to; i++ {
			v := 0
			for j, k := range kernel {
				v += k * int(src.Pix[i+(j-radius)*step])
			}
			out.Pix[i] = uint8(v / sum)
		}
		return out
	}
	edge := radius * img.Stride // the table beside the sheet stays as it is
	return pass(pass(img, 1, edge, len(img.Pix)-edge), img.Stride, edge, len(img.Pix)-edge)
}

// TestEveryPagesCodesAreReadByOtherReaders reads rendered pages, as a scanner gives
// them, with our reader and with zbar: both copies of the secret, and the address.
func TestEveryPagesCodesAreReadByOtherReaders(t *testing.T) {
	for name, s := range secretSheets(t) {
		pdf, err := paper.PDF(s)
		if err != nil {
			t.Fatal(err)
		}
		secret := secretOf(s)
		for _, dpi := range []string{"150", "200"} {
			if underRace && dpi == "200" {
				continue
			}
			page := asPNG(t, rendered(t, pdf, dpi))
			texts, err := paper.ReadQR(bytes.NewReader(page))
			if err != nil || !slices.Contains(texts, secret) || !slices.Contains(texts, strings.ToUpper(s.Addresses[0].Address)) {
				t.Errorf("%s at %s dpi: %d texts, %v", name, dpi, len(texts), err)
			}
			copies := 0
			for _, text := range zbar(t, page, "page.png") {
				if text == secret {
					copies++
				}
			}
			if copies != 2 {
				t.Errorf("%s at %s dpi: zbar reads %d copies of the secret, want 2", name, dpi, copies)
			}
		}
	}
}

// TestABadPhotographIsEnough spoils a hundred photographs of the four sheets, at 150
// and 200 dpi: each is blurred, turned by ten degrees, has a blot of some grey on each
// of the two codes, 12 % of its area and at a random place, corners included, and is
// stored as JPEG of quality 40. It counts as read if the secret is among the texts,
// from whichever copy. ADIT_PHOTOGRAPHS sets how many photographs of each sheet are
// taken; Of each fifth zbar's answer is told for comparison.
func TestABadPhotographIsEnough(t *testing.T) {
	each := 25
	if underRace {
		each = 1
	}
	if n, err := strconv.Atoi(os.Getenv("ADIT_PHOTOGRAPHS")); err == nil {
		each = n
	}
	ours, theirs, all, asked := 0, 0, 0, 0
	for name, s := range secretSheets(t) {
		pdf, err := paper.PDF(s)
		if err != nil {
			t.Fatal(err)
		}
		secret := secretOf(s)
		pages := []*image.Gray{rendered(t, pdf, "150"), rendered(t, pdf, "200")}
		random := rand.New(rand.NewPCG(2026, uint64(len(name))))
		read, byZbar := 0, 0
		for i := range each {
			turn := 10.0
			if i%4 > 1 {
				turn = -10
			}
			photo := photographed(t, pages[i%2], s.Size, spoiling{turn: turn, blur: 1.2, blot: 0.12, quality: 40}, random)
			texts, _ := paper.ReadQR(bytes.NewReader(photo))
			for _, text := range texts {
				if text == secret {
					read++
				} else if text != strings.ToUpper(s.Addresses[0].Address) {
					t.Errorf("%s: a photograph is read wrongly", name)
				}
			}
			if i%5 != 0 {
				continue
			}
			asked++
			if slices.Contains(zbar(t, photo, "photo.jpg"), secret) {
				byZbar++
			}
		}
		t.Logf("%s: %d of %d are read", name, read, each)
		ours, theirs, all = ours+read, theirs+byZbar, all+each
	}
	t.Logf("%d of %d are read, by zbar %d of %d", ours, all, theirs, asked)
	if ours*100 < 99*all {
		t.Errorf("%d of %d bad photographs are read, want 99 of 100", ours, all)
	}
}
