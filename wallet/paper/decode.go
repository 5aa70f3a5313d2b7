package paper

import (
	"image"
	"math"
	"slices"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/detector"
)

// The library's own readers look for one code, or take time with the cube of the
// number of corners that a picture pretends to have. So the corners are taken from the
// library, and what belongs together is decided here, in bounded time.

const (
	maxCorners = 250 // of which more means that the picture is a pattern
	maxTries   = 60  // of decoding, a picture
)

func byNeighbours(img *image.Gray) *gozxing.BitMatrix {
	return blackAndWhite(img, gozxing.NewHybridBinarizer)
}

func byThreshold(img *image.Gray) *gozxing.BitMatrix {
	return blackAndWhite(img, gozxing.NewGlobalHistgramBinarizer)
}

// blackAndWhite returns nil where all is of one colour.
func blackAndWhite(img *image.Gray, by func(gozxing.LuminanceSource) gozxing.Binarizer) *gozxing.BitMatrix {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	source, err := gozxing.NewPlanarYUVLuminanceSource(img.Pix, img.Stride, h, 0, 0, w, h, false)
	if err != nil {
		return nil
	}
	bits, err := by(source).GetBlackMatrix()
	if err != nil {
		return nil
	}
	return bits
}

// readOne returns the text of the one code in a clean picture.
func readOne(img *image.Gray) (string, error) {
	never := func() bool { return false }
	for _, bits := range []*gozxing.BitMatrix{byNeighbours(img), byThreshold(img)} {
		if texts := codesIn(bits, never); len(texts) == 1 {
			return texts[0], nil
		}
	}
	return "", ErrNoCode
}

// codesIn returns the texts of the codes in a picture. The library panics where a
// picture is built to make it; that is no code either.
func codesIn(bits *gozxing.BitMatrix, late func() bool) (texts []string) {
	if bits == nil {
		return nil
	}
	defer func() {
		if recover() != nil {
			return // with what was found before
		}
	}()
	d := detector.NewDetector(bits)
	decode := decoder.NewDecoder()
	var used []*detector.FinderPattern
	for i, t := range triples(corners(bits)) {
		if i >= maxTries || late() {
			break
		}
		if slices.ContainsFunc(t.corners[:], func(c *detector.FinderPattern) bool { return slices.Contains(used, c) }) {
			continue
		}
		text, ok := decodeAt(d, decode, t.corners)
		if !ok {
			continue
		}
		used = append(used, t.corners[:]...)
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}

func decodeAt(d *detector.Detector, decode *decoder.Decoder, c [3]*detector.FinderPattern) (text string, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	found, err := d.ProcessFinderPatternInfo(detector.NewFinderPatternInfo(c[0], c[1], c[2]))
	if err != nil {
		return "", false
	}
	result, err := decode.Decode(found.GetBits(), nil)
	if err != nil {
		return "", false
	}
	return result.GetText(), true
}

// corners returns what looks like the corner pattern of a code: rows in which black
// and white follow each other as 1:1:3:1:1, confirmed downwards and aslant.
func corners(bits *gozxing.BitMatrix) []*detector.FinderPattern {
	f := detector.NewFinderPatternFinder(bits, nil)
	for y := 1; y < bits.GetHeight() && len(f.GetPossibleCenters()) < maxCorners; y += 2 {
		cornersInRow(f, bits, y)
	}
	all := slices.Clone(f.GetPossibleCenters())
	slices.SortStableFunc(all, func(a, b *detector.FinderPattern) int { return b.GetCount() - a.GetCount() })
	return all
}

func cornersInRow(f *detector.FinderPatternFinder, bits *gozxing.BitMatrix, y int) {
	var runs [5]int // black, white, black, white, black
	state := 0
	end := func(x int) { // of the fifth run
		if detector.FinderPatternFinder_foundPatternCross(runs[:]) && f.HandlePossibleCenter(runs[:], y, x) {
			runs, state = [5]int{}, 0
			return
		}
		runs, state = [5]int{runs[2], runs[3], runs[4], 1, 0}, 3
	}
	for x := range bits.GetWidth() {
		switch black := bits.Get(x, y); {
		case black && state%2 == 1:
			state++
			runs[state]++
		case black, state%2 == 1:
			runs[state]++
		case state == 4:
			end(x)
		case runs[state] > 0: // the white after a black
			state++
			runs[state]++
		}
	}
	if state == 4 {
		end(bits.GetWidth())
	}
}

// A triple is three corners that may belong to one code: bottom left, top left, top
// right.
type triple struct {
	corners    [3]*detector.FinderPattern
	distortion float64 // 0 is a perfect half of a square
}

// triples returns all that are near enough to a half of a square, the best first.
func triples(all []*detector.FinderPattern) []triple {
	const most = 64
	all = all[:min(len(all), most)]
	var found []triple
	for i, a := range all {
		for j, b := range all[i+1:] {
			if !sameSize(a, b) {
				continue
			}
			for _, c := range all[i+j+2:] {
				if !sameSize(a, c) || !sameSize(b, c) {
					continue
				}
				if t := tripleOf(a, b, c); t.distortion < 0.35 {
					found = append(found, t)
				}
			}
		}
	}
	slices.SortStableFunc(found, func(a, b triple) int {
		switch {
		case a.distortion < b.distortion:
			return -1
		case a.distortion > b.distortion:
			return 1
		}
		return 0
	})
	return found
}

func sameSize(a, b *detector.FinderPattern) bool {
	x, y := a.GetEstimatedModuleSize(), b.GetEstimatedModuleSize()
	return x < 1.6*y && y < 1.6*x
}

// tripleOf puts three corners in order: the one in the middle is opposite the longest
// side, and from the top right to the bottom left it goes clockwise around it.
func tripleOf(a, b, c *detector.FinderPattern) triple {
	switch ab, bc, ca := gap(a, b), gap(b, c), gap(c, a); {
	case ab >= bc && ab >= ca:
		b, c = c, b
	case bc >= ca:
		a, b = b, a
	}
	ab, bc, ca := gap(a, b), gap(b, c), gap(c, a) // b is in the middle now, ca the diagonal
	module := (a.GetEstimatedModuleSize() + b.GetEstimatedModuleSize() + c.GetEstimatedModuleSize()) / 3
	t := triple{distortion: math.Inf(1)}
	if side := (ab + bc) / 2; side > 12*module && side < 190*module {
		t.distortion = math.Abs(ab-bc)/side + math.Abs(ca-math.Sqrt2*side)/side
	}
	if cross(a, b, c) < 0 {
		a, c = c, a
	}
	t.corners = [3]*detector.FinderPattern{a, b, c}
	return t
}

func gap(a, b *detector.FinderPattern) float64 {
	return math.Hypot(a.GetX()-b.GetX(), a.GetY()-b.GetY())
}

// cross is positive if a lies clockwise from c around b, on a page whose y grows
// downwards.
func cross(a, b, c *detector.FinderPattern) float64 {
	return (c.GetX()-b.GetX())*(a.GetY()-b.GetY()) - (c.GetY()-b.GetY())*(a.GetX()-b.GetX())
}
