package console

import "strings"

// Cells parts a row of a table drawn with bars into its cells; nil if line is none.
func Cells(line string) []string {
	if !strings.HasPrefix(line, "|") || strings.Count(line, "|") < 3 {
		return nil
	}
	cells := strings.Split(strings.Trim(line, "|"), "|")
	for i, cell := range cells {
		cells[i] = strings.TrimSpace(cell)
	}
	return cells
}

// Columns are the places of a table's columns, by their titles in lower case.
type Columns map[string]int

// Title returns the columns of a table whose title row has cells.
func Title(cells []string) Columns {
	columns := Columns{}
	for i, cell := range cells {
		columns[strings.ToLower(cell)] = i
	}
	return columns
}

// Cell returns the cell of row below the first of titles that there is.
func (c Columns) Cell(row []string, titles ...string) string {
	for _, title := range titles {
		if i, ok := c[title]; ok && i < len(row) {
			return row[i]
		}
	}
	return ""
}

// Sum returns the cell below title of the row of sums, in which one cell, the first,
// spans all up to the hashrate.
func (c Columns) Sum(row []string, title string) string {
	at, known := c[title]
	if at -= c["hashrate"]; known && at >= 0 && at < len(row) {
		return row[at]
	}
	return ""
}
