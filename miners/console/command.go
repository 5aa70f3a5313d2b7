package console

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
)

// Names are the algorithms of a program, by Adit's spelling, with the program's own.
// An empty one is the same.
type Names map[pow.Algorithm]string

// Of returns the program's spelling of algorithm.
func (n Names) Of(algorithm pow.Algorithm) string {
	algorithm = pow.Canonical(string(algorithm))
	if name := n[algorithm]; name != "" {
		return name
	}
	return string(algorithm)
}

// List returns the algorithms in Adit's spelling, in order.
func (n Names) List() []pow.Algorithm { return slices.Sorted(maps.Keys(n)) }

// Pool parts a plan's pool into host:port and whether the way there is encrypted.
func Pool(p miners.Plan) (address string, encrypted bool) {
	scheme, address, found := strings.Cut(p.URL, "://")
	if !found {
		return p.URL, false
	}
	return address, strings.HasSuffix(scheme, "ssl") || strings.HasSuffix(scheme, "tls")
}

// URL returns a plan's pool with the scheme that the program wants for plain and
// for encrypted connections.
func URL(p miners.Plan, plain, encrypted string) string {
	address, secret := Pool(p)
	if secret {
		return encrypted + "://" + address
	}
	return plain + "://" + address
}

// Wallet parts a plan's user into account and worker, which may be empty.
func Wallet(p miners.Plan) (account, worker string) {
	account, worker, _ = strings.Cut(p.User, ".")
	return account, worker
}

// Loopback is where a program's interface shall listen.
func Loopback(p miners.Plan) string { return "127.0.0.1:" + strconv.Itoa(p.API) }

// Numbers returns the numbers of a plan's cards as text: among all cards.
func Numbers(p miners.Plan) (numbers []string) {
	for _, d := range p.Devices {
		numbers = append(numbers, strconv.Itoa(d.All))
	}
	return numbers
}

// OwnNumbers returns the numbers of a plan's cards among those of their maker.
func OwnNumbers(p miners.Plan) (numbers []string) {
	for _, d := range p.Devices {
		numbers = append(numbers, strconv.Itoa(d.Index))
	}
	return numbers
}

// Vendor returns the maker of a plan's cards, or nothing if they have several.
func Vendor(p miners.Plan) (vendor miners.GPUVendor) {
	for i, d := range p.Devices {
		if i > 0 && d.Vendor != vendor {
			return ""
		}
		vendor = d.Vendor
	}
	return vendor
}

// ForEach returns value once for each of a plan's cards.
func ForEach(p miners.Plan, value int) []string {
	return slices.Repeat([]string{strconv.Itoa(value)}, len(p.Devices))
}

// Throttled returns a plan's intensity on a program's scale from 1 to most; ok is
// false where the program shall choose.
func Throttled(p miners.Plan, most int) (intensity int, ok bool) {
	if p.Intensity <= 0 || p.Intensity >= 100 {
		return 0, false
	}
	return max(1, p.Intensity*most/100), true
}

// cooling is how many degrees a card must cool down before it is put to work again.
const cooling = 15

// Resume is the temperature at which a card that was paused shall work again.
func Resume(p miners.Plan) int { return max(1, p.MaxCelsius-cooling) }
