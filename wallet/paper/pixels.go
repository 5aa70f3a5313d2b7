package paper

import "image"

// resize brings the longer side to a length: each pixel is the mean of those that it
// covers, or lies between its neighbours where the picture grows.
func resize(img *image.Gray, side int) *image.Gray {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	longest := max(w, h)
	if side == longest {
		return img
	}
	nw, nh := max(w*side/longest, 1), max(h*side/longest, 1)
	out := image.NewGray(image.Rect(0, 0, nw, nh))
	for y := range nh {
		y0, y1 := y*h/nh, max((y+1)*h/nh, y*h/nh+1)
		for x := range nw {
			if side > longest {
				out.Pix[y*out.Stride+x] = between(img, (float64(x)+0.5)*float64(w)/float64(nw)-0.5, (float64(y)+0.5)*float64(h)/float64(nh)-0.5)
				continue
			}
			x0, x1 := x*w/nw, max((x+1)*w/nw, x*w/nw+1)
			sum := 0
			for row := y0; row < y1; row++ {
				for _, v := range img.Pix[row*img.Stride+x0 : row*img.Stride+x1] {
					sum += int(v)
				}
			}
			out.Pix[y*out.Stride+x] = byte(sum / ((x1 - x0) * (y1 - y0)))
		}
	}
	return out
}

// between returns the brightness at a point between pixels.
func between(img *image.Gray, x, y float64) byte {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	x, y = min(max(x, 0), float64(w-1)), min(max(y, 0), float64(h-1))
	x0, y0 := int(x), int(y)
	x1, y1 := min(x0+1, w-1), min(y0+1, h-1)
	fx, fy := x-float64(x0), y-float64(y0)
	at := func(x, y int) float64 { return float64(img.Pix[y*img.Stride+x]) }
	top := at(x0, y0)*(1-fx) + at(x1, y0)*fx
	bottom := at(x0, y1)*(1-fx) + at(x1, y1)*fx
	return byte(top*(1-fy) + bottom*fy + 0.5)
}

// blur gives each pixel the mean of the three by three around it.
func blur(img *image.Gray) *image.Gray {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := image.NewGray(img.Rect)
	for y := range h {
		for x := range w {
			sum, n := 0, 0
			for ny := max(y-1, 0); ny <= min(y+1, h-1); ny++ {
				for nx := max(x-1, 0); nx <= min(x+1, w-1); nx++ {
					sum += int(img.Pix[ny*img.Stride+nx])
					n++
				}
			}
			out.Pix[y*out.Stride+x] = byte(sum / n)
		}
	}
	return out
}

// sharpen takes out some of a lens's blur: it doubles what differs from the
// neighbourhood.
func sharpen(img *image.Gray) *image.Gray {
	soft := blur(blur(img))
	out := image.NewGray(img.Rect)
	for i, v := range img.Pix {
		out.Pix[i] = byte(min(max(3*int(v)-2*int(soft.Pix[i]), 0), 255))
	}
	return out
}
