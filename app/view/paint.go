package view

import (
	"image"
	"image/color"
	"math"
)

// Looks of a line and of what is below it.
const (
	lineWidth = 2.0 // in units of the theme
	lineShade = 0.9
	areaShade = 0.30 // right below the line, less and less further down
	pointSize = 5.0  // across; of a value that has no neighbour to draw a line to
)

// paint draws the graph into a picture of that many pixels; scale is how many of them
// a unit of the theme takes. Where nothing was measured nothing is drawn; a value
// between two such places is a point.
func (g graph) paint(width, height int, scale float64, c color.Color) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	red, green, blue, _ := c.RGBA()
	ink := color.NRGBA{R: uint8(red >> 8), G: uint8(green >> 8), B: uint8(blue >> 8)}
	for x := range width {
		if g.bars {
			g.paintBar(img, x, ink)
			continue
		}
		if y, slope, ok := g.at(x, width, height); ok {
			paintColumn(img, x, y, slope, lineWidth*scale, ink)
		}
	}
	if !g.bars {
		g.paintPoints(img, pointSize*scale, ink)
	}
	return img
}

// paintPoints paints the values without neighbours, each whole even at an edge. The
// only value of a graph that has no other place is its last.
func (g graph) paintPoints(img *image.NRGBA, size float64, ink color.NRGBA) {
	width, height := img.Bounds().Dx(), img.Bounds().Dy()
	unknown := func(i int) bool { return i < 0 || i >= len(g.values) || math.IsNaN(g.values[i]) }
	last := len(g.values) - 1
	for i, v := range g.values {
		if unknown(i) || !unknown(i-1) || !unknown(i+1) {
			continue
		}
		part := 1.0
		if last > 0 {
			part = float64(i) / float64(last)
		}
		x := min(max(part*float64(width-1), size/2), float64(width)-size/2)
		y := min(max(g.high(v, height), size/2), float64(height)-size/2)
		paintPoint(img, x, y, size/2, ink)
	}
}

func paintPoint(img *image.NRGBA, x, y, radius float64, ink color.NRGBA) {
	around := image.Rect(int(x-radius)-1, int(y-radius)-1, int(x+radius)+2, int(y+radius)+2).Intersect(img.Bounds())
	for row := around.Min.Y; row < around.Max.Y; row++ {
		for column := around.Min.X; column < around.Max.X; column++ {
			distance := math.Hypot(float64(column)+0.5-x, float64(row)+0.5-y)
			ink.A = uint8(min(max(radius+0.5-distance, 0), 1) * lineShade * 255)
			if ink.A > img.NRGBAAt(column, row).A {
				img.SetNRGBA(column, row, ink)
			}
		}
	}
}

// high returns where a value is, in pixels from the top.
func (g graph) high(v float64, height int) float64 {
	part := 0.0
	if g.top > g.bottom {
		part = min(max((v-g.bottom)/(g.top-g.bottom), 0), 1)
	}
	return lineWidth + (1-part)*(float64(height)-2*lineWidth)
}

// at returns where the line is above a column of pixels, in pixels from the top, and
// how steep it is there.
func (g graph) at(x, width, height int) (y, slope float64, ok bool) {
	last := len(g.values) - 1
	if last < 1 || width < 2 {
		return 0, 0, false
	}
	position := float64(x) / float64(width-1) * float64(last)
	i := min(int(position), last-1)
	a, b := g.values[i], g.values[i+1]
	if math.IsNaN(a) || math.IsNaN(b) {
		return 0, 0, false
	}
	ya, yb := g.high(a, height), g.high(b, height)
	step := float64(width-1) / float64(last)
	return ya + (yb-ya)*(position-float64(i)), (yb - ya) / step, true
}

// paintColumn paints one column of a line and of the area below it. The line's
// thickness is measured across it, so that a steep one is not thin.
func paintColumn(img *image.NRGBA, x int, y, slope, thick float64, ink color.NRGBA) {
	height := img.Bounds().Dy()
	half := thick / 2 * math.Hypot(1, slope)
	for row := max(int(y-half)-1, 0); row < height; row++ {
		middle := float64(row) + 0.5
		shade := min(max(half+0.5-math.Abs(middle-y), 0), 1) * lineShade
		if middle > y {
			shade = max(shade, areaShade*(1-(middle-y)/(float64(height)-y+1)))
		}
		ink.A = uint8(shade * 255)
		img.SetNRGBA(x, row, ink)
	}
}

// paintBar paints one column of a bar; a fifth of the room of each value stays free.
func (g graph) paintBar(img *image.NRGBA, x int, ink color.NRGBA) {
	width, height := img.Bounds().Dx(), img.Bounds().Dy()
	position := float64(x) / float64(width) * float64(len(g.values))
	i := int(position)
	if i >= len(g.values) || g.top <= g.bottom {
		return
	}
	if within := position - float64(i); within < 0.1 || within > 0.9 {
		return
	}
	v := g.values[i]
	if math.IsNaN(v) || v <= g.bottom {
		return
	}
	ink.A = uint8(0.8 * 255)
	top := float64(height) * (1 - min((v-g.bottom)/(g.top-g.bottom), 1))
	for row := max(int(top), 0); row < height; row++ {
		img.SetNRGBA(x, row, ink)
	}
}
