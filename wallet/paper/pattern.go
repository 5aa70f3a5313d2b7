package paper

import "math"

// waves fills a box with fine waves of one shade, as banknotes have.
func (p *page) waves(x, y, w, h float64, shade int, thickness float64) {
	p.pdf.ClipRoundedRect(x+p.dx, y+p.dy, w, h, 2.2, false)
	p.stroke(shade, thickness)
	for i := range 14 {
		p.wave(x, y+h/2, w, h*0.48*math.Cos(float64(i)*math.Pi/14), 37, float64(i)*1.1)
	}
	p.pdf.ClipEnd()
}

// wave strokes a sine of an amplitude and a length around the height y.
func (p *page) wave(x, y, w, amplitude, length, from float64) {
	const step = 3.0
	at := func(x float64) float64 { return amplitude * math.Sin((x+from)*2*math.Pi/length) }
	slope := func(x float64) float64 {
		return amplitude * 2 * math.Pi / length * math.Cos((x+from)*2*math.Pi/length)
	}
	p.pdf.MoveTo(x+p.dx, y+at(0)+p.dy)
	for u := 0.0; u < w; u += step {
		v := u + step
		p.pdf.CurveBezierCubicTo(
			x+u+step/3+p.dx, y+at(u)+slope(u)*step/3+p.dy,
			x+v-step/3+p.dx, y+at(v)-slope(v)*step/3+p.dy,
			x+v+p.dx, y+at(v)+p.dy)
	}
	p.pdf.DrawPath("D")
}

// mask fills a box with a maze of bent lines (Truchet's tiles). They are about as
// thick and as far apart as the strokes of letters and the modules of codes, and lie
// without order, so that against the light neither can be told from them.
func (p *page) mask(x, y, w, h float64) {
	const tile = 3.0
	p.pdf.ClipRoundedRect(x+p.dx, y+p.dy, w, h, 2.2, false)
	p.pdf.SetLineCapStyle("round")
	for _, pen := range []struct {
		shade int
		width float64
	}{{50, 1.15}, {white, 0.42}} {
		p.stroke(pen.shade, pen.width)
		order := uint32(1)
		for row := 0; float64(row)*tile < h; row++ {
			for column := 0; float64(column)*tile < w; column++ {
				order ^= order << 13 // xorshift: the same maze on each sheet
				order ^= order >> 17
				order ^= order << 5
				p.bends(x+float64(column)*tile, y+float64(row)*tile, tile, order&64 == 0)
			}
		}
	}
	p.pdf.SetLineCapStyle("butt")
	p.pdf.ClipEnd()
}

// bends draws two quarters of a circle around opposite corners of a tile.
func (p *page) bends(x, y, size float64, falling bool) {
	r := size / 2
	x, y = x+p.dx, y+p.dy
	const k = 0.5523 // of the radius: where Bézier's handles make a circle
	quarter := func(cx, cy, sx, sy float64) {
		p.pdf.MoveTo(cx+sx*r, cy)
		p.pdf.CurveBezierCubicTo(cx+sx*r, cy+sy*k*r, cx+sx*k*r, cy+sy*r, cx, cy+sy*r)
	}
	if falling {
		quarter(x, y, 1, 1)
		quarter(x+size, y+size, -1, -1)
	} else {
		quarter(x+size, y, -1, 1)
		quarter(x, y+size, 1, -1)
	}
	p.pdf.DrawPath("D")
}

// mark draws the app's icon in one colour: a mountain with the mouth of an adit.
func (p *page) mark(x, y, size float64) {
	x = p.turn(x, size)
	scale := size / 512
	at := func(px, py float64) (float64, float64) { return x + px*scale + p.dx, y + py*scale + p.dy }
	polygon := func(shade int, points ...float64) {
		p.fill(shade)
		p.pdf.MoveTo(at(points[0], points[1]))
		for i := 2; i < len(points); i += 2 {
			p.pdf.LineTo(at(points[i], points[i+1]))
		}
		p.pdf.ClosePath()
		p.pdf.DrawPath("F")
	}
	arch := func(shade int, half, height, foot float64) {
		p.fill(shade)
		const round = 0.55
		p.pdf.MoveTo(at(256-half, foot))
		p.pdf.LineTo(at(256-half, height+half))
		c := func(x1, y1, x2, y2, x3, y3 float64) {
			ax, ay := at(x1, y1)
			bx, by := at(x2, y2)
			cx, cy := at(x3, y3)
			p.pdf.CurveBezierCubicTo(ax, ay, bx, by, cx, cy)
		}
		c(256-half, height+half*(1-round), 256-half*round, height, 256, height)
		c(256+half*round, height, 256+half, height+half*(1-round), 256+half, height+half)
		p.pdf.LineTo(at(256+half, foot))
		p.pdf.ClosePath()
		p.pdf.DrawPath("F")
	}
	polygon(white, 0, 448, 0, 372, 104, 226, 150, 282, 256, 88, 362, 282, 408, 226, 512, 372, 512, 448)
	arch(dark, 124, 212, 448)
	arch(white, 74, 266, 448)
	polygon(dark, 240, 330, 252, 330, 226, 448, 200, 448)
	polygon(dark, 260, 330, 272, 330, 312, 448, 286, 448)
	polygon(dark, 226, 392, 286, 392, 290, 404, 222, 404)
}
