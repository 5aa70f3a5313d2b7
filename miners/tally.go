package miners

// maxShares is more than any run finds; a larger count is a lie or damage.
const maxShares = 1 << 40

// A Tally makes differences out of the running totals that programs print.
type Tally struct {
	accepted, rejected int64
	told               bool
}

// Update takes the newest totals and returns the events for what was added, the
// rejected ones with reason. Totals that went down are those of a program that
// began anew; impossible ones are passed over.
func (t *Tally) Update(accepted, rejected int64, reason string) (events []Event) {
	if accepted < 0 || rejected < 0 || accepted > maxShares || rejected > maxShares {
		return nil
	}
	if accepted < t.accepted || rejected < t.rejected {
		t.Reset()
	}
	if n := accepted - t.accepted; n > 0 {
		events = append(events, Accepted{N: n})
	}
	if n := rejected - t.rejected; n > 0 {
		events = append(events, Rejected{N: n, Reason: reason})
	}
	*t = Tally{accepted, rejected, true}
	return events
}

// Add takes shares that the program tells one by one.
func (t *Tally) Add(accepted, rejected int64, reason string) []Event {
	return t.Update(t.accepted+accepted, t.rejected+rejected, reason)
}

// Raise takes the totals of a report, which may lag behind: lower ones, and the
// negative ones of what the report does not tell, change nothing.
func (t *Tally) Raise(accepted, rejected int64) []Event {
	if accepted < 0 && rejected < 0 {
		return nil // it tells of neither
	}
	return t.Update(max(accepted, t.accepted), max(rejected, t.rejected), "")
}

// Told reports whether the program ever told totals, be they nought.
func (t *Tally) Told() bool { return t.told }

// Reset forgets the totals, because the program started anew.
func (t *Tally) Reset() { *t = Tally{told: t.told} }
