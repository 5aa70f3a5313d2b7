package paper

// SmallestLetters returns the size of the smallest letters of prose on a sheet, in
// points.
func SmallestLetters(s Sheet) (float64, error) {
	p, err := newPage(s)
	if err != nil {
		return 0, err
	}
	p.draw()
	return p.smallest, p.pdf.Error()
}

// Visual returns how a line that is read from the right is drawn from the left.
func Visual(text string) string {
	p := &page{Sheet: Sheet{RightToLeft: true}}
	return p.visual(text)
}
