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
	maxTries   = 80  // of decoding, a picture
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

// codesIn returns the texts of the codes in a picture.
func codesIn(bits *gozxing.BitMatrix, late func() bool) []string {
	if bits == nil {
		return nil
	}
	s := &search{bits: bits, late: late, tries: maxTries, decoder: decoder.NewDecoder()}
	all := corners(bits)
	for _, t := range triples(all) {
		s.try(t.corners, t.corners[:])
	}
	// A blot on a corner leaves two, which say where the third must be.
	s.tries = maxTries
	free := slices.DeleteFunc(all, s.isUsed)
	free = free[:min(len(free), 14)]
	for i, a := range free {
		for _, b := range free[i+1:] {
			for _, t := range completed(a, b) {
				s.try(t, []*detector.FinderPattern{a, b})
			}
		}
	}
	return s.texts
}

// A search looks for codes in one picture.
type search struct {
	bits    *gozxing.BitMatrix
	late    func() bool
	decoder *decoder.Decoder
	tries   int                       // that are left
	used    []*detector.FinderPattern // corners of what was read
	texts   []string
}

func (s *search) isUsed(c *detector.FinderPattern) bool { return slices.Contains(s.used, c) }

// try reads the code with these corners, unless some of seen belong to another.
func (s *search) try(c [3]*detector.FinderPattern, seen []*detector.FinderPattern) {
	if s.tries <= 0 || slices.ContainsFunc(seen, s.isUsed) || s.late() {
		return
	}
	text, ok := s.read(c)
	if !ok {
		return
	}
	s.used = append(s.used, seen...)
	if !slices.Contains(s.texts, text) {
		s.texts = append(s.texts, text)
	}
}

// read reads the code with these corners: bottom left, top left, top right. How many
// modules it has is a guess from their size, so its neighbours are tried too; the
// pattern of the small square near the fourth corner may be missing or mistaken. The
// library panics where a picture is built to make it; that is no code either.
func (s *search) read(c [3]*detector.FinderPattern) (text string, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	module := (c[0].GetEstimatedModuleSize() + c[1].GetEstimatedModuleSize() + c[2].GetEstimatedModuleSize()) / 3
	guess := (gap(c[0], c[1])+gap(c[1], c[2]))/2/module + 7
	version := int(math.Round((guess - 17) / 4))
	for _, v := range []int{version, version - 1, version + 1, version - 2, version + 2} {
		if v < 1 || v > 40 {
			continue
		}
		dimension := 17 + 4*v
		for _, alignment := range s.alignments(c, module, dimension) {
			transform := detector.Detector_createTransform(c[1], c[2], c[0], alignment, dimension)
			sampled, err := detector.Detector_sampleGrid(s.bits, transform, dimension)
			if err != nil || !alternates(sampled) {
				continue
			}
			s.tries--
			result, err := s.decoder.Decode(sampled, nil)
			if err == nil {
				return result.GetText(), true
			}
		}
	}
	return "", false
}

// alignments returns the small square near the fourth corner, if there is one, and
// nil for doing without.
func (s *search) alignments(c [3]*detector.FinderPattern, module float64, dimension int) []*detector.AlignmentPattern {
	none := []*detector.AlignmentPattern{nil}
	if dimension < 25 {
		return none
	}
	part := 1 - 3/float64(dimension-7)
	x := int(c[1].GetX() + part*(c[2].GetX()+c[0].GetX()-2*c[1].GetX()))
	y := int(c[1].GetY() + part*(c[2].GetY()+c[0].GetY()-2*c[1].GetY()))
	reach := int(6 * module)
	x0, y0 := max(x-reach, 0), max(y-reach, 0)
	x1, y1 := min(x+reach, s.bits.GetWidth()-1), min(y+reach, s.bits.GetHeight()-1)
	if float64(x1-x0) < 3*module || float64(y1-y0) < 3*module {
		return none
	}
	found, err := detector.NewAlignmentPatternFinder(s.bits, x0, y0, x1-x0, y1-y0, module, nil).Find()
	if err != nil {
		return none
	}
	return []*detector.AlignmentPattern{found, nil}
}

// alternates reports whether a code has black and white in turn between two of its
// corners, as each must: then it was found where it is. Of the two such lines a blot
// may lie on one.
func alternates(bits *gozxing.BitMatrix) bool {
	n := bits.GetWidth()
	across, down := 0, 0
	for i := 8; i < n-8; i++ {
		if bits.Get(i, 6) == (i%2 == 0) {
			across++
		}
		if bits.Get(6, i) == (i%2 == 0) {
			down++
		}
	}
	return 5*max(across, down) >= 4*(n-16)
}

// completed returns what the third corner may be where two are known: on either side
// of either, or of the middle between them.
func completed(a, b *detector.FinderPattern) [][3]*detector.FinderPattern {
	if !sameSize(a, b) {
		return nil
	}
	module := (a.GetEstimatedModuleSize() + b.GetEstimatedModuleSize()) / 2
	if d := gap(a, b); d < 12*module || d > 250*module {
		return nil
	}
	dx, dy := b.GetX()-a.GetX(), b.GetY()-a.GetY()
	at := func(x, y float64) *detector.FinderPattern { return detector.NewFinderPattern1(x, y, module) }
	var all [][3]*detector.FinderPattern
	for _, side := range []float64{1, -1} {
		px, py := -dy*side, dx*side
		all = append(all,
			tripleOf(a, b, at(a.GetX()+px, a.GetY()+py)).corners,
			tripleOf(a, b, at(b.GetX()+px, b.GetY()+py)).corners,
			tripleOf(a, b, at(a.GetX()+dx/2+px/2, a.GetY()+dy/2+py/2)).corners)
	}
	return all
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
