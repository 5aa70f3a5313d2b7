package paper

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"slices"
	"time"
)

// Errors of ReadQR, for callers that branch.
var (
	ErrNoCode   = errors.New("no QR code found")
	ErrTooLarge = errors.New("the picture is too large")
)

const (
	maxImageBytes = 64 << 20 // of the file
	// maxImageMemory is what the picture may take when it is unpacked.
	maxImageMemory = 256 << 20
	// maxImageSide keeps a long thin picture from being a large one.
	maxImageSide = 1 << 15
	// patience is how long codes are looked for. One try cannot be cut short, so
	// it may take a second more.
	patience = 12 * time.Second
)

// ReadQR returns what the QR codes on a photograph or a scan say, each text once. It
// reads JPEG and PNG of any turn and many faults, in bounded time and memory: a
// picture that would take more is refused with ErrTooLarge before it is unpacked.
// Where there is no readable code the error is ErrNoCode.
func ReadQR(picture io.Reader) ([]string, error) {
	img, err := readImage(picture)
	if err != nil {
		return nil, fmt.Errorf("read the picture: %w", err)
	}
	end := time.Now().Add(patience)
	found := look(img, func() bool { return time.Now().After(end) })
	if len(found) == 0 {
		return nil, ErrNoCode
	}
	return found, nil
}

// readImage unpacks a picture that is not too large, in grey.
func readImage(picture io.Reader) (*image.Gray, error) {
	data, err := io.ReadAll(io.LimitReader(picture, maxImageBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxImageBytes {
		return nil, ErrTooLarge
	}
	// Not by package image: a program may have told it of more forms.
	decodeConfig, decode, perPixel := jpeg.DecodeConfig, jpeg.Decode, jpegMemory(data)
	if bytes.HasPrefix(data, []byte("\x89PNG")) {
		decodeConfig, decode, perPixel = png.DecodeConfig, png.Decode, pngMemory
	}
	config, err := decodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, errors.New("it is neither JPEG nor PNG")
	}
	if config.Width < 1 || config.Height < 1 {
		return nil, errors.New("it is empty")
	}
	if config.Width > maxImageSide || config.Height > maxImageSide ||
		config.Width*config.Height > maxImageMemory/perPixel {
		return nil, fmt.Errorf("%w: %d by %d pixels", ErrTooLarge, config.Width, config.Height)
	}
	img, err := decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("it is damaged: %w", err)
	}
	return grey(img), nil
}

// pngMemory is what the decoder takes at most for a pixel: four channels of 16 bits.
const pngMemory = 8

// jpegMemory is that of a JPEG. The progressive form, whose frame has a marker of its
// own, keeps the coefficients of all its passes, of four bytes each.
func jpegMemory(data []byte) int {
	if bytes.Contains(data, []byte{0xff, 0xc2}) {
		return 4 + 4*4
	}
	return 4
}

// grey returns a picture in grey, what is clear in it as white.
func grey(img image.Image) *image.Gray {
	b := img.Bounds()
	out := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	switch src := img.(type) {
	case *image.Gray:
		for y := range b.Dy() {
			copy(out.Pix[y*out.Stride:(y+1)*out.Stride], src.Pix[y*src.Stride:])
		}
	case *image.YCbCr:
		for y := range b.Dy() {
			copy(out.Pix[y*out.Stride:(y+1)*out.Stride], src.Y[y*src.YStride:])
		}
	default:
		for y := range b.Dy() {
			for x := range b.Dx() {
				r, g, b, a := img.At(b.Min.X+x, b.Min.Y+y).RGBA()
				out.Pix[y*out.Stride+x] = byte((19595*r + 38470*g + 7471*b + 65536*(0xffff-a)) >> 24)
			}
		}
	}
	return out
}

// sides are the lengths to which a picture is brought, in the order of trying: most
// photographs have many more pixels than a code needs, and noise goes with them.
var sides = []int{1600, 2400, 1100, 3400, 800}

// look looks for codes in the picture's sizes and by several ways of telling black
// from white, until some are found and another try finds no more.
func look(img *image.Gray, late func() bool) []string {
	var found []string
	longest := max(img.Rect.Dx(), img.Rect.Dy())
	tried := map[int]bool{}
	for _, side := range sides {
		side = min(side, max(longest, 640))
		if tried[side] {
			continue
		}
		tried[side] = true
		scaled := resize(img, side)
		for _, way := range ways {
			if late() {
				return found
			}
			before := len(found)
			for _, text := range way(scaled, late) {
				if !slices.Contains(found, text) {
					found = append(found, text)
				}
			}
			if before > 0 && len(found) == before {
				return found
			}
		}
	}
	return found
}

// ways are how black is told from white: by the neighbourhood, also after a slight
// blur, which takes out the noise of JPEG, and by one threshold for all.
var ways = []func(img *image.Gray, late func() bool) []string{
	func(img *image.Gray, late func() bool) []string { return codesIn(byNeighbours(img), late) },
	func(img *image.Gray, late func() bool) []string { return codesIn(byNeighbours(blur(img)), late) },
	func(img *image.Gray, late func() bool) []string { return codesIn(byThreshold(img), late) },
	func(img *image.Gray, late func() bool) []string { return codesIn(byNeighbours(sharpen(img)), late) },
}
