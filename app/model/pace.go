package model

import "time"

// How soon a change is shown. Each showing is a window drawn anew, which without a
// graphics card costs a hundredth of a second of the processor that mines. Numbers
// that grow by themselves are read once a second; what the user did, and what is
// another situation than before, shows at once.
const (
	calmOpen   = time.Second
	calmHidden = 10 * time.Second // the tray shows no numbers
	soon       = 50 * time.Millisecond
)

// pace says when to show a state. It belongs to the engine's loop.
type pace struct {
	shown time.Time   // when a state was last shown
	due   time.Time   // when the next will be; zero: nothing has changed
	timer *time.Timer // fires at due
}

func newPace() *pace {
	p := &pace{shown: time.Now(), timer: time.NewTimer(time.Hour)}
	p.timer.Stop()
	return p
}

// changed notes a change that may wait for so long since the last showing.
func (p *pace) changed(wait time.Duration) {
	due := p.shown.Add(wait)
	if p.due.IsZero() || due.Before(p.due) {
		p.due = due
		p.timer.Reset(time.Until(due))
	}
}

// done notes that the state is shown.
func (p *pace) done() { p.shown, p.due = time.Now(), time.Time{} }

// wait returns how long the change from before to s by ev may wait.
func wait(before, s State, ev Event) time.Duration {
	switch ev.(type) {
	case Tick, MinerSaid, Sensed, Reported:
		if before.Phase() == s.Phase() && len(before.History) == len(s.History) {
			if s.unwatched {
				return calmHidden
			}
			return calmOpen
		}
	}
	return soon
}
