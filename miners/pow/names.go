package pow

import "strings"

// aliases are other spellings of algorithms, in lower case: xmrig's, old programs',
// NOMP's.
var aliases = map[string]Algorithm{
	"sha256": SHA256d, "sha-256d": SHA256d, "scryptn1024": Scrypt, "scrypt-n1024": Scrypt,
	"rx/0": "randomx", "randomx/0": "randomx", "rx": "randomx", "randomxmonero": "randomx",
	"rx/wow": "randomwow", "rx/arq": "randomarq", "rx/sfx": "randomsfx",
	"gr": "ghostrider", "lyra2v2": "lyra2rev2", "lyra2re2": "lyra2rev2", "lyra2v3": "lyra2rev3",
	"autolykos": "autolykos2", "ergo": "autolykos2", "kaspa": "kheavyhash", "kas": "kheavyhash",
	"dagger-hashimoto": "ethash", "daggerhashimoto": "ethash", "equihash200_9": "equihash", "equihash/200,9": "equihash",
	"equihash144_5": "equihash144", "equihash/144,5": "equihash144", "equihash192_7": "equihash192", "equihash/192,7": "equihash192",
	"progpow_rvn": "kawpow", "verus": "verushash", "myr-gr": "myr-groestl", "groestlmyriad": "myr-groestl",
	"blake2b_sia": "blake2bsia", "yescryptr8": "yescrypt",
}

// Canonical returns the one spelling that Adit uses for an algorithm's name as a
// pool, a catalogue or a program writes it: lower case, aliases resolved. A name
// that nobody here has heard of stays what it is.
func Canonical(name string) Algorithm {
	name = strings.ToLower(strings.TrimSpace(name))
	if a, ok := aliases[name]; ok {
		return a
	}
	return Algorithm(name)
}
