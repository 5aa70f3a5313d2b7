// Package assets holds what the programs show and what is not code: the icons, the
// words by language, and letters for them. It only embeds files; who uses them decides how.
package assets

import "embed"

// Icon is the app's icon, an SVG drawing.
//
//go:embed icon.svg
var Icon []byte

// IconPNG is the same icon in 512 by 512 pixels, for window managers.
//
//go:embed icon.png
var IconPNG []byte

// Icons are the window's drawings, icons/NAME.svg: one colour, which whoever shows
// them puts in.
//
//go:embed icons/*.svg
var Icons embed.FS

// Tray are the pictures for the system's tray by state: tray/mining.png,
// waiting.png, stopped.png and trouble.png.
//
//go:embed tray/*.png
var Tray embed.FS

// Fonts are the letters that Fyne's own fonts lack, fonts/NotoSansHebrew-Regular.ttf
// and -Bold.ttf, and those of the paper sheet, NotoSansPaper and JetBrainsMono.
//
//go:embed fonts/*.ttf
var Fonts embed.FS

// TranslationsDir is the folder in Translations that the files are in.
const TranslationsDir = "translations"

// Translations has one JSON file a language, named by its code: "en.json". Each
// maps a message's name to its text; texts hold {{.Name}} where a value goes.
//
//go:embed translations
var Translations embed.FS
