package choice

import (
	"slices"
	"strings"

	"github.com/adit-mining/adit/miners/install"
	"github.com/adit-mining/adit/miners/pow"
)

// preference says which programs suit an algorithm on a kind of hardware, the best
// known first: open ones before closed ones, whose order is by fee and speed as
// users of long standing report them. It knows nothing of systems: a program
// without a build for one drops out there.
type preference struct {
	kind       install.Hardware
	algorithms []string // names, or beginnings that end in *
	programs   []string
}

var memoryHard = []string{"randomx*", "randomwow", "randomarq", "randomsfx", "cn*", "argon2*", "ghostrider"}

var preferences = []preference{
	{install.CPU, memoryHard, []string{"xmrig", "srbminer-multi"}},
	{install.CPU, []string{"scrypt"}, []string{"cpuminer-opt", "minerd", "cpuminer-multi", "builtin", "srbminer-multi"}},
	{install.CPU, []string{"sha256d"}, []string{"cpuminer-opt", "minerd", "cpuminer-multi", "builtin"}},
	{install.CPU, []string{"verushash"}, []string{"ccminer", "srbminer-multi"}},
	{install.CPU, []string{"*"}, []string{"cpuminer-opt", "cpuminer-multi", "xmrig", "builtin", "srbminer-multi"}},

	{install.AMD, []string{"ethash", "etchash"}, []string{"ethminer", "teamredminer", "lolminer", "srbminer-multi", "gminer", "nbminer", "phoenixminer", "claymore"}},
	{install.AMD, []string{"kawpow"}, []string{"kawpowminer", "teamredminer", "srbminer-multi", "wildrig", "bzminer", "nbminer"}},
	{install.AMD, []string{"autolykos2"}, []string{"teamredminer", "lolminer", "srbminer-multi", "bzminer", "nbminer"}},
	{install.AMD, []string{"verthash"}, []string{"verthashminer", "teamredminer"}},
	{install.AMD, []string{"neoscrypt"}, []string{"nsgminer", "sgminer", "wildrig"}},
	{install.AMD, memoryHard, []string{"xmrig", "srbminer-multi", "teamredminer"}},
	{install.AMD, []string{"*"}, []string{"sgminer", "nsgminer", "wildrig", "srbminer-multi", "lolminer", "teamredminer", "bzminer"}},

	{install.NVIDIA, []string{"ethash", "etchash"}, []string{"ethminer", "t-rex", "rigel", "lolminer", "gminer", "nbminer", "phoenixminer", "claymore"}},
	{install.NVIDIA, []string{"kawpow"}, []string{"kawpowminer", "t-rex", "rigel", "gminer", "nbminer", "wildrig", "bzminer"}},
	{install.NVIDIA, []string{"autolykos2"}, []string{"rigel", "t-rex", "lolminer", "gminer", "nbminer", "bzminer"}},
	{install.NVIDIA, []string{"verthash"}, []string{"verthashminer"}},
	{install.NVIDIA, []string{"scrypt"}, []string{"ccminer", "cudaminer"}},
	{install.NVIDIA, memoryHard, []string{"xmrig", "srbminer-multi"}},
	{install.NVIDIA, []string{"*"}, []string{"ccminer", "wildrig", "rigel", "t-rex", "gminer", "lolminer", "srbminer-multi", "bzminer"}},

	{install.Intel, []string{"*"}, []string{"lolminer", "srbminer-multi", "bzminer", "wildrig"}},
}

// knownGood returns the names of the programs that suit, the best first.
func knownGood(kind install.Hardware, algorithm pow.Algorithm) []string {
	name := string(pow.Canonical(string(algorithm)))
	for _, p := range preferences {
		if p.kind == kind && slices.ContainsFunc(p.algorithms, func(pattern string) bool { return matches(pattern, name) }) {
			return p.programs
		}
	}
	return nil
}

func matches(pattern, name string) bool {
	if start, found := strings.CutSuffix(pattern, "*"); found {
		return strings.HasPrefix(name, start)
	}
	return pattern == name
}

// rank returns p's place in order; open programs that it lacks come behind it, and
// closed ones last.
func rank(order []string, p install.Program) int {
	if i := slices.Index(order, p.Name); i >= 0 {
		return i
	}
	if p.Open() {
		return len(order)
	}
	return len(order) + 1
}
