package view

import (
	"image"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// graph is what a chart shows: values at equal distances in time, oldest first, NaN
// where nothing was measured.
type graph struct {
	values     []float64
	bottom     float64 // the value at the chart's lower edge
	top        float64 // and at its upper
	bars       bool    // sums rather than measurements
	most       string  // words for top
	begin, end string  // words for the first and the last moment
}

func (g graph) same(o graph) bool {
	return g.bottom == o.bottom && g.top == o.top && g.bars == o.bars && g.most == o.most && g.begin == o.begin && g.end == o.end &&
		slices.EqualFunc(g.values, o.values, func(a, b float64) bool { return a == b || a != a && b != b })
}

// chart draws a graph. It is one picture, painted when the graph, the size or the
// colours change and not otherwise; between that it costs nothing.
type chart struct {
	widget.BaseWidget
	least fyne.Size
	graph graph
	empty string // what is said where there is nothing to draw
}

func newChart(height float32, empty string) *chart {
	c := &chart{least: fyne.NewSize(120, height), empty: say(empty, nil)}
	c.ExtendBaseWidget(c)
	return c
}

func (c *chart) set(g graph) {
	if !c.graph.same(g) {
		c.graph = g
		c.Refresh()
	}
}

// drawn reports whether there is a value to draw.
func (c *chart) drawn() bool {
	return slices.ContainsFunc(c.graph.values, func(v float64) bool { return v == v })
}

// CreateRenderer implements fyne.Widget.
func (c *chart) CreateRenderer() fyne.WidgetRenderer {
	r := &chartRenderer{chart: c}
	r.picture = canvas.NewRaster(r.generate)
	for range 3 {
		r.lines = append(r.lines, canvas.NewLine(nil))
	}
	for range 4 {
		t := canvas.NewText("", nil)
		r.texts = append(r.texts, t)
	}
	r.texts[3].Alignment = fyne.TextAlignCenter
	r.paint()
	return r
}

type chartRenderer struct {
	chart   *chart
	picture *canvas.Raster
	lines   []*canvas.Line // the grid, from the top
	texts   []*canvas.Text // most, begin, end, empty
}

func (r *chartRenderer) generate(width, height int) image.Image {
	c := r.chart
	color := c.Theme().Color(colorCurve, fyne.CurrentApp().Settings().ThemeVariant())
	scale := float32(1)
	if r.picture.Size().Width > 0 {
		scale = float32(width) / r.picture.Size().Width
	}
	if !c.drawn() {
		return image.NewNRGBA(image.Rect(0, 0, 1, 1))
	}
	return c.graph.paint(width, height, float64(scale), color)
}

func (r *chartRenderer) paint() {
	c := r.chart
	th, variant := c.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	for _, l := range r.lines {
		l.StrokeColor, l.StrokeWidth = th.Color(colorOutline, variant), 1
	}
	r.lines[1].Hidden = !c.drawn() // words stand there
	words := []string{c.graph.most, c.graph.begin, c.graph.end, ""}
	if !c.drawn() {
		words = []string{"", "", "", c.empty}
	}
	for i, t := range r.texts {
		t.Text, t.TextSize, t.Color = words[i], th.Size(theme.SizeNameCaptionText), th.Color(theme.ColorNameDisabled, variant)
	}
}

// captionHigh is the height of a line of small text.
const captionHigh = 17

// Layout implements fyne.WidgetRenderer.
func (r *chartRenderer) Layout(size fyne.Size) {
	high := size.Height - 2*captionHigh
	place(r.picture, 0, captionHigh, size.Width, high)
	for i, l := range r.lines {
		y := captionHigh + high*float32(i)/float32(len(r.lines)-1)
		l.Position1, l.Position2 = fyne.NewPos(0, y), fyne.NewPos(size.Width, y)
	}
	place(r.texts[0], 0, 0, size.Width, captionHigh)
	place(r.texts[1], 0, size.Height-captionHigh+2, size.Width, captionHigh)
	end := r.texts[2].MinSize().Width
	place(r.texts[2], size.Width-end, size.Height-captionHigh+2, end, captionHigh)
	place(r.texts[3], 0, captionHigh+high/2-captionHigh/2, size.Width, captionHigh)
}

// MinSize implements fyne.WidgetRenderer.
func (r *chartRenderer) MinSize() fyne.Size { return r.chart.least }

// Refresh implements fyne.WidgetRenderer.
func (r *chartRenderer) Refresh() {
	r.paint()
	r.Layout(r.chart.Size())
	r.picture.Refresh()
	for _, l := range r.lines {
		l.Refresh()
	}
	for _, t := range r.texts {
		t.Refresh()
	}
}

// Objects implements fyne.WidgetRenderer.
func (r *chartRenderer) Objects() []fyne.CanvasObject {
	var all []fyne.CanvasObject
	for _, l := range r.lines {
		all = append(all, l)
	}
	all = append(all, r.picture)
	for _, t := range r.texts {
		all = append(all, t)
	}
	return all
}

// Destroy implements fyne.WidgetRenderer.
func (r *chartRenderer) Destroy() {}
