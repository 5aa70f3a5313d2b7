package view

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
)

// leastPassword is how short a backup's password may be, in characters. The file
// is locked by scrypt, which makes guessing slow, but a backup may lie about for
// years.
const leastPassword = 8

// backupFlow leads to a backup of the key: which way, a sheet or a file, the words, a
// quiz of three of them. By hand it takes five clicks, counting the one that begins
// it, and three words.
type backupFlow struct {
	*sheet
	actions Actions
	way     settings.BackupWay
	round   int    // of the quiz
	path    string // of the sheet, if it was saved
}

func startBackup(a Actions) {
	a.unlocked(func() {
		b := &backupFlow{sheet: a.sheets.newSheet(), actions: a, way: settings.ByHand}
		if b.key().Words == 0 {
			b.way = settings.Everything // nobody can write a raw key down without a slip
		}
		b.choose("")
	})
}

func (b *backupFlow) key() model.Key { return b.all.last.Key }

// choose asks for the way.
func (b *backupFlow) choose(fault string) {
	var all []option
	for _, w := range settings.BackupWays() {
		if w == settings.ByHand && b.key().Words == 0 {
			continue
		}
		all = append(all, option{string(w), say("way."+string(w), nil), say("way."+string(w)+"-about", nil)})
	}
	var list *options
	list = newOptions(string(b.way), func() {
		b.way = settings.BackupWay(list.chosen)
		b.buttons.Objects = b.ways()
		b.buttons.Refresh()
		b.fit()
	}, all...)
	b.page(say("backup.title", nil), nil)
	b.fill(fault, []fyne.CanvasObject{prose(say("backup.why", nil)), list.content}, b.ways()...)
}

// ways are the buttons for the chosen way.
func (b *backupFlow) ways() []fyne.CanvasObject {
	sheet := func(do model.SheetDo) func() { return func() { b.sheetFor(do, "") } }
	open := widget.NewButton(say("sheet.open", nil), sheet(model.OpenSheet))
	print := loud(say("sheet.print", nil), sheet(model.PrintSheet))
	switch b.way {
	case settings.ByHand:
		return []fyne.CanvasObject{b.cancel(), quiet(say("sheet.own", nil), b.beforeWords), open, print}
	case settings.Everything:
		return []fyne.CanvasObject{b.cancel(), open, print}
	}
	return []fyne.CanvasObject{b.cancel(), loud(say("button.next", nil), b.password)}
}

// sheetFor makes the sheet, then goes on.
func (b *backupFlow) sheetFor(do model.SheetDo, password string) {
	s := b.all.last
	order := model.Sheet{Way: b.way, Do: do, Password: password, Language: Speaking(), Letter: s.Letter(), Pool: s.Settings.Pool}
	for _, c := range s.Pool.Info.Coins {
		order.Coins = append(order.Coins, c.ID+"/"+c.Network)
	}
	b.wait(say("sheet.busy", nil))
	b.actions.Keys.Paper(order, func(path string, err error) {
		switch {
		case b.gone:
		case err != nil:
			b.choose(keyFault(err))
		default:
			b.path = path
			b.afterSheet()
		}
	})
}

func (b *backupFlow) afterSheet() {
	switch {
	case b.way == settings.ByHand:
		b.beforeWords()
	case b.way == settings.Everything && b.key().Words > 0:
		b.quiz("")
	default:
		b.askTick()
	}
}

// beforeWords says what is coming, so that nobody else looks on.
func (b *backupFlow) beforeWords() {
	b.page(say("hand.title", nil), []fyne.CanvasObject{prose(say("hand.about", nil)), prose(say("hand.alone", nil))},
		b.cancel(), loud(say("hand.show", args{"Count": b.key().Words}), b.words))
}

// words shows them. They hide when the window loses the keyboard and after a while.
func (b *backupFlow) words() {
	board, left := newWordBoard(b.key().Words), newCaption("")
	var again *widget.Button
	written := loud(say("hand.written", nil), func() { b.quiz("") })
	hide := func() {
		board.hide()
		put(left, say("hand.hidden", nil))
		caption(again, say("hand.again", nil), nil, widget.MediumImportance, true)
	}
	show := func() {
		b.actions.Keys.Words(func(words []string, err error) {
			switch {
			case b.gone:
			case err != nil:
				b.say(keyFault(err))
			case b.all.away:
			default:
				board.show(words, b.all.now())
				clear(words)
				put(left, say("hand.left", args{"Seconds": board.left(b.all.now())}))
				caption(again, say("hand.hide", nil), nil, widget.MediumImportance, true)
				b.actions.Do(model.BackupReached{Stage: settings.WordsShown, Way: b.way})
			}
		})
	}
	again = widget.NewButton("", func() {
		if board.shown() {
			hide()
		} else {
			show()
		}
	})
	b.wide = sheetWider
	b.page(say("hand.words", nil), []fyne.CanvasObject{prose(say("hand.order", nil)), board.content, left}, b.cancel(), again, written)
	b.wipe = append(b.wipe, func() { board.hide(); b.wide = sheetWide })
	b.blurred = hide
	b.tick = func(s model.State) {
		switch {
		case !board.shown():
		case !s.Now.Before(board.until):
			hide()
		default:
			put(left, say("hand.left", args{"Seconds": board.left(s.Now)}))
		}
	}
	hide()
	show()
}

// quizWords is how many words are asked for.
const quizWords = 3

// QuizNumbers returns which words of a key are asked for in a round, counted from 1, in
// order. They are others in each round.
func QuizNumbers(account string, words, round int) []int {
	var all []int
	for i := 0; len(all) < min(quizWords, words); i++ {
		sum := sha256.Sum256([]byte(account + " " + strconv.Itoa(round) + " " + strconv.Itoa(i)))
		if n := 1 + int(binary.BigEndian.Uint32(sum[:])%uint32(words)); !slices.Contains(all, n) {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return all
}

// quiz asks for three of the words.
func (b *backupFlow) quiz(fault string) {
	numbers := QuizNumbers(b.key().Account, b.key().Words, b.round)
	b.page(say("quiz.title", nil), nil)
	rows := []fyne.CanvasObject{prose(say("quiz.about", nil))}
	var fields []*wordField
	check := func() {
		typed := make([]string, len(fields))
		for i, f := range fields {
			f.complete()
			typed[i] = word(f.Text)
		}
		b.check(numbers, typed, fields)
	}
	for i, n := range numbers {
		f := newWordField(say("quiz.word", args{"Number": n}))
		f.escape = b.close
		f.next = func() {
			if i+1 < len(fields) {
				b.focus(fields[i+1])
				return
			}
			check()
		}
		fields = append(fields, f)
		rows = append(rows, f.content)
		b.wipe = append(b.wipe, func() { f.SetText("") })
	}
	back := quiet(say("quiz.back", nil), func() { b.round++; b.words() })
	if b.way != settings.ByHand {
		back = b.cancel()
	}
	b.fill(fault, rows, back, loud(say("quiz.check", nil), check))
	b.focus(fields[0])
}

// check compares what was typed with the words. A wrong one is named and gets the
// keyboard.
func (b *backupFlow) check(numbers []int, typed []string, fields []*wordField) {
	b.actions.Keys.Words(func(words []string, err error) {
		if b.gone {
			return
		}
		if err != nil {
			b.say(keyFault(err))
			return
		}
		defer clear(words)
		for i, n := range numbers {
			if n > len(words) || typed[i] != words[n-1] {
				b.say(say("quiz.wrong", args{"Number": n}))
				b.focus(fields[i])
				return
			}
		}
		b.finish()
	})
}

// finish notes the backup and says so.
func (b *backupFlow) finish() {
	b.actions.Do(model.BackupReached{Stage: settings.BackupDone, Way: b.way})
	b.finished("")
}

func (b *backupFlow) finished(path string) {
	rows := []fyne.CanvasObject{prose(say("done.date", args{"Date": date(b.all.now())})), prose(say("done."+string(b.way), args{"Path": path}))}
	b.page(say("done.title", nil), rows, b.done())
}

// askTick asks whether the sheet can be read: nothing else can be asked about what nobody
// can type.
func (b *backupFlow) askTick() {
	b.page(say("tick.title", nil), []fyne.CanvasObject{prose(say("tick.about", nil))}, b.cancel(), loud(say("tick.yes", nil), b.finish))
}

// password asks for the one that locks the sheet or the file.
func (b *backupFlow) password() {
	about, title := say("encrypted.about", nil), say("encrypted.title", nil)
	if b.way == settings.ToFile {
		about, title = say("backup.about", nil), say("way.file", nil)
	}
	var check func() (string, string)
	var where *field
	do := func(what model.SheetDo) func() {
		return func() {
			password, fault := check()
			switch {
			case fault != "":
				b.say(fault)
			case b.way != settings.ToFile:
				b.sheetFor(what, password)
			case where.Text == "":
				b.say(say("backup.folder", nil))
			default:
				b.save(where.Text, password)
			}
		}
	}
	b.page(title, nil)
	first, again, check2 := b.newPasswords(do(model.PrintSheet))
	check = check2
	rows := []fyne.CanvasObject{prose(about), first, again}
	buttons := []fyne.CanvasObject{b.cancel(), widget.NewButton(say("sheet.open", nil), do(model.OpenSheet)), loud(say("sheet.print", nil), do(model.PrintSheet))}
	if b.way == settings.ToFile {
		where = b.entry(say("backup.folder", nil), do(model.PrintSheet))
		where.SetText(b.all.last.Folder)
		rows = append(rows, where)
		buttons = []fyne.CanvasObject{b.cancel(), loud(say("button.save", nil), do(model.PrintSheet))}
	}
	b.fill("", rows, buttons...)
	b.focus(first)
}

// save writes the file. It was read back and compared when it is there.
func (b *backupFlow) save(folder, password string) {
	b.wait(say("backup.busy", nil))
	b.actions.Keys.SaveFile(folder, password, func(path string, err error) {
		switch {
		case b.gone:
		case err != nil:
			b.choose(keyFault(err))
		default:
			b.finished(path)
		}
	})
}

// date is a day with its year.
func date(at time.Time) string {
	at = at.Local()
	return say("date", args{"Day": at.Day(), "Month": say("month."+strconv.Itoa(int(at.Month())), nil), "Year": at.Year()})
}
