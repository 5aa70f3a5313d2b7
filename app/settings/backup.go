package settings

import (
	"slices"
	"time"
)

// Backup is what is known of the backup of one key. It holds nothing secret.
type Backup struct {
	// Of names the key that was saved: the beginning of its account. Of another key
	// nothing is known.
	Of string `json:"of,omitempty"`
	// Stage is how far it got.
	Stage BackupStage `json:"stage,omitempty"`
	// Way is how it was made.
	Way BackupWay `json:"way,omitempty"`
	// At is when it got there.
	At time.Time `json:"at,omitzero"`
	// Due says that there was something to lose, so that the user is asked for it.
	Due bool `json:"due,omitempty"`
	// Spent says that coins were sent with the key: it is time for a new one.
	Spent bool `json:"spent,omitempty"`
}

// BackupStage is how far a backup got.
type BackupStage string

// The stages, each one including those before it.
const (
	NoBackup     BackupStage = ""
	WordsShown   BackupStage = "shown"  // the words were on the screen; nobody knows whether they are on paper
	BackupDone   BackupStage = "done"   // the quiz was answered, the sheet ticked off, or the file read back
	BackupProved BackupStage = "proved" // it was typed in or read, and gave the key
)

// BackupWay is how a backup was made.
type BackupWay string

// The ways.
const (
	ByHand     BackupWay = "by-hand"    // words written down
	Everything BackupWay = "everything" // words or the key printed
	Encrypted  BackupWay = "encrypted"  // the key printed, locked by a password
	ToFile     BackupWay = "file"       // a file, locked by a password
)

// BackupWays lists the ways, the recommended one first.
func BackupWays() []BackupWay { return []BackupWay{ByHand, Everything, Encrypted, ToFile} }

var stages = []BackupStage{NoBackup, WordsShown, BackupDone, BackupProved}

// Safe reports whether the key survives this computer.
func (b Backup) Safe() bool { return b.Stage == BackupDone || b.Stage == BackupProved }

// Reached returns b further on, at least at a stage; it never goes back.
func (b Backup) Reached(stage BackupStage, way BackupWay, at time.Time) Backup {
	if slices.Index(stages, stage) < slices.Index(stages, b.Stage) {
		return b
	}
	b.Stage, b.At = stage, at.UTC().Truncate(time.Second)
	if way != "" {
		b.Way = way
	}
	return b
}

func (b Backup) validate(check func(ok bool, key, want string, have any)) {
	check(slices.Contains(stages, b.Stage), "backup.stage", "shown, done, proved or empty", b.Stage)
	check(b.Way == "" || slices.Contains(BackupWays(), b.Way), "backup.way", "by-hand, everything, encrypted, file or empty", b.Way)
}
