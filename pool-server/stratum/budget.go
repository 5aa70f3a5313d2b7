package stratum

import "time"

// What a session's requests cost it, in time in which it is not read from. Honest
// miners never notice: they send less than a request a millisecond, and each valid
// share pays for ten.
const (
	requestCosts = time.Millisecond
	pointCosts   = 10 * time.Millisecond  // of the points that peers scores
	credit       = 250 * time.Millisecond // that a session may owe: a proxy's logins come at once
	longestWait  = 5 * time.Second
)

// budget keeps one session from taking the processor away from all others, also
// one whose address is trusted and never banned: who sends requests faster than
// they are worth is read from more slowly, until TCP holds up the sender.
type budget struct {
	owed time.Duration
	paid time.Duration // when owed was true
}

// earn pays with the time that has passed.
func (b *budget) earn(now time.Duration) {
	b.spend(b.paid - now)
	b.paid = now
}

// spend adds what something cost, or was worth.
func (b *budget) spend(cost time.Duration) { b.owed = max(0, b.owed+cost) }

// pause is how long to wait before the next requests are read.
func (b *budget) pause() time.Duration {
	if b.owed <= credit {
		return 0
	}
	return min(b.owed-credit, longestWait)
}
