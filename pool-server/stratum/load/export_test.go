package load

// Share is share.
func (m Mix) Share(n int) map[Role]int { return m.share(n) }
