package console

import "github.com/adit-mining/adit/miners"

// maxShares is more than any run finds; a larger count is a lie or damage.
const maxShares = 1 << 40

// Shares counts what a program tells twice: share by share as they come, and as
// totals beside each share or in tables. Totals bring in what was missed, and a
// share that is in both is counted once.
type Shares struct {
	accepted, rejected int64
}

// Accepted counts one share more.
func (s *Shares) Accepted() []miners.Event { return s.grow(s.accepted+1, s.rejected, "") }

// Rejected counts one refused share more.
func (s *Shares) Rejected(reason string) []miners.Event {
	return s.grow(s.accepted, s.rejected+1, reason)
}

// Totals takes what a table says. It may be printed before the last shares are
// in it, so what is less than counted means nothing.
func (s *Shares) Totals(accepted, rejected int64) []miners.Event {
	return s.grow(accepted, rejected, "")
}

// Beside takes the totals that stand beside a single share; reason is why that
// share was refused. The first share after more of them is one of a program, or of
// a connection, that began anew.
func (s *Shares) Beside(accepted, rejected int64, reason string) []miners.Event {
	if accepted+rejected <= 1 && s.accepted+s.rejected > 1 {
		*s = Shares{}
	}
	return s.grow(accepted, rejected, reason)
}

func (s *Shares) grow(accepted, rejected int64, reason string) (events []miners.Event) {
	if accepted > s.accepted && accepted <= maxShares {
		events = append(events, miners.Accepted{N: accepted - s.accepted})
		s.accepted = accepted
	}
	if rejected > s.rejected && rejected <= maxShares {
		events = append(events, miners.Rejected{N: rejected - s.rejected, Reason: reason})
		s.rejected = rejected
	}
	return events
}
