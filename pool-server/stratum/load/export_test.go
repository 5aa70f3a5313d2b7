package load

import "time"

// Share is share.
func (m Mix) Share(n int) map[Role]int { return m.share(n) }

// An Arrival is a job that came to one of the connections.
type Arrival struct {
	Job   string
	Clean bool
	At    time.Time
}

// MeasureBroadcasts measures what came to so many connections, of which some left.
func MeasureBroadcasts(connections, left int, blocks []time.Time, arrivals []Arrival) (spread, clean, first, last Latency) {
	b := broadcasts{byJob: map[string]*arrival{}}
	for range connections {
		b.joined()
	}
	b.seen("at login")
	for _, at := range blocks {
		b.block(at)
	}
	for _, a := range arrivals {
		b.arrived(a.Job, a.Clean, a.At)
	}
	for range left {
		b.parted()
	}
	spread, clean = b.spread()
	first, last = b.fromBlocks()
	return spread, clean, first, last
}
