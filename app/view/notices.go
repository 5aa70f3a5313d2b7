package view

import (
	"time"

	"github.com/adit-mining/adit/app/model"
)

// A Notice is worth telling also whoever does not look at the window.
type Notice struct{ Title, Text string }

// remindAfter is how long after the start the backup is called to mind.
const remindAfter = 20 * time.Minute

// Notices returns what has happened between two states that is worth a notice. They
// are few: the first share, money that arrived, trouble that only the user can end,
// and once the backup that is missing.
func Notices(before, after model.State) []Notice {
	var all []Notice
	tell := func(name string, values args) {
		all = append(all, Notice{say("notice."+name, nil), say("notice."+name+"-text", values)})
	}
	for _, e := range newEntries(before, after) {
		switch e.What {
		case model.FirstShare:
			tell("first-share", args{"Pool": after.PoolName()})
		case model.PaidOut:
			all = append(all, Notice{say("notice.paid", nil), History(e)})
		}
	}
	if blocked(after) && !blocked(before) {
		what, do := Problem(first(after.Problem()))
		all = append(all, Notice{what, do})
	}
	missing := after.WantsBackup()
	if missing && before.Now.Sub(before.Started) < remindAfter && after.Now.Sub(after.Started) >= remindAfter {
		tell("backup", nil)
	}
	return all
}

func blocked(s model.State) bool { return s.Wanted && s.Phase() == model.Blocked }

func first(p model.Problem, _ bool) model.Problem { return p }

// newEntries returns the history's entries that before does not have.
func newEntries(before, after model.State) []model.Entry {
	old := time.Time{}
	same := 0 // of the entries at that moment
	for _, e := range before.History {
		if !e.At.Equal(old) {
			old, same = e.At, 0
		}
		same++
	}
	for i, e := range after.History {
		switch {
		case e.At.After(old):
			return after.History[i:]
		case e.At.Equal(old) && same > 0:
			same--
		case e.At.Equal(old):
			return after.History[i:]
		}
	}
	return nil
}
