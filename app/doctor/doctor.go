// Package doctor looks for what keeps a computer from mining: the way to the pool,
// the clock, the disk, an antivirus, drivers, memory pages, rights. It changes
// nothing. Each check is bounded in time and says what it found, and for trouble one
// thing to do, as a code with values; the words are the view's.
package doctor

// Finding is the outcome of one check.
type Finding struct {
	// Check is what was looked at: see Checks.
	Check string `json:"check"`
	// Level says how bad it is.
	Level Level `json:"level"`
	// Code says what was found, "ok" or a word of the check's own; Check+"."+Code has
	// a text for what and one for what to do.
	Code string `json:"code"`
	// Args are the values for the texts.
	Args map[string]string `json:"args,omitempty"`
	// What and Do are the English texts, for --json and for support.
	What string `json:"what"`
	Do   string `json:"do,omitempty"`
}

// Level is how bad a finding is.
type Level string

// The levels.
const (
	Good    Level = "good"
	Notice  Level = "notice"  // could be better
	Trouble Level = "trouble" // mining does not work, or not for long
	Unknown Level = "unknown" // could not be told
)
