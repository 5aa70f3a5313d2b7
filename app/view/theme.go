package view

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// The names of colours and sizes that Fyne has no name for.
const (
	colorPanel   fyne.ThemeColorName = "aditPanel"   // the cards' background
	colorOutline fyne.ThemeColorName = "aditOutline" // the cards' border
	colorNotice  fyne.ThemeColorName = "aditNotice"  // behind reminders
	colorAlarm   fyne.ThemeColorName = "aditAlarm"   // behind problems
	colorWell    fyne.ThemeColorName = "aditWell"    // behind choices and raw text
	colorRail    fyne.ThemeColorName = "aditRail"    // behind the navigation
	colorCurve   fyne.ThemeColorName = "aditCurve"   // lines of charts

	sizeHuge  fyne.ThemeSizeName = "aditHuge"  // the hashrate
	sizeTitle fyne.ThemeSizeName = "aditTitle" // the state's sentence
	sizeLarge fyne.ThemeSizeName = "aditLarge" // amounts
)

// Theme is Adit's look: the colours of rock and of a miner's lamp. The zero value
// follows the system's choice of light or dark.
type Theme struct {
	Look string // "light" or "dark" whatever the system says; as in settings
}

// palette is one variant's colours. Text on its background has a contrast of at
// least 4.5 to 1 (WCAG AA); view's tests measure it.
type palette map[fyne.ThemeColorName]color.NRGBA

var dark = palette{
	theme.ColorNameBackground:          rgb(0x12171d),
	theme.ColorNameForeground:          rgb(0xe9eef3),
	theme.ColorNamePlaceHolder:         rgb(0x9fb0bf),
	theme.ColorNameDisabled:            rgb(0x93a4b4),
	theme.ColorNamePrimary:             rgb(0xf5a93b),
	theme.ColorNameForegroundOnPrimary: rgb(0x1d1303),
	theme.ColorNameHyperlink:           rgb(0xf5a93b),
	theme.ColorNameFocus:               rgba(0xf5a93b, 0x66),
	theme.ColorNameSelection:           rgba(0xf5a93b, 0x44),
	theme.ColorNameButton:              rgb(0x2a3541),
	theme.ColorNameDisabledButton:      rgb(0x222b35),
	theme.ColorNameHover:               rgba(0xffffff, 0x14),
	theme.ColorNamePressed:             rgba(0xffffff, 0x2a),
	theme.ColorNameInputBackground:     rgb(0x0d1116),
	theme.ColorNameInputBorder:         rgb(0x3a4856),
	theme.ColorNameSeparator:           rgb(0x2a3541),
	theme.ColorNameOverlayBackground:   rgb(0x1b232c),
	theme.ColorNameMenuBackground:      rgb(0x1b232c),
	theme.ColorNameSuccess:             rgb(0x4ecf93),
	theme.ColorNameWarning:             rgb(0xf5c04a),
	theme.ColorNameError:               rgb(0xff8277),
	colorPanel:                         rgb(0x1b232c),
	colorOutline:                       rgb(0x2a3541),
	colorNotice:                        rgb(0x30291a),
	colorAlarm:                         rgb(0x3a2322),
	colorWell:                          rgb(0x12181f),
	colorRail:                          rgb(0x0e1318),
	colorCurve:                         rgb(0xf5a93b),
}

var light = palette{
	theme.ColorNameBackground:          rgb(0xf1f3f5),
	theme.ColorNameForeground:          rgb(0x17202a),
	theme.ColorNamePlaceHolder:         rgb(0x52616f),
	theme.ColorNameDisabled:            rgb(0x5b6976),
	theme.ColorNamePrimary:             rgb(0xf0a02a),
	theme.ColorNameForegroundOnPrimary: rgb(0x1d1303),
	theme.ColorNameHyperlink:           rgb(0x8a5200),
	theme.ColorNameFocus:               rgba(0xc97a0a, 0x66),
	theme.ColorNameSelection:           rgba(0xf0a02a, 0x55),
	theme.ColorNameButton:              rgb(0xd9e0e7),
	theme.ColorNameDisabledButton:      rgb(0xeaedf0),
	theme.ColorNameHover:               rgba(0x000000, 0x10),
	theme.ColorNamePressed:             rgba(0x000000, 0x20),
	theme.ColorNameInputBackground:     rgb(0xf3f5f7),
	theme.ColorNameInputBorder:         rgb(0xb9c3cc),
	theme.ColorNameSeparator:           rgb(0xd9dfe5),
	theme.ColorNameOverlayBackground:   rgb(0xffffff),
	theme.ColorNameMenuBackground:      rgb(0xffffff),
	theme.ColorNameSuccess:             rgb(0x0b7a4b),
	theme.ColorNameWarning:             rgb(0x8a5200),
	theme.ColorNameError:               rgb(0xb3261e),
	colorPanel:                         rgb(0xffffff),
	colorOutline:                       rgb(0xd9dfe5),
	colorNotice:                        rgb(0xfff3dc),
	colorAlarm:                         rgb(0xfde7e5),
	colorWell:                          rgb(0xeef1f4),
	colorRail:                          rgb(0xe9edf1),
	colorCurve:                         rgb(0xd9820b),
}

// Color implements fyne.Theme.
func (t Theme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	switch t.Look {
	case "light":
		variant = theme.VariantLight
	case "dark":
		variant = theme.VariantDark
	}
	p := dark
	if variant == theme.VariantLight {
		p = light
	}
	if c, ok := p[name]; ok {
		return c
	}
	return theme.DefaultTheme().Color(name, variant)
}

// Size implements fyne.Theme.
func (Theme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case sizeHuge:
		return 40
	case sizeTitle:
		return 26
	case sizeLarge:
		return 22
	case theme.SizeNameText:
		return 14
	case theme.SizeNameCaptionText:
		return 12
	case theme.SizeNamePadding:
		return 4
	case theme.SizeNameInnerPadding:
		return 6
	case theme.SizeNameModalBlurRadius:
		return 0 // without a graphics card each key typed into a sheet would wait for it
	case theme.SizeNameInputRadius, theme.SizeNameButtonRadius, theme.SizeNameSelectionRadius:
		return 8
	}
	return theme.DefaultTheme().Size(name)
}

// Font implements fyne.Theme.
func (Theme) Font(style fyne.TextStyle) fyne.Resource {
	if font := ownLetters(style); font != nil {
		return font
	}
	return theme.DefaultTheme().Font(style)
}

// Icon implements fyne.Theme.
func (Theme) Icon(name fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(name) }

// sized is the app's theme with some other sizes, for a part of the window.
type sized map[fyne.ThemeSizeName]float32

// big is for the one button that matters, small for raw text.
var (
	big = sized{theme.SizeNameText: 18, theme.SizeNameInlineIcon: 24, theme.SizeNameInnerPadding: 15,
		theme.SizeNameButtonRadius: 14, theme.SizeNameInputRadius: 14}
	small = sized{theme.SizeNameText: 11}
)

// Size implements fyne.Theme.
func (z sized) Size(name fyne.ThemeSizeName) float32 {
	if size, ok := z[name]; ok {
		return size
	}
	return current().Size(name)
}

// Color implements fyne.Theme.
func (sized) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	return current().Color(name, variant)
}

// Font implements fyne.Theme.
func (sized) Font(style fyne.TextStyle) fyne.Resource { return current().Font(style) }

// Icon implements fyne.Theme.
func (sized) Icon(name fyne.ThemeIconName) fyne.Resource { return current().Icon(name) }

func current() fyne.Theme { return fyne.CurrentApp().Settings().Theme() }

func rgb(hex uint32) color.NRGBA { return rgba(hex, 0xff) }

func rgba(hex uint32, alpha uint8) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: alpha}
}
