package miners

// A Count makes events of shares that a program tells twice: each on a line of its
// own, and all of them now and then in running totals. A share's line counts it; the
// totals only add what no line told. They never take anything back, because a total
// may be printed a moment before or after the line of its last share.
type Count struct {
	accepted, rejected int64
	told               bool
}

// Accept returns the event of a share that the pool took.
func (c *Count) Accept() []Event {
	c.accepted++
	c.told = true
	return []Event{Accepted{N: 1}}
}

// Reject returns the event of a share that the pool refused for reason.
func (c *Count) Reject(reason string) []Event {
	c.rejected++
	c.told = true
	return []Event{Rejected{N: 1, Reason: reason}}
}

// Total returns the events of the shares that are in these totals and were not told
// yet. Impossible totals are passed over.
func (c *Count) Total(accepted, rejected int64) (events []Event) {
	if accepted < 0 || rejected < 0 || accepted > maxShares || rejected > maxShares {
		return nil
	}
	c.told = true
	if n := accepted - c.accepted; n > 0 {
		c.accepted = accepted
		events = append(events, Accepted{N: n})
	}
	if n := rejected - c.rejected; n > 0 {
		c.rejected = rejected
		events = append(events, Rejected{N: n})
	}
	return events
}

// Restart begins the totals at none, because the program does.
func (c *Count) Restart() { c.accepted, c.rejected = 0, 0 }

// Said is what a Witness says whose shares are counted here.
func (c *Count) Said() Said { return Said{Counts: c.told} }
