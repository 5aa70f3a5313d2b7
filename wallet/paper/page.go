package paper

import (
	"fmt"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/text/unicode/bidi"

	"github.com/adit-mining/adit/assets"
)

// The layout is that of a page 210 mm wide and 279 mm high with margins of 15 mm,
// which A4 and Letter both hold; it stands in the middle of either.
const (
	pageWidth, pageHeight = 210.0, 279.0
	left, right           = 15.0, 195.0
	top, bottom           = 15.0, 264.0
	width                 = right - left
)

// The faces of assets/fonts: prose, and letters that cannot be taken for each other.
const (
	prose = "prose"
	mono  = "mono"
)

var faces = []struct{ family, style, file string }{
	{prose, "", "NotoSansPaper-Regular.ttf"},
	{prose, "B", "NotoSansPaper-Bold.ttf"},
	{mono, "", "JetBrainsMono-Regular.ttf"},
	{mono, "B", "JetBrainsMono-Bold.ttf"},
}

// Shades of grey, 0 is black. What has to be read is black, so that it survives a
// photocopy.
const (
	black   = 0
	dark    = 28  // the band
	quieter = 85  // captions
	line    = 150 // thin lines
	pale    = 215 // what may vanish
	white   = 255
)

// A page is a sheet that is being drawn. Coordinates are millimetres of the layout.
type page struct {
	Sheet
	pdf    *fpdf.Fpdf
	dx, dy float64 // where the layout begins on the paper
	codes  []drawnCode

	secretCode, publicCode code
	publicName             string

	smallest float64 // of the letters of prose, in points
}

func newPage(s Sheet) (*page, error) {
	if s.Say == nil {
		say, err := english()
		if err != nil {
			return nil, err
		}
		s.Say = say
	}
	p := &page{Sheet: s, smallest: 100}
	if err := p.makeCodes(); err != nil {
		return nil, err
	}
	w, h := s.Size.millimetres()
	p.dx, p.dy = (w-pageWidth)/2, (h-pageHeight)/2
	p.pdf = fpdf.NewCustom(&fpdf.InitType{UnitStr: "mm", Size: fpdf.SizeType{Wd: w, Ht: h}})
	p.pdf.SetAutoPageBreak(false, 0)
	p.pdf.SetMargins(0, 0, 0)
	p.pdf.SetCatalogSort(true) // or fonts come in the order of a map
	p.pdf.SetProducer("", false)
	date := s.Created.UTC()
	if date.Before(time.Unix(0, 0)) {
		date = time.Unix(0, 0).UTC()
	}
	p.pdf.SetCreationDate(date)
	p.pdf.SetModificationDate(date)
	for _, f := range faces {
		data, err := assets.Fonts.ReadFile("fonts/" + f.file)
		if err != nil {
			return nil, fmt.Errorf("read the font: %w", err)
		}
		p.pdf.AddUTF8FontFromBytes(f.family, f.style, data)
	}
	p.pdf.AddPage()
	return p, p.pdf.Error()
}

// makeCodes makes the QR codes: of the secret, and of where payouts go.
func (p *page) makeCodes() (err error) {
	if secret := p.secret(); secret != "" {
		if p.secretCode, err = newCode(secret, levelH); err != nil {
			return err
		}
	}
	text := p.MiningKey
	if len(p.Addresses) > 0 {
		text, p.publicName = compact(p.Addresses[0].Address), p.Addresses[0].Coin
	}
	p.publicCode, err = newCode(text, levelM)
	return err
}

// readBack reads all codes that were drawn.
func (p *page) readBack() error {
	for _, c := range p.codes {
		if err := c.readBack(); err != nil {
			return err
		}
	}
	return nil
}

// A face is how letters look.
type face struct {
	family string
	bold   bool
	points float64
	shade  int
}

func (p *page) use(f face) {
	style := ""
	if f.bold {
		style = "B"
	}
	p.pdf.SetFont(f.family, style, f.points)
	p.pdf.SetTextColor(f.shade, f.shade, f.shade)
}

// height is that of a line of a face, in millimetres.
func (f face) height() float64 { return f.points * 25.4 / 72 * 1.28 }

// turn returns the left side of something w wide that begins at x in the direction
// of reading.
func (p *page) turn(x, w float64) float64 {
	if p.RightToLeft {
		return pageWidth - x - w
	}
	return x
}

func (p *page) fill(shade int) { p.pdf.SetFillColor(shade, shade, shade) }
func (p *page) stroke(shade int, w float64) {
	p.pdf.SetDrawColor(shade, shade, shade)
	p.pdf.SetLineWidth(w)
}

// put writes one line of prose with its baseline at y, in a box that begins at x and
// is w wide, in the direction of reading. It is made smaller until it fits.
func (p *page) put(x, y, w float64, f face, text string) {
	text, _ = p.fit(w, f, text)
	x = p.turn(x, w)
	if p.RightToLeft {
		x += w - p.pdf.GetStringWidth(text)
	}
	p.pdf.Text(x+p.dx, y+p.dy, text)
}

// putMiddle writes a line in the middle of a box.
func (p *page) putMiddle(x, y, w float64, f face, text string) {
	text, _ = p.fit(w, f, text)
	p.pdf.Text(p.turn(x, w)+(w-p.pdf.GetStringWidth(text))/2+p.dx, y+p.dy, text)
}

// putPlain writes what is read from the left in every language, from x to the right.
func (p *page) putPlain(x, y float64, f face, text string) {
	p.use(f)
	p.pdf.Text(x+p.dx, y+p.dy, text)
}

// fit sets the face, in a smaller size where text is wider than w, and returns text
// as it is drawn.
func (p *page) fit(w float64, f face, text string) (string, face) {
	text = p.visual(text)
	for p.use(f); p.pdf.GetStringWidth(text) > w && f.points > 4; p.use(f) {
		f.points -= 0.25
	}
	p.smallest = min(p.smallest, f.points)
	return text, f
}

// visual returns a line's letters in the order in which they stand from the left.
func (p *page) visual(text string) string {
	if !p.RightToLeft {
		return text
	}
	var paragraph bidi.Paragraph
	if _, err := paragraph.SetString(text, bidi.DefaultDirection(bidi.RightToLeft)); err != nil {
		return text
	}
	pieces, err := paragraph.Order()
	if err != nil {
		return text
	}
	var b strings.Builder
	for i := pieces.NumRuns() - 1; i >= 0; i-- {
		piece := pieces.Run(i)
		if piece.Direction() == bidi.RightToLeft {
			b.WriteString(bidi.ReverseString(piece.String()))
		} else {
			b.WriteString(piece.String())
		}
	}
	return b.String()
}

// wrap breaks text into lines that are at most w wide.
func (p *page) wrap(w float64, f face, text string) []string {
	p.use(f)
	var lines []string
	current := ""
	for word := range strings.FieldsSeq(text) {
		longer := strings.TrimPrefix(current+" "+word, " ")
		if current != "" && p.pdf.GetStringWidth(longer) > w {
			lines = append(lines, current)
			longer = word
		}
		current = longer
	}
	return append(lines, current)
}

// paragraph writes text that wraps, the first baseline one line below y, and returns
// where it ends.
func (p *page) paragraph(x, y, w float64, f face, text string) float64 {
	for _, l := range p.wrap(w, f, text) {
		y += f.height()
		p.put(x, y-f.height()*0.24, w, f, l)
	}
	return y
}

// box draws a rectangle with round corners; style is "F", "D" or "FD".
func (p *page) box(x, y, w, h, radius float64, style string) {
	p.pdf.RoundedRect(p.turn(x, w)+p.dx, y+p.dy, w, h, radius, "1234", style)
}

func (p *page) rule(x1, y1, x2, y2 float64) {
	p.pdf.Line(x1+p.dx, y1+p.dy, x2+p.dx, y2+p.dy)
}

// qr draws a code: one path, so that no seams show between its modules.
func (p *page) qr(c code, x, y, size float64) {
	d := c.place(p.turn(x, size)+p.dx, y+p.dy, size)
	p.codes = append(p.codes, d)
	p.fill(black)
	for _, r := range d.rects {
		p.pdf.MoveTo(r.x, r.y)
		p.pdf.LineTo(r.x+r.w, r.y)
		p.pdf.LineTo(r.x+r.w, r.y+r.h)
		p.pdf.LineTo(r.x, r.y+r.h)
		p.pdf.ClosePath()
	}
	p.pdf.DrawPath("F")
}

func (p *page) say(id string) string { return p.Say("paper."+id, nil) }

func (p *page) sayWith(id, name string, value any) string {
	return p.Say("paper."+id, map[string]any{name: value})
}
