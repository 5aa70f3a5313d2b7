package stratum

import (
	"encoding/binary"
	"math"
	"strconv"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/work"
)

// level is a difficulty with its target. Levels do not change, and sessions share
// them.
type level struct {
	difficulty pow.Difficulty
	target     pow.Target
}

func (s *Server) newLevel(d pow.Difficulty) level {
	return level{d, pow.TargetFromDifficulty(s.cfg.Algorithm, d)}
}

// clamp fits a wish to what the port allows. Without vardiff nothing could raise
// a difficulty that floods us, so a miner may only ask for more than the port's.
func (s *Server) clamp(d pow.Difficulty) pow.Difficulty {
	if s.cfg.VarDiff == nil {
		return max(d, s.cfg.Difficulty)
	}
	return s.cfg.VarDiff.clamp(d)
}

// want sets the difficulty that the session should have from its next job on. The
// caller holds s.mu.
func (s *session) want(d pow.Difficulty) {
	d = s.server.clamp(max(d, s.floor))
	if d != s.wanted.difficulty {
		l := s.server.newLevel(d)
		s.wanted = &l
	}
}

// adapt lets vardiff look at the session. The caller holds s.mu and flushes.
func (s *session) adapt() {
	v := s.server.cfg.VarDiff
	if v == nil || s.told == nil || s.leaving {
		return
	}
	d, urgent := v.next(&s.vardiff, s.told.difficulty, s.server.now())
	if last := s.sent.last(); last.it != nil {
		d = min(d, max(last.it.network.difficulty, v.Min)) // more would change nothing
	}
	if d == s.told.difficulty {
		return // also leaves alone what the miner has asked for
	}
	s.want(d)
	if urgent {
		s.sendAlias()
	}
}

// asFloat reads 32 bytes, most significant first, as a number, to the precision of
// a float64.
func asFloat(b [32]byte) float64 {
	var f float64
	for i := 0; i < 32; i += 8 {
		f = f*(1<<64) + float64(binary.BigEndian.Uint64(b[i:]))
	}
	return f
}

// actualDifficulty is the difficulty that h would just meet: a number for people,
// made without the big arithmetic of pow.Target.Difficulty.
func (s *Server) actualDifficulty(h pow.Hash) pow.Difficulty {
	return pow.Difficulty(s.one / math.Max(1, asFloat(h)))
}

// appendDifficulty writes d as JSON. Not all miners read exponents, so they are for
// the very small only.
func appendDifficulty(b []byte, d pow.Difficulty) []byte {
	format := byte('f')
	if d < 1e-6 || d >= 1e21 {
		format = 'g'
	}
	return strconv.AppendFloat(b, float64(d), format, -1, 64)
}

// parseDifficulty reads a difficulty that a miner asks for.
func parseDifficulty(s string) (pow.Difficulty, error) {
	d, err := strconv.ParseFloat(s, 64)
	if err != nil || !(d > 0) || math.IsInf(d, 1) {
		return 0, reject(work.CodeOther, "difficulty: want a number above 0")
	}
	return pow.Difficulty(d), nil
}
