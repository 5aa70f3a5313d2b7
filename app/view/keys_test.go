package view_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/app/view"
	"github.com/adit-mining/adit/wallet"
)

// twelve are the words of the key of these tests.
var twelve = strings.Fields("legal winner thank year wave sausage worth useful legal winner thank yellow")

// safekeeper is a key that answers at once.
type safekeeper struct {
	papers   []model.Sheet
	saved    []string
	looked   []string
	restored int
	renewed  int
	reworded int      // how often new words were made
	answers  []string // given to a wallet program
	proved   int
	password []string // that the key was given
	asked    int      // how often for the words
	found    model.Recovered
	fault    error
	plan     model.SpendPlan
	sent     int
	paidTo   []string // COIN/NETWORK=ADDRESS
	paidFrom []string // COIN/NETWORK=LEAST
	opened   func()   // called when the right password was typed
}

func (k *safekeeper) keys() view.Keys {
	return view.Keys{
		Unlock: func(password string, then func(error)) {
			if password != "correct horse" {
				then(wallet.ErrPassphrase)
				return
			}
			k.opened()
			then(nil)
		},
		Words: func(then func([]string, error)) {
			k.asked++
			then(slices.Clone(twelve), nil)
		},
		Paper: func(s model.Sheet, then func(string, error)) {
			k.papers = append(k.papers, s)
			then("/tmp/sheet.pdf", k.fault)
		},
		SaveFile: func(folder, password string, then func(string, error)) {
			k.saved = append(k.saved, folder+":"+password)
			then(folder+"/adit-key.age", k.fault)
		},
		Look: func(text, passphrase string, then func(model.Recovered, error)) {
			k.looked = append(k.looked, text+":"+passphrase)
			then(k.found, k.fault)
		},
		LookIn: func(path, passphrase string, then func(model.Recovered, error)) {
			k.looked = append(k.looked, path+":"+passphrase)
			then(k.found, k.fault)
		},
		Prove:        func(model.Recovered) { k.proved++ },
		Restore:      func(_ model.Recovered, then func(string, error)) { k.restored++; then("/data/key-01020300.age", nil) },
		Renew:        func(then func(string, error)) { k.renewed++; then("/data/key-01020300.age", nil) },
		RenewWords:   func(then func(string, error)) { k.reworded++; then("/data/key-01020300.age", nil) },
		AnswerWallet: func(passphrase string) { k.answers = append(k.answers, passphrase) },
		Protect:      func(password string, then func(error)) { k.password = append(k.password, password); then(nil) },
		PayeeFault:   model.CheckPayee,
		SetPayee: func(coin, network, address string, then func(error)) {
			k.paidTo = append(k.paidTo, coin+"/"+network+"="+address)
			then(k.fault)
		},
		SetMinimum: func(_, coin, network, least string, then func(error)) {
			k.paidFrom = append(k.paidFrom, coin+"/"+network+"="+least)
			then(k.fault)
		},
		HasWallet: func(coin, _ string) bool { return coin == "litecoin" },
		Plan: func(o model.SpendOrder, then func(model.SpendPlan, error)) {
			p := k.plan
			p.Order = o
			then(p, k.fault)
		},
		Send: func(_ model.SpendPlan, then func([]string, error)) {
			k.sent++
			then([]string{strings.Repeat("ab", 32)}, k.fault)
		},
	}
}

// sheetOf returns the open sheet, laid out.
func sheetOf(t *testing.T, w fyne.Window) fyne.CanvasObject {
	t.Helper()
	top := w.Canvas().Overlays().Top()
	if top == nil {
		t.Fatal("there is no sheet")
	}
	settle(top)
	return top
}

// tap presses a button of the sheet.
func tap(t *testing.T, w fyne.Window, text string) {
	t.Helper()
	found := findIn(sheetOf(t, w), func(b *widget.Button) bool { return b.Text == text })
	if len(found) == 0 {
		t.Fatalf("there is no button %q in %q", text, texts(sheetOf(t, w)))
	}
	test.Tap(found[0])
}

// pick chooses an option of the sheet by its name.
func pick(t *testing.T, w fyne.Window, title string) {
	t.Helper()
	var found, last *widget.Button
	walk(sheetOf(t, w), fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
		switch o := o.(type) {
		case *widget.Button:
			last = o
		case *widget.Label:
			if o.Text == title {
				found = last
			}
		}
	})
	if found == nil {
		t.Fatalf("there is no option %q in %q", title, texts(sheetOf(t, w)))
	}
	test.Tap(found)
}

func shows(root fyne.CanvasObject, text string) bool {
	return slices.ContainsFunc(texts(root), func(s string) bool { return strings.Contains(s, text) })
}

// typed types into what has the keyboard, as somebody does who sees it.
func typed(t *testing.T, w fyne.Window, text string) {
	t.Helper()
	on := w.Canvas().Focused()
	if on == nil {
		t.Fatal("nothing has the keyboard")
	}
	for _, r := range text {
		on.TypedRune(r)
	}
}

func enter(w fyne.Window) { w.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn}) }

func escape(w fyne.Window) { w.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape}) }

// numbersAsked reads from the sheet which words the quiz asks for.
func numbersAsked(t *testing.T, w fyne.Window) []int {
	t.Helper()
	numbers := view.QuizNumbers(states()["mining"].Key.Account, 12, 0)
	for _, n := range numbers {
		if !shows(sheetOf(t, w), "Word "+itoa(n)) {
			t.Fatalf("the quiz does not ask for %v: %q", numbers, texts(sheetOf(t, w)))
		}
	}
	return numbers
}

func itoa(n int) string { return strconv.Itoa(n) }

// TestABackupByHandTakesFiveClicksAndThreeWords counts what the user does.
func TestABackupByHandTakesFiveClicksAndThreeWords(t *testing.T) {
	shell, w, did := window(t)
	s := states()["mining"]
	shell.Show(s)
	clicks, words := 0, 0
	click := func(text string) { clicks++; tap(t, w, text) }
	clicks++
	test.Tap(button(t, w, "Make a backup"))
	click("Print the sheet")
	if len(did.keys.papers) != 1 || did.keys.papers[0].Way != settings.ByHand || did.keys.papers[0].Do != model.PrintSheet {
		t.Fatalf("papers %+v", did.keys.papers)
	}
	if shows(sheetOf(t, w), "sausage") || did.keys.asked != 0 {
		t.Error("the words are there before anybody asked for them")
	}
	click("Show my 12 words")
	for _, word := range twelve {
		if !shows(sheetOf(t, w), word) {
			t.Errorf("%q is not shown", word)
		}
	}
	if did.last(t) != (model.BackupReached{Stage: settings.WordsShown, Way: settings.ByHand}) {
		t.Errorf("did %v", did.events)
	}
	click("I have written them down")
	if shows(sheetOf(t, w), "sausage") {
		t.Error("the quiz shows the words")
	}
	for _, n := range numbersAsked(t, w) {
		words++
		typed(t, w, twelve[n-1][:4])
		enter(w)
	}
	if !shows(sheetOf(t, w), "Your key is safe") || !shows(sheetOf(t, w), "1 May 2026") {
		t.Errorf("it ends with %q", texts(sheetOf(t, w)))
	}
	click("Close")
	if w.Canvas().Overlays().Top() != nil {
		t.Error("the sheet is still there")
	}
	if did.last(t) != (model.BackupReached{Stage: settings.BackupDone, Way: settings.ByHand}) {
		t.Errorf("did %v", did.events)
	}
	if clicks > 5 || words != 3 {
		t.Errorf("%d clicks and %d words", clicks, words)
	}
	shell.Show(s.After(did.last(t)))
	if says(w, "Make a backup of your key") {
		t.Error("the reminder is still there")
	}
}

// toTheWords opens the sheet that shows the words.
func toTheWords(t *testing.T) (*view.Shell, fyne.Window, *deeds, model.State) {
	t.Helper()
	shell, w, did := window(t)
	s := states()["mining"]
	shell.Show(s)
	test.Tap(button(t, w, "Make a backup"))
	tap(t, w, "Use my own paper")
	tap(t, w, "Show my 12 words")
	return shell, w, did, s
}

func TestTheWordsHideWhenTheWindowLosesTheKeyboardAndAfterAMinute(t *testing.T) {
	shell, w, did, s := toTheWords(t)
	shell.Blur()
	if shows(sheetOf(t, w), "sausage") || !shows(sheetOf(t, w), "The words are hidden.") {
		t.Errorf("they are still there: %q", texts(sheetOf(t, w)))
	}
	shell.Focus()
	if shows(sheetOf(t, w), "sausage") {
		t.Error("they come back unasked")
	}
	tap(t, w, "Show again")
	if !shows(sheetOf(t, w), "sausage") || did.keys.asked != 2 {
		t.Error("they do not come back")
	}
	s.Now = s.Now.Add(59 * time.Second)
	shell.Show(s)
	if !shows(sheetOf(t, w), "They hide in 1 s.") {
		t.Errorf("after 59 s: %q", texts(sheetOf(t, w)))
	}
	s.Now = s.Now.Add(time.Second)
	shell.Show(s)
	if shows(sheetOf(t, w), "sausage") {
		t.Error("they are there after a minute")
	}
}

// TestWordsThatComeLateAreNotShownToWhoeverIsThereThen answers only after the window
// has lost the keyboard.
func TestWordsThatComeLateAreNotShownToWhoeverIsThereThen(t *testing.T) {
	shell, w, did := window(t)
	shell.Show(states()["mining"])
	var answer func([]string, error)
	did.actions.Keys.Words = func(then func([]string, error)) { answer = then }
	shell = did.rebuilt(t, w)
	shell.Show(states()["mining"])
	test.Tap(button(t, w, "Make a backup"))
	tap(t, w, "Use my own paper")
	tap(t, w, "Show my 12 words")
	shell.Blur()
	answer(slices.Clone(twelve), nil)
	if shows(sheetOf(t, w), "sausage") {
		t.Error("they are shown")
	}
}

func TestWhatWasShownAndTypedIsWiped(t *testing.T) {
	_, w, _, _ := toTheWords(t)
	board := findIn(sheetOf(t, w), func(l *widget.Label) bool { return slices.Contains(twelve, l.Text) })
	if len(board) != 12 {
		t.Fatalf("%d words", len(board))
	}
	tap(t, w, "I have written them down")
	for _, l := range board {
		if slices.Contains(twelve, l.Text) {
			t.Errorf("%q is still in a label", l.Text)
		}
	}
	typed(t, w, "sausage")
	entries := findIn(sheetOf(t, w), func(e entry) bool { return true })
	escape(w)
	for _, e := range entries {
		if text := textOf(e); text != "" {
			t.Errorf("%q is still in a field", text)
		}
	}
	if w.Canvas().Overlays().Top() != nil {
		t.Error("escape does not close it")
	}
}

func textOf(o fyne.CanvasObject) string {
	switch o := o.(type) {
	case interface{ SelectedText() string }:
		o.(fyne.Shortcutable).TypedShortcut(&fyne.ShortcutSelectAll{})
		return o.SelectedText()
	}
	return ""
}

func TestTheQuizNamesAWrongWordAndAsksForOthersNextTime(t *testing.T) {
	_, w, did, _ := toTheWords(t)
	tap(t, w, "I have written them down")
	numbers := numbersAsked(t, w)
	for i, n := range numbers {
		word := twelve[n-1]
		if i == 1 {
			word = "zoo"
		}
		typed(t, w, word)
		enter(w)
	}
	if !shows(sheetOf(t, w), "Word "+itoa(numbers[1])+" is not what your key has there") {
		t.Errorf("it says %q", texts(sheetOf(t, w)))
	}
	if e, ok := did.last(t).(model.BackupReached); !ok || e.Stage != settings.WordsShown {
		t.Errorf("did %v", did.events)
	}
	tap(t, w, "See the words again")
	tap(t, w, "I have written them down")
	next := view.QuizNumbers(states()["mining"].Key.Account, 12, 1)
	if slices.Equal(next, numbers) || !shows(sheetOf(t, w), "Word "+itoa(next[0])) {
		t.Errorf("asks for %v again", next)
	}
}

func TestQuizNumbersAreThreeDifferentWords(t *testing.T) {
	seen := map[int]int{}
	for round := range 400 {
		n := view.QuizNumbers("account", 12, round)
		if len(n) != 3 || n[0] < 1 || n[0] >= n[1] || n[1] >= n[2] || n[2] > 12 {
			t.Fatalf("round %d: %v", round, n)
		}
		for _, one := range n {
			seen[one]++
		}
	}
	for n := 1; n <= 12; n++ {
		if seen[n] < 60 {
			t.Errorf("word %d was asked for %d times of 400", n, seen[n])
		}
	}
}

// TestAWordIsWrittenOutAsSoonAsItIsTheOnlyOne types beginnings.
func TestAWordIsWrittenOutAsSoonAsItIsTheOnlyOne(t *testing.T) {
	_, w, _, _ := toTheWords(t)
	tap(t, w, "I have written them down")
	typed(t, w, "aban")
	if !shows(sheetOf(t, w), "abandon – press Enter") {
		t.Errorf("no hint in %q", texts(sheetOf(t, w)))
	}
	first := w.Canvas().Focused().(fyne.CanvasObject)
	enter(w)
	if got := textOf(first); got != "abandon" {
		t.Errorf("the field has %q", got)
	}
	if w.Canvas().Focused() == first.(fyne.Focusable) {
		t.Error("enter does not go on to the next word")
	}
	typed(t, w, "zoq")
	if !shows(sheetOf(t, w), "No word of the list begins like that.") {
		t.Errorf("no hint in %q", texts(sheetOf(t, w)))
	}
}

func TestNoPrinterIsSaidAndOtherWaysStay(t *testing.T) {
	shell, w, did := window(t)
	shell.Show(states()["mining"])
	did.keys.fault = model.ErrNoPrinter
	test.Tap(button(t, w, "Make a backup"))
	tap(t, w, "Print the sheet")
	if !shows(sheetOf(t, w), "No printer was found.") {
		t.Errorf("it says %q", texts(sheetOf(t, w)))
	}
	tap(t, w, "Use my own paper")
	if !shows(sheetOf(t, w), "Pen and paper ready?") {
		t.Errorf("it says %q", texts(sheetOf(t, w)))
	}
}

func TestEverythingPrintedIsReadFromThePaper(t *testing.T) {
	shell, w, did := window(t)
	shell.Show(states()["mining"])
	test.Tap(button(t, w, "Make a backup"))
	pick(t, w, "Everything printed")
	tap(t, w, "Print the sheet")
	for _, n := range numbersAsked(t, w) {
		typed(t, w, twelve[n-1])
		enter(w)
	}
	if did.last(t) != (model.BackupReached{Stage: settings.BackupDone, Way: settings.Everything}) {
		t.Errorf("did %v", did.events)
	}
}

func TestALockedSheetNeedsAPasswordAndAnEye(t *testing.T) {
	shell, w, did := window(t)
	shell.Show(states()["mining"])
	test.Tap(button(t, w, "Make a backup"))
	pick(t, w, "Printed and locked")
	tap(t, w, "Continue")
	typed(t, w, "long enough")
	entries := findIn(sheetOf(t, w), func(entry) bool { return true })
	entries[1].SetText("long enough")
	tap(t, w, "Print the sheet")
	if len(did.keys.papers) != 1 || did.keys.papers[0].Password != "long enough" || did.keys.papers[0].Way != settings.Encrypted {
		t.Fatalf("papers %+v", did.keys.papers)
	}
	tap(t, w, "Yes, I have it in my hand")
	if did.last(t) != (model.BackupReached{Stage: settings.BackupDone, Way: settings.Encrypted}) {
		t.Errorf("did %v", did.events)
	}
}

func TestARawKeyIsNotWrittenByHand(t *testing.T) {
	shell, w, _ := window(t)
	s := states()["mining"]
	s.Key.Words = 0
	shell.Show(s)
	test.Tap(button(t, w, "Make a backup"))
	if shows(sheetOf(t, w), "Words written by hand") {
		t.Errorf("it says %q", texts(sheetOf(t, w)))
	}
	tap(t, w, "Print the sheet")
	tap(t, w, "Yes, I have it in my hand")
}

func TestAFileAsksForTheSamePasswordTwice(t *testing.T) {
	shell, w, did := window(t)
	shell.Show(states()["mining"])
	test.Tap(button(t, w, "Make a backup"))
	pick(t, w, "A file with a password")
	tap(t, w, "Continue")
	entries := findIn(sheetOf(t, w), func(entry) bool { return true })
	for _, wrong := range [][2]string{{"short", "short"}, {"long enough", "long enouhg"}} {
		entries[0].SetText(wrong[0])
		entries[1].SetText(wrong[1])
		tap(t, w, "Save")
		if len(did.keys.saved) != 0 {
			t.Fatalf("%q and %q were accepted", wrong[0], wrong[1])
		}
	}
	entries[1].SetText("long enough")
	entries[2].SetText("/stick")
	tap(t, w, "Save")
	if !slices.Equal(did.keys.saved, []string{"/stick:long enough"}) {
		t.Errorf("saved %q", did.keys.saved)
	}
	if !shows(sheetOf(t, w), "/stick/adit-key.age") {
		t.Errorf("it says %q", texts(sheetOf(t, w)))
	}
	for _, e := range entries {
		if text := textOf(e); text != "" {
			t.Errorf("%q is still in a field", text)
		}
	}
}

// atWallet opens a sheet of the wallet's screen.
func atWallet(t *testing.T, s model.State, opens string) (*view.Shell, fyne.Window, *deeds) {
	t.Helper()
	shell, w, did := window(t)
	shell.Show(s)
	shell.Open(view.AtWallet)
	settle(shell.Content())
	test.Tap(button(t, w, opens))
	return shell, w, did
}

func TestRestoringShowsTheKeyAndAsksFirst(t *testing.T) {
	_, w, did := atWallet(t, states()["mining"], "Restore a key")
	did.keys.found = model.Recovered{Kind: "hex", MiningKey: "03" + strings.Repeat("ab", 32), Account: strings.Repeat("cd", 20), Old: strings.Repeat("ef", 20)}
	typed(t, w, "lega win")
	if !shows(sheetOf(t, w), "win  wine") && !shows(sheetOf(t, w), "win") {
		t.Errorf("no hint in %q", texts(sheetOf(t, w)))
	}
	tap(t, w, "Continue")
	for _, want := range []string{"03" + strings.Repeat("ab", 32), strings.Repeat("ef", 20), states()["mining"].Key.Public} {
		if !shows(sheetOf(t, w), want) {
			t.Errorf("%s is not shown", want)
		}
	}
	if did.keys.restored != 0 {
		t.Fatal("restored unasked")
	}
	tap(t, w, "Use this key")
	if did.keys.restored != 1 || !shows(sheetOf(t, w), "/data/key-01020300.age") {
		t.Errorf("it says %q", texts(sheetOf(t, w)))
	}
	if did.keys.looked[0] != "legal win:" {
		t.Errorf("looked at %q", did.keys.looked)
	}
}

func TestAKeyInUseIsNotRestored(t *testing.T) {
	_, w, did := atWallet(t, states()["mining"], "Restore a key")
	did.keys.found = model.Recovered{Kind: "words", Same: true}
	typed(t, w, strings.Join(twelve, " "))
	if !shows(sheetOf(t, w), "12 words, and they fit together.") {
		t.Errorf("no hint in %q", texts(sheetOf(t, w)))
	}
	tap(t, w, "Continue")
	if !shows(sheetOf(t, w), "You mine with this key already") {
		t.Errorf("it says %q", texts(sheetOf(t, w)))
	}
}

func TestAWrongWordIsNamedWhileItIsTyped(t *testing.T) {
	_, w, _ := atWallet(t, states()["mining"], "Restore a key")
	for text, want := range map[string]string{
		"legal winer ":                   "Word 2 is not in the list of words. Is it one of these: wine, winner",
		"legal xxxxx ":                   "Word 2 is not in the list of words.",
		"legal winner thank ":            "3 words so far.",
		strings.Repeat("legal ", 12):     "Each word is in the list, but together they are no key",
		"1. LEGAL,  2. winner 3. thank ": "3 words so far.",
	} {
		e := findIn(sheetOf(t, w), func(entry) bool { return true })[0]
		e.SetText(text)
		if !shows(sheetOf(t, w), want) {
			t.Errorf("%q: no %q in %q", text, want, texts(sheetOf(t, w)))
		}
	}
}

func TestAFileWithAPasswordIsAskedForIt(t *testing.T) {
	_, w, did := atWallet(t, states()["mining"], "Test my backup")
	did.keys.fault = wallet.ErrPassphraseNeeded
	entries := findIn(sheetOf(t, w), func(entry) bool { return true })
	entries[1].SetText("/stick/adit-key.age")
	tap(t, w, "Continue")
	typed(t, w, "wrong")
	did.keys.fault = wallet.ErrPassphrase
	enter(w)
	if !shows(sheetOf(t, w), "That is not the password.") {
		t.Errorf("it says %q", texts(sheetOf(t, w)))
	}
	did.keys.fault, did.keys.found = nil, model.Recovered{Kind: "keyfile", Same: true}
	typed(t, w, "right")
	enter(w)
	if !shows(sheetOf(t, w), "Your backup is good") || did.keys.proved != 1 {
		t.Errorf("it says %q", texts(sheetOf(t, w)))
	}
	if !slices.Equal(did.keys.looked, []string{"/stick/adit-key.age:", "/stick/adit-key.age:wrong", "/stick/adit-key.age:right"}) {
		t.Errorf("looked at %q", did.keys.looked)
	}
}

func TestAProofHasThreeOutcomesAndChangesNothing(t *testing.T) {
	for name, tt := range map[string]struct {
		found model.Recovered
		fault error
		want  string
	}{
		"the same key":   {model.Recovered{Same: true}, nil, "Your backup is good"},
		"another key":    {model.Recovered{MiningKey: "02aa"}, nil, "This is a backup of another key"},
		"cannot be read": {model.Recovered{}, wallet.ErrDamaged, "It is damaged or typed wrongly"},
		"mistyped":       {model.Recovered{}, &wallet.TypoError{At: 16, Want: "K"}, "Did you mean “K” at place 17?"},
		"something else": {model.Recovered{}, errors.New("who knows"), "It did not work: who knows"},
	} {
		_, w, did := atWallet(t, states()["mining"], "Test my backup")
		did.keys.found, did.keys.fault = tt.found, tt.fault
		typed(t, w, "something")
		tap(t, w, "Continue")
		if !shows(sheetOf(t, w), tt.want) {
			t.Errorf("%s: it says %q", name, texts(sheetOf(t, w)))
		}
		if did.keys.restored != 0 || len(did.events) != 0 {
			t.Errorf("%s: something changed", name)
		}
	}
}

func TestALockedKeyAsksForItsPasswordFirst(t *testing.T) {
	s := states()["mining"]
	s.Key.Protected, s.Key.Locked = true, true
	shell, w, did := window(t)
	shell.Show(s)
	did.keys.opened = func() { s.Key.Locked = false; shell.Show(s) }
	test.Tap(button(t, w, "Make a backup"))
	typed(t, w, "wrong")
	enter(w)
	if !shows(sheetOf(t, w), "That is not the password.") {
		t.Fatalf("it says %q", texts(sheetOf(t, w)))
	}
	typed(t, w, "correct horse")
	enter(w)
	if !shows(sheetOf(t, w), "Make a backup of your mining key") {
		t.Errorf("it says %q", texts(sheetOf(t, w)))
	}
}

func TestAPasswordIsSetAndTakenAway(t *testing.T) {
	s := states()["mining"]
	shell, w, did := window(t)
	shell.Show(s)
	shell.Open(view.AtSettings)
	settle(shell.Content())
	test.Tap(button(t, w, "Set a password"))
	typed(t, w, "correct horse")
	findIn(sheetOf(t, w), func(entry) bool { return true })[1].SetText("correct horse")
	tap(t, w, "Set a password")
	tap(t, w, "Close")
	s.Key.Protected = true
	shell.Show(s.After(model.Tick{Now: s.Now.Add(time.Minute)}))
	settle(shell.Content())
	test.Tap(button(t, w, "Change the password"))
	tap(t, w, "Remove it")
	if !slices.Equal(did.keys.password, []string{"correct horse", ""}) {
		t.Errorf("passwords %q", did.keys.password)
	}
}

// onSale is a plan that leaves something behind.
var onSale = model.SpendPlan{Symbol: "LTC", To: "ltc1qexampleaddress", Amount: 1_249_998_574, Fee: 1426, Transactions: 1, Inputs: 6,
	Left: []model.LeftBehind{{Why: model.StaysImmature, Count: 2, Amount: 5000000}}}

func TestSendingShowsAllBeforeItDoes(t *testing.T) {
	_, w, did := atWallet(t, states()["mining"], "Spend")
	did.keys.plan = onSale
	pick(t, w, "Send everything to an address")
	tap(t, w, "Continue")
	typed(t, w, " ltc1qexampleaddress ")
	enter(w)
	for _, want := range []string{"12.49998574 LTC", "0.00001426 LTC", "ltc1qexampleaddress", "0.05 LTC stay for now"} {
		if !shows(sheetOf(t, w), want) {
			t.Errorf("no %q in %q", want, texts(sheetOf(t, w)))
		}
	}
	if did.keys.sent != 0 {
		t.Fatal("sent unasked")
	}
	tap(t, w, "Send now")
	if did.keys.sent != 1 || !shows(sheetOf(t, w), strings.Repeat("ab", 32)) {
		t.Errorf("it says %q", texts(sheetOf(t, w)))
	}
	tap(t, w, "Take a new key")
	tap(t, w, "Take a new key")
	if did.keys.renewed != 1 {
		t.Error("no new key")
	}
}

func TestAWrongAddressIsExplained(t *testing.T) {
	_, w, did := atWallet(t, states()["mining"], "Spend")
	did.keys.fault = &model.SpendError{Code: model.AddressOther, Err: errors.New("in English")}
	pick(t, w, "Send everything to an address")
	tap(t, w, "Continue")
	typed(t, w, "bc1q")
	enter(w)
	if !shows(sheetOf(t, w), "This address is of another coin.") || shows(sheetOf(t, w), "in English") {
		t.Errorf("it says %q", texts(sheetOf(t, w)))
	}
}

func TestMovingToAWalletShowsEachStepAndGoesOnWithoutTheSheet(t *testing.T) {
	shell, w, did := atWallet(t, states()["mining"], "Spend")
	tap(t, w, "Continue")
	order := model.Spend{Order: model.SpendOrder{Coin: "litecoin", Network: "main", Way: model.MoveToWallet, Pool: poolURL, Expect: 12_5000_0000}}
	if did.last(t) != order {
		t.Fatalf("did %v", did.events)
	}
	s := states()["mining"].After(order)
	s = s.After(model.SpendWent{Spending: model.Spending{Step: model.SpendSync, At: 42, Of: 100, Program: "Litecoin Core", Scanned: "NOT SCANNED"}})
	s.Now = s.Now.Add(time.Second)
	shell.Show(s)
	for _, want := range []string{"Your LTC on their way", "42 %", "Not looked at for viruses"} {
		if !shows(sheetOf(t, w), want) {
			t.Errorf("no %q in %q", want, texts(sheetOf(t, w)))
		}
	}
	tap(t, w, "Close")
	if len(did.events) != 1 {
		t.Errorf("closing did %v", did.events)
	}
	s = s.After(model.SpendEnded{Err: &model.SpendError{Code: model.WrongDownload, Err: errors.New("hash")}})
	s.Now = s.Now.Add(time.Minute)
	shell.Show(s)
	settle(shell.Content())
	test.Tap(button(t, w, "Show"))
	if !shows(sheetOf(t, w), "not the wallet program that it should be") {
		t.Errorf("it says %q", texts(sheetOf(t, w)))
	}
	tap(t, w, "Try again")
	if did.last(t) != order {
		t.Errorf("did %v", did.events)
	}
}

func TestNewWordsCanBeTakenInPlaceOfTheNextKey(t *testing.T) {
	s := states()["mining"]
	s.Settings.Backup.Of, s.Settings.Backup.Spent = s.Key.Account[:8], true
	_, w, did := atWallet(t, s, "Take a new key")
	pick(t, w, "New words")
	tap(t, w, "Take a new key")
	if did.keys.reworded != 1 || did.keys.renewed != 0 || !shows(sheetOf(t, w), "/data/key-01020300.age") {
		t.Errorf("new words %d times, the next key %d; it says %q", did.keys.reworded, did.keys.renewed, texts(sheetOf(t, w)))
	}
}

// TestAWalletsOwnPassphraseIsAskedForUntilItIsRight answers a wallet program, which
// does not take the first answer, and sees that nothing of it stays in the window.
func TestAWalletsOwnPassphraseIsAskedForUntilItIsRight(t *testing.T) {
	shell, w, did := atWallet(t, states()["mining"], "Spend")
	pick(t, w, "Use my key in a wallet for Litecoin")
	tap(t, w, "Continue")
	s := states()["mining"].After(did.last(t))
	show := func(events ...model.Event) {
		for _, ev := range events {
			s = s.After(ev)
		}
		s.Now = s.Now.Add(time.Second)
		shell.Show(s)
	}
	show(model.SpendWent{Spending: model.Spending{Step: model.SpendImport, Program: "Litecoin Core"}}, model.WalletAsked{})
	if !shows(sheetOf(t, w), "Litecoin Core has a passphrase of its own.") || shows(sheetOf(t, w), "did not take") {
		t.Errorf("it says %q", texts(sheetOf(t, w)))
	}
	typed(t, w, "guess")
	field := w.Canvas().Focused().(fyne.CanvasObject)
	enter(w)
	if text := textOf(field); text != "" || field.Visible() {
		t.Errorf("the answer %q is still in the field", text)
	}
	show(model.WalletAnswered{}, model.WalletAsked{Again: true})
	if !shows(sheetOf(t, w), "Litecoin Core did not take this passphrase.") {
		t.Errorf("it says %q", texts(sheetOf(t, w)))
	}
	typed(t, w, "correct")
	tap(t, w, "Unlock")
	if !slices.Equal(did.keys.answers, []string{"guess", "correct"}) {
		t.Errorf("answered %q", did.keys.answers)
	}
	show(model.WalletAnswered{}, model.SpendWent{Spending: model.Spending{Step: model.SpendBalance, Program: "Litecoin Core", Copy: "/data/copy.dat"}})
	if !shows(sheetOf(t, w), "/data/copy.dat") || shows(sheetOf(t, w), "passphrase") {
		t.Errorf("it says %q", texts(sheetOf(t, w)))
	}
	show(model.WalletAsked{})
	tap(t, w, "Stop")
	if did.last(t) != (model.StopSpending{}) {
		t.Errorf("did %v", did.events)
	}
}

// TestTheRestoreSheetGrowsWithItsHint types a wrong word and looks whether the line for a
// file, below the hint, is still above the buttons.
func TestTheRestoreSheetGrowsWithItsHint(t *testing.T) {
	shell, w, _ := window(t)
	shell.Show(states()["mining"])
	shell.Open(view.AtWallet)
	settle(shell.Content())
	test.Tap(button(t, w, "Restore a key"))
	scrolls := findIn(sheetOf(t, w), func(*container.Scroll) bool { return true })
	typed(t, w, "legal winer thank ")
	if in := scrolls[0]; in.Content.MinSize().Height > in.Size().Height {
		t.Errorf("the page is %v high, its part of the sheet %v", in.Content.MinSize().Height, in.Size().Height)
	}
}

// sheetsToSee opens every sheet of this file, by name.
func sheetsToSee(t *testing.T, see func(name string, w fyne.Window)) {
	t.Helper()
	s := states()["mining"]
	open := func(name string, steps func(w fyne.Window, did *deeds)) {
		shell, w, did := window(t)
		shell.Show(s)
		shell.Open(view.AtWallet)
		settle(shell.Content())
		did.keys.plan, did.keys.found = onSale, model.Recovered{Kind: "hex", MiningKey: "03" + strings.Repeat("ab", 32), Old: strings.Repeat("ef", 20)}
		steps(w, did)
		see(name, w)
	}
	press := func(w fyne.Window, name string) { tap(t, w, textNamed(t, name)) }
	begin := func(w fyne.Window, name string) { test.Tap(button(t, w, textNamed(t, name))) }
	open("backup-choose", func(w fyne.Window, _ *deeds) { begin(w, "button.backup") })
	open("backup-before", func(w fyne.Window, _ *deeds) { begin(w, "button.backup"); press(w, "sheet.own") })
	open("backup-words", func(w fyne.Window, _ *deeds) {
		begin(w, "button.backup")
		press(w, "sheet.own")
		tap(t, w, strings.ReplaceAll(textNamed(t, "hand.show"), "{{.Count}}", "12"))
	})
	open("backup-quiz", func(w fyne.Window, _ *deeds) {
		begin(w, "button.backup")
		press(w, "sheet.own")
		tap(t, w, strings.ReplaceAll(textNamed(t, "hand.show"), "{{.Count}}", "12"))
		press(w, "hand.written")
		typed(t, w, "ab")
	})
	open("restore", func(w fyne.Window, _ *deeds) { begin(w, "button.restore"); typed(t, w, "legal winer thank ") })
	open("restore-confirm", func(w fyne.Window, _ *deeds) {
		begin(w, "button.restore")
		typed(t, w, "x")
		press(w, "button.next")
	})
	open("prove-other", func(w fyne.Window, _ *deeds) { begin(w, "button.prove"); typed(t, w, "x"); press(w, "button.next") })
	open("payee", func(w fyne.Window, _ *deeds) { begin(w, "button.payee"); typed(t, w, "ltc1q") })
	open("spend-choose", func(w fyne.Window, _ *deeds) { begin(w, "button.spend") })
	open("spend-confirm", func(w fyne.Window, _ *deeds) {
		begin(w, "button.spend")
		pick(t, w, strings.ReplaceAll(textNamed(t, "spend.send"), "{{.Coin}}", "Litecoin"))
		press(w, "button.next")
		typed(t, w, "x")
		enter(w)
	})
	open("spend-fault", func(w fyne.Window, did *deeds) {
		did.keys.fault = &model.SpendError{Code: model.AddressWrong, Err: errors.New("this is an address of Bitcoin regtest; use a Litecoin regtest address, like rltc1q…")}
		begin(w, "button.spend")
		pick(t, w, strings.ReplaceAll(textNamed(t, "spend.send"), "{{.Coin}}", "Litecoin"))
		press(w, "button.next")
		typed(t, w, "x")
		enter(w)
	})
	s.Settings.Backup.Of, s.Settings.Backup.Spent = s.Key.Account[:8], true
	open("renew", func(w fyne.Window, _ *deeds) { begin(w, "button.renew") })
	s = s.After(model.Spend{Order: model.SpendOrder{Coin: "litecoin", Network: "main", Way: model.UseInWallet}})
	s = s.After(model.SpendWent{Spending: model.Spending{Step: model.SpendImport, Program: "Litecoin Core", Scanned: model.NotScanned, Copy: "/home/someone/.config/adit/wallets/litecoin-main/litecoin-core/copy-20261126-040102.123.dat"}})
	s = s.After(model.WalletAsked{Again: true})
	open("spend-passphrase", func(w fyne.Window, _ *deeds) { begin(w, "spend.show") })
	s = s.After(model.WalletAnswered{}).After(model.SpendWent{Spending: model.Spending{Step: model.SpendBalance, Program: "Litecoin Core", Balance: 12_5000_0000, Copy: s.Spending.Copy}}).After(model.SpendEnded{})
	open("spend-done", func(w fyne.Window, _ *deeds) { begin(w, "spend.show") })
}

// textNamed is a text in the language that is spoken.
func textNamed(t *testing.T, name string) string {
	t.Helper()
	return translations(t)[speaking][name]
}

// speaking is the language of sheetsToSee.
var speaking = "en"

func TestSheetsFitIntoANarrowWindow(t *testing.T) {
	speakAtLength(t)
	for _, ask := range []string{"button.backup", "button.prove", "button.restore", "button.spend", "button.payee"} {
		shell, w, _ := window(t)
		w.Resize(fyne.NewSize(360, 640))
		shell.Show(states()["mining"])
		shell.Open(view.AtWallet)
		settle(shell.Content())
		test.Tap(button(t, w, lengthened(ask, translations(t)["en"][ask])))
		sheet := sheetOf(t, w)
		settle(sheet)
		whole(t, ask, sheet, 360)
	}
}

// TestPicturesOfSheets paints the sheets for somebody to look at, into ADIT_ARTIFACTS.
func TestPicturesOfSheets(t *testing.T) {
	dir := os.Getenv("ADIT_ARTIFACTS")
	if dir == "" {
		return
	}
	for _, language := range []string{"en", "de", "he"} {
		if err := view.LoadWords(language); err != nil {
			t.Fatal(err)
		}
		speaking = language
		sheetsToSee(t, func(name string, w fyne.Window) {
			picture(t, filepath.Join(dir, "sheet-"+name+"-"+language), w, 1)
			if language == "he" {
				picture(t, filepath.Join(dir, "sheet-"+name+"-"+language+"-2x"), w, 2)
			}
			if language == "de" {
				w.Resize(fyne.NewSize(360, 640))
				picture(t, filepath.Join(dir, "sheet-"+name+"-"+language+"-narrow"), w, 1)
			}
		})
	}
	speaking = "en"
	if err := view.LoadWords(""); err != nil {
		t.Fatal(err)
	}
}
