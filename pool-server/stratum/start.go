package stratum

import (
	"strings"

	"github.com/adit-mining/adit/miners/pow"
)

// startWith sets the difficulty that a session begins with, when a worker
// authorises: what its password says, or what its miner has suggested or had before
// the connection broke, or what the worker last had, or what is usual for its
// program, or the port's. The caller holds s.mu.
func (s *session) startWith(asked pow.Difficulty, id Identity) {
	switch resumed := s.vardiff.expected; {
	case asked != 0 && !resumed:
		s.want(asked)
		s.settled = true
	case s.settled || s.told != nil || s.server.cfg.VarDiff == nil:
	default:
		if d := s.remembered(id); d != 0 {
			s.want(d)
			s.vardiff.expected = true
		} else if d := s.usual(); d != 0 {
			s.want(d)
		}
		s.settled = true
	}
}

// A device is what kind of hardware a program runs on, and how fast the slowest of
// it is that people mine with: vardiff is quick to go up from there.
type device map[pow.Algorithm]pow.Hashrate

var (
	cpu  = device{pow.SHA256d: 2e6, pow.Scrypt: 5e3}
	gpu  = device{pow.SHA256d: 200e6, pow.Scrypt: 200e3}
	asic = device{pow.SHA256d: 500e9, pow.Scrypt: 100e6}
)

// programs are how programs begin their names that run on one kind of device only.
// The adit ones are what our app makes its own miner say of itself.
var programs = []struct {
	agent  string
	device device
}{
	{"adit-cpu/", cpu}, {"adit-gpu/", gpu}, {"adit-asic/", asic},
	{"adit/", cpu},
	{"cpuminer", cpu}, // pooler's minerd, cpuminer-multi, cpuminer-opt
	{"ccminer", gpu},
	{"sgminer", gpu},
	{"bitaxe", asic},
	{"bosminer", asic},
	{"bmminer", asic},
	{"whatsminer", asic},
}

// usual is the difficulty at which the slowest device of the session's program
// would send shares as often as wanted, 0 if the program says nothing of it.
func (s *session) usual() pow.Difficulty {
	c := &s.server.cfg
	agent := strings.ToLower(s.agent)
	for _, p := range programs {
		if strings.HasPrefix(agent, p.agent) {
			hashes := float64(p.device[c.Algorithm]) * c.VarDiff.ShareEvery.Seconds()
			return round(pow.Difficulty(hashes / c.Algorithm.Hashes(1)))
		}
	}
	return 0
}

// heed sees to what the rules of a program's owner ask for. The caller holds s.mu.
func (s *session) heed(agent string) {
	if strings.HasPrefix(strings.ToLower(agent), "nicehash") {
		s.floor = max(s.floor, niceHashMinimum[s.server.cfg.Algorithm])
		s.want(s.wanted.difficulty)
	}
}

// niceHashMinimum is the least difficulty that NiceHash lets its customers' pools
// have: a pool below it is refused by its verificator ("Pool difficulty too low"),
// and left by its miners. It is the field minimalPoolDifficulty of
// https://api2.nicehash.com/main/api/v2/mining/algorithms (500,000 for SCRYPT in its
// documentation; its verificator has asked for 50,000 to 500,000 over the years).
var niceHashMinimum = map[pow.Algorithm]pow.Difficulty{
	pow.SHA256d: 500_000,
	pow.Scrypt:  500_000,
}
