package view

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/wallet/bip39"
)

// wordField is a line for one word of the list. What can be meant is said below it; as
// soon as only one word can, enter or leaving the field writes it out.
type wordField struct {
	widget.Entry
	content fyne.CanvasObject
	hint    *widget.Label
	next    func() // enter
	escape  func()
}

func newWordField(label string) *wordField {
	w := &wordField{hint: newCaption("")}
	w.ExtendBaseWidget(w)
	w.OnChanged = w.changed
	w.OnSubmitted = func(string) {
		w.complete()
		w.next()
	}
	name := newText("")
	name.Text = label
	w.content = stacked(-4, name, w, w.hint)
	return w
}

// mostHints is how many words are offered.
const mostHints = 4

func (w *wordField) changed(text string) {
	put(w.hint, hintOf(word(text)))
}

func word(text string) string { return strings.ToLower(strings.TrimSpace(text)) }

// hintOf says which words begin so.
func hintOf(prefix string) string {
	if prefix == "" {
		return ""
	}
	fit := bip39.Complete(prefix)
	switch {
	case len(fit) == 0:
		return say("words.none", nil)
	case len(fit) == 1 && fit[0] != prefix:
		return say("words.one", args{"Word": fit[0]})
	case len(fit) == 1:
		return ""
	case len(fit) > mostHints:
		return strings.Join(fit[:mostHints], "  ") + "  …"
	}
	return strings.Join(fit, "  ")
}

// complete writes the only word out that can be meant.
func (w *wordField) complete() {
	if fit := bip39.Complete(word(w.Text)); w.Text != "" && len(fit) == 1 && fit[0] != w.Text {
		w.SetText(fit[0])
	}
}

// FocusLost implements fyne.Focusable.
func (w *wordField) FocusLost() {
	w.complete()
	w.Entry.FocusLost()
}

// TypedKey implements fyne.Focusable.
func (w *wordField) TypedKey(key *fyne.KeyEvent) {
	if key.Name == fyne.KeyEscape && w.escape != nil {
		w.escape()
		return
	}
	w.Entry.TypedKey(key)
}

// keyField takes whatever somebody has of a key: words, or a private key. Words are
// written out after four letters, and a wrong one is named.
type keyField struct {
	widget.Entry
	content fyne.CanvasObject
	hint    *widget.Label
	grown   func() // the hint takes another room
	escape  func()
}

func newKeyField() *keyField {
	k := &keyField{hint: newCaption("")}
	k.ExtendBaseWidget(k)
	k.MultiLine, k.Wrapping = true, fyne.TextWrapWord
	k.SetMinRowsVisible(3)
	k.SetPlaceHolder(say("restore.type", nil))
	k.OnChanged = k.changed
	k.content = stacked(-4, k, k.hint)
	return k
}

func (k *keyField) changed(text string) {
	if longer := writtenOut(text); longer != text && k.CursorRow == 0 {
		k.SetText(longer) // calls changed again
		k.CursorColumn = len([]rune(longer))
		k.Refresh()
		return
	}
	if hint := keyHint(text); hint != k.hint.Text {
		put(k.hint, hint)
		k.grown()
	}
}

// writtenOut writes the last word out when a space follows it and it is the beginning
// of one word only.
func writtenOut(text string) string {
	if !strings.HasSuffix(text, " ") {
		return text
	}
	words := strings.Fields(text)
	if len(words) == 0 {
		return text
	}
	last := words[len(words)-1]
	fit := bip39.Complete(strings.ToLower(last))
	if len(fit) != 1 || fit[0] == last || len(last) < 3 {
		return text
	}
	return strings.TrimSuffix(text, last+" ") + fit[0] + " "
}

// keyHint says how the words are that were typed so far. What is no list of words has
// no hint.
func keyHint(text string) string {
	words := bip39.Split(text)
	if len(words) == 0 || len(words) == 1 && len(words[0]) > longestWord {
		return ""
	}
	whole := words
	if !strings.HasSuffix(text, " ") && !slices.Contains(lengths, len(words)) {
		whole = words[:len(words)-1] // the last one is being typed
	}
	switch i, close := bip39.Hint(whole); {
	case i >= 0 && len(close) == 0:
		return say("words.wrong", args{"Number": i + 1})
	case i >= 0:
		return say("words.wrong-close", args{"Number": i + 1, "Close": strings.Join(close[:min(len(close), mostHints)], ", ")})
	}
	if len(whole) < len(words) {
		if hint := hintOf(words[len(words)-1]); hint != "" {
			return hint
		}
	}
	if slices.Contains(lengths, len(whole)) {
		if _, err := bip39.Entropy(whole); err != nil {
			return say("fault.checksum", nil)
		}
		return say("words.good", args{"Count": len(whole)})
	}
	return say("words.count", args{"Count": len(whole)})
}

const longestWord = 8

// lengths are how many words there can be.
var lengths = []int{12, 15, 18, 21, 24}

// TypedKey implements fyne.Focusable.
func (k *keyField) TypedKey(key *fyne.KeyEvent) {
	if key.Name == fyne.KeyEscape && k.escape != nil {
		k.escape()
		return
	}
	k.Entry.TypedKey(key)
}
