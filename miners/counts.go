package miners

// counts brings together two tellings of the same shares: what the program prints
// and what its interface answers. Each share is told once, by whoever tells it
// first, so that neither a line of a new wording nor a slow interface loses any.
type counts struct {
	accepted, rejected count
}

// A count is how many shares each source has told so far in one run.
type count struct{ printed, answered, told int64 }

// add returns how many shares are news when n more were printed.
func (c *count) add(n int64) int64 {
	c.printed += n
	return c.news()
}

// set returns how many shares are news when the interface answers a total.
func (c *count) set(total int64) int64 {
	if total < 0 || total > maxShares {
		return 0
	}
	c.answered = max(c.answered, total)
	return c.news()
}

func (c *count) news() int64 {
	n := max(c.printed, c.answered) - c.told
	c.told += n
	return n
}

// printed returns what is news of an event that the parser made, or nil.
func (c *counts) printed(e Event) Event {
	switch e := e.(type) {
	case Accepted:
		if e.N = c.accepted.add(e.N); e.N == 0 {
			return nil
		}
		return e
	case Rejected:
		n := c.rejected.add(e.N)
		if n == 0 && e.Reason != "" {
			return Problem{CodeShareRejected, e.Reason} // the reason is news still
		}
		if e.N = n; n == 0 {
			return nil
		}
		return e
	}
	return e
}

// answered returns what is news of a Status.
func (c *counts) answered(s Status) (events []Event) {
	if s.Accepted != nil {
		if n := c.accepted.set(*s.Accepted); n > 0 {
			events = append(events, Accepted{N: n})
		}
	}
	if s.Rejected != nil {
		if n := c.rejected.set(*s.Rejected); n > 0 {
			events = append(events, Rejected{N: n})
		}
	}
	if s.Hashrate != nil {
		events = append(events, Hashrate{Hashrate: *s.Hashrate, Device: Whole})
	}
	for _, d := range s.Devices {
		events = append(events, DeviceReport{d.Index, d.Name, d.TemperatureC, d.FanPercent, d.PowerW})
		if d.Hashrate != nil {
			events = append(events, Hashrate{Hashrate: *d.Hashrate, Device: d.Index})
		}
	}
	return events
}
