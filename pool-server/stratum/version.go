package stratum

import (
	"fmt"
	"math/bits"

	"github.com/adit-mining/adit/pool-server/work"
)

// rolling is what a session has agreed on about the bits of the version that its
// miner may change (BIP 310).
type rolling struct {
	asked  uint32 // the miner's own mask, 0 if it does not roll
	mask   uint32 // what holds, see maskFor
	before uint32 // what held before
	until  uint64 // the last job that before may be used for
}

// agree sets the mask to what both sides know, and reports whether that is of use to
// a miner that needs at least so many bits.
func (r *rolling) agree(asked, ours uint32, least int) bool {
	*r = rolling{asked: asked, mask: asked & ours}
	if r.mask == 0 || bits.OnesCount32(r.mask) < least {
		*r = rolling{}
		return false
	}
	return true
}

// change follows the server's mask. BIP 310 makes a new one valid at once; shares
// of jobs up to the newest, which may be on their way, are judged by the old one if
// that is what they were made with.
func (r *rolling) change(ours uint32, newest uint64) (changed bool) {
	mask := r.asked & ours
	if r.asked == 0 || mask == r.mask {
		return false
	}
	r.before, r.mask, r.until = r.mask, mask, newest
	return true
}

// maskFor is the mask by which a share of a job is to be judged.
func (r *rolling) maskFor(it *issued, s work.Submission) uint32 {
	if s.HasVersion && s.Version&^r.mask != 0 && s.Version&^r.before == 0 && it.number <= r.until {
		return r.before
	}
	return r.mask
}

// SetVersionMask changes which bits of the version miners may roll, at once: those
// that have agreed on some get mining.set_version_mask if theirs change.
func (s *Server) SetVersionMask(mask uint32) {
	s.mu.Lock()
	s.versionMask = mask
	newest := s.lastJob
	all := s.all()
	s.mu.Unlock()
	for _, session := range all {
		session.changeMask(mask, newest)
	}
}

func (s *session) changeMask(mask uint32, newest uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.rolling.change(mask, newest) || s.leaving {
		return
	}
	b := fmt.Appendf(s.begin(), `{"id":null,"method":"mining.set_version_mask","params":["%08x"]}`+"\n", s.rolling.mask)
	s.commit(b)
	s.flushLocked()
}
