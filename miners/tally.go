package miners

// maxShares is more than any run finds; a larger count is a lie or damage.
const maxShares = 1 << 40

// A Tally makes differences out of the running totals that programs print.
type Tally struct {
	accepted, rejected int64
}

// Update takes the newest totals and returns the events for what was added, the
// rejected ones with reason. Totals that went down are those of a program that
// began anew; impossible ones are passed over.
func (t *Tally) Update(accepted, rejected int64, reason string) (events []Event) {
	if accepted < 0 || rejected < 0 || accepted > maxShares || rejected > maxShares {
		return nil
	}
	if accepted < t.accepted || rejected < t.rejected {
		*t = Tally{}
	}
	if n := accepted - t.accepted; n > 0 {
		events = append(events, Accepted{N: n})
	}
	if n := rejected - t.rejected; n > 0 {
		events = append(events, Rejected{N: n, Reason: reason})
	}
	*t = Tally{accepted, rejected}
	return events
}

// Reset forgets the totals, because the program started anew.
func (t *Tally) Reset() { *t = Tally{} }
