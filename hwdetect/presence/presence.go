// Package presence tells what the person at the computer is doing and what the
// computer runs on: how long keyboard and mouse have been idle, whether a program
// fills the screen, whether the session is locked, battery or mains, whether the
// network costs money by the byte.
//
// It decides nothing. A probe that is not possible here (no display, no D-Bus,
// another system) says so by a nil field and a note; it never fails the others,
// never blocks for longer than its context, and never writes to stderr.
package presence

import "time"

// Presence is what could be told at one moment. Nil and zero fields are unknown.
type Presence struct {
	Idle       *time.Duration `json:"idle,omitempty"`        // since the last input of the person, game pads included where the system tells
	Locked     *bool          `json:"locked,omitempty"`      // the session shows its lock screen
	FullScreen *string        `json:"full_screen,omitempty"` // name of the program that fills a screen; "" for none
	OnBattery  *bool          `json:"on_battery,omitempty"`  // the computer, or its UPS, runs on a battery
	Battery    *int           `json:"battery,omitempty"`     // its charge in percent
	Metered    *bool          `json:"metered,omitempty"`     // the network is paid by the byte
	Online     *bool          `json:"online,omitempty"`      // there is a network at all
	Notes      []string       `json:"notes,omitempty"`       // why something is unknown
}
