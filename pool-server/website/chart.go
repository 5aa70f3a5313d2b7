package website

import (
	"fmt"
	"strings"
)

// chart is a curve as an SVG drawing of 600 by 120 units.
type chart struct {
	Line, Area string  // path data
	Peak       float64 // the highest value
}

const chartWidth, chartHeight, chartTop = 600.0, 120.0, 8.0

// newChart draws values, evenly spaced. Fewer than two, or nothing but zeros, is
// no chart.
func newChart(values []float64) *chart {
	c := &chart{}
	for _, v := range values {
		c.Peak = max(c.Peak, v)
	}
	if len(values) < 2 || c.Peak == 0 {
		return nil
	}
	var line strings.Builder
	for i, v := range values {
		x := chartWidth * float64(i) / float64(len(values)-1)
		y := chartHeight - (chartHeight-chartTop)*v/c.Peak
		fmt.Fprintf(&line, "%c%.1f %.1f", "ML"[min(i, 1)], x, y)
	}
	c.Line = line.String()
	c.Area = fmt.Sprintf("%sL%.0f %.0fL0 %.0fZ", c.Line, chartWidth, chartHeight, chartHeight)
	return c
}
