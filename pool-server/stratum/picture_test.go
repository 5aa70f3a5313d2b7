package stratum_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/stratum"
)

var update = flag.Bool("update", false, "write the pictures anew")

const vardiffPicture = "../../docs/pictures/vardiff.svg"

// curve is one simulated miner's line in a picture.
type curve struct {
	name, colour string
	hashrate     float64
	changes      map[time.Duration]float64 // hashrates from a time on
	above        float64                   // moves the name, in pixels
}

// panel is one diagram: difficulty over time, both axes labelled.
type panel struct {
	title, caption string
	left           float64
	lasts, tick    time.Duration
	lowest, most   float64 // exponents of ten
	curves         []curve
	marks          map[time.Duration]string
}

const (
	panelWidth, panelHeight = 400.0, 340.0
	panelTop                = 86.0
	begin                   = 1.0 // the port's difficulty
)

func (p *panel) x(at time.Duration) float64 {
	return p.left + panelWidth*float64(at)/float64(p.lasts)
}

func (p *panel) y(difficulty float64) float64 {
	return panelTop + panelHeight*(p.most-math.Log10(difficulty))/(p.most-p.lowest)
}

// draw simulates the curves and writes the diagram.
func (p *panel) draw(b *strings.Builder) {
	say := func(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }
	say(`<text x="%.0f" y="58" class="title">%s</text>`, p.left, p.title)
	say(`<text x="%.0f" y="76" class="small">%s</text>`, p.left, p.caption)
	for exponent := p.lowest; exponent <= p.most; exponent += 2 {
		y := p.y(math.Pow(10, exponent))
		say(`<line x1="%.0f" x2="%.0f" y1="%.1f" y2="%.1f" class="grid"/>`, p.left, p.left+panelWidth, y, y)
		say(`<text x="%.0f" y="%.1f" class="small" text-anchor="end">10<tspan dy="-5" font-size="9">%.0f</tspan></text>`, p.left-6, y+4, exponent)
	}
	for at := time.Duration(0); at <= p.lasts; at += p.tick {
		unit := fmt.Sprintf("%.0f s", at.Seconds())
		if p.tick >= time.Minute {
			unit = fmt.Sprintf("%.0f min", at.Minutes())
		}
		say(`<text x="%.1f" y="%.0f" class="small" text-anchor="middle">%s</text>`, p.x(at), panelTop+panelHeight+18, unit)
	}
	for at, text := range p.marks {
		say(`<line x1="%.1f" x2="%.1f" y1="%.0f" y2="%.0f" class="mark"/>`, p.x(at), p.x(at), panelTop, panelTop+panelHeight)
		say(`<text x="%.1f" y="%.0f" class="small">%s</text>`, p.x(at)+5, panelTop+panelHeight-8, text)
	}
	for i := range p.curves {
		p.drawCurve(say, &p.curves[i], uint64(i))
	}
}

func (p *panel) drawCurve(say func(string, ...any), c *curve, seed uint64) {
	v := &stratum.VarDiff{}
	v.Fill()
	s := newSimulated(seed, c.hashrate/(1<<32), begin, v)
	var line, ideal strings.Builder
	step, last := p.lasts/400, 0.0
	for at := time.Duration(0); at <= p.lasts; at += step {
		for from, hashrate := range c.changes {
			if at >= from && at < from+step {
				s.rate = hashrate / (1 << 32)
			}
		}
		s.run(at)
		last = s.told
		fmt.Fprintf(&line, "%.1f,%.1f ", p.x(at), p.y(s.told))
		fmt.Fprintf(&ideal, "%.1f,%.1f ", p.x(at), p.y(max(s.rate*10, 1e-9)))
	}
	say(`<polyline points="%s" fill="none" stroke="%s" stroke-width="1" stroke-dasharray="3 4" opacity="0.7"/>`, ideal.String(), c.colour)
	say(`<polyline points="%s" fill="none" stroke="%s" stroke-width="2" stroke-linejoin="round"/>`, line.String(), c.colour)
	say(`<text x="%.0f" y="%.1f" class="name" fill="%s">%s</text>`, p.left+panelWidth+6, p.y(last)+4+c.above, c.colour, c.name)
}

// picture is the whole drawing.
func picture() string {
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1090 470" font-family="Helvetica, Arial, sans-serif">
<style>.head{font-size:17px;font-weight:bold;fill:#222}.title{font-size:14px;font-weight:bold;fill:#222}.small{font-size:12px;fill:#555}.name{font-size:12px;font-weight:bold}.grid{stroke:#ddd}.mark{stroke:#999;stroke-dasharray:2 3}</style>
<rect width="1090" height="470" fill="#fff"/>
<text x="60" y="28" class="head">Vardiff: the share difficulty of simulated miners on a port that starts at 1</text>
<text x="60" y="464" class="small">Solid: the difficulty that the miner was told. Dashed: the one at which it would send a share every 10 seconds.</text>
`)
	first := panel{
		title: "The first 90 seconds", caption: "from 1 kH/s to 1 PH/s (sha256d), difficulty on a logarithmic scale",
		left: 60, lasts: 90 * time.Second, tick: 15 * time.Second, lowest: -10, most: 8,
		curves: []curve{
			{name: "1 PH/s", colour: "#7b3294", hashrate: 1e15},
			{name: "1 TH/s", colour: "#0571b0", hashrate: 1e12},
			{name: "1 GH/s", colour: "#1a7f37", hashrate: 1e9},
			{name: "1 MH/s", colour: "#b35900", hashrate: 1e6},
			{name: "1 kH/s", colour: "#c0143c", hashrate: 1e3},
		},
		marks: map[time.Duration]string{30 * time.Second: "30 s"},
	}
	first.draw(&b)
	second := panel{
		title: "A quarter of an hour", caption: "what happens when the hashrate changes",
		left: 590, lasts: 16 * time.Minute, tick: 4 * time.Minute, lowest: -10, most: 6,
		curves: []curve{
			{name: "50 × faster", colour: "#0571b0", hashrate: 1e11, changes: map[time.Duration]float64{4 * time.Minute: 5e12}},
			{name: "50 × slower", colour: "#1a7f37", hashrate: 1e9, changes: map[time.Duration]float64{4 * time.Minute: 2e7}},
			{name: "falls silent", colour: "#c0143c", hashrate: 1e7, changes: map[time.Duration]float64{4 * time.Minute: 1e-9}},
		},
		marks: map[time.Duration]string{4 * time.Minute: "change"},
	}
	second.draw(&b)
	b.WriteString("</svg>\n")
	return b.String()
}

// TestPictureOfVardiffIsCurrent: docs show what the code does. -update draws it anew.
func TestPictureOfVardiffIsCurrent(t *testing.T) {
	got := picture()
	if *update {
		if err := os.WriteFile(vardiffPicture, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(vardiffPicture)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what vardiff does now: look at it with go test -run Picture -update", vardiffPicture)
	}
}
