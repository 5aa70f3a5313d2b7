package view

import (
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// copyButton puts a text on the clipboard and says that it did.
type copyButton struct {
	content *widget.Button
	text    string
}

func newCopyButton(actions Actions) *copyButton {
	c := &copyButton{}
	c.content = widget.NewButtonWithIcon(say("button.copy", nil), theme.ContentCopyIcon(), func() {
		actions.Copy(c.text)
		c.content.SetText(say("button.copied", nil))
	})
	return c
}

// set says what is copied.
func (c *copyButton) set(text string) {
	if c.text != text {
		c.text = text
		c.content.SetText(say("button.copy", nil))
	}
	caption(c.content, c.content.Text, c.content.Icon, c.content.Importance, text != "")
}
