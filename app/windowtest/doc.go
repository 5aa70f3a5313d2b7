// Package windowtest lets tests use the app as a person does: it opens the built
// program's window on a screen of its own, clicks, presses keys, and looks at the
// picture. Linux only: it needs Xvfb, openbox, xdotool, xprop and ImageMagick.
//
// It is imported by tests only. What goes wrong fails the test.
package windowtest
