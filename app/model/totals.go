package model

// Totals returns mining with all units together.
func (s State) Totals() Totals { return Totals{} }

// Income returns what mining as it is now is expected to bring in a day.
func (s State) Income() Income { return Income{} }

// Offers returns the pool's coins and switch ports in the pool's order.
func (s State) Offers() []Offer { return nil }

// Standing returns how the unit with that place in Units stands.
func (s State) Standing(i int) Standing { return UnitReady }

// MyPage returns the address of the person's page at the pool, which anybody may
// see; empty before there is a pool and a key.
func (s State) MyPage() string { return "" }

// Rests returns the verdict that keeps all units from mining, and whether there is
// one.
func (s State) Rests() (i int, rests bool) { return 0, false }
