package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"github.com/adit-mining/adit/assets"
)

// icon returns one of Adit's drawings in the colour of text.
func icon(name string) fyne.Resource { return theme.NewThemedResource(drawing(name)) }

// tinted returns one of Adit's drawings in a colour of the theme.
func tinted(name string, color fyne.ThemeColorName) fyne.Resource {
	return theme.NewColoredResource(drawing(name), color)
}

func drawing(name string) fyne.Resource {
	text, err := assets.Icons.ReadFile("icons/" + name + ".svg")
	if err != nil {
		return theme.BrokenImageIcon() // the tests look at every name that is used
	}
	return fyne.NewStaticResource("adit-"+name+".svg", text)
}

// appIcon is the picture on the program itself.
func appIcon() fyne.Resource { return fyne.NewStaticResource("adit.svg", assets.Icon) }
