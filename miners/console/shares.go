package console

// Shares adds up the shares of all cards, each card's as it was told last. Programs
// tell the sums, too, but not in every version, and not in a table that is cut off. Its
// zero value knows of no card.
type Shares struct {
	cards map[int]counts
}

// counts are how many shares the pool took and refused; -1 is what was not told.
type counts struct{ accepted, rejected int64 }

// Sum notes the shares of a card and returns those of all cards of which was told.
func (s *Shares) Sum(card int, accepted, rejected int64) (allAccepted, allRejected int64) {
	if s.cards == nil {
		s.cards = map[int]counts{}
	}
	s.cards[card] = counts{accepted, rejected}
	for _, c := range s.cards {
		allAccepted += max(0, c.accepted)
		allRejected += max(0, c.rejected)
	}
	return allAccepted, allRejected
}

// Reset forgets all, because the program started anew.
func (s *Shares) Reset() { s.cards = nil }
