package cpuminer

import "time"

// burst is how many seconds' worth of shares may go out at once.
const burst = time.Second

// A pace says when the next share may go out, so that there are never many more
// than a rate allows.
type pace struct {
	interval time.Duration // between two shares, on average
	due      time.Time     // when the next share is due, if they came evenly
}

func newPace(perSecond float64) *pace {
	return &pace{interval: time.Duration(float64(time.Second) / perSecond)}
}

// wait returns how long the next share has to wait; not more than 0 means that
// it may go.
func (p *pace) wait(now time.Time) time.Duration {
	if p.due.Before(now) {
		return 0
	}
	return p.due.Sub(now) - burst
}

// step notes that a share went out.
func (p *pace) step(now time.Time) {
	if p.due.Before(now) {
		p.due = now
	}
	p.due = p.due.Add(p.interval)
}
