package paper

import (
	"fmt"
	"strings"
)

// Where the parts begin, from the top. The mask lies as far below the fold as the
// secret above it, so that the one covers the other.
const (
	bandHeight     = 17.0
	publicTop      = 43.5
	secretTop      = 94.5
	fold           = 154.0
	maskBottom     = 207.5
	adviceTop      = 210.5
	usedLine       = 262.5
	codeSize       = 50.0 // of the secret, with its quiet zone
	publicCodeSize = 33.0
)

func (p *page) draw() {
	p.drawBand()
	p.drawPublic()
	p.drawSecret()
	p.drawMask()
	p.drawAdvice()
}

// drawBand says what the sheet is.
func (p *page) drawBand() {
	p.fill(dark)
	p.box(left, top, width, bandHeight, 2.2, "F")
	p.waves(left, top, width, bandHeight, 58, 0.12)
	p.mark(left+4, top+2.6, 11.8)
	kind := p.say("kind." + p.Kind.String())
	pill := face{prose, true, 8.5, black}
	p.use(pill)
	w := min(p.pdf.GetStringWidth(p.visual(kind))+9, 52)
	p.fill(white)
	p.box(right-5-w, top+5, w, 7, 3.5, "F")
	p.putMiddle(right-5-w+3, top+9.6, w-6, pill, kind)
	room := width - 20 - w - 10
	private := p.say("private")
	if p.Kind == Encrypted {
		private = p.say("private.locked")
	}
	p.put(left+20, top+6.6, room, face{prose, false, 8, 225}, p.say("title"))
	p.put(left+20, top+12.9, room, face{prose, true, 13.5, white}, private)
	about, f := p.say("kind."+p.Kind.String()+".about"), face{prose, false, 9.5, black}
	if len(p.wrap(width, f, about)) > 1 {
		f.points = 8.6
	}
	p.paragraph(left, top+bandHeight+1.8, width, f, about)
}

// drawPublic has what anybody may see.
func (p *page) drawPublic() {
	label := face{prose, true, 7, quieter}
	value := face{prose, false, 9, black}
	room := width - publicCodeSize - 6
	y := publicTop
	p.put(left, y+2.5, room, label, p.say("key"))
	key := face{mono, false, 9.6, black}
	key = p.fitPlain(room, key, p.MiningKey)
	p.putPlain(p.turn(left, room)+p.slack(room, p.MiningKey), y+6.8, key, p.MiningKey)

	y += 11
	type fact struct{ name, text string }
	facts := []fact{{p.say("encrypted"), p.say("encrypted.no")}}
	if p.Kind == Encrypted {
		facts[0].text = p.say("encrypted.yes")
	}
	if !p.Created.IsZero() {
		facts = append(facts, fact{p.say("created"), p.Created.UTC().Format("2006-01-02")})
	}
	if p.Path != "" {
		facts = append(facts, fact{p.say("path"), p.Path})
	}
	if p.Version != "" {
		facts = append(facts, fact{p.say("version"), "Adit " + p.Version})
	}
	column := room / 4
	for i, f := range facts {
		p.put(left+float64(i)*column, y+2.5, column-2, label, f.name)
		p.put(left+float64(i)*column, y+6.6, column-2, value, f.text)
	}

	y += 11
	p.drawAddresses(left, y, room, label)
	x := right - publicCodeSize
	p.stroke(line, 0.2)
	p.box(x, publicTop, publicCodeSize, publicCodeSize, 1.5, "D")
	p.qr(p.publicCode, x, publicTop, publicCodeSize)
	caption := p.say("code.key")
	if p.publicName != "" {
		caption = p.sayWith("code.address", "Coin", p.publicName)
	}
	for i, l := range p.wrap(publicCodeSize, face{prose, false, 7, quieter}, caption) {
		if i < 2 {
			p.putMiddle(x, publicTop+publicCodeSize+3.4+float64(i)*3, publicCodeSize, face{prose, false, 7, quieter}, l)
		}
	}
}

// drawAddresses lists as many addresses as there is room for.
func (p *page) drawAddresses(x, y, w float64, label face) {
	if len(p.Addresses) == 0 {
		return
	}
	title := p.say("addresses")
	if p.Pool != "" {
		title = p.sayWith("addresses.pool", "Pool", p.Pool)
	}
	p.put(x, y+2.5, w, label, title)
	const rows = 6
	columns, row, size := 1, 4.2, 8.5
	if len(p.Addresses) > rows {
		columns, row, size = 2, 3.5, 6.4
	}
	room := w / float64(columns)
	shown := p.Addresses[:min(len(p.Addresses), rows*columns)]
	block := room
	if columns == 1 {
		block = p.widest(room, size, shown)
	}
	for i, a := range shown {
		ax := p.turn(x+float64(i/rows)*room, block)
		ay := y + 2.6 + row*float64(i%rows+1)
		name := face{mono, true, size, black}
		p.putPlain(ax, ay, name, a.Symbol)
		name.bold = false
		p.putPlain(ax+symbolWidth, ay, p.fitPlain(room-symbolWidth-1.5, name, a.Address), a.Address)
	}
	if more := len(p.Addresses) - len(shown); more > 0 {
		p.put(x, y+2.6+row*rows+3.4, w, face{prose, false, 7, quieter}, p.sayWith("addresses.more", "N", more))
	}
}

// symbolWidth is the column of the coins' symbols.
const symbolWidth = 11.0

// widest returns the width of a list of addresses.
func (p *page) widest(room, size float64, all []Address) float64 {
	w := 0.0
	p.use(face{mono, false, size, black})
	for _, a := range all {
		w = max(w, symbolWidth+p.pdf.GetStringWidth(a.Address))
	}
	return min(w, room)
}

// fitPlain makes a face small enough for what is read from the left, and sets it.
func (p *page) fitPlain(w float64, f face, text string) face {
	for p.use(f); p.pdf.GetStringWidth(text) > w && f.points > 4; p.use(f) {
		f.points -= 0.1
	}
	return f
}

// slack is how far a text in the present face moves to end where the line of a
// language from the right begins.
func (p *page) slack(w float64, text string) float64 {
	if !p.RightToLeft {
		return 0
	}
	return w - p.pdf.GetStringWidth(text)
}

// drawSecret has the secret, or the boxes for it.
func (p *page) drawSecret() {
	p.fill(white)
	p.stroke(black, 0.5)
	p.box(left, secretTop, width, fold-secretTop-2.5, 2.2, "D")
	p.put(left+4, secretTop+5.6, width-8, face{prose, true, 9.5, black}, p.secretTitle())
	switch {
	case p.Kind == ByHand && p.hasWords():
		p.drawWordBoxes(max(len(p.Words), 12))
	case p.Kind == ByHand:
		p.drawKeyBoxes(max(len(p.WIF), 52))
	case p.hasWords():
		p.drawCodes()
		p.drawWords()
	default:
		p.drawCodes()
		p.drawKey(p.secret())
	}
}

func (p *page) secretTitle() string {
	switch {
	case p.Kind == Encrypted:
		return p.say("secret.locked")
	case p.hasWords():
		return p.sayWith("secret.words", "N", max(len(p.Words), 12))
	case p.WIFCoin != "":
		return p.sayWith("secret.key-coin", "Coin", p.WIFCoin)
	}
	return p.say("secret.key")
}

// secretRow is where the secret begins below its title.
const secretRow = secretTop + 7.0

// drawCodes draws the secret twice, as far from each other as the page allows: one
// blot does not reach both.
func (p *page) drawCodes() {
	p.qr(p.secretCode, left+1, secretRow-0.2, codeSize)
	p.qr(p.secretCode, right-1-codeSize, secretRow-0.2, codeSize)
}

func (p *page) drawWords() {
	x, w := left+codeSize+2, width-2*codeSize-4
	rows := (len(p.Words) + 1) / 2
	height, size := 49.0/float64(rows), 12.0
	if rows > 6 { // of 18 or 24 words
		height, size = 49.8/float64(rows), 11
	}
	for i, word := range p.Words {
		cx := x + float64(i/rows)*w/2
		cy := secretRow + height*(float64(i%rows)+0.72)
		p.drawNumber(cx, cy, 6, i+1)
		p.putPlain(cx+7.2, cy, face{mono, true, size, black}, word)
		if rows <= 6 {
			p.stroke(pale, 0.2)
			p.rule(cx+7.2, cy+1.5, cx+w/2-2, cy+1.5)
		}
	}
}

// drawNumber writes a number that ends at x+w.
func (p *page) drawNumber(x, y, w float64, n int) {
	p.use(face{prose, false, 8, quieter})
	text := fmt.Sprint(n)
	p.pdf.Text(x+w-p.pdf.GetStringWidth(text)+p.dx, y+p.dy, text)
}

// drawKey writes a key in groups, each line with its check word.
func (p *page) drawKey(key string) {
	x, w := left+codeSize+2, width-2*codeSize-4
	all := Lines(key)
	height := 10.2
	for i, groups := range all {
		y := secretRow + 2 + height*(float64(i)+0.6)
		f := face{mono, true, 11.5, black}
		p.putPlain(x+0.5, y, f, strings.Join(groups, " "))
		check := face{prose, false, 8, quieter}
		p.use(check)
		word := CheckWord(i, strings.Join(groups, ""))
		p.putPlain(x+w-0.5-p.pdf.GetStringWidth(word), y, check, word)
		p.stroke(pale, 0.2)
		p.rule(x+0.5, y+2, x+w-0.5, y+2)
	}
	p.paragraph(x, secretRow+2+height*float64(len(all)), w, face{prose, false, 7, quieter}, p.say("check"))
}

// drawWordBoxes has an empty box a word, with lines that are wide enough for a pen.
func (p *page) drawWordBoxes(n int) {
	columns := 2
	if n > 12 {
		columns = 3
	}
	rows := (n + columns - 1) / columns
	w, height := (width-8)/float64(columns), 49.0/float64(rows)
	for i := range n {
		x := left + 4 + float64(i/rows)*w
		y := secretRow + 0.8 + float64(i%rows)*height
		p.drawNumber(x-1, y+height/2+0.8, 6, i+1)
		p.stroke(quieter, 0.3)
		p.pdf.RoundedRect(x+6.5+p.dx, y+p.dy, w-8.5, height-1.4, 1, "1234", "D")
	}
}

// drawKeyBoxes has an empty box a letter, in groups as the key is shown.
func (p *page) drawKeyBoxes(n int) {
	const cell, gapWidth, checkWidth = 8.0, 4.0, 30.0
	for i := range n {
		group := i / groupLength
		row, inRow := group/groupsPerLine, group%groupsPerLine
		x := left + 4 + float64(inRow)*(groupLength*cell+gapWidth) + float64(i%groupLength)*cell
		y := secretRow + 1 + float64(row)*11.8
		p.stroke(quieter, 0.3)
		p.pdf.Rect(x+p.dx, y+p.dy, cell, 9, "D")
		if i%(groupLength*groupsPerLine) == 0 {
			p.rule(right-checkWidth-2, y+9, right-4, y+9)
			p.put(right-checkWidth-2, y+2.4, checkWidth-2, face{prose, false, 6.5, quieter}, p.say("check.word"))
		}
	}
}

// drawMask has a pattern like that inside envelopes, which covers the secret when
// the sheet is folded.
func (p *page) drawMask() {
	p.mask(left, fold+2.5, width, maskBottom-fold-2.5)
	p.stroke(black, 0.25)
	p.pdf.SetDashPattern([]float64{2, 1.6}, 0)
	p.rule(left-9, fold, right+9, fold)
	p.pdf.SetDashPattern(nil, 0)
	f := face{prose, true, 7.5, black}
	text, f := p.fit(width-20, f, p.say("fold"))
	w := p.pdf.GetStringWidth(text) + 6
	p.fill(white)
	p.box((pageWidth-w)/2, fold-2.2, w, 4.4, 0.1, "F")
	p.putMiddle((pageWidth-w)/2, fold+1, w, f, p.say("fold"))
}

// drawAdvice says how the coins come back, and where they are.
func (p *page) drawAdvice() {
	const gapWidth = 8.0
	w := (width - gapWidth) / 2
	restore, money := p.advice()
	size := 8.4
	for size > 5 && (p.listHeight(w, size, restore) > usedLine-5-adviceTop || p.listHeight(w, size, money) > usedLine-5-adviceTop) {
		size -= 0.1
	}
	p.list(left, w, size, p.say("restore"), restore, true)
	p.list(left+w+gapWidth, w, size, p.say("money"), money, false)
	p.stroke(black, 0.25)
	f := face{prose, true, 8, black}
	text := p.say("used")
	p.use(f)
	used := p.pdf.GetStringWidth(p.visual(text)) + 3
	p.put(left, usedLine, used, f, text)
	from := p.turn(left+used, 40)
	p.rule(from, usedLine+0.4, from+40, usedLine+0.4)
	p.put(left+used+44, usedLine, width-used-44, face{prose, false, 7.5, quieter}, p.say("used.about"))
}

// advice returns the steps and the answers for what the sheet keeps.
func (p *page) advice() (restore, money []string) {
	what := "key"
	switch {
	case p.Kind == Encrypted:
		what = "locked"
	case p.hasWords():
		what = "words"
	}
	first := "restore.adit-" + what
	if p.Kind == ByHand {
		first = "restore.adit-hand"
	}
	restore = []string{p.say(first), p.say("restore.compare"), p.Say("paper.restore.other-"+what, map[string]any{"Path": p.path()}), p.say("restore.all")}
	for _, id := range []string{"where", "adit", "pool", "lost", "ask"} {
		money = append(money, p.say("money."+id))
	}
	return restore, money
}

func (p *page) path() string {
	if p.Path == "" {
		return "m/84'/0'/0'/0/0"
	}
	return p.Path
}

const listIndent = 4.5

func (p *page) listHeight(w, size float64, items []string) float64 {
	f := face{prose, false, size, black}
	h := 5.5
	for _, item := range items {
		h += float64(len(p.wrap(w-listIndent, f, item)))*f.height() + 0.9
	}
	return h
}

func (p *page) list(x, w, size float64, title string, items []string, numbered bool) {
	p.put(x, adviceTop+3, w, face{prose, true, 9.5, black}, title)
	f := face{prose, false, size, black}
	y := adviceTop + 5
	for i, item := range items {
		mark := "•"
		if numbered {
			mark = fmt.Sprint(i+1) + "."
		}
		p.put(x, y+f.height()*0.76, listIndent, face{prose, true, size, black}, mark)
		y = p.paragraph(x+listIndent, y, w-listIndent, f, item) + 0.9
	}
}
