package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// field is a line to type into. What was typed goes out by enter, or when the field
// is left; escape leaves it.
type field struct {
	widget.Entry
	commit func(text string) // may be nil
	escape func()            // may be nil
	busy   bool              // somebody types
}

func newField(hint string, commit func(string)) *field {
	f := &field{commit: commit}
	f.ExtendBaseWidget(f)
	f.SetPlaceHolder(hint)
	f.OnSubmitted = func(string) { f.send() }
	return f
}

// newSecret is a field whose letters are not shown.
func newSecret(hint string) *field {
	f := newField(hint, nil)
	f.Password = true
	return f
}

// set shows a text, unless somebody is typing.
func (f *field) set(text string) {
	if !f.busy && f.Text != text {
		f.SetText(text)
	}
}

func (f *field) send() {
	if f.commit != nil {
		f.commit(f.Text)
	}
}

// FocusGained implements fyne.Focusable.
func (f *field) FocusGained() {
	f.busy = true
	f.Entry.FocusGained()
}

// FocusLost implements fyne.Focusable.
func (f *field) FocusLost() {
	f.busy = false
	f.Entry.FocusLost()
	f.send()
}

// TypedKey implements fyne.Focusable.
func (f *field) TypedKey(key *fyne.KeyEvent) {
	if key.Name == fyne.KeyEscape && f.escape != nil {
		f.escape()
		return
	}
	f.Entry.TypedKey(key)
}
