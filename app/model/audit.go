package model

// audit compares the shares that the programs say were accepted with those that the
// pool has counted since the same moment. Somebody else may mine for the same key, so
// the pool may well have more; that it has far fewer means that a program lies.
type audit struct {
	coin      string // whose shares are compared; empty before there is anything
	pool, own int64  // counts at the beginning
	disputed  bool
}

// worthAuditing is how many shares must be claimed before a comparison says anything:
// the pool's figures are some seconds old.
const worthAuditing = 20

// audited returns s with the pool's newest count compared. Behind a switch port shares
// go to one coin after another, so there nothing is compared.
func (s State) audited() State {
	b, known := s.Balance()
	if !known || s.Target.Switch || !s.anyRunning() {
		s.audit = audit{}
		return s
	}
	own := int64(0)
	for _, u := range s.Units {
		own += u.Miner.Accepted
		if u.Target.ID != s.Target.ID && u.Miner.Running {
			s.audit = audit{} // another coin's shares are among them
			return s
		}
	}
	if s.audit.coin != s.Target.ID {
		s.audit = audit{coin: s.Target.ID, pool: b.Accepted, own: own}
		return s
	}
	claimed, counted := own-s.audit.own, b.Accepted-s.audit.pool
	s.audit.disputed = claimed >= worthAuditing && 2*counted < claimed
	return s
}
