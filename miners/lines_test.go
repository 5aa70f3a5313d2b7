package miners_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/adit-mining/adit/miners"
)

func lines(printed string, piece int) (got []string) {
	l := miners.Lines{Each: func(line string) { got = append(got, line) }}
	for len(printed) > 0 {
		n := min(piece, len(printed))
		l.Write([]byte(printed[:n]))
		printed = printed[n:]
	}
	l.Flush()
	return got
}

func TestLinesAreCutAndCleaned(t *testing.T) {
	for _, row := range []struct {
		printed string
		want    []string
	}{
		{"one\ntwo\r\nthree", []string{"one", "two", "three"}},
		{"status\rstatus\revent\n\n\r\n", []string{"status", "status", "event"}},
		{"\x1b[1;32mgreen\x1b[0m text \x1b[K\n", []string{"green text"}},
		{"\x1b]0;title\aname\x1b]2;x\x1b\\s\n", []string{"names"}},
		{"\x1b(Bplain\x1b\n", []string{"plain"}},
		{"\x1b[H\x1b[2J\x1b[18d[1] one\x1b[19;1H[2] two\x1b[K\x1b[24G3\r\n", []string{"[1] one", "[2] two", "3"}},
		{"\x1b[31", nil},
		{"tab\tand\x00\x07bell\u0085\n", []string{"tab andbell"}},
		{"caf\xe9 \u00e9\n", []string{"caf\uFFFD \u00e9"}},
		{strings.Repeat("x", 10000) + "\nshort\n", []string{strings.Repeat("x", 4096), "short"}},
	} {
		for _, piece := range []int{1, 3, 1 << 20} {
			if got := lines(row.printed, piece); !slices.Equal(got, row.want) {
				t.Errorf("%.40q in pieces of %d = %.80q, want %.80q", row.printed, piece, got, row.want)
			}
		}
	}
}

func FuzzLines(f *testing.F) {
	f.Add("status\r\x1b[32mevent\x1b[0m\n")
	f.Add("\x1b]0;\xff\n")
	f.Fuzz(func(t *testing.T, printed string) {
		for _, line := range lines(printed, 7) {
			if !utf8.ValidString(line) || strings.ContainsAny(line, "\n\r\x1b") || line == "" {
				t.Errorf("%q gives the line %q", printed, line)
			}
		}
	})
}

func TestHashratesOfAllProgramsAreRead(t *testing.T) {
	for _, row := range []struct {
		number, unit string
		want         float64 // -1: not ok
	}{
		{"1.38", "khash/s", 1380}, {"2,5", "kH/s", 2500}, {"53.64", "MH/s", 53640000}, {"61.02", "M", 61020000},
		{"5.62", "g/s", 5.62}, {"0.60", "G/s", 0.60}, {"12", "Sol/s", 12}, {"1.5", "ksol/s", 1500}, {"4.71", "H/s", 4.71},
		{"1,234.5", "h/s", 1234.5}, {"1,234", "H/s", 1234}, {"2", "GH", 2e9}, {"3", "Th/s", 3e12}, {"10", "hashes/s", 10},
		{"n/a", "H/s", -1}, {"-nan", "H/s", -1}, {"nan", "H/s", -1}, {"inf", "H/s", -1}, {"-1", "H/s", -1}, {"", "H/s", -1}, {"1", "x/s", -1},
	} {
		got, ok := miners.ParseHashrate(row.number, row.unit)
		if ok != (row.want >= 0) || (ok && (float64(got) < row.want*0.999999 || float64(got) > row.want*1.000001)) {
			t.Errorf("ParseHashrate(%q, %q) = %v, %v, want %v", row.number, row.unit, float64(got), ok, row.want)
		}
	}
}
