package pow

import (
	"fmt"
	"math"
	"math/big"
	"strings"
)

// An Algorithm is a proof of work function by the name that pools and miners use.
type Algorithm string

// The algorithms that this package can compute.
const (
	SHA256d Algorithm = "sha256d" // Bitcoin, Bitcoin Cash, ...
	Scrypt  Algorithm = "scrypt"  // scrypt(1024,1,1): Litecoin, Dogecoin, ...
)

// ParseAlgorithm reads an algorithm's name in any letter case; "sha256" is
// accepted for SHA256d, as NOMP's configurations call it so.
func ParseAlgorithm(s string) (Algorithm, error) {
	switch strings.ToLower(s) {
	case "sha256d", "sha256":
		return SHA256d, nil
	case "scrypt":
		return Scrypt, nil
	}
	return "", fmt.Errorf("unknown algorithm %q: want %s or %s", s, SHA256d, Scrypt)
}

// one returns the target of difficulty 1: 0xffff times 2^208 for SHA256d (and
// for what is unknown here), 2^16 times as much for Scrypt. That is stratum's
// convention, in which a scrypt share is counted in units of 2^16 hashes; the
// coins' daemons count a scrypt block in sha256d's units.
func (a Algorithm) one() *big.Int {
	shift := uint(208)
	if a == Scrypt {
		shift = 224
	}
	return new(big.Int).Lsh(big.NewInt(0xffff), shift)
}

// Hashes returns how many hashes a share of difficulty d takes on average, by the
// convention of the algorithm's pools: difficulty 1 is 2^32 hashes, of scrypt 2^16,
// of RandomX and CryptoNight one. It is never less than one: below that every hash
// is a share, and a share is still a hash done.
func (a Algorithm) Hashes(d Difficulty) float64 {
	perShare := (1 << 48) / float64(0xffff) // 2^256 over the target of difficulty 1
	switch {
	case a == Scrypt:
		perShare = (1 << 32) / float64(0xffff)
	case strings.HasPrefix(string(a), "random"), strings.HasPrefix(string(a), "rx/"), strings.HasPrefix(string(a), "cn"), a == "ghostrider":
		perShare = 1
	}
	if n := float64(d) * perShare; n > 1 {
		return n
	}
	return 1
}

// A Difficulty is the rounded inverse of a Target: how many times harder than
// the algorithm's target of difficulty 1.
type Difficulty float64

// A Hashrate is in hashes per second.
type Hashrate float64

// String returns r with a prefix and three or four digits, as in "1.23 MH/s".
func (r Hashrate) String() string {
	v, prefixes := float64(r), []string{"", "k", "M", "G", "T", "P", "E", "Z"}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "unknown"
	}
	i := 0
	for math.Abs(v) >= 999.995 && i < len(prefixes)-1 {
		v /= 1000
		i++
	}
	return fmt.Sprintf("%.2f %sH/s", v, prefixes[i])
}
